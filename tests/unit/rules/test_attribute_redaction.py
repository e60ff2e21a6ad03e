"""What redaction leaves of attributes, and that any exporter can encode it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan, Resource
from opentelemetry.trace import SpanContext, SpanKind, Status

from otelmon.rules.attribute_redaction import redact_attributes

HIDDEN = "[redacted]"
TRACE = "Traceback (most recent call last):"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        pytest.param("db.query.text", "SELECT 'x'", "SELECT ?", id="statement"),
        pytest.param("db.statement", b"SELECT 'x\xff'", "SELECT ?", id="statement as bytes"),
        pytest.param("db.query.summary", "SELECT t WHERE a = 'x'", "SELECT t WHERE a = ?", id="summary"),
        pytest.param("db.operation.name", "SELECT", "SELECT", id="operation"),
        pytest.param("url.full", "https://u:p@h/x?y", "https://h/x", id="url"),
        pytest.param("http.target", "/x?y=z", "/x", id="target"),
        pytest.param("http.request.header.authorization", ("a",), (HIDDEN,), id="header"),
        pytest.param("http.request.header.x_api_key", ["a", "b"], (HIDDEN, HIDDEN), id="header, older spelling"),
        pytest.param("http.response.header.set-cookie", "a=b", HIDDEN, id="cookie"),
        pytest.param("rpc.request.metadata.x-auth", "a", HIDDEN, id="metadata"),
        pytest.param("http.response.header.location", ("https://h/x?y",), ("https://h/x",), id="location"),
        pytest.param("http.response.header.x-ratelimit-used", ("5",), ("5",), id="harmless header"),
        pytest.param("app.db.password", "a", HIDDEN, id="secret by name"),
        pytest.param("gen_ai.usage.tokens", 5, 5, id="number by name"),
        pytest.param("exception.message", 'x "y"', 'x "y"', id="message of an unknown type"),
        pytest.param("code.stacktrace", "secret", "", id="no stack trace"),
        pytest.param("a", "password=x", f"password={HIDDEN}", id="text"),
        pytest.param("a", ["password=x", 1, None, object()], (f"password={HIDDEN}", 1), id="sequence"),
        pytest.param("a", {"token": "x", "n": 1.5, "b": "c"}, {"token": HIDDEN, "n": 1.5, "b": "c"}, id="mapping"),
        pytest.param("a", b"password=x", f"password={HIDDEN}", id="bytes"),
        pytest.param("a", True, True, id="bool"),
        pytest.param("a", 2**63 - 1, 2**63 - 1, id="largest int"),
        pytest.param("a", -(2**63), -(2**63), id="smallest int"),
        pytest.param("a", ["x"] * 1001, ("x",) * 1000, id="long list"),
        pytest.param("a", [[[["x"]]]], (((("x",),),),), id="lists in lists"),
        pytest.param("a", [[[[["x"]]]]], ((((),),),), id="lists too deep"),
        pytest.param("a", {"a": {"a": {"a": {"a": 1}}}}, {"a": {"a": {"a": {"a": 1}}}}, id="mappings in mappings"),
        pytest.param("a", {"a": {"a": {"a": {"a": {}}}}}, {"a": {"a": {"a": {}}}}, id="mappings too deep"),
        pytest.param("a", "x" * 5000, "x" * 4096, id="long text"),
        pytest.param("a", "\ud800b", "\ufffdb", id="lone surrogate"),
    ],
)
def test_value_becomes(key: str, value: object, expected: object) -> None:
    """Each key is treated as what it holds."""
    assert redact_attributes({key: value}, sql_text="redacted") == {key: expected}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("url.query", "a=b"),
        ("url.fragment", "a"),
        ("db.statement.parameters", "('a',)"),
        ("db.query.parameter.0", "a"),
        ("DB.Query.Parameter.name", "a"),
        ("http.request.body", "a"),
        ("a", float("nan")),
        ("a", float("inf")),
        ("a", float("-inf")),
        ("a", 2**63),
        ("a", -(2**63) - 1),
        ("a", None),
        ("a", object()),
    ],
    ids=repr,
)
def test_value_is_dropped(key: str, value: object) -> None:
    """What is a parameter, or cannot be carried, is left out."""
    assert redact_attributes({key: value}, sql_text="redacted") == {}


def test_message_is_read_by_its_type() -> None:
    """The exception's type, from the same attributes, decides how its message is read."""
    attributes = {"exception.type": "psycopg2.errors.RaiseException", "exception.message": "alice"}
    assert redact_attributes(attributes, sql_text="redacted")["exception.message"] == "?"


def test_bytes_are_cut_before_they_are_read() -> None:
    """Sixteen times 4096 of them are, so that as many characters as any rule shows are among them."""
    source = f"{TRACE}\n    ".encode() + "\u00e4".encode() * 32_000
    trace = source.ljust(65_533, b"-") + b"\n" + b"E" * 4096
    assert redact_attributes({"exception.stacktrace": trace}, sql_text="none") == {
        "exception.stacktrace": f"{TRACE}\nEE"
    }


def test_statements_are_left_out_on_request() -> None:
    """With ``none`` no statement leaves, the rest does."""
    attributes = {"db.query.text": "SELECT a", "db.statement": "SELECT a", "db.namespace": "app"}
    assert redact_attributes(attributes, sql_text="none") == {"db.namespace": "app"}


def test_given_attributes_are_not_changed() -> None:
    """The mapping that was handed in stays as it was."""
    attributes = {"db.query.text": "SELECT 'x'", "a": ["b"]}
    redact_attributes(attributes, sql_text="redacted")
    assert attributes == {"db.query.text": "SELECT 'x'", "a": ["b"]}


_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(alphabet=st.characters(), max_size=20),
    st.binary(max_size=9),
)
_values = st.recursive(
    _scalars, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner))
)
_keys = st.one_of(
    st.text(alphabet=st.characters(), min_size=1, max_size=20),
    st.sampled_from(
        ["db.query.text", "url.full", "exception.message", "exception.stacktrace", "http.request.header.cookie"]
    ),
)


@given(st.dictionaries(_keys, _values, max_size=6))
def test_otlp_can_carry_whatever_is_left(attributes: dict[str, Any]) -> None:
    """The real encoder takes every attribute that redaction lets through."""
    redacted: Any = redact_attributes(attributes, sql_text="redacted")
    context = SpanContext(1, 1, is_remote=False)
    span = ReadableSpan(
        "a",
        context,
        resource=Resource({}),
        attributes=redacted,
        kind=SpanKind.CLIENT,
        status=Status(),
        start_time=1,
        end_time=2,
    )
    encoded = encode_spans([span]).resource_spans[0].scope_spans[0].spans[0]
    assert len(encoded.attributes) == len(redacted)
    assert encoded.SerializeToString()
