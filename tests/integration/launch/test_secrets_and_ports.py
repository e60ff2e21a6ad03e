"""With everything on and logs at debug: none of 50 planted secrets is shown, and nobody listens off loopback."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from textwrap import dedent
from urllib.parse import quote

import pytest

from demo.parts.ports import free_port
from otelmon.settings import Settings

SECRETS = [f"planted-{number}-hunter2-{number:02d}" for number in range(50)]
PROGRAM = dedent("""\
    import contextlib, json, logging, os, sys, time, urllib.request
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    import psycopg2, requests
    from opentelemetry import trace
    from otelmon import Settings

    github, planted, address = sys.argv[3], json.loads(os.environ.pop("PLANTED")), sys.argv[1]
    settings, _ = Settings.from_env(os.environ)
    print(settings, repr(settings), str(settings))
    tracer = trace.get_tracer("shop")
    with tracer.start_as_current_span("page"):
        for secret in planted[:10]:
            with contextlib.suppress(psycopg2.OperationalError):
                psycopg2.connect(f"host=127.0.0.1 port=1 user=app password={secret}")
        for secret in planted[10:15]:
            requests.get(f"{github}/user", headers={"authorization": f"token {secret}"}, timeout=5)
        for secret in planted[15:]:
            with contextlib.suppress(ValueError), tracer.start_as_current_span("pay"):
                raise ValueError(f"refused for password={secret}")

    def ask(path, token):
        request = urllib.request.Request(f"http://{address}{path}", headers={"Authorization": f"Bearer {token}"})
        try:
            return urllib.request.urlopen(request, timeout=5).read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()

    until = time.monotonic() + 30
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            if '"shop-with-everything"' in ask("/status", os.environ["OTELMON_HEALTH_TOKEN"]):
                break
        time.sleep(0.1)
    for path in ("/livez", "/readyz", "/status", "/nothing"):
        for token in ("wrong", os.environ["OTELMON_HEALTH_TOKEN"]):
            print(path, ask(path, token))

    mine = set()
    for each in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            mine.add(os.readlink(f"/proc/self/fd/{each}"))
    with open(sys.argv[2], "w") as file:
        for table in ("tcp", "tcp6", "udp", "udp6"):
            for line in open(f"/proc/net/{table}").readlines()[1:]:
                fields = line.split()
                # 0A is a socket that listens; one of UDP that is bound to no other end has 07.
                if fields[3] in ("0A", "07") and f"socket:[{fields[9]}]" in mine:
                    print(table, *fields[1].split(":"), file=file)
    """)


@pytest.fixture
def address() -> str:
    """Returns a free address of loopback."""
    return f"127.0.0.1:{free_port()}"


def environment(address: str, endpoint: str, folder: object) -> dict[str, str]:
    """Returns settings with everything on and a secret in every place that takes one."""
    rest = iter(SECRETS)
    headers = {
        name: ",".join(f"{header}={quote(next(rest))}" for header in ("authorization", "x-api-key", "x-tenant"))
        for name in ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS")
    }
    return {
        **headers,
        "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Basic%20{next(rest)},cookie={next(rest)}",
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint.replace("//", f"//{next(rest)}:{next(rest)}@"),
        "OTELMON_HASH_KEY": next(rest),
        "OTELMON_HEALTH_TOKEN": next(rest),
        "OTELMON_HEARTBEAT_URL": f"http://{next(rest)}:{next(rest)}@127.0.0.1:1/{next(rest)}?key={next(rest)}",
        "DATABASE_URL": f"postgresql://app:{next(rest)}@127.0.0.1:1/app",
        "PGPASSWORD": next(rest),
        "GITHUB_TOKEN": next(rest),
        "PLANTED": json.dumps(list(rest)),
        "OTEL_SERVICE_NAME": "shop-with-everything",
        "OTELMON_HEALTH_ADDRESS": address,
        "OTELMON_HEARTBEAT_DIRECTORY": str(folder),
        "OTELMON_DB_DIAGNOSTICS": "true",
        "OTELMON_OPERATION_LOG": "all",
        "OTELMON_LOGS": "both",
        "OTELMON_LOGS_LEVEL": "debug",
        "OTELMON_CANARY_INTERVAL": "1000",
        "OTEL_LOG_LEVEL": "debug",
    }


def shown(text: str) -> list[str]:
    """Returns the secrets in a text, as they are or in base64."""
    coded = {secret: base64.b64encode(secret.encode()).decode().rstrip("=")[:-1] for secret in SECRETS}
    return [secret for secret in SECRETS if secret in text or quote(secret, safe="") in text or coded[secret] in text]


def test_nothing_is_shown_and_nobody_listens_off_loopback(run, address: str, tmp_path) -> None:
    """Logs, repr, answers of health and exports hold no secret; the only open door is the one that was asked for."""
    script, ports = tmp_path / "program.py", tmp_path / "ports"
    script.write_text(PROGRAM)
    given = environment(address, "http://127.0.0.1:1", tmp_path)
    del given["OTEL_EXPORTER_OTLP_ENDPOINT"]
    done = run(str(script), address, str(ports), **given)
    assert done.code == 0, done.stderr[-3000:]
    assert "shop-with-everything" in done.stdout
    assert shown(done.stdout) == []
    assert shown(done.stderr) == []
    assert [path for path, body in done.sink.raw if shown(body.decode("utf-8", "replace"))] == []
    doors = [line.split() for line in ports.read_text().splitlines()]
    assert doors == [["tcp", "0100007F", f"{int(address.partition(':')[2]):04X}"]]


@pytest.mark.parametrize("command", [["settings"], ["settings", "--json"], ["doctor", "--seconds", "1"]], ids=" ".join)
def test_commands_show_no_secret(command: list[str], address: str, tmp_path) -> None:
    """What operators run with the application's environment hides it as well, also where nothing can be reached."""
    given = environment(address, "http://127.0.0.1:1", tmp_path) | {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    program = [sys.executable, "-m", "otelmon.operate.cli.main", *command]
    done = subprocess.run(program, env=given, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 1), done.stderr
    assert done.stdout
    assert shown(done.stdout + done.stderr) == []


@pytest.mark.parametrize("name", ["OTELMON_HASH_KEY", "OTELMON_HEALTH_TOKEN", "OTELMON_HEARTBEAT_URL"])
@pytest.mark.parametrize("form", ["{}", "ftp://{}", "{}\n", "http://{}@", "é{}", "{0} " * 2000])
def test_settings_hide_what_they_cannot_use(name: str, form: str) -> None:
    """Neither the settings nor a warning about them shows a value of a secret kind."""
    settings, warnings = Settings.from_env({name: form.format(SECRETS[0])})
    assert shown(f"{settings!r} {settings} {warnings}") == []
