"""Many who write into a day with a cap at once: so many get in as may, and nobody waits for good."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.scheduling.availability import DAY
from tests.scheduling.capped import TEN, at_most, capped, there
from tests.scheduling.practice import HALF_AN_HOUR, Practice, booked_at, practice, stored
from tests.scheduling.serial import series_of
from vetcore.database import Database, Session
from vetcore.models import Appointment
from vetcore.scheduling import (
    apply_moves,
    book,
    book_series,
    cancel,
    move,
    plan_moves,
    reinstate,
    swap,
)
from vetcore.scheduling.errors import DayIsFull
from vetcore.scheduling.series import SeriesConflict
from vetcore.values.capacity import Capacity
from vetcore.values.recurrence import Recurrence

pytestmark = pytest.mark.usefixtures("on_a_friday")

STAFF = Capacity.STAFF
Work = Callable[[Session], Awaitable[Any]]


def _hour(number: int) -> datetime:
    """The hours of Monday from ten on, but for noon."""
    return TEN + timedelta(hours=number if number < 2 else number + 1)


def _booking(made: Practice, animal: int, at: datetime, **given: Any) -> Work:
    wish = made.request(at, animal=animal, **given)
    return lambda session: book(session, wish, by=STAFF)


def _moving(one: Appointment, to: datetime) -> Work:
    return lambda session: move(session, one.id, starts_at=to, by=STAFF)


def _returning(one: Appointment) -> Work:
    return lambda session: reinstate(session, one.id)


async def _at_once(db: Database, works: Sequence[Work], *, replays: bool = True) -> Counter[str]:
    async def attempt(work: Work) -> str:
        try:
            if replays:
                await db.run(work)
            else:
                # A deadlock would be seen.
                async with db.transaction() as session:
                    await work(session)
        except (DayIsFull, SeriesConflict):
            return "full"
        return "in"

    return Counter(await asyncio.gather(*map(attempt, works)))


@pytest.mark.parametrize("cap", ["service", "new patients"])
async def test_of_twelve_at_once_exactly_five_get_in(db: Database, cap: str) -> None:
    limits: dict[str, Any] = {"most": 5} if cap == "service" else {"new": 5}
    made = await capped(db, pets=12, vets=4, **limits)

    works = [
        _booking(
            made,
            number,
            TEN + number // 4 * HALF_AN_HOUR,
            practitioner_id=made.vets[number % 4].user_id,
        )
        for number in range(12)
    ]
    assert await _at_once(db, works, replays=False) == {"in": 5, "full": 7}
    assert len(await there(db, made)) == 5


async def test_a_new_pet_that_is_booked_twice_at_once_is_new_once(db: Database) -> None:
    made = await capped(db, new=1)
    works = [_booking(made, 0, TEN + number * HALF_AN_HOUR) for number in range(4)]
    assert await _at_once(db, works) == {"in": 4}
    assert sorted(new for _, new in await there(db, made)) == [False, False, False, True]


async def test_bookings_moves_and_returns_at_once_keep_to_the_cap(db: Database) -> None:
    made = await capped(db, 3, pets=12, vets=4)
    moving = [await booked_at(db, made, TEN + DAY + n * HALF_AN_HOUR, animal=n) for n in range(3)]
    gone = [await booked_at(db, made, _hour(3 + n), animal=3 + n) for n in range(3)]
    for each in gone:
        async with db.transaction() as session:
            await cancel(session, each.id, by=STAFF)
    works = [
        *(_moving(each, _hour(number)) for number, each in enumerate(moving)),
        *(_returning(each) for each in gone),
        *(_booking(made, 6 + number, _hour(number)) for number in range(3)),
    ]
    assert await _at_once(db, works, replays=False) == {"in": 3, "full": 6}
    day = [start for start, _ in await there(db, made) if start < TEN + timedelta(hours=12)]
    assert len(day) == 3


async def test_series_and_single_bookings_never_wait_for_each_other_for_good(db: Database) -> None:
    """Series take all of their days first, whatever the order in which others come."""
    made = await capped(db, 2, pets=8, vets=4)
    rule = Recurrence.parse("FREQ=DAILY;COUNT=4")

    def series(number: int) -> Work:
        wish = made.request(animal=number, practitioner_id=made.vets[number].user_id)
        return lambda session: book_series(session, wish, rule=rule, by=STAFF)

    works = [
        *(series(number) for number in range(4)),
        *(_booking(made, 4 + n, _hour(2) + (3 - n) * DAY) for n in range(4)),
    ]
    outcomes = await _at_once(db, works)
    assert sum(outcomes.values()) == 8
    days = Counter(start.date() for start, _ in await there(db, made))
    assert set(days.values()) == {2}


async def test_plans_swaps_and_moves_never_wait_for_each_other_for_good(db: Database) -> None:
    made = await capped(db, 3, pets=8, vets=2)
    one, other = [await booked_at(db, made, TEN + n * DAY, animal=n) for n in range(2)]
    third = await booked_at(db, made, TEN + HALF_AN_HOUR, animal=2)
    series = await series_of(db, made, "FREQ=DAILY;COUNT=2", starts_at=_hour(4), animal=3)
    async with db.session() as session:
        plan = await plan_moves(session, [await session.get_one(Appointment, third.id)])

    works: list[Work] = [
        lambda session: swap(session, one.id, other.id, by=STAFF),
        lambda session: apply_moves(session, plan),
        _moving(series[0], _hour(5)),
        _booking(made, 5, _hour(6)),
        _booking(made, 6, _hour(6) + DAY),
    ]
    outcomes = await _at_once(db, works)
    assert sum(outcomes.values()) == len(works)
    days = Counter(start.date() for start, _ in await there(db, made))
    assert max(days.values()) <= 3
    assert (await stored(db, one)).starts_at == TEN + DAY


async def test_where_no_cap_is_set_nobody_takes_a_turn(db: Database) -> None:
    made = await practice(db, vets=4, pets=8, services=at_most(None))
    works = [_booking(made, number, TEN) for number in range(4)]
    assert await _at_once(db, works, replays=False) == {"in": 4}
