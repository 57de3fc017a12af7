"""How long a visit may be, and how many slots are asked for."""

from datetime import timedelta

import pytest

from tests.scheduling.availability import (
    DAY,
    MINUTE,
    MONDAY,
    at,
    exams,
    find,
    hourly_practice,
    starts,
)
from vetcore.database import Database
from vetcore.errors import InvalidValue
from vetcore.scheduling import book
from vetcore.values.capacity import Capacity

pytestmark = pytest.mark.usefixtures("on_a_friday")


@pytest.mark.parametrize(
    "duration",
    [
        timedelta(),
        timedelta(minutes=-30),
        timedelta(minutes=30, seconds=1),
        timedelta(hours=24, minutes=1),
    ],
    ids=str,
)
async def test_a_visit_is_whole_minutes_and_a_day_at_most(
    shared: Database, duration: timedelta
) -> None:
    made = await hourly_practice(shared, opening_hours="24/7")
    with pytest.raises(InvalidValue) as caught:
        await starts(shared, made, duration=duration)
    assert caught.value.details["field"] == "duration"


async def test_a_visit_of_a_whole_day_can_be_listed_and_booked(shared: Database) -> None:
    made = await hourly_practice(shared, opening_hours="24/7", services=exams(24 * 60))
    assert (await starts(shared, made))[0] == "00:00"
    async with shared.trial() as session:
        booked = await book(session, made.request(at("00:00")), by=Capacity.STAFF)
        assert booked.ends_at - booked.starts_at == DAY


async def test_what_is_longer_than_a_day_with_its_buffers_is_neither_listed_nor_booked(
    shared: Database,
) -> None:
    services = exams(23 * 60, buffer_before_minutes=20, buffer_after_minutes=40)
    made = await hourly_practice(shared, opening_hours="24/7", services=services)
    longest = timedelta(hours=23)
    assert await starts(shared, made) == await starts(shared, made, duration=longest) != []
    with pytest.raises(InvalidValue):
        await starts(shared, made, duration=longest + MINUTE)
    async with shared.trial() as session:
        assert (await book(session, made.request(at("10:00")), by=Capacity.STAFF)).ends_at == at(
            "10:00"
        ) + longest
        with pytest.raises(InvalidValue):
            await book(
                session, made.request(at("10:00"), duration_minutes=23 * 60 + 1), by=Capacity.STAFF
            )


async def test_a_limit_keeps_the_earliest_of_all_veterinarians(shared: Database) -> None:
    made = await hourly_practice(shared)
    window = at("09:30"), at("00:00", MONDAY + DAY)
    every = await find(shared, made, *window, practitioner_id=None)
    for limit in (0, 1, 3, 1000):
        assert await find(shared, made, *window, practitioner_id=None, limit=limit) == every[:limit]
    with pytest.raises(InvalidValue):
        await find(shared, made, *window, limit=-1)
