"""The databases that the tests run on: SQLite in a file, and a real PostgreSQL.

PostgreSQL is the server named by ``VETCORE_TEST_POSTGRESQL_URL`` (whose user may create databases),
else one that is started here for the run. Each test gets a database of its own, migrated already.
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest
import structlog

from tests.databases import Databases
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


@pytest.fixture(scope="session")
async def databases(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[Databases]:
    server: str = request.getfixturevalue("postgresql_server")
    made = Databases(tmp_path_factory.mktemp("databases"), server)
    yield made
    await made.close()


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
    await databases.give_back(url)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """A connected ``Database`` on a migrated database, on each engine in turn."""
    async with Database(database_url) as connected:
        yield connected
