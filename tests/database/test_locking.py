"""Locks on rows, and turns where there is no row."""

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from uuid_utils.compat import uuid7

from tests.examples import pet, user
from vetcore import clock
from vetcore.database import Database, Session
from vetcore.database.held import held
from vetcore.database.locking import (
    locked,
    locked_rows,
    locking,
    take_turn_at_once,
    take_turns,
    turn_key,
)
from vetcore.errors import LockTimeout, NotFound
from vetcore.models import Appointment, MedicalRecord, Pet, WaitlistEntry
from vetcore.settings import DatabaseSettings

IMPATIENT = DatabaseSettings(lock_timeout=0.1)


async def _stored(db: Database, *pets: Pet) -> None:
    async with db.transaction() as session:
        session.add_all(pets)


async def _waits(db: Database, work: Callable[[Session], Awaitable[object]]) -> bool:
    """Whether ``work`` finds that somebody else is at it."""
    try:
        async with db.transaction() as session:
            await work(session)
    except LockTimeout:
        return True
    return False


# Rows


async def test_a_locked_row_is_as_it_is_now(db: Database) -> None:
    animal = pet(name="Rex")
    await _stored(db, animal)
    async with db.transaction() as session:
        known = await session.get_one(Pet, animal.id)
        if db.dialect == "postgresql":  # SQLite has one writer
            async with db.transaction() as other:
                (await other.get_one(Pet, animal.id)).name = "Max"
        row = await locked(session, Pet, animal.id)
        assert row is known
        assert row.name == ("Max" if db.dialect == "postgresql" else "Rex")


@pytest.mark.parametrize(
    ("entity", "words"),
    [
        (Appointment, "appointment"),
        (MedicalRecord, "medical record"),
        (WaitlistEntry, "waitlist entry"),
    ],
)
async def test_what_is_not_there_is_named_in_words(
    db: Database, entity: type[Appointment | MedicalRecord | WaitlistEntry], words: str
) -> None:
    key = uuid7()
    async with db.transaction() as session:
        with pytest.raises(NotFound, match=f"^{words} {key} was not found$") as refused:
            await locked(session, entity, key)
    assert refused.value.details["entity"] == words


async def test_a_lock_that_a_savepoint_took_ends_with_its_rollback(db: Database) -> None:
    animal = pet(name="Rex")
    await _stored(db, animal)
    async with db.transaction() as session:
        outer = await locked(session, Pet, animal.id)
        assert held(session, Pet, animal.id) is outer
        async with session.begin_nested():
            assert await locked(session, Pet, animal.id) is outer
        assert held(session, Pet, animal.id) is outer
    async with db.transaction() as session:
        savepoint = await session.begin_nested()
        row = await locked(session, Pet, animal.id)
        assert held(session, Pet, animal.id) is row
        await savepoint.rollback()
        assert held(session, Pet, animal.id) is None
        if db.dialect == "postgresql":  # SQLite has one writer
            async with db.transaction() as other:
                (await other.get_one(Pet, animal.id)).name = "Max"
            assert (await locked(session, Pet, animal.id)).name == "Max"


async def test_a_row_that_nobody_uses_is_not_kept_for_its_lock(db: Database) -> None:
    animal = pet(name="Rex")
    await _stored(db, animal)
    async with db.transaction() as session:
        row = weakref.ref(await locked(session, Pet, animal.id))
        gc.collect()
        assert row() is None
        assert held(session, Pet, animal.id) is None


async def test_a_deleted_row_is_not_found_to_be_locked(db: Database) -> None:
    gone = pet(deleted_at=clock.now())
    await _stored(db, gone)
    async with db.transaction() as session:
        with pytest.raises(NotFound):
            await locked(session, Pet, gone.id)


async def test_a_condition_must_hold_of_the_row_as_well(db: Database) -> None:
    animal = pet(name="Rex")
    await _stored(db, animal)
    async with db.transaction() as session:
        assert await locked(session, Pet, animal.id, Pet.name == "Rex")
        with pytest.raises(NotFound):
            await locked(session, Pet, animal.id, Pet.name == "Max")


async def test_a_row_is_locked_with_what_is_loaded_beside_it(db: Database) -> None:
    person = user()
    animal = pet(owner_id=person.id)
    async with db.transaction() as session:
        session.add(person)
        await session.flush()
        session.add(animal)
    async with db.transaction() as session:
        row = await locked(session, Pet, animal.id, options=[selectinload(Pet.owner)])
        assert row.owner is not None
        assert row.owner.id == person.id


async def test_two_who_want_to_change_one_row_wait_for_each_other(database_url: str) -> None:
    animal, other = pet(), pet()
    async with Database(database_url, settings=IMPATIENT) as db:
        if db.dialect == "sqlite":
            return  # It has one writer, who holds all.
        await _stored(db, animal, other)
        async with db.transaction() as session:
            await locked(session, Pet, animal.id)
            assert await _waits(db, lambda mine: locked(mine, Pet, animal.id))
            assert not await _waits(db, lambda mine: locked(mine, Pet, other.id))


async def test_what_refers_to_a_locked_row_may_be_written_unless_the_row_may_go(
    database_url: str,
) -> None:
    person = user()
    async with Database(database_url, settings=IMPATIENT) as db:
        if db.dialect == "sqlite":
            return  # It has one writer, who holds all.
        async with db.transaction() as session:
            session.add(person)

        async def refer(session: Session) -> None:
            session.add(pet(owner_id=person.id))
            await session.flush()

        cls = type(person)
        async with db.transaction() as session:
            await locked(session, cls, person.id)
            assert not await _waits(db, refer)
        async with db.transaction() as session:
            await session.scalars(locking(select(cls), cls, removing=True))
            assert await _waits(db, refer)


async def test_several_rows_are_locked_in_the_order_of_their_keys(db: Database) -> None:
    animals = [pet() for _ in range(5)]
    await _stored(db, *reversed(animals))
    keys = sorted(each.id for each in animals)
    async with db.transaction() as session:
        rows = await locked_rows(session, select(Pet).where(Pet.id.in_(keys)))
        assert [row.id for row in rows] == keys
        if db.dialect == "postgresql":
            async with db.transaction() as other:
                passed_over = select(Pet).with_for_update(skip_locked=True)
                assert (await other.scalars(passed_over)).all() == []


# Turns


async def test_whoever_names_the_same_thing_waits(database_url: str) -> None:
    async with Database(database_url, settings=IMPATIENT) as db:
        if db.dialect == "sqlite":
            return  # Its transactions that write go one after the other.
        async with db.transaction() as session:
            await take_turns(session, "resource", "a", "b")
            assert await _waits(db, lambda mine: take_turns(mine, "resource", "b", "c"))
            assert not await _waits(db, lambda mine: take_turns(mine, "resource", "c"))
            assert not await _waits(db, lambda mine: take_turns(mine, "register", "b"))
        assert not await _waits(db, lambda mine: take_turns(mine, "resource", "a", "b"))


async def test_two_tenants_do_not_wait_for_each_other(database_url: str) -> None:
    async with Database(database_url, settings=IMPATIENT) as db:
        if db.dialect == "sqlite":
            return  # It has no tenants.
        one, other = db.for_tenant("tenant_a"), db.for_tenant("tenant_b")
        async with one.transaction() as session:
            await take_turns(session, "resource", "a")
            assert await _waits(one, lambda mine: take_turns(mine, "resource", "a"))
            assert not await _waits(other, lambda mine: take_turns(mine, "resource", "a"))
            assert not await _waits(db, lambda mine: take_turns(mine, "resource", "a"))


async def test_those_who_name_several_things_never_wait_in_a_ring(db: Database) -> None:
    names = [str(each) for each in range(6)]

    async def work(order: list[str]) -> None:
        async with db.transaction() as session:
            await take_turns(session, "resource", *order)

    async with asyncio.timeout(30):
        await asyncio.gather(*(work(names[n:] + names[:n]) for n in range(6)))


async def test_a_turn_can_be_asked_for_without_waiting(db: Database) -> None:
    async with db.transaction() as session:
        assert await take_turn_at_once(session, "register", "nyc")
        if db.dialect == "postgresql":
            async with db.transaction() as other:
                assert not await take_turn_at_once(other, "register", "nyc")
                assert await take_turn_at_once(other, "register", "la")


def test_no_two_turns_have_one_number() -> None:
    turns = [
        (None, "resource", "a"),
        ("a", "resource", "a"),
        (None, "resource:", "a"),
        (None, "resource", ":a"),
        ("1:a", "resource", ""),
        ("resource", "a", ""),
    ]
    assert len({turn_key(*each) for each in turns}) == len(turns)
    assert all(-(2**63) <= turn_key(*each) < 2**63 for each in turns)
