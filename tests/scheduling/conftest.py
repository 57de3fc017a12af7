"""One database of each engine for tests that write clinics of their own and read only those."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import text

from tests.conftest import BACKENDS
from tests.scheduling.practice import NOW, Practice, practice
from vetcore import clock
from vetcore.database import Database
from vetcore.testing.databases import ScratchDatabases


@pytest.fixture(scope="session")
async def _shared_databases(databases: ScratchDatabases) -> AsyncIterator[dict[str, Database]]:
    urls = {backend: await databases.migrated(backend) for backend in BACKENDS}
    async with AsyncExitStack() as stack:
        opened = {
            backend: await stack.enter_async_context(Database(url)) for backend, url in urls.items()
        }
        async with opened["sqlite"].transaction() as session:
            # The first ANALYZE makes a table. In a transaction with a new table SQLite reads the
            # whole schema anew, and prepares each statement anew, after every savepoint.
            await session.execute(text("ANALYZE"))
        yield opened
    for url in urls.values():
        await databases.give_back(url)


@pytest.fixture
def shared(backend: str, _shared_databases: dict[str, Database]) -> Database:
    """A database that other tests use as well, on each engine in turn."""
    return _shared_databases[backend]


@pytest.fixture
def on_a_friday() -> Iterator[None]:
    """The clock stands at :data:`NOW`."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
async def made(db: Database) -> Practice:
    """The practice, in a database of its own."""
    return await practice(db)
