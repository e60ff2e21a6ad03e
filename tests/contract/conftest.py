"""Fixtures that several contracts share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from opentelemetry.instrumentation._semconv import _OpenTelemetrySemanticConventionStability

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def stable_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Has an instrumentation use the names that otelmon chooses; it reads the choice once a process."""
    monkeypatch.setenv("OTEL_SEMCONV_STABILITY_OPT_IN", "http")
    monkeypatch.setattr(_OpenTelemetrySemanticConventionStability, "_initialized", False)
    yield
    monkeypatch.undo()
    _OpenTelemetrySemanticConventionStability._initialized = False
