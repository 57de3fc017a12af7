"""Finds the free slots of a clinic."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from vetcore.database import ReadSession
from vetcore.errors import InvalidValue
from vetcore.scheduling.loading import load_world
from vetcore.scheduling.rules import precluded
from vetcore.scheduling.starts import starts
from vetcore.scheduling.world import World
from vetcore.values.animals import Species
from vetcore.values.capacity import Capacity
from vetcore.values.intervals import instant
from vetcore.values.walltime import require_instant

__all__ = ["LONGEST_WINDOW", "Slot", "check_window", "find_slots", "listed"]

LONGEST_WINDOW: Final = timedelta(days=731)
"""How much can be asked about at once."""

_instant = lru_cache(maxsize=8192)(instant)
"""One search after the other lists the same starts, at this clinic and at others."""


# Not frozen: that would take four times as long, and a search makes thousands.
@dataclass(slots=True, order=True, unsafe_hash=True)
class Slot:
    """A time at which a practitioner can be booked, in UTC. In JSON it is an object."""

    start: datetime
    end: datetime
    practitioner_id: UUID
    """The person who sees the pet, a user."""
    clinic_id: UUID
    places: int = 1
    """How many pets can be booked then together; of a group visit, the places that are left."""


async def find_slots(  # noqa: PLR0913
    session: ReadSession,
    *,
    clinic_id: UUID,
    service: str,
    start: datetime,
    end: datetime,
    by: Capacity,
    practitioner_id: UUID | None = None,
    pet_id: UUID | None = None,
    species: Species | None = None,
    duration: timedelta | None = None,
    limit: int | None = None,
) -> list[Slot]:
    """Return the slots that start in ``[start, end)``. Each can be booked at this moment.

    Args:
        session: for reading.
        clinic_id: the clinic.
        service: what is to be done; its duration, buffers and kind of room are the clinic's.
        start: from this instant on.
        end: until just before this one.
        by: in what capacity it is asked for: an owner sees what owners may book.
        practitioner_id: with this person only.
        pet_id: for this pet: its species and its own appointments count.
        species: for a pet that is not known yet.
        duration: in place of the one in the clinic's catalogue.
        limit: as many at most, the earliest.

    Returns:
        By start, then by practitioner.

    Raises:
        NotFound: there is no such clinic or pet.
        NotBookable: nothing can be booked whenever it is: the clinic is not in business, does not
            offer the service (online) or treat the species, takes no new patients and has never
            seen the pet, the pet is deceased, there is no such room.
        InvalidValue: a datetime is naive or out of range, ``end`` is not after ``start``, the
            window is longer than two years, the duration is no whole number of minutes or more than
            a day with its buffers, or ``limit`` is negative.
    """
    check_window(start, end)
    if limit is not None and limit < 0:
        raise InvalidValue(field="limit", rule="must not be negative", value=limit)
    world = await load_world(
        session,
        clinic_id=clinic_id,
        service=service,
        start=start,
        end=end,
        practitioner_id=practitioner_id,
        pet_id=pet_id,
        species=species,
        duration=duration,
        by=by,
    )
    reason = precluded(world)
    if reason is not None:
        raise reason
    return listed(world, limit)


def check_window(start: datetime, end: datetime) -> None:
    """Refuse a window that is none.

    Raises:
        InvalidValue: a datetime is naive or out of range, ``end`` is not after ``start``, or the
            window is longer than two years.
    """
    require_instant(start, field="start")
    require_instant(end, field="end")
    if not timedelta() < end - start <= LONGEST_WINDOW:
        raise InvalidValue(
            field="end",
            rule="must be after start, and by two years at most",
            expected=f"between {start.isoformat()} and {(start + LONGEST_WINDOW).isoformat()}",
            value=end.isoformat(),
        )


def listed(world: World, limit: int | None = None) -> list[Slot]:
    """Return the slots of a world, by start, then by practitioner."""
    # Practitioners come in the order of their ids.
    people: dict[int, list[UUID]] = {}
    for person, found in starts(world):
        for start in found[:limit]:
            if start in people:
                people[start].append(person)
            else:
                people[start] = [person]
    length, clinic_id = timedelta(seconds=world.duration), world.clinic_id
    places, slots = world.offering.places, list[Slot]()
    for start in sorted(people):
        begin = _instant(start)
        end = begin + length
        for person in people[start]:
            slots.append(Slot(begin, end, person, clinic_id))
            if places > 1:
                group = world.group_at(person, start)
                slots[-1].places = places if group is None else len(group.free)
        if limit is not None and len(slots) >= limit:
            break
    return slots[:limit]
