"""What is known of a pet's health; concurrent additions never lose one another."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from tests.examples import pet
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import InvalidInput, InvalidValue, NotFound
from vetcore.medical import (
    add_allergy,
    add_condition,
    add_medication,
    add_surgery,
    record_weight,
)
from vetcore.models import Pet
from vetcore.values.medical import Allergy, Condition, Medication, Surgery, WeightMeasurement

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.fixture
async def rex(db: Database) -> Pet:
    animal = pet()
    async with db.transaction() as session:
        session.add(animal)
    return animal


async def _stored(db: Database, animal: Pet) -> Pet:
    async with db.session() as session:
        return await session.get_one(Pet, animal.id)


async def test_each_kind_of_entry_is_kept(db: Database, rex: Pet) -> None:
    with clock.frozen(NOON):
        async with db.transaction() as session:
            await add_allergy(session, rex.id, Allergy(substance="Penicillin"))
            await add_condition(session, rex.id, Condition(name="Diabetes"))
            await add_medication(session, rex.id, Medication(name="Insulin"))
            await add_surgery(
                session, rex.id, Surgery(procedure="Spay", performed_on=date(2025, 1, 1))
            )
    history = (await _stored(db, rex)).medical_history
    assert history.allergies[0].substance == "Penicillin"
    assert history.conditions[0].name == "Diabetes"
    assert history.medications[0].name == "Insulin"
    assert history.surgeries[0].procedure == "Spay"


async def test_additions_at_once_lose_nothing(db: Database, rex: Pet) -> None:
    substances = [f"Substance {number}" for number in range(10)]

    async def add(substance: str) -> None:
        await db.run(lambda session: add_allergy(session, rex.id, Allergy(substance=substance)))

    async def weigh(number: int) -> None:
        weight = WeightMeasurement(kilograms=Decimal(10), measured_at=NOON - timedelta(days=number))
        await db.run(lambda session: record_weight(session, rex.id, weight))

    with clock.frozen(NOON):
        await asyncio.gather(*(add(each) for each in substances), *(weigh(n) for n in range(10)))
    history = (await _stored(db, rex)).medical_history
    assert {allergy.substance for allergy in history.allergies} == set(substances)
    assert len(history.weights) == 10


async def test_the_pets_weight_is_that_of_the_latest_weighing(db: Database, rex: Pet) -> None:
    with clock.frozen(NOON):
        for days, kilograms in ((1, "31.5"), (30, "29.0")):
            weight = WeightMeasurement(
                kilograms=Decimal(kilograms), measured_at=NOON - timedelta(days=days)
            )
            async with db.transaction() as session:
                _, warnings = await record_weight(session, rex.id, weight)
            assert warnings == ()
    assert (await _stored(db, rex)).weight_kg == Decimal("31.5")


async def test_a_weight_that_no_dog_has_is_warned_of(db: Database, rex: Pet) -> None:
    weight = WeightMeasurement(kilograms=Decimal(4200), measured_at=NOON)
    with clock.frozen(NOON):
        async with db.transaction() as session:
            _, warnings = await record_weight(session, rex.id, weight)
    assert [warning.measure for warning in warnings] == ["weight_kg"]


async def test_what_is_recorded_already_or_lies_ahead_is_refused(db: Database, rex: Pet) -> None:
    tomorrow = WeightMeasurement(kilograms=Decimal(9), measured_at=NOON + timedelta(seconds=1))
    later = Surgery(procedure="Spay", performed_on=NOON.date() + timedelta(days=2))
    with clock.frozen(NOON):
        async with db.transaction() as session:
            await add_allergy(session, rex.id, Allergy(substance="Penicillin"))
            with pytest.raises(InvalidInput, match="twice"):
                await add_allergy(session, rex.id, Allergy(substance="penicillin"))
            with pytest.raises(InvalidValue, match="future"):
                await record_weight(session, rex.id, tomorrow)
            with pytest.raises(InvalidValue, match="future"):
                await add_surgery(session, rex.id, later)
            day_after_tomorrow = NOON.date() + timedelta(days=2)
            itch = Allergy(substance="Pollen", noted_on=day_after_tomorrow)
            with pytest.raises(InvalidValue, match=r"noted_on.*future"):
                await add_allergy(session, rex.id, itch)
            lame = Condition(name="Lameness", diagnosed_on=day_after_tomorrow)
            with pytest.raises(InvalidValue, match=r"diagnosed_on.*future"):
                await add_condition(session, rex.id, lame)
    history = (await _stored(db, rex)).medical_history
    assert len(history.allergies) == 1
    assert history.conditions == ()


async def test_an_unknown_pet_is_not_found(db: Database) -> None:
    async with db.transaction() as session:
        with pytest.raises(NotFound):
            await add_allergy(session, uuid4(), Allergy(substance="Penicillin"))


async def test_a_day_may_be_recorded_from_the_moment_it_has_begun_anywhere(
    db: Database, rex: Pet
) -> None:
    tomorrow = NOON.date() + timedelta(days=1)
    begins = datetime(2026, 3, 9, 10, tzinfo=UTC)  # on Kiritimati, fourteen hours ahead
    spay = Surgery(procedure="Spay", performed_on=tomorrow)
    with clock.frozen(begins - timedelta(seconds=1)):
        async with db.transaction() as session:
            with pytest.raises(InvalidValue, match=r"performed_on.*future") as caught:
                await add_surgery(session, rex.id, spay)
    assert caught.value.details["expected"] == "2026-03-09 or earlier"
    with clock.frozen(begins):
        async with db.transaction() as session:
            await add_surgery(session, rex.id, spay)
            await add_allergy(session, rex.id, Allergy(substance="Pollen", noted_on=tomorrow))
            await add_condition(session, rex.id, Condition(name="Limps", diagnosed_on=tomorrow))
    kept = (await _stored(db, rex)).medical_history
    assert (len(kept.surgeries), len(kept.allergies), len(kept.conditions)) == (1, 1, 1)


async def test_an_earlier_weighing_that_is_recorded_late_leaves_the_weight(
    db: Database, rex: Pet
) -> None:
    with clock.frozen(NOON):
        async with db.transaction() as session:
            for kilograms, days in (("30", 0), ("20", 30)):
                weight = WeightMeasurement(
                    kilograms=Decimal(kilograms), measured_at=NOON - timedelta(days=days)
                )
                await record_weight(session, rex.id, weight)
            with pytest.raises(InvalidInput):
                await record_weight(
                    session, rex.id, WeightMeasurement(kilograms=Decimal(31), measured_at=NOON)
                )
    assert (await _stored(db, rex)).weight_kg == Decimal(30)
