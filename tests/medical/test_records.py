"""Medical records: written, signed, locked; what is added after stands apart."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from tests.examples import NINE, appointment, clinic, pet, user, world
from tests.medical.signed import read_back
from vetcore import clock
from vetcore.database import Acting, Database
from vetcore.errors import ConcurrentUpdate, ConstraintViolation, InvalidValue, NotFound
from vetcore.medical import (
    AlreadyRecorded,
    NotInPerson,
    RecordLocked,
    add_addendum,
    add_allergy,
    add_diagnosis,
    open_record,
    prescribe,
    record_vitals,
    sign_record,
    signature_is_intact,
    write_note,
)
from vetcore.models import Clinic, MedicalRecord, Pet, Veterinarian
from vetcore.schemas import MedicalRecordCreate
from vetcore.schemas import MedicalRecordUpdate as Note
from vetcore.values.medical import Allergy
from vetcore.values.visits import Diagnosis, Prescription, Vitals

AMOXICILLIN = Prescription(drug="Amoxicillin", dose="50 mg", frequency="every 12 hours")


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
        return await open_record(session, given)


async def _signer(db: Database, record: MedicalRecord) -> UUID:
    async with db.session() as session:
        return (await session.get_one(Veterinarian, record.veterinarian_id)).user_id


async def _signed(db: Database, record: MedicalRecord) -> MedicalRecord:
    signer = await _signer(db, record)
    async with db.transaction(Acting(signer)) as session:
        await write_note(session, record.id, Note(assessment="sprain", plan="rest"))
        return await sign_record(session, record.id)


async def _stored(db: Database, record: MedicalRecord) -> MedicalRecord:
    return await read_back(db, record)


async def test_a_visit_is_written_bit_by_bit(db: Database, record: MedicalRecord) -> None:
    async with db.transaction() as session:
        await write_note(
            session, record.id, Note(subjective="limps since Sunday", objective="pain")
        )
        await write_note(session, record.id, Note(assessment="sprain"))
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


async def test_what_is_added_to_a_record_stays_in_the_order_in_which_it_was_said(
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
        await write_note(
            session, record.id, Note(subjective="limps", objective="pain", plan="rest")
        )
        await write_note(session, record.id, Note(plan=None))
    found = await _stored(db, record)
    assert (found.subjective, found.objective, found.assessment, found.plan) == (
        "limps",
        "pain",
        None,
        None,
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
    assert signature_is_intact(signed, db.keys)
    async with db.transaction(Acting(await _signer(db, record))) as session:
        with pytest.raises(RecordLocked):
            await write_note(session, record.id, Note(plan="surgery"))
        with pytest.raises(RecordLocked):
            await prescribe(session, record.id, AMOXICILLIN)
        with pytest.raises(RecordLocked):
            await sign_record(session, record.id)
    with pytest.raises(RecordLocked):
        async with db.transaction() as session:
            (await session.get_one(MedicalRecord, record.id)).assessment = "something else"
    with pytest.raises(RecordLocked):
        async with db.transaction() as session:
            found = await session.get_one(MedicalRecord, record.id)
            found.signed_at = found.signed_by_id = found.signature = None
    assert signature_is_intact(await _stored(db, record), db.keys)


async def test_addenda_follow_a_signature_and_leave_it_intact(
    db: Database, record: MedicalRecord
) -> None:
    author = await _signer(db, record)
    async with db.transaction(Acting(author)) as session:
        with pytest.raises(InvalidValue, match="not signed"):
            await add_addendum(session, record.id, "too early")
    await _signed(db, record)
    async with db.transaction(Acting(author)) as session:
        await add_addendum(session, record.id, "X-ray: no fracture")
    for acting in (Acting(), Acting(author, impersonator=uuid4())):
        async with db.transaction(acting) as session:
            with pytest.raises(NotInPerson):
                await add_addendum(session, record.id, "Owner informed")
    async with db.transaction(Acting(author)) as session:
        with pytest.raises(InvalidValue, match="text"):
            await add_addendum(session, record.id, "  ")
        await add_addendum(session, record.id, "Owner informed")
    found = await _stored(db, record)
    assert [(each.text, each.author_id) for each in found.addenda] == [
        ("X-ray: no fracture", author),
        ("Owner informed", author),
    ]
    assert signature_is_intact(found, db.keys)


async def test_only_a_complete_note_by_a_licensed_veterinarian_is_signed(
    db: Database, record: MedicalRecord
) -> None:
    signer, nobody = await _signer(db, record), user()
    async with db.transaction() as session:
        session.add(nobody)
    for acting in (Acting(), Acting(signer, impersonator=nobody.id)):
        async with db.transaction(acting) as session:
            with pytest.raises(NotInPerson):
                await sign_record(session, record.id)
    async with db.transaction(Acting(nobody.id)) as session:
        with pytest.raises(InvalidValue, match="actor: is no veterinarian"):
            await sign_record(session, record.id)
    async with db.transaction(Acting(signer)) as session:
        with pytest.raises(InvalidValue, match="assessment"):
            await sign_record(session, record.id)
        with pytest.raises(NotFound):
            await sign_record(session, uuid4())
        vet = await session.get_one(Veterinarian, record.veterinarian_id)
        vet.license_expires_on = date(2026, 3, 8)
        await write_note(session, record.id, Note(assessment="sprain"))
        with pytest.raises(InvalidValue, match=r"licence .* by the clinic's calendar, 2026-03-09"):
            await sign_record(session, record.id)


async def test_the_day_of_the_visit_is_that_of_the_clinic(
    db: Database, record: MedicalRecord
) -> None:
    signer = await _signer(db, record)
    # On the 10th by UTC, at five in the afternoon of the 9th in Seattle.
    visited_at = datetime(2026, 3, 10, 0, tzinfo=UTC)
    async with db.transaction(Acting(signer)) as session:
        vet = await session.get_one(Veterinarian, record.veterinarian_id)
        vet.license_expires_on = date(2026, 3, 9)
        note = Note(assessment="sprain", visited_at=visited_at)
        await write_note(session, record.id, note)
        assert (await sign_record(session, record.id)).is_signed


async def test_a_visit_that_cannot_be_is_refused(db: Database, record: MedicalRecord) -> None:
    known = {
        "pet_id": record.pet_id,
        "clinic_id": record.clinic_id,
        "practitioner_id": await _signer(db, record),
    }
    with clock.frozen(NINE):
        latest = NINE + timedelta(minutes=1)  # clocks may differ by so much
        assert MedicalRecordCreate(**known, visited_at=latest).visited_at == latest
        for at in (latest + timedelta(microseconds=1), datetime(2026, 3, 9)):  # noqa: DTZ001 -- naive
            with pytest.raises(ValidationError, match="visited_at"):
                MedicalRecordCreate(**known, visited_at=at)
    with pytest.raises(ConstraintViolation):
        async with db.transaction() as session:
            await open_record(session, MedicalRecordCreate(**known | {"pet_id": uuid4()}))
    async with db.transaction() as session:
        with pytest.raises(NotFound):
            await write_note(session, uuid4(), Note(plan="rest"))


async def test_a_record_is_of_whoever_acts_unless_another_veterinarian_is_named(
    db: Database, record: MedicalRecord
) -> None:
    practitioner, owner = await _signer(db, record), user()
    async with db.transaction() as session:
        session.add(owner)
    given = MedicalRecordCreate(pet_id=record.pet_id, clinic_id=record.clinic_id)
    async with db.transaction(Acting(practitioner)) as session:
        mine = await open_record(session, given)
        assert (mine.veterinarian_id, mine.created_by_id) == (record.veterinarian_id, practitioner)
    for acting in (Acting(owner.id), Acting()):
        async with db.transaction(acting) as session:
            with pytest.raises(InvalidValue, match="practitioner_id"):
                await open_record(session, given)
            named = given.model_copy(update={"practitioner_id": practitioner})
            named_one = await open_record(session, named)
            assert named_one.veterinarian_id == record.veterinarian_id


async def test_a_record_is_tied_to_an_appointment_of_its_own_pet_and_clinic(
    db: Database, record: MedicalRecord
) -> None:
    other, stray = clinic(), pet()
    async with db.transaction() as session:
        session.add_all([other, stray])
        await session.flush()
        place = await session.get_one(Clinic, record.clinic_id)
        vet = await session.get_one(Veterinarian, record.veterinarian_id)
        animal = await session.get_one(Pet, record.pet_id)
        own = appointment(place, vet, animal)
        foreign = [
            appointment(place, vet, stray, NINE + timedelta(hours=1)),
            appointment(other, vet, animal, NINE + timedelta(hours=2)),
        ]
        session.add_all([own, *foreign])
    practitioner = await _signer(db, record)
    given = {
        "pet_id": record.pet_id,
        "clinic_id": record.clinic_id,
        "practitioner_id": practitioner,
    }
    async with db.transaction() as session:
        for key in (foreign[0].id, foreign[1].id, uuid4()):
            with pytest.raises(NotFound):
                await write_note(session, record.id, Note(appointment_id=key))
            with pytest.raises(NotFound):
                await open_record(session, MedicalRecordCreate(**given, appointment_id=key))
        await write_note(session, record.id, Note(appointment_id=own.id))
        await write_note(session, record.id, Note(plan="rest"))
        with pytest.raises(AlreadyRecorded, match=str(record.id)):
            await open_record(session, MedicalRecordCreate(**given, appointment_id=own.id))
    assert (await _stored(db, record)).appointment_id == own.id
    async with db.transaction() as session:
        await write_note(session, record.id, Note(appointment_id=None))
    assert (await _stored(db, record)).appointment_id is None


async def test_a_change_that_was_made_for_another_version_is_refused(
    db: Database, record: MedicalRecord
) -> None:
    async with db.transaction() as session:
        await write_note(session, record.id, Note(version=1, plan="rest"))
        with pytest.raises(ConcurrentUpdate):
            await write_note(session, record.id, Note(version=1, plan="surgery"))
    assert (await _stored(db, record)).plan == "rest"
