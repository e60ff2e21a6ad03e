"""Links sentry-sdk's errors to OpenTelemetry's trace ids; spans reach Sentry through the Collector, never twice.

``OTLPIntegration`` with its defaults would send spans itself and replace the W3C propagator, so both are off
(sentry-sdk 2.75.0, sentry_sdk/integrations/otlp.py).
"""

from __future__ import annotations

import logging
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from otelmon.rules.sentry_conflicts import sentry_conflicts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.rules.sentry_conflicts import SentryConflict

_logger = logging.getLogger("otelmon")


def link_sentry(environment: Mapping[str, str], resource: Mapping[str, object]) -> bool:
    """Initializes sentry-sdk for linking where ``SENTRY_DSN`` is set and the application has not done so itself.

    Args:
        environment: a mapping such as ``os.environ``; sentry-sdk reads its own variables from the real one.
        resource: attributes of the spans' resource, which name release and environment where Sentry's variables do not.

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
        include_local_variables=False,
        release=environment.get("SENTRY_RELEASE") or release_of(resource),
        environment=environment.get("SENTRY_ENVIRONMENT") or environment_of(resource),
    )
    return True


def release_of(resource: Mapping[str, object]) -> str | None:
    """Returns the release as the Collector names it for spans: name and version of the service."""
    name, service_version = resource.get("service.name"), resource.get("service.version")
    return f"{name}@{service_version}" if name and service_version else None


def environment_of(resource: Mapping[str, object]) -> str | None:
    """Returns the environment by its present or its older name; None leaves the choice to sentry-sdk."""
    known = resource.get("deployment.environment.name") or resource.get("deployment.environment")
    return str(known) if known else None


def conflicts() -> tuple[SentryConflict, ...]:
    """Returns what conflicts in the sentry-sdk of this process; empty where it is not used.

    For whoever checks an application from within; the decision is otelmon/rules/sentry_conflicts.py.
    """
    sentry_sdk = sys.modules.get("sentry_sdk")
    if sentry_sdk is None or not sentry_sdk.is_initialized():
        return ()
    client = sentry_sdk.get_client()
    otlp = client.get_integration("otlp")
    known = frozenset(client.integrations)
    return sentry_conflicts(client.options, None if otlp is None else vars(otlp), known)
