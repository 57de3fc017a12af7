"""What a restricted session leaves on its connection never meets the next one."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from tests.access.restricting import enabled, with_restricted
from tests.access.worlds import Platform, platform
from vetcore.database import Acting, Database
from vetcore.models import Pet, User
from vetcore.settings import DatabaseSettings

PETS = text("SELECT count(*) FROM pets")


@pytest.fixture(params=["postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Row-level security is PostgreSQL's."""
    return str(request.param)


@pytest.fixture
async def made(db: Database) -> Platform:
    made = await platform(db)
    await enabled(db)
    return made


@pytest.fixture
async def service(db: Database, made: Platform) -> AsyncIterator[Database]:
    """One connection, so that each session inherits what the one before has left."""
    del made
    settings = DatabaseSettings(pool_size=1, max_overflow=0, pool_timeout=2)
    async with with_restricted(db, settings=settings) as service:
        yield service


@pytest.fixture
def stranger(made: Platform) -> Acting:
    return Acting(made.actors["stranger"].user_id)


@pytest.fixture
def admin(made: Platform) -> Acting:
    return Acting(made.actors["admin"].user_id)


async def _sees_nothing(service: Database, acting: Acting) -> None:
    async with service.restricted(acting) as session:
        assert await session.scalar(PETS) == 0


LEFT = {
    "prepared": "SELECT count(*) FROM pg_prepared_statements WHERE from_sql",
    "cursors": "SELECT count(*) FROM pg_cursors WHERE is_holdable",
    "locks": "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
    "channels": "SELECT count(*) FROM pg_listening_channels()",
    "work_mem": "SELECT count(*) FROM pg_settings WHERE name = 'work_mem' AND setting = '123456'",
    "token": "SELECT count(*) WHERE length(current_setting('vetcore.token', true)) = 5",
}


@pytest.mark.parametrize(
    "statement",
    [
        "PREPARE mine AS SELECT * FROM pets",
        "SELECT pg_advisory_lock(42)",
        "LISTEN mine",
        "SET work_mem = 123456",
        "SELECT set_config('work_mem', '123456', false)",
        "SELECT set_config('vetcore.token', 'other', false)",
        "SET search_path = vetcore_admin",
        "SELECT set_config('search_path', 'vetcore_admin, public', false)",
        "DECLARE mine CURSOR WITH HOLD FOR SELECT * FROM pets",
        "DO $$ BEGIN EXECUTE 'PREPARE mine AS SELECT * FROM pets'; END $$",
        "DEALLOCATE ALL",
        "DISCARD PLANS",
        "SET default_transaction_read_only = off",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
    ],
)
@pytest.mark.parametrize("commits", [False, True])
async def test_leaving_something_for_the_next(
    service: Database, stranger: Acting, admin: Acting, statement: str, commits: bool
) -> None:
    async with service.restricted(admin) as session:
        await session.execute(text(statement))
        if commits:
            raw: Any = await (await session.connection()).get_raw_connection()
            await raw.driver_connection.execute("COMMIT")
    async with service.restricted(stranger) as session:
        assert await session.scalar(PETS) == 0
        assert await session.scalar(text("SHOW search_path")) == "vetcore_own, pg_temp"
        for name, left in LEFT.items():
            assert await session.scalar(text(left)) == 0, name
        assert (await session.scalars(select(Pet))).all() == []


async def test_poisoning_a_statement_that_the_driver_has_prepared(
    service: Database, stranger: Acting, admin: Acting
) -> None:
    """Under the driver's own name for it, another statement would answer in its place."""
    count = select(func.count()).select_from(User)
    async with service.restricted(stranger) as session:
        assert await session.scalar(count) == 1
        names = (await session.scalars(text("SELECT name FROM pg_prepared_statements"))).all()
        for name in names[:-1]:
            await session.execute(text(f'DEALLOCATE "{name}"'))
            await session.execute(text(f'PREPARE "{name}" AS SELECT 99::bigint'))
    async with service.restricted(admin) as session:
        everybody = await session.scalar(count)
    async with service.session() as session:
        assert await session.scalar(count) == everybody


async def test_eight_workers_on_few_connections_leak_nothing(db: Database, made: Platform) -> None:
    """Each asks for another person in turn, on whatever connection comes free."""
    settings = DatabaseSettings(pool_size=3, max_overflow=0)
    people = [actor.user_id for actor in made.actors.values()]
    own = text("SELECT id FROM users WHERE id = :me")
    others = text("SELECT count(*) FROM users")
    expected: dict[UUID, int] = {}
    async with with_restricted(db, settings=settings) as service:
        for person in people:
            async with service.restricted(Acting(person)) as session:
                expected[person] = await session.scalar(others)

        async def worker(number: int) -> None:
            for turn in range(40):
                person = people[(number * 7 + turn) % len(people)]
                async with service.restricted(Acting(person)) as session:
                    assert await session.scalar(own, {"me": person}) == person
                    assert await session.scalar(others) == expected[person]
                    if turn % 5 == number % 5:
                        await session.execute(text("SET search_path = vetcore_admin"))

        async with asyncio.TaskGroup() as tasks:
            for number in range(8):
                tasks.create_task(worker(number))
    assert len(set(expected.values())) > 2
