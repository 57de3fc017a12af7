"""Two appointments exchange their places in one call, or stay as they are."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.scheduling.availability import DAY, add, closure
from tests.scheduling.practice import (
    HALF_AN_HOUR,
    TEN,
    Practice,
    booked_at,
    held_at,
    lasting,
    practice,
    run_out,
    stored,
)
from vetcore import clock
from vetcore.database import Database, Session
from vetcore.errors import HoldExpired, InvalidTransition, InvalidValue, NotFound, SlotTaken
from vetcore.models import Appointment
from vetcore.scheduling import book, cancel, check_in, move, swap
from vetcore.scheduling.errors import ClinicClosed, OffGrid, TooLateToCancel
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")

COLUMNS = [each.key for each in Appointment.__mapper__.column_attrs]


def _columns(row: Appointment) -> dict[str, Any]:
    return {name: getattr(row, name) for name in COLUMNS}


def _place(row: Appointment) -> tuple[Any, ...]:
    return row.starts_at, row.ends_at, row.practitioner_id, row.room_id


async def _swap(
    db: Database, one: Appointment, other: Appointment, **given: Any
) -> tuple[Appointment, Appointment]:
    async with db.transaction() as session:
        return await swap(session, one.id, other.id, **{"by": Capacity.STAFF} | given)


async def _refused(
    db: Database, one: Appointment, other: Appointment, error: type[Exception], **given: Any
) -> Any:
    """Refused, and nothing is written though the transaction commits; the session knows it."""
    before = [_columns(await stored(db, each)) for each in (one, other)]
    async with db.transaction() as session:
        with pytest.raises(error) as caught:
            await swap(session, one.id, other.id, **{"by": Capacity.STAFF} | given)
        for each, columns in zip((one, other), before, strict=True):
            row = await session.get(Appointment, each.id)
            assert row is not None
            assert _columns(row) == columns
    assert [_columns(await stored(db, each)) for each in (one, other)] == before
    return caught.value


async def test_two_appointments_exchange_time_and_practitioner(shared: Database) -> None:
    made = await practice(shared)
    mine, theirs = (each.user_id for each in made.vets)
    one = await booked_at(shared, made, practitioner_id=mine)
    other = await booked_at(shared, made, TEN + HALF_AN_HOUR, animal=1, practitioner_id=theirs)
    await _swap(shared, one, other)
    first, second = await stored(shared, one), await stored(shared, other)
    assert (_place(first), _place(second)) == (_place(other), _place(one))
    assert (first.wall_time, second.wall_time) == (other.wall_time, one.wall_time)
    for now, then in ((first, one), (second, other)):
        assert now.status is AppointmentStatus.SCHEDULED
        assert (now.sequence, now.version) == (then.sequence + 1, then.version + 1)
        assert now.pet_id == then.pet_id


async def test_with_one_veterinarian_the_swap_of_neighbours_is_possible_only_in_one_call(
    shared: Database,
) -> None:
    made = await practice(shared, vets=1)
    one = await booked_at(shared, made)
    other = await booked_at(shared, made, TEN + HALF_AN_HOUR, animal=1)
    async with shared.transaction() as session:
        with pytest.raises(SlotTaken):
            await move(session, one.id, starts_at=other.starts_at, by=Capacity.STAFF)
    await _swap(shared, one, other)
    assert _place(await stored(shared, one)) == _place(other)
    assert _place(await stored(shared, other)) == _place(one)
    await _swap(shared, one, other)
    assert _place(await stored(shared, one)) == _place(one)


async def test_two_of_one_pet_may_change_places(shared: Database) -> None:
    made = await practice(shared)
    one = await booked_at(shared, made)
    other = await booked_at(shared, made, TEN + HALF_AN_HOUR)
    await _swap(shared, one, other)
    assert (await stored(shared, one)).starts_at == other.starts_at


async def test_rooms_are_exchanged_and_kept_where_the_other_has_none(shared: Database) -> None:
    made = await practice(shared)
    wish = {"service": ServiceType.SURGERY}
    one = await booked_at(shared, made, **wish, room_id=made.rooms[1].id)
    other = await booked_at(
        shared, made, TEN + HALF_AN_HOUR * 8, animal=1, **wish, room_id=made.rooms[0].id
    )
    await _swap(shared, one, other)
    assert (await stored(shared, one)).room_id == made.rooms[0].id
    assert (await stored(shared, other)).room_id == made.rooms[1].id
    plain = await booked_at(shared, made, TEN + DAY, animal=2)
    await _swap(shared, one, plain)
    assert (await stored(shared, one)).room_id == made.rooms[0].id
    assert (await stored(shared, plain)).room_id is None


async def test_each_keeps_its_own_length_and_what_does_not_fit_is_refused(shared: Database) -> None:
    made = await practice(shared, vets=1)
    long = await booked_at(shared, made, duration_minutes=60)
    short = await booked_at(shared, made, TEN + HALF_AN_HOUR * 2, animal=1)
    await booked_at(shared, made, TEN + HALF_AN_HOUR * 3, animal=2)
    refused = await _refused(shared, long, short, SlotTaken)
    assert refused.details["resource"] == "practitioner"
    last = await booked_at(shared, made, TEN + HALF_AN_HOUR * 6, animal=3)
    await _swap(shared, long, last)
    moved = await stored(shared, long)
    assert moved.ends_at - moved.starts_at == HALF_AN_HOUR * 2


async def test_the_rules_are_judged_for_both(shared: Database) -> None:
    made = await practice(shared)
    one = await booked_at(shared, made)
    later = TEN + DAY
    other = await booked_at(
        shared, made, later + timedelta(minutes=5), animal=1, overrides=("off_grid",)
    )
    await _refused(shared, one, other, OffGrid)
    await _refused(shared, other, one, OffGrid)
    done, _ = await _swap(shared, one, other, overrides=("off_grid", "clinic_closed"))
    assert done.overrides == ("off_grid",)
    assert (await stored(shared, other)).overrides == ()
    await add(shared, closure(made))
    await _refused(shared, one, other, ClinicClosed)


async def test_an_owner_is_bound_by_the_notice_for_both(shared: Database) -> None:
    policy = BookingPolicy(minimum_notice_minutes=0, cancellation_notice_minutes=24 * 60)
    made = await practice(shared, booking_policy=policy)
    soon = await booked_at(shared, made)
    late = await booked_at(shared, made, TEN + 2 * DAY, animal=1)
    with clock.frozen(TEN - DAY / 2):
        await _refused(shared, late, soon, TooLateToCancel, by=Capacity.OWNER)
    await _swap(shared, late, soon, by=Capacity.OWNER)
    with pytest.raises(InvalidValue):
        await _swap(shared, late, soon, by=Capacity.OWNER, overrides=("off_grid",))


async def test_what_has_begun_or_is_over_or_the_same_or_elsewhere_is_refused(
    shared: Database,
) -> None:
    made, away = await practice(shared), await practice(shared)
    one = await booked_at(shared, made)
    other = await booked_at(shared, made, TEN + HALF_AN_HOUR, animal=1)
    there = await booked_at(shared, away)
    await _refused(shared, one, one, InvalidValue)
    await _refused(shared, one, there, InvalidValue)
    async with shared.transaction() as session:
        await check_in(session, other.id)
    await _refused(shared, one, other, InvalidTransition)
    gone = await booked_at(shared, made, TEN + HALF_AN_HOUR * 2, animal=2)
    async with shared.transaction() as session:
        await cancel(session, gone.id, by=Capacity.STAFF)
    await _refused(shared, one, gone, InvalidTransition)
    async with shared.transaction() as session:
        with pytest.raises(NotFound):
            await swap(session, one.id, uuid4(), by=Capacity.STAFF)


async def test_a_hold_is_swapped_while_it_lasts_and_stays_a_hold(shared: Database) -> None:
    made = await practice(shared, vets=1)
    one = await booked_at(shared, made)
    held = await held_at(shared, made, starts_at=TEN + HALF_AN_HOUR, animal=1)
    await lasting(shared, held)
    await _swap(shared, one, held)
    now = await stored(shared, held)
    assert (now.status, now.starts_at) == (AppointmentStatus.HELD, TEN)
    await run_out(shared, held)
    await _refused(shared, one, held, HoldExpired)


async def test_the_old_place_is_taken_for_good_and_nothing_of_the_swap_is_left(
    shared: Database,
) -> None:
    made = await practice(shared, vets=1)
    one = await booked_at(shared, made)
    other = await booked_at(shared, made, TEN + HALF_AN_HOUR * 2, animal=1)
    await _swap(shared, one, other)
    for start in (TEN, TEN + HALF_AN_HOUR * 2):
        async with shared.transaction() as session:
            with pytest.raises(SlotTaken):
                await book(session, made.request(start, animal=2), by=Capacity.STAFF)


# At once ------------------------------------------------------------------------------------------


async def _at_once(db: Database, works: list[Callable[[Session], Awaitable[Any]]]) -> Counter[str]:
    async def attempt(work: Callable[[Session], Awaitable[Any]]) -> str:
        # Without a replay, so that a deadlock would be seen.
        try:
            async with db.transaction() as session:
                await work(session)
        except SlotTaken:
            return "taken"
        return "done"

    return Counter(await asyncio.gather(*map(attempt, works)))


async def _three(db: Database) -> tuple[Practice, list[Appointment]]:
    made = await practice(db, vets=1, pets=12)
    rows = [
        await booked_at(db, made, TEN + HALF_AN_HOUR * number, animal=number) for number in range(3)
    ]
    return made, rows


async def test_swaps_in_a_ring_and_back_never_deadlock(db: Database) -> None:
    _, rows = await _three(db)

    def swapping(one: Appointment, other: Appointment) -> Callable[[Session], Awaitable[Any]]:
        return lambda session: swap(session, one.id, other.id, by=Capacity.STAFF)

    pairs = [(0, 1), (1, 0), (1, 2), (2, 1), (2, 0), (0, 2)]
    outcomes = await _at_once(db, [swapping(rows[a], rows[b]) for a, b in pairs])
    assert outcomes == {"done": 6}
    places = {(await stored(db, each)).starts_at for each in rows}
    assert places == {each.starts_at for each in rows}


async def test_whoever_books_or_moves_onto_a_place_that_is_swapped_finds_it_taken(
    db: Database,
) -> None:
    made, rows = await _three(db)
    far = await booked_at(db, made, TEN + HALF_AN_HOUR * 12, animal=3)

    def booking(number: int) -> Callable[[Session], Awaitable[Any]]:
        wish = made.request(rows[number % 3].starts_at, animal=4 + number)
        return lambda session: book(session, wish, by=Capacity.STAFF)

    def moving(number: int) -> Callable[[Session], Awaitable[Any]]:
        start = rows[number].starts_at
        return lambda session: move(session, far.id, starts_at=start, by=Capacity.STAFF)

    one, other = rows[0].id, rows[1].id
    works: list[Callable[[Session], Awaitable[Any]]] = [
        lambda session: swap(session, one, other, by=Capacity.STAFF),
        *(booking(number) for number in range(6)),
        *(moving(number) for number in range(2)),
        lambda session: swap(session, other, one, by=Capacity.STAFF),
    ]
    assert await _at_once(db, works) == {"done": 2, "taken": 8}
