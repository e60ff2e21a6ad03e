"""Checks every profile with the newest Collector that can be had, built here: ``make test-collector-newest``.

The shipped manifest is taken with other versions. Kafka's components and basicauth stay out: of v0.161.0 modules that
they need cannot be had from Go's proxy, so the profiles kafka and kafka-gateway are checked on our own build alone.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

from otelmon.operate import resources
from otelmon.operate.collector import cache, configuration, toolchain

VERSION, PROVIDERS = "v0.161.0", "v1.67.0"
LEFT_OUT = ("kafka", "basicauth")


def manifest() -> str:
    """Returns the shipped manifest with the newest versions, without what cannot be had."""
    text = (resources.folder("collector") / "builder" / "manifest.yaml").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if "gomod" not in line or not any(each in line for each in LEFT_OUT)]
    newer = re.sub(r"v0\.\d+\.\d+", VERSION, re.sub(r"v1\.\d+\.\d+", PROVIDERS, "\n".join(kept)))
    return newer.replace("  version: 0.155.0", f"  version: {VERSION[1:]}") + "\n"


def main() -> int:
    """Builds into the cache and returns 0 when every profile is valid."""
    home = cache.directory(os.environ) / "newest" / VERSION
    (home / "builder").mkdir(parents=True, exist_ok=True)
    (home / "distribution").mkdir(exist_ok=True)
    (home / "builder" / "manifest.yaml").write_text(manifest(), encoding="utf-8")
    go, program = toolchain.find(os.environ).executable, home / "otelmon-collector"
    environment = {**os.environ, "GOWORK": "off", "CGO_ENABLED": "0"}
    builder = f"go.opentelemetry.io/collector/cmd/builder@{VERSION}"
    # The builder's own tidy stops at modules that only upstream's tests import; ours goes on.
    steps = [
        (home / "builder", [go, "run", builder, "--config=manifest.yaml", "--skip-compilation"], False),
        (home / "distribution", [go, "mod", "tidy", "-e"], True),
        (home / "distribution", [go, "build", "-trimpath", "-tags=grpcnotrace", "-o", str(program), "."], True),
    ]
    for folder, command, must in () if program.is_file() else steps:
        subprocess.run(command, cwd=folder, env=environment, check=must)
    bad = 0
    for profile in [each for each in configuration.profiles() if "kafka" not in each]:
        options = configuration.arguments(configuration.config_files(profile))
        given = configuration.collector_environment(os.environ)
        done = subprocess.run([program, "validate", *options], env=given, capture_output=True, text=True, check=False)
        print(f"{profile}: {'good' if done.returncode == 0 else done.stderr.strip()}")
        bad += done.returncode != 0
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
