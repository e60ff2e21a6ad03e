"""Settings read by OpenTelemetry's rules: a wrong value costs a warning, never the application."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otelmon.environment_variables import VARIABLES
from otelmon.settings import Settings


def test_empty_environment_gives_defaults() -> None:
    """Without any variable the defaults hold, and nothing is said."""
    assert Settings.from_env({}) == (Settings(), ())


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_documented_default_is_the_default(variable) -> None:
    """Setting a variable to its documented default changes nothing."""
    settings, warnings = Settings.from_env({variable.name: variable.default})
    assert (settings, warnings) == (Settings(), ())


@pytest.mark.parametrize(
    ("name", "text", "field", "expected"),
    [
        ("OTELMON_SLOW_QUERY_THRESHOLD", "250", "slow_query_threshold_ms", 250),
        ("OTELMON_SLOW_QUERY_THRESHOLD", " 250 ", "slow_query_threshold_ms", 250),
        ("OTELMON_DISABLED", "true", "disabled", True),
        ("OTELMON_DISABLED", "TRUE", "disabled", True),
        ("OTELMON_DISABLED", "false", "disabled", False),
        ("OTELMON_GITHUB_HOSTS", "api.github.com, GHE.example ,", "github_hosts", ("api.github.com", "ghe.example")),
        ("OTELMON_SQL_TEXT", "None", "sql_text", "none"),
        ("OTELMON_HASH_KEY", "Kept As It Is", "hash_key", "Kept As It Is"),
        ("OTELMON_DISABLED_HOOKS", "urllib3", "disabled_hooks", ("urllib3",)),
    ],
)
def test_value_is_read(name: str, text: str, field: str, expected: object) -> None:
    """A usable value is used without a warning."""
    settings, warnings = Settings.from_env({name: text})
    assert (getattr(settings, field), warnings) == (expected, ())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("OTELMON_SLOW_QUERY_THRESHOLD", "500ms"),
        ("OTELMON_SLOW_QUERY_THRESHOLD", "-1"),
        ("OTELMON_SLOW_QUERY_THRESHOLD", "0"),
        ("OTELMON_SLOW_QUERY_THRESHOLD", "nan"),
        ("OTELMON_SLOW_QUERY_THRESHOLD", "1e400"),
        ("OTELMON_SLOW_QUERY_THRESHOLD", "٣"),
        ("OTELMON_SLOW_QUERY_THRESHOLD", "9" * 1_000_000),
        ("OTELMON_DISABLED", "yes"),
        ("OTELMON_DISABLED", "1"),
        ("OTELMON_SQL_TEXT", "all"),
        ("OTELMON_GITHUB_HOSTS", ", ,"),
        ("OTELMON_LABEL_LIMIT", "100001"),
    ],
)
def test_unusable_value_gives_one_warning_and_the_default(name: str, text: str) -> None:
    """The warning names the variable, shows a short and printable value, and says what would be accepted."""
    settings, warnings = Settings.from_env({name: text})
    assert settings == Settings()
    assert len(warnings) == 1
    assert name in warnings[0]
    assert "accepted=" in warnings[0]
    assert len(warnings[0]) < 300
    assert warnings[0].isascii()


def test_secret_is_never_shown() -> None:
    """The hash key is in no representation of the settings."""
    settings, _ = Settings.from_env({"OTELMON_HASH_KEY": "planted-secret"})
    assert "planted-secret" not in repr(settings)


def test_option_wins_over_the_environment() -> None:
    """What code or a configuration file says is more specific than the environment."""
    settings, warnings = Settings.from_options(
        {"OTELMON_SLOW_QUERY_THRESHOLD": "100"},
        {"slow_query_threshold_ms": 250, "disabled": False, "github_hosts": ["a", "b"], "leak_after_ms": None},
    )
    assert settings == Settings(slow_query_threshold_ms=250, github_hosts=("a", "b"))
    assert warnings == ()


def test_unknown_option_gives_a_warning() -> None:
    """A misspelt option is named."""
    assert Settings.from_options({}, {"slow_query": 1})[1] == (
        "unknown_option name=slow_query hint=see_docs/settings.md",
    )


@given(st.dictionaries(st.sampled_from([v.name for v in VARIABLES]), st.text()))
def test_no_environment_raises(environment: dict[str, str]) -> None:
    """Whatever the variables hold, settings come out, with at most one warning each."""
    _, warnings = Settings.from_env(environment)
    assert len(warnings) <= len(environment)
