"""Opens the door of health where an address is set; else nothing of it is even imported."""

from __future__ import annotations

import logging
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.calls.in_flight import InFlight
    from otelmon.health.certificate import Certificate
    from otelmon.health.door import HealthDoor
    from otelmon.launch.configure import Sessions
    from otelmon.ledger import Ledger
    from otelmon.registry import HookRegistry
    from otelmon.settings import Settings

_logger = logging.getLogger("otelmon")


def open_health(
    registry: HookRegistry, ledger: Ledger, sessions: Sessions, in_flight: InFlight, service: Callable[[], str]
) -> HealthDoor | None:
    """Returns what shows and answers the health of this process, or None where no address is set.

    Args:
        registry: what hooks have seen, and the settings.
        ledger: the books of exporters.
        sessions: of otelmon's own exporters.
        in_flight: the database calls that run.
        service: returns the name of the service.
    """
    if not registry.settings.health_address:
        return None
    return guard.call(guard.site("launch.health"), _open, registry, ledger, sessions, in_flight, service)


def _open(
    registry: HookRegistry, ledger: Ledger, sessions: Sessions, in_flight: InFlight, service: Callable[[], str]
) -> HealthDoor | None:
    from otelmon.health.access import Access  # noqa: PLC0415
    from otelmon.health.bearer_token import token_of  # noqa: PLC0415 - only where an address is set
    from otelmon.health.door import HealthDoor  # noqa: PLC0415
    from otelmon.health.own_state import OwnState  # noqa: PLC0415

    settings = registry.settings
    try:
        token = token_of(settings.health_token, settings.health_token_file)
    except (OSError, ValueError) as error:
        # Without the token that is asked for, everybody could read what is meant for few.
        _logger.warning("health_token_not_readable name=OTELMON_HEALTH_TOKEN_FILE error=%s", type(error).__name__)
        return None

    def troubles() -> dict[str, str | None]:
        signals = {"traces": sessions.traces, "metrics": sessions.metrics, "logs": sessions.logs}
        return {name: session.reason for name, session in signals.items() if session is not None}

    state = OwnState(registry, ledger.snapshot, troubles, lambda: [call.began_ns for call in in_flight.calls()])
    base = Path(tempfile.gettempdir())
    access = Access(token, _certificate(settings), settings.health_plain_http)
    return HealthDoor(settings.health_address, access, service, version("otelmon"), base, state.look)


def _certificate(settings: Settings) -> Certificate | None:
    """Returns what follows the files that are set, or None where none is: then TLS is not even imported."""
    if not (settings.health_certificate_file or settings.health_key_file):
        return None
    from otelmon.health.certificate import Certificate  # noqa: PLC0415 - see above

    return Certificate(settings.health_certificate_file, settings.health_key_file)
