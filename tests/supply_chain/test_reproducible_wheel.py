"""The wheel is the same bytes, wherever and whenever it is built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
EPOCH = "1700000000"


def build(folder: Path, *, age: float, umask: int, zone: str) -> bytes:
    """Builds from a copy of the tracked files, made in a folder of its own with times and rights of its own."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    source = folder / "source"
    for name in filter(None, tracked.split("\0")):
        if (ROOT / name).is_file():
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)
            os.utime(target, (time.time() - age, time.time() - age))
            target.chmod(0o666 & ~umask)
    environment = os.environ | {"SOURCE_DATE_EPOCH": EPOCH, "TZ": zone, "PYTHONHASHSEED": str(umask)}
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    done = subprocess.run(command, env=environment, umask=umask, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl")).read_bytes()


def test_two_builds_are_identical(tmp_path: Path) -> None:
    """Neither place, time, zone, rights nor the order of hashes is in the wheel."""
    one, other = tmp_path / "one", tmp_path / "a longer name" / "other"
    one.mkdir()
    other.mkdir(parents=True)
    first = build(one, age=0, umask=0o022, zone="UTC")
    assert first == build(other, age=400_000_000, umask=0o077, zone="Asia/Kathmandu")
