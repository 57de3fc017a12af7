"""Transactions: all or nothing, one task at a time, replayed where that can help."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from tests.examples import pet, user
from vetcore.database import Acting, Database, Session
from vetcore.database.session import GUARDED
from vetcore.errors import (
    AlreadyExists,
    DatabaseError,
    InvalidValue,
    PoolExhausted,
    SessionInUse,
)
from vetcore.models import Pet, User
from vetcore.settings import DatabaseSettings


async def _count(db: Database) -> int:
    async with db.session() as session:
        return await session.scalar(select(func.count()).select_from(User)) or 0


async def test_a_transaction_commits_at_the_end_of_its_block(db: Database) -> None:
    async with db.transaction() as session:
        session.add(user())
    assert await _count(db) == 1


async def test_an_error_in_the_block_leaves_nothing_behind(db: Database) -> None:
    with pytest.raises(InvalidValue):
        async with db.transaction() as session:
            session.add(user())
            await session.flush()
            raise InvalidValue(field="name", rule="is wrong")
    assert await _count(db) == 0


async def test_a_cancelled_task_rolls_back_and_gives_its_connection_back(db: Database) -> None:
    started = asyncio.Event()

    async def work() -> None:
        async with db.transaction() as session:
            session.add(user())
            await session.flush()
            started.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await _count(db) == 0
    assert (await db.health()).pool.in_use == 0


async def test_a_trial_shows_what_would_happen_and_takes_it_back(db: Database) -> None:
    async with db.trial(Acting(actor := uuid4())) as session:
        session.add(somebody := user())
        await session.flush()
        assert somebody.created_by_id == actor
        await session.commit()
        assert await session.scalar(select(func.count()).select_from(User)) == 1
    assert await _count(db) == 0


async def test_a_trial_that_is_rolled_back_inside_goes_on_and_keeps_nothing(db: Database) -> None:
    async with db.trial() as session:
        session.add(pet(name="First"))
        await session.flush()
        await session.rollback()
        session.add(pet(name="Second"))
        await session.commit()
        session.add(pet(name="Third"))
        await session.flush()
        assert list(await session.scalars(select(Pet.name).order_by(Pet.name))) == [
            "Second",
            "Third",
        ]
    async with db.session() as reading:
        assert list(await reading.scalars(select(Pet.name))) == []


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_each_kind_of_transaction_has_the_isolation_that_was_asked_for(db: Database) -> None:
    async def level(session: Session) -> str:
        return str(await session.scalar(text("SHOW transaction_isolation")))

    for wanted in (None, "REPEATABLE READ", "SERIALIZABLE", None):
        told = [await db.run(level, isolation=wanted)]
        for opened in (db.transaction, db.trial):
            async with opened(isolation=wanted) as session:
                told.append(await level(session))
        assert told == [(wanted or "READ COMMITTED").lower()] * 3


async def test_a_session_is_in_use_until_the_outermost_operation_ends(db: Database) -> None:
    async with db.session() as session:

        async def another() -> None:
            await session.scalar(text("SELECT 1"))

        with session.held_for("the outer"):
            with session.held_for("the inner"):
                pass
            with pytest.raises(SessionInUse):
                await asyncio.create_task(another())
        await asyncio.create_task(another())


async def test_a_trial_tries_what_is_pending_at_its_end(db: Database) -> None:
    async with db.transaction() as session:
        session.add(user(email="ana@example.com"))
    with pytest.raises(AlreadyExists):
        async with db.trial() as session:
            session.add(user(email="ana@example.com"))
    assert await _count(db) == 1


async def test_a_savepoint_undoes_its_own_part_only(db: Database) -> None:
    async with db.transaction() as session:
        session.add(user(email="kept@example.com"))
        with pytest.raises(InvalidValue):
            async with session.begin_nested():
                session.add(user(email="undone@example.com"))
                await session.flush()
                raise InvalidValue(field="name", rule="is wrong")
    async with db.session() as session:
        assert (await session.scalars(select(User.email))).all() == ["kept@example.com"]


async def test_a_session_used_by_two_tasks_at_once_is_refused(db: Database) -> None:
    async with db.session() as session:
        results = await asyncio.gather(
            *(session.scalar(select(func.count()).select_from(User)) for _ in range(3)),
            return_exceptions=True,
        )
        refused = [error for error in results if isinstance(error, SessionInUse)]
        assert len(refused) == 2
        assert "one session per task" in refused[0].message
        assert await session.scalar(select(1)) == 1, "the session itself is unharmed"


async def test_one_session_may_pass_from_task_to_task(db: Database) -> None:
    async with db.session() as session:
        for _ in range(2):
            assert await asyncio.create_task(session.scalar(select(1))) == 1


@pytest.mark.parametrize("seconds", [0.05, 0.6])
async def test_a_pool_that_is_used_up_says_so(database_url: str, seconds: float) -> None:
    """In time: neither at once nor much later, for readers and for writers."""
    settings = DatabaseSettings(pool_size=1, max_overflow=0, pool_timeout=seconds)
    async with Database(database_url, settings=settings) as db:
        for opened in (db.session, db.transaction):
            async with opened() as first:
                await first.scalar(select(1))
                began = time.monotonic()
                with pytest.raises(PoolExhausted, match="VETCORE_DATABASE_POOL_SIZE"):
                    async with opened() as second:
                        await second.scalar(select(1))
                assert seconds * 0.9 <= time.monotonic() - began < seconds + 2
            async with opened() as third:
                assert await third.scalar(select(1)) == 1, "the place is free again"


_GUARDED_CALLS: dict[str, Callable[[Session], Awaitable[object]]] = {
    "begin_nested": lambda session: session.begin_nested().start(),
    "close": lambda session: session.close(),
    "commit": lambda session: session.commit(),
    "connection": lambda session: session.connection(),
    "delete": lambda session: session.delete(user()),
    "delete_all": lambda session: session.delete_all([user()]),
    "execute": lambda session: session.execute(select(1)),
    "flush": lambda session: session.flush(),
    "get": lambda session: session.get(User, uuid4()),
    "get_one": lambda session: session.get_one(User, uuid4()),
    "merge": lambda session: session.merge(user()),
    "merge_all": lambda session: session.merge_all([user()]),
    "refresh": lambda session: session.refresh(user()),
    "reset": lambda session: session.reset(),
    "rollback": lambda session: session.rollback(),
    "run_sync": lambda session: session.run_sync(lambda _: None),
    "scalar": lambda session: session.scalar(select(1)),
    "scalars": lambda session: session.scalars(select(1)),
    "stream": lambda session: session.stream(select(1)),
    "stream_scalars": lambda session: session.stream_scalars(select(1)),
}


def test_each_method_that_is_guarded_is_tried() -> None:
    assert _GUARDED_CALLS.keys() == {*GUARDED, "begin_nested"}


@pytest.mark.parametrize("method", _GUARDED_CALLS)
async def test_a_second_task_is_refused_by_each_method(db: Database, method: str) -> None:
    async with db.transaction() as session:
        await session.scalar(select(1))
        busy = asyncio.create_task(session.scalar(select(1)), name="the first")
        await asyncio.sleep(0)
        with pytest.raises(SessionInUse) as caught:
            await _GUARDED_CALLS[method](session)
        assert caught.value.details == {"operation": method, "holder": "the first"}
        assert await busy == 1


async def test_closing_waits_for_work_in_flight_and_refuses_new_work(database_url: str) -> None:
    db = Database(database_url)
    begun, finish = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        async with db.transaction() as session:
            session.add(user())
            begun.set()
            await finish.wait()

    task = asyncio.create_task(work())
    await begun.wait()
    closing = asyncio.create_task(db.close())
    await asyncio.sleep(0.05)
    assert not closing.done()
    with pytest.raises(DatabaseError, match="closed or closing"):
        async with db.session():
            pass
    finish.set()
    await asyncio.gather(task, closing)
    async with Database(database_url) as again:
        assert await _count(again) == 1


async def test_a_duplicate_key_is_chosen_once_under_a_race(db: Database) -> None:
    """Two transactions insert one e-mail address: one gets it, the other a clear error."""
    email = f"{uuid4().hex}@example.com"

    async def register() -> str:
        try:
            async with db.transaction() as session:
                session.add(user(email=email))
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 -- its type is what the test looks at
            return type(error).__name__
        return "registered"

    assert sorted(await asyncio.gather(register(), register())) == ["AlreadyExists", "registered"]
