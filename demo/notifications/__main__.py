"""Runs the receiver: ``python -m demo.notifications --port 8003``."""

from __future__ import annotations

import argparse

from demo.notifications.app import create_app
from demo.server import serve_until_terminated


def main() -> None:
    """Reads the command line and serves until terminated."""
    parser = argparse.ArgumentParser(prog="python -m demo.notifications", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    serve_until_terminated(create_app(), parser.parse_args().port)


if __name__ == "__main__":
    main()
