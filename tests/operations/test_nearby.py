"""Where near a place there is time: the nearest clinics that have a slot, and how it is found."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.examples import pet, user
from tests.scheduling.practice import HALF_AN_HOUR, SERVICES, TEN, Practice, booked_at, practice
from vetcore.database import Acting, Database
from vetcore.directory import nearest_clinics
from vetcore.errors import InvalidValue, NotFound
from vetcore.models import Clinic
from vetcore.operations import find_slots_nearby
from vetcore.operations.nearby import ClinicSlots
from vetcore.schemas import NearbySlotQuery
from vetcore.testing import count_statements
from vetcore.values.animals import Species
from vetcore.values.clinics import ClinicStatus, ServiceType
from vetcore.values.services import ServiceCatalog, ServiceOffering

pytestmark = pytest.mark.usefixtures("on_a_friday")

HOUR = timedelta(hours=1)
ELEVEN = TEN + HOUR


async def _street(db: Database, count: int, **given: Any) -> list[Practice]:
    """Clinics on the equator, each a hundredth of a degree farther to the east."""
    places = [{"latitude": 0.0, "longitude": number / 100} for number in range(count)]
    return [await practice(db, **(place | given)) for place in places]


async def _found(db: Database, acting: Acting | None = None, **given: Any) -> list[ClinicSlots]:
    values: dict[str, Any] = {
        "latitude": 0,
        "longitude": 0,
        "service": ServiceType.WELLNESS_EXAM,
        "start": TEN,
        "end": TEN + HALF_AN_HOUR,
    }
    async with db.session(*([acting] if acting else [])) as session:
        return await find_slots_nearby(session, NearbySlotQuery(**values | given))


def _ids(found: list[ClinicSlots]) -> list[UUID]:
    return [each.clinic.id for each in found]


async def _full(db: Database, made: Practice) -> None:
    """Both veterinarians are busy at ten and a quarter past."""
    for number, vet in enumerate(made.vets):
        await booked_at(db, made, animal=number, practitioner_id=vet.user_id)


async def test_the_nearest_that_have_time_come_first_with_their_earliest_slots(
    db: Database,
) -> None:
    street = await _street(db, 5)
    await _full(db, street[0])
    await _full(db, street[2])
    found = await _found(db, clinics=2, slots=3)
    assert _ids(found) == [street[1].clinic.id, street[3].clinic.id]
    assert [round(each.distance_m) for each in found] == [1113, 3340]
    for each in found:
        assert len(each.slots) == 3
        assert list(each.slots) == sorted(each.slots)
        assert {slot.clinic_id for slot in each.slots} == {each.clinic.id}
    assert len(await _found(db, clinics=50)) == 3


async def test_farther_clinics_are_looked_at_until_enough_have_time(db: Database) -> None:
    street = await _street(db, 8)
    for made in street[:6]:
        await _full(db, made)
    assert _ids(await _found(db, clinics=2)) == [street[6].clinic.id, street[7].clinic.id]


async def test_the_earliest_may_come_first(db: Database) -> None:
    street = await _street(db, 3)
    await _full(db, street[0])
    found = await _found(db, end=ELEVEN, order="time")
    assert _ids(found) == [street[1].clinic.id, street[2].clinic.id, street[0].clinic.id]
    assert _ids(await _found(db, end=ELEVEN)) == [each.clinic.id for each in street]


async def test_what_cannot_be_booked_there_is_left_out(db: Database) -> None:
    near, closed, without, cats = await _street(db, 4)
    exam = ServiceOffering(service="wellness_exam", duration_minutes=30, species=[Species.CAT])
    async with db.transaction() as session:
        (await session.get_one(Clinic, closed.clinic.id)).status = ClinicStatus.CLOSED
        (await session.get_one(Clinic, without.clinic.id)).services = ServiceCatalog(
            offerings=[each for each in SERVICES if each.service == "surgery"]
        )
        (await session.get_one(Clinic, cats.clinic.id)).services = ServiceCatalog(offerings=[exam])
    assert _ids(await _found(db)) == [near.clinic.id, cats.clinic.id]
    assert _ids(await _found(db, species="dog")) == [near.clinic.id]
    assert _ids(await _found(db, within_m=2000)) == [near.clinic.id]


async def test_a_pets_own_visits_and_species_count_for_who_may_see_it(db: Database) -> None:
    here, there = await _street(db, 2)
    booked = await booked_at(db, here)
    owner = Acting(here.pets[0].owner_id)
    assert await _found(db, owner, pet_id=booked.pet_id) == []
    assert _ids(await _found(db, owner, pet_id=booked.pet_id, end=ELEVEN)) == [
        here.clinic.id,
        there.clinic.id,
    ]
    stranger = user()
    theirs = pet(stranger)
    async with db.transaction() as session:
        session.add(stranger)
        await session.flush()
        session.add(theirs)
    with pytest.raises(NotFound):
        await _found(db, Acting(stranger.id), pet_id=booked.pet_id)
    assert len(await _found(db, Acting(stranger.id), pet_id=theirs.id)) == 2


async def test_staff_are_shown_what_everybody_may_book(db: Database) -> None:
    """The next slot of any clinic is a question of owners; staff have the lists of their clinic."""
    (made,) = await _street(db, 1)
    offering = ServiceOffering(service="wellness_exam", duration_minutes=30, online_bookable=False)
    async with db.transaction() as session:
        place = await session.get_one(Clinic, made.clinic.id)
        place.services = ServiceCatalog(offerings=[offering])
    assert await _found(db, Acting(made.vets[0].user_id)) == []


async def test_two_statements_follow_those_that_find_the_clinics(db: Database) -> None:
    """On PostgreSQL one finds them; on SQLite it takes the more, the more there are."""
    await _street(db, 24)
    for wanted in (1, 12):
        query = NearbySlotQuery(
            latitude=0,
            longitude=0,
            service="wellness_exam",
            start=TEN,
            end=TEN + 4 * HOUR,
            clinics=wanted,
        )
        async with db.session() as session:
            await session.execute(text("SELECT 1"))
            with count_statements(session) as near:
                await nearest_clinics(session, 0, 0, limit=2 * wanted, service="wellness_exam")
            with count_statements(session) as all_:
                assert len(await find_slots_nearby(session, query)) == wanted
        assert len(all_) - len(near) == 2
        if db.dialect == "postgresql":
            assert len(all_) <= 4


@pytest.mark.parametrize("end", [TEN, TEN + timedelta(days=32)])
async def test_a_month_is_the_most_that_is_looked_at(db: Database, end: Any) -> None:
    with pytest.raises(InvalidValue) as caught:
        await _found(db, end=end)
    assert caught.value.details["field"] == "end"
