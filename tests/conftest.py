"""The databases that the tests run on: SQLite in a file, and a real PostgreSQL.

PostgreSQL is the server named by ``VETCORE_TEST_POSTGRESQL_URL`` (whose user may create databases),
else one that is started here for the run. Each test gets a database of its own, migrated already.
"""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import structlog
from sqlalchemy.engine import make_url

from vetcore.database import Database

BACKENDS = ("sqlite", "postgresql")


@pytest.fixture(autouse=True)
def logging_not_set_up() -> Iterator[None]:
    """The command sets structlog up for its process; the next test's process is the same one."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server's maintenance database."""
    with ExitStack() as stack:
        url = os.environ.get("VETCORE_TEST_POSTGRESQL_URL")
        if url is None:
            from vetcore.database.embedded import running_postgresql

            url = stack.enter_context(running_postgresql()).url("postgres")
        yield url


class Databases:
    """Makes migrated databases: copies of one template for each engine."""

    def __init__(self, directory: Path, server: str | None) -> None:
        self.directory = directory
        self.server = server
        self._templates: dict[str, str] = {}

    async def _execute(self, statement: str) -> None:
        assert self.server is not None
        url = make_url(self.server)
        connection = await asyncpg.connect(
            url.set(drivername="postgresql").render_as_string(hide_password=False)
        )
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def url(self, backend: str, name: str) -> str:
        if backend == "sqlite":
            return f"sqlite:///{self.directory / name}.db"
        assert self.server is not None
        return (
            make_url(self.server)
            .set(drivername="postgresql", database=name)
            .render_as_string(hide_password=False)
        )

    async def empty(self, backend: str) -> str:
        """The URL of a new database without a table."""
        name = f"vetcore_{uuid4().hex}"
        if backend == "postgresql":
            await self._execute(f'CREATE DATABASE "{name}"')
        return self.url(backend, name)

    async def migrated(self, backend: str) -> str:
        """The URL of a new database at the newest revision."""
        if backend not in self._templates:
            template = await self.empty(backend)
            async with Database(template) as db:
                await db.migrate()
            self._templates[backend] = make_url(template).database or ""
        template = self._templates[backend]
        name = f"vetcore_{uuid4().hex}"
        if backend == "sqlite":
            shutil.copy(template, self.directory / f"{name}.db")
        else:
            await self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(backend, name)

    async def drop(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.drivername.startswith("postgresql"):
            await self._execute(f'DROP DATABASE IF EXISTS "{parsed.database}" WITH (FORCE)')
        else:
            Path(parsed.database or "").unlink(missing_ok=True)  # noqa: ASYNC240 -- quick


@pytest.fixture(scope="session")
async def databases(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[Databases]:
    server: str = request.getfixturevalue("postgresql_server")
    made = Databases(tmp_path_factory.mktemp("databases"), server)
    yield made
    if "postgresql" in made._templates:
        await made.drop(made.url("postgresql", made._templates["postgresql"]))


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The engine under test: a test that asks for it runs on each."""
    return str(request.param)


@pytest.fixture
async def empty_url(databases: Databases, backend: str) -> AsyncIterator[str]:
    """A database without a table."""
    url = await databases.empty(backend)
    yield url
    await databases.drop(url)


@pytest.fixture
async def database_url(databases: Databases, backend: str) -> AsyncIterator[str]:
    """A migrated database of the test's own, on each engine in turn."""
    url = await databases.migrated(backend)
    yield url
    await databases.drop(url)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """A connected ``Database`` on a migrated database, on each engine in turn."""
    async with Database(database_url) as connected:
        yield connected
