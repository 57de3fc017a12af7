"""A record is of a visit that took place, of a pet that was alive, and no visit has two."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from tests.examples import NINE, appointment, clinic, membership, pet, user, veterinarian
from tests.medical.signed import Practice, practice, read_back
from vetcore.database import Database
from vetcore.errors import InvalidValue, NotFound
from vetcore.medical import (
    AlreadyRecorded,
    DiedBefore,
    NotBornYet,
    OtherVeterinarian,
    open_record,
    write_note,
)
from vetcore.models import Appointment, MedicalRecord, Pet
from vetcore.schemas import MedicalRecordCreate, MedicalRecordUpdate
from vetcore.values.animals import PetStatus

MIDNIGHT = datetime(2026, 3, 10, 0, tzinfo=UTC)
"""On the 10th by UTC, in the afternoon of the 9th in Seattle, where the clinic is."""


@pytest.fixture
async def made(db: Database) -> Practice:
    return await practice(db)


async def _visit(made: Practice, **given: Any) -> Appointment:
    async with made.db.transaction() as session:
        visit = appointment(made.place, made.vet, made.animal, **given)
        session.add(visit)
    return visit


async def _pet(made: Practice, **given: Any) -> None:
    async with made.db.transaction() as session:
        animal = await session.get_one(Pet, made.animal.id)
        for name, value in given.items():
            setattr(animal, name, value)


async def test_an_appointment_with_another_veterinarian_is_refused(made: Practice) -> None:
    person = user()
    other = veterinarian(person)
    async with made.db.transaction() as session:
        session.add(person)
        await session.flush()
        session.add_all([other, membership(person, made.place)])
        await session.flush()
        session.add(visit := appointment(made.place, other, made.animal))
    with pytest.raises(OtherVeterinarian) as caught:
        await made.draft(appointment_id=visit.id)
    assert caught.value.details["veterinarian_id"] == str(other.id)
    assert (await made.draft(appointment_id=visit.id, practitioner_id=person.id)).appointment_id


async def test_another_pets_or_clinics_appointment_is_not_there(made: Practice) -> None:
    stray, elsewhere = pet(), clinic()
    async with made.db.transaction() as session:
        session.add_all([stray, elsewhere])
        await session.flush()
        visits = [
            appointment(made.place, made.vet, stray),
            appointment(elsewhere, made.vet, made.animal, NINE + timedelta(hours=2)),
        ]
        session.add_all(visits)
    for visit in visits:
        with pytest.raises(NotFound):
            await made.draft(appointment_id=visit.id)


async def test_of_an_appointment_there_is_one_record(made: Practice) -> None:
    visit = await _visit(made)
    first = await made.draft(appointment_id=visit.id)
    with pytest.raises(AlreadyRecorded) as caught:
        await made.draft(appointment_id=visit.id)
    assert caught.value.details["record_id"] == str(first.id)
    second = await made.draft()
    with pytest.raises(AlreadyRecorded):
        async with made.db.transaction(made.acting) as session:
            await write_note(session, second.id, MedicalRecordUpdate(appointment_id=visit.id))
    async with made.db.transaction() as session:
        (await session.get_one(MedicalRecord, first.id)).soft_delete()
    assert (await made.draft(appointment_id=visit.id)).appointment_id == visit.id


async def test_the_database_keeps_it_so_also_when_two_begin_at_once(made: Practice) -> None:
    visit = await _visit(made)
    found = await asyncio.gather(
        *(made.draft(appointment_id=visit.id) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in found) == ["AlreadyRecorded", "MedicalRecord"]
    values = {
        "pet_id": made.animal.id,
        "clinic_id": made.place.id,
        "veterinarian_id": made.vet.id,
        "visited_at": NINE,
        "appointment_id": visit.id,
    }
    with pytest.raises(AlreadyRecorded):
        async with made.db.transaction() as session:
            await session.execute(insert(MedicalRecord).values(values))


@pytest.mark.parametrize(
    ("born", "good"), [(date(2026, 3, 9), True), (date(2026, 3, 10), False), (None, True)]
)
async def test_a_visit_before_the_pet_was_born_is_refused_by_the_clinics_calendar(
    made: Practice, born: date | None, *, good: bool
) -> None:
    await _pet(made, born_on=born)
    if good:
        assert (await made.draft(visited_at=MIDNIGHT)).visited_at == MIDNIGHT
        return
    with pytest.raises(NotBornYet, match="2026-03-09, by the clinic's calendar"):
        await made.draft(visited_at=MIDNIGHT)
    draft = await made.draft(visited_at=MIDNIGHT + timedelta(days=1))
    with pytest.raises(NotBornYet):
        async with made.db.transaction(made.acting) as session:
            await write_note(session, draft.id, MedicalRecordUpdate(visited_at=MIDNIGHT))
    assert (await read_back(made.db, draft)).visited_at == MIDNIGHT + timedelta(days=1)


@pytest.mark.parametrize(("died", "good"), [(date(2026, 3, 9), True), (date(2026, 3, 8), False)])
async def test_a_pet_that_died_before_had_no_visit(
    made: Practice, died: date, *, good: bool
) -> None:
    await _pet(made, died_on=died, status=PetStatus.DECEASED)
    if good:
        assert (await made.draft(visited_at=MIDNIGHT)).id
        return
    with pytest.raises(DiedBefore, match="had died on 2026-03-08"):
        await made.draft(visited_at=MIDNIGHT)


async def test_a_visit_that_is_still_to_come_is_refused_beneath_the_schema_too(
    made: Practice,
) -> None:
    later = MedicalRecordCreate.model_construct(
        pet_id=made.animal.id,
        clinic_id=made.place.id,
        practitioner_id=None,
        appointment_id=None,
        visited_at=datetime(9000, 1, 1, tzinfo=UTC),
    )
    with pytest.raises(InvalidValue, match="visited_at"):
        async with made.db.transaction(made.acting) as session:
            await open_record(session, later)
