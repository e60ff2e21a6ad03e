"""What all applications of one process share while their requests are traced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import flask

from otelmon.hooks.flask.facts import FactsTable

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

# What the instrumentation writes where it finds no span when a response begins.
_MISSING = "Flask environ's OpenTelemetry span missing at _start_response(%s)"


class Names(NamedTuple):
    """Holds the names in a WSGI environment under which the instrumentation keeps a request."""

    start_time: str
    span: str
    activation: str
    request: str


class FlaskWatch:
    """Knows the instrumentation that it stands before, and the facts of requests.

    Args:
        module: the instrumentation.
    """

    def __init__(self, module: ModuleType) -> None:
        self.is_on = True
        # The stable names: with the older ones, or both, the instrumentation does everything.
        self.mode: Any = module._StabilityMode.HTTP  # noqa: SLF001 - it decides which names its attributes have
        self.facts = FactsTable(self.mode)
        self.names = Names(
            module._ENVIRON_STARTTIME_KEY,  # noqa: SLF001 - both sides leave a request under the same names
            module._ENVIRON_SPAN_KEY,  # noqa: SLF001 - as above
            module._ENVIRON_ACTIVATION_KEY,  # noqa: SLF001 - as above
            module._ENVIRON_REQCTX_REF_KEY,  # noqa: SLF001 - as above
        )
        self.request: Callable[[], Any] = flask.request._get_current_object  # type: ignore[attr-defined]  # noqa: SLF001 - werkzeug documents it
        # What tells a request's own context from a copy of it, in each version of Flask.
        self.identity: Callable[[], object] = module._request_ctx_ref  # noqa: SLF001 - as above
        self.framework = f"flask:{module.flask_version}"
        self._logger = module._logger  # noqa: SLF001 - what it says is said under its name

    def span_is_missing(self, status: str) -> None:
        """Writes that a response has no span."""
        self._logger.warning(_MISSING, status)
