"""Many who book at once: one key books once, and one slot is given once."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.scheduling.practice import (
    HALF_AN_HOUR,
    TEN,
    booked_at,
    held_at,
    practice,
    run_out,
    stored,
)
from vetcore.database import Database, Session
from vetcore.errors import SlotTaken
from vetcore.models import Appointment
from vetcore.scheduling import book, confirm_hold, move
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")


async def test_of_many_who_want_one_slot_as_many_get_it_as_there_are_veterinarians(
    db: Database,
) -> None:
    made = await practice(db, vets=3, pets=12)

    async def attempt(number: int) -> str:
        request = made.request(animal=number)
        try:
            await db.run(lambda session: book(session, request, by=Capacity.STAFF))
        except SlotTaken:
            return "taken"
        return "booked"

    outcomes = Counter(await asyncio.gather(*(attempt(number) for number in range(12))))
    assert outcomes == {"booked": 3, "taken": 9}


async def test_racing_for_rooms_each_gets_another(db: Database) -> None:
    made = await practice(db, vets=4, pets=4)

    async def attempt(number: int) -> object:
        request = made.request(animal=number, service=ServiceType.SURGERY)
        try:
            return (await db.run(lambda session: book(session, request, by=Capacity.STAFF))).room_id
        except SlotTaken as error:
            return error.details["resource"]

    outcomes = Counter(await asyncio.gather(*(attempt(number) for number in range(4))))
    assert outcomes == {made.rooms[0].id: 1, made.rooms[1].id: 1, "room": 2}


async def test_many_racing_over_a_stale_hold_leave_one_winner(db: Database) -> None:
    made = await practice(db, vets=1, pets=6)
    await run_out(db, await held_at(db, made))

    async def attempt(number: int) -> str:
        request = made.request(animal=number)
        try:
            await db.run(lambda session: book(session, request, by=Capacity.STAFF))
        except SlotTaken:
            return "taken"
        return "booked"

    outcomes = Counter(await asyncio.gather(*(attempt(number) for number in range(1, 6))))
    assert outcomes == {"booked": 1, "taken": 4}


async def test_two_who_swap_their_times_never_deadlock(db: Database) -> None:
    made = await practice(db, vets=1, pets=2)
    first = await booked_at(db, made)
    second = await booked_at(db, made, starts_at=TEN + HALF_AN_HOUR, animal=1)

    async def swap(which: Appointment, to: Appointment) -> str:
        async def work(session: Session) -> Appointment:
            return await move(session, which.id, starts_at=to.starts_at, by=Capacity.STAFF)

        try:
            await db.run(work)
        except SlotTaken:
            return "taken"
        return "moved"

    outcomes = await asyncio.gather(swap(first, second), swap(second, first))
    assert list(outcomes) == ["taken", "taken"]


async def test_moving_onto_a_hold_that_is_just_confirmed_never_deadlocks(db: Database) -> None:
    """Both write a row that occupies the same time, and each finds the other's half written."""
    made = await practice(db, vets=1, pets=4)
    late = TEN + timedelta(hours=4)
    held = [
        await held_at(db, made, starts_at=TEN + HALF_AN_HOUR * number, animal=number)
        for number in range(3)
    ]
    moving = await booked_at(db, made, late, animal=3)

    async def attempt(work: Callable[[Session], Awaitable[Any]]) -> str:
        # Without a replay, so that a deadlock would be seen.
        async with db.transaction() as session:
            try:
                await work(session)
            except SlotTaken:
                return "taken"
        return "done"

    for each in held:
        starts_at = each.starts_at
        outcomes = await asyncio.gather(
            attempt(lambda session, key=each.id: confirm_hold(session, key, by=Capacity.STAFF)),
            *(
                attempt(
                    lambda session, at=starts_at: move(
                        session, moving.id, starts_at=at, by=Capacity.STAFF
                    )
                )
                for _ in range(3)
            ),
        )
        assert outcomes == ["done", "taken", "taken", "taken"]


async def test_moving_and_booking_the_same_slot_leave_one_winner(db: Database) -> None:
    made = await practice(db, vets=1, pets=10)
    movers = [
        await booked_at(db, made, starts_at=TEN + HALF_AN_HOUR * (2 + number), animal=number)
        for number in range(2)
    ]

    async def moves(which: Appointment) -> str:
        try:
            await db.run(lambda session: move(session, which.id, starts_at=TEN, by=Capacity.STAFF))
        except SlotTaken:
            return "taken"
        return "won"

    async def take(number: int) -> str:
        request = made.request(animal=number)
        try:
            await db.run(lambda session: book(session, request, by=Capacity.STAFF))
        except SlotTaken:
            return "taken"
        return "won"

    outcomes = Counter(
        await asyncio.gather(
            *(moves(each) for each in movers), *(take(number) for number in range(3, 8))
        )
    )
    assert outcomes["won"] == 1


async def _overtaken(
    db: Database,
    first: Callable[[Session], Awaitable[object]],
    second: Callable[[Session], Awaitable[Appointment]],
) -> Appointment:
    """What becomes of the second, which reads before the first commits and writes after it."""
    async with db.transaction() as session:
        await first(session)
        late = asyncio.create_task(db.run(second))
        await asyncio.sleep(0.2)
    return await late


async def test_who_is_overtaken_gets_the_next_free_veterinarian_and_room(db: Database) -> None:
    made = await practice(db, vets=2, pets=2)
    surgery: dict[str, Any] = {"service": ServiceType.SURGERY}
    one, two = made.request(**surgery), made.request(animal=1, **surgery)
    late = await _overtaken(
        db,
        lambda session: book(session, one, by=Capacity.STAFF),
        lambda session: book(session, two, by=Capacity.STAFF),
    )
    async with db.session() as session:
        both = (await session.scalars(select(Appointment))).all()
    assert late.id in {each.id for each in both}
    assert {each.practitioner_id for each in both} == made.vet_ids
    assert {each.room_id for each in both} == {room.id for room in made.rooms}


async def test_a_move_that_is_overtaken_leaves_the_appointment_and_the_session_as_they_were(
    db: Database,
) -> None:
    made = await practice(db, vets=1, pets=2)
    later = TEN + timedelta(hours=1)
    moving = await booked_at(db, made)

    async def too_late(session: Session) -> Appointment:
        mine = await session.get_one(Appointment, moving.id)
        with pytest.raises(SlotTaken) as caught:
            await move(session, moving.id, starts_at=later, by=Capacity.STAFF)
        assert caught.value.details["resource"] == "practitioner"
        assert (mine.starts_at, mine.sequence) == (TEN, 0)
        mine.notes = "wanted to come later"
        return mine

    request = made.request(later, animal=1)
    await _overtaken(db, lambda session: book(session, request, by=Capacity.STAFF), too_late)
    found = await stored(db, moving)
    assert (found.starts_at, found.notes) == (TEN, "wanted to come later")
