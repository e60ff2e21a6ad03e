"""Finds the files that come with otelmon: inside an installed wheel, else in the clone beside the package."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from otelmon.operate.errors import OperateError


def folder(name: str, package: Path | None = None) -> Path:
    """Returns a folder of files that otelmon brings, such as ``collector`` or ``sql``.

    Args:
        name: the folder's name at the top of the repository.
        package: where the package ``otelmon`` lies; found by itself when not given.

    Raises:
        OperateError: neither the wheel nor a clone has it.
    """
    home = Path(str(files("otelmon"))) if package is None else package
    for place in (home / "resources" / name, home.parent / name):
        if place.is_dir():
            return place
    raise OperateError(f"the folder {name}/ did not come with this otelmon: reinstall it with `pip install otelmon`")
