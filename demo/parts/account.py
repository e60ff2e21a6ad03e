"""Chooses the account for a program that refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from demo.parts.errors import PartError

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """Holds the numbers of another account, or None twice for the present one."""

    user: int | None = None
    group: int | None = None

    @classmethod
    def unprivileged(cls) -> Account:
        """Returns the present account, or for root one that owns nothing else here.

        Raises:
            PartError: when root has no such account.
        """
        if os.geteuid() != 0:
            return cls()
        for name in CANDIDATES:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid)
        raise PartError("PostgreSQL does not run as root", "add an account named postgres, or start as another user")

    def own(self, path: Path) -> None:
        """Gives a file or directory to this account."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)

    def can_run(self, program: Path) -> bool:
        """Tells whether this account can start a program where it lies."""
        try:
            done = subprocess.run(
                [program, "--version"],
                capture_output=True,
                check=False,
                user=self.user,
                group=self.group,
                extra_groups=self.groups,
            )
        except OSError:
            return False
        return done.returncode == 0

    @property
    def groups(self) -> tuple[int, ...] | None:
        """Returns the further groups of a program in this account: none of root's, or those of the present account."""
        return None if self.user is None else ()

    def private_directory(self) -> Path:
        """Returns a new directory that this account can reach and nobody else can read."""
        directory = Path(tempfile.mkdtemp(prefix="otelmon-demo-"))
        self.own(directory)
        return directory

    def reachable(self, programs: Path, directory: Path) -> Path:
        """Returns a directory of programs that this account can start: as it lies, else a copy of its tree."""
        if self.can_run(programs / "initdb"):
            return programs
        copy = directory / "programs"
        shutil.copytree(programs.parent, copy, symlinks=True)
        return copy / programs.name
