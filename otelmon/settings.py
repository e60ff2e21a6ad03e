"""Turns environment variables into settings and warnings; a wrong value never stops the application."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Literal

from otelmon.environment_variables import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from otelmon.environment_variable import Variable

LONGEST_VALUE_SHOWN = 40
# Kinds whose values are never shown: the address of a dead man's switch is its key.
SECRET = ("secret", "secret_url")
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
_PLAIN_NUMBER = re.compile(r"[0-9]{0,4}\.?[0-9]{1,9}")
HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Settings:
    """Holds every choice of the application's half; times in milliseconds. Meanings: environment_variables.py."""

    disabled: bool = False
    disabled_hooks: tuple[str, ...] = ()
    slow_query_threshold_ms: int = 500
    slow_http_threshold_ms: int = 2000
    leak_after_ms: int = 60_000
    github_hosts: tuple[str, ...] = ("api.github.com",)
    hash_key: str = field(default="", repr=False)
    label_limit: int = 2000
    # 0 is off.
    overhead_limit_ratio: float = 0.0
    sql_text: Literal["redacted", "none"] = "redacted"
    shutdown_timeout_ms: int = 5000
    heartbeat_directory: str = ""
    heartbeat_url: str = field(default="", repr=False)
    heartbeat_interval_ms: int = 15_000
    canary_interval_ms: int = 0
    health_address: str = ""
    health_token: str = field(default="", repr=False)
    health_token_file: str = ""
    health_certificate_file: str = ""
    health_key_file: str = ""
    health_plain_http: bool = False
    db_diagnostics: bool = False
    operation_log: Literal["off", "sampled", "all"] = "off"
    logs: Literal["off", "json", "otlp", "both"] = "off"
    logs_level: Literal["debug", "info", "warning", "error"] = "info"

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> tuple[Settings, tuple[str, ...]]:
        """Reads settings by the OpenTelemetry rules: empty is unset, only "true" is true.

        Args:
            environment: a mapping such as ``os.environ``.

        Returns:
            The settings, and one warning for each value that could not be used; its default was used instead.

        Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
        """
        chosen: dict[str, object] = {}
        warnings: list[str] = []
        for variable in VARIABLES:
            text = environment.get(variable.name, "").strip()
            if not text:
                continue
            value = _read(variable, text)
            if value is None:
                warnings.append(_warning(variable, text))
            else:
                chosen[variable.field] = value
        return cls(**chosen), tuple(warnings)  # type: ignore[arg-type]  # each kind yields its field's type

    @classmethod
    def from_options(
        cls, environment: Mapping[str, str], options: Mapping[str, object]
    ) -> tuple[Settings, tuple[str, ...]]:
        """Reads the environment and lets options, named by field, win over it; text and numbers are both taken.

        Args:
            environment: a mapping such as ``os.environ``.
            options: values by field name, from code or a configuration file; None means "not given".

        Returns:
            As ``from_env``; an unknown option gives a warning.
        """
        by_field = {variable.field: variable for variable in VARIABLES}
        known = {each.name for each in fields(cls)}
        merged = dict(environment)
        warnings = [f"unknown_option name={name} hint=see_docs/settings.md" for name in options if name not in known]
        for name, value in options.items():
            if name in known and value is not None:
                merged[by_field[name].name] = _as_text(value)
        settings, more = cls.from_env(merged)
        return settings, (*warnings, *more)


def _as_text(value: object) -> str:
    """Writes an option the way it would stand in the environment."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple, set, frozenset)):
        return ",".join(str(each) for each in value)
    return str(value)


def _read(variable: Variable, text: str) -> object | None:
    """Returns the value of one variable, or None when the text cannot be used."""
    if variable.kind == "integer":
        return _integer(text, variable.low, variable.high)
    if variable.kind == "choice":
        return text.lower() if text.lower() in variable.choices else None
    return _READ[variable.kind](text) if variable.kind in _READ else text


def _boolean(text: str) -> bool | None:
    """Returns True for "true" only; other than "false" is an unusable text."""
    lowered = text.lower()
    return lowered == "true" if lowered in ("true", "false") else None


def _integer(text: str, low: int, high: int) -> int | None:
    """Returns a plain decimal number within its safe range; 20 digits are more than any range needs."""
    if not (text.isascii() and text.isdigit() and len(text) <= 20):  # noqa: PLR2004
        return None
    number = int(text)
    return number if low <= number <= high else None


def _address(text: str) -> str | None:
    """Returns host and port; an IPv6 host stands in brackets, and no host is no address."""
    host, _, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    is_host = bool(bare) and "/" not in bare and " " not in bare and (":" not in bare or bare != host)
    return text if is_host and _integer(port, 1, HIGHEST_PORT) is not None else None


def _ratio(text: str) -> float | None:
    """Returns 0 for "off", else a plain number between 0 and 1, both excluded."""
    if text.lower() == "off":
        return 0.0
    number = float(text) if _PLAIN_NUMBER.fullmatch(text) else 0.0
    return number if 0 < number < 1 else None


def _names(text: str) -> tuple[str, ...] | None:
    return tuple(name.strip().lower() for name in text.split(",") if name.strip()) or None


def _web_address(text: str) -> str | None:
    return text if _WEB_ADDRESS.fullmatch(text) else None


_READ: Mapping[str, Callable[[str], object | None]] = {
    "boolean": _boolean,
    "names": _names,
    "secret_url": _web_address,
    "address": _address,
    "ratio": _ratio,
}


def _warning(variable: Variable, text: str) -> str:
    """Says what was wrong, what is used instead and what would be right; a secret is never shown."""
    shown = "***" if variable.kind in SECRET else ascii(text[:LONGEST_VALUE_SHOWN])
    return (
        f"setting_not_usable name={variable.name} value={shown} used={variable.default or 'unset'} "
        f"accepted={variable.safe_range!r} unit={variable.unit or 'none'}"
    )
