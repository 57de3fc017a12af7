"""Group visits: several pets that share a practitioner, a room and a time.

A service with ``places`` above 1 makes one of each start: the first pet that is booked begins it, and
others join it while there are places. Pets that come together share one of any service.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from vetcore.database import ReadSession
from vetcore.database.locking import take_turns
from vetcore.models import Appointment
from vetcore.scheduling.facts import GroupFacts, PractitionerFacts
from vetcore.scheduling.taken import occupies_now
from vetcore.scheduling.world import World
from vetcore.values.intervals import ceiling, floor, instant

__all__ = [
    "Groups",
    "groups_of",
    "in_turn_in_group",
    "seat_again",
    "seats",
    "take_turn_in_group",
]

Groups = Mapping[tuple[UUID, int], GroupFacts]
"""By practitioner and start, in seconds since 1970."""


async def groups_of(  # noqa: PLR0913
    session: ReadSession,
    clinic_ids: Collection[UUID],
    *,
    service: str | None,
    start: datetime,
    end: datetime,
    without: UUID | None = None,
    group_id: UUID | None = None,
) -> dict[UUID, Groups]:
    """Return the group visits that start in ``[start, end)``, by clinic.

    Args:
        session: for reading.
        clinic_ids: the clinics.
        service: those of this service; of none if it is None.
        start: from this instant on.
        end: until just before this one.
        without: an appointment that does not count.
        group_id: this one as well, of whatever service it is.
    """
    row = Appointment
    of_it = or_(row.service == service, row.group_id == group_id)
    found: Any = await session.execute(
        select(
            row.clinic_id,
            row.practitioner_id,
            row.group_id,
            row.room_id,
            row.starts_at,
            row.ends_at,
            row.occupied_from,
            row.occupied_until,
            row.group_place,
            row.group_places,
        )
        .where(
            row.clinic_id.in_(clinic_ids),
            row.starts_at >= start,
            row.starts_at < end,
            row.group_id.is_not(None),
            row.squeezed_in.is_(False),
            of_it,
            occupies_now(),
            *([row.id != without] if without is not None else []),
        )
        .order_by(row.clinic_id, row.starts_at, row.group_place)
    )
    several: dict[UUID, dict[tuple[UUID, int], GroupFacts]] = {key: {} for key in clinic_ids}
    for clinic_id, who, key, room_id, starts_at, ends_at, since, until, place, places in found:
        if starts_at.second or starts_at.microsecond:
            # Other software wrote it: nobody can book at such a start.
            continue
        known = several[clinic_id]
        one = GroupFacts(
            id=key,
            room_id=room_id,
            end=ceiling(ends_at),
            occupied=(floor(since), ceiling(until)),
            places=places,
            taken=frozenset([place]),
        )
        other = known.get((who, floor(starts_at)))
        known[who, floor(starts_at)] = one if other is None else other.with_one(one)
    return dict(several)


async def take_turn_in_group(
    session: AsyncSession, clinic_id: UUID, service: str, start: int
) -> None:
    """Let those who take places of one group visit go one after the other."""
    await take_turns(session, "group visit", f"{clinic_id} {service} {start}")


async def in_turn_in_group(
    session: AsyncSession, start: int, read: Callable[[], Awaitable[World]]
) -> World:
    """Return the world around a start, after the turn of its group visit where there may be one.

    Whoever has waited for it reads the world anew: places may be gone.
    """
    world = await read()
    if world.offering.places == 1 and not world.groups:
        return world
    await take_turn_in_group(session, world.clinic_id, world.offering.service, start)
    return await read()


def seats(world: World, person: PractitionerFacts, start: int) -> list[dict[str, Any]]:
    """Return the columns of the group visit, for each of those who come together."""
    group = world.group_at(person.id, start)
    if group is not None:
        shared: dict[str, Any] = {
            "occupied_from": instant(group.occupied[0]),
            "occupied_until": instant(group.occupied[1]),
            "group_id": group.id,
            "group_places": group.places,
        }
        return [{**shared, "group_place": place} for place in group.free[: world.party]]
    if world.offering.places == world.party == 1:
        return [{"group_id": None, "group_place": None, "group_places": None}]
    shared = {"group_id": uuid7(), "group_places": max(world.offering.places, world.party)}
    return [{**shared, "group_place": place} for place in range(1, world.party + 1)]


async def seat_again(
    session: AsyncSession, world: World, appointment: Appointment
) -> dict[str, Any]:
    """Return the columns of the group visit of an appointment that comes back at its own time.

    It comes back to its group visit, or to the one that there is by now. Those who came together may
    come back one by one. If the others have moved, it is a visit of its own.
    """
    if appointment.group_id is None and world.offering.places == 1:
        return {}
    person = next(iter(world.practitioners), None)
    if person is None:
        return {}
    start = floor(appointment.starts_at)
    of_others = world.offering.places > 1 or world.group_at(person.id, start) is not None
    if of_others or await _stands_elsewhere(session, appointment):
        return seats(world, person, start)[0]
    return {}


async def _stands_elsewhere(session: AsyncSession, appointment: Appointment) -> bool:
    row = Appointment
    others = select(row.id).where(
        row.group_id == appointment.group_id, row.id != appointment.id, occupies_now()
    )
    return (await session.scalar(others.limit(1))) is not None
