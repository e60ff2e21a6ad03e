"""Runs Collectors of any profile side by side, so that they can be killed, started again, and watched."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from demo.parts.environment import inherited
from demo.parts.errors import PartError
from demo.parts.waiting import answers, wait_for
from demo.server import LOOPBACK
from otelmon.operate.collector.configuration import arguments, collector_environment, config_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.parts.ports import Ports

SECONDS_TO_START = 60.0
SECONDS_TO_END = 30.0
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Collector:
    """One Collector with a queue folder and a log of its own; it can be started again after any end."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a process is made of
        self,
        program: Path,
        profile: str,
        folder: Path,
        ports: Ports,
        variables: Mapping[str, str],
        files: tuple[Path, ...] | None = None,
    ) -> None:
        """Prepares one; ``files`` stand in the place of the profile's."""
        name = folder.name
        self.http = f"{LOOPBACK}:{ports.take(name)}"
        self.health = f"{LOOPBACK}:{ports.take(f'{name}-health')}"
        self._folder = folder
        self._command = [str(program), *arguments(config_files(profile) if files is None else files)]
        self._environment = collector_environment(
            {
                **inherited(),
                "OTELMON_COLLECTOR_OTLP_HTTP": self.http,
                "OTELMON_COLLECTOR_OTLP_GRPC": f"{LOOPBACK}:{ports.take(f'{name}-grpc')}",
                "OTELMON_COLLECTOR_HEALTH": self.health,
                "OTELMON_COLLECTOR_QUEUE_DIRECTORY": str(folder / "queue"),
                # Its own metrics go nowhere unless a drill says where.
                "OTELMON_COLLECTOR_OWN_METRICS_ENDPOINT": "http://127.0.0.1:9/v1/metrics",
                "OTELMON_COLLECTOR_LOG_LEVEL": "warn",
                **variables,
            }
        )
        self.process: subprocess.Popen[bytes] | None = None
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    @property
    def log(self) -> str:
        """Returns what it has written."""
        return (self._folder / "log").read_text(errors="replace")

    def start(self) -> Collector:
        """Starts it and waits until it is ready.

        Raises:
            PartError: when it ends by itself or is not ready in time.
        """
        with (self._folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command, env=self._environment, cwd=self._folder, stdout=log, stderr=log, start_new_session=True
            )
        ready = wait_for(lambda: self._ended() or answers(f"http://{self.health}"), SECONDS_TO_START)
        if not ready or self._ended():
            self.kill()
            raise PartError(f"a Collector did not start: {self.log[-500:]}", "see its log")
        return self

    def _ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def give(self, variables: Mapping[str, str]) -> None:
        """Changes variables; they hold from the next start."""
        self._environment |= variables

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ends it in order."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        process = self.process
        if process is None or process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def cpu_seconds(self) -> float:
        """Returns the processor time of the running process."""
        if self.process is None:
            return 0.0
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / TICKS_A_SECOND

    @property
    def memory(self) -> int:
        """Returns the bytes of the running process in memory (RSS)."""
        if self.process is None:
            return 0
        status = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()
        return int(status[1]) * os.sysconf("SC_PAGE_SIZE")

    @property
    def queue_bytes(self) -> int:
        """Returns how much disk its queues take."""
        return sum(path.stat().st_blocks * 512 for path in (self._folder / "queue").glob("*") if path.is_file())


def pause(seconds: float) -> None:
    """Lets time pass where a drill is a matter of time."""
    time.sleep(seconds)
