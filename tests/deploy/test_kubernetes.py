"""Manifests of Kubernetes: valid by its schemas, confined, probed, and without open doors."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from click.testing import CliRunner

from otelmon.operate.cli.commands import otelmon
from otelmon.operate.collector.build import collector_program
from otelmon.operate.collector.variables import VARIABLES
from otelmon.operate.overview.variables import VARIABLES as OPERATORS

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "deploy/kubernetes").glob("*.yaml"))
OBJECTS = [
    pytest.param(each, id=f"{path.stem}-{each['kind']}")
    for path in FILES
    for each in yaml.safe_load_all(path.read_text())
]
WORKLOADS = [each for each in OBJECTS if "template" in each.values[0].get("spec", {})]
every_object = pytest.mark.parametrize("it", OBJECTS)
every_workload = pytest.mark.parametrize("it", WORKLOADS)
KNOWN = {each.name for each in (*VARIABLES, *OPERATORS)} | {"OTELMON_OBSERVE_DSN"}


def documents(name: str) -> list[dict[str, Any]]:
    """Returns the objects of one file."""
    return list(yaml.safe_load_all((ROOT / f"deploy/kubernetes/{name}.yaml").read_text()))


def container(it: dict[str, Any]) -> dict[str, Any]:
    """Returns the one container of a workload."""
    (only,) = it["spec"]["template"]["spec"]["containers"]
    return only


@pytest.mark.parametrize("version", ["1.30", "1.34"])
@every_object
def test_it_is_valid(it: dict[str, Any], version: str) -> None:
    """The schema of an older and of a newer Kubernetes knows every field."""
    kubernetes_validate.validate(it, version, strict=True)


@every_workload
def test_it_fits_the_restricted_profile(it: dict[str, Any]) -> None:
    """No root, no capability, nothing to write to but volumes, no token of the cluster, limits of memory."""
    pod = it["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    assert not any("hostPath" in volume for volume in pod.get("volumes", []))
    assert container(it)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container(it)["resources"]["limits"]["memory"]


@every_workload
def test_it_is_probed(it: dict[str, Any]) -> None:
    """Start, life and readiness are asked for, on the pod's own loopback; the canary's figures are its probe."""
    probes = {name: container(it).get(name) for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    if it["metadata"]["name"] == "otelmon-canary":
        assert set(probes.values()) == {None}
    else:
        assert all("http://127.0.0.1:" in each["exec"]["command"][-1] for each in probes.values())


@every_workload
def test_labels_select_it(it: dict[str, Any]) -> None:
    """The selector finds the pods, and everything is in the namespace otelmon."""
    wanted = it["spec"]["selector"]["matchLabels"]
    assert wanted.items() <= it["spec"]["template"]["metadata"]["labels"].items()
    assert it["metadata"]["namespace"] == "otelmon"


@every_workload
def test_its_variables_and_commands_exist(it: dict[str, Any]) -> None:
    """Every variable of otelmon is one that is described; commands are commands, files are files."""
    names = {each["name"] for each in container(it)["env"]}
    assert {name for name in names if name.startswith("OTELMON_")} <= KNOWN
    arguments = container(it)["args"]
    if "operate" in container(it)["image"]:
        assert CliRunner().invoke(otelmon, [*arguments, "--help"]).exit_code == 0
    else:
        files = [each.removeprefix("--config=") for each in arguments if not each.startswith("--config=yaml:")]
        assert [file for file in files if not (ROOT / "collector" / file).is_file()] == []


@pytest.mark.parametrize(("name", "profile"), [("collector-gateway", "gateway"), ("collector-agent", "agent")])
def test_collectors_run_the_shipped_profiles_and_demand_a_token(name: str, profile: str) -> None:
    """Arguments begin with the profile's; where it listens beyond loopback, TLS and token are loaded."""
    it = next(iter(documents(name)))
    listed = (ROOT / f"collector/profiles/{profile}.args").read_text().split()
    assert container(it)["args"][: len(listed)] == listed
    assert "--config=conf.d/05-tls-and-token.yaml" in container(it)["args"]


def test_no_secret_stands_in_a_manifest() -> None:
    """Secrets are named, never held: no manifest is a Secret, and no value looks like one."""
    assert all(each.values[0]["kind"] != "Secret" for each in OBJECTS)


@pytest.mark.parts
@pytest.mark.parametrize("name", ["collector-gateway", "collector-agent"])
def test_the_real_collector_accepts_it(name: str, tmp_path: Path) -> None:
    """The program validates arguments and variables as they stand in the manifest; secrets are files of the test."""
    it = container(documents(name)[0])
    environment = {each["name"]: each.get("value", "") for each in it["env"]} | {"PATH": "/usr/bin"}
    for variable in [each for each in environment if each.endswith("_FILE")]:
        environment[variable] = str(tmp_path / variable)
        (tmp_path / variable).write_text("planted-token")
    environment["OTELMON_COLLECTOR_QUEUE_DIRECTORY"] = str(tmp_path)
    done = subprocess.run(
        [collector_program(), "validate", *it["args"]],
        cwd=ROOT / "collector",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
