"""Takes secrets out of free text."""

from __future__ import annotations

import functools
import re

from otelmon.rules.encodable import encodable_text
from otelmon.rules.secret_shapes import SHAPE
from otelmon.rules.url_redaction import redact_url

HIDDEN = "[redacted]"
LONGEST_READ = 16_384
LONGEST_REMEMBERED = 256
_NAMES = (
    r"password|passwd|passphrase|pwd|pgpass|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|session"
    r"[_-]?id|sessionid|signature|x-amz-[a-z-]{1,20}"
)
# What text must have for any of the rules below to apply; most text of spans has none of it.
# Each alternative starts with a character of its own, which lets the engine skip through text quickly.
_SIGN = re.compile(
    r"=|\?|:|;|gh[pousr]_|github_pat_|glpat-|xox|xapp-|sk-|k_live_|k_test_|whsec_|AKIA|ASIA|AGPA|AROA|AIza|ya29\."
    r"|npm_|pypi-|hf_|dop_v1_|sntrys_|SG\.|eyJ|[Bb](?i:earer|asic)\s|[DN](?i:igest|egotiate)\s|digest |negotiate "
    r"|[Tt](?i:oken)\s|PRIVATE"
)
_KEY = re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY.*", re.DOTALL)
_HEADER = re.compile(
    r"\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)\b['\"]?\s{0,4}[:=][^\r\n]*", re.IGNORECASE
)
_PAIR = re.compile(
    rf"((?:{_NAMES})[\w-]{{0,24}}['\"]?)(\s{{0,4}}[:=]\s{{0,4}})"
    r"(?:b?\"(?:[^\"\\]|\\.)*(?:\"|\\?\Z)|b?'(?:[^'\\]|\\.)*(?:'|\\?\Z)|(?!\[redacted\])\S+)",
    re.IGNORECASE | re.DOTALL,
)
_SCHEME = re.compile(r"\b(bearer|basic|negotiate|digest)(\s{1,4})(?!\[redacted\])[\w.~+/=:-]+", re.IGNORECASE)
_TOKEN_SCHEME = re.compile(r"\b(token)(\s{1,4})[\w.~+/=-]{16,}", re.IGNORECASE)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,31}://\S+")
_QUERY = re.compile(r"\?\S+|(?<=\S)[#;&][\w.%\[\]-]{1,64}=\S*")
_TOKEN = re.compile(SHAPE)


def redact_text(text: str) -> str:
    """Returns the text without credentials, URL queries and user info.

    Knows the shapes that issuers give to tokens, ``Bearer`` and ``Basic`` values, pairs such as ``password=x``,
    headers, connection strings and private keys. Text over 16,384 characters is cut.
    """
    return _remembered(text) if len(text) <= LONGEST_REMEMBERED else _redacted(text[:LONGEST_READ])


def _redacted(text: str) -> str:
    text = encodable_text(text)
    if _SIGN.search(text) is None:
        return text
    text = _KEY.sub(HIDDEN, text)
    text = _URL.sub(_without_query, text)
    text = _HEADER.sub(rf"\1={HIDDEN}", text)
    text = _SCHEME.sub(rf"\1\2{HIDDEN}", text)
    text = _PAIR.sub(rf"\1\2{HIDDEN}", text)
    text = _TOKEN_SCHEME.sub(rf"\1\2{HIDDEN}", text)
    text = _QUERY.sub("?", text)
    return _TOKEN.sub(HIDDEN, text)


_remembered = functools.lru_cache(maxsize=2048)(_redacted)


def _without_query(match: re.Match[str]) -> str:
    """Redacts a URL and gives back a quote, comma or bracket that stood right behind it."""
    url = match.group()
    plain = url.rstrip("\"'`,;)]}>")
    return redact_url(plain) + url[len(plain) :]
