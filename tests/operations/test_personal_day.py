"""Who is told what of a practitioner's day: the person all of it, a clinic's staff their part."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.examples import appointment, clinic, membership, user
from tests.operations.scenes import LATER, Scene, scene, stored
from vetcore.database import Database
from vetcore.errors import NotFound
from vetcore.models import Clinic, StaffMembership, TimeOff
from vetcore.operations import practitioner_day
from vetcore.operations.results import PersonalDay
from vetcore.schemas import PractitionerDayQuery
from vetcore.values.people import Role

DAY = LATER.date()
HOUR = timedelta(hours=1)


@pytest.fixture
async def made(db: Database) -> Scene:
    return await scene(db)


@pytest.fixture
async def other(db: Database, made: Scene) -> Clinic:
    """Another clinic where the veterinarian works, and somebody at its desk."""
    place = clinic(name="Other", license_number="other")
    desk = user(role=Role.RECEPTIONIST)
    made.people["there"] = desk
    await stored(db, place, desk)
    await stored(
        db,
        membership(desk, place, role=Role.RECEPTIONIST),
        membership(made.people["veterinarian"], place, role=Role.VETERINARIAN),
        made.visit(),
        appointment(place, made.vet, made.twin, LATER + HOUR),
        TimeOff(
            practitioner_id=made.who("veterinarian"),
            starts_at=LATER + 2 * HOUR,
            ends_at=LATER + 3 * HOUR,
        ),
    )
    return place


async def _day(db: Database, made: Scene, who: str) -> PersonalDay:
    query = PractitionerDayQuery(
        practitioner_id=made.who("veterinarian"), day=DAY, timezone="America/Los_Angeles"
    )
    async with db.session(made.acting(who)) as session:
        return await practitioner_day(session, query)


@pytest.mark.parametrize("who", ["veterinarian", "admin"])
async def test_the_person_and_administrators_are_told_of_every_clinic(
    db: Database, made: Scene, other: Clinic, who: str
) -> None:
    found = await _day(db, made, who)
    assert {each.clinic_id for each in found.clinics} == {made.clinic.id, other.id}
    assert [each.clinic_id for each in found.visits] == [made.clinic.id, other.id]
    assert (found.elsewhere, len(found.away)) == ((), 1)


@pytest.mark.parametrize("who", ["receptionist", "there"])
async def test_a_clinics_staff_are_told_of_their_clinic_and_elsewhere_of_the_time_alone(
    db: Database, made: Scene, other: Clinic, who: str
) -> None:
    mine, theirs = (other, made.clinic) if who == "there" else (made.clinic, other)
    found = await _day(db, made, who)
    assert {each.clinic_id for each in found.clinics} == {mine.id}
    assert [each.clinic_id for each in found.visits] == [mine.id]
    assert str(theirs.id) not in repr(found)
    (busy,) = found.elsewhere
    assert busy.start == LATER + (HOUR if who == "receptionist" else 0 * HOUR)
    assert len(found.away) == 1


@pytest.mark.parametrize("who", ["owner", "stranger"])
async def test_owners_are_told_nothing(db: Database, made: Scene, other: Clinic, who: str) -> None:
    assert other.id != made.clinic.id
    with pytest.raises(NotFound):
        await _day(db, made, who)


async def test_where_somebody_works_no_more_it_is_not_told_what_they_do_elsewhere(
    db: Database, made: Scene, other: Clinic
) -> None:
    async with db.transaction() as session:
        await session.execute(
            update(StaffMembership)
            .where(
                StaffMembership.clinic_id == other.id,
                StaffMembership.user_id == made.who("veterinarian"),
            )
            .values(ends_on=DAY - timedelta(days=30))
        )
    found = await _day(db, made, "there")
    assert (found.clinics, found.away, found.elsewhere) == ((), (), ())
    assert [each.clinic_id for each in found.visits] == [other.id]
    own = await _day(db, made, "veterinarian")
    assert [each.clinic_id for each in own.clinics] == [made.clinic.id]
