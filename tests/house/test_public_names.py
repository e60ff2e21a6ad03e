"""What applications may import from otelmon, and what that import costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import otelmon

NAMES = [
    "CacheState",
    "HookRegistry",
    "PoolState",
    "Settings",
    "github_budget",
    "instrument",
    "register_cache",
    "register_github_session",
    "register_pool",
    "uninstrument",
]


def test_public_names_are_pinned() -> None:
    """A name is added to or taken from the public interface on purpose, never by the way."""
    assert sorted(otelmon.__all__) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_public_name_is_there(name: str) -> None:
    """Every public name can be used."""
    assert callable(getattr(otelmon, name))


def test_unknown_name_is_an_attribute_error() -> None:
    """A name that does not exist fails as in any other module."""
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = otelmon.nothing


def test_import_alone_loads_no_sdk() -> None:
    """``import otelmon`` loads neither OpenTelemetry nor a driver, so that a disabled process pays nothing."""
    program = (
        "import sys, otelmon; print(sorted({'opentelemetry', 'requests', 'psycopg2', 'click'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
