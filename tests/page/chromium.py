"""Finds Chromium; Debian's package brings it where root is at hand."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

PACKAGES = ("chromium", "fonts-dejavu-core")


def program() -> str:
    """Returns Chromium's program; the test is skipped where it is missing and cannot be installed."""
    if shutil.which("chromium") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *PACKAGES]
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if subprocess.run(install, env=quiet, check=False).returncode:
            # A fresh machine has no list of packages yet.
            subprocess.run(["apt-get", "update", "-qq"], check=False)
            subprocess.run(install, env=quiet, check=False)
    return shutil.which("chromium") or pytest.skip("Chromium is neither here nor can it be installed")


@contextmanager
def browser() -> Iterator[Browser]:
    """Runs a browser without a window; its sandbox does not work for root."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program(), args=arguments)
        yield started
        started.close()
