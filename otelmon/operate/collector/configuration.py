"""Which files make up a profile, and which environment the Collector gets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from otelmon.operate import resources
from otelmon.operate.errors import OperateError
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OPTION = "--config="
QUEUE_DIRECTORY = "OTELMON_COLLECTOR_QUEUE_DIRECTORY"
# What the application reads too, and the settings' field that holds it.
THRESHOLDS = {
    "OTELMON_SLOW_QUERY_THRESHOLD": "slow_query_threshold_ms",
    "OTELMON_SLOW_HTTP_THRESHOLD": "slow_http_threshold_ms",
}
# The Go runtime collects harder above this share of the limit, before the memory limiter has to refuse data.
GOMEMLIMIT_SHARE = 0.8
# What was let in grows to about twice its size in the pipelines (docs/collector-costs.md, memory under overload).
SPIKE_SHARE = 0.5
DEFAULT_MEMORY_LIMIT_MIB = 512


def profiles(collector: Path | None = None) -> tuple[str, ...]:
    """Returns the names of the profiles that come with otelmon."""
    home = resources.folder("collector") if collector is None else collector
    return tuple(sorted(path.stem for path in (home / "profiles").glob("*.args")))


def config_files(profile: str, more: Sequence[Path] = (), collector: Path | None = None) -> tuple[Path, ...]:
    """Returns the files of a profile in the order in which they are merged.

    Args:
        profile: a name out of ``profiles()``.
        more: the operator's own files; they come last and so win.
        collector: the folder of the configuration; the one that came with otelmon when not given.

    Raises:
        OperateError: there is no such profile, or a file is missing.
    """
    home = resources.folder("collector") if collector is None else collector
    listing = home / "profiles" / f"{profile}.args"
    if profile not in profiles(home):
        raise OperateError(f"there is no profile {profile!r}: choose one of {', '.join(profiles(home))}")
    lines = (line.strip() for line in listing.read_text(encoding="utf-8").splitlines())
    named = [home / line.removeprefix(OPTION) for line in lines if line.startswith(OPTION)]
    files = (*named, *more)
    for path in files:
        if not path.is_file():
            raise OperateError(f"the configuration file {path} is not there")
    return files


def arguments(files: Sequence[Path]) -> list[str]:
    """Returns the Collector's options for files."""
    return [f"{OPTION}{path}" for path in files]


def collector_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment in which the Collector sees the same settings as the application.

    An empty variable is left out, because the Collector would take it for a value; thresholds that cannot be read are
    replaced by the default that the application uses then too. The queue's default folder is the user's own state.
    """
    given = {name: text for name, text in environment.items() if text.strip() or not name.startswith("OTELMON_")}
    settings, _ = Settings.from_env(environment)
    given |= {name: str(getattr(settings, field)) for name, field in THRESHOLDS.items()}
    given.setdefault(QUEUE_DIRECTORY, str(queue_directory(environment)))
    limit = int(given.get("OTELMON_COLLECTOR_MEMORY_LIMIT_MIB", DEFAULT_MEMORY_LIMIT_MIB))
    given.setdefault("GOMEMLIMIT", f"{int(limit * GOMEMLIMIT_SHARE)}MiB")
    given.setdefault("OTELMON_COLLECTOR_MEMORY_SPIKE_MIB", str(int(limit * SPIKE_SHARE)))
    return given


def threshold_warnings(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Returns one line for each shared threshold that cannot be read; both sides use its default then."""
    _, warnings = Settings.from_env(environment)
    return tuple(line for line in warnings if any(f"name={name} " in line for name in THRESHOLDS))


def queue_directory(environment: Mapping[str, str]) -> Path:
    """Returns the folder of the queues: the one given, else otelmon's in the user's state folder.

    Source: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    if given := environment.get(QUEUE_DIRECTORY, "").strip():
        return Path(given)
    base = environment.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(base).expanduser() / "otelmon" / "collector-queue"
