"""Builds local images under the names of docker-compose.yml, for machines that cannot pull the official ones.

Each is the same program, built from the Go modules of parts/ and collector/ or taken from Debian, on a Debian base.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from engine import HINT, CannotRun

from otelmon.operate.collector.build import build_program, collector_program

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
BASE = "otelmon/compose-test-base"
PACKAGES = "python3,postgresql-15,ca-certificates,busybox-static"
VICTORIAMETRICS = "github.com/VictoriaMetrics/VictoriaMetrics/app"
WHEELS = [f"--platform=manylinux_2_{glibc}_x86_64" for glibc in (17, 24, 26, 27, 28, 31, 34, 35)]
PROGRAM = 'FROM {base}\nCOPY program {path}\nENTRYPOINT ["{path}"]\n'
POSTGRES = """FROM {base}
COPY postgres.sh /usr/local/bin/entrypoint
RUN chmod 755 /usr/local/bin/entrypoint && groupmod -g 999 postgres && usermod -u 999 -g 999 postgres \\
 && rm -rf /var/lib/postgresql && mkdir -p /var/lib/postgresql/data /var/run/postgresql \\
 && chown -R 999:999 /var/lib/postgresql && ln -s /usr/lib/postgresql/15/bin/pg_isready /usr/local/bin/
ENTRYPOINT ["/usr/local/bin/entrypoint"]
"""
DEMO = """FROM {base}
COPY site /site
COPY demo /service/demo
COPY compose /service/compose
RUN ln -s python3 /usr/bin/python && sed -i '1s,.*,#!/usr/bin/python3,' /site/bin/*
ENV PYTHONPATH=/site:/service PATH=/site/bin:/usr/local/bin:/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1
WORKDIR /service
"""


class Images:
    """Builds images one after the other with one engine."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment = {**environment, "DOCKER_BUILDKIT": "0"}
        self.folder = folder

    def build(self, name: str, recipe: str, files: dict[str, Path]) -> None:
        """Builds one image from a recipe and the files that it copies."""
        sys.stdout.write(f"==> image {name}\n")
        context = self.folder / name.replace("/", "-").replace(":", "-")
        context.mkdir()
        (context / "Dockerfile").write_text(recipe)
        for target, source in files.items():
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, context / target)
        command = ["docker", "build", "--quiet", "--tag", name, str(context)]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"image {name} could not be built: {done.stderr.strip()}")

    def base(self) -> None:
        """Builds the Debian base, which stands for alpine too, since its tools come from busybox."""
        if not shutil.which("debootstrap"):
            raise CannotRun(f"debootstrap is missing, and official images cannot be pulled: {HINT}")
        tree, archive = self.folder / "debian", self.folder / "debian.tar"
        sys.stdout.write("==> Debian base (debootstrap, about a minute)\n")
        bootstrap = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(tree)]
        subprocess.run(bootstrap, check=True, stdout=subprocess.DEVNULL)
        (tree / "usr/local/bin/wget").symlink_to("/bin/busybox")
        subprocess.run(["tar", "-C", str(tree), "-cf", str(archive), "."], check=True)
        self.build(BASE, "FROM scratch\nADD debian.tar /\n", {"debian.tar": archive})
        self.build("alpine:3.22.2", f"FROM {BASE}\n", {})

    def program(self, name: str, path: str, source: Path) -> None:
        """Builds an image with one static program as its entry point."""
        self.build(name, PROGRAM.format(base=BASE, path=path), {"program": source})

    def demo(self) -> None:
        """Builds the reference service from the lock and the wheel, for Debian's own Python."""
        site = self.folder / "site"
        pip = [sys.executable, "-m", "pip", "--quiet", "install", "--target", str(site)]
        there = ["--python-version=3.11", "--implementation=cp", "--only-binary=:all:", "--require-hashes", *WHEELS]
        subprocess.run([*pip, *there, "-r", str(ROOT / "requirements/demo.txt")], check=True)
        build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(self.folder), str(ROOT)]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wheel = next(self.folder.glob("otelmon-*.whl"))
        subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, stderr=subprocess.DEVNULL)
        files = {"site": site, "demo": ROOT / "demo", "compose": ROOT / "compose"}
        self.build("otelmon/demo:0.1.0", DEMO.format(base=BASE), files)

    def all(self) -> None:
        """Builds every image that can be built; Grafana has no program that a registry of packages offers."""
        self.base()
        self.build("postgres:17.6-bookworm", POSTGRES.format(base=BASE), {"postgres.sh": HERE / "stand_in/postgres.sh"})
        self.program("otelmon/collector:0.1.0", "/usr/local/bin/otelmon-collector", collector_program())
        jaeger = build_program(ROOT / "parts/jaeger", "github.com/jaegertracing/jaeger/cmd/jaeger", "jaeger")
        self.program("jaegertracing/jaeger:2.13.0", "/cmd/jaeger/jaeger-linux", jaeger)
        for program, image in (("victoria-metrics", "victoria-metrics"), ("vmalert", "vmalert")):
            built = build_program(ROOT / "parts/victoriametrics", f"{VICTORIAMETRICS}/{program}", program)
            self.program(f"victoriametrics/{image}:v1.151.0", f"/{program}-prod", built)
        package = "github.com/prometheus/alertmanager/cmd/alertmanager"
        alertmanager = build_program(ROOT / "parts/alertmanager", package, "alertmanager")
        recipe = PROGRAM.format(base=BASE, path="/bin/alertmanager") + "RUN mkdir /alertmanager\n"
        recipe += "RUN chown 65534:65534 /alertmanager\n"
        self.build("prom/alertmanager:v0.31.1", recipe, {"program": alertmanager})
        self.demo()
