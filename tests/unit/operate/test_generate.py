"""How the Collector's sources are written anew, with a Go that only plays the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from otelmon.operate import resources
from otelmon.operate.collector import generate
from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from pathlib import Path

GO = """\
#!/bin/sh
case "$1" in
env) echo go1.26.1 ;;
run) echo "$@" >> "{log}"; touch ../distribution/main.go; exit 1 ;;
*) echo "$@" >> "{log}"; [ "$1" != "{failing}" ] || {{ echo "cannot find module" >&2; exit 1; }} ;;
esac
"""


@pytest.fixture
def collector(tmp_path: Path) -> Path:
    """Gives a folder with a manifest and sources from an earlier time."""
    (tmp_path / "builder").mkdir()
    (tmp_path / "builder" / "manifest.yaml").write_text("dist:\n  name: x\n  version: 0.155.0\n")
    (tmp_path / "distribution").mkdir()
    (tmp_path / "distribution" / "components.go").write_text("old")
    (tmp_path / "distribution" / "README.md").write_text("kept")
    return tmp_path


def environment(folder: Path, failing: str = "") -> dict[str, str]:
    """Returns an environment whose Go writes down its arguments and fails at one step."""
    tools = folder / "tools"
    tools.mkdir()
    (tools / "go").write_text(GO.format(log=folder / "log", failing=failing))
    (tools / "go").chmod(0o755)
    return {"PATH": f"{tools}:/usr/bin:/bin"}


def test_the_builder_of_the_manifests_version_writes_the_sources(collector: Path) -> None:
    """Old sources go, the README stays; the builder's own failing `go mod tidy` is made good by the steps after it."""
    sources = generate.generate(collector, environment(collector))
    assert sorted(path.name for path in sources.iterdir()) == ["README.md", "main.go"]
    assert (collector / "log").read_text().splitlines() == [
        "run go.opentelemetry.io/collector/cmd/builder@v0.155.0 --config=manifest.yaml --skip-compilation",
        "mod tidy -e",
        "list -deps .",
    ]


def test_a_package_that_cannot_be_had_is_an_error(collector: Path) -> None:
    """The last step finds what `go mod tidy -e` let pass."""
    with pytest.raises(OperateError, match=r"`go list -deps \.` failed in .*\ncannot find module"):
        generate.generate(collector, environment(collector, failing="list"))


def test_a_manifest_without_version_is_an_error(collector: Path) -> None:
    """The version of the builder has to come from somewhere."""
    (collector / "builder" / "manifest.yaml").write_text("dist:\n  name: x\n")
    with pytest.raises(OperateError, match="names no version"):
        generate.generate(collector, environment(collector))


def test_the_shipped_manifest_mixes_no_versions() -> None:
    """Every component is of the builder's version; only the providers, which are stable, have their own."""
    home = resources.folder("collector")
    lines = (home / "builder" / "manifest.yaml").read_text().splitlines()
    modules = [line.split()[-2:] for line in lines if line.strip().startswith("- gomod:")]
    wanted = generate.builder_version(home)
    assert {version for name, version in modules if "/confmap/provider/" not in name} == {wanted}
    assert {version for name, version in modules if "/confmap/provider/" in name} == {"v1.61.0"}


def test_the_shipped_sources_are_those_of_the_manifest() -> None:
    """components.go imports every module of the manifest, and go.mod requires it in that version."""
    home = resources.folder("collector")
    manifest = (home / "builder" / "manifest.yaml").read_text().splitlines()
    modules = [line.split("gomod:")[1].strip() for line in manifest if "gomod:" in line]
    go_mod = (home / "distribution" / "go.mod").read_text()
    sources = (home / "distribution" / "components.go").read_text() + (home / "distribution" / "main.go").read_text()
    assert [each for each in modules if each not in go_mod or f'"{each.split()[0]}"' not in sources] == []
