"""Declares what concerns all tables together, after all tables are known."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, event

from vetcore.database.registry import Guards, Rule, schema
from vetcore.models.base import Base
from vetcore.models.types import Identifier

if TYPE_CHECKING:
    from vetcore.database.cleaning import Retention

__all__ = ["guard_tables"]

_SHADOWS = ("clinic_positions", "search_names_trigrams", "search_names")
"""Tables that no model has; SQLite keeps the contents of virtual ones in tables named so and more."""

_FILLED = frozenset({"timetable_versions"})
_MAKE_TIMETABLES = (
    "rooms",
    "equipment",
    "clinic_closures",
    "schedule_blocks",
    "staff_memberships",
    "time_off",
)
"""The tables with triggers that come with ``timetable_versions``; all others refer to none of them."""


def guard_tables() -> None:
    """Give the tables their guards, and declare the schema to be ours."""
    for table in Base.metadata.tables.values():
        _name_types(table)
        event.listen(table, "after_create", _create_guards)
    # A copy writes in this order, and what is signed comes after its seal.
    tables = Base.metadata.tables
    tables["medical_records"].add_is_dependent_on(tables["record_seals"])
    tables["record_addenda"].add_is_dependent_on(tables["record_seals"])
    for name in _MAKE_TIMETABLES:
        tables["timetable_versions"].add_is_dependent_on(tables[name])
    schema.own(
        Base.metadata,
        guards=_guards,
        rules=_rules,
        retention=_retention,
        shadows=_SHADOWS,
        filled=_FILLED,
    )


def _name_types(table: Table) -> None:
    """Give each foreign key a type of its own: SQLAlchemy shares that of the column it refers to."""
    for column in table.columns:
        kind: Any = column.type
        if isinstance(kind, Identifier) and kind.field != column.name:
            column.type = kind.of(column)


def _create_guards(table: Table, connection: Connection, **_: object) -> None:
    for statement in _guards(connection.dialect.name).get(table.name, {}).values():
        connection.exec_driver_sql(statement)


def _guards(dialect: str) -> Guards:
    from vetcore.models.guards import guards  # noqa: PLC0415 -- long texts, for few processes

    return guards(dialect)


def _rules() -> Iterable[Rule]:
    from vetcore.models.guards import rules  # noqa: PLC0415

    return rules()


def _retention() -> "Retention":
    from vetcore.models.retention import retention  # noqa: PLC0415 -- few processes clean

    return retention()
