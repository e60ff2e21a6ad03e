"""Each alert has its page, each page its alert; links lead somewhere, and the commands run on the demo's real parts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from demo.parts import postgres
from demo.traffic import Traffic
from docs import alerts as generator
from otelmon.operate.alerts.catalogue import ALERTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from demo.parts.programs import Programs
    from demo.parts.stack import Stack

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "runbook"
PAGES = {path.stem: path for path in sorted(FOLDER.glob("*.md")) if path.stem != "README"}
SECTIONS = ["Meaning", "Impact", "Diagnosis", "Mitigation", "Silence and escalation"]
# Words of commands that lose something; the text may name them, nothing to be pasted may.
DESTROYS = re.compile(r"\b(rm|kill|pkill|DROP|DELETE|TRUNCATE|UPDATE|terminate_backend|cancel_backend|reset|FULL)\b")
EACH_PAGE = [pytest.param(path, id=name) for name, path in PAGES.items()]


def commands(path: Path) -> list[str]:
    """Returns what a page has to be pasted into a shell; looks at views one by one, as many pages share them."""
    found = re.findall(r"^( *)```sh\n(.*?)^ *```", path.read_text(), re.DOTALL | re.MULTILINE)
    blocks = [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]
    return [
        each for block in blocks for each in (block.splitlines() if block.startswith("otelmon sql show") else [block])
    ]


@pytest.fixture(scope="module")
def succeeded() -> set[str]:
    """Holds the commands that have run: one that stands on several pages runs once."""
    return set()


def test_pages_and_alerts_are_pairs() -> None:
    """No alert without a page, no page without an alert."""
    assert set(PAGES) == set(ALERTS)


def test_generated_parts_are_current() -> None:
    """``make docs`` would change nothing in the pages about alerts."""
    assert [path.name for path, text in generator.pages().items() if path.read_text() != text] == []


@pytest.mark.parametrize("path", EACH_PAGE)
def test_page_is_complete(path: Path) -> None:
    """A page has every section, with something in it, and diagnosis has commands."""
    text = path.read_text()
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    assert parts[1::2] == SECTIONS
    assert all(len(part.strip()) > 20 for part in parts[2::2])
    assert "```sh" in dict(zip(parts[1::2], parts[2::2], strict=True))["Diagnosis"]
    assert text.startswith(f"# {path.stem}\n")


@pytest.mark.parametrize("path", [*EACH_PAGE, pytest.param(FOLDER / "README.md", id="README")])
def test_links_lead_somewhere(path: Path) -> None:
    """Every link of a page is a page."""
    links = re.findall(r"\]\(([^)]+)\)", path.read_text())
    assert [link for link in links if not (path.parent / link).is_file()] == []


@pytest.mark.parametrize("path", EACH_PAGE)
def test_nothing_to_paste_destroys(path: Path) -> None:
    """No command of a page ends, deletes or resets anything."""
    assert [block for block in commands(path) if DESTROYS.search(block)] == []


@pytest.fixture(scope="module")
def surroundings(stack: Stack, all_programs: Programs) -> Mapping[str, str]:
    """Returns the environment that docs/runbook/README.md asks for, of the running demo; amtool is on the path."""
    Traffic(stack.service, stack.github).usual(20)
    paths = [sysconfig.get_path("scripts"), str(all_programs.amtool.parent), os.environ["PATH"]]
    assert shutil.which("curl"), "the commands of the runbook need curl"
    return {
        **os.environ,
        "PATH": os.pathsep.join(paths),
        "OTELMON_METRICS_URL": stack.victoriametrics.url,
        "OTELMON_JAEGER_URL": stack.jaeger.url,
        "OTELMON_VMALERT_URL": stack.vmalert.url,
        "OTELMON_ALERTMANAGER_URL": stack.alertmanager.url,
        "STATUS": f"{stack.observer.url}/status",
        "SERVICE": "contributors",
        "SERVICE_URL": stack.service.url,
        "PGHOST": "127.0.0.1",
        "PGPORT": str(stack.postgres.port),
        "PGDATABASE": postgres.DATABASE,
        "PGUSER": postgres.SUPERUSER,
        "PGPASSWORD": str(urlsplit(stack.postgres.admin_url).password),
    }


@pytest.fixture
def rings_again(stack: Stack) -> Iterator[None]:
    """Ends the silences that commands of a page begin: other tests wait for alerts of the same stack."""
    yield
    silences = f"{stack.alertmanager.url}/api/v2/silence"
    with httpx.Client(trust_env=False) as client:
        for each in client.get(f"{silences}s").json():
            if each["status"]["state"] != "expired":
                client.delete(f"{silences}/{each['id']}").raise_for_status()


def run(
    block: str, environment: Mapping[str, str], directory: Path, seconds: float = 60
) -> subprocess.CompletedProcess[str]:
    """Runs a block as somebody would who pastes it."""
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block], env=dict(environment), cwd=directory, capture_output=True, text=True,
        check=False, timeout=seconds,
    )  # fmt: skip


@pytest.mark.usefixtures("rings_again")
@pytest.mark.parametrize("path", EACH_PAGE)
def test_commands_run(path: Path, surroundings: Mapping[str, str], succeeded: set[str], tmp_path: Path) -> None:
    """Each block of a page succeeds on the demo and says something; the store has an answer to each question."""
    for block in commands(path):
        if block in succeeded:
            continue
        done = run(block, surroundings, tmp_path)
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        assert done.stdout.strip(), block
        assert '"status":"error"' not in done.stdout
        succeeded.add(block)


@pytest.mark.suites
@pytest.mark.timeout(500)
@pytest.mark.usefixtures("rings_again")
def test_exercise_can_be_done(stack: Stack, surroundings: Mapping[str, str], tmp_path: Path) -> None:
    """The steps of docs/exercise.md succeed in their order, alerts in time among them."""
    address = urlsplit(stack.postgres.url)
    ordinary = {**surroundings, "PGUSER": str(address.username), "PGPASSWORD": str(address.password)}
    for block in commands(ROOT / "docs" / "exercise.md"):
        done = run(block, ordinary, tmp_path, seconds=180)
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        assert done.stdout.strip(), block
