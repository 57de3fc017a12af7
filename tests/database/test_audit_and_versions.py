"""Who wrote what, when; and of two writers of one row, the second is told."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, text, update

from tests.examples import pet
from vetcore import clock
from vetcore.database import Acting, Database
from vetcore.errors import ConcurrentUpdate, InvalidValue, NotFound
from vetcore.models import Pet

ANN, BEN = uuid4(), uuid4()


async def _stamps(db: Database) -> tuple[object, ...]:
    async with db.session() as session:
        found = (await session.scalars(select(Pet))).one()
        return found.created_by_id, found.updated_by_id, found.version


async def test_the_actor_is_written_on_insert_and_on_update(db: Database) -> None:
    animal = pet()
    async with db.transaction(Acting(ANN)) as session:
        session.add(animal)
    assert await _stamps(db) == (ANN, ANN, 1)
    async with db.transaction(Acting(BEN)) as session:
        (await session.get_one(Pet, animal.id)).name = "Bo"
    assert await _stamps(db) == (ANN, BEN, 2)


async def test_bulk_and_core_statements_are_stamped_too(db: Database) -> None:
    table = Pet.__table__
    async with db.transaction(Acting(ANN)) as session:
        await session.execute(insert(table).values(name="Rex", species="dog"))
    assert await _stamps(db) == (ANN, ANN, 1)
    async with db.transaction(Acting(BEN)) as session:
        await session.execute(update(Pet).values(color="red"))
    assert await _stamps(db) == (ANN, BEN, 2)
    async with db.transaction() as session:
        await session.execute(update(table).values(color="blue"))
    assert await _stamps(db) == (ANN, None, 3), "nobody is named where nobody was said"


async def test_many_rows_at_once_are_stamped(db: Database) -> None:
    async with db.transaction(Acting(ANN)) as session:
        rows = [{"name": f"Pet {number}", "species": "cat"} for number in range(50)]
        await session.execute(insert(Pet), rows)
    async with db.session() as session:
        stamps = set(await session.execute(select(Pet.created_by_id, Pet.version)))
    assert stamps == {(ANN, 1)}


async def test_the_actor_does_not_leak_into_the_next_transaction(db: Database) -> None:
    async with db.transaction(Acting(ANN)):
        pass
    async with db.transaction() as session:
        session.add(pet())
    assert (await _stamps(db))[0] is None


async def test_moments_come_from_the_clock_in_utc(db: Database) -> None:
    noon = datetime(2026, 3, 9, 12, tzinfo=UTC)
    animal = pet()
    with clock.frozen(noon):
        async with db.transaction() as session:
            session.add(animal)
    with clock.frozen(noon + timedelta(hours=1)):
        async with db.transaction() as session:
            (await session.get_one(Pet, animal.id)).name = "Bo"
    async with db.session() as session:
        found = await session.get_one(Pet, animal.id)
    assert found.created_at == noon
    assert found.updated_at == noon + timedelta(hours=1)
    assert found.created_at.tzinfo is UTC


async def test_a_naive_datetime_is_refused_and_nothing_is_written(db: Database) -> None:
    naive = datetime(2026, 3, 9, 12)  # noqa: DTZ001 -- what this test is about
    with pytest.raises(InvalidValue, match=r"UTC offset"):
        async with db.transaction() as session:
            session.add(pet(created_at=naive))
    async with db.session() as session:
        assert (await session.scalars(select(Pet.id))).all() == []


async def test_the_second_of_two_writers_is_told(db: Database) -> None:
    animal = pet()
    async with db.transaction() as session:
        session.add(animal)
    async with db.session() as session:
        stale = await session.get_one(Pet, animal.id)
    async with db.transaction() as session:
        (await session.get_one(Pet, animal.id)).name = "First"
    stale.name = "Second"
    with pytest.raises(ConcurrentUpdate):
        async with db.transaction() as session:
            session.add(stale)
    async with db.session() as session:
        assert (await session.get_one(Pet, animal.id)).name == "First"


async def test_a_writer_of_a_removed_row_is_told(db: Database) -> None:
    animal = pet()
    async with db.transaction() as session:
        session.add(animal)
    async with db.session() as session:
        stale = await session.get_one(Pet, animal.id)
    async with db.transaction() as session:
        await session.execute(text("DELETE FROM pets"))
    stale.name = "Second"
    with pytest.raises(ConcurrentUpdate):
        async with db.transaction() as session:
            session.add(stale)


async def test_a_bulk_update_is_noticed_by_who_read_before(db: Database) -> None:
    animal = pet()
    async with db.transaction() as session:
        session.add(animal)
    async with db.session() as session:
        stale = await session.get_one(Pet, animal.id)
    async with db.transaction() as session:
        await session.execute(update(Pet).values(color="red"))
    stale.name = "Second"
    with pytest.raises(ConcurrentUpdate):
        async with db.transaction() as session:
            session.add(stale)


async def test_of_many_writers_none_is_lost_silently(db: Database) -> None:
    animal = pet()
    async with db.transaction() as session:
        session.add(animal)

    async def rename(name: str) -> str:
        async with db.session() as session:
            found = await session.get_one(Pet, animal.id)
        await asyncio.sleep(0)
        found.name = name
        try:
            async with db.transaction() as session:
                session.add(found)
        except ConcurrentUpdate:
            return "told"
        return name

    outcomes = await asyncio.gather(*(rename(f"Name {number}") for number in range(6)))
    written = [outcome for outcome in outcomes if outcome != "told"]
    async with db.session() as session:
        found = await session.get_one(Pet, animal.id)
    assert found.name == written[-1] or found.name in written
    assert found.version == 1 + len(written)


async def test_many_rows_are_updated_by_key_as_one_is(db: Database) -> None:
    first, second = pet(name="Rex"), pet(name="Bo")
    actor = uuid4()
    async with db.transaction() as session:
        session.add_all([first, second])
    async with db.transaction(Acting(actor)) as session:
        held = await session.get_one(Pet, first.id)
        await session.execute(
            update(Pet), [{"id": first.id, "name": "Max"}, {"id": second.id, "name": "Zoë"}]
        )
        held.notes = "changed afterwards in the same session"
    async with db.session() as session:
        stored = {row.name: row for row in await session.scalars(select(Pet))}
    assert stored.keys() == {"Max", "Zoë"}
    assert stored["Zoë"].version == 2
    assert stored["Max"].version == 3
    assert stored["Zoë"].updated_by_id == actor


@pytest.mark.parametrize("way", ["statement", "mappings"])
async def test_an_update_by_key_holds_to_the_version_that_is_given(db: Database, way: str) -> None:
    rex = pet(name="Rex")
    async with db.transaction() as session:
        session.add(rex)

    async def change(**row: Any) -> None:
        async with db.transaction() as session:
            if way == "statement":
                await session.execute(update(Pet), [row])
            else:
                await session.run_sync(lambda sync: sync.bulk_update_mappings(Pet, [row]))

    await change(id=rex.id, version=1, name="Max")
    with pytest.raises(ConcurrentUpdate, match="version 2, not 1"):
        await change(id=rex.id, version=1, name="Late")
    with pytest.raises(NotFound):
        await change(id=uuid4(), name="Nobody")
    with pytest.raises(InvalidValue, match="id: is missing"):
        await change(name="Nobody")
    async with db.transaction() as session:
        row = await session.get_one(Pet, rex.id)
        assert (row.name, row.version) == ("Max", 2)
        row.soft_delete()
    with pytest.raises(NotFound):
        await change(id=rex.id, name="Ghost")


async def test_a_row_that_is_named_twice_is_updated_twice(db: Database) -> None:
    rex = pet(name="Rex")
    async with db.transaction() as session:
        session.add(rex)
    async with db.transaction() as session:
        rows = [{"id": rex.id, "name": "Max"}, {"id": rex.id, "name": "Bo"}]
        await session.execute(update(Pet), rows)
    async with db.session() as session:
        row = await session.get_one(Pet, rex.id)
        assert (row.name, row.version) == ("Bo", 3)
