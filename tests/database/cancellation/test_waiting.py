"""Who waits for a connection, for a place or for another process can be cancelled."""

import asyncio
import sqlite3
import time

import pytest
from sqlalchemy import text

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
from vetcore.database import Database
from vetcore.errors import LockTimeout, StatementTimeout
from vetcore.settings import DatabaseSettings


async def test_who_is_cancelled_while_waiting_for_a_connection_takes_none(
    database_url: str,
) -> None:
    one = DatabaseSettings(pool_size=1, max_overflow=0)
    async with Database(database_url, settings=one) as db:
        async with db.transaction() as session:
            await session.execute(text("SELECT 1"))
            assert await cancelled(long_after_a_write(db), twice, after=0.05) < IN_TIME
        await is_free(db)


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
    assert await cancelled(long_after_a_write(db), disturb, after=0.1) < 1
    other.execute("ROLLBACK")
    other.close()
    await is_free(db)


@pytest.mark.parametrize("url", ["sqlite://"])
@every_way
async def test_a_database_in_memory_survives_a_cancellation(url: str, disturb: Disturb) -> None:
    async with Database(url) as db:
        await db.migrate()
        async with db.transaction() as session:
            session.add(user())
        await cancelled(long_after_a_write(db), disturb)
        assert await count(db) == 1
        async with db.transaction() as session:
            session.add(user())
        assert await count(db) == 2


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
        assert await count(db) == 1


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
