"""Decides whether a number can name a process of the server."""

from __future__ import annotations

# PID_MAX_LIMIT of Linux on 64 bits; PgBouncer and its like put a random number of 32 bits there instead.
# Source: https://man7.org/linux/man-pages/man5/proc_sys_kernel.5.html
LARGEST = 4_194_304


def is_backend_pid(number: int | None) -> bool:
    """Tells whether a number that a connection reports as its server process can be one."""
    return number is not None and 0 < number <= LARGEST
