"""Databases for tests, migrated already: copies of a template, which PostgreSQL uses again.

Copying a PostgreSQL database takes longer than most tests do. One that a test gives back is emptied
and serves the next test, unless more than rows was changed in it.
"""

import shutil
from pathlib import Path
from uuid import uuid4

import asyncpg
from sqlalchemy.engine import make_url

from vetcore.database import Database

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
_FIRST_OF_OURS = 16384
"""PostgreSQL numbers its own objects below that."""
_SCHEMA = f"""
    SELECT (SELECT version_num FROM vetcore_version)::text, (
        SELECT count(*) FROM pg_db_role_setting
        JOIN pg_database ON setdatabase = pg_database.oid AND datname = current_database()
    ), {
    ", ".join(
        f"(SELECT sum(hashtext(xmin::text || ctid::text)) FROM {name} WHERE {key} >= {_FIRST_OF_OURS})"
        for name, key in _CATALOGS.items()
    )
}"""
_EMPTY = """
    DO $$ DECLARE found name; BEGIN
        FOR found IN SELECT tablename FROM pg_tables
            WHERE schemaname = 'public' AND tablename <> 'vetcore_version'
        LOOP EXECUTE format('DELETE FROM public.%I', found); END LOOP;
    END $$
"""
_GROWTH = 4_000_000
"""Bytes beyond the template's size; what has grown more would slow the next test down."""


class Databases:
    """Makes databases on a PostgreSQL server, and SQLite files in a directory."""

    def __init__(self, directory: Path, server: str) -> None:
        self.directory = directory
        self.server = server
        self._templates: dict[str, str] = {}
        self._schema: asyncpg.Record | None = None
        self._size = 0
        self._empty: list[str] = []

    async def empty(self, backend: str) -> str:
        """The URL of a new database without a table."""
        name = f"vetcore_{uuid4().hex}"
        if backend == "postgresql":
            await self._execute(f'CREATE DATABASE "{name}"')
        return self._url(backend, name)

    async def migrated(self, backend: str) -> str:
        """The URL of a database at the newest revision, without a row."""
        if backend == "postgresql" and self._empty:
            return self._empty.pop()
        if backend not in self._templates:
            self._templates[backend] = await self._template(backend)
        name = f"vetcore_{uuid4().hex}"
        url = self._url(backend, name)
        if backend == "sqlite":
            shutil.copy(_name(self._templates[backend]), _name(url))
        else:
            template = _name(self._templates[backend])
            await self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return url

    async def give_back(self, url: str) -> None:
        """Take a migrated database back, for another test where that can do no harm."""
        if make_url(url).drivername.startswith("postgresql") and await self._emptied(url):
            self._empty.append(url)
        else:
            await self.drop(url)

    async def drop(self, url: str) -> None:
        """Remove a database for good."""
        if make_url(url).drivername.startswith("postgresql"):
            await self._execute(f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')
        else:
            Path(_name(url)).unlink(missing_ok=True)  # noqa: ASYNC240 -- quick

    async def close(self) -> None:
        """Remove what is left."""
        for url in [*self._empty, *self._templates.values()]:
            await self.drop(url)

    async def _template(self, backend: str) -> str:
        url = await self.empty(backend)
        async with Database(url) as db:
            await db.migrate()
        if backend == "postgresql":
            connection = await asyncpg.connect(url)
            self._schema = await connection.fetchrow(_SCHEMA)
            self._size = await connection.fetchval("SELECT pg_database_size(current_database())")
            await connection.close()
        return url

    async def _emptied(self, url: str) -> bool:
        connection = await asyncpg.connect(url)
        try:
            if await connection.fetchrow(_SCHEMA) != self._schema:
                return False
            await connection.execute("SET session_replication_role = replica")
            await connection.execute("SET lock_timeout = '1s'")
            await connection.execute(_EMPTY)
            size = await connection.fetchval("SELECT pg_database_size(current_database())")
            return int(size) < self._size + _GROWTH
        except asyncpg.PostgresError:
            return False  # somebody still holds rows of it, or it is no longer ours
        finally:
            await connection.close()

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._url("postgresql", _name(self.server)))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _url(self, backend: str, name: str) -> str:
        if backend == "sqlite":
            return f"sqlite:///{self.directory / name}.db"
        server = make_url(self.server).set(drivername="postgresql", database=name)
        return server.render_as_string(hide_password=False)


def _name(url: str) -> str:
    return make_url(url).database or ""
