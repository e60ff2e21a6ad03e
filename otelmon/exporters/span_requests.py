"""Turns a batch of spans into OTLP requests of bounded size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.exporters.wire import delimited

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from opentelemetry.sdk.trace import ReadableSpan

    from otelmon.exporters.span_bytes import Origin, SpanEncoder
    from otelmon.exporters.turns import Turns

# The least that OTLP receivers take by default: gRPC's 4 MiB; the Collector takes 20 MiB over HTTP.
# Source: https://pkg.go.dev/go.opentelemetry.io/collector/config/confighttp (max_request_body_size)
LARGEST = 4 * 1024 * 1024
# Few, for spans of other instrumentations take long: their secrets are taken out as they are encoded.
_BETWEEN_LOOKS = 4


def requests_of(
    encoder: SpanEncoder, spans: Iterable[ReadableSpan], turns: Turns, largest: int = LARGEST
) -> Iterator[tuple[int, bytes]]:
    """Yields requests in the order of the spans: how many spans each holds, and its bytes.

    Args:
        encoder: of the exporter.
        spans: any number.
        turns: with the threads of the application, taken while spans are encoded.
        largest: most bytes of spans in a request; a single span that is larger is sent alone.
    """
    groups: dict[Origin, list[bytes]] = {}
    size = number = 0
    for index, span in enumerate(spans):
        encoded = encoder.span(span)
        if number and size + len(encoded) > largest:
            yield number, request_of(groups)
            groups, size, number = {}, 0, 0
        groups.setdefault(encoder.origin(span), []).append(encoded)
        size += len(encoded)
        number += 1
        if index % _BETWEEN_LOOKS == 0:
            turns.look()
    if number:
        yield number, request_of(groups)


def request_of(groups: dict[Origin, list[bytes]]) -> bytes:
    """Returns an ExportTraceServiceRequest: spans below their scope, scopes below their resource."""
    resources: dict[tuple[bytes, bytes], dict[tuple[bytes, bytes], list[bytes]]] = {}
    for origin, spans in groups.items():
        resources.setdefault(origin.resource, {}).setdefault(origin.scope, []).extend(spans)
    return b"".join(
        delimited(
            b"\x0a",
            resource
            + b"".join(
                delimited(b"\x12", scope + b"".join(spans) + schema) for (scope, schema), spans in scopes.items()
            )
            + resource_schema,
        )
        for (resource, resource_schema), scopes in resources.items()
    )
