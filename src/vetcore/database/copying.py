"""Moving a whole database to another one, which may be of the other engine."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Column, Table, and_, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import sort_tables

from vetcore.database.core import Database
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
    also: Iterable[Table] = (),
    progress: Callable[[str, int], None] | None = None,
) -> dict[str, int]:
    """Copy every row of every table: deleted ones, audit stamps and versions as they are.

    ``source`` is read as it is at one moment (a SQLite file is locked against writers meanwhile),
    ``target`` is written in one transaction: it gets all of it, or stays empty. Documents and
    figures are read and written through their types, so each is checked on the way.

    Args:
        source: where from.
        target: where to: migrated to the same revision, and without a row.
        also: tables of your own, if both databases have them.
        progress: called after every page with the table's name and its rows so far.

    Returns:
        How many rows each table has, in the order in which they were written.

    Raises:
        MigrationError: the databases are not at one revision.
        ConfigurationError: the target has rows, or ``vetcore.models`` has not been imported.
    """
    ours = [table for table in schema.every_table() if table.name in schema.tables]
    tables = sort_tables(dict.fromkeys([*ours, *also]))
    source, target = source.without_row_security(), target.without_row_security()
    await _require_one_revision(source, target, ours)
    copied: dict[str, int] = {}
    async with (
        source.transaction(isolation="REPEATABLE READ") as reading,
        target.transaction() as writing,
    ):
        old, new = await reading.connection(), await writing.connection()
        for table in tables:
            if await new.scalar(select(func.count()).select_from(table)):
                message = f"{target!r} has rows in {table.name}; copy into an empty database"
                raise ConfigurationError(message)
        for table in tables:
            copied[table.name] = await _copy(old, new, table, progress)
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
