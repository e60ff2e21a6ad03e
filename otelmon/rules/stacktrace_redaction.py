"""Takes source lines and messages out of stack traces."""

from __future__ import annotations

import re

from otelmon.rules.encodable import encodable_text

LONGEST_READ = 65_536
_HEADER = re.compile(r"\s*(?:\+ )?(?:Exception Group )?Traceback \(most recent call last\):")
_FRAME = re.compile(r'(?:  \| |)  (File "[^"]{1,512}", line \d{1,9}(?:, in [\w.<>]{1,200})?)')
_TYPE = re.compile(r"(?:  \| )?([^\W\d][\w.<>]{0,200})(?::|$)")
_CHAINS = frozenset(
    (
        "The above exception was the direct cause of the following exception:",
        "During handling of the above exception, another exception occurred:",
    )
)


def redact_stacktrace(stacktrace: str, message: str | None = None) -> str:
    """Returns headers, frames and exception types of a stack trace; source lines and messages are gone.

    A message may have many lines, and lines that look like frames: after the type of an exception nothing counts until
    Python's sentence about a chained exception and a new header follow.

    Args:
        stacktrace: as the ``traceback`` module formats it.
        message: the last exception's message, if known; it is taken out before anything else.

    Source: https://docs.python.org/3/library/traceback.html
    """
    text = encodable_text(stacktrace[:LONGEST_READ])
    if message and "\n" in message:
        text = text.replace(message, "?")
    kept: list[str] = []
    reading = False
    chain = ""
    for line in text.splitlines():
        if reading:
            reading = _read(line, kept)
        elif _HEADER.fullmatch(line) and (chain or not kept):
            kept += [chain] * bool(chain) + ["Traceback (most recent call last):"]
            reading, chain = True, ""
        elif line in _CHAINS or line.strip():
            chain = line if line in _CHAINS else ""
    return "\n".join(kept)


def _read(line: str, kept: list[str]) -> bool:
    """Keeps what is safe of one line of a traceback and tells whether the traceback goes on."""
    frame = _FRAME.fullmatch(line)
    if frame:
        kept.append("  " + frame.group(1))
        return True
    if line.startswith(("   ", "  |  ", "  [Previous line")) or not line.strip():
        return True
    exception = _TYPE.match(line)
    kept.append(exception.group(1) if exception else "?")
    return False
