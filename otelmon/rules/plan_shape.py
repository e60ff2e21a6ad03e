"""Reads a plan as EXPLAIN (FORMAT JSON) writes it: its shape, its hash, and what of it may be shown."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from otelmon.rules.sql_redaction import redact_sql

Plan = Mapping[str, object]
# What makes a plan another one; costs, rows and conditions do not. Aliases are the statement's, not the plan's.
_SHAPE = (
    "Node Type", "Strategy", "Partial Mode", "Operation", "Join Type", "Command", "Scan Direction", "Schema",
    "Relation Name", "Index Name", "Function Name", "CTE Name", "Parent Relationship", "Subplan Name",
)  # fmt: skip
_NAMES = frozenset((*_SHAPE, "Alias", "Parallel Aware", "Async Capable", "Single Copy"))
_LONGEST_SHAPE, _DEEPEST = 1024, 200
_DIGITS = 16


def plan_hash(plan: Plan) -> str:
    """Returns 16 hexadecimal digits that are equal for plans of one shape."""
    return hashlib.sha256(_whole_shape(plan, 0).encode("utf-8", "replace")).hexdigest()[:_DIGITS]


def plan_shape(plan: Plan) -> str:
    """Returns node types with relations and indexes, such as ``Limit(Index Scan items items_pkey)``, cut if long."""
    return _short_shape(plan, 0)[:_LONGEST_SHAPE]


def redacted_plan(plan: Plan) -> dict[str, object]:
    """Returns a plan with ``?`` for every constant in its conditions; names, costs and rows stay."""
    return {key: _redacted(key, value, 0) for key, value in plan.items()}


def _children(plan: Plan) -> list[Plan]:
    children = plan.get("Plans")
    return [each for each in children if isinstance(each, Mapping)] if isinstance(children, Sequence) else []


def _whole_shape(plan: Plan, depth: int) -> str:
    own = ";".join(f"{key}={plan[key]}" for key in _SHAPE if key in plan)
    if depth >= _DEEPEST:
        return own
    return f"{own}({','.join(_whole_shape(each, depth + 1) for each in _children(plan))})"


def _short_shape(plan: Plan, depth: int) -> str:
    named = (plan.get(key) for key in ("Node Type", "Relation Name", "Index Name"))
    own = " ".join(str(each) for each in named if each)
    children = _children(plan) if depth < _DEEPEST else []
    return f"{own}({', '.join(_short_shape(each, depth + 1) for each in children)})" if children else own


def _redacted(key: str, value: object, depth: int) -> object:
    if isinstance(value, str):
        return value if key in _NAMES else redact_sql(value)
    if isinstance(value, (bool, int, float)) or value is None:
        return value
    if depth >= _DEEPEST:
        return "?"
    if isinstance(value, Mapping):
        return {str(inner): _redacted(str(inner), each, depth + 1) for inner, each in value.items()}
    return [_redacted(key, each, depth + 1) for each in value] if isinstance(value, Sequence) else "?"
