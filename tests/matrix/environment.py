"""Makes an environment with otelmon's wheel and the releases of one cell."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from tests.matrix.cells import Cell

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).parent / "uv"
SECONDS = 300
EXTRAS = "psycopg2,requests,sentry"
# What the chosen tests and the parts that they start import, in the locked releases.
TOOLS = (
    "pytest", "pytest-timeout", "hypothesis", "rich", "click", "flask", "httpx", "pyyaml", "werkzeug", "cachetools",
    "psycopg[binary]", "psycopg-pool", "sqlalchemy[asyncio]", "asyncpg", "opentelemetry-instrumentation-flask",
    "tomli; python_version < '3.11'",
)  # fmt: skip
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?==(?P<rest>[^\\]+)", re.MULTILINE)
_FLOOR = re.compile(r"^(?P<name>[a-z0-9-]+)(?:\[[^]]*\])?>=(?P<version>[^,]+)")


def build_wheel(folder: Path) -> Path:
    """Builds the wheel of this tree."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    _run(command)
    return next(folder.glob("*.whl"))


def make(cell: Cell, interpreter: Path, wheel: Path, folder: Path) -> Path:
    """Returns the interpreter of a new environment.

    Raises:
        RuntimeError: the releases cannot be had together, with what uv says of it.
    """
    home = folder / "environment"
    _run([str(UV), "venv", "--quiet", "--no-python-downloads", "--python", str(interpreter), str(home)])
    python = home / "bin" / "python"
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join([*locked(cell), *chosen(cell)]) + "\n", encoding="utf-8")
    install = [str(UV), "pip", "install", "--quiet", "--no-python-downloads", "--python", str(python)]
    driver = "psycopg2-binary" if cell.psycopg2 in ("locked", "newest") else f"psycopg2-binary=={cell.psycopg2}"
    _run([*install, "--constraints", str(constraints), f"{wheel}[{EXTRAS}]", driver, *TOOLS])
    return python


def locked(cell: Cell) -> list[str]:
    """Returns the pins of requirements/development.txt, but for what the cell chooses otherwise."""
    text = (ROOT / "requirements" / "development.txt").read_text(encoding="utf-8")
    free = () if cell.opentelemetry == "locked" else ("opentelemetry-",)
    free += () if cell.psycopg2 == "locked" else ("psycopg2-binary",)
    found = [(each["name"], each["rest"].strip()) for each in _PIN.finditer(text)]
    return [f"{name}=={rest}" for name, rest in found if not name.startswith(free)]


def chosen(cell: Cell) -> list[str]:
    """Returns the pins of OpenTelemetry where the oldest that pyproject.toml allows are wanted."""
    if cell.opentelemetry != "floor":
        return []
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(each for extra in project["optional-dependencies"].values() for each in extra)]
    found = [_FLOOR.match(each) for each in asked if each.startswith("opentelemetry-")]
    return sorted({f"{each['name']}=={each['version']}" for each in found if each})


def releases(python: Path, names: tuple[str, ...]) -> dict[str, str]:
    """Returns the installed releases of some distributions."""
    ask = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    told = _run([str(python), "-c", ask, *names]).split()
    return dict(zip(names, told, strict=True))


def _run(command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} {command[1]}: {done.stderr.strip()[-400:]}")
    return done.stdout
