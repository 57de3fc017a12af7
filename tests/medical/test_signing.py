"""What a signature covers, whose licence counts, and what several people write at once."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import inspect, update

from tests.examples import NINE, clinic, pet, user, veterinarian, world
from tests.medical.signed import read_back
from vetcore import clock
from vetcore.database import Acting, Database, Session
from vetcore.errors import InvalidValue
from vetcore.medical import (
    RecordLocked,
    add_addendum,
    add_diagnosis,
    open_record,
    prescribe,
    record_vitals,
    sign_record,
    signature_is_intact,
    write_note,
)
from vetcore.models import MedicalRecord, Pet, Veterinarian
from vetcore.schemas import MedicalRecordCreate
from vetcore.schemas import MedicalRecordUpdate as Note
from vetcore.values.clinics import LicenseStatus
from vetcore.values.visits import Diagnosis, Prescription, Vitals

DAY = timedelta(days=1)
SPRAIN, AMOXICILLIN = (
    Diagnosis(description="Sprain"),
    Prescription(drug="Amoxicillin", dose="50 mg", frequency="every 12 hours"),
)
OTHER: dict[str, Any] = {
    "id": UUID(int=1),
    "pet_id": UUID(int=1),
    "signed_pet_id": UUID(int=1),
    "clinic_id": UUID(int=1),
    "veterinarian_id": UUID(int=1),
    "visited_at": NINE - DAY,
    "chief_complaint": "coughs",
    "subjective": "well",
    "objective": "sound",
    "assessment": "healthy",
    "plan": "none",
    "vitals": Vitals(temperature_c=Decimal("38.9")),
    "diagnoses": (SPRAIN,),
    "prescriptions": (AMOXICILLIN,),
    "signed_at": NINE - DAY,
    "signed_by_id": UUID(int=1),
    "signed_by_user_id": UUID(int=1),
    "signature": "0" * 64,
    "appointment_id": UUID(int=1),
    "created_at": NINE - DAY,
    "created_by_id": UUID(int=1),
    "deleted_at": NINE,
}
"""What each part of a signed record could be changed to."""

PINNED = "v1.test.nFO0AKeMb9yKuSkMCZbTstgqtqjdibQSup8YlZT9JsQ"
"""Of the record of the test that names it, as signed today and for ever."""

FREE = {"updated_at", "updated_by_id", "version"}
"""Stamps, which tell when the row was last written."""

UNSIGNED = {"id", "signature", "deleted_at"}
"""What is locked, and no part of what a signature covers; a record that was hidden is found otherwise."""


@pytest.fixture
async def record(db: Database) -> MedicalRecord:
    everything, place, vet, animal = world()
    async with db.transaction() as session:
        session.add_all(everything)
        await session.flush()
        given = MedicalRecordCreate(
            pet_id=animal.id,
            clinic_id=place.id,
            practitioner_id=vet.user_id,
            visited_at=NINE,
            chief_complaint="limps",
        )
        made = await open_record(session, given)
        return await write_note(session, made.id, Note(assessment="sprain", plan="rest"))


async def _signer(db: Database, record: MedicalRecord) -> UUID:
    async with db.session() as session:
        return (await session.get_one(Veterinarian, record.veterinarian_id)).user_id


async def _sign(db: Database, record: MedicalRecord) -> MedicalRecord:
    signer = await _signer(db, record)
    return await db.run(lambda session: sign_record(session, record.id), Acting(signer))


async def _license(db: Database, record: MedicalRecord, **given: Any) -> None:
    async with db.transaction() as session:
        vet = await session.get_one(Veterinarian, record.veterinarian_id)
        for name, value in given.items():
            setattr(vet, name, value)


def test_every_column_of_a_record_is_signed_or_free() -> None:
    assert {column.key for column in inspect(MedicalRecord).column_attrs} == OTHER.keys() | FREE


@pytest.mark.parametrize("name", OTHER)
async def test_each_part_of_a_signed_record_is_locked(
    db: Database, record: MedicalRecord, name: str
) -> None:
    await _sign(db, record)
    with pytest.raises(RecordLocked) as caught:
        async with db.transaction() as session:
            setattr(await session.get_one(MedicalRecord, record.id), name, OTHER[name])
    assert caught.value.details["record_id"] in {str(record.id), str(OTHER["id"])}
    async with db.session() as session:
        kept = await session.get_one(MedicalRecord, record.id)
    assert getattr(kept, name) != OTHER[name]
    assert signature_is_intact(kept, db.keys)


@pytest.mark.parametrize("name", sorted(OTHER.keys() - UNSIGNED))
async def test_a_signature_covers_each_part(db: Database, record: MedicalRecord, name: str) -> None:
    signed = await _sign(db, record)
    assert signature_is_intact(signed, db.keys)
    changed = MedicalRecord(
        **{each.key: getattr(signed, each.key) for each in inspect(MedicalRecord).column_attrs}
        | {name: OTHER[name]}
    )
    assert not signature_is_intact(changed, db.keys)


async def test_each_way_of_writing_is_closed_by_a_signature(
    db: Database, record: MedicalRecord
) -> None:
    await _sign(db, record)
    signer = await _signer(db, record)
    ways: list[Callable[[Session], Any]] = [
        lambda session: write_note(session, record.id, Note(subjective="well")),
        lambda session: write_note(session, record.id, Note(objective="sound")),
        lambda session: record_vitals(session, record.id, Vitals(pain_score=1)),
        lambda session: add_diagnosis(session, record.id, SPRAIN),
        lambda session: prescribe(session, record.id, AMOXICILLIN),
        lambda session: sign_record(session, record.id),
    ]
    for way in ways:
        with pytest.raises(RecordLocked):
            await db.run(way, Acting(signer))


async def test_a_record_that_is_not_signed_is_open(db: Database, record: MedicalRecord) -> None:
    async with db.transaction(Acting(await _signer(db, record))) as session:
        open_ = await session.get_one(MedicalRecord, record.id)
        assert not signature_is_intact(open_, db.keys)
        open_.assessment = "something else"
        await session.flush()
        await sign_record(session, record.id)


async def test_what_is_signed_and_changed_in_one_breath_is_refused(
    db: Database, record: MedicalRecord
) -> None:
    signer = await _signer(db, record)
    with pytest.raises(RecordLocked):
        async with db.transaction(Acting(signer)) as session:
            signed = await sign_record(session, record.id)
            signed.plan = "surgery"


@pytest.mark.parametrize(
    ("given", "signs"),
    [
        ({"license_expires_on": NINE.date()}, True),
        ({"license_expires_on": NINE.date() - DAY}, False),
        ({"license_expires_on": None}, True),
        ({"license_status": LicenseStatus.SUSPENDED}, False),
        ({"license_status": LicenseStatus.REVOKED}, False),
    ],
)
async def test_the_licence_must_be_good_on_the_day_of_the_visit(
    db: Database, record: MedicalRecord, given: dict[str, Any], *, signs: bool
) -> None:
    await _license(db, record, **given)
    # A year later: a licence that expired after the visit still signs.
    with clock.frozen(NINE + 365 * DAY):
        if signs:
            assert (await _sign(db, record)).signed_at == NINE + 365 * DAY
            return
        with pytest.raises(InvalidValue, match="licence") as caught:
            await _sign(db, record)
    assert caught.value.details["field"] == "actor"


async def test_a_note_without_an_assessment_is_not_signed(db: Database) -> None:
    everything, place, vet, animal = world()
    async with db.transaction() as session:
        session.add_all(everything)
    async with db.transaction(Acting(vet.user_id)) as session:
        made = await open_record(session, MedicalRecordCreate(pet_id=animal.id, clinic_id=place.id))
        for text in (None, ""):
            made.assessment = text
            await session.flush()
            with pytest.raises(InvalidValue, match="assessment"):
                await sign_record(session, made.id)


async def test_diagnoses_and_prescriptions_added_at_once_are_all_kept(
    db: Database, record: MedicalRecord
) -> None:
    names = [f"Finding {number}" for number in range(6)]

    async def diagnose(name: str) -> None:
        await db.run(lambda s: add_diagnosis(s, record.id, Diagnosis(description=name)))

    async def order(name: str) -> None:
        drug = Prescription(drug=name, dose="1 mg", frequency="daily")
        await db.run(lambda s: prescribe(s, record.id, drug))

    await asyncio.gather(*(diagnose(name) for name in names), *(order(name) for name in names))
    async with db.session() as session:
        found = await session.get_one(MedicalRecord, record.id)
    assert {each.description for each in found.diagnoses} == set(names)
    assert {each.drug for each in found.prescriptions} == set(names)
    assert (len(found.diagnoses), len(found.prescriptions)) == (6, 6)


async def test_addenda_added_at_once_are_all_kept_with_their_authors(
    db: Database, record: MedicalRecord
) -> None:
    signed = await _sign(db, record)
    authors = [user() for _ in range(6)]
    async with db.transaction() as session:
        session.add_all(authors)
    await asyncio.gather(
        *(
            db.run(lambda s, who=who: add_addendum(s, signed.id, str(who.id)), Acting(who.id))  # type: ignore[misc]
            for who in authors
        )
    )
    found = await read_back(db, record)
    assert {(each.author_id, each.text) for each in found.addenda} == {
        (who.id, str(who.id)) for who in authors
    }
    assert [each.number for each in found.addenda] == [1, 2, 3, 4, 5, 6]
    assert signature_is_intact(found, db.keys)


async def test_of_two_who_sign_at_once_one_does(db: Database, record: MedicalRecord) -> None:
    answers = await asyncio.gather(_sign(db, record), _sign(db, record), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["MedicalRecord", "RecordLocked"]


async def test_the_signature_of_a_text_with_accents_is_always_the_same(db: Database) -> None:
    place = clinic(id=UUID("00000000-0000-4000-8000-000000000001"))
    person = user(id=UUID("00000000-0000-4000-8000-000000000005"))
    vet = veterinarian(person, id=UUID("00000000-0000-4000-8000-000000000002"))
    animal = pet(id=UUID("00000000-0000-4000-8000-000000000003"))
    async with db.transaction() as session:
        session.add_all([place, person, animal])
        await session.flush()
        session.add(vet)
        await session.flush()
        session.add(
            MedicalRecord(
                id=UUID("00000000-0000-4000-8000-000000000004"),
                pet_id=animal.id,
                clinic_id=place.id,
                veterinarian_id=vet.id,
                visited_at=datetime(2026, 3, 9, 9, tzinfo=UTC),
                created_at=datetime(2026, 3, 9, 9, 5, tzinfo=UTC),
                chief_complaint="Größe: 3 µm — naïve Ærø 猫",
                assessment="Żółć, œdème",
                vitals=Vitals(temperature_c=Decimal("38.5"), pain_score=1),
                diagnoses=(Diagnosis(description="Entorse légère"),),
            )
        )
    with clock.frozen(datetime(2026, 3, 9, 10, 30, tzinfo=UTC)):
        signed = await db.run(
            lambda session: sign_record(session, UUID("00000000-0000-4000-8000-000000000004")),
            Acting(person.id),
        )
    assert signed.signature == PINNED
    async with db.session() as session:
        read = await session.get_one(MedicalRecord, signed.id)
    assert signature_is_intact(read, db.keys)


async def test_a_deleted_pet_still_has_a_history_that_can_be_completed(
    db: Database, record: MedicalRecord
) -> None:
    async with db.transaction() as session:
        await session.execute(update(Pet).where(Pet.id == record.pet_id).values(deleted_at=NINE))
    async with db.transaction() as session:
        _, warnings = await record_vitals(session, record.id, Vitals(temperature_c=Decimal(45)))
    assert [each.measure for each in warnings] == ["temperature_c"]


async def test_a_visit_begins_now_unless_it_is_said_when(db: Database) -> None:
    everything, place, vet, animal = world()
    ids = {"pet_id": animal.id, "clinic_id": place.id}
    with clock.frozen(NINE):
        async with db.transaction() as session:
            session.add_all(everything)
        async with db.transaction(Acting(vet.user_id)) as session:
            assert (await open_record(session, MedicalRecordCreate(**ids))).visited_at == NINE
            before = MedicalRecordCreate(**ids, visited_at=NINE - DAY)
            assert (await open_record(session, before)).visited_at == NINE - DAY
