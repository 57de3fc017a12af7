"""Figures, defaults and boundaries that the database room promises, one by one."""

import asyncio
import inspect
import sqlite3
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import create_engine, event, select, text, update

from tests.examples import pet
from vetcore import clock
from vetcore.database import Database, Session, migrate, sqlite_driver
from vetcore.database.cancellation import undisturbed
from vetcore.database.cursors import cursor_after, position_of
from vetcore.database.driver import copy_in
from vetcore.database.engine import in_memory
from vetcore.database.listing import select_for
from vetcore.database.paging import page, read_page
from vetcore.database.slow import log_slow_statements
from vetcore.database.urls import async_url
from vetcore.errors import ConnectionFailed, Deadlock, InvalidValue
from vetcore.models import Pet
from vetcore.schemas import PetSummary
from vetcore.settings import DatabaseSettings, RetentionSettings

# Waiting and trying again


async def test_who_waits_for_no_time_asks_once(unused_tcp_port: int) -> None:
    url = f"postgresql://ann@127.0.0.1:{unused_tcp_port}/clinic"
    db = Database(url, settings=DatabaseSettings(connect_wait=60))
    began = time.monotonic()
    with pytest.raises(ConnectionFailed):
        await db.wait(0)
    assert time.monotonic() - began < 30
    await db.close()


async def test_work_is_tried_eight_times_unless_it_is_said(db: Database) -> None:
    tried = 0

    async def work(_: object) -> None:
        nonlocal tried
        tried += 1
        raise Deadlock("again")

    with pytest.raises(Deadlock):
        await db.run(work)
    assert tried == 8
    with pytest.raises(Deadlock):
        await db.run(work, attempts=3)
    assert tried == 11


async def test_closing_waits_as_long_as_it_was_said_and_no_longer(database_url: str) -> None:
    assert inspect.signature(Database.close).parameters["timeout"].default == 30
    db = Database(database_url)
    async with db.session() as session:
        await session.scalar(select(1))
        began = time.monotonic()
        await db.close(timeout=0.4)
        assert 0.3 < time.monotonic() - began < 3
        await session.invalidate()


def test_what_must_not_be_left_half_done_goes_on_for_five_seconds_at_most() -> None:
    assert inspect.signature(undisturbed).parameters["patience"].default == 5


async def test_tenants_of_one_database_do_not_wait_for_each_others_migrations(
    db: Database,
) -> None:
    if db.dialect == "sqlite":
        return  # It has no tenants.
    async with db.engine.connect() as first:
        await first.run_sync(migrate._prepare, "tenant_a")
        async with asyncio.timeout(60):
            await db.for_tenant("tenant_b").migrate()
        await first.rollback()


# Addresses


@pytest.mark.parametrize(
    ("url", "is_in_memory"),
    [
        ("sqlite://", True),
        ("sqlite:///:memory:", True),
        ("sqlite:///file:clinic?mode=memory&uri=true", True),
        ("sqlite:///file:clinic?mode=rwc&uri=true", False),
        ("sqlite:///memory.db", False),
    ],
)
def test_a_database_in_memory_is_known_by_its_url(url: str, is_in_memory: bool) -> None:
    assert in_memory(async_url(url)) is is_in_memory


def test_what_a_url_says_in_the_drivers_own_word_goes_first() -> None:
    url = async_url("postgresql://ann@db/clinic?ssl=verify-full&sslmode=disable")
    assert dict(url.query) == {"ssl": "verify-full"}


# Slow statements


@pytest.fixture
def slow_ones(caplog: pytest.LogCaptureFixture) -> "list[str]":
    """What is logged of a statement that takes a tenth of a second."""
    engine = create_engine("sqlite://")
    log_slow_statements(engine, 0.05)
    event.listen(engine, "before_cursor_execute", lambda *_: time.sleep(0.1))
    with engine.connect() as connection:
        connection.execute(text(f"SELECT 1 -- {'x' * 5000}"))
    engine.dispose()
    return [str(vars(each)["statement"]) for each in caplog.records]


def test_of_a_long_statement_the_first_thousand_characters_are_logged(slow_ones: list[str]) -> None:
    assert [len(each) for each in slow_ones] == [1000]
    assert slow_ones[0].startswith("SELECT 1 -- xxx")


# Sessions


async def test_a_session_that_includes_deleted_rows_gets_one_that_it_holds(db: Database) -> None:
    rex = pet()
    async with db.transaction() as session:
        session.add(rex)
    async with db.transaction(include_deleted=True) as session:
        held = await session.get_one(Pet, rex.id)
        held.soft_delete()
        await session.flush()
        assert await session.get(Pet, rex.id) is held
    async with db.transaction() as session:
        included = {"include_deleted": True}
        held = await session.get_one(Pet, rex.id, execution_options=included)
        assert await session.get(Pet, rex.id) is None
        assert await session.get(Pet, rex.id, execution_options=included) is held


async def test_of_two_updates_by_key_at_once_the_second_waits_and_counts(db: Database) -> None:
    rex = pet(name="Rex")
    async with db.transaction() as session:
        session.add(rex)

    async def rename(name: str) -> None:
        async with db.transaction() as session:
            await session.execute(update(Pet), [{"id": rex.id, "name": name}])

    async with db.transaction() as session:
        await session.execute(update(Pet), [{"id": rex.id, "name": "First"}])
        second = asyncio.create_task(rename("Second"))
        await asyncio.sleep(0.3)
        assert not second.done()
    await second
    async with db.session() as session:
        found = await session.get_one(Pet, rex.id)
        assert (found.name, found.version) == ("Second", 3)


def test_no_cursor_that_was_changed_is_taken_by_chance() -> None:
    """What is changed to another position of the list is only known by its check."""
    raw = urlsafe_b64decode(cursor_after("pets", ("Rex 0000", 7)) + "==")
    taken = 0
    for number in range(1, 3_000):
        changed = raw.replace(b"Rex 0000", b"Rex %04d" % number)
        try:
            position_of("pets", urlsafe_b64encode(changed).decode().rstrip("="), kinds=(str, int))
        except InvalidValue:
            continue
        taken += 1
    assert taken == 0


@pytest.mark.parametrize(("length", "is_taken"), [(12_260, True), (12_280, False)])
def test_a_cursor_of_more_than_16384_characters_is_not_read(length: int, is_taken: bool) -> None:
    """Nobody needs to decode a megabyte that a caller sends."""
    cursor = cursor_after("pets", ("x" * length,))
    assert (len(cursor) <= 16_384) is is_taken
    if is_taken:
        assert position_of("pets", cursor, kinds=(str,)) == ["x" * length]
    else:
        with pytest.raises(InvalidValue):
            position_of("pets", cursor, kinds=(str,))


@pytest.mark.parametrize("of_shapes", [False, True])
async def test_what_is_wrong_with_a_page_is_told_under_the_name_that_its_cursor_has(
    db: Database, of_shapes: bool
) -> None:
    async with db.session() as session:
        asked: dict[str, Any] = {"order_by": [Pet.name], "after": "nonsense", "field": "cursor"}
        with pytest.raises(InvalidValue) as refused:
            if of_shapes:
                await read_page(session, PetSummary, select_for(Pet, PetSummary), **asked)
            else:
                await page(session, select(Pet), **asked)
    assert refused.value.details["field"] == "cursor"


# What differs by engine


async def test_instants_are_utc_whatever_zone_the_server_has(database_url: str) -> None:
    async with Database(database_url) as db:
        if db.dialect == "sqlite":
            return  # It stores text, and has no zone.
        async with db.engine.begin() as connection:
            name = await connection.scalar(text("SELECT current_database()"))
            await connection.execute(text(f"ALTER DATABASE \"{name}\" SET timezone = 'Asia/Tokyo'"))
    try:
        async with Database(database_url) as db, db.session() as session:
            assert await session.scalar(text("SHOW timezone")) == "UTC"
            noon = "SELECT to_char(timestamptz '2026-03-09 12:00+00', 'HH24:MI')"
            assert await session.scalar(text(noon)) == "12:00"
    finally:
        async with Database(database_url) as db, db.engine.begin() as connection:
            await connection.execute(text(f'ALTER DATABASE "{name}" RESET timezone'))


async def test_lines_that_are_copied_first_of_all_belong_to_the_transaction(
    database_url: str,
) -> None:
    async def lines() -> AsyncIterator[bytes]:
        yield b"1\n-\n"

    async def copied() -> list[int | None]:
        async with db.session() as session:
            return list(await session.scalars(text("SELECT n FROM copied ORDER BY n")))

    async def copy(session: Session) -> None:
        await copy_in(session, "copied", ["n"], lines(), null="-")

    async def copy_and_fail() -> None:
        async with db.transaction() as session:
            await copy(session)
            raise LookupError

    async with Database(database_url) as db:
        if db.dialect == "sqlite":
            return  # It has no COPY.
        async with db.engine.begin() as connection:
            await connection.execute(text("CREATE TABLE copied (n int)"))
        with pytest.raises(LookupError):
            await copy_and_fail()
        assert await copied() == []
        async with db.transaction() as session:
            await copy(session)
        assert await copied() == [1, None]
        async with db.engine.begin() as connection:
            await connection.execute(text("DROP TABLE copied"))


async def test_a_sqlite_file_is_written_as_safely_as_was_said(database_url: str) -> None:
    safe = {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "recursive_triggers": 1}
    async with Database(database_url) as db:
        for opened in (db.session, db.transaction) if db.dialect == "sqlite" else ():
            async with opened() as session:
                for pragma, value in safe.items():
                    assert await session.scalar(text(f"PRAGMA {pragma}")) == value, pragma


def test_a_statement_waits_for_another_process_as_long_as_was_said_and_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SQLite itself waits for a slice of the time, in which it cannot be interrupted."""
    clock = SimpleNamespace(now=0.0)
    clock.monotonic = lambda: clock.now
    clock.sleep = lambda seconds: setattr(clock, "now", clock.now + seconds)
    monkeypatch.setattr(sqlite_driver, "time", clock)
    driver = sqlite_driver.SqliteConnection(
        lambda: sqlite3.connect(":memory:"), lock_timeout=5.0, in_memory=True
    )
    driver._connection = sqlite3.connect(":memory:")

    def locked() -> None:
        clock.now += sqlite_driver.BUSY_SLICE
        error = sqlite3.OperationalError("database is locked")
        error.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise error

    with pytest.raises(sqlite3.OperationalError, match="locked"):
        driver._patiently(locked)
    driver._connection.close()
    driver._connection = None
    assert 4.8 < clock.now < 5.2


async def test_what_somebody_holds_is_cleaned_up_the_next_time(db: Database) -> None:
    long_ago = clock.now() - timedelta(days=4000)
    held, free = pet(deleted_at=long_ago), pet(deleted_at=long_ago)
    async with db.transaction() as session:
        session.add_all([held, free])
    a_year = RetentionSettings(deleted_days=365)
    if db.dialect == "postgresql":  # SQLite has one writer, who holds all
        async with db.transaction(include_deleted=True) as session:
            await session.scalars(select(Pet).where(Pet.id == held.id).with_for_update())
            async with asyncio.timeout(3):
                assert [each.rows for each in await db.clean(a_year)] == [1]
        assert [each.rows for each in await db.clean(a_year)] == [1]
    else:
        assert [each.rows for each in await db.clean(a_year)] == [2]


async def test_of_connections_beyond_the_size_there_are_none_while_the_pool_is_not_full(
    database_url: str,
) -> None:
    settings = DatabaseSettings(pool_size=3, max_overflow=1)
    async with Database(database_url, settings=settings) as db:
        figures = (await db.health()).pool
        assert figures.overflow == 0
        assert figures.size == (3 if db.dialect == "postgresql" else 4)
        if db.dialect == "postgresql":
            sessions = [db.session() for _ in range(4)]
            for each in sessions:
                await (await each.__aenter__()).scalar(select(1))
            assert (await db.health()).pool.overflow == 1
            for each in sessions:
                await each.__aexit__(None, None, None)
