"""Case 10 of the table of faults: the receiver cannot prove who it is."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.conservation.books import BookedSink
    from tests.fault.rig.application import Application

    Run = Callable[..., AbstractContextManager[Application]]

pytestmark = pytest.mark.fault

PLANTED = "planted-4711"


def certificate(folder: Path, name: x509.GeneralName, days: int) -> Path:
    """Writes a certificate for a name, signed by its own key, and the key; it ends in so many days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver")])
    now = dt.datetime.now(dt.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=30))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "receiver.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def encrypt(sink: BookedSink, path: Path) -> None:
    """Makes the receiver speak TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    sink._server.socket = context.wrap_socket(sink._server.socket, server_side=True)


LOOPBACK = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


@pytest.mark.parametrize(
    ("certified", "scheme"),
    [
        pytest.param((LOOPBACK, -1), "https", id="expired"),
        pytest.param((x509.DNSName("another.example"), 30), "https", id="another host"),
        pytest.param((LOOPBACK, 30), "http", id="plain http on the tls port"),
    ],
)
def test_10_receiver_that_is_not_trusted(  # noqa: PLR0913, PLR0917 - fixtures and parameters
    sink: BookedSink, application: Run, tmp_path: Path, certified: tuple[x509.GeneralName, int], scheme: str, seen
) -> None:
    """Nothing is handed over, the reason is said in one line, and neither the key in a header nor a span is in it."""
    path = certificate(tmp_path, *certified)
    encrypt(sink, path)
    with application(
        OTEL_EXPORTER_OTLP_ENDPOINT=f"{scheme}://127.0.0.1:{sink.port}",
        OTEL_EXPORTER_OTLP_CERTIFICATE=str(path),
        OTEL_EXPORTER_OTLP_HEADERS=f"x-api-key={PLANTED}",
        OTEL_EXPORTER_OTLP_TIMEOUT="2",
    ) as app:
        told = app.load(2)
        ended = app.end()
    (line,) = ended.lines("spans_lost_begins")
    seen(f"{line.partition('reason=')[2]}: {sink.lost()}")
    assert (told["failed"], ended.code) == (0, 3)
    assert sink.spans() == []
    assert PLANTED not in ended.stderr
    reasons = {"tls"} if scheme == "https" else {"refused"}
    assert reasons <= set(sink.lost()) <= {*reasons, "queue_full", "shutdown"}


def test_10_trusted_receiver_is_delivered_to(sink: BookedSink, application: Run, tmp_path: Path) -> None:
    """With a good certificate everything arrives."""
    path = certificate(tmp_path, LOOPBACK, 30)
    encrypt(sink, path)
    with application(
        OTEL_EXPORTER_OTLP_ENDPOINT=f"https://127.0.0.1:{sink.port}", OTEL_EXPORTER_OTLP_CERTIFICATE=str(path)
    ) as app:
        app.load(1)
        app.end()
    assert len(sink.spans()) == sink.started() > 0
