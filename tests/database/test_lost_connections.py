"""Connections that the server ends: what was lost is said, and the next use has a good one."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select, text

from tests.examples import user
from vetcore.database import Database, Session
from vetcore.errors import CommitOutcomeUnknown, ConnectionFailed
from vetcore.models import User

pytestmark = pytest.mark.parametrize("backend", ["postgresql"])


async def test_a_connection_lost_while_committing_leaves_the_outcome_unknown(db: Database) -> None:
    async def killed_at_commit() -> None:
        async with db.transaction() as session:
            session.add(user())
            await session.flush()
            pid = await session.scalar(text("SELECT pg_backend_pid()"))
            async with db.session() as other:
                await other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            await asyncio.sleep(0.05)

    with pytest.raises((CommitOutcomeUnknown, ConnectionFailed)) as caught:
        await killed_at_commit()
    assert caught.type is CommitOutcomeUnknown
    async with db.session() as session:
        assert await session.scalar(select(func.count()).select_from(User)) == 0


async def test_a_server_that_dies_in_the_middle_is_a_lost_connection(db: Database) -> None:
    async def sleep(session: Session) -> None:
        await session.execute(text("SELECT pg_sleep(30)"))

    async def in_transaction() -> None:
        async with db.transaction() as session:
            await sleep(session)

    sleepers = [asyncio.create_task(in_transaction()) for _ in range(4)]
    await asyncio.sleep(0.2)
    async with Database(db.url) as other, other.session() as session:
        await session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    errors = await asyncio.gather(*sleepers, return_exceptions=True)
    assert [type(error) for error in errors] == [ConnectionFailed] * 4
    assert (await db.health()).ok


async def test_a_connection_known_to_be_lost_is_replaced_before_the_next_use(db: Database) -> None:
    lost = await _terminated(db)
    async with asyncio.timeout(10):
        await lost.wait()
    async with db.session() as session:
        assert await session.scalar(select(1)) == 1


async def test_a_connection_lost_a_moment_ago_is_tried_again(db: Database) -> None:
    """The server's word may still be on its way: what can be tried again is."""

    async def asked(session: Session) -> int | None:
        return await session.scalar(select(1))

    for _ in range(5):
        await _terminated(db)
        assert await db.run(asked) == 1


async def _terminated(db: Database) -> asyncio.Event:
    """End the connection that was used last, from the server's side; set when the driver knows."""
    lost = asyncio.Event()
    async with db.session() as session:
        pid = await session.scalar(text("SELECT pg_backend_pid()"))
        raw = await (await session.connection()).get_raw_connection()
        driver: Any = raw.driver_connection
        driver.add_termination_listener(lambda _: lost.set())
    async with Database(db.url) as other, other.session() as session:
        await session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    return lost
