"""The page is for this machine, unless token and TLS are there."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from otelmon.operate.errors import OperateError
from otelmon.operate.page.gate import Gate, is_loopback

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "0123456789abcdef-planted"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Returns three files that a gate can name."""
    for name in ("token", "certificate", "key"):
        (tmp_path / name).write_text(f"{TOKEN}\n")
    return {name: str(tmp_path / name) for name in ("token", "certificate", "key")}


def gate(host: str = "0.0.0.0", **named: str) -> Gate:  # noqa: S104 - what must be refused
    """Returns a gate."""
    return Gate(host, 0, **named)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "page.example.org", ""])  # noqa: S104 - what must be refused
@pytest.mark.parametrize("missing", ["token", "tls", "both"])
def test_off_loopback_both_are_demanded(host: str, missing: str, files: dict[str, str]) -> None:
    """Token alone would be read on the wire, TLS alone lets everybody in."""
    named = {"token_file": files["token"]} if missing == "tls" else {}
    if missing == "token":
        named = {"certificate": files["certificate"], "key": files["key"]}
    with pytest.raises(OperateError, match="not loopback"):
        gate(host, **named).check()
    gate(host, token_file=files["token"], certificate=files["certificate"], key=files["key"]).check()


def test_loopback_needs_nothing(files: dict[str, str]) -> None:
    """What nobody else can reach is open; a token is demanded all the same where one is named."""
    gate("127.0.0.1").check()
    assert gate("127.0.0.1").admits("")
    assert not gate("127.0.0.1", token_file=files["token"]).admits("")
    assert is_loopback("::1")
    assert is_loopback("localhost")


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"certificate": "certificate"}, "go together"),
        ({"certificate": "certificate", "key": "missing"}, "--tls-key"),
        ({"token_file": "missing"}, "--token-file"),
        ({"token_file": "short"}, "openssl rand"),
    ],
)
def test_what_cannot_be_used_is_named(named: dict[str, str], said: str, files: dict[str, str], tmp_path: Path) -> None:
    """A missing or empty file is found at the start, not by the first visitor."""
    (tmp_path / "short").write_text("short")
    paths = {name: files.get(value, str(tmp_path / value)) for name, value in named.items()}
    with pytest.raises(OperateError, match=said):
        gate("127.0.0.1", **paths).check()


def basic(password: str) -> str:
    """Returns what a browser sends."""
    return "Basic " + base64.b64encode(f"somebody:{password}".encode()).decode()


def test_the_token_opens_as_bearer_and_as_password(files: dict[str, str], tmp_path: Path) -> None:
    """Programs send a bearer, browsers a password; the token can be changed while the page is served."""
    own = gate("127.0.0.1", token_file=files["token"])
    assert own.admits(f"Bearer {TOKEN}")
    assert own.admits(basic(TOKEN))
    for wrong in (
        "",
        "Bearer",
        "Bearer ",
        f"Digest {TOKEN}",
        "Basic !",
        basic(""),
        basic(TOKEN[:-1]),
        f"Bearer {TOKEN}é",
    ):
        assert not own.admits(wrong)
    (tmp_path / "token").write_text("another-token-of-enough-length")
    assert not own.admits(f"Bearer {TOKEN}")
    (tmp_path / "token").unlink()
    assert not own.admits(f"Bearer {TOKEN}")
