"""docker-compose.yml and Dockerfile: pinned, on loopback, without root, with limits, and in step with the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from otelmon.settings import Settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = [pytest.param(name, id=name) for name in COMPOSE["services"]]
ONCE = {"volume-owner", "seed"}
EXPECTED = {
    "app",
    "observer",
    "canary",
    "postgresql",
    "collector",
    "jaeger",
    "victoriametrics",
    "vmalert",
    "alertmanager",
    "grafana",
    "page",
}


def service(name: str) -> dict[str, Any]:
    """Returns one service of the file."""
    return COMPOSE["services"][name]


def test_every_part_is_there() -> None:
    """The file holds each part of the path of data."""
    assert set(COMPOSE["services"]) >= EXPECTED


@pytest.mark.parametrize("name", SERVICES)
def test_image_is_pinned(name: str) -> None:
    """Every image has a tag of a release, never a moving one."""
    assert re.fullmatch(r"[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?", service(name)["image"])


def test_images_without_a_digest_have_a_reason() -> None:
    """A tag can be moved by its publisher; the file says why it holds tags, and how to pin digests."""
    by_tag = [name for name, each in COMPOSE["services"].items() if "@sha256:" not in each["image"]]
    assert not by_tag or "--resolve-image-digests" in TEXT.partition("x-service:")[0]


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_on_loopback(name: str) -> None:
    """Every published port is bound to loopback and can be moved by a variable."""
    ports = service(name).get("ports", [])
    assert [port for port in ports if not re.fullmatch(r"127\.0\.0\.1:\$\{OTELMON_PORT_\w+:-\d+\}:\d+", port)] == []


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_keeps_running_as_root(name: str) -> None:
    """Every service has a numeric user; the one that is root ends at once, has no network and one capability."""
    user = service(name)["user"].split(":")[0]
    if name == "volume-owner":
        assert (service(name)["network_mode"], service(name)["cap_add"]) == ("none", ["CHOWN"])
        assert "restart" not in service(name)
    else:
        assert int(user) > 0
        assert "cap_add" not in service(name)


@pytest.mark.parametrize("name", SERVICES)
def test_service_is_confined(name: str) -> None:
    """No service writes to its image, gains privileges, or sees the host's namespaces or engine."""
    it = service(name)
    assert (it["read_only"], it["cap_drop"], it["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])
    assert not {"privileged", "pid", "ipc", "devices", "cgroup_parent"} & set(it)
    assert it.get("network_mode") in (None, "none")
    assert not {"userns_mode", "uts", "device_cgroup_rules", "sysctls"} & set(it)
    assert "docker.sock" not in str(it)


@pytest.mark.parametrize("name", SERVICES)
def test_service_has_limits(name: str) -> None:
    """Memory, processors and processes of every service are bounded."""
    assert re.fullmatch(r"\d+m", service(name)["mem_limit"])
    assert 0 < service(name)["cpus"] <= 1
    assert 0 < service(name)["pids_limit"] <= 256


@pytest.mark.parametrize("name", SERVICES)
def test_service_tells_its_health(name: str) -> None:
    """Everything that keeps running has a health check and comes back after a failure; its log is bounded."""
    it = service(name)
    if name in ONCE:
        assert it.get("restart", "no") == "no"
    else:
        assert (it["healthcheck"]["test"][0], it["restart"]) == ("CMD", "unless-stopped")
        assert set(it["logging"]["options"]) == {"max-size", "max-file"}


@pytest.mark.parametrize("name", SERVICES)
def test_references_resolve(name: str) -> None:
    """Every mounted file, named volume, network and dependency exists."""
    it = service(name)
    sources = [volume.split(":")[0] for volume in it.get("volumes", [])]
    files = [source for source in sources if source.startswith(".")]
    assert [source for source in files if not (ROOT / source).exists()] == []
    assert set(sources) - set(files) <= set(COMPOSE["volumes"])
    assert set(it.get("networks", [])) <= set(COMPOSE["networks"])
    assert set(it.get("depends_on", {})) <= set(COMPOSE["services"])


def test_variables_are_explained() -> None:
    """Every variable of the file stands in compose/env.example, and nothing else does."""
    used = set(re.findall(r"\$\{([A-Z_]+)", TEXT))
    explained = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / "compose/env.example").read_text(), re.MULTILINE))
    assert used == explained


def test_passwords_have_no_default() -> None:
    """A password is chosen by the user: without one the start is refused."""
    assert set(re.findall(r"\$\{([A-Z_]*PASSWORD[A-Z_]*):(.)", TEXT)) == {
        ("POSTGRES_PASSWORD", "?"),
        ("READER_PASSWORD", "?"),
        ("GRAFANA_PASSWORD", "?"),
        ("PAGE_PASSWORD", "?"),
    }


@pytest.mark.parametrize("name", ["app", "collector"])
def test_thresholds_follow_the_code(name: str) -> None:
    """Both sides get the same threshold, and its default is the one of the settings."""
    defaults = Settings()
    environment = service(name)["environment"]
    for variable, milliseconds in (
        ("OTELMON_SLOW_QUERY_THRESHOLD", defaults.slow_query_threshold_ms),
        ("OTELMON_SLOW_HTTP_THRESHOLD", defaults.slow_http_threshold_ms),
    ):
        assert environment[variable] == f"${{{variable}:-{milliseconds}}}"


def test_collector_runs_the_shipped_configuration() -> None:
    """The Collector is given the files of the profile for one machine; Sentry is taken in by a variable."""
    given = service("collector")["command"]
    profile = (ROOT / "collector/profiles/single.args").read_text().split()
    sentry = next(argument for argument in given if "SENTRY" in argument)
    assert given == [sentry if argument.endswith("61-export-sentry.yaml") else argument for argument in profile]


def test_postgresql_preloads_statement_statistics() -> None:
    """pg_stat_statements is loaded when the server starts, without which its extension records nothing."""
    assert "shared_preload_libraries=pg_stat_statements" in service("postgresql")["command"]


def test_stores_keep_for_a_stated_time() -> None:
    """Traces and metrics lie on named volumes and are dropped after a retention time."""
    jaeger = yaml.safe_load((ROOT / "parts/jaeger/badger.yaml").read_text())
    badger = jaeger["extensions"]["jaeger_storage"]["backends"]["badger"]["badger"]
    assert (badger["ephemeral"], badger["ttl"]["spans"]) == (False, "${env:JAEGER_RETENTION:-72h}")
    assert service("jaeger")["command"][-1].endswith("badger.yaml")
    assert {"JAEGER_RETENTION", "JAEGER_DIRECTORY"} <= set(service("jaeger")["environment"])
    assert any(each.startswith("-retentionPeriod=") for each in service("victoriametrics")["command"])


def test_dead_mans_switch_reaches_a_receiver_of_its_own() -> None:
    """One rule always fires, and Alertmanager routes it apart from everything else."""
    rules = yaml.safe_load((ROOT / "alerts/rules/presence.yaml").read_text())["groups"][0]["rules"]
    routes = yaml.safe_load((ROOT / "alerts/alertmanager.yml").read_text())["route"]["routes"]
    assert [rule["expr"] for rule in rules if rule["alert"] == "OtelmonWatchdog"] == ["vector(1)"]
    assert [route["receiver"] for route in routes if 'alertname = "OtelmonWatchdog"' in route["matchers"]] == [
        "dead-mans-switch"
    ]
    assert "./alerts/rules:/etc/vmalert:ro" in service("vmalert")["volumes"]
    assert "./alerts:/etc/alertmanager:ro" in service("alertmanager")["volumes"]


def test_dockerfile_is_pinned_and_ends_without_root() -> None:
    """Every base image has a release's tag, every final stage a numeric user, every install the hashes of a lock."""
    stages = re.split(r"^FROM ", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)[1:]
    images = {stage.split()[2]: stage for stage in stages}
    assert [stage.split()[0] for stage in stages if not re.match(r"\S+:\d+\.\d+\.\d+", stage)] == []
    assert all(re.search(r"^USER [1-9]\d*:", images[name], re.MULTILINE) for name in ("demo", "collector"))
    installs = re.findall(r"pip install .*", (ROOT / "Dockerfile").read_text())
    assert [each for each in installs if "--require-hashes" not in each and "--no-deps /wheel" not in each] == []


def test_images_built_here_have_a_stage() -> None:
    """Each image that the file builds is a stage of the Dockerfile, tagged with the version of the package."""
    built = {each["build"]["target"]: each["image"] for each in COMPOSE["services"].values() if "build" in each}
    assert built == {"demo": "otelmon/demo:0.1.0", "collector": "otelmon/collector:0.1.0"}
