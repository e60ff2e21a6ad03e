"""Takes user info, query, fragment and secret path segments out of URLs."""

from __future__ import annotations

import functools
import re
from urllib.parse import unquote

from otelmon.rules.encodable import encodable_text
from otelmon.rules.secret_shapes import has_secret_shape

HIDDEN = "{redacted}"
UNKNOWN = "?"
LONGEST_READ = 8192
LONGEST_REMEMBERED = 512
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,31}):(//)?")
_PORT_AFTER_HOST = re.compile(r"\d{1,5}(?=[/?#]|\Z)")
_AUTHORITY_END = re.compile(r"[/?#\s\x00-\x1f]|\Z")
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.%\w]{2,80}\]|[\w.-]{1,253})(?::\d{0,5})?")
_PATH_END = re.compile(r"[?#\s\x00-\x1f\x7f]")
_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9.<>{}:]{0,15})*")
_WEB = frozenset(("http", "https", "ws", "wss"))


def redact_url(url: str) -> str:
    """Returns scheme, host, port and path of a URL or request target, nothing else.

    What cannot be read as a URL becomes ``?``, with the scheme if there is one.

    Source: https://opentelemetry.io/docs/specs/semconv/registry/attributes/url/ (credentials must not be kept).
    """
    return _remembered(url) if len(url) <= LONGEST_REMEMBERED else _redacted(url)


def _redacted(url: str) -> str:
    text = encodable_text(url[:LONGEST_READ]).strip()
    if text.startswith("//"):
        return "//" + _authority_and_path("http", text[2:])
    scheme = _SCHEME.match(text)
    if scheme is None:
        return _path(text)
    if scheme.group(2):
        return f"{scheme.group(1)}://" + _authority_and_path(scheme.group(1).lower(), text[scheme.end() :])
    if _PORT_AFTER_HOST.match(text, scheme.end()):
        return _authority_and_path("http", text)
    return f"{scheme.group(1)}:{UNKNOWN}"


_remembered = functools.lru_cache(maxsize=512)(_redacted)


def _authority_and_path(scheme: str, text: str) -> str:
    if text == UNKNOWN:
        return UNKNOWN
    end = _AUTHORITY_END.search(text)
    position = end.start() if end else len(text)
    authority, rest = text[:position], text[position:]
    host = authority.rpartition("@")[2]
    if "@" not in authority and _hides_user_info(scheme, rest):
        return UNKNOWN
    if host and (not _HOST.fullmatch(host) or has_secret_shape(host)):
        return UNKNOWN
    return host + _path(rest)


def _hides_user_info(scheme: str, rest: str) -> bool:
    """Tells whether an ``@`` after the authority may end a password that holds a delimiter unescaped."""
    before, at, _ = rest.partition("@")
    if not at:
        return False
    if scheme not in _WEB or before[:1].isspace():
        return True
    return before[:1] in ("?", "#") and "=" not in before


def _path(text: str) -> str:
    end = _PATH_END.search(text)
    path = text[: end.start()] if end else text
    if _PLAIN_PATH.fullmatch(path):
        return path
    return "/".join([_segment(segment) for segment in path.split("/")])


def _segment(segment: str) -> str:
    """Hides a segment that has the shape of a credential, carries parameters or an address of a person."""
    plain = segment.partition(";")[0]
    decoded = unquote(plain) if "%" in plain else plain
    if "@" in decoded[1:] or "?" in decoded or "#" in decoded or has_secret_shape(decoded):
        return HIDDEN
    name, separator, _ = decoded.partition("=")
    return f"{name}={HIDDEN}" if separator else plain
