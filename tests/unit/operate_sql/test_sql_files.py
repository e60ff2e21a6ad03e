"""The files of sql/ describe themselves, come in the right variant, and make the documentation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from docs.sql.generate import HERE as DOCS
from docs.sql.generate import pages
from otelmon.operate.errors import OperateError
from otelmon.operate.sql import files, script

if TYPE_CHECKING:
    from pathlib import Path

MAJORS = range(files.OLDEST_MAJOR, files.NEWEST_MAJOR + 1)


@pytest.mark.parametrize("page", sorted(pages()))
def test_page_is_current(page: str) -> None:
    """A page of docs/sql equals what ``python -m docs.sql.generate`` would write now."""
    assert (DOCS / page).read_text(encoding="utf-8") == pages()[page]


def test_no_page_is_without_a_view() -> None:
    """Every page belongs to a view."""
    assert sorted(path.name for path in DOCS.glob("*.md")) == sorted(pages())


@pytest.mark.parametrize("major", MAJORS)
def test_every_version_gets_every_view(major: int) -> None:
    """Variants differ in their query only: the same views with the same columns on every server."""
    assert {name: file.description for name, file in files.views(major).items()} == {
        name: file.description for name, file in files.views().items()
    }


@pytest.mark.parametrize(
    ("major", "expected"),
    [
        (14, ["0009_index_usage.before_16.sql", "0025_checkpoints.before_17.sql", "0031_statistics_age.before_17.sql"]),
        (16, ["0009_index_usage.sql", "0025_checkpoints.before_17.sql", "0031_statistics_age.before_17.sql"]),
        (17, ["0009_index_usage.sql", "0025_checkpoints.sql", "0031_statistics_age.sql"]),
        (19, ["0009_index_usage.sql", "0025_checkpoints.sql", "0031_statistics_age.sql"]),
    ],
)
def test_variant_follows_the_server(major: int, expected: list[str]) -> None:
    """A server gets the file that was written for its version."""
    names = [file.file_name for file in files.numbered(major)]
    assert [name for name in names if name[:4] in ("0009", "0025", "0031")] == expected


def test_narrowest_variant_wins(tmp_path: Path) -> None:
    """Of several variants that hold for a server the one with the lowest bound is taken."""
    for name in ("0001_x.sql", "0001_x.before_16.sql", "0001_x.before_18.sql", "notes.sql"):
        (tmp_path / name).write_text(f"-- {name}\n")
    found = {major: files.numbered(major, tmp_path)[0].file_name for major in (15, 16, 17, 18)}
    assert found == {
        15: "0001_x.before_16.sql",
        16: "0001_x.before_18.sql",
        17: "0001_x.before_18.sql",
        18: "0001_x.sql",
    }


def test_numbers_are_unique() -> None:
    """No two files share a number, save variants of one name."""
    names = {path.name.split(".")[0] for path in files.folder().glob("[0-9]*.sql")}
    assert len({name[:4] for name in names}) == len(names)


def test_old_server_is_refused() -> None:
    """A server before 14 is named as too old."""
    with pytest.raises(OperateError, match="PostgreSQL 13 is too old: sql/ needs 14 or newer"):
        files.numbered(13)


def test_every_view_says_everything() -> None:
    """Each view has a summary, how to read it, what it cannot tell, and a meaning for each column."""
    for name, file in files.views().items():
        description = file.description
        assert description is not None
        assert (name, all((description.summary, description.read, description.cannot_tell))) == (name, True)
        assert (name, [column for column, meaning in description.columns if len(meaning) < 3]) == (name, [])
        assert description.summary.endswith(".")


def test_file_without_a_view_has_no_description() -> None:
    """Files with tables or functions alone describe no view."""
    by_name = {file.name: file for file in files.numbered(18)}
    assert [name for name in ("schema", "history", "take_snapshot", "privileges") if by_name[name].is_view] == []


def test_catalog_names_are_qualified() -> None:
    """No view reads a catalog relation by its bare name."""
    bare = re.compile(r"(?:FROM|JOIN)\s+(?!pg_catalog\.)(pg_[a-z_]+)\b(?!\()")
    found = {file.file_name: bare.findall(file.text) for file in files.numbered(18)}
    assert {name: names for name, names in found.items() if names} == {}


def test_no_security_definer() -> None:
    """Nothing runs with the rights of its owner."""
    assert [path.name for path in files.folder().rglob("*.sql") if "SECURITY DEFINER" in path.read_text().upper()] == []


def test_upgrades_decide_the_version(tmp_path: Path) -> None:
    """The version is that of the newest upgrade, and 1 without any."""
    assert files.version(tmp_path) == 1
    (tmp_path / "upgrades").mkdir()
    (tmp_path / "upgrades" / "0003_more.sql").write_text("-- more\n")
    assert files.version(tmp_path) == 3
    assert [file.name for file in files.upgrades(tmp_path)] == ["more"]


def test_script_is_one_transaction_with_limits() -> None:
    """The printed script begins and commits once, and waits for no lock for long."""
    text = script.script(15)
    assert text.startswith(
        f"-- otelmon, schema version {files.version()}, for PostgreSQL 15.\nBEGIN;\nSET LOCAL lock_timeout"
    )
    assert text.endswith("COMMIT;\n")
    assert (
        text.index("CREATE SCHEMA") < text.index("DROP VIEW") < text.index("CREATE VIEW") < text.index("GRANT SELECT")
    )


def test_quotes_in_meanings_are_doubled() -> None:
    """A text with a quote becomes one string constant."""
    assert script.literal("it's") == "'it''s'"
