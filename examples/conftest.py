"""Databases for the tests of the examples: SQLite, and a PostgreSQL of the test run's own.

``VETCORE_TEST_POSTGRESQL_URL`` names another server, whose user may create databases.
"""

import os
from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy.engine import URL, make_url

from vetcore import Database
from vetcore.database.embedded import running_postgresql


@pytest.fixture(scope="session")
def postgresql_server() -> Generator[URL]:
    """A server's maintenance database."""
    with ExitStack() as stack:
        url = os.environ.get("VETCORE_TEST_POSTGRESQL_URL")
        if url is None:
            url = stack.enter_context(running_postgresql()).url("postgres")
        yield make_url(url)


@pytest.fixture
async def postgresql_url(postgresql_server: URL) -> AsyncGenerator[str]:
    """A migrated PostgreSQL database of the test's own."""
    name = f"vetcore_example_{uuid4().hex}"
    await _execute(postgresql_server, f'CREATE DATABASE "{name}"')
    url = _text(postgresql_server.set(database=name))
    async with Database(url) as db:
        await db.migrate()
    yield url
    await _execute(postgresql_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def sqlite_url(tmp_path: Path) -> str:
    """A migrated SQLite file of the test's own."""
    url = f"sqlite:///{tmp_path}/example.db"
    async with Database(url) as db:
        await db.migrate()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of the test's own, on each engine in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


async def _execute(server: URL, statement: str) -> None:
    connection = await asyncpg.connect(_text(server))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _text(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
