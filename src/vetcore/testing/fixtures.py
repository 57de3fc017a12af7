"""The pytest fixtures. In a test module they need no import, because pytest finds them by name.

==================  ===============================================================================
``session``         an isolated ``Session``: the code under test may commit, roll back and use
                    savepoints; a surrounding transaction takes all of it back. The fastest.
``db``              a migrated, empty ``Database`` of the test's own, for code that opens its own
                    sessions and transactions, several at once too. With ``session`` in the same
                    test, both see the same rows.
``database_url``    the URL of that database, for code that connects by itself, or other processes
``clock``           vetcore's clock, stopped; ``clock.move(timedelta(minutes=5))`` moves it
``vetcore_engine``  ``"sqlite"`` or ``"postgresql"``, whichever the test runs on
==================  ===============================================================================

The engine is SQLite unless something else is chosen: for a run by ``--vetcore-database`` or by the
variable ``VETCORE_TEST_DATABASE``, for a project by ``vetcore_database`` in pytest's configuration,
for a test by ``@pytest.mark.vetcore_database("postgresql")``. Each may name both: the test then runs
on both. PostgreSQL is the server of ``VETCORE_TEST_POSTGRESQL_URL``, else one that is started for the
run from the server binaries of this machine or of the extra ``postgres-binaries``, else a container
where Docker runs. Where there is none, the test fails: it is never skipped.

A project with tables of its own overrides ``vetcore_migrate``, which prepares the databases.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, cast

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from vetcore.clock import StoppedClock
    from vetcore.database import Database, Session
    from vetcore.testing.databases import Migrate, ScratchDatabases

__all__ = [
    "clock",
    "database_url",
    "db",
    "session",
    "vetcore_databases",
    "vetcore_migrate",
]

_SCOPES = ("asyncio_default_fixture_loop_scope", "asyncio_default_test_loop_scope")


@pytest.fixture(scope="session")
def vetcore_migrate() -> "Migrate":
    """Prepares a new database. A project with tables of its own overrides it.

    ::

        @pytest.fixture(scope="session")
        def vetcore_migrate():
            async def migrate(db):
                await db.migrate()
                async with db.engine.begin() as connection:
                    await connection.run_sync(my_metadata.create_all)

            return migrate
    """

    async def migrate(db: "Database") -> None:
        await db.migrate()

    return migrate


@pytest.fixture(scope="session")
def vetcore_databases(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    vetcore_migrate: "Migrate",
) -> "Iterator[ScratchDatabases]":
    """Makes databases for tests, and removes them at the end of the run.

    The workers of pytest-xdist share a server, and the database that theirs are copies of.
    """
    from vetcore.testing.databases import ScratchDatabases  # noqa: PLC0415 -- with the first test
    from vetcore.testing.servers import running_test_server, shared_test_server  # noqa: PLC0415

    worker: dict[str, str] | None = getattr(request.config, "workerinput", None)
    directory = tmp_path_factory.mktemp("vetcore")
    with ExitStack() as stack:

        def server() -> str:
            if worker is None:
                return stack.enter_context(running_test_server())
            return stack.enter_context(shared_test_server(directory.parent.parent))

        run = None if worker is None else worker["testrunuid"]
        made = ScratchDatabases(directory, server, vetcore_migrate, run=run)
        yield made
        made.close()


@pytest_asyncio.fixture
async def database_url(
    vetcore_engine: str, vetcore_databases: "ScratchDatabases"
) -> AsyncIterator[str]:
    """The URL of a migrated database without rows, for this test alone."""
    url = await vetcore_databases.migrated(vetcore_engine)
    yield url
    await vetcore_databases.give_back(url)


@pytest_asyncio.fixture
async def db(
    request: pytest.FixtureRequest, vetcore_databases: "ScratchDatabases", database_url: str
) -> "AsyncIterator[Database]":
    """A connected ``Database`` without rows, for this test alone."""
    _require_one_loop(request)
    async with vetcore_databases.connected(database_url) as connected:
        yield connected


@pytest.fixture
def _vetcore_own_db(request: pytest.FixtureRequest) -> "Database | None":
    """The test's ``db`` where it asks for one, so that ``session`` sees the same rows."""
    if "db" not in request.fixturenames:
        return None
    return cast("Database", request.getfixturevalue("db"))


@pytest_asyncio.fixture
async def session(
    request: pytest.FixtureRequest,
    vetcore_engine: str,
    vetcore_databases: "ScratchDatabases",
    _vetcore_own_db: "Database | None",
) -> "AsyncIterator[Session]":
    """A session whose every effect is undone after the test, even what it committed."""
    if _vetcore_own_db is not None:
        from vetcore.database import Session  # noqa: PLC0415 -- where a test needs it
        from vetcore.database.acting import KEYS  # noqa: PLC0415

        # It commits where the test says so, and so that the test's own sessions see it.
        plain = Session(
            _vetcore_own_db.engine, expire_on_commit=False, info={KEYS: _vetcore_own_db.keys}
        )
        try:
            yield plain
        finally:
            await plain.close()
        return
    _require_one_loop(request)
    async with vetcore_databases.isolated_session(vetcore_engine) as isolated:
        yield isolated


def _require_one_loop(request: pytest.FixtureRequest) -> None:
    """A connection works in the event loop that it was made in, and in no other."""
    config = request.config
    fixtures, tests = (config.getini(name) or "function" for name in _SCOPES)
    if fixtures != tests:
        message = (
            f"vetcore's fixtures would run in another event loop ({fixtures}) than the tests "
            f"({tests}): set {_SCOPES[0]} and {_SCOPES[1]} to the same, best to session"
        )
        raise pytest.UsageError(message)
    mode = config.getoption("asyncio_mode") or config.getini("asyncio_mode")
    if mode == "auto" and request.node.get_closest_marker("anyio"):
        message = (
            "vetcore's fixtures would run in an event loop of pytest-asyncio's, and this test in one "
            "of anyio's: leave its marker away, or set asyncio_mode to strict"
        )
        raise pytest.UsageError(message)


@pytest.fixture
def clock() -> "Iterator[StoppedClock]":
    """The clock of vetcore, stopped at the beginning of this second.

    ``move`` and ``move_to`` set it. Whatever vetcore takes for the present stands still, also where
    it asks the database: a hold runs out when the clock is moved past its end. What the database
    asks itself goes on: the views of restricted sessions, and ``now()`` in statements of your
    own.
    """
    from vetcore.clock import now  # noqa: PLC0415 -- where a test needs it
    from vetcore.testing.clock import stopped_clock  # noqa: PLC0415

    with stopped_clock(now().replace(microsecond=0)) as stopped:
        yield stopped
