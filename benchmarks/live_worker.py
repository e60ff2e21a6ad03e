"""A variant's process that stays alive between its blocks."""

from __future__ import annotations

import json
import subprocess
import tempfile
from typing import TYPE_CHECKING

from benchmarks.peers.worker import MARK
from benchmarks.stand_ins import delivered
from benchmarks.variants import ROOT

if TYPE_CHECKING:
    from benchmarks.stand_ins import Servers
    from benchmarks.variants import Variant

LONGEST_REASON = 800


class LiveWorker:
    """Starts one variant and does blocks of work in it.

    Args:
        variant: what is measured.
        servers: what it speaks with.
    """

    def __init__(self, variant: Variant, servers: Servers) -> None:
        self.variant = variant
        self._receiver = servers.receiver
        addresses = servers.addresses
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the process
        host = addresses.github.removeprefix("http://")
        self._process = subprocess.Popen(
            variant.command(
                "benchmarks/peers/worker.py", variant.tracing, addresses.database, addresses.plain, addresses.github
            ),
            env={**variant.full_environment(servers.receiver), "OTELMON_GITHUB_HOSTS": host},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            cwd=ROOT,
        )

    def close(self) -> None:
        """Lets the process end by itself, which it does when its input ends."""
        self._process.__exit__(None, None, None)
        self._errors.close()

    def block(self, work: str, operations: int) -> dict[str, float]:
        """Does one block; returns its figures in microseconds an operation, and how many spans each brought.

        Raises:
            SystemExit: when the process has failed.
        """
        process = self._process
        assert process.stdin is not None  # noqa: S101 - asked for above
        assert process.stdout is not None  # noqa: S101 - as above
        process.stdin.write(json.dumps({"work": work, "operations": operations}) + "\n")
        process.stdin.flush()
        for line in process.stdout:
            if line.startswith(MARK):
                figures: dict[str, float] = json.loads(line.removeprefix(MARK))
                return {**figures, "spans": delivered(self._receiver) / operations}
        self._errors.seek(0)
        reason = self._errors.read().strip()[-LONGEST_REASON:]
        raise SystemExit(f"benchmark: variant {self.variant.name} failed at {work}: {reason}")
