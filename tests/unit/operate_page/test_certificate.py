"""A new certificate of the page holds at once, without a restart."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
import sysconfig
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from demo.parts.environment import inherited
from demo.parts.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 20
ADDRESS = re.compile(r"address=https://127\.0\.0\.1:(\d+)/")


def written(folder: Path, *, key_too: bool = True) -> str:
    """Makes a pair anew in the page's place and returns its certificate; without its key on demand."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    key = folder / ("page.key" if key_too else "other.key")
    files = ["-days", "2", "-subj", "/CN=page", "-out", str(folder / "page.crt"), "-keyout", str(key)]
    subprocess.run([*command, *files], check=True, capture_output=True)
    return (folder / "page.crt").read_text()


def is_open(port: int) -> bool:
    """Tells whether something listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def page(folder: Path) -> Iterator[int]:
    """Runs the page behind TLS and gives its port."""
    log = folder / "log"
    options = ["--port", "0", "--tls-certificate", str(folder / "page.crt"), "--tls-key", str(folder / "page.key")]
    with log.open("wb") as to:
        process = subprocess.Popen(
            [Path(sysconfig.get_path("scripts")) / "otelmon", "page", *options], stderr=to, env=inherited(), cwd=folder
        )
    try:
        assert wait_for(lambda: ADDRESS.search(log.read_text()) is not None, SECONDS), log.read_text()
        found = ADDRESS.search(log.read_text())
        assert found
        # The address is told before it is listened on.
        assert wait_for(lambda: is_open(int(found[1])), SECONDS), log.read_text()
        yield int(found[1])
    finally:
        process.terminate()
        process.wait(SECONDS)


def test_a_new_certificate_is_shown_to_the_next_who_asks(tmp_path: Path) -> None:
    """The same process shows the new pair at the first handshake; one that does not fit leaves the old in its place."""
    first = written(tmp_path)
    with page(tmp_path) as port:

        def shown() -> str:
            return ssl.get_server_certificate(("127.0.0.1", port), timeout=SECONDS)

        assert shown() == first
        second = written(tmp_path)
        assert [shown(), shown()] == [second, second]
        written(tmp_path, key_too=False)
        assert shown() == second
        assert "not renewed" in (tmp_path / "log").read_text()
        (tmp_path / "other.key").replace(tmp_path / "page.key")
        assert shown() == (tmp_path / "page.crt").read_text() != second
