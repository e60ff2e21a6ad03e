"""Runs the stand-in: ``python -m demo.github_stand_in --port 8001``."""

from __future__ import annotations

import argparse

from demo.github_stand_in.app import create_app
from demo.github_stand_in.secondary import POINTS_A_MINUTE
from demo.server import serve_until_terminated


def main() -> None:
    """Reads the command line and serves until terminated."""
    parser = argparse.ArgumentParser(prog="python -m demo.github_stand_in", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--delay", type=int, default=25, help="milliseconds that each answer takes (25)")
    parser.add_argument(
        "--points-a-minute", type=int, default=POINTS_A_MINUTE, help="secondary limit; raise it for a load test (900)"
    )
    given = parser.parse_args()
    serve_until_terminated(create_app(delay_ms=given.delay, points_a_minute=given.points_a_minute), given.port)


if __name__ == "__main__":
    main()
