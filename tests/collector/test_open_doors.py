"""Off loopback a sender proves who it is; certificates and tokens change without a restart; reload is safe."""

from __future__ import annotations

import ssl
import subprocess
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from otelmon.operate import resources
from otelmon.operate.cli.main import main
from tests.collector.telemetry import span, traces

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.collector.conftest import Collector
    from tests.otlp_sink import OtlpSink

pytestmark = pytest.mark.parts
OVERLAYS = resources.folder("collector") / "conf.d"
SECONDS = 20


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Makes a certificate that signs itself, for the loopback address, beside its place, and moves it there."""
    made = [folder / f"{name}.{kind}" for kind in ("crt", "key")]
    fresh = [path.with_suffix(f"{path.suffix}.new") for path in made]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    about = ["-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-out", str(fresh[0]), "-keyout", str(fresh[1])]
    subprocess.run([*command, *about, *files], check=True, capture_output=True)
    for new, place in zip(fresh, made, strict=True):
        new.replace(place)
    return made[0], made[1]


def send(collector: Collector, authority: Path, token: str = "", client: tuple[Path, Path] | None = None) -> int | str:
    """Sends one span over TLS and returns the status, or the name of what went wrong before an answer."""
    context = ssl.create_default_context(cafile=str(authority))
    if client:
        context.load_cert_chain(*client)
    headers = {"content-type": "application/x-protobuf", **({"authorization": f"Bearer {token}"} if token else {})}
    body = traces([span("x")]).SerializeToString()
    request = urllib.request.Request(f"https://127.0.0.1:{collector.http}/v1/traces", data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError as error:
        return type(getattr(error, "reason", error)).__name__


def until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Waits until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_token_and_certificate_change_without_a_restart(
    start_collector: Callable[..., Collector], tmp_path: Path
) -> None:
    """Without or with a wrong token 401; a new token and a new certificate hold soon, the old token no more."""
    crt, key = certificate(tmp_path, "server")
    tokens = tmp_path / "tokens"
    tokens.write_text("first # of the web hosts\n")
    fast = [
        f"--config=yaml:receivers::otlp::protocols::{each}::tls::reload_interval: 200ms" for each in ("http", "grpc")
    ]
    collector = start_collector(
        f"--config={OVERLAYS / '05-tls-and-token.yaml'}",
        *fast,
        OTELMON_COLLECTOR_CERTIFICATE_FILE=str(crt),
        OTELMON_COLLECTOR_KEY_FILE=str(key),
        OTELMON_COLLECTOR_TOKEN_FILE=str(tokens),
    )
    process = collector.process
    assert [send(collector, crt, token) for token in ("first", "", "wrong")] == [200, 401, 401]
    tokens.write_text("second\n")
    until(lambda: send(collector, crt, "second") == 200)
    assert send(collector, crt, "first") == 401
    certificate(tmp_path, "server")
    until(lambda: send(collector, crt, "second") == 200)
    assert collector.process is process
    assert process is not None
    assert process.poll() is None


def test_a_client_certificate_is_proof_too(start_collector: Callable[..., Collector], tmp_path: Path) -> None:
    """Who shows a certificate of a known authority gets in, who shows none or another's does not."""
    server, known, other = (certificate(tmp_path, name) for name in ("server", "known", "other"))
    collector = start_collector(
        f"--config={OVERLAYS / '05-mutual-tls.yaml'}",
        OTELMON_COLLECTOR_CERTIFICATE_FILE=str(server[0]),
        OTELMON_COLLECTOR_KEY_FILE=str(server[1]),
        OTELMON_COLLECTOR_CLIENT_CA_FILE=str(known[0]),
    )
    assert send(collector, server[0], client=known) == 200
    assert 200 not in (send(collector, server[0]), send(collector, server[0], client=other))


def test_reload_takes_the_good_and_refuses_the_wrong(
    start_collector: Callable[..., Collector],
    sinks: dict[str, OtlpSink],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong file is told and changes nothing; a good one is read, and what was sent before is still delivered."""
    own = tmp_path / "own.yaml"
    own.write_text("")
    collector = start_collector(f"--config={own}")
    assert collector.process is not None
    command = ["collector", "reload", "--profile=dev", f"--pid={collector.process.pid}", f"--config={own}"]
    sent = [span("slow", {"db.system.name": "postgresql"}, milliseconds=900) for _ in range(5)]
    collector.send("/v1/traces", traces(sent))
    own.write_text("exporters: {pigeon: {}}\n")
    assert main(command) == 1
    assert "pigeon" in capsys.readouterr().out
    assert collector.send("/v1/traces", traces([span("still here")])) == 200
    own.write_text("exporters: {debug: {}}\n")
    assert main(command) == 0
    until(lambda: "Config updated, restart service" in collector.log.read_text())
    until(lambda: collector.log.read_text().count("Everything is ready") == 2)
    assert collector.send("/v1/traces", traces([span("after")])) == 200
    wanted = {each.span_id for each in sent}
    sinks["jaeger"].wait_for(lambda sink: wanted <= {each.span_id for each in sink.spans()})


def test_reload_hits_no_other_process(capsys: pytest.CaptureFixture[str]) -> None:
    """A number that is not a Collector's is refused, and nothing is sent."""
    with subprocess.Popen(["sleep", "30"]) as other:
        assert main(["collector", "reload", "--profile=dev", f"--pid={other.pid}"]) == 2
        assert other.poll() is None
        other.kill()
    assert "not otelmon-collector: nothing was sent" in capsys.readouterr().err
