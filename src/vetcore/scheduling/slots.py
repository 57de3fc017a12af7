"""Finds free slots: all in a window, or the next one at some clinics."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.errors import InvalidValue, NotBookable
from vetcore.scheduling.loading import load_world
from vetcore.scheduling.rules import precluded, starts
from vetcore.scheduling.world import World
from vetcore.values.animals import Species
from vetcore.values.capacity import Capacity
from vetcore.values.intervals import instant
from vetcore.values.walltime import require_instant

__all__ = ["Slot", "find_slots", "next_available"]

_LONGEST_WINDOW: Final = timedelta(days=731)


# Not frozen: that would take four times as long, and a search makes thousands.
@dataclass(slots=True, order=True, unsafe_hash=True)
class Slot:
    """A time at which a practitioner can be booked, in UTC. In JSON it is an object."""

    start: datetime
    end: datetime
    practitioner_id: UUID
    """The person who sees the pet, a user."""
    clinic_id: UUID


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
    _check(start, end)
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
    return _listed(world, limit)


def _check(start: datetime, end: datetime) -> None:
    require_instant(start, field="start")
    require_instant(end, field="end")
    if not timedelta() < end - start <= _LONGEST_WINDOW:
        raise InvalidValue(
            field="end",
            rule="must be after start, and by two years at most",
            expected=f"between {start.isoformat()} and {(start + _LONGEST_WINDOW).isoformat()}",
            value=end.isoformat(),
        )


def _listed(world: World, limit: int | None = None) -> list[Slot]:
    every = [(start, person) for person, found in starts(world) for start in found[:limit]]
    # Practitioners come in the order of their ids, and sorting keeps what is equal as it was.
    every.sort(key=itemgetter(0))
    length = timedelta(seconds=world.duration)
    moments: dict[int, tuple[datetime, datetime]] = {}
    slots: list[Slot] = []
    for seconds, person in every[:limit]:
        moment = moments.get(seconds)
        if moment is None:
            begin = instant(seconds)
            moment = moments[seconds] = begin, begin + length
        slots.append(Slot(*moment, person, world.clinic_id))
    return slots


async def next_available(  # noqa: PLR0913
    session: ReadSession,
    *,
    clinic_ids: Sequence[UUID],
    service: str,
    by: Capacity,
    after: datetime | None = None,
    within: timedelta = timedelta(days=60),
    practitioner_id: UUID | None = None,
    pet_id: UUID | None = None,
    species: Species | None = None,
) -> Slot | None:
    """Return the first free slot at any of the clinics.

    Of two slots at one instant, that of the clinic named earlier is returned. Clinics that cannot
    be booked at all, for the service or the species, are passed over. To ask across the nearest
    clinics, pass what :func:`vetcore.directory.nearest_clinics` found.

    Args:
        session: for reading.
        clinic_ids: the clinics, the preferred first.
        service: what is to be done.
        by: in what capacity it is asked for: an owner sees what owners may book.
        after: from this instant on; now if none is given.
        within: how far to look.
        practitioner_id: with this person only.
        pet_id: for this pet.
        species: for a pet that is not known yet.

    Raises:
        NotFound: there is no such clinic or pet.
        InvalidValue: ``after`` is naive or out of range, or ``within`` is not positive or longer
            than two years.
    """
    begin = clock.now() if after is None else require_instant(after, field="after")
    if not timedelta() < within <= _LONGEST_WINDOW:
        raise InvalidValue(
            field="within",
            rule="must be positive, and two years at most",
            expected=f"up to {_LONGEST_WINDOW.days} days",
            value=str(within),
        )
    last = begin + within
    best: Slot | None = None
    for clinic_id in clinic_ids:
        until = last if best is None else best.start
        found = await _first_at(
            session,
            begin,
            until,
            clinic_id=clinic_id,
            service=service,
            practitioner_id=practitioner_id,
            pet_id=pet_id,
            species=species,
            by=by,
        )
        if found is not None:
            best = found
    return best


async def _first_at(
    session: ReadSession, start: datetime, until: datetime, **chosen: Any
) -> Slot | None:
    """The first slot in growing windows: most clinics have one within days."""
    begin, stride = start, timedelta(days=7)
    while begin < until:
        end = min(begin + stride, until)
        try:
            found = await find_slots(session, start=begin, end=end, limit=1, **chosen)
        except NotBookable:
            return None
        if found:
            return found[0]
        begin, stride = end, stride * 2
    return None
