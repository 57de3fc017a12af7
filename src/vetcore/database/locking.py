"""Locks: on rows, and on things that have no row. Each lasts as long as its transaction.

Whoever locks several things locks them in one order, so that no two transactions wait for each other
in a ring: :func:`locked_rows` and :func:`locking` sort by primary key, :func:`take_turns` by number.

SQLite needs none of this and gets none: its transactions that write go one after the other.
"""

from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from typing import Any, Final, TypeVar, TypeVarTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    TextClause,
    bindparam,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapper
from sqlalchemy.orm.interfaces import ORMOption

from vetcore.database.driver import is_postgresql
from vetcore.database.held import held, note_locked
from vetcore.errors import NotFound

__all__ = [
    "RELEASE_ALL",
    "locked",
    "locked_rows",
    "locking",
    "take_turn_at_once",
    "take_turns",
    "turn_key",
    "wait_for_turn",
]

RELEASE_ALL: Final = "SELECT pg_catalog.pg_advisory_unlock_all()"
"""Gives back what somebody else's SQL has taken for longer than its transaction."""

E = TypeVar("E", bound=DeclarativeBase)
Ts = TypeVarTuple("Ts")

_FRESH = {"populate_existing": True}


# Rows ---------------------------------------------------------------------------------------------


async def locked(
    session: AsyncSession,
    entity: type[E],
    key: UUID,
    *conditions: ColumnElement[bool],
    options: Sequence[ORMOption] = (),
) -> E:
    """Lock a row and return it as it is now.

    ::

        pet = await locked(session, Pet, pet_id)

    What refers to the row may be written meanwhile: the lock is the one that an UPDATE takes. A row
    that the transaction has locked already is neither read nor locked again.

    Args:
        session: of a transaction.
        entity: a model.
        key: the row's primary key.
        conditions: what must be true of the row as well.
        options: what is loaded with it, such as ``selectinload(Pet.owner)``.

    Raises:
        NotFound: there is no such row, or it is deleted, or a condition does not hold.
    """
    if not (conditions or options) and (known := held(session, entity, key)) is not None:
        return known
    query = _by_key(entity).where(*conditions).options(*options)
    row: E | None = await session.scalar(query, {"key": key}, execution_options=_FRESH)
    if row is None:
        raise NotFound(entity=entity, key=key)
    note_locked(session, row)
    return row


async def locked_rows(session: AsyncSession, query: Select[E]) -> Sequence[E]:
    """Return the entities of ``query`` as they are now, locked and sorted by primary key."""
    (chosen,) = query.column_descriptions
    rows = await session.scalars(locking(query, chosen["entity"]), execution_options=_FRESH)
    return rows.all()


def locking(query: Select[*Ts], entity: type[object], *, removing: bool = False) -> Select[*Ts]:
    """Return the query that also locks its rows of ``entity``, in the order of their primary keys.

    Args:
        query: the query; it must not be sorted yet.
        entity: a model that the query selects from.
        removing: whether the rows may be deleted, so that nothing may come to refer to them meanwhile.
    """
    mapper: Mapper[Any] = inspect(entity)
    return query.order_by(*mapper.primary_key).with_for_update(of=entity, key_share=not removing)


@cache
def _by_key(entity: Any) -> Select[Any]:
    (column,) = inspect(entity).primary_key
    return (
        select(entity).where(column == bindparam("key")).with_for_update(of=entity, key_share=True)
    )


# Turns --------------------------------------------------------------------------------------------

_WAIT: TextClause = text("SELECT pg_advisory_xact_lock(key) FROM unnest(:keys) AS key").bindparams(
    bindparam("keys", type_=ARRAY(BigInteger))
)


def turn_key(tenant: str | None, kind: str, name: object) -> int:
    """Return the number of a turn among PostgreSQL's advisory locks.

    A database has one space of such numbers.

    Args:
        tenant: whose thing it is; the same thing of two tenants has two numbers.
        kind: what kind of thing it is.
        name: which of that kind.
    """
    # Each part with its length, so that no two turns read alike.
    parts = "".join(f"{len(part)}:{part}" for part in (tenant or "", kind, str(name)))
    return int.from_bytes(blake2b(parts.encode(), digest_size=8).digest(), signed=True)


async def take_turns(session: AsyncSession, kind: str, *names: object) -> None:
    """Let transactions about the same things take turns if there is no row to lock.

    Args:
        session: of a transaction, which has its turn until it ends.
        kind: what kind of thing the names are of.
        names: the things; transactions that name one of them in common wait for each other.

    Raises:
        LockTimeout: somebody else's turn took too long.
    """
    if names and is_postgresql(session):
        keys = {turn_key(session.info.get("tenant"), kind, name) for name in names}
        # PostgreSQL reads an array from left to right, so everybody locks in this order.
        await session.execute(_WAIT, {"keys": sorted(keys)})


async def take_turn_at_once(session: AsyncSession, kind: str, name: object) -> bool:
    """Take a turn if nobody else has it now, and return whether it was taken."""
    if not is_postgresql(session):
        return True
    key = turn_key(session.info.get("tenant"), kind, name)
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(key))))


def wait_for_turn(connection: Connection, tenant: str | None, kind: str, name: object) -> None:
    """Take a turn on a connection to PostgreSQL that belongs to no session."""
    connection.execute(_WAIT, {"keys": [turn_key(tenant, kind, name)]})
