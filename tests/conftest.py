"""The databases that the tests run on: SQLite in a file, and a real PostgreSQL.

PostgreSQL is the server named by ``VETCORE_TEST_POSTGRESQL_URL`` (whose user may create databases),
else one that is started here for the run. Each test gets a database of its own, migrated already.
"""

import gc
import logging
from collections.abc import AsyncIterator, Generator, Iterator
from functools import partial
from typing import Any

import pytest
import structlog
from sqlalchemy import Dialect

from vetcore.database import Database
from vetcore.testing import ScratchDatabases

Compiled = dict[str, tuple[Dialect, dict[Any, Any]]]
BACKENDS = ("sqlite", "postgresql")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among what collecting makes: all of it stays until the end.

    Python went through the modules and the thousands of tests again and again, which took a tenth of
    the suite's time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()


@pytest.fixture(autouse=True)
def logging_not_set_up() -> Iterator[None]:
    """The command sets logging up for its process; the next test's process is the same one."""
    yield
    structlog.reset_defaults()
    logging.getLogger("vetcore").handlers.clear()


@pytest.fixture(scope="session")
def databases(vetcore_databases: ScratchDatabases) -> ScratchDatabases:
    """Those of our own plugin, which all workers share."""
    return vetcore_databases


@pytest.fixture(scope="session")
def postgresql_server(databases: ScratchDatabases) -> str:
    """The URL of a PostgreSQL server's maintenance database."""
    return databases.server


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The engine under test: a test that asks for it runs on each."""
    return str(request.param)


@pytest.fixture
async def empty_url(databases: ScratchDatabases, backend: str) -> AsyncIterator[str]:
    """A database without a table."""
    url = await databases.empty(backend)
    yield url
    await databases.drop(url)


@pytest.fixture
async def database_url(databases: ScratchDatabases, backend: str) -> AsyncIterator[str]:
    """A migrated database of the test's own, on each engine in turn."""
    url = await databases.migrated(backend)
    yield url
    await databases.give_back(url)


@pytest.fixture(scope="session")
def compiled() -> Compiled:
    """For each engine, its dialect and the statements that were compiled for it."""
    return {}


def share(compiled: Compiled, connected: Database) -> None:
    """Let the statements that one ``Database`` has compiled serve the next."""
    for engine in (connected.engine.sync_engine, connected.reading_engine.sync_engine):
        engine.dialect, cache = compiled.setdefault(connected.dialect, (engine.dialect, {}))
        engine.update_execution_options(compiled_cache=cache)


@pytest.fixture
async def db(
    databases: ScratchDatabases, database_url: str, compiled: Compiled
) -> AsyncIterator[Database]:
    """A connected ``Database`` on a migrated database, on each engine in turn.

    What one test has compiled serves the next, as in a service that lives long: compiling took a
    quarter of the suite's time.
    """
    async with databases.connected(database_url, partial(share, compiled)) as connected:
        yield connected
