"""The pages of the runbook, so that the link of an alert leads somewhere on every machine."""

from __future__ import annotations

import re
from html import escape

from otelmon.operate.errors import OperateError
from otelmon.operate.resources import folder

NAME = re.compile(r"[A-Za-z]{1,60}")
_LINK = re.compile(r"\[([^\]]+)\]\(([A-Za-z]{1,60})\.md\)")
_COMMENT = re.compile(r"<!--.*?-->\n*", re.DOTALL)


def runbook(name: str) -> str | None:
    """Returns a page as preformatted HTML whose links lead on; None where there is none of that name."""
    if not NAME.fullmatch(name):
        return None
    try:
        text = (folder("docs/runbook") / f"{name}.md").read_text(encoding="utf-8")
    except (OSError, OperateError):
        return None
    shown = escape(_COMMENT.sub("", text))
    return _LINK.sub(r'<a href="/runbook/\2">\1</a>', shown)
