"""Commands that are imported when they are called, so that the other commands do not need their libraries."""

from __future__ import annotations

from importlib import import_module

import click

from otelmon.operate.errors import OperateError


class DeferredGroup(click.Group):
    """Stands in for a group of the same name in another module of this folder."""

    def __init__(self, name: str, short_help: str, module: str = "") -> None:
        super().__init__(name, short_help=short_help)
        self._module = module or name

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of the commands in the group."""
        return self._group.list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns one command of the group."""
        return self._group.get_command(ctx, cmd_name)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the help of the group."""
        self._group.format_help_text(ctx, formatter)

    @property
    def _group(self) -> click.Group:
        group = _load(str(self.name), self._module)
        if not isinstance(group, click.Group):
            raise OperateError(f"otelmon {self.name} is not there: reinstall otelmon")
        return group


class DeferredCommand(click.Command):
    """Stands in for a command of the same name in another module of this folder."""

    def __init__(self, name: str, short_help: str, module: str = "") -> None:
        super().__init__(name, short_help=short_help)
        self._module = module or name

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        """Returns the context of the command itself, which is what is then invoked."""
        command = _load(str(self.name), self._module)
        if not isinstance(command, click.Command):
            raise OperateError(f"otelmon {self.name} is not there: reinstall otelmon")
        return command.make_context(info_name, args, parent, **extra)


def _load(name: str, module: str) -> object:
    """Returns what a module of this folder calls by a name.

    Raises:
        OperateError: a library that it needs is not installed.
    """
    try:
        return getattr(import_module(f"otelmon.operate.cli.{module}"), name, None)
    except ModuleNotFoundError as error:
        raise OperateError(f'otelmon {name} needs {error.name}: pip install "otelmon[operate]"') from None
