"""Compares the database with the migrations and the models, and names every difference."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, Table, text
from sqlalchemy.sql.schema import SchemaConst

from vetcore.database import migrate
from vetcore.database.registry import schema
from vetcore.errors import ConfigurationError

__all__ = ["Difference", "compare", "own_tables"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference between the database and the models."""

    kind: str
    """``revision``, ``missing``, ``unexpected`` or ``changed``."""
    name: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.detail}"


def compare(
    connection: Connection, tenant: str | None, also: Iterable[MetaData] = ()
) -> list[Difference]:
    """Return every difference between the database, the migrations and the models.

    Args:
        connection: to the database.
        tenant: the schema of the tenant.
        also: of a service's own tables, which are compared, too.

    Raises:
        ConfigurationError: ``vetcore.models`` has not been imported, so there is nothing to compare.
    """
    if not schema.tables:
        message = "Nothing to compare with: import vetcore.models first"
        raise ConfigurationError(message)
    return [
        *_revision(connection, tenant),
        *_tables(connection, tenant, own_tables(also)),
        *_guards(connection, tenant),
    ]


def _revision(connection: Connection, tenant: str | None) -> list[Difference]:
    found = migrate.current(connection, tenant)
    head = migrate.scripts().get_current_head()
    if found == head:
        return []
    detail = f"the database is at {found or 'nothing'}, the package at {head}"
    return [Difference("revision", migrate.VERSION_TABLE, f"{detail}; run `vetcore db upgrade`")]


def own_tables(also: Iterable[MetaData]) -> list[Table]:
    """Return a service's own tables, which may share the package's MetaData."""
    tables = (table for metadata in also for table in metadata.tables.values())
    return [table for table in dict.fromkeys(tables) if table.name not in schema.tables]


def _tables(connection: Connection, tenant: str | None, own: Sequence[Table]) -> list[Difference]:
    elsewhere = _of_other_dialects(connection.dialect.name)
    expected = _expected(tenant, own)
    names = {table.name for table in own}
    guarded = schema.guards(connection.dialect.name)

    def include(item: Any, name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
        # A consumer's tables in the same database are none of our business.
        if kind == "table":
            return name in schema.tables or name in names
        if getattr(getattr(item, "table", None), "name", None) in names:
            return True
        if migrate.not_vetcore(item, name, kind, reflected, None) and kind != "schema":
            return False
        if name in elsewhere:
            return False
        owner = getattr(getattr(item, "table", None), "name", "")
        return not (reflected and (f"{owner}.{name}" in guarded or name in guarded))

    def only_tenant(name: str | None, kind: str, _parents: Any) -> bool:
        return name == tenant if kind == "schema" else True

    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": migrate.VERSION_TABLE,
            "version_table_schema": tenant,
            "include_object": include,
            "include_schemas": tenant is not None,
            "include_name": only_tenant,
            "compare_type": True,
        },
    )
    return [_difference(item) for item in _flat(compare_metadata(context, expected))]


def _expected(tenant: str | None, own: Sequence[Table]) -> MetaData:
    ours = [table for table in schema.every_table() if table.name in schema.tables]
    if tenant is None and not own and ours == [*ours[0].metadata.tables.values()]:
        return ours[0].metadata  # as it is: to copy it takes a third of the comparison
    expected = MetaData(naming_convention=schema.metadata[0].naming_convention)
    for table in (*ours, *own):
        table.to_metadata(expected, schema=tenant or SchemaConst.RETAIN_SCHEMA)
    return expected


def _of_other_dialects(dialect: str) -> set[str]:
    """Indexes that the models restrict to another dialect; copying a table forgets that."""
    return {
        str(index.name)
        for known in schema.metadata
        for table in known.tables.values()
        for index in table.indexes
        # What ``ddl_if`` was told can be asked of nothing public.
        if (condition := getattr(index, "_ddl_if", None)) and condition.dialect != dialect
    }


def _flat(differences: list[Any]) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for item in differences:
        found.extend(item if isinstance(item, list) else [item])  # pyright: ignore[reportUnknownArgumentType]
    return found


def _difference(item: tuple[Any, ...]) -> Difference:
    """Alembic tells what would have to be done to the database; we tell what is wrong with it."""
    action = str(item[0])
    subject = item[-1] if not action.startswith("modify") else None
    if subject is None:
        return Difference("changed", f"{item[2]}.{item[3]}", f"{action}: {item[-2]} → {item[-1]}")
    table = item[2] if action.endswith("column") else getattr(subject, "table", None)
    owner = f"{getattr(table, 'name', table)}." if table is not None else ""
    name = f"{owner}{getattr(subject, 'name', subject)}"
    kind = "missing" if action.startswith("add") else "unexpected"
    return Difference(kind, name, f"{action.partition('_')[2]} {kind} in the database")


def _guards(connection: Connection, tenant: str | None) -> list[Difference]:
    if connection.dialect.name == "sqlite":
        return _sqlite_guards(connection)
    return _postgresql_guards(connection, tenant)


def _sqlite_guards(connection: Connection) -> list[Difference]:
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    present = {name: _normal(sql) for name, sql in rows}
    differences: list[Difference] = []
    for name, statement in schema.guards("sqlite").items():
        if name not in present:
            differences.append(Difference("missing", name, "trigger or virtual table"))
        elif present[name] != _normal(statement):
            differences.append(Difference("changed", name, "its definition is not ours"))
    return differences


def _normal(statement: str) -> str:
    return re.sub(r"\s+", " ", statement).strip().rstrip(";").casefold()


def _postgresql_guards(connection: Connection, tenant: str | None) -> list[Difference]:
    where = "n.nspname = coalesce(:tenant, current_schema())"
    values = {"tenant": tenant}
    present = set(
        connection.scalars(
            text(
                "SELECT c.conname FROM pg_constraint c "  # noqa: S608 -- a constant
                "JOIN pg_namespace n ON n.oid = c.connamespace "
                f"WHERE {where} AND c.contype IN ('x', 'c') AND c.convalidated "
                "UNION ALL SELECT t.relname || '.' || a.attname FROM pg_attribute a "
                "JOIN pg_class t ON t.oid = a.attrelid "
                "JOIN pg_namespace n ON n.oid = t.relnamespace "
                f"WHERE {where} AND a.attgenerated = 's' "
                "UNION ALL SELECT t.relname FROM pg_class t "
                "JOIN pg_namespace n ON n.oid = t.relnamespace "
                f"WHERE {where} AND t.relkind = 'i' "
                "UNION ALL SELECT g.tgname FROM pg_trigger g "
                "JOIN pg_class t ON t.oid = g.tgrelid "
                "JOIN pg_namespace n ON n.oid = t.relnamespace "
                f"WHERE {where} AND NOT g.tgisinternal AND g.tgenabled IN ('O', 'A') "
                "UNION ALL SELECT p.proname FROM pg_proc p "
                "JOIN pg_namespace n ON n.oid = p.pronamespace "
                f"WHERE {where}"
            ),
            values,
        )
    )
    return [
        Difference("missing", name, "constraint, generated column, index, trigger or function")
        for name in schema.guards("postgresql")
        if name not in present
    ]
