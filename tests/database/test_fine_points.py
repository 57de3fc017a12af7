"""Fine points of queues, figures of health, and what a session has when work is done."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.util.queue import Empty, Full

from tests.examples import pet, user
from vetcore.database import Acting, Database, migrate
from vetcore.database.health import measure
from vetcore.database.pool import FairQueue
from vetcore.errors import (
    DatabaseError,
    InvalidValue,
    LockTimeout,
    MigrationError,
    ReadOnlySession,
    SessionInUse,
)
from vetcore.medical import (
    add_allergy,
    add_condition,
    add_medication,
    add_surgery,
    record_vaccination,
    record_weight,
    refresh_due_date,
)
from vetcore.models import Pet
from vetcore.settings import RetentionSettings
from vetcore.values.medical import Allergy, Condition, Medication, Surgery, WeightMeasurement
from vetcore.values.vaccination import Antigen, Vaccination

DAY = date(2020, 1, 2)


# The queue of those who wait


async def test_a_queue_keeps_what_it_has_place_for_and_hands_on_to_who_came_first() -> None:
    queue: FairQueue[str] = FairQueue(2)
    with pytest.raises(Empty):
        queue.get_nowait()
    with pytest.raises(Empty):
        queue.get(block=False)
    queue.put_nowait("a")
    queue.put("b")
    with pytest.raises(Full):
        queue.put_nowait("c")
    assert (queue.get_nowait(), queue.get(), len(queue.kept)) == ("a", "b", 0)
    order: list[str] = []

    async def wait(name: str) -> None:
        order.append(f"{name} {await queue._wait(1)}")

    waiting = [asyncio.create_task(wait(name)) for name in ("first", "second")]
    await asyncio.sleep(0)
    queue.put_nowait("x")
    queue.put_nowait("y")
    await asyncio.gather(*waiting)
    assert order == ["first x", "second y"]
    with pytest.raises(TimeoutError):
        await queue._wait(0.001)
    queue.put_nowait("z")
    assert list(queue.kept) == ["z"], "who gave up gets nothing"


async def test_who_gives_up_as_a_connection_comes_leaves_it_to_the_next() -> None:
    queue: FairQueue[str] = FairQueue(2)
    first, second = (asyncio.create_task(queue._wait(1)) for _ in range(2))
    await asyncio.sleep(0)
    queue.put_nowait("x")
    first.cancel()
    assert await second == "x"
    third = asyncio.create_task(queue._wait(1))
    await asyncio.sleep(0)
    queue.put_nowait("y")
    third.cancel()
    await asyncio.gather(third, return_exceptions=True)
    assert list(queue.kept) == ["y"]


def test_the_last_that_came_in_goes_out_first_where_it_is_said() -> None:
    queue: FairQueue[str] = FairQueue(2, use_lifo=True)
    queue.put_nowait("a")
    queue.put_nowait("b")
    assert (queue.get_nowait(), queue.get_nowait()) == ("b", "a")


# Health


async def test_health_counts_what_is_used_and_by_how_many(db: Database) -> None:
    async with db.transaction() as session:
        await session.scalar(select(1))
        async with db.session() as reader:
            await reader.scalar(select(1))
            found = await db.health()
    assert (found.ok, found.error, found.dialect) == (True, None, db.dialect)
    assert found.sessions == 2
    assert found.latency_ms is not None
    assert 0 < found.latency_ms < 60_000
    assert found.server_version is not None
    assert all(part.isdigit() for part in found.server_version.split("."))
    assert found.pool.in_use == 2
    assert (found.readers is None) is (db.dialect == "postgresql")
    if found.readers is not None:
        assert (found.readers.in_use, found.pool.size) == (1, found.readers.size + 1)
    assert (await db.health()).pool.in_use == 0
    assert (await db.health()).sessions == 0
    document = found.as_dict()
    assert (document["ok"], document["sessions"]) == (True, 2)


async def test_the_time_of_an_answer_is_in_milliseconds(db: Database) -> None:
    async def ping() -> None:
        await asyncio.sleep(0.03)

    found = await measure(ping, [db.engine], 0)
    assert found.latency_ms is not None
    assert 29 < found.latency_ms < 5_000


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_what_cannot_be_reached_is_told_in_its_health(database_url: str) -> None:
    db = Database(f"{database_url}/nowhere.db")
    found = await db.health()
    assert (found.ok, found.latency_ms) == (False, None)
    assert found.error
    await db.close()
    with pytest.raises(DatabaseError, match="closed or closing"):
        await db.ping()


# Sessions


async def test_a_session_belongs_to_one_task_at_a_time_and_then_to_the_next(db: Database) -> None:
    async with db.session() as session:
        entered = asyncio.Event()

        async def hold() -> None:
            with session.held_for("execute"):
                entered.set()
                await asyncio.sleep(0.05)

        task = asyncio.create_task(hold(), name="the first")
        await entered.wait()
        with pytest.raises(SessionInUse) as refused:
            await session.scalar(select(1))
        assert refused.value.details["operation"] == "scalar"
        assert refused.value.details["holder"] == "the first"
        await session.free(5)
        assert task.done() or session._holder is None
        assert await session.scalar(select(1)) == 1
        await task


@pytest.mark.parametrize(
    "statement",
    [
        "COMMIT",
        "  end",
        "/* x */ ROLLBACK",
        "-- x\n abort",
        "rollback work",
        "Prepare  Transaction 'x'",
    ],
)
async def test_a_statement_that_ends_the_transaction_is_refused(
    db: Database, statement: str
) -> None:
    async with db.session() as session:
        with pytest.raises(InvalidValue, match="statement: ends the transaction") as refused:
            await session.execute(text(statement))
        assert refused.value.details["expected"] == "async with db.transaction()"
        assert await session.scalar(text("SELECT 1 /* commit */")) == 1


async def test_what_was_changed_where_one_only_reads_is_not_lost_in_silence(db: Database) -> None:
    rex = pet(name="Rex")
    async with db.transaction() as session:
        session.add(rex)

    async def change(act: Callable[[Any, Pet], Awaitable[None]]) -> None:
        async with db.session() as session:
            await act(session, await session.get_one(Pet, rex.id))

    async def rename(_: Any, found: Pet) -> None:
        found.name = "Max"

    async def add(session: Any, _: Pet) -> None:
        session.add(pet())

    async def remove(session: Any, found: Pet) -> None:
        await session.delete(found)

    async def write_the_same(_: Any, found: Pet) -> None:
        found.name = "Rex"

    for act in (rename, add, remove):
        with pytest.raises(ReadOnlySession):
            await change(act)
    await change(write_the_same)
    async with db.transaction() as session:
        assert [each.name for each in await session.scalars(select(Pet))] == ["Rex"]


async def test_a_trial_checks_all_and_stores_nothing(db: Database) -> None:
    actor = user()
    async with db.transaction() as session:
        session.add(actor)
    async with db.trial(Acting(actor.id), include_deleted=True) as session:
        kept = pet()
        session.add(kept)
        await session.commit()
        assert kept.created_by_id == actor.id
        assert session.acting.actor == actor.id
    async with db.session() as session:
        assert list(await session.scalars(select(Pet))) == []


@pytest.mark.parametrize("opened", ["session", "transaction", "trial"])
async def test_each_kind_of_session_sees_deleted_rows_where_it_is_said(
    db: Database, opened: str
) -> None:
    gone = pet(deleted_at=datetime(2026, 3, 9, tzinfo=UTC))
    async with db.transaction() as session:
        session.add(gone)
    for every in (False, True):
        async with getattr(db, opened)(include_deleted=every) as session:
            assert len(list(await session.scalars(select(Pet)))) == every
            assert (await session.get(Pet, gone.id) is not None) is every
        async with getattr(db, opened)() as session:
            assert await session.get(Pet, gone.id) is None


# Cleaning


async def test_what_is_cleaned_is_told_as_it_goes_and_tried_without_an_effect(db: Database) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    async with db.transaction() as session:
        session.add_all([pet(deleted_at=long_ago) for _ in range(5)] + [pet()])
    told: list[int] = []
    a_year = RetentionSettings(deleted_days=365)
    for dry_run in (True, False):
        told.clear()
        found = await db.clean(
            a_year, dry_run=dry_run, batch=2, progress=lambda each: told.append(each.rows)
        )
        assert [(each.table, each.kind, each.rows) for each in found] == [
            ("pets", "deleted rows", 5)
        ]
        assert told == [2, 4, 5]
    assert await db.clean(a_year) == []
    assert await db.clean() == []
    for batch in (0, -1):
        with pytest.raises(InvalidValue, match="batch: must be positive"):
            await db.clean(a_year, batch=batch)
    async with db.session(include_deleted=True) as session:
        assert len(list(await session.scalars(select(Pet)))) == 1


# What a function of the medical room gives back is written already


ACTS: dict[str, Callable[[Any, Any], Awaitable[object]]] = {
    "allergy": lambda s, key: add_allergy(s, key, Allergy(substance="dust", noted_on=DAY)),
    "condition": lambda s, key: add_condition(s, key, Condition(name="otitis", diagnosed_on=DAY)),
    "medication": lambda s, key: add_medication(s, key, Medication(name="x", started_on=DAY)),
    "surgery": lambda s, key: add_surgery(s, key, Surgery(procedure="spay", performed_on=DAY)),
    "weight": lambda s, key: record_weight(
        s,
        key,
        WeightMeasurement(kilograms=Decimal(9), measured_at=datetime(2020, 1, 2, tzinfo=UTC)),
    ),
    "vaccination": lambda s, key: record_vaccination(
        s, key, Vaccination(antigens=(Antigen.RABIES,), administered_on=DAY)
    ),
    "due date": refresh_due_date,
}


@pytest.mark.parametrize("name", ACTS)
async def test_what_was_recorded_is_written_when_the_call_is_over(db: Database, name: str) -> None:
    rex = pet(born_on=DAY - timedelta(days=900), next_vaccination_due_on=DAY)
    async with db.transaction() as session:
        session.add(rex)
    async with db.transaction() as session:
        await ACTS[name](session, rex.id)
        assert not session.dirty
        assert (await session.get_one(Pet, rex.id)).version == rex.version + 1


# Migrations


def test_a_revision_that_leaves_a_row_without_its_parent_is_refused_with_both() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        for statement in (
            "CREATE TABLE parents (id INTEGER PRIMARY KEY)",
            "CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents)",
            "INSERT INTO children VALUES (7, NULL)",
        ):
            connection.execute(text(statement))
        migrate._require_whole(connection)
        connection.execute(text("UPDATE children SET parent = 3"))
        says = "row 7 of children refers to a row of parents that is not there"
        with pytest.raises(MigrationError, match=says):
            migrate._require_whole(connection)
    engine.dispose()


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_a_migration_waits_long_for_its_turn_and_not_for_a_table(db: Database) -> None:
    async with db.engine.connect() as connection:
        await connection.run_sync(migrate._prepare, None)
        waits = await connection.scalar(text("SHOW lock_timeout"))
        assert (waits, migrate._WAIT_FOR_TABLES) == (migrate._WAIT_FOR_TABLES, "10s")
        assert await connection.scalar(text("SHOW statement_timeout")) == "0"
        await connection.rollback()


async def test_a_migration_that_fails_says_by_which_error_of_ours(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise LockTimeout("somebody holds a table")

    monkeypatch.setattr(migrate, "_prepare", locked)
    with pytest.raises(MigrationError, match="somebody holds a table") as failed:
        await db.migrate()
    assert failed.value.details["cause"] == LockTimeout.code
