"""Nobody holds a whole day: what owners hold and book at a clinic is limited, by pet and by owner."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from tests.examples import membership, pet
from tests.plans import watched
from tests.scheduling.availability import DAY
from tests.scheduling.practice import (
    HALF_AN_HOUR,
    TEN,
    Practice,
    booked_at,
    practice,
    run_out,
    stored,
)
from tests.scheduling.waiting import join, offer
from vetcore import clock
from vetcore.database import Database, Session
from vetcore.errors import SlotTaken
from vetcore.models import Appointment, User
from vetcore.scheduling import (
    SeriesConflict,
    accept_offer,
    book,
    book_series,
    cancel,
    confirm,
    confirm_hold,
    hold,
    move,
)
from vetcore.scheduling.errors import TooManyBookings
from vetcore.schemas import AppointmentHoldCreate
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity
from vetcore.values.recurrence import Recurrence

pytestmark = pytest.mark.usefixtures("on_a_friday")

OWNER = Capacity.OWNER
UNLIMITED: dict[str, Any] = dict.fromkeys(
    ("holds_per_pet", "holds_per_owner", "bookings_per_pet", "bookings_per_owner")
)


async def _practice(db: Database, pets: int = 4, vets: int = 2, **limits: int) -> Practice:
    policy = BookingPolicy(minimum_notice_minutes=0, **UNLIMITED | limits)
    return await practice(db, pets=pets, vets=vets, booking_policy=policy)


def _start(number: int) -> datetime:
    """The half hours of the mornings to come, two hours a day."""
    return TEN + number // 4 * DAY + number % 4 * HALF_AN_HOUR


async def _book(
    db: Database, made: Practice, number: int, animal: int = 0, *, by: Capacity = OWNER
) -> Appointment:
    async with db.transaction() as session:
        return await book(session, made.request(_start(number), animal=animal), by=by)


async def _hold(
    db: Database, made: Practice, number: int, animal: int = 0, *, by: Capacity = OWNER
) -> Appointment:
    wish = AppointmentHoldCreate(**made.request(_start(number), animal=animal).model_dump())
    async with db.transaction() as session:
        return await hold(session, wish, by=by)


async def _refused(work: Awaitable[Any], limit: str, most: int) -> None:
    with pytest.raises(TooManyBookings) as caught:
        await work
    assert caught.value.code == "too_many_bookings"
    assert {name: caught.value.details[name] for name in ("limit", "most", "count")} == {
        "limit": limit,
        "most": most,
        "count": most,
    }


# One after the other ------------------------------------------------------------------------------


async def test_a_pet_has_so_many_open_bookings_and_no_more(shared: Database) -> None:
    made = await _practice(shared, bookings_per_pet=2)
    first = await _book(shared, made, 0)
    await _book(shared, made, 1)
    await _refused(_book(shared, made, 2), "bookings_per_pet", 2)
    await _refused(_hold(shared, made, 2), "bookings_per_pet", 2)
    # Another pet of theirs has its own, and one that is called off makes room.
    await _book(shared, made, 2, animal=1)
    async with shared.transaction() as session:
        await cancel(session, first.id, by=OWNER)
    await _book(shared, made, 3)


async def test_all_pets_of_an_owner_have_so_many_together(shared: Database) -> None:
    """Fifteen invented pets get no further than one."""
    made = await _practice(shared, pets=6, bookings_per_owner=3)
    for number in range(3):
        await _book(shared, made, number, animal=number)
    for animal in range(6):
        await _refused(_book(shared, made, 4, animal=animal), "bookings_per_owner", 3)


async def test_holds_are_limited_by_pet_and_by_owner_while_they_last(shared: Database) -> None:
    made = await _practice(shared, holds_per_pet=1, holds_per_owner=2)
    first = await _hold(shared, made, 0)
    await _refused(_hold(shared, made, 1), "holds_per_pet", 1)
    await _hold(shared, made, 1, animal=1)
    await _refused(_hold(shared, made, 2, animal=2), "holds_per_owner", 2)
    # Bookings are not held to it, and a hold that has run out counts no longer.
    await _book(shared, made, 2)
    await run_out(shared, first)
    await _hold(shared, made, 3)


async def test_a_hold_that_becomes_a_booking_counts_once(shared: Database) -> None:
    made = await _practice(shared, bookings_per_pet=2, holds_per_pet=1)
    await _book(shared, made, 0)
    held = await _hold(shared, made, 1)
    async with shared.transaction() as session:
        await confirm_hold(session, held.id, by=OWNER)
        await confirm(session, held.id, by=OWNER)
    await _refused(_book(shared, made, 2), "bookings_per_pet", 2)


@pytest.mark.parametrize("how", [confirm_hold, confirm])
async def test_a_hold_is_not_confirmed_beyond_the_limit(shared: Database, how: Any) -> None:
    """Its clinic held it, or has booked more for the pet meanwhile."""
    made = await _practice(shared, bookings_per_pet=1)
    held = await _hold(shared, made, 0)
    await _book(shared, made, 1, by=Capacity.STAFF)
    async with shared.transaction() as session:
        with pytest.raises(TooManyBookings):
            await how(session, held.id, by=OWNER)
    assert (await stored(shared, held)).status is AppointmentStatus.HELD
    async with shared.transaction() as session:
        await how(session, held.id, by=Capacity.STAFF)


async def test_what_has_begun_counts_no_longer_nor_does_another_clinic(shared: Database) -> None:
    made, other = await _practice(shared, bookings_per_pet=1), await _practice(shared)
    await _book(shared, made, 0)
    async with shared.transaction() as session:
        wish = made.request(_start(1), clinic_id=other.clinic.id)
        await book(session, wish, by=OWNER)
    with clock.frozen(_start(0)):
        await _book(shared, made, 2)


async def test_staff_are_not_held_to_it(shared: Database) -> None:
    made = await _practice(shared, bookings_per_pet=1, holds_per_pet=1)
    for by in (Capacity.STAFF, Capacity.SYSTEM):
        await _book(shared, made, 0 if by is Capacity.STAFF else 1, by=by)
    with pytest.raises(TooManyBookings) as caught:
        await _book(shared, made, 2)
    assert caught.value.details["count"] == 2


async def test_moving_counts_nothing_anew_but_at_another_clinic(shared: Database) -> None:
    made = await _practice(shared, bookings_per_pet=1)
    other = await _practice(shared, bookings_per_pet=1)
    async with shared.transaction() as session:
        person = await session.get_one(User, made.vets[0].user_id)
        session.add(membership(person, other.clinic))
    first = await _book(shared, made, 0)
    async with shared.transaction() as session:
        await move(session, first.id, starts_at=_start(2), by=OWNER)
        wish = made.request(_start(4), clinic_id=other.clinic.id)
        await book(session, wish, by=OWNER)
        with pytest.raises(TooManyBookings):
            await move(session, first.id, starts_at=_start(8), clinic_id=other.clinic.id, by=OWNER)
        await move(
            session, first.id, starts_at=_start(8), clinic_id=other.clinic.id, by=Capacity.STAFF
        )


async def test_a_series_is_held_to_it_as_each_of_its_appointments_is(shared: Database) -> None:
    made = await _practice(shared, bookings_per_pet=3)
    rule = Recurrence.parse("FREQ=WEEKLY;COUNT=5")
    async with shared.transaction() as session:
        with pytest.raises(SeriesConflict) as caught:
            await book_series(session, made.request(), rule=rule, by=OWNER)
        conflicts = [each["code"] for each in caught.value.details["conflicts"]]
        assert conflicts == ["too_many_bookings"] * 2
        report = await book_series(session, made.request(), rule=rule, by=OWNER, keep="rest")
    assert len(report.booked) == 3


async def test_an_offer_of_the_waitlist_is_accepted_within_the_limit(shared: Database) -> None:
    made = await _practice(shared, bookings_per_pet=1)
    entry = await join(shared, made)
    assert await offer(shared, made) is not None
    await booked_at(shared, made, TEN + DAY)
    async with shared.transaction() as session:
        with pytest.raises(TooManyBookings):
            await accept_offer(session, entry.id, by=OWNER)
    async with shared.transaction() as session:
        await accept_offer(session, entry.id, by=Capacity.STAFF)


async def test_a_pet_of_nobody_has_the_limits_of_a_pet(shared: Database) -> None:
    made = await _practice(shared, bookings_per_pet=1, bookings_per_owner=1)
    animals = [pet(None), pet(None)]
    for each in animals:
        each.owner_id = None
    async with shared.transaction() as session:
        session.add_all(animals)
    made.pets[:2] = animals
    await _book(shared, made, 0)
    await _book(shared, made, 1, animal=1)
    await _refused(_book(shared, made, 2), "bookings_per_pet", 1)


@pytest.mark.parametrize("by", [Capacity.STAFF, OWNER])
async def test_without_a_limit_nothing_is_asked(shared: Database, by: Capacity) -> None:
    made = await _practice(shared)
    if by is Capacity.STAFF:
        made = await practice(shared)
    seen = watched(shared, lambda sql: "count(" in sql.lower())
    await _book(shared, made, 0, by=by)
    assert not seen


def test_a_clinic_has_limits_unless_it_says_otherwise() -> None:
    policy = BookingPolicy()
    assert policy.holds_per_pet == 2
    assert policy.holds_per_owner == 5
    assert policy.bookings_per_pet == 12
    assert policy.bookings_per_owner == 20
    earlier = BookingPolicy.model_validate_json('{"minimum_notice_minutes": 30}')
    assert earlier.bookings_per_pet == 12


# At once ------------------------------------------------------------------------------------------


async def _at_once(db: Database, works: list[Callable[[Session], Awaitable[Any]]]) -> Counter[str]:
    async def attempt(work: Callable[[Session], Awaitable[Any]]) -> str:
        try:
            await db.run(work)
        except TooManyBookings:
            return "too many"
        except SlotTaken:
            return "taken"
        return "booked"

    return Counter(await asyncio.gather(*map(attempt, works)))


def _booking(made: Practice, number: int, animal: int) -> Callable[[Session], Awaitable[Any]]:
    wish = made.request(_start(number), animal=animal)
    return lambda session: book(session, wish, by=OWNER)


async def test_of_many_at_once_no_more_are_booked_than_the_owner_may(db: Database) -> None:
    made = await _practice(db, pets=8, vets=3, bookings_per_owner=3)
    works = [_booking(made, number, number) for number in range(8)]
    assert await _at_once(db, works) == {"booked": 3, "too many": 5}


async def test_of_many_at_once_no_more_are_booked_than_the_pet_may(db: Database) -> None:
    made = await _practice(db, bookings_per_pet=2)
    works = [_booking(made, number, 0) for number in range(8)]
    assert await _at_once(db, works) == {"booked": 2, "too many": 6}


async def test_of_many_at_once_no_more_are_held_than_may_be(db: Database) -> None:
    made = await _practice(db, pets=8, vets=3, holds_per_owner=2)

    def holding(number: int) -> Callable[[Session], Awaitable[Any]]:
        wish = AppointmentHoldCreate(**made.request(_start(number), animal=number).model_dump())
        return lambda session: hold(session, wish, by=OWNER)

    works = [holding(number) for number in range(8)]
    assert await _at_once(db, works) == {"booked": 2, "too many": 6}


async def test_holds_that_are_confirmed_while_others_book_stay_within_the_limit(
    db: Database,
) -> None:
    made = await _practice(db, pets=8, vets=3, bookings_per_owner=4)
    held = [await _hold(db, made, number, number) for number in range(3)]

    def confirming(key: UUID) -> Callable[[Session], Awaitable[Any]]:
        return lambda session: confirm_hold(session, key, by=OWNER)

    works = [
        *(_booking(made, 4 + number, 3 + number) for number in range(4)),
        *(confirming(each.id) for each in held),
    ]
    assert await _at_once(db, works) == {"booked": 4, "too many": 3}


async def test_owners_do_not_wait_for_each_other_for_good(db: Database) -> None:
    """Everybody books two of their own in one transaction, in whatever order."""
    made = await _practice(db, pets=6, vets=3, bookings_per_owner=12, bookings_per_pet=12)

    def both(one: int, other: int) -> Callable[[Session], Awaitable[Any]]:
        async def work(session: Session) -> None:
            for number in (one, other):
                wish = made.request(_start(number), animal=number)
                await book(session, wish, by=OWNER)

        return work

    works = [both(0, 1), both(3, 2), both(5, 4)]
    assert await _at_once(db, works) == {"booked": 3}
