"""Visit records: written, signed, locked; what is added after stands apart."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.examples import NINE, world
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import ConstraintViolation, InvalidValue, NotFound
from vetcore.medical import (
    RecordLocked,
    add_addendum,
    add_allergy,
    add_diagnosis,
    open_visit,
    prescribe,
    record_vitals,
    sign_visit,
    signature_is_intact,
    write_note,
)
from vetcore.models import MedicalRecord, Veterinarian
from vetcore.values.medical import Allergy
from vetcore.values.visits import Diagnosis, Prescription, Vitals

AMOXICILLIN = Prescription(drug="Amoxicillin", dose="50 mg", frequency="every 12 hours")


@pytest.fixture
async def record(db: Database) -> MedicalRecord:
    everything, place, vet, animal = world()
    async with db.transaction() as session:
        session.add_all(everything)
        await session.flush()
        return await open_visit(
            session,
            pet_id=animal.id,
            clinic_id=place.id,
            veterinarian_id=vet.id,
            visited_at=NINE,
            chief_complaint="limps",
        )


async def _signed(db: Database, record: MedicalRecord) -> MedicalRecord:
    async with db.transaction() as session:
        await write_note(session, record.id, assessment="sprain", plan="rest")
        return await sign_visit(session, record.id, veterinarian_id=record.veterinarian_id)


async def _stored(db: Database, record: MedicalRecord) -> MedicalRecord:
    async with db.session() as session:
        return await session.get_one(MedicalRecord, record.id)


async def test_a_visit_is_written_bit_by_bit(db: Database, record: MedicalRecord) -> None:
    async with db.transaction() as session:
        await write_note(session, record.id, subjective="limps since Sunday", objective="pain")
        await write_note(session, record.id, assessment="sprain")
        await add_diagnosis(session, record.id, Diagnosis(description="Sprain"))
        await prescribe(session, record.id, AMOXICILLIN)
    found = await _stored(db, record)
    assert (found.subjective, found.objective, found.assessment, found.plan) == (
        "limps since Sunday",
        "pain",
        "sprain",
        None,
    )
    assert found.diagnoses[0].description == "Sprain"
    assert found.prescriptions == (AMOXICILLIN,)


async def test_what_is_added_to_a_visit_stays_in_the_order_in_which_it_was_said(
    db: Database, record: MedicalRecord
) -> None:
    drugs = [AMOXICILLIN, AMOXICILLIN.replace(drug="Meloxicam"), AMOXICILLIN]
    async with db.transaction() as session:
        for name in ("Sprain", "Otitis", "Anaemia"):
            await add_diagnosis(session, record.id, Diagnosis(description=name))
        for prescription in drugs:
            await prescribe(session, record.id, prescription)
    found = await _stored(db, record)
    assert [each.description for each in found.diagnoses] == ["Sprain", "Otitis", "Anaemia"]
    assert list(found.prescriptions) == drugs


async def test_a_part_of_a_note_that_is_taken_back_is_empty_and_the_others_stay(
    db: Database, record: MedicalRecord
) -> None:
    async with db.transaction() as session:
        await write_note(session, record.id, subjective="limps", objective="pain", plan="rest")
        await write_note(session, record.id, plan="")
    found = await _stored(db, record)
    assert (found.subjective, found.objective, found.assessment, found.plan) == (
        "limps",
        "pain",
        None,
        "",
    )


async def test_vitals_outside_the_range_of_the_species_are_warned_of(
    db: Database, record: MedicalRecord
) -> None:
    async with db.transaction() as session:
        _, fine = await record_vitals(session, record.id, Vitals(temperature_c=Decimal("38.5")))
        _, warned = await record_vitals(session, record.id, Vitals(temperature_c=Decimal("41.2")))
    assert fine == ()
    assert [warning.measure for warning in warned] == ["temperature_c"]


async def test_a_prescription_against_an_allergy_is_warned_of_and_kept(
    db: Database, record: MedicalRecord
) -> None:
    async with db.transaction() as session:
        _, none = await prescribe(session, record.id, AMOXICILLIN)
        await add_allergy(session, record.pet_id, Allergy(substance="Penicillin"))
        _, warned = await prescribe(session, record.id, AMOXICILLIN)
    assert none == ()
    assert [allergy.substance for allergy in warned] == ["Penicillin"]
    assert len((await _stored(db, record)).prescriptions) == 2


async def test_what_is_signed_is_locked(db: Database, record: MedicalRecord) -> None:
    signed = await _signed(db, record)
    assert signature_is_intact(signed)
    async with db.transaction() as session:
        with pytest.raises(RecordLocked):
            await write_note(session, record.id, plan="surgery")
        with pytest.raises(RecordLocked):
            await prescribe(session, record.id, AMOXICILLIN)
        with pytest.raises(RecordLocked):
            await sign_visit(session, record.id, veterinarian_id=record.veterinarian_id)
    with pytest.raises(RecordLocked):
        async with db.transaction() as session:
            (await session.get_one(MedicalRecord, record.id)).assessment = "something else"
    with pytest.raises(RecordLocked):
        async with db.transaction() as session:
            found = await session.get_one(MedicalRecord, record.id)
            found.signed_at = found.signed_by_id = found.signature = None
    assert signature_is_intact(await _stored(db, record))


async def test_addenda_follow_a_signature_and_leave_it_intact(
    db: Database, record: MedicalRecord
) -> None:
    author = uuid4()
    async with db.transaction() as session:
        with pytest.raises(InvalidValue, match="not signed"):
            await add_addendum(session, record.id, author_id=author, text="too early")
    await _signed(db, record)
    async with db.transaction() as session:
        await add_addendum(session, record.id, author_id=author, text="X-ray: no fracture")
        await add_addendum(session, record.id, author_id=author, text="Owner informed")
    found = await _stored(db, record)
    assert [addendum.text for addendum in found.addenda] == ["X-ray: no fracture", "Owner informed"]
    assert signature_is_intact(found)


async def test_tampering_past_all_our_code_shows(db: Database, record: MedicalRecord) -> None:
    await _signed(db, record)
    async with db.transaction() as session:
        await session.execute(text("UPDATE medical_records SET assessment = 'healthy'"))
    assert not signature_is_intact(await _stored(db, record))


async def test_only_a_complete_note_by_a_licensed_veterinarian_is_signed(
    db: Database, record: MedicalRecord
) -> None:
    async with db.transaction() as session:
        with pytest.raises(InvalidValue, match="assessment"):
            await sign_visit(session, record.id, veterinarian_id=record.veterinarian_id)
        with pytest.raises(NotFound):
            await sign_visit(session, record.id, veterinarian_id=uuid4())
        vet = await session.get_one(Veterinarian, record.veterinarian_id)
        vet.license_expires_on = date(2026, 3, 8)
        await write_note(session, record.id, assessment="sprain")
        with pytest.raises(InvalidValue, match="licence"):
            await sign_visit(session, record.id, veterinarian_id=record.veterinarian_id)


async def test_a_visit_that_cannot_be_is_refused(db: Database, record: MedicalRecord) -> None:
    known = {
        "pet_id": record.pet_id,
        "clinic_id": record.clinic_id,
        "veterinarian_id": record.veterinarian_id,
    }
    with clock.frozen(NINE):
        for at in (NINE + timedelta(minutes=1), datetime(2026, 3, 9)):  # noqa: DTZ001 -- naive
            async with db.transaction() as session:
                with pytest.raises(InvalidValue):
                    await open_visit(session, visited_at=at, **known)
    with pytest.raises(ConstraintViolation):
        async with db.transaction() as session:
            await open_visit(
                session, visited_at=datetime(2026, 1, 1, tzinfo=UTC), **known | {"pet_id": uuid4()}
            )
    async with db.transaction() as session:
        with pytest.raises(NotFound):
            await write_note(session, uuid4(), plan="rest")
