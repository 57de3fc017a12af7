"""The database gives a clinic's timetable a new version, whoever changes it, and by whatever way."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, text, update

from tests.examples import NINE, appointment, clinic, membership, room, world
from vetcore.database import Database, Session
from vetcore.models import (
    Appointment,
    Clinic,
    ClinicClosure,
    Room,
    ScheduleBlock,
    StaffMembership,
    TimeOff,
    TimetableVersion,
    User,
)

Versions = dict[UUID, frozenset[UUID]]
"""By clinic: what its timetable stands under, with what its people bring along."""

CHANGES: dict[str, str] = {
    "hours": "UPDATE clinics SET opening_hours = 'Mo-Fr 09:00-12:00' WHERE id = :clinic",
    "zone": "UPDATE clinics SET timezone = 'America/New_York' WHERE id = :clinic",
    "status": "UPDATE clinics SET status = 'closed' WHERE id = :clinic",
    "policy": "UPDATE clinics SET booking_policy = '{\"step_minutes\": 5}' WHERE id = :clinic",
    "catalogue": "UPDATE clinics SET services = '{\"offerings\": []}' WHERE id = :clinic",
    "species": "UPDATE clinics SET species_treated = '[\"cat\"]' WHERE id = :clinic",
    "new patients": "UPDATE clinics SET accepts_new_patients = false WHERE id = :clinic",
    "the clinic's end": "UPDATE clinics SET deleted_at = '2026-03-01 00:00:00' WHERE id = :clinic",
    "a room's kind": "UPDATE rooms SET kind = 'surgery' WHERE clinic_id = :clinic",
    "a room's end": "DELETE FROM rooms WHERE clinic_id = :clinic",
    "a post's hours": "UPDATE staff_memberships SET working_hours = 'Mo' WHERE clinic_id = :clinic",
    "a post's end": "UPDATE staff_memberships SET ends_on = '2026-03-01' WHERE clinic_id = :clinic",
    "a licence": "UPDATE veterinarians SET license_status = 'suspended' WHERE user_id = :person",
    "its expiry": "UPDATE veterinarians SET license_expires_on = '2026-03-01' WHERE user_id = :person",
    "their species": "UPDATE veterinarians SET species_treated = '[\"cat\"]' WHERE user_id = :person",
    "their end": "UPDATE veterinarians SET deleted_at = '2026-03-01 00:00:00' WHERE user_id = :person",
    "an account's": "UPDATE users SET deleted_at = '2026-03-01 00:00:00' WHERE id = :person",
    "no post": "DELETE FROM staff_memberships WHERE clinic_id = :clinic",
}
"""By what changes: how."""

NO_CHANGES: dict[str, str] = {
    "the same hours": "UPDATE clinics SET opening_hours = opening_hours",
    "a name": "UPDATE clinics SET name = 'Other'",
    "a telephone number": "UPDATE clinics SET phone = '+12065550100'",
    "a rating": "UPDATE veterinarians SET rating_count = 1, rating_sum = 5",
    "a person's name": "UPDATE users SET first_name = 'Other'",
    "terms": "UPDATE staff_memberships SET employment = 'part_time'",
    "nothing": "UPDATE rooms SET kind = 'surgery' WHERE false",
    "pets": "UPDATE pets SET name = 'Other'",
}


class _Two:
    """Two clinics, each with a room and a veterinarian."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.everything, self.place, self.vet, self.animal = world()
        others, self.other, self.other_vet, _ = world()
        self.everything += others

    def _spelt(self, statement: str) -> str:
        for name, key in ((":clinic", self.place.id), (":person", self.vet.user_id)):
            spelt = key.hex if self.db.dialect == "sqlite" else str(key)
            statement = statement.replace(name, f"'{spelt}'")
        return statement

    async def versions(self) -> Versions:
        async with self.db.session() as session:
            return await _versions(session)

    async def change(self, statement: Any) -> tuple[bool, bool]:
        """Send a statement, and say whether either clinic's version is another after it."""
        before = await self.versions()
        async with self.db.transaction() as session:
            if isinstance(statement, str):
                connection = await session.connection()
                await connection.exec_driver_sql(self._spelt(statement))
            else:
                await session.execute(statement)
        after = await self.versions()
        assert before.keys() == after.keys()
        mine, other = (before[key] != after[key] for key in (self.place.id, self.other.id))
        return mine, other


async def _versions(session: Session) -> Versions:
    """Those of each clinic, and of everybody who works there."""
    rows = await session.execute(select(TimetableVersion.subject_id, TimetableVersion.version))
    by_subject: dict[UUID, set[UUID]] = {}
    for subject, version in rows:
        by_subject.setdefault(subject, set()).add(version)
    found: Versions = {}
    deleted_too = {"include_deleted": True}
    for clinic_id in await session.scalars(select(Clinic.id), execution_options=deleted_too):
        posts = select(StaffMembership.user_id).where(StaffMembership.clinic_id == clinic_id)
        people = (await session.scalars(posts)).all()
        subjects = (clinic_id, *people)
        assert by_subject.get(clinic_id), "a clinic has a version"
        found[clinic_id] = frozenset().union(*(by_subject.get(each, ()) for each in subjects))
    return found


@pytest.fixture
async def two(db: Database) -> _Two:
    made = _Two(db)
    async with db.transaction() as session:
        session.add_all(made.everything)
    return made


async def test_what_a_timetable_is_made_of_gives_its_clinic_another_version(two: _Two) -> None:
    for what, statement in CHANGES.items():
        assert await two.change(statement) == (True, False), what


async def test_nothing_else_does(two: _Two) -> None:
    for what, statement in NO_CHANGES.items():
        assert await two.change(statement) == (False, False), what


async def test_a_new_room_post_or_closure_does(two: _Two) -> None:
    place = two.place
    for entity, values in (
        (Room, {"name": "New"}),
        (ClinicClosure, {"first_on": NINE.date(), "last_on": NINE.date(), "reason": "Holiday"}),
        (
            ScheduleBlock,
            {"label": "Lunch", "first_on": NINE.date(), "hours": "12:00-13:00"},
        ),
        (
            StaffMembership,
            {"user_id": two.other_vet.user_id, "role": "veterinarian", "starts_on": NINE.date()},
        ),
    ):
        row = insert(entity).values(clinic_id=place.id, **values)
        assert await two.change(row) == (True, False), entity
    for gone in (
        update(ScheduleBlock).values(label="Break"),
        update(ScheduleBlock).values(last_on=NINE.date()),
        update(ScheduleBlock).values(hours="12:30-13:00"),
        update(ScheduleBlock).values(practitioner_id=two.other_vet.user_id),
        delete(ScheduleBlock),
        delete(ClinicClosure),
    ):
        assert await two.change(gone) == (True, False), str(gone)


async def test_time_off_does_so_for_every_clinic_where_the_person_works(two: _Two) -> None:
    row = insert(TimeOff).values(
        practitioner_id=two.vet.user_id, starts_at=NINE, ends_at=NINE.replace(hour=12)
    )
    assert await two.change(row) == (True, False)
    both = membership(await _person(two), two.other)
    async with two.db.transaction() as session:
        session.add(both)
    assert await two.change(update(TimeOff).values(ends_at=NINE.replace(hour=13))) == (True, True)
    assert await two.change(update(TimeOff).values(reason="Ill")) == (False, False)
    assert await two.change(delete(TimeOff)) == (True, True)


async def _person(two: _Two) -> User:
    async with two.db.session() as session:
        return await session.get_one(User, two.vet.user_id)


async def test_a_row_that_goes_to_another_clinic_does_so_for_both(two: _Two) -> None:
    moved = update(Room).where(Room.clinic_id == two.place.id).values(clinic_id=two.other.id)
    assert await two.change(moved) == (True, True)


async def test_bookings_do_not(two: _Two) -> None:
    before = await two.versions()
    async with two.db.transaction() as session:
        session.add(appointment(two.place, two.vet, two.animal))
    async with two.db.transaction() as session:
        await session.execute(update(Appointment).values(reason="Limps"))
        await session.execute(delete(Appointment))
    assert await two.versions() == before


async def test_a_clinic_has_a_version_from_its_first_to_its_last_moment(db: Database) -> None:
    places = [clinic(license_number=str(number)) for number in range(3)]
    async with db.transaction() as session:
        session.add_all(places)
        await session.flush()
        assert (await _versions(session)).keys() == {place.id for place in places}
        await session.execute(delete(Clinic).where(Clinic.id == places[0].id))
    async with db.session() as session:
        found = await _versions(session)
    assert found.keys() == {place.id for place in places[1:]}
    assert len({*found.values()}) == 2


async def test_no_version_comes_again_after_a_rollback(two: _Two) -> None:
    """What is read in a transaction that comes to nothing is taken for nothing else."""
    seen = {*(await two.versions()).values()}
    for _ in range(3):
        async with two.db.trial() as session:
            await session.execute(update(Clinic).values(opening_hours="24/7"))
            inside = {*(await _versions(session)).values()}
        assert not inside & seen
        seen |= inside


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_truncating_gives_every_clinic_another_version(two: _Two) -> None:
    for table in (
        "rooms CASCADE",
        "clinic_closures",
        "schedule_blocks",
        "staff_memberships",
        "time_off",
    ):
        assert await two.change(f"TRUNCATE {table}") == (True, True), table


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_who_changes_many_clinics_waits_for_nobody_who_does_so(db: Database) -> None:
    """Two imports that have begun with other clinics do not wait for each other in a ring."""
    places = [clinic(license_number=str(number)) for number in range(2)]
    async with db.transaction() as session:
        session.add_all(places)
    async with asyncio.timeout(5), db.transaction() as first, db.transaction() as second:
        for place in places:
            await first.execute(insert(Room).values(clinic_id=place.id, name="First"))
        for place in reversed(places):
            await second.execute(insert(Room).values(clinic_id=place.id, name="Second"))
    async with db.session() as session:
        assert [len(each) for each in (await _versions(session)).values()] == [2, 2]
    async with db.transaction() as session:
        await session.execute(update(Room).values(name=Room.name + "!"))
    async with db.session() as session:
        assert [len(each) for each in (await _versions(session)).values()] == [1, 1]


@pytest.mark.parametrize("backend", ["postgresql"])
@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ"])
@pytest.mark.parametrize("first", ["post", "time off"])
async def test_what_two_see_who_change_a_timetable_at_once_has_versions_of_its_own(
    two: _Two, first: str, isolation: Any
) -> None:
    """A new post and time off of one person: neither sees the other, or the second sees both."""
    db, person = two.db, await _person(two)
    post = membership(person, two.other)
    leave = TimeOff(practitioner_id=two.vet.user_id, starts_at=NINE, ends_at=NINE.replace(hour=12))
    rows = [post, leave] if first == "post" else [leave, post]
    seen: list[tuple[frozenset[UUID], bool, bool]] = []

    async def look(session: Session) -> None:
        posts = select(StaffMembership.id).where(StaffMembership.id == post.id)
        works = await session.scalar(posts) is not None
        away = await session.scalar(select(TimeOff.id)) is not None
        seen.append(((await _versions(session))[two.other.id], works, works and away))

    async def store(row: Any, begun: asyncio.Event, go: asyncio.Event) -> None:
        async with db.transaction(isolation=isolation) as session:
            await look(session)
            begun.set()
            await go.wait()
            session.add(row)
            await session.flush()
            await look(session)

    begun, go = [asyncio.Event(), asyncio.Event()], [asyncio.Event(), asyncio.Event()]
    async with asyncio.TaskGroup() as tasks:
        for number, row in enumerate(rows):
            tasks.create_task(store(row, begun[number], go[number]))
        for each in begun:
            await each.wait()
        for each in go:
            each.set()
            await asyncio.sleep(0.1)
    async with db.session() as session:
        await look(session)
    assert seen[-1][1:] == (True, True)
    contents = {versions: (works, away) for versions, works, away in seen}
    assert all(contents[versions] == (works, away) for versions, works, away in seen)


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_a_tenant_has_versions_of_its_own(two: _Two) -> None:
    """A trigger finds the table of its own schema, wherever its statement is sent from."""
    db = two.db
    async with db.transaction() as session:
        await session.execute(text("CREATE SCHEMA practice"))
    theirs = db.for_tenant("practice")
    await theirs.migrate()
    place = clinic()
    async with theirs.transaction() as session:
        session.add(place)
        await session.flush()
        before = (await _versions(session))[place.id]
        session.add(room(place))
    outside = await two.versions()
    async with theirs.session() as session:
        after = await _versions(session)
    assert after.keys() == {place.id}
    assert after[place.id] != before
    async with db.transaction() as session:
        await session.execute(text("UPDATE practice.clinics SET opening_hours = '24/7'"))
    async with theirs.session() as session:
        assert (await _versions(session))[place.id] != after[place.id]
    assert await two.versions() == outside
    assert await theirs.check() == []


async def test_clinics_of_the_time_before_get_a_version(db: Database) -> None:
    await db.downgrade("0011")
    places = [clinic(license_number=str(number)) for number in range(3)]
    async with db.transaction() as session:
        session.add_all(places)
    await db.migrate()
    assert await db.check() == []
    async with db.session() as session:
        before = await _versions(session)
    assert before.keys() == {place.id for place in places}


async def test_a_trigger_that_is_gone_is_named(db: Database) -> None:
    on = " ON rooms" if db.dialect == "postgresql" else ""
    async with db.engine.begin() as connection:
        await connection.execute(text(f"DROP TRIGGER timetable_rooms_update{on}"))
    assert [(each.kind, each.name) for each in await db.check()] == [
        ("missing", "timetable_rooms_update")
    ]
