"""Takes local variables out of the frames that sentry-sdk sends, and credentials out of their source lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from otelmon.rules.text_redaction import redact_text

_LINES = ("pre_context", "post_context")


def scrub_stacktrace(stacktrace: Any) -> Any:  # noqa: ANN401 - sentry's JSON
    """Returns a stack trace without ``vars``; source lines stay, for they are the same in every run."""
    if not isinstance(stacktrace, Mapping):
        return {}
    frames = stacktrace.get("frames")
    kept = [_frame(each) for each in frames if isinstance(each, Mapping)] if isinstance(frames, list) else []
    return {**stacktrace, "frames": kept}


def _frame(frame: Mapping[str, Any]) -> dict[str, Any]:
    scrubbed = {key: value for key, value in frame.items() if key != "vars"}
    if isinstance(frame.get("context_line"), str):
        scrubbed["context_line"] = redact_text(frame["context_line"])
    if str(frame.get("module") or "").startswith("otelmon."):
        # It stands between application and driver, and is to blame for neither.
        scrubbed["in_app"] = False
    for key in _LINES:
        if isinstance(frame.get(key), list):
            scrubbed[key] = [redact_text(str(line)) for line in frame[key]]
    return scrubbed
