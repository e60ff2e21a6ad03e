"""The command ``otelmon``: exit codes 0, 1 and 2, errors in one line, JSON where it reports."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from otelmon.operate import effective
from otelmon.operate.cli import collector_commands
from otelmon.operate.cli.build_progress import BuildProgress
from otelmon.operate.cli.main import main
from otelmon.operate.collector import build, configuration, generate, run
from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes every otelmon variable out of the environment."""
    for name in [each for each in os.environ if each.startswith("OTELMON_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Gives a function that puts a program of one shell line in the place of the built Collector."""

    def place(body: str) -> Path:
        path = tmp_path / "otelmon-collector"
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        monkeypatch.setattr(build, "collector_program", lambda **_: path)
        return path

    return place


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """--version prints name and version."""
    assert main(["--version"]) == 0
    assert re.fullmatch(r"otelmon \d+\.\d+\.\d+\n", capsys.readouterr().out)


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["collector", "-h"], ["settings", "--help"]]
    + [["collector", each, "--help"] for each in ("build", "validate", "run", "generate")],
    ids=" ".join,
)
def test_help_teaches(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """Each command explains itself and ends well."""
    assert main(arguments) == 0
    assert len(capsys.readouterr().out.splitlines()) >= 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["colector"], "No such command 'colector'"),
        (["settings", "--jsn"], "No such option"),
        (["collector", "run", "--profile=prod"], "there is no profile 'prod': choose one of "),
        (["collector", "validate", "--config=absent.yaml"], "absent.yaml is not there"),
    ],
    ids=["command", "option", "profile", "file"],
)
def test_a_mistake_is_told_without_traceback(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """The exit code is 2 and stderr says what was wrong."""
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err + captured.out


def test_a_missing_extra_is_told_in_one_line(tmp_path: Path) -> None:
    """Without click the command names the extra to install, exit code 2."""
    (tmp_path / "click.py").write_text("raise ModuleNotFoundError(\"No module named 'click'\", name='click')\n")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[3]}"}
    command = [sys.executable, "-m", "otelmon.operate.cli.main", "--version"]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert answer.stderr == 'otelmon: the command line needs click: pip install "otelmon[operate]"\n'


def test_an_interrupt_is_no_traceback(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while building ends in one word."""

    def interrupted(**_: object) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "collector_program", interrupted)
    assert main(["collector", "build"]) == 2
    assert capsys.readouterr().err.strip() == "otelmon: stopped"


def test_build_prints_the_path(program: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Stdout has the path alone, so that a script can take it."""
    built = program("exit 0")
    assert main(["collector", "build"]) == 0
    assert capsys.readouterr().out == f"{built}\n"


def test_build_reports_as_json(program: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    """--json gives path and size in bytes."""
    built = program("exit 0")
    assert main(["collector", "build", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"program": str(built), "bytes": built.stat().st_size}


def test_validate_says_good_for_each_profile(
    program: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --profile all profiles are checked."""
    program("exit 0")
    assert main(["collector", "validate"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" (")[0] for line in lines] == [f"{name}: good" for name in configuration.profiles()]


def test_validate_tells_findings(program: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    """A finding is exit code 1 and stands below its profile."""
    program("echo 'Error: no such exporter' >&2; exit 1")
    assert main(["collector", "validate", "--profile=dev"]) == 1
    assert capsys.readouterr().out.splitlines()[1:] == ["  Error: no such exporter"]


def test_validate_reports_as_json(program: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    """--json gives files and findings of each profile; the exit code says the same."""
    program("echo 'Error: x' >&2; exit 1")
    assert main(["collector", "validate", "--profile=single", "--json"]) == 1
    (verdict,) = json.loads(capsys.readouterr().out)["profiles"]
    assert (verdict["profile"], verdict["findings"]) == ("single", ["Error: x"])
    assert verdict["files"][0].endswith("base.yaml")


def test_run_gives_files_and_environment(program: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The profile's files and this process's environment reach the Collector."""
    built = program("exit 0")
    calls: list[tuple[Path, Sequence[Path], Mapping[str, str]]] = []
    monkeypatch.setattr(run, "run", lambda *call: calls.append(call))
    monkeypatch.setenv("OTELMON_SLOW_QUERY_THRESHOLD", "200")
    assert main(["collector", "run", "--profile=dev"]) == 0
    ((path, files, environment),) = calls
    assert (path, files) == (built, configuration.config_files("dev"))
    assert environment["OTELMON_SLOW_QUERY_THRESHOLD"] == "200"


def test_an_unreadable_threshold_is_told(
    program: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is a finding for `validate` and a warning for `run`, which goes on with the application's default."""
    program("exit 0")
    monkeypatch.setattr(run, "run", lambda *_: None)
    monkeypatch.setenv("OTELMON_SLOW_QUERY_THRESHOLD", "soon")
    assert main(["collector", "validate", "--profile=dev"]) == 1
    assert main(["collector", "run"]) == 0
    captured = capsys.readouterr()
    for said in (captured.out, captured.err):
        assert "name=OTELMON_SLOW_QUERY_THRESHOLD value='soon' used=500" in said


@pytest.mark.parametrize(("key", "told"), [(None, True), ("", True), ("abc", False)], ids=["unset", "empty", "set"])
def test_run_tells_that_sentry_has_no_key(
    program: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    key: str | None,
    told: bool,
) -> None:
    """Without a key Sentry refuses everything, so it is said before the start; the start goes on."""
    program("exit 0")
    monkeypatch.setattr(run, "run", lambda *_: None)
    if key is not None:
        monkeypatch.setenv("OTELMON_COLLECTOR_SENTRY_KEY", key)
    assert main(["collector", "run"]) == 0
    assert ("OTELMON_COLLECTOR_SENTRY_KEY is not set" in capsys.readouterr().err) == told


def test_the_command_turns_into_the_collector(tmp_path: Path) -> None:
    """`otelmon collector run` leaves no process of its own in between: the exit code is the Collector's."""
    cached = tmp_path / "collector"
    cached.write_text('#!/bin/sh\necho "$$"\nexit 7\n')
    cached.chmod(0o755)
    code = (
        "import sys; from pathlib import Path; from otelmon.operate.collector import build;"
        f"build.collector_program = lambda **_: Path({str(cached)!r});"
        "from otelmon.operate.cli.main import main; sys.exit(main(['collector', 'run']))"
    )
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[3])}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True) as process:
        said, _ = process.communicate(timeout=60)
    assert (said, process.returncode) == (f"{process.pid}\n", 7)


def test_generate_prints_the_folder(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Maintainers see where the sources are."""
    monkeypatch.setattr(generate, "generate", lambda: Path("collector/distribution"))
    assert main(["collector", "generate"]) == 0
    assert capsys.readouterr().out == "collector/distribution\n"


def test_settings_show_value_and_origin(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The table has every variable with its value, and tells a given one from a default."""
    monkeypatch.setenv("OTELMON_SLOW_QUERY_THRESHOLD", "200")
    assert main(["settings"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"OTELMON_SLOW_QUERY_THRESHOLD\s*│ 200 ms\s*│ environment", said)
    assert re.search(r"OTELMON_LEAK_AFTER\s*│ 60000 ms\s*│ default", said)
    assert re.search(r"OTELMON_COLLECTOR_DECISION_WAIT\s*│ 5s\s*│ default", said)
    assert "functools_cache" in said


def test_settings_fit_a_narrow_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """On 80 columns no name is broken; meanings are left out."""
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["settings"]) == 0
    said = capsys.readouterr().out
    assert "OTELMON_COLLECTOR_OWN_METRICS_ENDPOINT" in said
    assert "meaning" not in said


@pytest.mark.parametrize(
    ("name", "text"),
    [("OTELMON_LEAK_AFTER", "soon"), ("OTELMON_COLLECTOR_LOG_LEVEL", "loud")],
    ids=["application", "collector"],
)
def test_settings_find_what_cannot_be_used(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    """A value that cannot be used is exit code 1 and is named."""
    monkeypatch.setenv(name, text)
    assert main(["settings"]) == 1
    assert f"{name} cannot be used" in capsys.readouterr().out


def test_settings_as_json_mask_secrets(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The document has all rows and hooks; a secret that is set shows as ***, one that is not as empty."""
    monkeypatch.setenv("OTELMON_COLLECTOR_SENTRY_KEY", "planted-key")
    assert main(["settings", "--json"]) == 0
    said = capsys.readouterr().out
    document = json.loads(said)
    values = {row["name"]: row["value"] for row in (*document["application"], *document["collector"])}
    assert (values["OTELMON_COLLECTOR_SENTRY_KEY"], values["OTELMON_HASH_KEY"]) == ("***", "")
    assert (values["OTELMON_DISABLED"], values["OTELMON_GITHUB_HOSTS"]) == ("false", "api.github.com")
    assert "planted-key" not in said
    assert document["hooks"] == effective.hooks()


def test_settings_show_lists_and_switches_as_they_are_written() -> None:
    """A list is joined by commas, a switch reads true or false."""
    rows = {
        row.name: row.value
        for row in effective.application({"OTELMON_DISABLED": "true", "OTELMON_GITHUB_HOSTS": "a.example,b.example"})
    }
    assert (rows["OTELMON_DISABLED"], rows["OTELMON_GITHUB_HOSTS"]) == ("true", "a.example,b.example")


def test_an_error_of_the_build_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What the build says goes to stderr after the program's name."""

    def failing(**_: object) -> Path:
        raise OperateError("no Go 1.26 or later found")

    monkeypatch.setattr(build, "collector_program", failing)
    assert main(["collector", "build"]) == 2
    assert capsys.readouterr().err == "otelmon: no Go 1.26 or later found\n"


def test_progress_is_closed_when_the_build_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The live line ends with the build, whatever its end."""
    closed: list[BuildProgress] = []

    def close(self: BuildProgress) -> None:
        closed.append(self)

    monkeypatch.setattr(BuildProgress, "close", close)

    def failing(**_: object) -> Path:
        raise OperateError("x")

    monkeypatch.setattr(build, "collector_program", failing)
    with pytest.raises(OperateError):
        collector_commands._program()
    assert len(closed) == 1
