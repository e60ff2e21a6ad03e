"""Which files a profile has, and what the Collector is given to see."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from otelmon.environment_variables import VARIABLES as APPLICATION
from otelmon.operate import resources
from otelmon.operate.collector import configuration, merged, queue_room, run, variables
from otelmon.operate.errors import OperateError

SHIPPED = resources.folder("collector")
# Given after a profile by those who need it.
ALTERNATIVES = ("05-mutual-tls.yaml", "07-kafka-gateway-secured.yaml", "81-kafka-agent-secured.yaml")
PROGRAM = "#!/bin/sh\n{body}\n"


def fake_collector(folder: Path, body: str) -> Path:
    """Returns a program that does what a shell line says."""
    program = folder / "collector"
    program.write_text(PROGRAM.format(body=body))
    program.chmod(0o755)
    return program


def test_a_profile_lists_its_files_in_order() -> None:
    """The base comes first, overlays by number after it, the operator's own file last."""
    own = SHIPPED / "README.md"
    names = [path.name for path in configuration.config_files("single", [own])]
    overlays = [name for name in names[1:-2] if name not in ("agent.yaml", "gateway.yaml")]
    assert names[0] == "base.yaml"
    assert overlays == sorted(overlays)
    assert names[-2:] == ["99-local.yaml", "README.md"]


def test_an_unknown_profile_names_those_there_are() -> None:
    """A typo is answered with the choices."""
    with pytest.raises(OperateError, match=r"no profile 'prod': choose one of .*dev, .*single"):
        configuration.config_files("prod")


def test_a_missing_file_is_named() -> None:
    """An own file that is not there is said before anything is built or started."""
    with pytest.raises(OperateError, match=r"absent\.yaml is not there"):
        configuration.config_files("single", [Path("absent.yaml")])


def test_every_file_is_used_by_a_profile() -> None:
    """No file lies there without a profile that loads it, or a line in the README that says when."""
    used = {path for name in configuration.profiles() for path in configuration.config_files(name)}
    used |= {SHIPPED / "conf.d" / name for name in ALTERNATIVES if name in (SHIPPED / "README.md").read_text()}
    assert {*SHIPPED.glob("*.yaml"), *(SHIPPED / "conf.d").glob("*.yaml")} - used == set()


@pytest.mark.parametrize("profile", configuration.profiles())
def test_the_operators_file_comes_last(profile: str) -> None:
    """Every profile ends with the empty file that is the operator's."""
    last = configuration.config_files(profile)[-1]
    assert last.name == "99-local.yaml"
    assert [line for line in last.read_text().splitlines() if not line.startswith("#")] == []


@pytest.mark.parametrize(
    ("given", "seen"),
    [({}, "500"), ({"OTELMON_SLOW_QUERY_THRESHOLD": "200"}, "200"), ({"OTELMON_SLOW_QUERY_THRESHOLD": "soon"}, "500")],
    ids=["unset", "set", "unreadable"],
)
def test_the_collector_sees_the_applications_threshold(given: dict[str, str], seen: str) -> None:
    """Both sides use one value: an unreadable one becomes the default on both."""
    assert configuration.collector_environment(given)["OTELMON_SLOW_QUERY_THRESHOLD"] == seen


def test_an_empty_variable_counts_as_unset() -> None:
    """The Collector would take an empty value for a value, so it is left out."""
    given = configuration.collector_environment({"OTELMON_COLLECTOR_OTLP_HTTP": " ", "EMPTY": ""})
    assert "OTELMON_COLLECTOR_OTLP_HTTP" not in given
    assert given["EMPTY"] == ""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "409MiB"),
        ({"OTELMON_COLLECTOR_MEMORY_LIMIT_MIB": "1000"}, "800MiB"),
        ({"GOMEMLIMIT": "1GiB"}, "1GiB"),
    ],
    ids=["default", "from the limit", "given"],
)
def test_the_runtime_knows_the_memory_limit(given: dict[str, str], expected: str) -> None:
    """GOMEMLIMIT is four fifths of the limit unless it was given."""
    assert configuration.collector_environment(given)["GOMEMLIMIT"] == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "256"),
        ({"OTELMON_COLLECTOR_MEMORY_LIMIT_MIB": "1000"}, "500"),
        ({"OTELMON_COLLECTOR_MEMORY_SPIKE_MIB": "100"}, "100"),
    ],
    ids=["default", "from the limit", "given"],
)
def test_senders_are_told_to_wait_at_half_the_memory(given: dict[str, str], expected: str) -> None:
    """The other half is room for what was let in before, unless the operator says how much that is."""
    assert configuration.collector_environment(given)["OTELMON_COLLECTOR_MEMORY_SPIKE_MIB"] == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"OTELMON_COLLECTOR_QUEUE_DIRECTORY": "/q", "XDG_STATE_HOME": "/s"}, "/q"),
        ({"XDG_STATE_HOME": "/s"}, "/s/otelmon/collector-queue"),
        ({}, "~/.local/state/otelmon/collector-queue"),
    ],
    ids=["given", "XDG", "home"],
)
def test_queues_lie_in_the_users_state(given: dict[str, str], expected: str) -> None:
    """Without a folder given, queues survive a reboot and do not depend on the current folder."""
    assert configuration.queue_directory(given) == Path(expected).expanduser()


def test_the_files_and_the_table_name_the_same_variables_and_defaults() -> None:
    """Every variable of the configuration is in the table with the same default, and none more."""
    found: dict[str, set[str]] = {}
    for path in (*SHIPPED.glob("*.yaml"), *(SHIPPED / "conf.d").glob("[0-8]*.yaml")):
        for name, default in re.findall(r"\$\{env:(OTELMON_\w+):-([^}]*)\}", path.read_text()):
            found.setdefault(name, set()).add(default)
    shared = {variable.name: {variable.default} for variable in APPLICATION if variable.name in found}
    assert found == {variable.name: {variable.default} for variable in variables.VARIABLES} | shared
    assert set(shared) == {"OTELMON_SLOW_QUERY_THRESHOLD", "OTELMON_SLOW_HTTP_THRESHOLD"}


def test_every_variable_has_a_default_in_the_files() -> None:
    """No file reads a variable without saying what holds when it is unset."""
    for path in SHIPPED.rglob("*.yaml"):
        assert re.findall(r"\$\{env:\w+\}", path.read_text()) == [], path.name


def test_the_example_environment_tells_every_variable() -> None:
    """collector/env.example has each variable once, with its default, its unit and what it accepts."""
    text = (SHIPPED / "env.example").read_text()
    for variable in variables.VARIABLES:
        lines = re.findall(rf"^# {re.escape(variable.meaning)}\n# (.*)\n#?{variable.name}=(.*)$", text, re.MULTILINE)
        about = f"{variable.unit + '; ' if variable.unit else ''}{variable.safe_range}"
        assert lines == [(about, variable.default)], variable.name


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("OTELMON_COLLECTOR_OTLP_HTTP", ["127.0.0.1:4318", "[::1]:1", "host:65535"], ["4318", ":4318", "h:0", "h:x"]),
        (
            "OTELMON_COLLECTOR_JAEGER_ENDPOINT",
            ["http://h:1", "https://h/p"],
            ["h:1", "ftp://h", "http://", "http://[x"],
        ),
        ("OTELMON_COLLECTOR_SAMPLING_PERCENTAGE", ["0", "0.5", "100"], ["101", "-1", "10%", ""]),
        ("OTELMON_COLLECTOR_DECISION_WAIT", ["500ms", "5s", "1m", "1.5s"], ["5", "5 s", "s"]),
        ("OTELMON_COLLECTOR_MEMORY_LIMIT_MIB", ["64", "512"], ["63", "1e3", "-5"]),
        ("OTELMON_COLLECTOR_LOG_LEVEL", ["info"], ["INFO", "loud"]),
        ("OTELMON_COLLECTOR_KAFKA_BROKERS", ["h:1", "a:1,b:2", "a:1, b:2"], ["h", "a:1,", ""]),
        ("OTELMON_COLLECTOR_KAFKA_GROUP", ["otelmon-gateways", "a.b_c"], ["a b", "..", "", "x" * 250]),
        ("OTELMON_COLLECTOR_SENTRY_KEY", ["abc"], []),
        ("OTELMON_COLLECTOR_QUEUE_DIRECTORY", ["q"], []),
    ],
)
def test_values_are_checked_before_the_collector_sees_them(name: str, good: list[str], bad: list[str]) -> None:
    """Each kind of variable takes what is meant and nothing else."""
    variable = next(each for each in variables.VARIABLES if each.name == name)
    assert [text for text in good if not variable.accepts(text)] == []
    assert [text for text in bad if variable.accepts(text)] == []


def test_defaults_are_acceptable() -> None:
    """Every default is a value that the table accepts."""
    assert [each.name for each in variables.VARIABLES if each.default and not each.accepts(each.default)] == []


def test_a_problem_names_variable_value_and_range() -> None:
    """The line tells what to mend; unset and good variables are not mentioned."""
    given = {"OTELMON_COLLECTOR_DECISION_WAIT": "soon", "OTELMON_COLLECTOR_LOG_LEVEL": ""}
    assert variables.problems(given) == ("OTELMON_COLLECTOR_DECISION_WAIT='soon' cannot be used; it takes 1s to 60s",)


def test_a_good_configuration_has_no_findings(tmp_path: Path) -> None:
    """The Collector's own verdict is taken."""
    own = tmp_path / "a.yaml"
    own.write_text("receivers: {otlp: {protocols: {http: {endpoint: '127.0.0.1:4318'}}}}")
    verdict = run.validate(fake_collector(tmp_path, "exit 0"), "dev", [own], {})
    assert verdict == run.Verdict("dev", (str(own),), ())


def test_an_open_door_is_a_finding_and_not_run(tmp_path: Path) -> None:
    """What listens off loopback without TLS and proof is told by validate and refused by run."""
    files = configuration.config_files("single")
    given = {"OTELMON_COLLECTOR_OTLP_HTTP": "0.0.0.0:4318", "OTELMON_COLLECTOR_QUEUE_DIRECTORY": str(tmp_path)}
    (found,) = run.validate(fake_collector(tmp_path, "exit 0"), "single", files, given).findings
    assert "listens on 0.0.0.0:4318, off loopback, without TLS" in found
    with pytest.raises(OperateError, match=r"listens on 0\.0\.0\.0:4318"):
        run.run(tmp_path / "absent", files, given)
    assert (
        run.validate(
            fake_collector(tmp_path, "exit 0"), "gateway", configuration.config_files("gateway"), given
        ).findings
        == ()
    )


def test_the_collectors_complaint_is_a_finding(tmp_path: Path) -> None:
    """Its log lines are left out, its error stays."""
    program = fake_collector(tmp_path, 'printf "t\\tinfo\\tx\\nt\\twarn\\ty\\nError: no such exporter\\n" >&2; exit 1')
    assert run.validate(program, "dev", [], {}).findings == ("Error: no such exporter",)


def test_unusable_variables_are_findings_without_asking_the_collector(tmp_path: Path) -> None:
    """The program is not even started when a variable cannot be used."""
    verdict = run.validate(tmp_path / "absent", "dev", [], {"OTELMON_COLLECTOR_HEALTH": "x"})
    assert verdict.findings == ("OTELMON_COLLECTOR_HEALTH='x' cannot be used; it takes host:port",)


def test_a_program_that_cannot_run_is_an_error(tmp_path: Path) -> None:
    """A check that could not be made is not a finding."""
    with pytest.raises(OperateError, match="could not be run"):
        run.validate(tmp_path / "absent", "dev", [], {})


def test_run_becomes_the_collector(tmp_path: Path) -> None:
    """The queue's folder is made for the owner alone, then the program takes this process over with its files."""
    calls = []
    queue = tmp_path / "state" / "queue"
    given = {"OTELMON_COLLECTOR_QUEUE_DIRECTORY": str(queue)}
    own = tmp_path / "a.yaml"
    own.write_text("")
    run.run(Path("/p"), [own], given, lambda *call: calls.append(call))
    assert calls == [("/p", ["/p", f"--config={own}"], configuration.collector_environment(given))]
    assert queue.stat().st_mode & 0o777 == 0o700


def test_run_refuses_unusable_variables() -> None:
    """Nothing is started with a value that the Collector could not use."""
    with pytest.raises(OperateError, match="OTELMON_COLLECTOR_HEALTH='x' cannot be used"):
        run.run(Path("/p"), [], {"OTELMON_COLLECTOR_HEALTH": "x"})


def test_run_says_why_it_could_not_start(tmp_path: Path) -> None:
    """A program that is not there, or a folder that cannot be made, is one line."""
    given = {"OTELMON_COLLECTOR_QUEUE_DIRECTORY": str(tmp_path / "q")}
    with pytest.raises(OperateError, match=r"could not be started: .*No such file"):
        run.run(tmp_path / "absent", [], given)


def test_folders_are_found_in_a_wheel_first(tmp_path: Path) -> None:
    """otelmon/resources/ of an installed wheel wins over a folder beside the package."""
    package = tmp_path / "otelmon"
    beside, inside = tmp_path / "sql", package / "resources" / "sql"
    beside.mkdir()
    assert resources.folder("sql", package) == beside
    inside.mkdir(parents=True)
    assert resources.folder("sql", package) == inside


def test_a_folder_that_did_not_come_is_named(tmp_path: Path) -> None:
    """The error tells which folder is missing and how to get it."""
    with pytest.raises(OperateError, match="sql/ did not come with this otelmon"):
        resources.folder("sql", tmp_path / "otelmon")


def test_the_disk_for_the_queues_is_added_up() -> None:
    """Each exporter has a queue for each signal of its pipelines, and the largest is there twice while compacted."""
    environment = {"OTELMON_COLLECTOR_QUEUE_BYTES": "1000000"}
    whole = merged.merged(configuration.config_files("single"), environment)
    assert queue_room.most_bytes(whole) == 5 * 1_000_000
    assert queue_room.most_bytes({}) == 0


def test_a_disk_too_small_for_the_queues_is_told(tmp_path: Path) -> None:
    """Before the start, not when it is full, and also where the folder is not there yet."""
    folder = tmp_path / "new" / "queue"
    files = configuration.config_files("single")
    whole = {size: merged.merged(files, {"OTELMON_COLLECTOR_QUEUE_BYTES": str(size)}) for size in (1 << 20, 1 << 40)}
    assert queue_room.shortage(folder, whole[1 << 20]) == ""
    assert f"the disk of {folder} has " in queue_room.shortage(folder, whole[1 << 40])
    assert "5,242,880 MiB" in queue_room.shortage(folder, whole[1 << 40])
