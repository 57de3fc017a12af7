"""Lets those who book into a day with a cap go one after the other, so that the cap holds exactly.

Whoever takes several kinds of turns takes those of owners first (:mod:`vetcore.scheduling.fairness`),
then those of days, then those of practitioners, rooms and pets, and so never waits in a ring. The days
of a change of many appointments are taken all at once, before the first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.database.locking import take_turns
from vetcore.models import Appointment
from vetcore.scheduling.caps import counted, is_known_here
from vetcore.scheduling.loading import load_clinic
from vetcore.scheduling.world import World
from vetcore.values.intervals import floor
from vetcore.values.walltime import local_day

__all__ = ["counted_in_turn", "days_of_moves", "take_turns_of_days", "turns_of"]

_KIND: Final = "capped day"


async def counted_in_turn(
    session: AsyncSession, world: World, *, present: Appointment | None = None
) -> World:
    """Return the world of one start with the caps that concern it, after the turns of its day.

    Nobody else books, moves or reinstates into the day by these caps until the transaction ends.
    Where no cap is set, nothing is read and nobody waits.

    Args:
        session: of a transaction that is READ COMMITTED.
        world: read without caps.
        present: the appointment in question, where there is one; it does not count. While it
            occupies its time at the clinic, it stays one of a new patient, or of none.
    """
    names = list(turns_of(world, world.start))
    if not names:
        return world
    await take_turns_of_days(session, names)
    stays = present is not None and present.status.occupies and present.clinic_id == world.clinic_id
    pet = world.pet
    if world.new_patient and pet is not None and not stays:
        # Of two who book for one new pet, the second has waited for the first.
        known = await is_known_here(session, clinic_id=world.clinic_id, pet_id=pet.id)
        world = replace(world, new_patient=not known)
    return await counted(session, world, without=None if present is None else present.id)


async def take_turns_of_days(session: AsyncSession, names: Iterable[str]) -> None:
    """Wait for the turns of days, by the names that :func:`turns_of` gives them."""
    await take_turns(session, _KIND, *names)


def turns_of(world: World, start: int) -> Iterator[str]:
    """Return the names of the turns that an appointment at ``start`` takes; none without a cap."""
    for cap in world.caps_to_count():
        yield _name(world.clinic_id, local_day(start, world.calendar.zone), cap.service)


def _name(clinic_id: UUID, day: date, service: str | None) -> str:
    which = "new patients" if service is None else service
    return f"{clinic_id} {day.isoformat()} {which}"


async def days_of_moves(
    session: AsyncSession, moves: Iterable[tuple[Appointment, datetime]]
) -> set[str]:
    """Return the names of the turns that moves within their clinics take, for some statements."""
    by_clinic: dict[UUID, list[tuple[Appointment, datetime]]] = {}
    for each in moves:
        by_clinic.setdefault(each[0].clinic_id, []).append(each)
    names: set[str] = set()
    for clinic_id, several in by_clinic.items():
        starts = [start for _, start in several]
        facts = await load_clinic(session, clinic_id=clinic_id, start=min(starts), end=max(starts))
        for row, start in several:
            offering, day = (
                facts.catalog.get(row.service),
                local_day(floor(start), facts.calendar.zone),
            )
            if offering is not None and offering.most_per_day is not None:
                names.add(_name(clinic_id, day, row.service))
            if row.new_patient and facts.policy.new_patients_per_day is not None:
                names.add(_name(clinic_id, day, None))
    return names
