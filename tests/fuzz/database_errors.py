"""Errors of databases as drivers give them, with planted values in all places where PostgreSQL repeats its input.

Source: https://www.postgresql.org/docs/current/protocol-error-fields.html and the messages of src/backend.
"""

from __future__ import annotations

from hypothesis import strategies as st

from tests.fuzz.canaries import mark
from tests.fuzz.statements import fill, lines

# {v} is a value as it is, without any quoting of its own; {i} one where a name is expected, which looks like none.
_RECOGNIZED = r"""
duplicate key value violates unique constraint "t1_a_key"{line}DETAIL:  Key (a, lower(b))=({v}, {v}) already exists.
conflicting key value violates exclusion constraint "e"{line}DETAIL:  Key (a)=({v}) conflicts with key (a)=({v}).
new row for relation "t1" violates check constraint "c"{line}DETAIL:  Failing row contains ({v}, null, {v}).
null value in column "a" of relation "t1" violates not-null constraint{line}DETAIL:  Failing row contains (null, {v}).
insert or update on table "t1" violates foreign key constraint "f"{line}DETAIL:  Key (a)=({v}) is not in table "u".
update or delete on table "u" violates foreign key constraint "f"{line}DETAIL:  Key (a)=({v}) is still referenced.
no partition of relation "t1" found for row{line}DETAIL:  Partition key of the failing row contains (a) = ({v}).
invalid input syntax for type integer: "{v}"{line}LINE 1: SELECT '{v}'::int{line}               ^
invalid input syntax for type json{line}DETAIL:  Token "{v}" is invalid.{line}CONTEXT:  JSON data, line 1: {v}...
invalid input syntax for type timestamp with time zone: "{v}"
invalid input value for enum mood: "{v}"
value "{v}" is out of range for type integer
date/time field value out of range: "{v}"{line}HINT:  Perhaps you need a different "datestyle" setting.
malformed array literal: "{v}"{line}DETAIL:  Missing "]" after array dimensions.
column "{i}" does not exist{line}LINE 1: SELECT "{v}"{line}HINT:  Perhaps you meant to reference the column "t1.{v}".
syntax error at or near "{v}"{line}LINE 1: SELECT {v} {v}{line}        ^
unterminated quoted string at or near "'{v}"{line}LINE 1: SELECT '{v}
invalid value for parameter "{v}": "{v}"
connection to server at "db", port 5432 failed: FATAL:  password authentication failed for user "{v}"
FATAL:  database "{i}" does not exist
"""
_BY_CLASS = r"""
division by {v}{line}CONTEXT:  SQL function "f" statement 1
patient {v} is not allowed{line}CONTEXT:  PL/pgSQL function f() line 3 at RAISE
invalid byte sequence for encoding "UTF8": {v}
missing FROM-clause entry for table "{i}"
operator does not exist: {v} = integer
role "{v}" already exists
unrecognized configuration parameter "{v}"
could not open file "{v}" for reading: No such file or directory
extra data after last expected column{line}CONTEXT:  COPY t1, line 1: "{v}	{v}"
invalid dsn: missing "=" after "{v}" in connection info string
prepared statement "{v}" does not exist
value too long for type character varying(3){line}CONTEXT:  {v}
(psycopg2.errors.UniqueViolation) duplicate key{line}[SQL: INSERT INTO t1 VALUES ('{v}')]{line}[parameters: ('{v}',)]
(psycopg.errors.RaiseException) {v} is {v}
doppelter Schlüsselwert verletzt Unique-Constraint »t1_a_key«{line}DETAIL:  Schlüssel »(a)=({v})« existiert bereits.
ungültige Eingabesyntax für Typ integer: »{v}«{line}ZEILE 1: SELECT '{v}'::int
la valeur d'une clé dupliquée rompt la contrainte unique « t1_a_key »{line}DÉTAIL : La clé « (a)=({v}) » existe déjà.
{v}
"""
_CLASSES = st.sampled_from(
    [
        "psycopg2.errors.UniqueViolation",
        "UniqueViolation",
        "psycopg2.errors.RaiseException",
        "psycopg2.OperationalError",
        "psycopg.errors.InvalidTextRepresentation",
        "psycopg.DataError",
        "asyncpg.exceptions.UniqueViolationError",
        "asyncpg.exceptions._base.UnknownPostgresError",
        "asyncpg.exceptions.InvalidPasswordError",
        "sqlalchemy.exc.IntegrityError",
        "sqlalchemy.exc.StatementError",
        "django.db.utils.IntegrityError",
        "IntegrityError",
        "ProgrammingError",
        "psycopg2.errors.SyntaxError",
        "DataError",
    ]
)
_PADDING = st.sampled_from(
    [
        "",
        " ",
        '"',
        "'",
        "''",
        "\n",
        "\n\n",
        "\r",
        "\u2028",
        ")",
        "(",
        "=",
        '" "',
        "\nDETAIL:  ",
        "\nTraceback (most recent ",
        'call last):\n  File "a.py", line 3, in f\n',
        ".",
        ":",
        "[SQL: ",
        "constraint",
        'column "',
        "\0",
        "\ud800",
        "@",
        "\\",
    ]
)
_value = st.builds("".join, st.tuples(_PADDING, mark, _PADDING, mark, _PADDING))
_no_name = st.builds("{}{}{}".format, mark, st.sampled_from(["@", " ", '"', "/", "\n", "'"]), mark)


@st.composite
def errors(draw: st.DrawFn) -> tuple[str, str]:
    """Draws class and message of an error; without a class only a message that is a database's by what it says."""
    kind = draw(st.one_of(_CLASSES, _CLASSES, st.sampled_from(["", "app.errors.Failed"])))
    known = "." in kind and not kind.startswith("app.")
    shape = draw(st.sampled_from(lines(_RECOGNIZED) + (lines(_BY_CLASS) if known else [])))
    places = {"line": st.just("\n"), "v": _value, "i": _no_name}
    return kind, fill(shape, [draw(places[part]) for part in _kinds(shape)])


def _kinds(shape: str) -> list[str]:
    return [part.partition("}")[0] for part in shape.split("{")[1:]]
