"""The entry point of the command ``otelmon``: good is 0, findings are 1, could not run is 2."""

from __future__ import annotations

import sys

from otelmon.operate.errors import OperateError

COULD_NOT_RUN = 2


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line and returns its exit code; an error is one line on stderr, never a traceback.

    Args:
        arguments: those after the program's name; of this process when not given.
    """
    try:
        import click  # noqa: PLC0415 - the extra may be missing, which is said in one line

        from otelmon.operate.cli.commands import otelmon  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        return _fail(f'the command line needs {error.name}: pip install "otelmon[operate]"')
    try:
        code = otelmon.main(args=arguments, prog_name="otelmon", standalone_mode=False)
    except OperateError as error:
        return _fail(str(error))
    except click.ClickException as error:
        error.show()
        return COULD_NOT_RUN
    except click.Abort:
        return _fail("stopped")
    return code if isinstance(code, int) else 0


def _fail(message: str) -> int:
    print(f"otelmon: {message}", file=sys.stderr)  # noqa: T201 - a program of the terminal prints
    return COULD_NOT_RUN


if __name__ == "__main__":
    sys.exit(main())
