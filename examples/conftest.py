"""Databases for the tests of the examples: SQLite, and a PostgreSQL of the test run's own.

``VETCORE_TEST_POSTGRESQL_URL`` names another server, whose user may create databases.
"""

import os
import shutil
from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, asynccontextmanager
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


@pytest.fixture(scope="session")
async def postgresql_template(postgresql_server: URL) -> AsyncGenerator[str]:
    """The name of a migrated database to make copies of."""
    async with _database(postgresql_server) as template:
        async with Database(template) as db:
            await db.migrate()
        yield make_url(template).database or ""


@pytest.fixture
async def postgresql_url(postgresql_server: URL, postgresql_template: str) -> AsyncGenerator[str]:
    """A migrated PostgreSQL database of the test's own."""
    async with _database(postgresql_server, f'TEMPLATE "{postgresql_template}"') as url:
        yield url


@pytest.fixture(scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to make copies of."""
    template = tmp_path_factory.mktemp("template") / "example.db"
    async with Database(f"sqlite:///{template}") as db:
        await db.migrate()
    return template


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite file of the test's own."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path)}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of the test's own, on each engine in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@asynccontextmanager
async def _database(server: URL, like: str = "") -> AsyncGenerator[str]:
    name = f"vetcore_example_{uuid4().hex}"
    await _execute(server, f'CREATE DATABASE "{name}" {like}')
    yield _text(server.set(database=name))
    await _execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _execute(server: URL, statement: str) -> None:
    connection = await asyncpg.connect(_text(server))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _text(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
