"""Reads SQLite's errors, which are text with a code, and name no constraint but CHECKs.

A broken foreign key names nothing at all; the statement's own parameters tell which parent is
missing, and it is asked of the connection on which it happened.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, ForeignKeyConstraint, Uuid

from vetcore.database.options import READ_ONLY
from vetcore.database.registry import schema
from vetcore.errors import (
    ConfigurationError,
    ConnectionFailed,
    DatabaseError,
    LockTimeout,
    MigrationError,
    ReadOnlySession,
    SerializationFailure,
    StatementTimeout,
    VetcoreError,
)

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Attempt", "Refusal", "read"]


class Attempt(NamedTuple):
    """What the refused statement was about, as far as SQLAlchemy compiled it."""

    table: str | None = None
    deletes: bool = False
    rows: Sequence[Mapping[str, Any]] = ()
    names: Sequence[str] = ()
    """Of the columns, or parameters, that its values are for, in their order."""


class Refusal(NamedTuple):
    """A broken constraint, in the words of :class:`vetcore.database.translation.Violation`."""

    kind: str
    constraint: str | None = None
    table: str | None = None
    fields: tuple[str, ...] = ()
    detail: str | None = None


_TOLD = re.compile(r"\b(record_locked):([0-9a-f]{32})\b")
"""RAISE takes no expression before SQLite 3.47; a path that is none comes back in an error."""


def read(
    error: BaseException,
    connection: Connection | None,
    attempt: Attempt,
) -> Refusal | VetcoreError | None:
    """Return what a SQLite error means, or None for an error that is not SQLite's."""
    import sqlite3  # noqa: PLC0415 -- which many processes never load

    if not isinstance(error, sqlite3.Error):
        return None
    text = str(error)
    if isinstance(error, sqlite3.IntegrityError):
        return _refusal(error, text, connection, attempt)
    if told := _TOLD.search(text):
        return Refusal("check", told.group(1), detail=told.group(2))
    name: str = getattr(error, "sqlite_errorname", "") or ""
    only = connection is not None and connection.get_execution_options().get(READ_ONLY, False)
    if only and name.startswith("SQLITE_READONLY"):
        return ReadOnlySession()
    return _trouble(name, text)


def _trouble(name: str, text: str) -> VetcoreError:
    if name == "SQLITE_BUSY_SNAPSHOT":
        return SerializationFailure(f"Another process has written since this one read: {text}")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or "is locked" in text:
        return LockTimeout(f"Another process is writing to the database: {text}")
    if name == "SQLITE_INTERRUPT":
        return StatementTimeout(f"The statement ran longer than allowed: {text}")
    if name.startswith("SQLITE_CANTOPEN"):
        return ConfigurationError(
            f"The database file cannot be opened: {text}; does its folder exist?"
        )
    if "no such table" in text or "no such column" in text:
        return MigrationError(f"{text}; run `vetcore db upgrade`")
    if "closed" in text or "no active connection" in text:
        return ConnectionFailed(f"The connection to the database was lost: {text}")
    return DatabaseError(f"The database refused the statement: {text}", sqlite=name or None)


_FAILED = r"^(UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed(?:: (.*))?$"


def _refusal(
    error: "sqlite3.IntegrityError",
    text: str,
    connection: Connection | None,
    attempt: Attempt,
) -> Refusal:
    match = re.match(_FAILED, text)
    if match is None:
        # Our triggers raise with the constraint's name and nothing else.
        trigger = getattr(error, "sqlite_errorname", "") == "SQLITE_CONSTRAINT_TRIGGER"
        if trigger and text.startswith("ex_"):
            return Refusal("exclusion", constraint=text)
        return _named("check", text)
    kind, subject = match.group(1), match.group(2) or ""
    match kind:
        case "FOREIGN KEY":
            return _missing_parent(connection, attempt)
        case "CHECK":
            return _named("check", subject)
        case "UNIQUE" if subject.startswith("index "):
            return _named("unique", subject.removeprefix("index ").strip("'"))
        case _:
            table, fields = _qualified(subject)
            if kind == "NOT NULL":
                return Refusal("not_null", None, table, fields)
            rule = schema.unique_over(table, fields)
            return Refusal("unique", rule.name if rule else None, table, fields)


def _named(kind: str, name: str) -> Refusal:
    rule = schema.rule(name)
    return Refusal(kind, name, rule.table, rule.columns) if rule else Refusal(kind, name)


def _qualified(subject: str) -> tuple[str, tuple[str, ...]]:
    """``pets.name, pets.owner_id`` as the table and its columns."""
    names = [part.strip().split(".", 1) for part in subject.split(",")]
    return names[0][0], tuple(column for _, column in names)


def _missing_parent(connection: Connection | None, attempt: Attempt) -> Refusal:
    """Which foreign key has no parent; where every parent is there, or on DELETE, it has children."""
    if attempt.deletes:
        return Refusal("referenced", table=attempt.table)
    table = schema.table(attempt.table)
    if connection is None or table is None:
        return Refusal("foreign_key", table=attempt.table)
    for key in sorted(table.foreign_key_constraints, key=lambda each: str(each.name)):
        if any(_parent_is_missing(key, connection, row) for row in attempt.rows):
            fields = tuple(column.name for column in key.columns)
            name = None if key.name is None else str(key.name)
            return Refusal("foreign_key", name, table.name, fields)
    return Refusal("referenced", table=table.name)


def _parent_is_missing(
    key: ForeignKeyConstraint, connection: Connection, parameters: Mapping[str, Any]
) -> bool:
    elements = list(key.elements)
    values = [parameters.get(element.parent.name) for element in elements]
    if any(value is None for value in values):
        return False
    parent = key.referred_table
    where = " AND ".join(f'"{element.column.name}" = ?' for element in elements)
    cursor: Any = connection.connection.cursor()
    try:
        cursor.execute(
            f'SELECT 1 FROM "{parent.name}" WHERE {where}',  # noqa: S608 -- names from our metadata
            tuple(
                _stored(element.column.type, value)
                for element, value in zip(elements, values, strict=True)
            ),
        )
        return cursor.fetchone() is None
    finally:
        cursor.close()


def _stored(kind: Any, value: Any) -> Any:
    if isinstance(getattr(kind, "impl_instance", kind), Uuid):
        return value.hex if hasattr(value, "hex") else str(value).replace("-", "")
    return value
