"""What is kept of a clinic in the process counts only while its timetable is unchanged."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, Table, delete, update
from sqlalchemy.sql import visitors

from tests.examples import membership
from tests.operations.counting import sent
from tests.scheduling.practice import NOW, TEN, Practice, practice
from vetcore import clock
from vetcore.database import Database, Session
from vetcore.database.asking import RESTRICTED
from vetcore.errors import SlotTaken, VetcoreError
from vetcore.models import Clinic, Pet, ScheduleBlock, TimetableVersion, User
from vetcore.models.timetables import WATCHED
from vetcore.scheduling import book, find_slots, kept
from vetcore.scheduling.errors import (
    Blocked,
    ClinicClosed,
    LicenseNotValid,
    NoRoom,
    NotWorkingHere,
    OffDuty,
    PetNotBookable,
    ServiceNotOffered,
)
from vetcore.scheduling.kept import forget_all
from vetcore.scheduling.queries import timetable, timetable_at_the_moment
from vetcore.testing.databases import ScratchDatabases
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def nothing_kept(on_a_friday: None) -> Iterator[None]:
    del on_a_friday
    forget_all()
    yield
    forget_all()


async def _booked(db: Database, made: Practice, **given: Any) -> str:
    """Who was booked, or the code of the refusal. Nothing is stored."""
    try:
        async with db.trial() as session:
            booked = await book(session, made.request(**given), by=Capacity.STAFF)
            return str(booked.practitioner_id)
    except VetcoreError as refusal:
        return refusal.code


async def _change(db: Database, statement: str) -> None:
    async with db.engine.begin() as connection:
        await connection.exec_driver_sql(statement)


def test_all_that_is_kept_is_watched() -> None:
    """A column that gives no new version must not be read with those that are kept."""
    query = timetable()
    # Keys do not change, and of the versions themselves nothing is kept but what they are.
    free = {"id", "subject_id", "version"}
    seen: set[tuple[str, str]] = set()
    for element in visitors.iterate(query):
        if isinstance(element, Column) and isinstance(element.table, Table):
            seen.add((element.table.name, element.name))
    tables = {table for table, _ in seen}
    assert tables == {*WATCHED, "timetable_versions"}
    unwatched = {
        (table, column)
        for table, column in seen
        if column not in free and column not in WATCHED.get(table, ())
    }
    assert unwatched == set()


CHANGES = {
    "closed": ("UPDATE clinics SET opening_hours = 'off'", ClinicClosed),
    "no services": ("UPDATE clinics SET services = '{\"offerings\": []}'", ServiceNotOffered),
    "posts ended": ("UPDATE staff_memberships SET ends_on = '2026-03-01'", NotWorkingHere),
    "other shifts": ("UPDATE staff_memberships SET working_hours = 'Sa 08:00-10:00'", OffDuty),
    "licences": ("UPDATE veterinarians SET license_status = 'suspended'", LicenseNotValid),
    "a licence's end": (
        "UPDATE veterinarians SET license_expires_on = '2026-03-08'",
        LicenseNotValid,
    ),
    "accounts": ("UPDATE users SET deleted_at = '2026-03-01 00:00:00'", NotWorkingHere),
}


@pytest.mark.parametrize("what", CHANGES, ids=str)
async def test_a_change_by_plain_sql_counts_from_the_next_booking_on(
    db: Database, made: Practice, what: str
) -> None:
    statement, refusal = CHANGES[what]
    who = made.vets[0].user_id
    assert await _booked(db, made, practitioner_id=who) == str(who)
    assert await _booked(db, made, practitioner_id=who) == str(who)
    await _change(db, statement)
    assert await _booked(db, made, practitioner_id=who) == refusal.code


async def test_a_block_by_plain_sql_counts_from_the_next_booking_on(
    db: Database, made: Practice
) -> None:
    who = {"practitioner_id": made.vets[0].user_id}
    people = {"who": made.vets[0].user_id.hex, "other": made.vets[1].user_id.hex}
    surgery = {"service": ServiceType.SURGERY, **who}
    await _booked(db, made, **surgery)
    async with db.transaction() as session:
        session.add(
            ScheduleBlock(
                clinic_id=made.clinic.id,
                label="Meeting",
                first_on=TEN.date(),
                hours="Mo 10:00-10:05",
            )
        )
    for statement, refusal in (
        ("UPDATE schedule_blocks SET label = 'Lunch'", Blocked.code),
        ("UPDATE schedule_blocks SET hours = 'Tu 10:00-10:05'", None),
        ("UPDATE schedule_blocks SET hours = '10:00-10:05'", Blocked.code),
        ("UPDATE schedule_blocks SET last_on = '2026-03-10', first_on = '2026-03-10'", None),
        ("UPDATE schedule_blocks SET first_on = '2026-03-09'", Blocked.code),
        ("UPDATE schedule_blocks SET practitioner_id = '{other}'", None),
        ("UPDATE schedule_blocks SET practitioner_id = '{who}'", Blocked.code),
        ("UPDATE schedule_blocks SET deleted_at = '2026-03-01 00:00:00'", None),
        ("UPDATE schedule_blocks SET deleted_at = NULL", Blocked.code),
        ("DELETE FROM schedule_blocks", None),
    ):
        await _change(db, statement.format(**people))
        for wish in (who, surgery):
            expected = refusal or str(who["practitioner_id"])
            assert await _booked(db, made, **wish) == expected, statement


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_one_statement_takes_no_room_that_a_block_keeps_free(
    db: Database, made: Practice
) -> None:
    wish = made.request(service=ServiceType.SURGERY, practitioner_id=made.vets[0].user_id)
    async with db.transaction() as session:
        session.add(
            ScheduleBlock(
                clinic_id=made.clinic.id,
                room_id=made.rooms[0].id,
                label="Out of order",
                first_on=TEN.date(),
                hours="11:29-11:30",
            )
        )
    await _booked(db, made)
    with sent(db) as seen:
        async with db.transaction() as session:
            booked = await book(session, wish, by=Capacity.STAFF)
    assert (booked.room_id, len(seen.of_work)) == (made.rooms[1].id, 1), str(seen)


async def test_a_change_that_allows_more_counts_too(db: Database, made: Practice) -> None:
    who, sunday = made.vets[0].user_id, TEN - DAY
    assert await _booked(db, made, practitioner_id=who, starts_at=sunday) == ClinicClosed.code
    await _change(db, "UPDATE clinics SET opening_hours = '24/7'")
    assert await _booked(db, made, practitioner_id=who, starts_at=sunday) == str(who)


async def test_what_is_listed_is_by_the_newest_timetable(db: Database, made: Practice) -> None:
    async def listed() -> int:
        async with db.session() as session:
            found = await find_slots(
                session,
                clinic_id=made.clinic.id,
                service=ServiceType.WELLNESS_EXAM,
                start=TEN,
                end=TEN + 7 * DAY,
                by=Capacity.STAFF,
            )
        return len(found)

    whole = await listed()
    assert await listed() == whole > 0
    await _change(
        db,
        "UPDATE staff_memberships SET working_hours = 'Mo 08:00-10:00'",
    )
    assert 0 < await listed() < whole


async def test_a_transaction_books_by_its_own_changes_and_leaves_nothing_behind(
    db: Database, made: Practice
) -> None:
    who, sunday = made.vets[0].user_id, TEN - DAY
    wish = made.request(practitioner_id=who, starts_at=sunday)
    assert await _booked(db, made, practitioner_id=who, starts_at=sunday) == ClinicClosed.code
    async with db.trial() as session:
        await session.execute(update(Clinic).values(opening_hours="24/7"))
        booked = await book(session, wish, by=Capacity.STAFF)
        assert booked.starts_at == sunday
    assert await _booked(db, made, practitioner_id=who, starts_at=sunday) == ClinicClosed.code
    async with db.trial() as session:
        await session.execute(update(Clinic).values(opening_hours="Su 09:00-12:00"))
        booked = await book(session, wish, by=Capacity.STAFF)
        assert booked.starts_at == sunday
        with pytest.raises(ClinicClosed):
            await book(session, made.request(practitioner_id=who, animal=1), by=Capacity.STAFF)


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_booking_somebody_is_one_statement_once_the_clinic_is_kept(
    db: Database, made: Practice
) -> None:
    who = made.vets[0].user_id
    surgery = {"service": ServiceType.SURGERY, "practitioner_id": who}
    await _booked(db, made, practitioner_id=who)
    for number, wish in enumerate(
        (
            made.request(practitioner_id=who),
            made.request(TEN + timedelta(hours=4), animal=1, **surgery),
        )
    ):
        with sent(db) as seen:
            async with db.transaction() as session:
                booked = await book(session, wish, by=Capacity.STAFF)
                assert (booked.room_id is None) == (number == 0)
        assert len(seen.of_work) == 1, str(seen)
    with sent(db) as seen:
        await _booked(db, made, animal=2)
    assert len(seen.of_work) == 2, str(seen)


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_one_statement_takes_the_first_room_that_is_free(
    db: Database, made: Practice
) -> None:
    first, second = (vet.user_id for vet in made.vets)
    rooms: list[UUID | None] = []
    for who, animal in ((first, 0), (second, 1)):
        async with db.transaction() as session:
            wish = made.request(
                service=ServiceType.SURGERY, practitioner_id=who, animal=animal, starts_at=TEN
            )
            rooms.append((await book(session, wish, by=Capacity.STAFF)).room_id)
    assert rooms == [room.id for room in made.rooms]
    async with db.trial() as session:
        with pytest.raises(SlotTaken) as refused:
            await book(
                session,
                made.request(service=ServiceType.SURGERY, practitioner_id=first, animal=2),
                by=Capacity.STAFF,
            )
    assert refused.value.details["resource"] in {"practitioner", "room"}
    await _change(db, "DELETE FROM appointments")
    await _change(db, "UPDATE rooms SET deleted_at = '2026-03-01 00:00:00'")
    surgery = await _booked(db, made, service=ServiceType.SURGERY, practitioner_id=first)
    assert surgery == NoRoom.code


async def test_the_pet_is_judged_as_it_is(db: Database, made: Practice) -> None:
    who = made.vets[0].user_id
    assert await _booked(db, made, practitioner_id=who) == str(who)
    async with db.transaction() as session:
        await session.execute(update(Pet).values(status="deceased", died_on=date(2026, 3, 1)))
    assert await _booked(db, made, practitioner_id=who) == PetNotBookable.code
    await _change(db, "UPDATE pets SET status = 'active', deleted_at = '2026-03-01 00:00:00'")
    assert await _booked(db, made, practitioner_id=who) == "not_found"


async def test_days_are_judged_when_somebody_books(db: Database, made: Practice) -> None:
    who = made.vets[0].user_id
    await _change(db, "UPDATE veterinarians SET license_expires_on = '2026-03-10'")
    later = TEN + 7 * DAY
    assert await _booked(db, made, practitioner_id=who) == str(who)
    assert await _booked(db, made, practitioner_id=who, starts_at=later) == LicenseNotValid.code
    with clock.frozen(NOW + 30 * DAY):
        assert await _booked(db, made, practitioner_id=who) == "in_the_past"


async def test_a_window_of_long_ago_is_read_for_itself(db: Database, made: Practice) -> None:
    """What is kept goes back a year or so."""
    who = made.vets[0].user_id
    assert await _booked(db, made, practitioner_id=who) == str(who)
    with clock.frozen(NOW - 3000 * DAY):
        past = TEN - 2996 * DAY
        assert await _booked(db, made, practitioner_id=who, starts_at=past) == NotWorkingHere.code
    assert await _booked(db, made, practitioner_id=who) == str(who)


async def test_two_databases_with_one_clinic_have_a_timetable_each(
    db: Database, made: Practice, databases: ScratchDatabases, backend: str
) -> None:
    url = await databases.migrated(backend)
    async with Database(url) as other:
        theirs = await practice(other, id=made.clinic.id, opening_hours="Sa 08:00-18:00")
        for _ in range(2):
            assert await _booked(db, made) in map(str, made.vet_ids)
            assert await _booked(other, theirs) == ClinicClosed.code
    await databases.give_back(url)


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_two_tenants_have_a_timetable_each(db: Database, made: Practice) -> None:
    theirs = db.for_tenant("other")
    await theirs.migrate()
    them = await practice(theirs, id=made.clinic.id, opening_hours="Sa 08:00-18:00")
    for _ in range(2):
        assert await _booked(db, made) in map(str, made.vet_ids)
        assert await _booked(theirs, them) == ClinicClosed.code


async def test_nothing_is_kept_without_a_version(db: Database, made: Practice) -> None:
    async with db.transaction() as session:
        await session.execute(delete(TimetableVersion))
    assert await _booked(db, made) in map(str, made.vet_ids)
    async with db.session() as session:
        assert kept.kept(session, made.clinic.id, NOW.date()) is None


async def test_nothing_is_kept_of_what_a_restricted_session_sees(
    db: Database, made: Practice
) -> None:
    assert await _booked(db, made) in map(str, made.vet_ids)
    async with db.transaction() as session:
        assert kept.kept(session, made.clinic.id, NOW.date()) is not None
        session.info[RESTRICTED] = object()
        assert kept.kept(session, made.clinic.id, NOW.date()) is None
        session.info[RESTRICTED] = None


async def test_no_more_is_kept_than_a_number_of_clinics(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_MOST", 2)
    places = [
        (await practice(db, pets=1, license_number=str(number))).clinic.id for number in range(3)
    ]

    async def read(session: Session, clinic_id: UUID) -> bool:
        await kept.read(session, clinic_id, NOW.date())
        return kept.kept(session, clinic_id, NOW.date()) is not None

    async with db.session() as session:
        assert all([await read(session, each) for each in places])
        found = [kept.kept(session, each, NOW.date()) is not None for each in places]
    assert found == [False, True, True]


async def test_somebody_who_comes_back_is_seen_again(db: Database, made: Practice) -> None:
    """A deleted account has posts, too, and versions of its own."""
    who = made.vets[0].user_id
    await _change(db, "UPDATE users SET deleted_at = '2026-03-01 00:00:00'")
    assert await _booked(db, made, practitioner_id=who) == NotWorkingHere.code
    assert await _booked(db, made, practitioner_id=who) == NotWorkingHere.code
    await _change(db, "UPDATE users SET deleted_at = NULL")
    assert await _booked(db, made, practitioner_id=who) == str(who)


async def test_a_new_post_of_somebody_from_elsewhere_is_seen(db: Database, made: Practice) -> None:
    theirs = await practice(db, vets=1, license_number="other")
    stranger = theirs.vets[0].user_id
    assert await _booked(db, made, practitioner_id=stranger) == NotWorkingHere.code
    async with db.transaction() as session:
        session.add(membership(await session.get_one(User, stranger), made.clinic))
    assert await _booked(db, made, practitioner_id=stranger) == str(stranger)


def test_what_is_read_at_the_moment_comes_after_what_is_kept() -> None:
    assert len(timetable().selected_columns) == kept._COLUMNS
    more = len(timetable_at_the_moment().selected_columns)
    assert more == kept._COLUMNS + 2
