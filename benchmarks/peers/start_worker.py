"""Imports what the reference service imports, and tells how long that took: the start of an application.

argv: kind of tracing. Prints CPU milliseconds since the process began, and the monotonic clock.
"""

from __future__ import annotations

import json
import sys
import time

import flask  # noqa: F401 - what is measured is that it is imported
import psycopg2  # noqa: F401 - as above
import requests  # noqa: F401 - as above

from benchmarks.peers.tracing import tracing_of

tracing_of(sys.argv[1])
print("measured " + json.dumps({"cpu_ms": time.process_time() * 1000, "at": time.monotonic()}), flush=True)
