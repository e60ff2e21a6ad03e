"""Processor time and memory of a process, as the kernel counts them."""

from __future__ import annotations

from pathlib import Path


def processor_seconds(pid: int) -> float:
    """Returns the processor time of all threads of a process, to the nanosecond."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def most_resident_bytes(pid: int) -> int:
    """Returns the most memory that a process has held."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
