"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "otelmon"
TREES = {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}
BROAD = {"Exception", "BaseException"}
# Upstream keeps these private though nothing else offers them; each has one file, and a contract test per version.
PRIVATE_UPSTREAM = {
    "opentelemetry._logs": "exporters/events.py",
    "opentelemetry.sdk._logs": "launch/configure.py",
    "opentelemetry.sdk._configuration": "launch/configure.py",
    "opentelemetry.exporter.otlp.proto.http._log_exporter": "launch/configure.py",
}
PRIVATE_FIELDS = {
    "calls/pending_span.py",
    "calls/server_span.py",
    "calls/server_spans.py",
    "hooks/asyncpg/fields.py",
    "hooks/asyncpg_pool.py",
    "hooks/asyncpg_pool_watch.py",
    "hooks/calling_line.py",
    "hooks/flask/watch.py",
    "hooks/psycopg/fields.py",
    "hooks/psycopg/pipeline.py",
    "hooks/psycopg2_pool.py",
    "hooks/sqlalchemy_pool/states.py",
    "launch/configure.py",
    "launch/finished_spans.py",
    "launch/forked_locks.py",
    "launch/histograms.py",
}


def names_in(node: ast.AST | None) -> set[str]:
    """Returns the plain names inside an expression."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} if node is not None else set()


def test_broad_excepts_stand_in_the_guard_only() -> None:
    """Nothing but guard.py swallows every exception."""
    found = set()
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            handler = isinstance(node, ast.ExceptHandler) and (node.type is None or names_in(node.type) & BROAD)
            suppressed = isinstance(node, ast.Call) and "suppress" in ast.unparse(node.func) and names_in(node) & BROAD
            if handler or suppressed:
                found.add(name)
    assert found <= {"guard.py"}


def test_environment_is_read_at_the_edge_only() -> None:
    """os.environ and os.getenv occur in settings.py, launch/ and operate/ only."""
    reader = re.compile(r"^os\.(environ|getenv|putenv)|^environ$")
    found = {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, (ast.Attribute, ast.Name)) and reader.search(ast.unparse(node))
    }
    assert [name for name in found if not name.startswith(("settings.py", "launch/", "operate/"))] == []


def private_imports(tree: ast.Module) -> set[str]:
    """Returns the modules that a file imports by a name which their owner keeps private."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            whole = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith(("otelmon", "__future__")):
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {name for name in whole if re.search(r"(^|\.)_[a-z]", name)}
    return found


def test_private_upstream_names_are_exempted_by_file() -> None:
    """Private modules of OpenTelemetry are imported only where a contract test watches them."""
    strangers = []
    for name, tree in TREES.items():
        for imported in private_imports(tree):
            homes = [home for module, home in PRIVATE_UPSTREAM.items() if f"{imported}.".startswith(f"{module}.")]
            if homes != [name]:
                strangers.append((name, imported))
    assert strangers == []


def test_private_fields_are_read_in_exempted_files_only() -> None:
    """A noqa for private member access stands only where the house exempts it."""
    found = {name for name in TREES if re.search(r"noqa:.*SLF001", (PACKAGE / name).read_text())}
    assert found <= PRIVATE_FIELDS


def test_every_type_ignore_has_code_and_reason() -> None:
    """A type: ignore names its error code and says why it is right."""
    comment = re.compile(r"#\s*type:\s*ignore(?!\[[a-z, -]+\]\s*#\s*\S)")
    assert [name for name in TREES if comment.search((PACKAGE / name).read_text())] == []


def public_functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Returns the public functions of a module and the public methods of its public classes."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    bodies = [*tree.body, *(node for each in classes for node in each.body)]
    functions = [node for node in bodies if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return [node for node in functions if not node.name.startswith("_")]


def test_public_signatures_have_no_any() -> None:
    """No public function takes or returns Any, save where a linter comment gives the reason."""
    found = []
    for name, tree in TREES.items():
        lines = (PACKAGE / name).read_text().splitlines()
        for node in public_functions(tree):
            parts = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            hints = [*(each.annotation for each in parts), node.returns]
            excused = any("noqa: ANN401 - " in line for line in lines[node.lineno - 1 : node.body[0].lineno - 1])
            if not excused and any("Any" in names_in(hint) for hint in hints):
                found.append((name, node.name))
    assert found == []
