"""``otelmon page``: serves the one page that a team keeps open."""

from __future__ import annotations

import logging
import os
import sys
import time

import click

from otelmon.operate.overview.addresses import from_environment
from otelmon.operate.page.gate import Gate
from otelmon.operate.page.serve import serve

LOOPBACK = "127.0.0.1"


@click.command()
@click.option("--host", default=LOOPBACK, show_default=True, help="Off loopback with token and TLS only.")
@click.option("--port", type=click.IntRange(0, 65535), default=8088, show_default=True, help="0: a free one.")
@click.option("--every", type=click.FloatRange(1, 300), default=10.0, show_default=True, help="Seconds.")
@click.option("--token-file", default="", help="Holds the token that is demanded; read anew each time.")
@click.option("--tls-certificate", default="", help="Chain of certificates in PEM.")
@click.option("--tls-key", default="", help="Private key in PEM.")
def page(host: str, port: int, every: float, token_file: str, tls_certificate: str, tls_key: str) -> None:  # noqa: PLR0913, PLR0917 - click hands over each option by its name
    """Serve one page: alerts, slow statements, sessions, pools, GitHub budgets, caches, the monitoring itself.

    It is read from the metrics store, Alertmanager, Jaeger and the /status of observers and applications, in the
    background: the page answers in milliseconds also while a source hangs, and says which one is away. Traces open at
    /trace/<id>, in Jaeger's own page where it has one. Nothing can be changed through it.

    \b
    Examples:
      otelmon page
      OTELMON_METRICS_URL=http://127.0.0.1:8428 OTELMON_STATUS_URLS=http://127.0.0.1:9187/status otelmon page --port 0
      otelmon page --host 10.0.0.5 --token-file token --tls-certificate page.pem --tls-key page.key
    """  # noqa: D301 - click reads the escaped b as "do not wrap"
    _log_to_stderr()
    serve(Gate(host, port, token_file, tls_certificate, tls_key), from_environment(os.environ), every)


def _log_to_stderr() -> None:
    """Writes the log as lines of fields; the time is in UTC."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    # httpx writes every address that it asks; those may hold passwords.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
