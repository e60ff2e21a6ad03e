"""``otelmon sql`` where no server is needed: help, printing, and libraries that are not there."""

from __future__ import annotations

import subprocess
import sys

import pytest

from otelmon.operate.cli import deferred
from otelmon.operate.cli.main import main


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """The group explains itself and lists its commands."""
    assert main(["sql", "--help"]) == 0
    output = capsys.readouterr().out
    assert [
        name for name in ("install", "verify", "uninstall", "print", "show", "snapshot", "reset") if name not in output
    ] == []
    assert "PostgreSQL 14 to 18" in output


def test_print_needs_no_server(capsys: pytest.CaptureFixture[str]) -> None:
    """The script for a version is printed; the variant follows the version."""
    assert main(["sql", "print", "--server-version", "15"]) == 0
    assert "FROM pg_catalog.pg_stat_bgwriter AS w) AS b" in capsys.readouterr().out
    assert main(["sql", "print"]) == 0
    assert "FROM pg_catalog.pg_stat_checkpointer AS c" in capsys.readouterr().out


def test_show_lists_views(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a name the views are listed with what they show."""
    assert main(["sql", "show"]) == 0
    assert "slow_statements" in capsys.readouterr().out


def test_other_commands_do_not_import_the_driver() -> None:
    """The help of the whole program needs neither psycopg nor the files of the group."""
    program = (
        "import sys; from otelmon.operate.cli.main import main; main(['--help']);"
        "print(sorted({'psycopg', 'otelmon.operate.cli.sql'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_missing_driver_is_one_line() -> None:
    """Without psycopg the command says what to install."""
    program = (
        "import sys; sys.modules['psycopg'] = None; from otelmon.operate.cli.main import main;"
        "sys.exit(main(['sql', 'show']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    expected = 'otelmon: otelmon sql needs psycopg: pip install "otelmon[operate]"\n'
    assert (done.returncode, done.stdout, done.stderr) == (2, "", expected)


def test_group_that_is_no_group_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """A broken installation is named as one."""
    group = deferred.DeferredGroup("main", "Nothing.")
    with pytest.raises(deferred.OperateError, match="otelmon main is not there: reinstall otelmon"):
        group.list_commands(None)  # type: ignore[arg-type]
    assert capsys.readouterr().out == ""
