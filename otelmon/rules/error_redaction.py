"""Takes values out of error messages and stack traces."""

from __future__ import annotations

import re

from otelmon.rules.text_redaction import redact_text

_VALUE = re.compile(r"\"[^\"]*\"|'[^']*'|\d+")
_FRAME = re.compile(r'^\s*File "[^"]*", line \d+, in \S+$')


def redact_error_message(message: str, exception_type: str) -> str:  # noqa: ARG001 - thin version
    """Returns the first line of a message without values."""
    return _VALUE.sub("?", redact_text(message.partition("\n")[0]))


def redact_stacktrace(stacktrace: str, message: str | None = None) -> str:  # noqa: ARG001 - thin version
    """Returns the frames of a stack trace without source lines and messages."""
    kept = [line for line in stacktrace.splitlines() if line.startswith("Traceback (") or _FRAME.match(line)]
    return "\n".join(kept)
