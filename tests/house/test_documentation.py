"""What the documentation says is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from opentelemetry.configuration.file import load_config_file

from docs.generate import pages
from otelmon.environment_variables import VARIABLES
from otelmon.operate.alerts.given import FILE_VARIABLE
from otelmon.operate.alerts.thresholds import THRESHOLDS
from otelmon.operate.overview.variables import VARIABLES as OPERATOR_VARIABLES
from otelmon.settings import Settings

ROOT = Path(__file__).parents[2]
WRITTEN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES = [pytest.param(path, id=path.relative_to(ROOT).as_posix()) for path in WRITTEN]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("page", sorted(pages()))
def test_generated_page_is_current(page: str) -> None:
    """A generated page equals what ``make docs`` would write now."""
    assert (ROOT / page).read_text(encoding="utf-8") == pages()[page]


@pytest.mark.parametrize("page", PAGES)
def test_make_commands_exist(page: Path) -> None:
    """Every ``make`` command that is written down is a target of the Makefile."""
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(), re.MULTILINE)) <= TARGETS


@pytest.mark.parametrize("page", PAGES)
def test_variables_exist(page: Path) -> None:
    """Every OTELMON_* variable that is written down is known to application, commands, Collector or compose."""
    files = [
        *(ROOT / "collector").glob("*.example"),
        *(ROOT / "collector").rglob("*.yaml"),
        ROOT / "docker-compose.yml",
    ]
    known = {each.name for each in (*VARIABLES, *OPERATOR_VARIABLES)}
    known |= {FILE_VARIABLE, *(each.variable for each in THRESHOLDS)}
    known |= {name for file in files for name in re.findall(r"OTELMON_[A-Z0-9_]+", file.read_text())}
    assert set(re.findall(r"OTELMON_[A-Z0-9_]*[A-Z0-9]", page.read_text())) <= known


@pytest.mark.parametrize("page", PAGES)
def test_links_resolve(page: Path) -> None:
    """Every link to a file of the repository leads somewhere."""
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(
    ("variable", "field"),
    [
        ("OTELMON_SLOW_QUERY_THRESHOLD", "slow_query_threshold_ms"),
        ("OTELMON_SLOW_HTTP_THRESHOLD", "slow_http_threshold_ms"),
    ],
)
def test_threshold_has_one_default(variable: str, field: str) -> None:
    """Application, table of variables, Collector and documentation have the same default threshold."""
    milliseconds = getattr(Settings(), field)
    configuration = "".join(path.read_text() for path in sorted((ROOT / "collector").rglob("*.yaml")))
    in_collector = set(re.findall(rf"\$\{{env:{variable}(?::-(\d+))?\}}", configuration))
    documented = re.search(rf"`{variable}` \|[^|]*\|[^|]*\| `(\d+)`", pages()["docs/settings.md"])
    assert in_collector == {str(milliseconds)}
    assert documented is not None
    assert int(documented[1]) == milliseconds


def test_table_of_variables_and_settings_agree() -> None:
    """Each variable has a field of the settings with the default that the table names."""
    from_table = Settings.from_env({each.name: each.default for each in VARIABLES if each.kind != "secret"})
    assert from_table == (Settings(), ())


def test_changelog_has_a_place_for_what_is_coming() -> None:
    """CHANGELOG.md follows Keep a Changelog and has an unreleased section."""
    text = (ROOT / "CHANGELOG.md").read_text()
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert "## [Unreleased]" in text
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_configuration_file_of_the_start_page_loads(tmp_path: Path) -> None:
    """The example for OTEL_CONFIG_FILE is taken by the SDK, and its options are settings."""
    example = re.search(r"```yaml\n(.*?)```", (ROOT / "docs/start.md").read_text(), re.DOTALL)
    assert example is not None
    file = tmp_path / "otel.yaml"
    file.write_text(example[1])
    instrumentation = load_config_file(str(file)).instrumentation_development
    assert instrumentation is not None
    assert set(instrumentation.python["otelmon"]) <= {each.field for each in VARIABLES}
