"""Holds together what is listed, what can be booked, and the slow reference, in one world."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID

from tests.scheduling.reference import Reference
from tests.scheduling.worlds import Scene
from vetcore.database import Session
from vetcore.errors import BookingRefused, NotBookable
from vetcore.models import Appointment
from vetcore.scheduling import book, find_slots
from vetcore.scheduling.loading import load_world
from vetcore.scheduling.occupying import occupied_beside
from vetcore.scheduling.rules import refusal
from vetcore.schemas import AppointmentCreate
from vetcore.values.capacity import Capacity
from vetcore.values.intervals import instant

__all__ = ["JUDGED", "Tried", "accepted", "agree", "listed"]

MINUTE = timedelta(minutes=1)
JUDGED = timedelta(hours=8)
"""In windows up to that long each minute is judged on its own; longer ones are only listed."""
Start = tuple[datetime, UUID]


@asynccontextmanager
async def _undone(session: Session) -> AsyncGenerator[None]:
    savepoint = await session.begin_nested()
    try:
        yield
    finally:
        await savepoint.rollback()


async def _booked(
    session: Session, made: Scene, start: datetime, vet: UUID | None
) -> Appointment | None:
    asked = made.question
    wish = AppointmentCreate(
        clinic_id=made.clinic.id,
        pet_id=made.pets[0].id,
        practitioner_id=vet,
        service=asked.service,
        starts_at=start,
        duration_minutes=None if asked.duration is None else asked.duration // MINUTE,
    )
    async with _undone(session):
        try:
            booked = await book(session, wish, by=Capacity.STAFF)
        except BookingRefused:
            return None
        offering = made.clinic.services.get(asked.service)
        beside = await occupied_beside(session, booked.id)
        assert offering is not None
        assert tuple(role for _, role in beside.assistants) == offering.assisted_by, made
        assert tuple(kind for _, kind in beside.equipment) == offering.equipment, made
        assert booked.practitioner_id not in beside.ids, made
        return booked


async def listed(session: Session, made: Scene) -> list[Start]:
    """What is listed, which the reference says as well; so do the rules, minute by minute."""
    reference = Reference(made)
    refusals, expected = reference.refusals(), reference.slots()
    asked, code = vars(made.question), None
    found: list[Start] = []
    try:
        slots = await find_slots(session, clinic_id=made.clinic.id, **asked, by=Capacity.STAFF)
        assert {slot.clinic_id for slot in slots} <= {made.clinic.id}
        found = [(slot.start, slot.practitioner_id) for slot in slots]
    except NotBookable as error:
        code = error.code
    assert code in refusals if refusals else code is None, (made, code)
    assert found == expected, (made, set(found) ^ set(expected))
    if not refusals and made.question.end - made.question.start <= JUDGED:
        assert await accepted(session, made) == expected, made
    return found


async def accepted(session: Session, made: Scene) -> list[Start]:
    """The starts, of all whole minutes of the window, that no rule refuses."""
    world = await load_world(
        session, clinic_id=made.clinic.id, **vars(made.question), by=Capacity.STAFF
    )
    first = -(-world.start // 60) * 60
    return [
        (instant(start), vet.id)
        for start in range(first, world.end, 60)
        for vet in sorted(world.practitioners, key=lambda each: each.id)
        if refusal(world, vet, start) is None
    ]


def _candidates(made: Scene, found: list[Start], chance: Random) -> list[Start]:
    """Some that are listed, some at those times with others, some at any minute."""
    vets = [person.id for person in made.people]
    first = made.question.start.replace(second=0, microsecond=0) + MINUTE
    minutes = max((made.question.end - first) // MINUTE, 1)
    chosen = chance.sample(found, min(3, len(found)))
    chosen += [(start, chance.choice(vets)) for start, _ in chosen]
    return chosen + [
        (first + chance.randrange(minutes) * MINUTE, chance.choice(vets)) for _ in range(3)
    ]


class Tried(NamedTuple):
    """How many bookings went well, and how many did not."""

    booked: int
    refused: int


async def agree(session: Session, made: Scene) -> Tried:
    """Ask a stored scene by listing, booking and reference; AssertionError names what differs.

    The clock stands at the scene's moment.
    """
    found = await listed(session, made)
    booked = refused = 0
    for start, vet in _candidates(made, found, Random(made.seed)):
        appointment = await _booked(session, made, start, vet)
        assert (appointment is not None) is ((start, vet) in found), (made, start, vet)
        free = {each for at, each in found if at == start}
        anybody = await _booked(session, made, start, None)
        taken = set[UUID]() if anybody is None else {anybody.practitioner_id}
        assert taken <= free, (made, start, taken)
        assert bool(taken) is bool(free), (made, start)
        booked, refused = booked + bool(appointment), refused + (not appointment)
    return Tried(booked, refused)
