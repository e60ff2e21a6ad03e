"""What a hook is and when it is used."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest

from otelmon.hooks.protocol import is_supported


@pytest.mark.parametrize(
    ("requires", "supported"),
    [
        pytest.param("", True, id="standard library"),
        pytest.param("urllib3>=1.26,<3", True, id="installed and in range"),
        pytest.param("urllib3>=99", False, id="installed and too old"),
        pytest.param("no-such-library", False, id="not installed"),
        pytest.param("no-such-library | urllib3", True, id="one of two"),
        pytest.param("no-such-library | urllib3<1", False, id="none of two"),
        pytest.param(">= nonsense", False, id="unreadable"),
    ],
)
def test_support(requires: str, supported: bool) -> None:
    """A hook is used where one of its distributions is installed in a version that it names."""
    assert is_supported(requires) is supported


@pytest.mark.parametrize("name", ["urllib3", "psycopg2_pool", "functools_cache"])
def test_entry_point_leads_to_a_hook_of_its_name(name: str) -> None:
    """The name that switches a hook off is the name of its entry point, and its library is supported here."""
    (entry_point,) = entry_points(group="otelmon.hooks", name=name)
    hook = entry_point.load()
    assert hook.name == name
    assert is_supported(hook.requires)
    assert callable(hook.install)
