"""What a hook is, for this project's hooks and for others'."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Protocol

from packaging.requirements import InvalidRequirement, Requirement

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry


class Hook(Protocol):
    """Observes one library; found by the entry-point group ``otelmon.hooks``.

    ``requires`` names the distributions that bring the library, any of which will do, separated by ``|``:
    ``"psycopg2>=2.8.6,<3 | psycopg2-binary>=2.8.6,<3"``; empty for the standard library.
    """

    @property
    def name(self) -> str:
        """Returns the name by which ``OTELMON_DISABLED_HOOKS`` leaves the hook out."""
        ...

    @property
    def requires(self) -> str:
        """Returns the version specifiers of the library's distribution."""
        ...

    def install(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches the library and returns what puts the very same objects back."""
        ...


def is_supported(requires: str) -> bool:
    """Tells whether a library is installed in a version that a hook supports; nothing is imported.

    Args:
        requires: as ``Hook.requires``; a text that is no version specifier is not supported.
    """
    return not requires.strip() or any(_is_installed(each) for each in requires.split("|"))


def _is_installed(text: str) -> bool:
    try:
        requirement = Requirement(text.strip())
        return requirement.specifier.contains(version(requirement.name), prereleases=True)
    except (InvalidRequirement, PackageNotFoundError):
        return False
