"""Tells whether a PostgreSQL database differs in rows only, and removes those rows."""

# ruff: noqa: S608 -- the names in these statements are those of the database's own catalog

from dataclasses import dataclass
from typing import Any

import asyncpg

__all__ = ["State", "connect", "empty", "state_of"]

_FIRST_OF_OURS = 16384
"""PostgreSQL numbers its own objects below that."""
_CATALOGS = {
    "pg_attribute": "attrelid",
    "pg_class": "oid",
    "pg_constraint": "oid",
    "pg_index": "indexrelid",
    "pg_namespace": "oid",
    "pg_policy": "oid",
    "pg_proc": "oid",
    "pg_trigger": "oid",
    "pg_type": "oid",
}
# A session's first temporary table makes a schema of PostgreSQL's own, which stays, without a table.
_CONDITIONS = {name: f"{key} >= {_FIRST_OF_OURS}" for name, key in _CATALOGS.items()} | {
    "pg_namespace": f"oid >= {_FIRST_OF_OURS} AND nspname !~ '^pg_(toast_)?temp_'"
}
_SCHEMA = [
    (
        "SELECT count(*) FROM pg_db_role_setting"
        " JOIN pg_database ON setdatabase = pg_database.oid AND datname = current_database()"
    ),
    *(
        f"SELECT sum(hashtext(xmin::text || ctid::text)) FROM {name} WHERE {condition}"
        for name, condition in _CONDITIONS.items()
    ),
]
_SIZE = f"""
    SELECT sum(pg_relation_size(oid))::bigint FROM pg_class
    WHERE oid >= {_FIRST_OF_OURS} AND relkind IN ('r', 'i', 't')
"""
_TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname NOT LIKE 'pg\\_%' AND schemaname <> 'information_schema' ORDER BY 1
"""
_GROWTH = 4_000_000
"""Bytes; a database that has grown by more would slow the next test down."""
_SETTINGS = "SET lock_timeout = '1s'; SET session_replication_role = replica"


@dataclass(frozen=True, slots=True)
class State:
    """What must be equal in two databases that differ in rows only."""

    query: str
    """Asks for all there is to know, in one row."""
    unchanged: tuple[Any, ...]
    """The first values of its answer: the schema, and the rows that belong to it."""
    tables: tuple[str, ...]
    """All others; the next values say whether there is a row in each."""
    size: int
    """The last value, in bytes."""


async def connect(url: str) -> "asyncpg.Connection[Any]":
    """Return a connection for :func:`empty`.

    Raises:
        asyncpg.PostgresError: the user may not set ``session_replication_role``, as superusers may.
    """
    connection: asyncpg.Connection[Any] = await asyncpg.connect(url)
    try:
        await connection.execute(_SETTINGS)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def state_of(connection: "asyncpg.Connection[Any]") -> State:
    """Return the schema, and the rows that belong to it: of the version table, or seeded."""
    tables = [row[0] for row in await connection.fetch(_TABLES)]
    filled = {
        table
        for table in tables
        if await connection.fetchval(f"SELECT EXISTS (SELECT FROM {table})")
    }
    others = tuple(table for table in tables if table not in filled)
    asked = [
        *_SCHEMA,
        *(
            f"SELECT md5(string_agg(each::text, ' ' ORDER BY each::text)) FROM {table} each"
            for table in sorted(filled)
        ),
        *(f"SELECT EXISTS (SELECT FROM {table})" for table in others),
        _SIZE,
    ]
    query = "SELECT " + ", ".join(f"({each})" for each in asked)
    *told, size = await _row(connection, query)
    return State(query, tuple(told[: len(told) - len(others)]), others, size)


async def empty(connection: "asyncpg.Connection[Any]", made: State) -> bool:
    """Delete what was written after ``made``. Return False if more than rows was changed.

    Args:
        connection: of :func:`connect`.
        made: of the database as it was.

    Raises:
        asyncpg.PostgresError: a table is not there, or a row is locked by somebody.
    """
    *told, size = await _row(connection, made.query)
    first = len(made.unchanged)
    if tuple(told[:first]) != made.unchanged or size - made.size >= _GROWTH:
        return False
    written = [table for table, filled in zip(made.tables, told[first:], strict=True) if filled]
    # In one message, so in one transaction: PostgreSQL makes it of all that comes together.
    await connection.execute("; ".join(f"DELETE FROM {table}" for table in written) or "SELECT")
    return True


async def _row(connection: "asyncpg.Connection[Any]", query: str) -> list[Any]:
    return [*(await connection.fetch(query))[0]]
