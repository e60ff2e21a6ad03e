"""A group of commands that is imported when it is called, so that the other commands do not need its libraries."""

from __future__ import annotations

from importlib import import_module

import click

from otelmon.operate.errors import OperateError


class DeferredGroup(click.Group):
    """Stands in for a group of the same name in another module of this folder."""

    def __init__(self, name: str, short_help: str) -> None:
        super().__init__(name, short_help=short_help)

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
        try:
            group = getattr(import_module(f"otelmon.operate.cli.{self.name}"), str(self.name))
        except ModuleNotFoundError as error:
            raise OperateError(f'otelmon {self.name} needs {error.name}: pip install "otelmon[operate]"') from None
        if not isinstance(group, click.Group):
            raise OperateError(f"otelmon {self.name} is not there: reinstall otelmon")
        return group
