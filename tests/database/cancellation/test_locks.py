"""A cancellation leaves no lock, no connection and no half of a transaction behind."""

import asyncio
import time

import pytest
from sqlalchemy import select, text

from tests.database.cancellation.cancelling import (
    IN_TIME,
    LONG,
    Disturb,
    cancelled,
    count,
    every_way,
    is_free,
    long_after_a_write,
    twice,
)
from tests.examples import user
from vetcore.database import Database, Session

MANY = {
    "postgresql": "SELECT generate_series(1, 100000)",
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 100000)"
    " SELECT x FROM n",
}


@every_way
async def test_a_cancelled_write_leaves_no_lock(db: Database, disturb: Disturb) -> None:
    took = await cancelled(long_after_a_write(db), disturb)
    await is_free(db)
    assert took < IN_TIME
    assert await count(db) == 0


async def test_a_time_out_returns_in_time_and_leaves_no_lock(db: Database) -> None:
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await long_after_a_write(db)
    assert time.monotonic() - began < IN_TIME
    await is_free(db)
    assert await count(db) == 0


@every_way
async def test_a_cancelled_read_gives_its_connection_back(db: Database, disturb: Disturb) -> None:
    async def read() -> None:
        async with db.session() as session:
            await session.execute(text(LONG[db.dialect]))

    assert await cancelled(read(), disturb) < IN_TIME
    await is_free(db)


@every_way
async def test_a_cancelled_savepoint_leaves_no_lock(db: Database, disturb: Disturb) -> None:
    async def work() -> None:
        async with db.transaction() as session:
            session.add(user())
            async with session.begin_nested():
                await session.execute(text(LONG[db.dialect]))

    assert await cancelled(work(), disturb) < IN_TIME
    await is_free(db)


@every_way
async def test_a_cancelled_trial_leaves_no_lock(db: Database, disturb: Disturb) -> None:
    async def work() -> None:
        async with db.trial() as session:
            session.add(user())
            await session.flush()
            await session.execute(text(LONG[db.dialect]))

    assert await cancelled(work(), disturb) < IN_TIME
    await is_free(db)


@every_way
async def test_a_cancelled_stream_is_closed(db: Database, disturb: Disturb) -> None:
    async def work() -> None:
        async with db.transaction() as session:
            session.add(user())
            await session.flush()
            async for _ in await session.stream(text(MANY[db.dialect])):
                await asyncio.sleep(0.01)

    assert await cancelled(work(), disturb) < IN_TIME
    await is_free(db)


async def test_the_next_reader_after_a_stream_that_was_left_sees_what_was_committed_since(
    db: Database,
) -> None:
    for _ in range(2):
        async with db.session() as session:
            rows = await session.stream(text(MANY[db.dialect]))
            assert await rows.fetchone() is not None
        before = await count(db)
        async with db.transaction() as session:
            session.add(user())
        assert await count(db) == before + 1
        del rows


@every_way
async def test_a_cancelled_migration_leaves_no_lock(empty_url: str, disturb: Disturb) -> None:
    async with Database(empty_url) as db:
        task = asyncio.create_task(db.migrate())
        await asyncio.sleep(0.05)
        await disturb(task)  # type: ignore[arg-type]
        await asyncio.gather(task, return_exceptions=True)
        assert (await db.health()).pool.in_use == 0
        await db.migrate()
        assert await db.check() == []


@every_way
@pytest.mark.parametrize("turns", range(0, 40, 4))
async def test_a_cancelled_transaction_is_there_whole_or_not_at_all(
    db: Database, disturb: Disturb, turns: int
) -> None:
    """Whatever moment is hit: the pool, BEGIN, a statement, COMMIT, the return of the connection."""
    acknowledged = False

    async def work() -> None:
        nonlocal acknowledged
        async with db.transaction() as session:
            session.add_all([user(email="ana@example.com"), user(email="tom@example.com")])
        acknowledged = True

    task = asyncio.create_task(work())
    for _ in range(turns):
        await asyncio.sleep(0)
    await disturb(task)
    await asyncio.gather(task, return_exceptions=True)
    await is_free(db)
    assert await count(db) in ({2} if acknowledged else {0, 2})


@pytest.mark.parametrize("turns", range(0, 60, 3))
async def test_a_time_out_leaves_no_cancellation_behind(db: Database, turns: int) -> None:
    """Whatever moment is hit, it is raised inside the time-out or not at all."""
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()

    async def hit() -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        limit.reschedule(loop.time() - 1)

    limit = asyncio.timeout(60)
    try:
        async with limit:
            hitting = asyncio.create_task(hit())
            async with db.transaction() as session:
                session.add(user())
            async with db.session() as session:
                await session.scalar(select(1))
            hitting.cancel()
    except TimeoutError:
        pass
    await asyncio.sleep(0)
    assert task.cancelling() == 0
    await is_free(db)


async def test_replays_end_with_a_cancellation(db: Database) -> None:
    async def work(session: Session) -> None:
        session.add(user())
        await session.flush()
        await session.execute(text(LONG[db.dialect]))

    async def run() -> None:
        await db.run(work)

    assert await cancelled(run(), twice) < IN_TIME
    await is_free(db)


async def test_a_task_group_that_fails_takes_its_transactions_with_it(db: Database) -> None:
    async def fail() -> None:
        await asyncio.sleep(0.2)
        raise LookupError

    began = time.monotonic()
    with pytest.raises(ExceptionGroup):
        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(long_after_a_write(db))
            group.create_task(fail())
    assert time.monotonic() - began < IN_TIME
    await is_free(db)
