"""What else the medical room promises: which reminders, whose records, and what is told of a refusal."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tests.examples import appointment, clinic, pet, user, veterinarian, world
from tests.medical.signed import read_back
from vetcore import clock
from vetcore.database import Acting, Database
from vetcore.errors import ConcurrentUpdate, InvalidValue, NotFound
from vetcore.medical import (
    RecordLocked,
    add_addendum,
    add_condition,
    add_surgery,
    claim_reminders,
    drop_reminders,
    open_record,
    record_vaccination,
    record_weight,
    reminder_failed,
    reminder_sent,
    sign_record,
    signature_is_intact,
    vaccinations_due,
    write_note,
)
from vetcore.medical.merging import NotTheSameAnimal, merge_health, require_same_animal
from vetcore.medical.practitioners import person_meant, veterinarian_meant
from vetcore.models import MedicalRecord, Pet, VaccinationReminder
from vetcore.schemas import (
    DueQuery,
    MedicalRecordCreate,
    MedicalRecordUpdate,
    ReminderClaim,
    ReminderFailed,
    ReminderSent,
)
from vetcore.values.animals import PetStatus, Species
from vetcore.values.medical import Condition, Surgery, WeightMeasurement
from vetcore.values.vaccination import Antigen, Vaccination

TODAY = date(2026, 3, 9)
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _on_a_monday() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


async def _store(db: Database, *rows: object) -> None:
    async with db.transaction() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def _due(db: Database, **given: Any) -> Pet:
    person = user()
    animal = pet(person, **{"next_vaccination_due_on": TODAY} | given)
    await _store(db, person, animal)
    return animal


async def _claimed(db: Database, worker: str = "a", **given: Any) -> list[VaccinationReminder]:
    claim = ReminderClaim.model_validate({"worker": worker, "until": TODAY} | given)
    async with db.transaction() as session:
        return await claim_reminders(session, claim)


# Reminders


async def test_the_first_and_the_last_day_that_are_asked_for_count(db: Database) -> None:
    days = [TODAY + each * DAY for each in (-2, -1, 0, 1)]
    for day in days:
        await _due(db, next_vaccination_due_on=day)
    found = await _claimed(db, since=days[1], until=days[2])
    assert [each.due_on for each in found] == days[1:3]
    assert [each.due_on for each in await _claimed(db, "b", until=days[2])] == [days[0]]
    async with db.session() as session:
        for given, names in (
            ({"since": days[1], "until": days[2]}, days[1:3]),
            ({"until": days[1]}, days[:2]),
        ):
            due = await vaccinations_due(session, DueQuery(**given))
            assert [each.due_on for each in due] == names
            assert [each.is_overdue_on(days[1]) for each in due] == [n < days[1] for n in names]


async def test_a_claim_ends_when_its_lease_does_and_is_a_further_attempt(db: Database) -> None:
    await _due(db)
    (first,) = await _claimed(db, lease_minutes=10)
    assert (first.claimed_by, first.claimed_until) == ("a", NOON + timedelta(minutes=10))
    with clock.frozen(NOON + timedelta(minutes=10) - timedelta(microseconds=1)):
        assert await _claimed(db, "b") == []
    with clock.frozen(NOON + timedelta(minutes=10)):
        (again,) = await _claimed(db, "b")
        assert (again.id, again.claimed_by, again.attempts) == (first.id, "b", first.attempts + 1)


async def test_who_claims_again_in_one_session_sees_the_claim_as_it_is_now(db: Database) -> None:
    await _due(db)
    claim = ReminderClaim.model_validate({"worker": "a", "until": TODAY})
    async with db.transaction() as session:
        (first,) = await claim_reminders(session, claim)
        with clock.frozen(NOON + DAY):
            other = claim.model_copy(update={"worker": "b"})
            (again,) = await claim_reminders(session, other)
        assert again is first
        assert (again.claimed_by, again.attempts) == ("b", 2)
        assert again.pet.owner is not None


async def test_only_the_worker_that_has_a_reminder_reports_on_it(db: Database) -> None:
    animal = await _due(db)
    (reminder,) = await _claimed(db)
    for worker, key in (("b", reminder.id), ("a", uuid4())):
        sent = ReminderSent(id=key, worker=worker, channel="email")
        with pytest.raises(
            ConcurrentUpdate, match=f"{key} is not in the hands of '{worker}'"
        ) as late:
            await db.run(lambda session, sent=sent: reminder_sent(session, sent))
        assert late.value.details["table"] == "vaccination_reminders"
    failed = ReminderFailed(id=reminder.id, worker="a", error="e" * 150, retry_minutes=7)
    async with db.transaction() as session:
        kept = await reminder_failed(session, failed)
        assert (kept.error, kept.claimed_until) == ("e" * 150, NOON + timedelta(minutes=7))
    async with db.transaction() as session:
        assert await drop_reminders(session, uuid4()) == 0
        assert await drop_reminders(session, animal.id) == 1
        assert await drop_reminders(session, animal.id) == 0


async def test_reminders_that_were_sent_are_not_dropped(db: Database) -> None:
    animal = await _due(db)
    (reminder,) = await _claimed(db)
    note = ReminderSent(id=reminder.id, worker="a", channel="email")
    async with db.transaction() as session:
        await reminder_sent(session, note)
        assert await drop_reminders(session, animal.id) == 0
    assert await _claimed(db, "b") == []


# Days


async def test_what_is_said_of_the_future_is_refused_under_its_own_name(db: Database) -> None:
    rex = pet(born_on=date(2020, 1, 2))
    await _store(db, rex)
    later = TODAY + 3 * DAY
    acts: dict[str, Any] = {
        "diagnosed_on": lambda s: add_condition(
            s, rex.id, Condition(name="otitis", diagnosed_on=later)
        ),
        "performed_on": lambda s: add_surgery(
            s, rex.id, Surgery(procedure="spay", performed_on=later)
        ),
        "measured_at": lambda s: record_weight(
            s, rex.id, WeightMeasurement(kilograms=Decimal(9), measured_at=NOON + DAY)
        ),
        "administered_on": lambda s: record_vaccination(
            s, rex.id, Vaccination(antigens=(Antigen.RABIES,), administered_on=later)
        ),
    }
    for field, act in acts.items():
        with pytest.raises(InvalidValue) as refused:
            await db.run(act)
        assert refused.value.details["field"] == field
    with pytest.raises(InvalidValue, match="lies before the pet's birth") as early:
        dose = Vaccination(antigens=(Antigen.RABIES,), administered_on=date(2020, 1, 1))
        await db.run(lambda s: record_vaccination(s, rex.id, dose))
    assert early.value.details["expected"] == "2020-01-02 or later"
    born = dose.replace(administered_on=date(2020, 1, 2))
    await db.run(lambda s: record_vaccination(s, rex.id, born))
    undated = await db.run(lambda s: add_condition(s, rex.id, Condition(name="otitis")))
    assert [each.name for each in undated.medical_history.conditions] == ["otitis"]


# Who is meant


async def test_who_is_named_goes_before_who_acts_and_must_be_a_veterinarian(db: Database) -> None:
    person, other, layman = user(), user(), user()
    vet, second = veterinarian(person), veterinarian(other)
    await _store(db, person, other, layman, vet, second)
    async with db.transaction(Acting(person.id)) as session:
        assert person_meant(session, None, "author_id") == person.id
        assert person_meant(session, other.id, "author_id") == other.id
        assert (await veterinarian_meant(session, None, "signer_id")).id == vet.id
        assert (await veterinarian_meant(session, other.id, "signer_id")).id == second.id
        with pytest.raises(InvalidValue, match="signer_id: is no veterinarian") as refused:
            await veterinarian_meant(session, layman.id, "signer_id")
        assert refused.value.details["expected"] == "the user's id of a veterinarian"
    async with db.transaction() as session:
        with pytest.raises(InvalidValue, match="author_id: is missing"):
            person_meant(session, None, "author_id")


# Records


async def _record(db: Database, **given: Any) -> tuple[MedicalRecord, UUID, list[Any]]:
    everything, place, vet, animal = world()
    await _store(db, *everything)
    document = MedicalRecordCreate(
        pet_id=animal.id, clinic_id=place.id, practitioner_id=vet.user_id, chief_complaint="limps"
    )
    async with db.transaction() as session:
        record = await open_record(session, document, **given)
    return record, vet.user_id, [place, vet, animal]


async def test_a_record_has_the_key_that_is_given_and_is_of_now(db: Database) -> None:
    key = uuid4()
    record, _, (place, vet, animal) = await _record(db, key=key)
    assert (record.id, record.visited_at) == (key, NOON)
    assert (record.veterinarian_id, record.pet_id, record.clinic_id) == (
        vet.id,
        animal.id,
        place.id,
    )


async def test_a_record_is_tied_to_no_appointment_of_another_pet_or_clinic(db: Database) -> None:
    record, _, (place, vet, animal) = await _record(db)
    other, elsewhere = pet(), clinic()
    await _store(db, other, elsewhere)
    mine = appointment(place, vet, animal)
    wrong = [
        appointment(place, vet, other, NOON + DAY),
        appointment(elsewhere, vet, animal, NOON + 2 * DAY),
    ]
    await _store(db, mine, *wrong)
    for key in (*(each.id for each in wrong), uuid4()):
        change = MedicalRecordUpdate(appointment_id=key)
        with pytest.raises(NotFound, match=str(key)):
            await db.run(lambda s, change=change: write_note(s, record.id, change))
    change = MedicalRecordUpdate(appointment_id=mine.id)
    assert (await db.run(lambda s: write_note(s, record.id, change))).appointment_id == mine.id


async def test_a_signature_says_who_when_and_what(db: Database) -> None:
    record, signer, (_, vet, _) = await _record(db)
    with pytest.raises(InvalidValue, match="assessment: is missing") as refused:
        await db.run(lambda s: sign_record(s, record.id), Acting(signer))
    assert refused.value.details["expected"] == "what the veterinarian concluded"
    with pytest.raises(InvalidValue, match="id: is not signed yet") as unsigned:
        await db.run(lambda s: add_addendum(s, record.id, "more"), Acting(signer))
    assert unsigned.value.details["expected"] == "a signed record, or write_note"
    note = MedicalRecordUpdate(assessment="sprain")
    await db.run(lambda s: write_note(s, record.id, note))
    kept = await db.run(lambda s: sign_record(s, record.id), Acting(signer))
    assert (kept.signed_at, kept.signed_by_id) == (NOON, vet.id)
    assert signature_is_intact(kept, db.keys)
    kept = await db.run(lambda s: add_addendum(s, record.id, "more"), Acting(signer))
    kept = await read_back(db, kept)
    (addendum,) = kept.addenda
    assert (addendum.author_id, addendum.written_at, addendum.text) == (signer, NOON, "more")
    assert signature_is_intact(kept, db.keys)
    for field, value in (("assessment", "fracture"), ("chief_complaint", "coughs")):
        right = getattr(kept, field)
        setattr(kept, field, value)
        assert not signature_is_intact(kept, db.keys)
        setattr(kept, field, right)
    assert signature_is_intact(kept, db.keys)
    with pytest.raises(RecordLocked):
        await db.run(lambda s: write_note(s, record.id, note))


@pytest.mark.parametrize(
    ("licence", "is_good"),
    [
        ({"license_expires_on": date(2026, 3, 9)}, True),
        ({"license_expires_on": date(2026, 3, 8)}, False),
        ({}, True),
    ],
)
async def test_a_licence_is_good_on_the_day_of_the_visit_by_the_clinics_calendar(
    db: Database, licence: dict[str, Any], *, is_good: bool
) -> None:
    record, signer, (_, vet, _) = await _record(db)
    async with db.transaction() as session:
        known = await session.get_one(type(vet), vet.id)
        for name, value in licence.items():
            setattr(known, name, value)
        # It is still the ninth in Los Angeles, where the clinic is.
        written = await session.get_one(MedicalRecord, record.id)
        written.visited_at, written.assessment = datetime(2026, 3, 10, 4, tzinfo=UTC), "sprain"
    with clock.frozen(NOON + DAY):
        if is_good:
            assert (await db.run(lambda s: sign_record(s, record.id), Acting(signer))).is_signed
            return
        with pytest.raises(InvalidValue, match="actor: has no good licence"):
            await db.run(lambda s: sign_record(s, record.id), Acting(signer))


# Merging


@pytest.mark.parametrize(
    ("one", "other", "field"),
    [
        ({}, {}, None),
        ({"microchip": "985112001234567"}, {}, None),
        ({"species": Species.CAT}, {}, "species"),
        ({"microchip": "985112001234567"}, {"microchip": "985112001234568"}, "microchip"),
        ({"status": PetStatus.DECEASED}, {}, "status"),
        ({}, {"status": PetStatus.DECEASED}, "status"),
        ({"status": PetStatus.DECEASED}, {"status": PetStatus.DECEASED}, None),
        ({"status": PetStatus.LOST}, {}, None),
    ],
)
def test_two_pets_are_one_animal_where_nothing_that_is_known_differs(
    one: dict[str, Any], other: dict[str, Any], field: str | None
) -> None:
    kept, gone = pet(**one), pet(**other)
    for first, second in ((kept, gone), (gone, kept)):
        if field is None:
            require_same_animal(first, second)
            continue
        with pytest.raises(NotTheSameAnimal) as refused:
            require_same_animal(first, second)
        assert refused.value.details["field"] == field
        assert refused.value.details["kept"] == str(getattr(first, field))
        assert refused.value.details["other"] == str(getattr(second, field))


async def test_of_two_rows_health_is_brought_together_once(db: Database) -> None:
    owner = user()
    kept, gone = pet(owner), pet(owner)
    await _store(db, owner, kept, gone)
    both = Vaccination(antigens=(Antigen.RABIES,), administered_on=date(2025, 1, 2))
    later = Vaccination(antigens=(Antigen.RABIES,), administered_on=date(2026, 1, 2))
    for animal, dose in ((kept, both), (gone, both), (gone, later)):
        await db.run(lambda s, a=animal, d=dose: record_vaccination(s, a.id, d))
    for animal, kilograms, day in ((kept, 9, 2), (gone, 8, 1)):
        weight = WeightMeasurement(kilograms=Decimal(kilograms), measured_at=NOON - day * DAY)
        await db.run(lambda s, a=animal, w=weight: record_weight(s, a.id, w))
    reminders = [
        VaccinationReminder(
            pet_id=animal.id,
            due_on=due_on,
            claimed_by=name,
            claimed_until=NOON,
            sent_at=sent_at,
            channel="email" if sent_at else None,
        )
        for name, animal, due_on, sent_at in (
            ("kept, unsent", kept, TODAY, None),
            ("gone, sent", gone, TODAY, NOON),
            ("kept", kept, TODAY + DAY, None),
            ("gone", gone, TODAY + DAY, None),
            ("gone alone", gone, TODAY + 2 * DAY, None),
        )
    ]
    await _store(db, *reminders)
    await db.run(lambda s: merge_health(s, pet_id=gone.id, into=kept.id))
    async with db.session() as session:
        whole = await session.get_one(Pet, kept.id)
        days = sorted(each.administered_on for each in whole.vaccinations)
        assert days == [both.administered_on, later.administered_on]
        assert whole.weight_kg == 8
        assert whole.next_vaccination_due_on is not None
        assert whole.next_vaccination_due_on > later.administered_on
        rows = await session.scalars(
            select(VaccinationReminder).order_by(VaccinationReminder.due_on)
        )
        assert [(row.pet_id, row.claimed_by) for row in rows] == [
            (kept.id, "gone, sent"),
            (kept.id, "kept"),
            (kept.id, "gone alone"),
        ]
