"""Whoever waits for a connection gets one in their turn, and none is ever lost."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import text
from sqlalchemy.util.concurrency import greenlet_spawn
from sqlalchemy.util.queue import Empty, Full

from vetcore.database import Database
from vetcore.database.pool import FairQueue
from vetcore.settings import DatabaseSettings

ONE = DatabaseSettings(pool_size=1, max_overflow=0, pool_timeout=20)


async def test_a_loop_of_short_transactions_keeps_nobody_out(database_url: str) -> None:
    shares: Counter[int] = Counter()

    async def work(number: int) -> None:
        while shares.total() < 60:
            async with db.transaction() as session:
                await session.execute(text("SELECT 1"))
            shares[number] += 1

    async with Database(database_url, settings=ONE) as db:
        await asyncio.gather(*(work(number) for number in range(6)))

    assert min(shares.values()) >= 9
    assert max(shares.values()) <= 12


async def test_who_came_first_is_served_first(database_url: str) -> None:
    served: list[int] = []

    async def ask(number: int) -> None:
        async with db.transaction() as session:
            await session.execute(text("SELECT 1"))
            served.append(number)

    async with Database(database_url, settings=ONE) as db:
        async with db.transaction() as session:
            await session.execute(text("SELECT 1"))
            asked = [asyncio.create_task(ask(number)) for number in range(5)]
            await asyncio.sleep(0.05)
        await ask(5)
        await asyncio.gather(*asked)

    assert served == [0, 1, 2, 3, 4, 5]


async def _waiter(queue: FairQueue[str], seconds: float = 20) -> asyncio.Task[str]:
    """Somebody who has begun to wait."""
    waiter = asyncio.create_task(greenlet_spawn(queue.get, True, seconds))
    await asyncio.sleep(0)
    return waiter


async def test_what_came_at_the_moment_of_giving_up_is_the_next_ones() -> None:
    queue = FairQueue[str](2)
    first, second = await _waiter(queue), await _waiter(queue)

    queue.put_nowait("connection")
    first.cancel()

    assert await second == "connection"
    assert first.cancelled()


async def test_what_came_at_the_moment_of_giving_up_is_kept_if_nobody_else_waits() -> None:
    queue = FairQueue[str](2)
    waiter = await _waiter(queue)

    queue.put_nowait("connection")
    waiter.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert (queue.qsize(), queue.get_nowait()) == (1, "connection")


async def test_who_gave_up_is_passed_over() -> None:
    queue = FairQueue[str](2)
    impatient, cancelled, patient = (
        await _waiter(queue, 0.01),
        await _waiter(queue),
        await _waiter(queue),
    )
    cancelled.cancel()
    with pytest.raises(Empty):
        await impatient

    queue.put_nowait("connection")

    assert await patient == "connection"


def test_what_there_is_no_place_for_is_refused_and_nobody_waits_who_must_not() -> None:
    queue = FairQueue[str](2, use_lifo=True)
    queue.put("a")
    queue.put("b")

    assert queue.full()
    with pytest.raises(Full):
        queue.put("c")
    assert [queue.get(block=False), queue.get(block=False)] == ["b", "a"]
    assert queue.empty()
    with pytest.raises(Empty):
        queue.get(block=False)
