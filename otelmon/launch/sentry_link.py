"""Links sentry-sdk's errors to OpenTelemetry's trace ids; spans reach Sentry through the Collector, never twice.

``OTLPIntegration`` with its defaults would send spans itself and replace the W3C propagator, so both are off
(sentry-sdk 2.75.0, sentry_sdk/integrations/otlp.py).
"""

from __future__ import annotations

import logging
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_logger = logging.getLogger("otelmon")


def link_sentry(environment: Mapping[str, str]) -> bool:
    """Initializes sentry-sdk for linking where ``SENTRY_DSN`` is set and the application has not done so itself.

    Returns:
        Whether it was initialized here.
    """
    if not environment.get("SENTRY_DSN", "").strip():
        return False
    if find_spec("sentry_sdk") is None:
        _logger.warning('sentry_not_linked reason=not_installed hint=pip_install_"otelmon[sentry]"')
        return False
    import sentry_sdk  # noqa: PLC0415 - an optional extra
    from sentry_sdk.integrations.otlp import OTLPIntegration  # noqa: PLC0415 - an optional extra

    if sentry_sdk.is_initialized():
        return False
    sentry_sdk.init(
        integrations=[OTLPIntegration(setup_otlp_traces_exporter=False, setup_propagator=False)],
        traces_sample_rate=None,
        send_default_pii=False,
        include_local_variables=False,
    )
    return True
