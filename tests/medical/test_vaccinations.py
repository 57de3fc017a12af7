"""Vaccinations: recorded with the date of the next, asked for when due, reminded of once."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from tests.examples import clinic, pet, user, veterinarian
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import ConcurrentUpdate, InvalidValue
from vetcore.medical import (
    claim_reminders,
    record_vaccination,
    refresh_due_date,
    reminder_failed,
    reminder_sent,
    vaccinations_due,
)
from vetcore.models import Pet, VaccinationReminder
from vetcore.schemas import DueQuery, ReminderClaim, ReminderFailed, ReminderSent
from vetcore.values.animals import PetStatus, Species
from vetcore.values.people import Role
from vetcore.values.schedules import DEFAULT_SCHEDULES
from vetcore.values.vaccination import Antigen, Vaccination

TODAY = date(2026, 3, 9)
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _on_a_monday() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def _rabies(day: date, **given: object) -> Vaccination:
    return Vaccination(antigens=(Antigen.RABIES,), administered_on=day, **given)  # type: ignore[arg-type]


async def _store(db: Database, *rows: object) -> None:
    async with db.transaction() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def test_recording_a_vaccination_moves_the_due_date(db: Database) -> None:
    dog = pet(born_on=date(2025, 12, 1))
    await _store(db, dog)
    async with db.transaction() as session:
        # Of what is core for a dog, distemper is due first: at six weeks.
        assert await refresh_due_date(session, dog.id) == date(2026, 1, 12)
        core = {each.antigen for each in DEFAULT_SCHEDULES if each.species is Species.DOG}
        others = Vaccination(
            antigens=tuple(core - {Antigen.RABIES}),
            administered_on=TODAY,
            valid_until=date(2028, 1, 1),
        )
        await record_vaccination(session, dog.id, others)
        found = await session.get_one(Pet, dog.id)
        assert found.next_vaccination_due_on == date(2026, 2, 23)  # rabies, at twelve weeks
        await record_vaccination(session, dog.id, _rabies(TODAY, lot_number="L1"))
    async with db.session() as session:
        found = await session.get_one(Pet, dog.id)
    assert {each.lot_number for each in found.vaccinations} == {None, "L1"}
    assert found.next_vaccination_due_on == date(2027, 3, 9)


@pytest.mark.parametrize(
    ("species", "antigen"),
    [(Species.RABBIT, Antigen.MYXOMATOSIS), (Species.HORSE, Antigen.TETANUS)],
)
async def test_what_has_no_schedule_is_due_when_its_latest_dose_says_so(
    db: Database, species: Species, antigen: Antigen
) -> None:
    animal = pet(species=species, born_on=date(2020, 1, 1))
    await _store(db, animal)
    first, second = date(2026, 12, 1), date(2027, 3, 1)

    async def given(day: date, until: date | None) -> date | None:
        dose = Vaccination(antigens=(antigen,), administered_on=day, valid_until=until)
        async with db.transaction() as session:
            await record_vaccination(session, animal.id, dose)
            kept = (await session.get_one(Pet, animal.id)).next_vaccination_due_on
            assert await refresh_due_date(session, animal.id) == kept
        return kept

    assert await given(TODAY - timedelta(days=90), first) == first
    assert await given(TODAY, second) == second
    assert await given(TODAY - timedelta(days=400), date(2026, 1, 1)) == second
    async with db.session() as session:
        assert [
            each.due_on for each in await vaccinations_due(session, DueQuery(until=second))
        ] == [second]
        before = DueQuery(until=second - timedelta(days=1))
        assert await vaccinations_due(session, before) == []
    assert await given(TODAY + timedelta(days=1), None) is None


async def test_a_dose_given_today_where_it_is_tomorrow_counts(db: Database) -> None:
    dog = pet(born_on=date(2020, 1, 1), next_vaccination_due_on=date(2026, 1, 1))
    await _store(db, dog)
    tomorrow = TODAY + timedelta(days=1)
    with clock.frozen(NOON.replace(hour=11)):
        async with db.transaction() as session:
            everything = Vaccination(
                antigens=tuple(
                    schedule.antigen
                    for schedule in DEFAULT_SCHEDULES
                    if schedule.species is Species.DOG
                ),
                administered_on=tomorrow,
                valid_until=date(2029, 1, 1),
            )
            await record_vaccination(session, dog.id, everything)
    async with db.session() as session:
        assert (await session.get_one(Pet, dog.id)).next_vaccination_due_on == date(2029, 1, 1)


async def test_who_gave_a_dose_is_named_by_the_person(db: Database) -> None:
    dog, nobody = pet(born_on=date(2020, 1, 1)), user()
    person = user(role=Role.VETERINARIAN)
    vet = veterinarian(person)
    await _store(db, dog, nobody, person, vet)
    async with db.transaction() as session:
        with pytest.raises(InvalidValue, match="practitioner_id: is no veterinarian"):
            await record_vaccination(session, dog.id, _rabies(TODAY), practitioner_id=nobody.id)
        dose = _rabies(TODAY, lot_number="L1")
        kept = await record_vaccination(session, dog.id, dose, practitioner_id=person.id)
    assert kept.vaccinations == (dose.replace(administered_by_id=vet.id),)


async def test_nothing_is_due_for_a_pet_that_has_died(db: Database) -> None:
    ferret = pet(species=Species.FERRET, born_on=date(2024, 1, 1))
    await _store(db, ferret)
    async with db.transaction() as session:
        assert await refresh_due_date(session, ferret.id) is not None
        animal = await session.get_one(Pet, ferret.id)
        animal.status, animal.died_on = PetStatus.DECEASED, TODAY
        await session.flush()
        assert await refresh_due_date(session, ferret.id) is None
        assert animal.next_vaccination_due_on is None


async def test_a_clinic_may_replace_the_schedules(db: Database) -> None:
    yearly = next(
        each
        for each in DEFAULT_SCHEDULES
        if each.species is Species.CAT and each.antigen is Antigen.RABIES
    )
    own = yearly.replace(first_booster_months=6, core=True, source="The law of this place")
    only = [
        each.replace(core=False)
        for each in DEFAULT_SCHEDULES
        if each.species is Species.CAT and each.antigen is not Antigen.RABIES
    ]
    place, other = clinic(vaccination_schedules=(own, *only)), clinic(vaccination_schedules=only)
    born = date(2020, 1, 1)
    here = pet(primary_clinic_id=place.id, species=Species.CAT, born_on=born)
    there = pet(primary_clinic_id=other.id, species=Species.CAT, born_on=born)
    nowhere = pet(species=Species.CAT, born_on=born)
    await _store(db, place, other, here, there, nowhere)
    async with db.transaction() as session:
        for cat in (here, there, nowhere):
            await record_vaccination(session, cat.id, _rabies(TODAY))
        due = {
            cat.id: (await session.get_one(Pet, cat.id)).next_vaccination_due_on
            for cat in (here, there, nowhere)
        }
    assert due[here.id] == date(2026, 9, 9)
    assert due[there.id] == date(2027, 3, 9)
    # Elsewhere the guidelines hold, by which panleukopenia is due since this cat was six weeks old.
    assert due[nowhere.id] == date(2020, 2, 12)


async def test_a_change_of_schedules_clinic_or_birth_date_counts_when_it_is_refreshed(
    db: Database,
) -> None:
    place = clinic()
    dog = pet(primary_clinic_id=place.id, born_on=date(2026, 1, 1))
    await _store(db, place, dog)
    none_core = tuple(
        each.replace(core=False) for each in DEFAULT_SCHEDULES if each.species is Species.DOG
    )
    async with db.transaction() as session:
        assert await refresh_due_date(session, dog.id) == date(2026, 2, 12)
        (await session.get_one(Pet, dog.id)).born_on = date(2026, 2, 1)
        assert await refresh_due_date(session, dog.id) == date(2026, 3, 15)
        (await session.get_one(type(place), place.id)).vaccination_schedules = none_core
        assert await refresh_due_date(session, dog.id) is None
        (await session.get_one(Pet, dog.id)).primary_clinic_id = None
        assert await refresh_due_date(session, dog.id) == date(2026, 3, 15)


@pytest.mark.parametrize("day", [date(2020, 1, 1), TODAY, TODAY + timedelta(days=1)])
async def test_the_first_and_the_last_day_that_can_be_are_taken(db: Database, day: date) -> None:
    dog = pet(born_on=date(2020, 1, 1))
    await _store(db, dog)
    async with db.transaction() as session:
        kept = await record_vaccination(session, dog.id, _rabies(day))
    assert [each.administered_on for each in kept.vaccinations] == [day]


async def test_additions_at_once_lose_nothing(db: Database) -> None:
    dog = pet(born_on=date(2020, 1, 1))
    await _store(db, dog)
    days = [date(2021, 1, 1) + timedelta(days=30 * number) for number in range(8)]
    await asyncio.gather(
        *(db.run(lambda s, day=day: record_vaccination(s, dog.id, _rabies(day))) for day in days)  # type: ignore[misc]
    )
    async with db.session() as session:
        found = await session.get_one(Pet, dog.id)
    assert [each.administered_on for each in found.vaccinations] == days


@pytest.mark.parametrize(
    ("day", "match"),
    [(TODAY + timedelta(days=2), "future"), (date(2019, 12, 31), "birth")],
)
async def test_a_day_that_cannot_be_is_refused(db: Database, day: date, match: str) -> None:
    dog = pet(born_on=date(2020, 1, 1))
    await _store(db, dog)
    async with db.transaction() as session:
        with pytest.raises(InvalidValue, match=match):
            await record_vaccination(session, dog.id, _rabies(day))
        await record_vaccination(session, dog.id, _rabies(TODAY))
        with pytest.raises(InvalidValue, match="already"):
            await record_vaccination(session, dog.id, _rabies(TODAY))


async def _due_world(db: Database) -> tuple[UUID, UUID, dict[str, Pet]]:
    place, other, owner = clinic(), clinic(), user()
    rows = {
        "overdue": pet(owner, primary_clinic_id=place.id, next_vaccination_due_on=date(2026, 3, 1)),
        "today": pet(owner, primary_clinic_id=place.id, next_vaccination_due_on=TODAY),
        "later": pet(owner, primary_clinic_id=place.id, next_vaccination_due_on=date(2026, 4, 1)),
        "elsewhere": pet(
            user_id := None, primary_clinic_id=other.id, next_vaccination_due_on=TODAY
        ),
        "deceased": pet(
            owner,
            primary_clinic_id=place.id,
            status=PetStatus.DECEASED,
            next_vaccination_due_on=TODAY,
        ),
        "never": pet(owner, primary_clinic_id=place.id),
    }
    assert user_id is None
    await _store(db, place, other, owner, *rows.values())
    return place.id, owner.id, rows


async def test_what_is_due_is_asked_of_a_clinic_an_owner_or_a_pet(db: Database) -> None:
    place, owner, rows = await _due_world(db)

    async def names(**chosen: object) -> list[str]:
        async with db.session() as session:
            wanted = DueQuery.model_validate({"until": TODAY} | chosen)
            found = await vaccinations_due(session, wanted)
        by_id = {row.id: name for name, row in rows.items()}
        return [by_id[each.pet_id] for each in found]

    assert await names(clinic_id=place) == ["overdue", "today"]
    assert await names(owner_id=owner, since=TODAY) == ["today"]
    assert await names(pet_id=rows["elsewhere"].id) == ["elsewhere"]
    assert set(await names()) == {"overdue", "today", "elsewhere"}


async def test_pages_follow_one_another(db: Database) -> None:
    place, _, _ = await _due_world(db)
    wanted = DueQuery(until=TODAY, clinic_id=place, limit=1)
    async with db.session() as session:
        first = await vaccinations_due(session, wanted)
        following = wanted.model_copy(update={"after": first.next_cursor})
        second = await vaccinations_due(session, following)
        assert [each.due_on for each in (*first, *second)] == [date(2026, 3, 1), TODAY]
        assert first[0].is_overdue_on(TODAY)
        assert not second[0].is_overdue_on(TODAY)
        assert second.next_cursor is None
        with pytest.raises(InvalidValue, match="is not a cursor of this list"):
            await vaccinations_due(session, DueQuery(until=TODAY, after="bm9uc2Vuc2U"))
    with pytest.raises(ValidationError, match="limit"):
        DueQuery(until=TODAY, limit=0)


async def test_each_reminder_is_claimed_by_one_worker(db: Database) -> None:
    owner = user()
    pets = [pet(owner, next_vaccination_due_on=TODAY) for _ in range(40)]
    await _store(db, owner, *pets)

    async def worker(name: str) -> list[UUID]:
        mine: list[UUID] = []
        while True:
            claimed = await db.run(
                lambda session: claim_reminders(
                    session, ReminderClaim(worker=name, until=TODAY, limit=5)
                )
            )
            if not claimed:
                return mine
            for reminder in claimed:
                assert reminder.pet.owner is not None
                mine.append(reminder.pet_id)
                note = ReminderSent(id=reminder.id, worker=name, channel="email")
                await db.run(lambda s, note=note: reminder_sent(s, note))  # type: ignore[misc]

    shares = await asyncio.gather(*(worker(f"w{number}") for number in range(4)))
    everything = [pet_id for share in shares for pet_id in share]
    assert sorted(everything) == sorted(each.id for each in pets)
    async with db.transaction() as session:
        assert await claim_reminders(session, ReminderClaim(worker="late", until=TODAY)) == []


async def test_a_worker_that_dies_loses_its_claim_and_no_reminder(db: Database) -> None:
    owner = user()
    await _store(db, owner, pet(owner, next_vaccination_due_on=TODAY))
    async with db.transaction() as session:
        (first,) = await claim_reminders(session, ReminderClaim(worker="a", until=TODAY))
    async with db.transaction() as session:
        assert await claim_reminders(session, ReminderClaim(worker="b", until=TODAY)) == []
    with clock.frozen(NOON + timedelta(minutes=11)):
        async with db.transaction() as session:
            (second,) = await claim_reminders(session, ReminderClaim(worker="b", until=TODAY))
        assert (second.id, second.attempts) == (first.id, 2)
        with pytest.raises(ConcurrentUpdate, match="'a'"):
            async with db.transaction() as session:
                note = ReminderSent(id=first.id, worker="a", channel="sms")
                await reminder_sent(session, note)


async def test_a_reminder_that_failed_waits_as_long_as_was_said(db: Database) -> None:
    owner = user()
    await _store(db, owner, pet(owner, next_vaccination_due_on=TODAY))
    hour = timedelta(hours=1)
    async with db.transaction() as session:
        (reminder,) = await claim_reminders(session, ReminderClaim(worker="a", until=TODAY))
        note = ReminderFailed(id=reminder.id, worker="a", error="no route", retry_minutes=60)
        await reminder_failed(session, note)
    for passed, claimed in ((timedelta(minutes=59), 0), (hour, 1)):
        with clock.frozen(NOON + passed):
            async with db.transaction() as session:
                found = await claim_reminders(session, ReminderClaim(worker="b", until=TODAY))
        assert len(found) == claimed


async def test_a_reminder_that_keeps_failing_is_given_up(db: Database) -> None:
    owner = user()
    await _store(db, owner, pet(owner, next_vaccination_due_on=TODAY))
    for _ in range(5):
        async with db.transaction() as session:
            (reminder,) = await claim_reminders(session, ReminderClaim(worker="a", until=TODAY))
            note = ReminderFailed(id=reminder.id, worker="a", error="mailbox full")
            await reminder_failed(session, note)
    async with db.transaction() as session:
        assert await claim_reminders(session, ReminderClaim(worker="a", until=TODAY)) == []
        kept = (await session.scalars(select(VaccinationReminder))).one()
    assert (kept.attempts, kept.error, kept.sent_at) == (5, "mailbox full", None)
