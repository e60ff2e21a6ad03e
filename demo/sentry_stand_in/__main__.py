"""Runs the stand-in: ``python -m demo.sentry_stand_in --port 8002 --project 1``; the key is in SENTRY_PUBLIC_KEY."""

from __future__ import annotations

import argparse
import os

from demo.sentry_stand_in.app import create_app
from demo.server import serve_until_terminated


def main() -> None:
    """Reads the command line and serves until terminated."""
    parser = argparse.ArgumentParser(prog="python -m demo.sentry_stand_in", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--project", default="1")
    given = parser.parse_args()
    serve_until_terminated(create_app(given.project, os.environ.get("SENTRY_PUBLIC_KEY", "demo")), given.port)


if __name__ == "__main__":
    main()
