"""Looks for planted values in every byte that back ends keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.evidence import JAEGER, SENTRY, VICTORIAMETRICS
from demo.parts.service import SERVICE_NAME
from demo.readback.span import repeated

if TYPE_CHECKING:
    from demo.evidence import Readers
    from demo.parts.stack import Stack
    from demo.planted import PlantedValues


def secrets_of(stack: Stack, values: PlantedValues) -> dict[str, str]:
    """Returns every secret of a run by what it is: the planted ones and those that the service works with."""
    return {
        **values.by_meaning(),
        "GitHub token": stack.github.token,
        "database password": stack.postgres.password,
    }


def occurrences(readers: Readers, secrets: dict[str, str]) -> dict[str, dict[str, int]]:
    """Counts each secret in the bytes of each back end."""
    kept = {
        JAEGER: readers.jaeger.everything(SERVICE_NAME),
        VICTORIAMETRICS: readers.victoriametrics.everything(),
        SENTRY: readers.sentry.everything(),
    }
    return {
        back_end: {meaning: content.count(value.encode()) for meaning, value in secrets.items()}
        for back_end, content in kept.items()
    }


def repeated_spans(readers: Readers) -> dict[str, int]:
    """Counts spans that arrived more than once, for each back end that keeps spans."""
    return {
        JAEGER: len(repeated(readers.jaeger.spans(SERVICE_NAME))),
        SENTRY: len(repeated(readers.sentry.spans())),
    }
