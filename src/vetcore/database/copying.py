"""Copies a whole database to another one, which may be of the other engine."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    inspect,
    select,
    table,
    text,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import sort_tables

from vetcore.database.core import Database
from vetcore.database.drift import own_tables
from vetcore.database.registry import schema
from vetcore.errors import ConfigurationError, MigrationError

__all__ = ["copy_database"]

PAGE: Final = 1000
"""Rows that are read, and written, at once."""

Row = Mapping[str, Any]


async def copy_database(
    source: Database,
    target: Database,
    *,
    also: Sequence[Table | MetaData] = (),
    progress: Callable[[str, int], None] | None = None,
) -> dict[str, int]:
    """Copy every row of every table: deleted ones, audit stamps and versions as they are.

    ``source`` is read as it is at one moment (a SQLite file is locked against writers meanwhile),
    ``target`` is written in one transaction: it gets all of it, or stays empty. Documents and
    figures are read and written through their types, so each is checked on the way.

    Args:
        source: where from.
        target: where to: migrated to the same revision, and without a row.
        also: tables of your own, or the MetaData that has them; both databases must have them.
        progress: called after every page with the table's name and its rows so far.

    Returns:
        How many rows each table has, in the order in which they were written.

    Raises:
        MigrationError: the databases are not at one revision.
        ConfigurationError: the target has rows, the source has rows in tables that are not known
            here, or ``vetcore.models`` has not been imported.
        PermissionDenied: row-level security hides rows from the user who connects: it takes the
            tables' owner.
    """
    ours = [each for each in schema.every_table() if each.name in schema.tables]
    own = [each for each in also if isinstance(each, Table)]
    own += own_tables(each for each in also if isinstance(each, MetaData))
    tables = sort_tables(dict.fromkeys([*ours, *own]))
    await _require_one_revision(source, target, ours)
    copied: dict[str, int] = {}
    async with (
        source.transaction(isolation="REPEATABLE READ") as reading,
        target.transaction() as writing,
    ):
        old, new = await reading.connection(), await writing.connection()
        for connection in (old, new):
            await _refuse_to_see_a_part(connection)
        await _require_all_known(old, source, {each.name for each in tables})
        for each in tables:
            if await new.scalar(select(func.count()).select_from(each)):
                message = f"{target!r} has rows in {each.name}; copy into an empty database"
                raise ConfigurationError(message)
        for each in tables:
            if each.name in schema.filled:
                # It comes last, and as it was, too.
                await new.execute(delete(each))
            copied[each.name] = await _copy(old, new, each, progress)
    return copied


async def _require_one_revision(source: Database, target: Database, ours: Sequence[Table]) -> None:
    if not ours:
        message = "There is nothing to copy: import vetcore.models first"
        raise ConfigurationError(message)
    before, after = await source.current_revision(), await target.current_revision()
    if before is None or before != after:
        message = (
            f"The databases must be at one revision; {source!r} is at {before or 'nothing'}, "
            f"{target!r} at {after or 'nothing'}. `vetcore db upgrade` brings both up to date"
        )
        raise MigrationError(message, source=before, target=after)


async def _refuse_to_see_a_part(connection: AsyncConnection) -> None:
    """Have PostgreSQL refuse what policies would filter, as ``pg_dump`` does."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SET LOCAL row_security = off"))


async def _require_all_known(
    connection: AsyncConnection, source: Database, known: AbstractSet[str]
) -> None:
    """Refuse to leave rows behind in silence."""
    unknown = [
        name
        for name in await connection.run_sync(_strangers, source.tenant, known)
        if await connection.scalar(select(exists(select(1).select_from(table(name)))))
    ]
    if unknown:
        message = (
            f"{source!r} has rows in tables that are not known here: {', '.join(unknown)}. "
            "Hand over the MetaData that has them, so that they come along: "
            "`--metadata mypackage.models:Base.metadata`, or `also=` in code"
        )
        raise ConfigurationError(message)


def _strangers(
    connection: Connection, tenant: str | None, known: AbstractSet[str]
) -> Sequence[str]:
    """Names of tables that are nobody's: not known, not Alembic's, no extension's, not SQLite's."""
    inspector: Any = inspect(connection)
    names = [name for name in inspector.get_table_names(schema=tenant) if name not in known]
    if connection.dialect.name == "postgresql":
        belongs = text(
            "SELECT c.relname FROM pg_depend d JOIN pg_class c ON c.oid = d.objid "
            "WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'e'"
        )
        names = [name for name in names if name not in set(connection.scalars(belongs))]
    names = [name for name in names if not name.startswith(("sqlite_", *schema.shadows))]
    return sorted(name for name in names if not _is_of_alembic(inspector, name, tenant))


def _is_of_alembic(inspector: Any, name: str, tenant: str | None) -> bool:
    columns = [column["name"] for column in inspector.get_columns(name, schema=tenant)]
    return columns == ["version_num"]


async def _copy(
    old: AsyncConnection,
    new: AsyncConnection,
    table: Table,
    progress: Callable[[str, int], None] | None,
) -> int:
    columns = [column for column in table.columns if column.computed is None]
    within = [each for each in columns if any(map(each.references, table.columns))]
    later: list[Row] = []
    done = 0
    async for page in _pages(old, table, columns):
        if within:
            # A row may refer to one that comes after it.
            later += [row for row in page if any(row[each.name] is not None for each in within)]
            nothing = dict.fromkeys((each.name for each in within), None)
            page = [{**row, **nothing} for row in page]  # noqa: PLW2901 -- the same, for now
        await new.execute(insert(table), page)
        done += len(page)
        if progress is not None:
            progress(table.name, done)
    for row in later:
        await _refer(new, table, row, within)
    return done


async def _pages(
    connection: AsyncConnection, table: Table, columns: Sequence[Column[Any]]
) -> AsyncIterator[Sequence[Row]]:
    """The rows by key, a page at a time, each in a statement that is soon done."""
    keys = list(table.primary_key)
    query = select(*columns).order_by(*keys).limit(PAGE)
    last: Row | None = None
    while True:
        beyond = tuple_(*keys) > tuple(last[key.name] for key in keys) if last else None
        found = await connection.execute(query if beyond is None else query.where(beyond))
        page = [dict(row) for row in found.mappings()]
        if page:
            yield page
        if len(page) < PAGE:
            return
        last = page[-1]


async def _refer(
    connection: AsyncConnection, table: Table, row: Row, within: Sequence[Column[Any]]
) -> None:
    """Let a row refer to another of its table, and change nothing else of it."""
    kept = {column.name: column for column in table.columns if column.onupdate is not None}
    values = {**kept, **{each.name: row[each.name] for each in within}}
    this = and_(*(key == row[key.name] for key in table.primary_key))
    await connection.execute(update(table).where(this).values(values))
