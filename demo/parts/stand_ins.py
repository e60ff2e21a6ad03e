"""Starts the stand-ins for GitHub, Sentry and whoever is on call as programs of their own."""

from __future__ import annotations

import json
import secrets
import sys
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from demo.parts.environment import inherited
from demo.parts.places import ROOT
from demo.parts.supervisor import Program
from demo.parts.waiting import answers
from demo.server import LOOPBACK

if TYPE_CHECKING:
    from demo.parts.supervisor import Supervisor

GITHUB = "github"
SENTRY = "sentry"
NOTIFICATIONS = "notifications"
PROJECT = "1"
GITHUB_DELAY_MS = 25


@dataclass(frozen=True)
class GitHubStandIn:
    """Holds how to reach the GitHub stand-in and a token that it knows."""

    port: int
    url: str
    token: str = field(repr=False)

    def control(self, method: str, path: str, document: dict[str, object]) -> None:
        """Tells the stand-in how to behave, as demo/github_stand_in/control.py describes."""
        request = urllib.request.Request(
            f"{self.url}/stand-in/{path}",
            json.dumps(document).encode(),
            {"content-type": "application/json"},
            method=method,
        )
        urllib.request.urlopen(request, timeout=5).close()


@dataclass(frozen=True)
class SentryStandIn:
    """Holds how to reach the Sentry stand-in, and the project and key that it takes."""

    port: int
    url: str
    project: str
    public_key: str

    @property
    def otlp_endpoint(self) -> str:
        """Returns the base address of OTLP, to which ``/v1/traces`` and ``/v1/logs`` are added."""
        return f"{self.url}/api/{self.project}/integration/otlp"

    @property
    def dsn(self) -> str:
        """Returns the address for sentry-sdk."""
        return f"http://{self.public_key}@{LOOPBACK}:{self.port}/{self.project}"


@dataclass(frozen=True)
class Notifications:
    """Holds how to reach the stand-in that takes notifications, as a pager or a chat would."""

    url: str


def start_github(
    supervisor: Supervisor, port: int, delay_ms: int = GITHUB_DELAY_MS, points_a_minute: int = 900
) -> GitHubStandIn:
    """Starts the GitHub stand-in; ``delay_ms`` is how long it takes to answer."""
    url = f"http://{LOOPBACK}:{port}"
    more = ("--delay", str(delay_ms), "--points-a-minute", str(points_a_minute))
    supervisor.start(module(GITHUB, "demo.github_stand_in", port, *more), lambda: answers(f"{url}/stand-in/ready"))
    supervisor.tell_address(GITHUB, url)
    return GitHubStandIn(port, url, f"stand-in-{secrets.token_hex(16)}")


def start_sentry(supervisor: Supervisor, port: int) -> SentryStandIn:
    """Starts the Sentry stand-in with a generated public key."""
    url = f"http://{LOOPBACK}:{port}"
    key = secrets.token_hex(16)
    program = module(SENTRY, "demo.sentry_stand_in", port, "--project", PROJECT, SENTRY_PUBLIC_KEY=key)
    supervisor.start(program, lambda: answers(f"{url}/api/0/ready"))
    supervisor.tell_address(SENTRY, url)
    return SentryStandIn(port, url, PROJECT, key)


def start_notifications(supervisor: Supervisor, port: int) -> Notifications:
    """Starts the receiver of Alertmanager's notifications."""
    url = f"http://{LOOPBACK}:{port}"
    supervisor.start(module(NOTIFICATIONS, "demo.notifications", port), lambda: answers(f"{url}/ready"))
    supervisor.tell_address(NOTIFICATIONS, f"{url}/notifications")
    return Notifications(url)


def module(name: str, of: str, port: int, *arguments: str, **environment: str) -> Program:
    """Describes a module of this package run as a program."""
    command = [sys.executable, "-m", of, "--port", str(port), *arguments]
    return Program(name, command, {**inherited(), **environment}, ROOT)
