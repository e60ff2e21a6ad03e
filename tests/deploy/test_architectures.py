"""The Collector is built for x86-64 and arm64 from the same sources, each into its own place of the cache."""

from __future__ import annotations

import os
import platform
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from otelmon.operate.collector import build

# e_machine of the ELF header, bytes 18 and 19: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
MACHINES = {"amd64": 62, "arm64": 183}
COMMAND = [sys.executable, "-m", "otelmon.operate.cli.main", "collector", "build"]


def elf_machine(path: Path) -> int:
    """Returns for which processor a program was built; 0 for what is no ELF of 64 bits."""
    with path.open("rb") as file:
        head = file.read(20)
    return struct.unpack("<H", head[18:20])[0] if head[:5] == b"\x7fELF\x02" else 0


@pytest.mark.suites
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("architecture", sorted(MACHINES))
def test_it_is_built_for_each_processor(architecture: str) -> None:
    """The program is an ELF file of the processor that was asked for, and statically linked."""
    done = subprocess.run([*COMMAND, "--arch", architecture], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    program = Path(done.stdout.strip())
    assert elf_machine(program) == MACHINES[architecture]
    assert b"/lib/ld-linux" not in program.read_bytes()


def test_two_processors_never_share_a_place_of_the_cache(tmp_path: Path) -> None:
    """The folder of a build depends on the processor that Go builds for, also where a variable says so."""
    (tmp_path / "go.mod").write_text("module m\n\ngo 1.24\n")
    recipe = build.Recipe(tmp_path, ".", "p")
    homes = [build._home(recipe, {**os.environ, **more}) for more in ({}, {"GOARCH": "arm64"}, {"GOARCH": "riscv64"})]
    assert len(set(homes)) == 3 - (platform.machine() == "arm64")
