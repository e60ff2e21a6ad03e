"""Reads what the service needs to know from the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Holds the addresses and sizes of the service; secrets stay out of its text form."""

    database_url: str = field(repr=False)
    github_url: str
    github_token: str = field(repr=False)
    pool_min: int = 2
    pool_max: int = 10
    github_cache_size: int = 256

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> ServiceSettings:
        """Reads the settings.

        Args:
            environment: a mapping such as ``os.environ`` with ``DATABASE_URL``, ``GITHUB_URL``, ``GITHUB_TOKEN`` and,
                where they differ from the defaults, ``POOL_MIN``, ``POOL_MAX`` and ``GITHUB_CACHE_SIZE``.

        Raises:
            SystemExit: with one line that names the missing variable.
        """
        missing = [name for name in ("DATABASE_URL", "GITHUB_URL") if not environment.get(name)]
        if missing:
            raise SystemExit(f"contributors: {' and '.join(missing)} must be set in the environment")
        return cls(
            database_url=environment["DATABASE_URL"],
            github_url=environment["GITHUB_URL"].rstrip("/"),
            github_token=environment.get("GITHUB_TOKEN", ""),
            pool_min=int(environment.get("POOL_MIN", "2")),
            pool_max=int(environment.get("POOL_MAX", "10")),
            github_cache_size=int(environment.get("GITHUB_CACHE_SIZE", "256")),
        )
