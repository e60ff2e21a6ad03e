"""Who may see the page: everybody on this machine, and elsewhere whoever has the token, over TLS only."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from otelmon.operate.errors import OperateError

SHORTEST_TOKEN = 16
NEEDS = "needs --token-file, --tls-certificate and --tls-key"


@dataclass(frozen=True, slots=True)
class Gate:
    """Holds where to listen and what to demand; an empty ``token_file`` demands nothing."""

    host: str
    port: int
    token_file: str = ""
    certificate: str = ""
    key: str = ""

    def check(self) -> None:
        """Refuses what would show the page to strangers.

        Raises:
            OperateError: an option is missing, or a file cannot be used.
        """
        if bool(self.certificate) != bool(self.key):
            raise OperateError("--tls-certificate and --tls-key go together: name both")
        if not is_loopback(self.host) and not (self.token_file and self.certificate):
            raise OperateError(f"--host {self.host} is not loopback, where everybody could read the page: it {NEEDS}")
        for option, path in (("--tls-certificate", self.certificate), ("--tls-key", self.key)):
            if path and not Path(path).is_file():
                raise OperateError(f"{option}: {path} is not a file that can be read")
        if self.token_file:
            read_token(self.token_file)

    def admits(self, authorization: str) -> bool:
        """Tells whether a header ``Authorization`` carries the token; the file is read anew, so that it can change.

        Args:
            authorization: ``Bearer`` with the token, or ``Basic`` with any name and the token as password.
        """
        if not self.token_file:
            return True
        try:
            token = read_token(self.token_file)
        except OperateError:
            return False
        return hmac.compare_digest(carried(authorization).encode(), token.encode())


def is_loopback(host: str) -> bool:
    """Tells whether an address can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_token(path: str) -> str:
    """Returns the token of a file.

    Raises:
        OperateError: the file cannot be read or the token is too short.
    """
    try:
        token = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise OperateError(f"--token-file {path} cannot be read ({type(error).__name__})") from error
    if len(token) < SHORTEST_TOKEN:
        raise OperateError(f"--token-file {path} holds less than {SHORTEST_TOKEN} characters: `openssl rand -hex 32`")
    return token


def carried(authorization: str) -> str:
    """Returns the token that a header carries, or nothing."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        pair = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return pair.partition(":")[2]
