"""Many who book at once: one key books once, and one slot is given once."""

import asyncio
from collections import Counter

import pytest

from tests.scheduling.practice import (
    HALF_AN_HOUR,
    TEN,
    Practice,
    booked_at,
    held_at,
    practice,
    run_out,
)
from vetcore.database import Database, Session
from vetcore.errors import AlreadyExists, SlotTaken
from vetcore.models import Appointment
from vetcore.scheduling import book, reschedule
from vetcore.values.clinics import ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")


async def test_one_key_books_once(db: Database, made: Practice) -> None:
    first = await booked_at(db, made, idempotency_key="once")
    again = await booked_at(db, made, idempotency_key="once")
    assert again.id == first.id
    with pytest.raises(AlreadyExists) as caught:
        await booked_at(db, made, idempotency_key="once", animal=1)
    assert caught.value.details["fields"] == ["idempotency_key"]


async def test_one_key_books_once_also_when_all_call_at_once(db: Database, made: Practice) -> None:
    request = made.request(idempotency_key="once")
    booked = await asyncio.gather(
        *(db.run(lambda session: book(session, request)) for _ in range(8))
    )
    assert len({each.id for each in booked}) == 1


async def test_of_many_who_want_one_slot_as_many_get_it_as_there_are_veterinarians(
    db: Database,
) -> None:
    made = await practice(db, vets=3, pets=12)

    async def attempt(number: int) -> str:
        request = made.request(animal=number)
        try:
            await db.run(lambda session: book(session, request))
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
            return (await db.run(lambda session: book(session, request))).room_id
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
            await db.run(lambda session: book(session, request))
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
            return await reschedule(session, which.id, starts_at=to.starts_at)

        try:
            await db.run(work)
        except SlotTaken:
            return "taken"
        return "moved"

    outcomes = await asyncio.gather(swap(first, second), swap(second, first))
    assert list(outcomes) == ["taken", "taken"]


async def test_rescheduling_and_booking_the_same_slot_leave_one_winner(db: Database) -> None:
    made = await practice(db, vets=1, pets=10)
    movers = [
        await booked_at(db, made, starts_at=TEN + HALF_AN_HOUR * (2 + number), animal=number)
        for number in range(2)
    ]

    async def move(which: Appointment) -> str:
        try:
            await db.run(lambda session: reschedule(session, which.id, starts_at=TEN))
        except SlotTaken:
            return "taken"
        return "won"

    async def take(number: int) -> str:
        request = made.request(animal=number)
        try:
            await db.run(lambda session: book(session, request))
        except SlotTaken:
            return "taken"
        return "won"

    outcomes = Counter(
        await asyncio.gather(
            *(move(each) for each in movers), *(take(number) for number in range(3, 8))
        )
    )
    assert outcomes["won"] == 1
