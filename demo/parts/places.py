"""Where things are kept: the clone, its state directory, and the cache that all clones share."""

from __future__ import annotations

import os
from pathlib import Path

from otelmon.operate.collector import cache

ROOT = Path(__file__).resolve().parent.parent.parent
STATE = ROOT / ".demo"


def cache_directory() -> Path:
    """Returns the directory for downloaded and built programs, the one that ``otelmon collector build`` uses."""
    return cache.directory(os.environ)
