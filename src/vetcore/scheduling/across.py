"""Finds free slots at many clinics at once, with as many statements as at one."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.errors import InvalidValue, NotFound
from vetcore.scheduling.caps import counted_each
from vetcore.scheduling.clinic_facts import ClinicFacts, facts_of, window_of
from vetcore.scheduling.groups import Groups, groups_of
from vetcore.scheduling.kept import Kept, forget, kept, read_several
from vetcore.scheduling.loading import parameters, world_of
from vetcore.scheduling.moments import moment_of
from vetcore.scheduling.rules import precluded
from vetcore.scheduling.slots import LONGEST_WINDOW, Slot, check_window, listed
from vetcore.scheduling.world import World
from vetcore.values.animals import Species
from vetcore.values.capacity import Capacity
from vetcore.values.services import ServiceOffering
from vetcore.values.walltime import require_instant

__all__ = ["find_slots_across", "next_available"]

_FIRST_STRIDE: Final = timedelta(days=7)
"""Most clinics have a slot within days."""

_ATTEMPTS: Final = 3
"""How often timetables are read again that somebody changes at this moment."""


async def find_slots_across(  # noqa: PLR0913
    session: ReadSession,
    *,
    clinic_ids: Sequence[UUID],
    service: str,
    start: datetime,
    end: datetime,
    by: Capacity,
    practitioner_id: UUID | None = None,
    pet_id: UUID | None = None,
    species: Species | None = None,
    limit_each: int | None = None,
) -> dict[UUID, list[Slot]]:
    """Return, by clinic, the slots that start in ``[start, end)``, as :func:`find_slots` does.

    However many clinics are asked about, two statements are sent, and one more each for places of group
    visits and for limits of a day, where there are some.

    Args:
        session: for reading.
        clinic_ids: the clinics, in the order in which they are returned.
        service: what is to be done.
        start: from this instant on.
        end: until just before this one.
        by: in what capacity it is asked for: an owner sees what owners may book.
        practitioner_id: with this person only.
        pet_id: for this pet: its species and its own appointments count.
        species: for a pet that is not known yet.
        limit_each: as many at each clinic at most, the earliest.

    Returns:
        An empty list for a clinic where nothing is free. A clinic where nothing can be booked
        whenever it is, for the service, the species or the pet, has no entry.

    Raises:
        NotFound: there is no such clinic or pet.
        InvalidValue: a datetime is naive or out of range, ``end`` is not after ``start``, the
            window is longer than two years, or ``limit_each`` is negative.
    """
    check_window(start, end)
    if limit_each is not None and limit_each < 0:
        raise InvalidValue(field="limit_each", rule="must not be negative", value=limit_each)
    worlds = await _worlds(
        session,
        list(dict.fromkeys(clinic_ids)),
        service=service,
        start=start,
        end=end,
        by=by,
        practitioner_id=practitioner_id,
        pet_id=pet_id,
        species=species,
    )
    return {
        world.clinic_id: listed(world, limit_each) for world in worlds if precluded(world) is None
    }


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
    clinics, pass what :func:`vetcore.directory.nearest_clinics` found. It is looked for in growing
    windows, with two statements for each, however many clinics there are.

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
    if not timedelta() < within <= LONGEST_WINDOW:
        raise InvalidValue(
            field="within",
            rule="must be positive, and two years at most",
            expected=f"up to {LONGEST_WINDOW.days} days",
            value=str(within),
        )
    last, stride = begin + within, _FIRST_STRIDE
    left = clinic_ids
    while left and begin < last:
        found = await find_slots_across(
            session,
            clinic_ids=left,
            service=service,
            start=begin,
            end=min(begin + stride, last),
            by=by,
            practitioner_id=practitioner_id,
            pet_id=pet_id,
            species=species,
            limit_each=1,
        )
        first = [slots[0] for slots in found.values() if slots]
        if first:
            return min(first, key=lambda slot: slot.start)
        left = list(found)
        begin, stride = begin + stride, stride * 2
    return None


async def _worlds(  # noqa: PLR0913
    session: ReadSession,
    clinic_ids: Sequence[UUID],
    *,
    service: str,
    start: datetime,
    end: datetime,
    by: Capacity,
    practitioner_id: UUID | None,
    pet_id: UUID | None,
    species: Species | None,
) -> list[World]:
    """The world of each clinic that has the service in its catalogue."""
    if not clinic_ids:
        return []
    first, last = window_of(start, end)
    asked = parameters(start, end, pet_id)
    attempts = _ATTEMPTS
    while True:
        attempts -= 1
        timetables, are_read = await _timetables(session, clinic_ids, first)
        only = practitioner_id
        if any(_takes_more(timetables[key].catalog.get(service)) for key in clinic_ids):
            only = None
        facts = [facts_of(timetables[key], first, last, only) for key in clinic_ids]
        offered = _offered(facts, service)
        given = asked | _near(start, end, [offering for _, offering, _ in offered])
        given |= _standing_under([timetables[key] for key in clinic_ids], only)
        given["people"] = sorted({person for each, _, _ in offered for person in each.people})
        given["rooms"] = [room for _, _, some in offered for room in some]
        given["equipment"] = [
            piece for each, offering, _ in offered for piece in each.equipment_for(offering)
        ]
        now = await moment_of(session, given)
        # What was read just now may be taken for true, should somebody change it again and again.
        if now.unchanged or (are_read and attempts <= 0):
            break
        for key in clinic_ids:
            forget(session, key)
    if pet_id is not None and not now.pets:
        raise NotFound(entity="pet", key=pet_id)
    groups = await _groups(session, offered, service, start, end)
    worlds = [
        world_of(
            each,
            now,
            offering=offering,
            start=start,
            end=end,
            by=by,
            rooms=some,
            needs_room=offering.room_kind is not None,
            pet_id=pet_id,
            species=species,
            groups=groups.get(each.clinic_id, {}),
            only=practitioner_id,
        )
        for each, offering, some in offered
    ]
    return await counted_each(session, worlds)


async def _groups(
    session: ReadSession,
    offered: "Sequence[_Offered]",
    service: str,
    start: datetime,
    end: datetime,
) -> Mapping[UUID, Groups]:
    """The group visits, where the service has places for several."""
    where = [each.clinic_id for each, offering, _ in offered if offering.places > 1]
    if not where:
        return {}
    return await groups_of(session, where, service=service, start=start, end=end)


_Offered = tuple[ClinicFacts, ServiceOffering, list[UUID]]


def _takes_more(offering: ServiceOffering | None) -> bool:
    return offering is not None and offering.needs_more


async def _timetables(
    session: ReadSession, clinic_ids: Sequence[UUID], first: date
) -> tuple[dict[UUID, Kept], bool]:
    """What is kept of the clinics, or read where nothing is; and whether all of it was read now."""
    known = {key: found for key in clinic_ids if (found := kept(session, key, first)) is not None}
    missing = [key for key in clinic_ids if key not in known]
    return known | await read_several(session, missing, first), not known


def _standing_under(timetables: Sequence[Kept], only: UUID | None) -> dict[str, Any]:
    """The parameters by which all of them are unchanged. Somebody may work at several clinics."""
    versions: dict[UUID, set[UUID]] = {}
    for each in timetables:
        for subject in each.subjects(only):
            versions.setdefault(subject, set()).update(each.versions[subject])
    every = [version for some in versions.values() for version in some]
    return {"subjects": list(versions), "versions": every, "count": len(every)}


def _offered(clinics: Sequence[ClinicFacts], service: str) -> list[_Offered]:
    """Each clinic that has the service, with how it has it, and the rooms for it."""
    return [
        (each, offering, each.rooms_for(offering))
        for each in clinics
        if (offering := each.catalog.get(service)) is not None
    ]


def _near(start: datetime, end: datetime, offerings: Sequence[ServiceOffering]) -> dict[str, Any]:
    """The stretch in which something busy may be in the way: what is offered says how far it goes."""
    before = max((each.buffer_before for each in offerings), default=timedelta())
    after = max((each.longest + each.buffer_after for each in offerings), default=timedelta())
    since = start - before
    return {"since": since, "until": end + after, "reach": since - timedelta(days=1)}
