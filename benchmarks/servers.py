"""A PostgreSQL to measure on: the one that is named, else one that is started for the run."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import asyncpg
from sqlalchemy import make_url

from vetcore.embedded import running_postgresql

__all__ = ["postgresql_database"]


@contextmanager
def postgresql_database() -> Iterator[str]:
    """The URL of a new, empty database, dropped at the end."""
    given = os.environ.get("VETCORE_TEST_POSTGRESQL_URL")
    if given is not None:
        yield from _database(given)
        return
    with running_postgresql() as server:
        yield from _database(server.url("postgres"))


def _database(maintenance: str) -> Iterator[str]:
    name = f"vetcore_benchmark_{uuid4().hex[:8]}"
    url = make_url(maintenance).set(drivername="postgresql")

    async def execute(statement: str) -> None:
        connection = await asyncpg.connect(url.render_as_string(hide_password=False))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(execute(f'CREATE DATABASE "{name}"'))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        asyncio.run(execute(f'DROP DATABASE "{name}" WITH (FORCE)'))
