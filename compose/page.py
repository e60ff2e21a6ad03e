"""Becomes the page of docker-compose.yml: ``python -m compose.page``; PAGE_PASSWORD is the token that it demands.

A container's port can only be published where the page listens off its own loopback, and there it demands a token and
TLS (``otelmon page --help``). The certificate is made at each start, for localhost, and lies in memory with its key.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

OPENSSL = (
    *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-batch"),
    *("-days", "365", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,DNS:page,IP:127.0.0.1"),
)
# A file system of the container's own, in memory.
FOLDER = Path("/run/page")


def certificate(folder: Path) -> tuple[Path, Path]:
    """Makes a certificate that signs itself; returns it and its key, both in PEM.

    Raises:
        subprocess.CalledProcessError: openssl could not make one; what it says is on stderr.
    """
    made, key = folder / "page.pem", folder / "page.key"
    subprocess.run(  # noqa: S603 - names of our own, no shell
        [*OPENSSL, "-keyout", str(key), "-out", str(made)], check=True, stdout=subprocess.DEVNULL
    )
    return made, key


def command(folder: Path, password: str) -> list[str]:
    """Returns the page's command, whose files lie in a folder."""
    made, key = certificate(folder)
    token = folder / "token"
    token.write_text(password, encoding="utf-8")
    page = [sys.executable, "-m", "otelmon.operate.cli.main", "page", "--host=0.0.0.0", f"--token-file={token}"]
    return [*page, f"--tls-certificate={made}", f"--tls-key={key}"]


if __name__ == "__main__":
    os.umask(0o077)
    became = command(FOLDER, os.environ.pop("PAGE_PASSWORD"))
    os.execv(became[0], became)  # noqa: S606 - the page takes this process's place, and its signals
