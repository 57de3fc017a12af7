"""Whether a PostgreSQL database is as it was but for rows, and how to take those out."""

# ruff: noqa: S608 -- the names in these statements are those of the database's own catalog

from typing import Any

import asyncpg

__all__ = ["State", "empty", "state_of"]

State = tuple[Any, ...]
"""What must be equal for two databases to differ in rows alone."""

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
_SCHEMA = f"""
    SELECT (
        SELECT count(*) FROM pg_db_role_setting
        JOIN pg_database ON setdatabase = pg_database.oid AND datname = current_database()
    ), {
    ", ".join(
        f"(SELECT sum(hashtext(xmin::text || ctid::text)) FROM {name} WHERE {condition})"
        for name, condition in _CONDITIONS.items()
    )
}"""
_TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname NOT LIKE 'pg\\_%' AND schemaname <> 'information_schema' ORDER BY 1
"""
_GROWTH = 4_000_000
"""Bytes; a database that has grown by more would slow the next test down."""
_LOCK_SECONDS = 1


async def state_of(connection: "asyncpg.Connection[Any]") -> State:
    """The schema, and the rows that belong to it: those of the version table, or seeded ones."""
    kept = await _kept(connection)
    rows = [await connection.fetchval(_contents(table)) for table in kept]
    size = await connection.fetchval("SELECT pg_database_size(current_database())")
    return (await connection.fetchrow(_SCHEMA), tuple(zip(kept, rows, strict=True)), size)


async def empty(connection: "asyncpg.Connection[Any]", made: State) -> bool:
    """Delete what was written since the database was ``made``; False if more than that was changed.

    The user must be allowed to set ``session_replication_role``, as superusers are.

    Raises:
        asyncpg.PostgresError: that is not allowed, or a row is locked by somebody.
    """
    schema, kept, size = made
    if await connection.fetchrow(_SCHEMA) != schema:
        return False
    for table, rows in kept:
        if await connection.fetchval(_contents(table)) != rows:
            return False
    names = {table for table, _ in kept}
    tables = [row[0] for row in await connection.fetch(_TABLES) if row[0] not in names]
    async with connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'")
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("; ".join(f"DELETE FROM {table}" for table in tables))
    grown = await connection.fetchval("SELECT pg_database_size(current_database())") - size
    return bool(grown < _GROWTH)


async def _kept(connection: "asyncpg.Connection[Any]") -> list[str]:
    tables = [row[0] for row in await connection.fetch(_TABLES)]
    return [
        table
        for table in tables
        if await connection.fetchval(f"SELECT EXISTS (SELECT FROM {table})")
    ]


def _contents(table: str) -> str:
    return f"SELECT md5(string_agg(each::text, ' ' ORDER BY each::text)) FROM {table} each"
