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
from vetcore.schemas import AppointmentCreate
from vetcore.values.capacity import Capacity

__all__ = ["Tried", "agree"]

MINUTE = timedelta(minutes=1)
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
        performer_id=None if vet is None else _person(made, vet),
        service=asked.service,
        starts_at=start,
        duration_minutes=None if asked.duration is None else asked.duration // MINUTE,
    )
    async with _undone(session):
        try:
            return await book(session, wish, by=Capacity.STAFF)
        except BookingRefused:
            return None


async def _listed(session: Session, made: Scene) -> list[Start]:
    try:
        slots = await find_slots(
            session, clinic_id=made.clinic.id, **vars(made.question), by=Capacity.STAFF
        )
    except NotBookable:
        return []
    return [(slot.start, slot.veterinarian_id) for slot in slots]


def _person(made: Scene, veterinarian_id: UUID) -> UUID:
    (found,) = [vet.user_id for vet in made.vets if vet.id == veterinarian_id]
    return found


def _candidates(made: Scene, listed: list[Start], chance: Random) -> list[Start]:
    """Some that are listed, some at those times with others, some at any minute."""
    vets = [vet.id for vet in made.vets]
    first = made.question.start.replace(second=0, microsecond=0) + MINUTE
    minutes = max((made.question.end - first) // MINUTE, 1)
    chosen = chance.sample(listed, min(3, len(listed)))
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
    listed = await _listed(session, made)
    expected = Reference(made).slots()
    assert listed == expected, (made, set(listed) ^ set(expected))
    booked = refused = 0
    for start, vet in _candidates(made, listed, Random(made.seed)):
        appointment = await _booked(session, made, start, vet)
        assert (appointment is not None) is ((start, vet) in listed), (made, start, vet)
        free = {each for at, each in listed if at == start}
        anybody = await _booked(session, made, start, None)
        taken = set[UUID]() if anybody is None else {anybody.veterinarian_id}
        assert taken <= free, (made, start, taken)
        assert bool(taken) is bool(free), (made, start)
        booked, refused = booked + bool(appointment), refused + (not appointment)
    return Tried(booked, refused)
