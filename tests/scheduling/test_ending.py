"""A visit that ends early gives the rest of its time back; one that ends late takes nothing."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tests.scheduling.availability import MINUTE, at, find, hourly_practice, policy, starts
from tests.scheduling.practice import Practice, booked_at, practice, stored
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import BookingRefused, InvalidTransition, SlotTaken
from vetcore.models import Appointment
from vetcore.scheduling import book, check_in, complete, reinstate, start_visit
from vetcore.scheduling.ending import as_it_ended
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.services import ServiceCatalog, ServiceOffering

pytestmark = pytest.mark.usefixtures("on_a_friday")

BUFFERED = ServiceCatalog(
    offerings=(
        ServiceOffering(
            service=ServiceType.WELLNESS_EXAM, duration_minutes=60, buffer_after_minutes=10
        ),
    )
)


async def _practice(db: Database) -> Practice:
    return await hourly_practice(db, services=BUFFERED, booking_policy=policy(5))


async def _ended(db: Database, booked: Appointment, moment: datetime) -> Appointment:
    async with db.transaction() as session:
        with clock.frozen(min(moment, booked.starts_at)):
            await check_in(session, booked.id)
            await start_visit(session, booked.id)
        with clock.frozen(moment):
            await complete(session, booked.id)
    return await stored(db, booked)


async def test_the_rest_of_a_visit_that_ended_early_is_listed_and_can_be_booked(
    shared: Database,
) -> None:
    made = await _practice(shared)
    vet = made.vets[0]
    booked = await booked_at(shared, made, at("10:00"), practitioner_id=vet.user_id)
    before = await starts(shared, made)
    done = await _ended(shared, booked, at("10:20") + timedelta(seconds=5))
    # Up to the next whole minute, and ten minutes for cleaning.
    assert (done.ends_at, done.occupied_until) == (at("10:21"), at("10:31"))
    assert done.sequence == booked.sequence + 1
    assert done.completed_at == at("10:20") + timedelta(seconds=5)
    after = await starts(shared, made)
    assert set(after) - set(before) >= {"10:35", "10:40", "11:00"}
    assert "10:30" not in after
    with clock.frozen(at("10:25")):
        async with shared.transaction() as session:
            wish = made.request(at("10:30"), animal=1, practitioner_id=vet.user_id)
            with pytest.raises(SlotTaken):
                await book(session, wish, by=Capacity.STAFF)
            wish = made.request(at("10:35"), animal=1, practitioner_id=vet.user_id)
            await book(session, wish, by=Capacity.STAFF)


async def test_what_is_listed_after_an_early_end_can_be_booked_and_nothing_else(
    shared: Database,
) -> None:
    made = await _practice(shared)
    vet = made.vets[0]
    booked = await booked_at(shared, made, at("10:00"), practitioner_id=vet.user_id)
    await _ended(shared, booked, at("10:07"))
    slots = await find(shared, made, at("10:00"), at("11:30"))
    listed = {slot.start for slot in slots}
    assert listed
    for number in range(0, 90, 5):
        start = at("10:00") + number * MINUTE
        async with shared.trial() as session:
            wish = made.request(start, animal=1, practitioner_id=vet.user_id)
            try:
                await book(session, wish, by=Capacity.STAFF)
                could = True
            except BookingRefused:
                could = False
        assert could is (start in listed), start


@pytest.mark.parametrize("moment", ["11:00", "11:04", "17:45"])
async def test_an_end_that_is_noted_late_takes_nothing_more(shared: Database, moment: str) -> None:
    made = await _practice(shared)
    booked = await booked_at(shared, made, at("10:00"))
    done = await _ended(shared, booked, at(moment))
    assert done.status is AppointmentStatus.COMPLETED
    for name in ("starts_at", "ends_at", "occupied_from", "occupied_until", "sequence"):
        assert getattr(done, name) == getattr(booked, name), name


async def test_what_ended_before_its_start_occupies_a_minute(shared: Database) -> None:
    made = await _practice(shared)
    booked = await booked_at(shared, made, at("10:00"))
    done = await _ended(shared, booked, at("09:40"))
    assert (done.starts_at, done.ends_at) == (at("10:00"), at("10:01"))
    assert done.occupied_until == at("10:11")


async def test_the_room_is_free_as_well(shared: Database) -> None:
    made = await practice(shared, vets=3)
    wish = {"service": ServiceType.SURGERY, "room_id": made.rooms[0].id}
    booked = await booked_at(shared, made, at("09:00"), **wish)
    with pytest.raises(SlotTaken):
        await booked_at(shared, made, at("10:15"), animal=1, **wish)
    # Half an hour of cleaning after it, and a quarter of preparation before the next.
    await _ended(shared, booked, at("09:30"))
    await booked_at(shared, made, at("10:15"), animal=1, **wish)


async def test_what_is_over_stays_over(shared: Database) -> None:
    made = await _practice(shared)
    booked = await booked_at(shared, made, at("10:00"))
    await _ended(shared, booked, at("10:20"))
    async with shared.transaction() as session:
        for step in (complete, reinstate):
            with pytest.raises(InvalidTransition):
                await step(session, booked.id)
    assert (await stored(shared, booked)).ends_at == at("10:20")


def test_a_visit_never_takes_more_than_was_booked_and_always_some_time() -> None:
    """Held over many visits, whenever their end is noted."""
    chance, first = Random(7), datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
    shorter = 0
    for _ in range(2000):
        start = first + timedelta(seconds=chance.randrange(86_400))
        end = start + timedelta(seconds=chance.randrange(1, 20_000))
        visit = Appointment(
            starts_at=start,
            ends_at=end,
            occupied_from=start - timedelta(minutes=chance.choice((0, 5))),
            occupied_until=end + timedelta(minutes=chance.choice((0, 15))),
            sequence=0,
        )
        noted = start + timedelta(milliseconds=chance.randrange(-5_000_000, 30_000_000))
        found = as_it_ended(visit, noted)
        if not found:
            assert noted > end - MINUTE or end <= start + MINUTE
            continue
        shorter += 1
        assert start < found["ends_at"] < end
        assert found["occupied_until"] - found["ends_at"] == visit.occupied_until - end
        assert found["ends_at"] >= min(noted, end)
    assert shorter > 100
