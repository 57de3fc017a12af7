"""Writes a new row in a single statement, with all that the ORM would have given it.

If several transactions want the same place at the same moment, the ORM's INSERT is not enough: it
cannot do nothing on a conflict, and two overlapping INSERTs wait for each other. So this module
makes the row from the mapper's own columns and defaults, and sends it on the fast path. The row
then becomes an object of the session as if it had been loaded.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import JSON, bindparam, insert, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, class_mapper, make_transient_to_detached

from vetcore.database.acting import ACTING, acting_of
from vetcore.database.driver import asyncpg_dialect, is_postgresql, rows_of
from vetcore.errors import AlreadyExists, SlotTaken

__all__ = ["Source", "attached", "insert_of", "inserted", "inserted_from", "new_row"]

E = TypeVar("E", bound=DeclarativeBase)
Row = dict[str, Any]


class _Plan(NamedTuple):
    """How a row of one class is made; worked out once."""

    plain: Mapping[str, Any]
    """Every column with its default, None where it has none."""
    made: tuple[tuple[str, Callable[[Any], Any]], ...]
    """The columns whose default is made for each row."""


class Source(NamedTuple):
    """Whether a row is to be written, as a query says it, and what of the row the query decides."""

    query: Any
    """A SELECT of nothing; it finds one row, or none if nothing is to be written."""
    columns: Mapping[str, Any]
    """Expressions by the names of columns."""


class _Context(NamedTuple):
    """What a column's default may ask of a statement: what the transaction's connection was told."""

    execution_options: Mapping[str, Any]
    row: Row

    def get_current_parameters(self) -> Row:
        """Return the row, as far as it is made."""
        return self.row


@cache
def _plan(entity: Any) -> _Plan:
    plain: dict[str, Any] = {}
    made: list[tuple[str, Callable[[Any], Any]]] = []
    for column in inspect(entity).local_table.c:
        if column.computed is not None:
            continue
        default: Any = column.default
        plain[column.key] = default.arg if default is not None and default.is_scalar else None
        if default is not None and default.is_callable:
            made.append((column.key, default.arg))
    return _Plan(plain, tuple(made))


def new_row(session: AsyncSession, entity: type[DeclarativeBase], given: Mapping[str, Any]) -> Row:
    """Return every column of a new row: the given values, and the defaults for the others.

    Defaults that are made for each row, such as audit stamps, ask the session who acts, as those of
    any INSERT do.

    Args:
        session: of a transaction.
        entity: a model.
        given: by the names of columns.

    Raises:
        TypeError: something is given for which there is no column.
    """
    plain, made = _plan(entity)
    row = {**plain, **given}
    if len(row) > len(plain):
        message = f"{entity.__name__} has no column {', '.join(sorted(row.keys() - plain))}"
        raise TypeError(message)
    context = _Context({ACTING: acting_of(session)}, row)
    for name, default in made:
        if name not in given:
            row[name] = default(context)
    return row


def insert_of(dialect: str, table: Any) -> Any:
    """Return the INSERT of a dialect, which knows ``ON CONFLICT``.

    Args:
        dialect: its name, of which the process has an engine.
        table: a table, or an entity.
    """
    # Each process needs one of the two.
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415

    return sqlite.insert(table)


async def inserted(session: AsyncSession, entity: type[DeclarativeBase], row: Row) -> bool:
    """Write a row that :func:`new_row` made, unless it conflicts. Return whether it was written.

    On PostgreSQL it waits only for a transaction that is about to commit the conflicting row.
    """
    if is_postgresql(session):
        return bool(await rows_of(session, _insertion(entity), _as_sent(entity, row)))
    try:
        return bool(await rows_of(session, _plain_insertion(entity), row))
    except (SlotTaken, AlreadyExists):
        return False


async def inserted_from(
    session: AsyncSession,
    entity: type[DeclarativeBase],
    row: Row,
    source: Callable[[], Source],
    given: Mapping[str, Any],
) -> bool:
    """Write a row as :func:`inserted` does, if a query says so, and return whether it was written.

    One statement asks and writes. It is for PostgreSQL.

    Args:
        session: of a transaction.
        entity: a model.
        row: of :func:`new_row`; what the query decides is entered in it.
        source: a function that makes the query; the same function each time.
        given: the query's parameters.
    """
    statement, decided = _insertion_from(entity, source)
    found = await rows_of(session, statement, {**given, **_as_sent(entity, row)})
    if not found:
        return False
    row.update(zip(decided, found[0], strict=False))
    return True


def attached(session: AsyncSession, entity: type[E], row: Row) -> E:
    """Return the row as the session would have loaded it, without asking the database for it."""
    # As a query makes it: no listener is told of values that the database has already.
    new: Any = class_mapper(entity).class_manager.new_instance()
    new.__dict__.update(row)
    thing: E = new
    make_transient_to_detached(thing)
    session.add(thing)
    return thing


def _table(entity: Any) -> Any:
    return inspect(entity).local_table


@cache
def _insertion(entity: Any) -> Any:
    table = _table(entity)
    columns = {name: bindparam(name, type_=table.c[name].type) for name in _plan(entity).plain}
    statement: Any = insert_of("postgresql", table).values(columns)
    key: Any = table.primary_key.columns
    return statement.on_conflict_do_nothing().returning(*key)


@cache
def _insertion_from(entity: Any, source: Callable[[], Source]) -> tuple[Any, tuple[str, ...]]:
    table = _table(entity)
    query, decided = source()
    columns: dict[str, Any] = {
        name: decided.get(name, bindparam(name, type_=table.c[name].type))
        for name in _plan(entity).plain
    }
    statement: Any = insert_of("postgresql", table)
    statement = statement.from_select(list(columns), query.add_columns(*columns.values()))
    returned = [*(table.c[name] for name in decided), *table.primary_key.columns]
    return statement.on_conflict_do_nothing().returning(*returned), tuple(decided)


@cache
def _plain_insertion(entity: Any) -> Any:
    """SQLite has one writer, and a trigger's refusal is an error whatever the statement says."""
    table = _table(entity)
    key: Any = table.primary_key.columns
    statement: Any = insert(table)
    return statement.returning(*key)


def _as_sent(entity: Any, row: Row) -> Row:
    """The row as asyncpg takes it; all but documents goes as it is, unchecked by its column's type."""
    sent = row.copy()
    for name, process in _documents(entity):
        sent[name] = process(row[name])
    return sent


@cache
def _documents(entity: Any) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    kinds = {name: _table(entity).c[name].type for name in _plan(entity).plain}
    return tuple(
        (name, kind.bind_processor(asyncpg_dialect()))
        for name, kind in kinds.items()
        if isinstance(getattr(kind, "impl", kind), JSON)
    )
