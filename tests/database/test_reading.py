"""``Database.session()`` only reads, is held to it, and goes beside the one that writes."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text

from tests.examples import pet, user
from vetcore.database import Database, Session
from vetcore.errors import ConnectionFailed, InvalidValue, PoolExhausted, ReadOnlySession
from vetcore.models import Pet, User
from vetcore.settings import DatabaseSettings
from vetcore.testing import count_statements

IN_MEMORY = "sqlite://"

WRITES: dict[str, Callable[[Session], Awaitable[object]]] = {
    "raw SQL": lambda session: session.execute(text("DELETE FROM users")),
    "an update": lambda session: session.execute(text("UPDATE users SET locale = 'en'")),
    "Core": lambda session: session.execute(insert(Pet.__table__).values(name="Rex")),
    "a temporary table": lambda session: session.execute(
        text("CREATE TEMPORARY TABLE mine (id int)")
    ),
    "a table": lambda session: session.execute(text("CREATE TABLE mine (id int)")),
    "a flush": lambda session: _added(session).flush(),
    "autoflush": lambda session: _added(session).scalar(select(func.count(User.id))),
    "a commit": lambda session: _added(session).commit(),
}


def _added(session: Session) -> Session:
    session.add(user())
    return session


async def _on_the_driver(session: Session) -> None:
    connection = await session.connection()
    await connection.exec_driver_sql("DELETE FROM users")


async def _users(db: Database) -> int:
    async with db.session() as session:
        return await session.scalar(select(func.count()).select_from(User)) or 0


WRITES["the driver's connection"] = _on_the_driver


@pytest.mark.parametrize("how", WRITES)
async def test_a_session_writes_nothing_and_says_what_to_do(db: Database, how: str) -> None:
    async with db.transaction() as session:
        session.add(user(email="kept@example.com"))
    with pytest.raises(ReadOnlySession, match=r"db\.transaction\(\)") as caught:
        async with db.session() as session:
            await WRITES[how](session)
            await session.commit()
    assert caught.value.code == "read_only_session"
    assert not caught.value.retryable
    assert await _users(db) == 1


@pytest.mark.parametrize("how", WRITES)
async def test_a_session_in_memory_writes_nothing_either_and_a_transaction_does(how: str) -> None:
    async with Database(IN_MEMORY) as db:
        await db.migrate()
        for number in range(2):
            with pytest.raises(ReadOnlySession):
                async with db.session() as session:
                    await WRITES[how](session)
            async with db.transaction() as session:
                session.add(user(email=f"{number}@example.com"))
        assert await _users(db) == 2


async def test_a_changed_row_is_a_write_and_a_row_that_is_as_it_was_is_not(db: Database) -> None:
    async with db.transaction() as session:
        session.add(animal := pet(name="Rex"))
    async with db.session() as session:
        found = await session.get_one(Pet, animal.id)
        found.name = "Rex"
        await session.flush()
        found.name = "Bo"
        with pytest.raises(ReadOnlySession):
            await session.flush()
        session.expire(found)


async def test_a_second_transaction_of_a_session_only_reads_too(db: Database) -> None:
    async with db.session() as session:
        await session.scalar(select(1))
        await session.commit()
        with pytest.raises(ReadOnlySession):
            await session.execute(text("DELETE FROM users"))


async def test_whoever_writes_after_a_reader_on_the_same_connection_may(db: Database) -> None:
    for _ in range(3):
        assert await _users(db) >= 0
        async with db.transaction() as session:
            session.add(user(email=None, clerk_user_id=None))
            await session.rollback()
    async with db.engine.begin() as connection:
        await connection.exec_driver_sql("CREATE TABLE own (id int)")


async def test_a_session_sees_what_was_committed_before_it_began(db: Database) -> None:
    for number in range(20):
        async with db.transaction() as session:
            session.add(user(email=f"{number}@example.com"))
        assert await _users(db) == number + 1


async def test_a_reader_waits_for_no_writer_and_a_writer_for_no_reader(db: Database) -> None:
    settings = DatabaseSettings(lock_timeout=1, pool_timeout=1)
    async with Database(db.url, settings=settings) as ours, AsyncExitStack() as stack:
        readers = [await stack.enter_async_context(ours.session()) for _ in range(8)]
        for reader in readers:
            assert await reader.scalar(select(func.count()).select_from(User)) == 0
        async with ours.transaction() as writer:
            writer.add(user())
            await writer.flush()
            assert await _users(ours) == 0
        assert await _users(ours) == 1
        health = await ours.health()
        assert (health.ok, health.pool.in_use) == (True, 8)


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_a_reader_keeps_what_it_saw_until_it_ends(db: Database) -> None:
    async with db.session() as reader:
        assert await reader.scalar(select(func.count()).select_from(User)) == 0
        async with db.transaction() as session:
            session.add(user())
        assert await reader.scalar(select(func.count()).select_from(User)) == 0


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_health_tells_of_readers_and_of_the_one_that_writes(database_url: str) -> None:
    settings = DatabaseSettings(pool_size=3, max_overflow=0, pool_timeout=0.05)
    async with Database(database_url, settings=settings) as db:
        health = await db.health()
        assert health.readers is not None
        assert (health.pool.size, health.readers.size) == (4, 3)
        async with AsyncExitStack() as stack:
            for _ in range(3):
                session = await stack.enter_async_context(db.session())
                await session.scalar(select(1))
            with pytest.raises(PoolExhausted):
                await _users(db)
            async with db.transaction() as session:
                await session.scalar(select(1))
    assert (db.reading_engine.pool.checkedin(), db.engine.pool.checkedin()) == (0, 0)  # type: ignore[attr-defined]


async def test_a_database_in_memory_has_one_pool() -> None:
    async with Database(IN_MEMORY) as db:
        health = await db.health()
        assert (health.readers, health.pool.size) == (None, 1)


async def test_closing_waits_for_readers_too(database_url: str) -> None:
    db = Database(database_url)
    begun, finish = asyncio.Event(), asyncio.Event()

    async def read() -> None:
        async with db.session() as session:
            await session.scalar(select(1))
            begun.set()
            await finish.wait()
            assert await session.scalar(select(2)) == 2

    task = asyncio.create_task(read())
    await begun.wait()
    closing = asyncio.create_task(db.close())
    await asyncio.sleep(0.05)
    assert not closing.done()
    finish.set()
    await asyncio.gather(task, closing)


async def test_who_listens_to_the_engine_hears_of_readers_and_writers(db: Database) -> None:
    with count_statements(db, exactly=2):
        async with db.session() as session:
            await session.execute(text("SELECT 1"))
        async with db.transaction() as session:
            await session.execute(text("SELECT 1"))


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_reading_costs_no_statement_of_its_own(db: Database) -> None:
    async with db.session() as session:
        assert await session.scalar(text("SHOW transaction_read_only")) == "on"
        raw = await (await session.connection()).get_raw_connection()
        driver: Any = raw.driver_connection
        seen: list[str] = []
        log = lambda record: seen.append(record.query)  # noqa: E731 -- it is removed by identity
        driver.add_query_logger(log)
        await session.rollback()
        await session.scalar(text("SELECT 7"))
        driver.remove_query_logger(log)
        begun = [each for each in seen if each.startswith(("BEGIN", "SET"))]
        assert begun == ["BEGIN READ ONLY;"]
    async with db.transaction() as session:
        assert await session.scalar(text("SHOW transaction_read_only")) == "off"


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_a_transaction_on_a_standby_has_lost_its_server(db: Database) -> None:
    """After a failover, an address may still lead to a server that only reads."""
    with pytest.raises(ConnectionFailed):
        async with db.transaction() as session:
            await session.execute(text("SET TRANSACTION READ ONLY"))
            session.add(user())


@pytest.mark.parametrize("how", ["added", "changed", "deleted"])
async def test_what_is_left_unsent_in_a_session_is_not_lost_in_silence(
    db: Database, how: str
) -> None:
    async with db.transaction() as session:
        session.add(user(email="kept@example.com", first_name="Ann"))
    with pytest.raises(ReadOnlySession):
        async with db.session() as session:
            found = (await session.scalars(select(User))).one()
            if how == "added":
                session.add(user())
            elif how == "changed":
                found.first_name = "Bea"
            else:
                await session.delete(found)
    async with db.session() as session:
        assert (await session.scalars(select(User.first_name))).all() == ["Ann"]


@pytest.mark.parametrize("kind", ["session", "transaction", "trial"])
@pytest.mark.parametrize(
    "statement", ["COMMIT", " commit;", "/* now */ END", "-- so\nROLLBACK", "ABORT WORK"]
)
async def test_no_statement_ends_the_transaction_of_a_block(
    db: Database, kind: str, statement: str
) -> None:
    with pytest.raises(InvalidValue, match="statement: ends the transaction"):
        async with getattr(db, kind)() as session:
            await session.execute(text(statement))
            await session.execute(text("DELETE FROM users"))


@pytest.mark.parametrize("key", [[], {}, ["a"], set[str](), (), ("a", "b")])
async def test_what_is_no_key_of_a_row_is_refused_by_name(db: Database, key: object) -> None:
    async with db.session() as session:
        with pytest.raises(InvalidValue, match=r"^id: "):
            await session.get(User, key)
