"""Building once, by content, safely, and without network afterwards; with a compiler that answers at once."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from otelmon.operate.collector import build, cache
from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from pathlib import Path

COMPILER = """\
#!/bin/sh
if [ "$1" = env ]; then echo "{release}"; exit 0; fi
echo built >> "{log}"
[ -n "$SLOW" ] && sleep 0.3
echo "go: downloading example.com/m v1.0.0"
echo example.com/m
{body}
while [ "$1" != "-o" ]; do shift; done
echo "$CGO_ENABLED" > "$2"
"""


class Workshop:
    """A module, a compiler that only writes down that it was called, and a cache."""

    def __init__(self, folder: Path) -> None:
        self.module = folder / "module"
        self.module.mkdir()
        (self.module / "go.mod").write_text("module m\n\ngo 1.26\n")
        (self.module / "main.go").write_text("package main\n")
        self.log = folder / "log"
        self.tools = folder / "tools"
        self.tools.mkdir()
        self.environment = {"PATH": f"{self.tools}:/usr/bin:/bin", "OTELMON_CACHE_DIR": str(folder / "cache")}
        self.install()

    def install(self, release: str = "go1.26.1", body: str = "") -> None:
        """Puts a compiler of a release in place."""
        program = self.tools / "go"
        program.write_text(COMPILER.format(release=release, log=self.log, body=body))
        program.chmod(0o755)

    def build(self, progress: build.Progress | None = None) -> Path:
        """Builds the module's program."""
        return build.build_program(self.module, ".", "program", environment=self.environment, progress=progress)

    @property
    def builds(self) -> int:
        """Returns how often the compiler ran."""
        return len(self.log.read_text().splitlines()) if self.log.exists() else 0


class Lines(list[str]):
    """Remembers every line of a build."""

    def step(self, line: str) -> None:
        """Takes one line."""
        self.append(line)


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """Gives a workshop in which no other Go can be found."""
    monkeypatch.setattr("sysconfig.get_path", lambda _name: str(tmp_path / "nothing"))
    return Workshop(tmp_path)


def test_a_second_build_takes_the_first(workshop: Workshop) -> None:
    """The same sources are compiled once; both calls give the same program, linked without C."""
    first = workshop.build()
    assert (first, workshop.builds) == (workshop.build(), 1)
    assert first.read_text() == "0\n"


@pytest.mark.parametrize("changed", ["main.go", "go.mod", "go.sum"])
def test_changed_sources_are_built_anew(workshop: Workshop, changed: str) -> None:
    """Any change of a source, of go.mod or of go.sum gives another program, and the old one stays."""
    first = workshop.build()
    (workshop.module / changed).write_text("module m\n\ngo 1.26\n// changed\n")
    assert workshop.build() != first
    assert (workshop.builds, first.is_file()) == (2, True)


def test_other_files_do_not_matter(workshop: Workshop) -> None:
    """A README beside the sources does not cost a build."""
    first = workshop.build()
    (workshop.module / "README.md").write_text("x")
    assert workshop.build() == first


def test_another_compiler_builds_anew(workshop: Workshop) -> None:
    """The Go version is part of the key."""
    first = workshop.build()
    workshop.install("go1.27.3")
    assert workshop.build() != first


def test_without_go_the_cached_program_is_good_enough(workshop: Workshop) -> None:
    """Once built, a program is found although every Go is gone; the newest Go's build wins."""
    workshop.build()
    workshop.install("go1.27.3")
    newest = workshop.build()
    (workshop.tools / "go").unlink()
    assert workshop.build() == newest


def test_without_go_and_cache_the_error_tells_how_to_get_go(workshop: Workshop) -> None:
    """Nothing cached and no Go: one line with the command that mends it."""
    (workshop.tools / "go").unlink()
    with pytest.raises(OperateError, match="pip install"):
        workshop.build()


def test_a_failed_build_shows_what_go_said(workshop: Workshop) -> None:
    """The message has the compiler's complaint, not the list of packages, and nothing lands in the cache."""
    workshop.install(body='echo "main.go:1:1: syntax error"; exit 1')
    with pytest.raises(OperateError, match=r"program could not be built: Go said\n.*\n  main.go:1:1: syntax error"):
        workshop.build()
    assert list(cache.directory(workshop.environment).rglob("program")) == []


def test_a_failed_download_says_so(workshop: Workshop) -> None:
    """Without network the message names the cause."""
    workshop.install(body='echo "x: dial tcp: lookup proxy: no such host"; exit 1')
    with pytest.raises(OperateError, match="module proxy could not be reached"):
        workshop.build()


def test_a_folder_without_go_mod_is_refused(tmp_path: Path) -> None:
    """The error names the folder."""
    with pytest.raises(OperateError, match=r"has no go\.mod"):
        build.build_program(tmp_path, ".", "x")


def test_progress_hears_each_line(workshop: Workshop) -> None:
    """Downloads and compiled packages are reported as they happen; a cached program reports nothing."""
    first, second = Lines(), Lines()
    workshop.build(first)
    workshop.build(second)
    assert (first, second) == (["go: downloading example.com/m v1.0.0", "example.com/m"], [])


def test_two_processes_build_once(workshop: Workshop) -> None:
    """Processes that want the same program at once wait for the first and take its result."""
    code = textwrap.dedent(f"""
        from pathlib import Path
        from otelmon.operate.collector.build import build_program
        print(build_program(Path({str(workshop.module)!r}), ".", "program"))
    """)
    environment = {**workshop.environment, "SLOW": "1"}
    command = [sys.executable, "-c", code]
    both = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = {process.communicate()[0] for process in both}
    assert (len(answers), workshop.builds) == (1, 1)


def test_the_winner_of_a_race_is_taken(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that appears while this process waits for the lock is not built again."""
    locked = cache.locked

    def late(path: Path) -> object:
        program = path.with_suffix("") / "program"
        program.parent.mkdir(parents=True)
        program.write_text("built by another")
        return locked(path)

    monkeypatch.setattr(cache, "locked", late)
    assert (workshop.build().read_text(), workshop.builds) == ("built by another", 0)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"OTELMON_CACHE_DIR": "/a", "XDG_CACHE_HOME": "/b"}, "/a"),
        ({"XDG_CACHE_HOME": "/b"}, "/b/otelmon"),
        ({"OTELMON_CACHE_DIR": ""}, "~/.cache/otelmon"),
    ],
    ids=["own variable", "XDG", "home"],
)
def test_the_cache_is_where_it_was_asked_for(environment: dict[str, str], expected: str) -> None:
    """OTELMON_CACHE_DIR wins over XDG_CACHE_HOME, which wins over the home folder."""
    from pathlib import Path

    assert cache.directory(environment) == Path(expected).expanduser()
