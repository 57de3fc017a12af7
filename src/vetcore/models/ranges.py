"""Checks that every stored instant and day can be read again.

Another program may write what Python's dates cannot hold: PostgreSQL knows the year 294276, and
SQLite accepts numbers and any text. PostgreSQL refuses such values by CHECKs. SQLite refuses them
by triggers that raise with the same names, because a table of SQLite cannot get a CHECK later.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Column, Table

from vetcore.database.registry import Rule
from vetcore.models.types import Day, UtcDateTime

__all__ = ["SQLITE_DAY", "SQLITE_INSTANT", "postgresql_ranges", "range_rules", "sqlite_ranges"]

# Asyncpg writes Python's first and last day and instant as the infinities, and reads them so.
_DAY: Final = "{0} >= DATE '0001-01-01' AND {0} <= DATE '9999-12-31' OR NOT isfinite({0})"
_INSTANT: Final = (
    "{0} >= TIMESTAMPTZ '0001-01-01 00:00:00+00' "
    "AND {0} <= TIMESTAMPTZ '9999-12-31 23:59:59.999999+00' OR NOT isfinite({0})"
)

SQLITE_DAY: Final = (
    "typeof({0}) = 'text' AND {0} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' "
    "AND {0} >= '0001' AND date({0}, '+0 days') IS {0}"
)
SQLITE_INSTANT: Final = (
    "typeof({0}) = 'text' AND {0} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' "
    "AND {0} >= '0001' AND date(substr({0}, 1, 10), '+0 days') IS substr({0}, 1, 10) "
    "AND (length({0}) = 10 OR (substr({0}, 11, 1) IN (' ', 'T') "
    "AND substr({0}, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr({0}, 12, 2) < '24' "
    "AND instr(substr({0}, 12), ' ') = 0 AND (julianday({0}) IS NOT NULL "
    "OR {0} GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]')))"
)


def _kinds(table: Table) -> Iterator[tuple[Column[Any], bool]]:
    """Its instants, then its days, and whether each is an instant."""
    yield from ((each, True) for each in table.columns if isinstance(each.type, UtcDateTime))
    yield from ((each, False) for each in table.columns if isinstance(each.type, Day))


def _name(table: Table, column: Column[Any]) -> str:
    return f"ck_{table.name}_{column.name}_range"


def range_rules(tables: Iterable[Table]) -> Iterator[Rule]:
    """Return what each range is about. It has one name on both engines."""
    for table in tables:
        for column, _ in _kinds(table):
            yield Rule(_name(table, column), table.name, (column.name,), unique=False)


def postgresql_ranges(tables: Iterable[Table]) -> Mapping[str, Mapping[str, str]]:
    """Return PostgreSQL's CHECKs by table and by name."""
    return {table.name: dict(_checks(table)) for table in tables if any(_kinds(table))}


def _checks(table: Table) -> Iterator[tuple[str, str]]:
    for column, is_instant in _kinds(table):
        name = _name(table, column)
        condition = (_INSTANT if is_instant else _DAY).format(column.name)
        yield name, f"ALTER TABLE {table.name} ADD CONSTRAINT {name} CHECK ({condition})"


def sqlite_ranges(tables: Iterable[Table]) -> Mapping[str, Mapping[str, str]]:
    """Return SQLite's triggers by name, for each table."""
    return {table.name: dict(_triggers(table)) for table in tables if any(_kinds(table))}


def _triggers(table: Table) -> Iterator[tuple[str, str]]:
    columns = ", ".join(column.name for column, _ in _kinds(table))
    checks = "".join(
        f"\n    SELECT RAISE(ABORT, '{_name(table, column)}')"
        f" WHERE NEW.{column.name} IS NOT NULL AND NOT coalesce("
        f"{(SQLITE_INSTANT if is_instant else SQLITE_DAY).format(f'NEW.{column.name}')}, 0);"
        for column, is_instant in _kinds(table)
    )
    for name, moment in (
        (f"ck_{table.name}_range_insert", "INSERT"),
        (f"ck_{table.name}_range_update", f"UPDATE OF {columns}"),
    ):
        yield name, f"CREATE TRIGGER {name} BEFORE {moment} ON {table.name}\nBEGIN{checks}\nEND"
