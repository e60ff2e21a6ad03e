"""Whether the installed versions belong together: what otelmon requires, and what each hook does."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distributions, entry_points, requires, version
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.version import Version

from otelmon.hooks.protocol import is_supported
from otelmon.operate.doctor.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import EntryPoint

SDK, INSTRUMENTATION = "opentelemetry-sdk", "opentelemetry-instrumentation"
HOOKS = "otelmon.hooks"
# contrib 0.N goes with SDK 1.(N - 21). Source: releases of open-telemetry/opentelemetry-python-contrib.
MINOR_BETWEEN = 21


def installed(name: str) -> str | None:
    """Returns the version of a package, None where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def versions() -> Iterator[Result]:
    """Yields whether SDK and instrumentations are a pair, and whether they are in the range of this otelmon."""
    sdk, contrib = installed(SDK), installed(INSTRUMENTATION)
    if sdk is None or contrib is None:
        yield Result("application", "versions", "finding", "OpenTelemetry is not installed", "pip install otelmon")
        return
    pair = Version(contrib).minor - Version(sdk).minor == MINOR_BETWEEN
    others = sorted(_other_instrumentations(contrib))
    seen = f"SDK {sdk}, instrumentation {contrib}"
    if not pair or others:
        more = f"; of another release: {', '.join(others)}" if others else ""
        fix = f"install one pair, such as SDK {sdk} with every opentelemetry-instrumentation-* of the release before it"
        yield Result("application", "versions", "finding", f"{seen} are not of one release{more}", fix)
    else:
        yield Result("application", "versions", "ok", f"{seen} are a pair")
    outside = [text for text in requires("otelmon") or () if _is_outside(Requirement(text))]
    if outside:
        fix = 'pip install --upgrade "otelmon[psycopg2,requests]"'
        yield Result("application", "requirements", "finding", f"not as required: {'; '.join(outside)}", fix)
    else:
        yield Result("application", "requirements", "ok", "everything is in the range that otelmon requires")


def _other_instrumentations(contrib: str) -> Iterator[str]:
    """Yields instrumentations of OpenTelemetry's own that are of another release."""
    for each in distributions():
        name = (each.metadata["Name"] or "").lower().replace("_", "-")
        if name.startswith(f"{INSTRUMENTATION}-") and each.version.partition("b")[0] != contrib.partition("b")[0]:
            yield f"{name} {each.version}"


def _is_outside(required: Requirement) -> bool:
    if required.marker is not None and not required.marker.evaluate({"extra": ""}):
        return False
    found = installed(required.name)
    return found is None or not required.specifier.contains(found, prereleases=True)


def hooks() -> Iterator[Result]:
    """Yields for each hook whether its library is here in a version that it takes, and who it is from."""
    for each in sorted(entry_points(group=HOOKS), key=lambda entry: entry.name):
        yield _hook(each)


def _hook(entry: EntryPoint) -> Result:
    owner = entry.dist.name if entry.dist is not None else "unknown"
    foreign = "" if owner == "otelmon" else f", from {owner} {entry.dist.version if entry.dist is not None else ''}"
    name = f"hook {entry.name}"
    try:
        hook = entry.load()
        required = str(hook.requires)
    except (ImportError, AttributeError) as error:
        fix = f"remove {owner}, or add {entry.name} to OTELMON_DISABLED_HOOKS"
        return Result("application", name, "finding", f"cannot be loaded ({type(error).__name__}){foreign}", fix)
    if is_supported(required):
        return Result("application", name, "ok", f"watches {required or 'Python itself'}{foreign}")
    libraries = [Requirement(text.strip()) for text in required.split("|")]
    here = [f"{each.name} {found}" for each in libraries if (found := installed(each.name)) is not None]
    if not here:
        return Result("application", name, "unknown", f"its library is not installed: {required}{foreign}")
    fix = f"install {required}; otherwise its calls are not seen"
    return Result("application", name, "finding", f"{', '.join(here)} is installed, it takes {required}{foreign}", fix)
