"""Reminders: whose they are, who has them in hand, and when a person is not to be disturbed."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select, text

from tests.examples import clinic, pet, user
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import ConcurrentUpdate
from vetcore.medical import (
    claim_reminders,
    drop_reminders,
    reminder_failed,
    reminder_sent,
    reminders,
    vaccinations_due,
)
from vetcore.models import Pet, User, VaccinationReminder
from vetcore.schemas import DueQuery, ReminderClaim, ReminderFailed, ReminderSent
from vetcore.values.animals import PetStatus
from vetcore.values.people import UserStatus
from vetcore.values.preferences import NotificationChannel, Preferences, QuietHours

TODAY = date(2026, 3, 9)
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
NIGHT = QuietHours(start=time(22), end=time(7))


@pytest.fixture(autouse=True)
def _on_a_monday() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


async def _store(db: Database, *rows: object) -> None:
    async with db.transaction() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def _due(db: Database, *, owner: User | None = None, **given: Any) -> Pet:
    person = owner or user()
    animal = pet(person, **{"next_vaccination_due_on": TODAY} | given)
    await _store(db, person, animal)
    return animal


async def _claimed(db: Database, worker: str = "a", **given: Any) -> list[VaccinationReminder]:
    claim = ReminderClaim.model_validate({"worker": worker, "until": TODAY} | given)
    async with db.transaction() as session:
        return await claim_reminders(session, claim)


async def _wanting(db: Database, due_on: date = TODAY, zone: str = "UTC", **given: Any) -> Pet:
    owner = user(preferences=Preferences(**given), timezone=zone)
    return await _due(db, owner=owner, next_vaccination_due_on=due_on)


async def test_a_reminder_is_sent_once_and_who_says_so_again_is_told(db: Database) -> None:
    await _due(db)
    (reminder,) = await _claimed(db)
    async with db.transaction() as session:
        await reminder_sent(session, ReminderSent(id=reminder.id, worker="a", channel="email"))
    for note in (
        lambda session: reminder_sent(
            session, ReminderSent(id=reminder.id, worker="a", channel="sms")
        ),
        lambda session: reminder_failed(
            session, ReminderFailed(id=reminder.id, worker="a", error="late")
        ),
    ):
        with pytest.raises(ConcurrentUpdate):
            await db.run(note)
    async with db.session() as session:
        kept = (await session.scalars(select(VaccinationReminder))).one()
    assert (kept.channel, kept.sent_at, kept.error) == ("email", NOON, None)


async def test_a_reminder_that_goes_out_in_the_end_has_no_error(db: Database) -> None:
    await _due(db)
    (reminder,) = await _claimed(db)
    async with db.transaction() as session:
        await reminder_failed(session, ReminderFailed(id=reminder.id, worker="a", error="no route"))
    (again,) = await _claimed(db, "b")
    assert (again.id, again.error) == (reminder.id, "no route")
    async with db.transaction() as session:
        await reminder_sent(session, ReminderSent(id=again.id, worker="b", channel="email"))
    async with db.session() as session:
        assert (await session.scalars(select(VaccinationReminder.error))).one() is None


async def test_the_earliest_due_come_first_whatever_was_claimed_before(db: Database) -> None:
    days = [TODAY - timedelta(days=number) for number in (3, 9, 1, 7, 5)]
    for day in days:
        await _due(db, next_vaccination_due_on=day)
    early = days[1]
    (first,) = await _claimed(db, until=early)
    async with db.transaction() as session:
        await reminder_failed(session, ReminderFailed(id=first.id, worker="a", error="no route"))
    assert [each.due_on for each in await _claimed(db, limit=2)] == [early, days[3]]
    with clock.frozen(NOON + timedelta(minutes=10)):
        claimed = await _claimed(db, "b")
        assert [each.due_on for each in claimed] == sorted(days)
        assert all(each.pet.owner is not None and each.pet.owner.email for each in claimed)


async def test_the_most_urgent_are_claimed_first_and_come_first_whatever_the_index(
    db: Database,
) -> None:
    last = await _due(db, next_vaccination_due_on=TODAY)
    (first,) = await _claimed(db)
    async with db.transaction() as session:
        await reminder_failed(session, ReminderFailed(id=first.id, worker="a", error="no route"))
    for days in (3, 9, 1, 7, 5):
        await _due(db, next_vaccination_due_on=TODAY - timedelta(days=days))
    async with db.trial() as session:
        # Its order would hide that none was asked for.
        await session.execute(text("DROP INDEX ix_pets_next_vaccination_due_on"))
        wanted = ReminderClaim(worker="b", until=TODAY, limit=2)
        some = await claim_reminders(session, wanted)
        assert [(TODAY - each.due_on).days for each in some] == [9, 7]
    with clock.frozen(NOON + timedelta(minutes=10)):
        every = await _claimed(db, "b")
        assert [(TODAY - each.due_on).days for each in every] == [9, 7, 5, 3, 1, 0]
        assert (every[-1].id, every[-1].pet_id) == (first.id, last.id)


async def test_who_is_invited_is_told_and_for_ten_minutes_nobody_else_has_it(db: Database) -> None:
    await _due(db, owner=user(status=UserStatus.INVITED))
    (reminder,) = await _claimed(db)
    assert reminder.claimed_until == NOON + timedelta(minutes=10)


async def test_a_long_error_is_kept_as_far_as_it_fits(db: Database) -> None:
    await _due(db)
    (reminder,) = await _claimed(db)
    error = "".join(chr(ord("a") + number % 26) for number in range(1000))
    async with db.transaction() as session:
        await reminder_failed(session, ReminderFailed(id=reminder.id, worker="a", error=error))
    async with db.session() as session:
        assert (await session.scalars(select(VaccinationReminder.error))).one() == error[:200]


@pytest.mark.parametrize(
    "given",
    [
        {"status": PetStatus.DECEASED},
        {"status": PetStatus.REHOMED},
        {"status": PetStatus.LOST},
        {"deleted_at": NOON},
        {"next_vaccination_due_on": None},
        {"next_vaccination_due_on": TODAY + timedelta(days=1)},
        {"owner_id": None},
    ],
)
async def test_nobody_is_reminded_of_such_a_pet(db: Database, given: dict[str, Any]) -> None:
    await _due(db, **given)
    assert await _claimed(db) == []
    if "owner_id" not in given:
        async with db.session() as session:
            assert await vaccinations_due(session, DueQuery(until=TODAY)) == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"status": UserStatus.INVITED}, True),
        ({"status": UserStatus.SUSPENDED}, False),
        ({"status": UserStatus.DELETED}, False),
        ({"deleted_at": NOON}, False),
    ],
)
async def test_who_has_no_account_any_more_is_not_told(
    db: Database, given: dict[str, Any], *, told: bool
) -> None:
    await _due(db, owner=user(**given))
    assert bool(await _claimed(db)) is told


async def test_the_first_day_and_the_last_are_among_them(db: Database) -> None:
    days = [TODAY + timedelta(days=number) for number in range(-2, 3)]
    for day in days:
        await _due(db, next_vaccination_due_on=day)
    found = await _claimed(db, since=days[1], until=days[3])
    assert [each.due_on for each in found] == days[1:4]


async def test_a_clinic_sends_the_reminders_of_its_own_patients(db: Database) -> None:
    place = clinic()
    await _store(db, place)
    mine = await _due(db, primary_clinic_id=place.id)
    await _due(db)
    assert [each.pet_id for each in await _claimed(db, clinic_id=place.id)] == [mine.id]


async def test_a_claim_that_is_held_is_not_stolen_by_who_saw_it_free(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _due(db)
    (held,) = await _claimed(db)
    monkeypatch.setattr(reminders, "_is_settled", lambda _now: VaccinationReminder.id.is_(None))
    assert await _claimed(db, "b") == []
    async with db.transaction() as session:
        await reminder_sent(session, ReminderSent(id=held.id, worker="a", channel="email"))
    assert await _claimed(db, "b") == []
    with clock.frozen(NOON + timedelta(days=1)):
        assert await _claimed(db, "b") == []  # it was sent


async def test_a_claim_runs_out_to_the_instant_and_after_as_long_as_was_asked(
    db: Database,
) -> None:
    await _due(db)
    lease = timedelta(minutes=3)
    (held,) = await _claimed(db, lease_minutes=3)
    assert held.claimed_until == NOON + lease
    with clock.frozen(NOON + lease - timedelta(microseconds=1)):
        assert await _claimed(db, "b") == []
    with clock.frozen(NOON + lease):
        (taken,) = await _claimed(db, "b")
    assert (taken.id, taken.claimed_by, taken.claimed_until) == (
        held.id,
        "b",
        NOON + lease + timedelta(minutes=10),
    )


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_a_second_worker_does_not_wait_for_the_first(db: Database) -> None:
    first, second = await _due(db), await _due(db)
    async with db.transaction() as one:
        mine = await claim_reminders(one, ReminderClaim(worker="a", until=TODAY, limit=1))
        async with asyncio.timeout(5), db.transaction() as two:
            others = await claim_reminders(two, ReminderClaim(worker="b", until=TODAY))
    assert {mine[0].pet_id, others[0].pet_id} == {first.id, second.id}
    assert len(others) == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"worker": ""}, "worker"),
        ({"worker": "w" * 65}, "worker"),
        ({"limit": 0}, "limit"),
        ({"limit": -1}, "limit"),
        ({"lease_minutes": 0}, "lease_minutes"),
    ],
)
async def test_a_claim_that_means_nothing_is_refused(
    db: Database, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        await _claimed(db, **given)
    assert [each["loc"] for each in caught.value.errors()] == [(field,)]
    assert await _claimed(db, "w" * 64) == []


async def test_who_switched_every_channel_off_is_left_in_peace(db: Database) -> None:
    await _wanting(db, email_enabled=False)
    assert await _claimed(db) == []


async def test_a_worker_that_sends_on_one_channel_gets_who_wants_that_one(db: Database) -> None:
    mail = await _wanting(db)
    text = await _wanting(db, email_enabled=False, sms_enabled=True)
    by_mail = await _claimed(db, channel=NotificationChannel.EMAIL)
    assert [each.pet_id for each in by_mail] == [mail.id]
    assert await _claimed(db, channel=NotificationChannel.PUSH) == []
    by_text = await _claimed(db, channel=NotificationChannel.SMS)
    assert [each.pet_id for each in by_text] == [text.id]


@pytest.mark.parametrize(("lead", "ahead"), [((30, 7), 30), ((1,), 1), ((0,), 0), ((1, 14), 14)])
async def test_a_reminder_goes_out_from_the_longest_lead_on(
    db: Database, lead: tuple[int, ...], ahead: int
) -> None:
    due_on = TODAY + timedelta(days=ahead)
    await _wanting(db, due_on, reminder_lead_days=lead)
    with clock.frozen(NOON - timedelta(days=1)):
        assert await _claimed(db, until=TODAY + timedelta(days=400)) == []
    assert len(await _claimed(db, until=TODAY + timedelta(days=400))) == 1


async def test_who_wants_no_reminders_gets_none(db: Database) -> None:
    await _wanting(db, TODAY - timedelta(days=30), reminder_lead_days=())
    assert await _claimed(db) == []


async def test_the_lead_is_counted_on_the_owners_calendar(db: Database) -> None:
    due_on = date(2026, 3, 16)
    await _wanting(db, due_on, "Pacific/Kiritimati", reminder_lead_days=(7,))
    await _wanting(db, due_on, "Pacific/Pago_Pago", reminder_lead_days=(7,))
    there = datetime(2026, 3, 8, 10, tzinfo=UTC)  # the 9th has just begun on Kiritimati
    with clock.frozen(there - timedelta(seconds=1)):
        assert await _claimed(db, until=due_on) == []
    with clock.frozen(there):
        assert len(await _claimed(db, until=due_on, lease_minutes=9 * 24 * 60)) == 1
    with clock.frozen(datetime(2026, 3, 9, 11, tzinfo=UTC)):
        assert len(await _claimed(db, until=due_on)) == 1


@pytest.mark.parametrize(
    ("zone", "last_quiet"),
    [
        ("America/New_York", datetime(2026, 3, 8, 10, 59, 59, tzinfo=UTC)),  # clocks go forward
        ("America/New_York", datetime(2026, 11, 1, 11, 59, 59, tzinfo=UTC)),  # and back
        ("Europe/Berlin", datetime(2026, 3, 29, 4, 59, 59, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 20, 29, 59, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 3, 9, 1, 14, 59, tzinfo=UTC)),
    ],
)
async def test_nobody_is_woken_up_on_days_on_which_the_clocks_change_either(
    db: Database, zone: str, last_quiet: datetime
) -> None:
    await _wanting(db, date(2026, 3, 1), zone, quiet_hours=NIGHT)
    with clock.frozen(last_quiet):
        assert await _claimed(db, until=date(2027, 1, 1)) == []
    with clock.frozen(last_quiet + timedelta(seconds=1)):
        assert len(await _claimed(db, until=date(2027, 1, 1))) == 1


async def test_those_who_sleep_do_not_hold_up_those_behind(db: Database) -> None:
    for _ in range(5):
        await _wanting(
            db,
            TODAY - timedelta(days=9),
            "Asia/Tokyo",
            quiet_hours=QuietHours(start=time(20), end=time(23)),
        )
    awake = [await _wanting(db, TODAY - timedelta(days=number)) for number in range(3)]
    found = await _claimed(db, limit=2)
    assert [each.pet_id for each in found] == [awake[2].id, awake[1].id]
    (last,) = await _claimed(db, limit=2)
    assert last.pet_id == awake[0].id


async def test_a_zone_that_nobody_knows_stops_no_reminder(db: Database) -> None:
    await _wanting(db)
    async with db.transaction() as session:
        # As other software writes it: a statement of ours would be refused.
        await session.execute(text("UPDATE users SET timezone = 'Mars/Olympus_Mons'"))
    assert len(await _claimed(db)) == 1


async def test_the_reminders_of_a_pet_that_is_retired_are_dropped_but_for_those_sent(
    db: Database,
) -> None:
    animal = await _due(db, next_vaccination_due_on=TODAY - timedelta(days=1))
    (sent,) = await _claimed(db)
    async with db.transaction() as session:
        await reminder_sent(session, ReminderSent(id=sent.id, worker="a", channel="email"))
        (await session.get_one(Pet, animal.id)).next_vaccination_due_on = TODAY
    (held,) = await _claimed(db)
    async with db.transaction() as session:
        assert await drop_reminders(session, animal.id) == 1
        assert await drop_reminders(session, animal.id) == 0
    with pytest.raises(ConcurrentUpdate):
        await db.run(
            lambda session: reminder_sent(
                session, ReminderSent(id=held.id, worker="a", channel="email")
            )
        )
    async with db.session() as session:
        assert (await session.scalars(select(VaccinationReminder.id))).all() == [sent.id]
