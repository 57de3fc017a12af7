"""A failover is a pause: work is replayed until the server is back, and no pause is too long."""

import asyncio
import random
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, text

from tests.examples import user
from vetcore.database import Database, Session
from vetcore.database.retries import replay, until_available
from vetcore.embedded import EmbeddedPostgreSQL, running_postgresql
from vetcore.errors import (
    CommitOutcomeUnknown,
    ConnectionFailed,
    Deadlock,
    PoolExhausted,
    SerializationFailure,
    VetcoreError,
)
from vetcore.models import User
from vetcore.settings import DatabaseSettings

Pauses = list[float]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    """The pauses that are made; a clock of their own goes on by them, and nobody waits."""
    made: Pauses = []
    now = time.monotonic()

    async def sleep(seconds: float, result: object = None) -> object:
        made.append(seconds)
        return result

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: now + sum(made))
    return made


async def _always(error: VetcoreError) -> None:
    raise error


async def _replayed(error: VetcoreError, **options: object) -> None:
    chosen: dict[str, object] = {"attempts": 8, "failover_wait": 45, "idempotent": False}
    with pytest.raises(type(error)):
        await replay(lambda: _always(error), **(chosen | options))  # type: ignore[arg-type]


@pytest.mark.parametrize("error", [ConnectionFailed("gone"), CommitOutcomeUnknown("gone")])
@pytest.mark.parametrize("seconds", [30, 45, 120])
async def test_a_lost_connection_is_waited_for_as_long_as_it_was_said(
    pauses: Pauses, error: VetcoreError, seconds: float
) -> None:
    await _replayed(error, failover_wait=seconds, idempotent=True)
    assert sum(pauses) == pytest.approx(seconds)
    assert max(pauses) <= 2
    assert len(pauses) > seconds / 2


async def test_a_lost_connection_is_not_waited_for_where_that_is_said(pauses: Pauses) -> None:
    await _replayed(ConnectionFailed("gone"), failover_wait=0)
    assert pauses == []


@pytest.mark.parametrize("error", [SerializationFailure("again"), Deadlock("again")])
@pytest.mark.parametrize("attempts", [1, 2, 40])
async def test_a_lost_race_is_replayed_so_many_times_and_no_pause_is_longer_than_its_cap(
    pauses: Pauses, error: VetcoreError, attempts: int
) -> None:
    await _replayed(error, attempts=attempts)
    assert len(pauses) == attempts - 1
    assert all(0 < pause <= 1 for pause in pauses)
    assert len(set(pauses)) == len(pauses), "who fails together does not come back together"


async def test_an_outage_is_over_when_the_database_has_answered(pauses: Pauses) -> None:
    errors = iter([*[ConnectionFailed("gone")] * 20, Deadlock("again")] * 3)
    done = 0

    async def work() -> int:
        nonlocal done
        done += 1
        if (error := next(errors, None)) is not None:
            raise error
        return done

    assert await replay(work, attempts=8, failover_wait=40, idempotent=False) == 64
    assert sum(pauses) > 60


async def test_a_pool_that_an_outage_has_used_up_is_part_of_the_outage(pauses: Pauses) -> None:
    errors = iter([ConnectionFailed("gone"), PoolExhausted("none came free")])

    async def work() -> str:
        if (error := next(errors, None)) is not None:
            raise error
        return "done"

    assert await replay(work, attempts=1, failover_wait=40, idempotent=False) == "done"
    await _replayed(PoolExhausted("none came free"))
    assert len(pauses) == 2


@pytest.mark.parametrize("seconds", [3, 30, 100])
async def test_start_up_waits_as_long_as_it_was_said_and_pauses_for_five_seconds_at_most(
    pauses: Pauses, seconds: float
) -> None:
    random.seed(seconds)
    with pytest.raises(ConnectionFailed):
        await until_available(
            lambda: _always(ConnectionFailed("gone")), seconds=seconds, database="db"
        )
    assert sum(pauses) == pytest.approx(seconds)
    assert max(pauses) <= 5


def test_failovers_of_thirty_seconds_are_waited_for_by_default() -> None:
    settings = DatabaseSettings()
    assert min(settings.connect_wait, settings.failover_wait) >= 40


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgreSQL]:
    """A server of one's own, which may be stopped."""
    with running_postgresql(durable=True) as running:
        yield running


@pytest.mark.parametrize("stop", ["stop", "crash"])
async def test_a_restart_is_a_pause(server: EmbeddedPostgreSQL, stop: str) -> None:
    db = Database(server.url("postgres"), settings=DatabaseSettings(pool_size=4, max_overflow=0))
    async with db:
        await db.migrate()
        async with db.transaction() as session:
            await session.execute(text("DELETE FROM users"))

        async def register(session: Session, number: int) -> None:
            email = f"{number}@example.com"
            if await session.scalar(select(User.id).where(User.email == email)) is None:
                session.add(user(email=email))
                await session.flush()
            await asyncio.sleep(0.05)

        async def one(number: int) -> None:
            await db.run(lambda session: register(session, number), idempotent=True)

        async def many(worker: int) -> None:
            for number in range(8):
                await one(worker * 100 + number)

        working = asyncio.gather(*(many(worker) for worker in range(4)))
        await asyncio.sleep(0.2)
        await asyncio.to_thread(getattr(server, stop))
        await asyncio.sleep(2.5)
        await asyncio.to_thread(server.start)
        await working
        async with db.session() as session:
            assert await session.scalar(select(func.count()).select_from(User)) == 32
        assert (await db.health()).pool.in_use == 0


async def test_stale_connections_cost_no_errors_after_a_restart(
    server: EmbeddedPostgreSQL,
) -> None:
    async with Database(server.url("postgres")) as db:

        async def ask() -> int | None:
            async with db.session() as session:
                await session.execute(text("SELECT pg_sleep(0.05)"))
                return await session.scalar(select(1))

        assert await asyncio.gather(*(ask() for _ in range(8))) == [1] * 8
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)
        assert await asyncio.gather(*(ask() for _ in range(8))) == [1] * 8


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_a_connection_that_was_lost_before_the_commit_was_sent_is_replayed(
    db: Database,
) -> None:
    attempts = 0

    async def work(session: Session) -> None:
        nonlocal attempts
        attempts += 1
        session.add(user())
        await session.flush()
        if attempts == 1:
            pid = await session.scalar(text("SELECT pg_backend_pid()"))
            async with db.session() as other:
                await other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            await asyncio.sleep(0.2)

    await db.run(work)
    assert attempts == 2


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_an_idle_transaction_ends_and_says_so(database_url: str) -> None:
    settings = DatabaseSettings(idle_in_transaction_timeout=0.2)
    async with Database(database_url, settings=settings) as db:
        for opened in (db.transaction, db.session):
            with pytest.raises(ConnectionFailed):
                async with opened() as session:
                    await session.scalar(select(1))
                    await asyncio.sleep(0.8)
                    await session.scalar(select(1))
        with pytest.raises(CommitOutcomeUnknown, match="nothing is stored"):
            async with db.transaction() as session:
                session.add(user())
                await session.flush()
                await asyncio.sleep(0.8)
        health = await db.health()
        assert (health.ok, health.pool.in_use) == (True, 0)
