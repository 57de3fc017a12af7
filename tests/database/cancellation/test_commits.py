"""A cancellation close to a commit: all of the transaction is stored, or nothing."""

import asyncio

import pytest
from sqlalchemy import text

from tests.database.cancellation.cancelling import (
    IN_TIME,
    LONG,
    cancelled,
    count,
    is_free,
    twice,
    until_it_ends,
)
from tests.examples import user
from vetcore.database import Database
from vetcore.database.cancellation import undisturbed
from vetcore.errors import SessionInUse, TransactionOver


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
    await is_free(db)
    assert await count(db) == 0


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
    await is_free(db)
    assert await count(db) == 0


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

    assert await cancelled(work(), twice, after=0.5) < IN_TIME
    await is_free(db)
    assert await count(db) == 0


async def test_what_is_undisturbed_ends_before_the_cancellation_is_raised() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0.1)
        ended.set()

    async def wait() -> None:
        await undisturbed(work())

    await cancelled(wait(), until_it_ends, after=0.02)
    assert ended.is_set()


async def test_what_is_undisturbed_may_not_go_on_for_ever() -> None:
    async def wait() -> None:
        await undisturbed(asyncio.sleep(60), patience=0.1)

    assert await cancelled(wait(), twice, after=0.02) < 1
