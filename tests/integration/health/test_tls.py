"""Health behind TLS on a real socket: what is refused, certificates that change, callers slow to shake hands."""

from __future__ import annotations

import logging
import socket
import ssl
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from demo.parts.waiting import wait_for
from otelmon.health.access import Access
from otelmon.health.certificate import Certificate
from tests.integration.health.asking import asked
from tests.integration.health.service import SECONDS_TO_START, start

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from demo.parts.ports import Ports
    from otelmon.health.door import HealthDoor

SECONDS = 10
TOKEN = "planted-token"
PROGRAM = "import otelmon, time; otelmon.instrument(); time.sleep(300)"


def written(folder: Path, *, key: str = "health.key", passphrase: bool = False) -> str:
    """Makes a certificate for loopback anew, its key in the given file, and returns it."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "2"]
    secret = ["-passout", "pass:planted"] if passphrase else ["-nodes"]
    names = ["-subj", "/CN=health", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-out", str(folder / "health.crt"), "-keyout", str(folder / key)]
    subprocess.run([*command, *secret, *names, *files], check=True, capture_output=True)
    return (folder / "health.crt").read_text()


def behind(folder: Path) -> Access:
    """Returns what callers must bring where the folder's pair is used."""
    return Access(TOKEN, Certificate(str(folder / "health.crt"), str(folder / "health.key")))


def trusting(certificate: str) -> ssl.SSLContext:
    """Returns a caller's context that trusts this certificate alone."""
    return ssl.create_default_context(cadata=certificate)


def is_answered(address: str, certificate: str) -> bool:
    """Tells whether a caller who trusts this certificate alone is answered."""
    return asked(address, "/readyz", TOKEN, tls=trusting(certificate))[0] == 200


def test_an_answer_comes_over_tls_and_only_with_the_token(
    door: Callable[..., HealthDoor], address: str, tmp_path: Path
) -> None:
    """Plain HTTP gets nothing; a head that comes in parts and in one record is read whole."""
    certificate = written(tmp_path)
    door(address, behind(tmp_path))
    assert wait_for(lambda: is_answered(address, certificate), SECONDS)
    assert asked(address, "/status", "wrong", tls=trusting(certificate))[0] == 401
    assert asked(address, "/livez") == (0, {})
    # Longer than one read takes, in one record: what TLS has unpacked is told by no socket.
    assert asked(address, f"/livez?{'x' * 6000}", tls=trusting(certificate))[0] == 200


def test_beyond_loopback_a_certificate_is_needed_or_plain_http_meant(
    door: Callable[..., HealthDoor], ports: Ports, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A token alone would be read by whoever listens; what is missing is said once."""
    port = ports.take("health")
    with caplog.at_level(logging.WARNING, "otelmon"):
        assert door(f"0.0.0.0:{port}", TOKEN).tasks() == []
    assert caplog.text.count("health_not_answered") == 1
    assert "hint=set_OTELMON_HEALTH_CERTIFICATE_FILE" in caplog.text
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=2)
    assert door(f"0.0.0.0:{port}", Access("", None, plain_http=True)).tasks() == []
    door(f"0.0.0.0:{port}", Access(TOKEN, None, plain_http=True))
    assert wait_for(lambda: asked(f"127.0.0.1:{port}", "/readyz", TOKEN)[0] == 200, SECONDS)
    certificate, other = written(tmp_path), ports.take("health-tls")
    door(f"0.0.0.0:{other}", behind(tmp_path))
    assert wait_for(lambda: is_answered(f"127.0.0.1:{other}", certificate), SECONDS)


def test_a_new_pair_holds_without_a_restart_and_a_broken_one_changes_nothing(
    door: Callable[..., HealthDoor], address: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A certificate without its key is told, and the old pair goes on until both fit."""
    first = written(tmp_path)
    door(address, behind(tmp_path))
    assert wait_for(lambda: is_answered(address, first), SECONDS)
    with caplog.at_level(logging.WARNING, "otelmon"):
        written(tmp_path, key="other.key")
        assert wait_for(lambda: "kept=the_old_one" in caplog.text, SECONDS)
    assert is_answered(address, first)
    last = written(tmp_path)
    assert wait_for(lambda: is_answered(address, last), SECONDS)
    assert not is_answered(address, first)


def test_without_a_pair_that_can_be_used_nobody_is_answered_until_there_is_one(
    door: Callable[..., HealthDoor], address: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A key behind a passphrase is refused without a question at the terminal, and never becomes plain HTTP."""
    written(tmp_path, passphrase=True)
    with caplog.at_level(logging.WARNING, "otelmon"):
        made = door(address, behind(tmp_path))
    assert caplog.text.count("health_certificate_not_usable") == 1
    made.look()
    assert asked(address, "/livez") == (0, {})
    certificate = written(tmp_path)
    assert wait_for(lambda: is_answered(address, certificate), SECONDS)


def test_a_service_takes_its_certificate_from_the_environment(address: str, tmp_path: Path) -> None:
    """As an operator sets it, beside the token."""
    certificate = written(tmp_path)
    variables = {
        "OTELMON_HEALTH_TOKEN": TOKEN,
        "OTELMON_HEALTH_CERTIFICATE_FILE": str(tmp_path / "health.crt"),
        "OTELMON_HEALTH_KEY_FILE": str(tmp_path / "health.key"),
    }
    process = start(["-c", PROGRAM], address, tmp_path, variables)
    try:
        assert wait_for(lambda: is_answered(address, certificate), SECONDS_TO_START), (tmp_path / "log.txt").read_text()
        assert asked(address, "/livez") == (0, {})
    finally:
        process.terminate()
        process.wait(SECONDS)


def test_callers_that_do_not_shake_hands_keep_nobody_out(
    door: Callable[..., HealthDoor], address: str, tmp_path: Path
) -> None:
    """Eight who begin a handshake and leave it there are sent away, and others are answered meanwhile."""
    certificate = written(tmp_path)
    door(address, behind(tmp_path))
    assert wait_for(lambda: is_answered(address, certificate), SECONDS)
    host, _, port = address.partition(":")
    slow = [socket.create_connection((host, int(port)), timeout=5) for _ in range(8)]
    for each in slow:
        # The first bytes of a record of a handshake (RFC 8446, section 5.1), which never ends.
        each.send(b"\x16\x03\x01\x01\x00\x01")
    began = time.monotonic()
    assert is_answered(address, certificate)
    assert time.monotonic() - began < 5.0
    for each in slow:
        with each:
            assert ended(each)


def ended(caller: socket.socket) -> bool:
    """Tells whether the other side has ended a connection; it may say why before."""
    try:
        while caller.recv(100):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True
