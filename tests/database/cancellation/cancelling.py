"""Ways to cancel a task, and what a cancellation must leave behind."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select, text

from tests.examples import user
from vetcore.database import Database
from vetcore.models import User
from vetcore.settings import DatabaseSettings

LONG = {
    "postgresql": "SELECT pg_sleep(20)",
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 2000000000)"
    " SELECT count(*) FROM n",
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


async def count(db: Database) -> int:
    async with db.session() as session:
        return await session.scalar(select(func.count()).select_from(User)) or 0


async def is_free(db: Database) -> None:
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


async def cancelled(work: Awaitable[None], disturb: Disturb, after: float = 0.2) -> float:
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


async def long_after_a_write(db: Database) -> None:
    async with db.transaction() as session:
        session.add(user())
        await session.flush()
        await session.execute(text(LONG[db.dialect]))
