"""A cancellation ends what it interrupts: no lock is kept, no connection, no half of a transaction."""

import asyncio
import gc
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from sqlalchemy import func, select, text

from tests.examples import user
from vetcore.database import Database, Session
from vetcore.database.cancellation import undisturbed
from vetcore.errors import LockTimeout, SessionInUse, StatementTimeout, TransactionOver
from vetcore.models import User
from vetcore.settings import DatabaseSettings

LONG = {
    "postgresql": "SELECT pg_sleep(20)",
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 2000000000)"
    " SELECT count(*) FROM n",
}
MANY = {
    "postgresql": "SELECT generate_series(1, 100000)",
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 100000)"
    " SELECT x FROM n",
}
IN_TIME = 3.0
"""Seconds: a busy machine is given its time, and a statement of twenty seconds is not waited for."""

Disturb = Callable[["asyncio.Task[None]"], Awaitable[None]]


async def once(task: "asyncio.Task[None]") -> None:
    task.cancel()


async def twice(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()


async def until_it_ends(task: "asyncio.Task[None]") -> None:
    """As anyio does, which cancels with every turn of the loop."""
    while not task.done():
        task.cancel()
        await asyncio.sleep(0)


every_way = pytest.mark.parametrize("disturb", [once, twice, until_it_ends])


@pytest.fixture(autouse=True)
async def complaints(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Nothing is logged as an error, by us, by asyncio or by SQLAlchemy."""
    loop = asyncio.get_running_loop()
    told: list[str] = []
    loop.set_exception_handler(lambda _, context: told.append(context["message"]))
    gc.freeze()  # what is there already has nothing to tell, and takes long to look through
    yield
    gc.collect()
    gc.unfreeze()
    await asyncio.sleep(0)
    loop.set_exception_handler(None)
    told += [
        each.getMessage()
        for each in caplog.get_records("call")
        if each.levelno >= logging.WARNING and each.name.startswith(("sqlalchemy", "asyncio"))
    ]
    assert told == []


async def _count(db: Database) -> int:
    async with db.session() as session:
        return await session.scalar(select(func.count()).select_from(User)) or 0


async def _is_free(db: Database) -> None:
    """No connection is checked out, and another one can write at once."""
    health = await db.health()
    assert (health.ok, health.pool.in_use, health.sessions) == (True, 0, 0)
    impatient = DatabaseSettings(lock_timeout=0.1)
    if db.dialect == "sqlite":
        other = sqlite3.connect(str(db.url.database), timeout=0, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
        other.close()
    async with Database(db.url, settings=impatient) as another, another.trial() as session:
        await session.execute(text("DELETE FROM users"))


async def _cancelled(work: Awaitable[None], disturb: Disturb, after: float = 0.2) -> float:
    """Seconds from the first cancellation to the end."""

    async def done() -> None:
        await work

    task = asyncio.create_task(done())
    await asyncio.sleep(after)
    began = time.monotonic()
    await disturb(task)
    with pytest.raises(asyncio.CancelledError):
        await task
    return time.monotonic() - began


async def _long_after_a_write(db: Database) -> None:
    async with db.transaction() as session:
        session.add(user())
        await session.flush()
        await session.execute(text(LONG[db.dialect]))


@every_way
async def test_a_cancelled_write_leaves_no_lock(db: Database, disturb: Disturb) -> None:
    took = await _cancelled(_long_after_a_write(db), disturb)
    await _is_free(db)
    assert took < IN_TIME
    assert await _count(db) == 0


async def test_a_time_out_returns_in_time_and_leaves_no_lock(db: Database) -> None:
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await _long_after_a_write(db)
    assert time.monotonic() - began < IN_TIME
    await _is_free(db)
    assert await _count(db) == 0


@every_way
async def test_a_cancelled_read_gives_its_connection_back(db: Database, disturb: Disturb) -> None:
    async def read() -> None:
        async with db.session() as session:
            await session.execute(text(LONG[db.dialect]))

    assert await _cancelled(read(), disturb) < IN_TIME
    await _is_free(db)


@every_way
async def test_a_cancelled_savepoint_leaves_no_lock(db: Database, disturb: Disturb) -> None:
    async def work() -> None:
        async with db.transaction() as session:
            session.add(user())
            async with session.begin_nested():
                await session.execute(text(LONG[db.dialect]))

    assert await _cancelled(work(), disturb) < IN_TIME
    await _is_free(db)


@every_way
async def test_a_cancelled_trial_leaves_no_lock(db: Database, disturb: Disturb) -> None:
    async def work() -> None:
        async with db.trial() as session:
            session.add(user())
            await session.flush()
            await session.execute(text(LONG[db.dialect]))

    assert await _cancelled(work(), disturb) < IN_TIME
    await _is_free(db)


@every_way
async def test_a_cancelled_stream_is_closed(db: Database, disturb: Disturb) -> None:
    async def work() -> None:
        async with db.transaction() as session:
            session.add(user())
            await session.flush()
            async for _ in await session.stream(text(MANY[db.dialect])):
                await asyncio.sleep(0.01)

    assert await _cancelled(work(), disturb) < IN_TIME
    await _is_free(db)


async def test_the_next_reader_after_a_stream_that_was_left_sees_what_was_committed_since(
    db: Database,
) -> None:
    for _ in range(2):
        async with db.session() as session:
            rows = await session.stream(text(MANY[db.dialect]))
            assert await rows.fetchone() is not None
        before = await _count(db)
        async with db.transaction() as session:
            session.add(user())
        assert await _count(db) == before + 1
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
    await _is_free(db)
    assert await _count(db) in ({2} if acknowledged else {0, 2})


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
    await _is_free(db)


async def test_replays_end_with_a_cancellation(db: Database) -> None:
    async def work(session: Session) -> None:
        session.add(user())
        await session.flush()
        await session.execute(text(LONG[db.dialect]))

    async def run() -> None:
        await db.run(work)

    assert await _cancelled(run(), twice) < IN_TIME
    await _is_free(db)


async def test_a_task_group_that_fails_takes_its_transactions_with_it(db: Database) -> None:
    async def fail() -> None:
        await asyncio.sleep(0.2)
        raise LookupError

    began = time.monotonic()
    with pytest.raises(ExceptionGroup):
        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(_long_after_a_write(db))
            group.create_task(fail())
    assert time.monotonic() - began < IN_TIME
    await _is_free(db)


async def test_who_is_cancelled_while_waiting_for_a_connection_takes_none(
    database_url: str,
) -> None:
    one = DatabaseSettings(pool_size=1, max_overflow=0)
    async with Database(database_url, settings=one) as db:
        async with db.transaction() as session:
            await session.execute(text("SELECT 1"))
            assert await _cancelled(_long_after_a_write(db), twice, after=0.05) < IN_TIME
        await _is_free(db)


async def test_who_waits_for_a_place_gets_it_when_connecting_was_cancelled(
    database_url: str,
) -> None:
    one = DatabaseSettings(pool_size=1, max_overflow=0, pool_timeout=5)
    db = Database(database_url, settings=one)
    first = asyncio.create_task(db.ping())
    await asyncio.sleep(0)
    second = asyncio.create_task(db.ping())
    await asyncio.sleep(0)
    first.cancel()
    began = time.monotonic()
    await second
    assert time.monotonic() - began < 4
    await asyncio.wait([first])
    await db.close()


@pytest.mark.parametrize("backend", ["sqlite"])
@every_way
async def test_who_waits_for_another_process_is_cancelled_in_time(
    db: Database, disturb: Disturb
) -> None:
    other = sqlite3.connect(str(db.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert await _cancelled(_long_after_a_write(db), disturb, after=0.1) < 1
    other.execute("ROLLBACK")
    other.close()
    await _is_free(db)


@pytest.mark.parametrize("url", ["sqlite://"])
@every_way
async def test_a_database_in_memory_survives_a_cancellation(url: str, disturb: Disturb) -> None:
    async with Database(url) as db:
        await db.migrate()
        async with db.transaction() as session:
            session.add(user())
        await _cancelled(_long_after_a_write(db), disturb)
        assert await _count(db) == 1
        async with db.transaction() as session:
            session.add(user())
        assert await _count(db) == 2


async def test_a_block_that_caught_its_time_out_commits_nothing(db: Database) -> None:
    """The interrupted statement may have taken the transaction with it: half is never kept."""

    async def caught() -> None:
        async with db.transaction() as session:
            session.add(user(email="before@example.com"))
            await session.flush()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await session.execute(text(LONG[db.dialect]))
            session.add(user(email="after@example.com"))

    with pytest.raises(TransactionOver):
        await caught()
    await _is_free(db)
    assert await _count(db) == 0


async def test_a_block_that_ends_while_another_task_uses_its_session_frees_it(
    db: Database,
) -> None:
    async def both() -> None:
        async with db.transaction() as session:
            session.add(user())
            await session.flush()
            await asyncio.gather(*(session.execute(text("SELECT 1")) for _ in range(3)))

    with pytest.raises(SessionInUse):
        await both()
    await _is_free(db)
    assert await _count(db) == 0


_SLOW = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN PERFORM pg_sleep(20); RETURN NULL; END'
"""
_SLOW_COMMITS = """
CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION slow()
"""


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_a_cancellation_during_a_long_commit_returns_in_time(db: Database) -> None:
    async with db.transaction() as session:
        await session.execute(text(_SLOW))
        await session.execute(text(_SLOW_COMMITS))

    async def work() -> None:
        async with db.transaction() as session:
            session.add(user())

    assert await _cancelled(work(), twice, after=0.5) < IN_TIME
    await _is_free(db)
    assert await _count(db) == 0


async def test_what_is_undisturbed_ends_before_the_cancellation_is_raised() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0.1)
        ended.set()

    async def wait() -> None:
        await undisturbed(work())

    await _cancelled(wait(), until_it_ends, after=0.02)
    assert ended.is_set()


async def test_what_is_undisturbed_may_not_go_on_for_ever() -> None:
    async def wait() -> None:
        await undisturbed(asyncio.sleep(60), patience=0.1)

    assert await _cancelled(wait(), twice, after=0.02) < 1


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_a_writer_waits_for_another_process_and_then_says_so(database_url: str) -> None:
    settings = DatabaseSettings(lock_timeout=0.5)
    async with Database(database_url, settings=settings) as db:
        other = sqlite3.connect(str(db.url.database), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(LockTimeout):
            async with db.transaction() as session:
                await session.execute(text("SELECT 1"))
        assert 0.4 < time.monotonic() - began < IN_TIME
        waiting = asyncio.create_task(_one_more(db))
        await asyncio.sleep(0.2)
        other.execute("COMMIT")
        other.close()
        await waiting
        assert await _count(db) == 1


async def _one_more(db: Database) -> None:
    async with db.transaction() as session:
        session.add(user())


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_a_reader_is_limited_by_the_statement_time_out_as_a_writer_is(
    database_url: str,
) -> None:
    async with Database(database_url, settings=DatabaseSettings(statement_timeout=0.1)) as db:
        for opened in (db.session, db.transaction, db.trial):
            with pytest.raises(StatementTimeout):
                async with opened() as session:
                    await session.execute(text(LONG["sqlite"]))
