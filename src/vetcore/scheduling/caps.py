"""Counts what the caps of a day limit: a service's appointments, and those of new patients.

What occupies its time counts, by the clinic's local day of its start. Nothing is read where no cap is
set, or none concerns the question.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Boolean, Text, Uuid, and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.database import ReadSession
from vetcore.database.driver import is_postgresql, rows_of
from vetcore.database.statements import SecondsDown
from vetcore.models import Appointment
from vetcore.models.types import UtcDateTime
from vetcore.scheduling.facts import Cap
from vetcore.scheduling.queries import in_array, in_list, known_here
from vetcore.scheduling.taken import occupies_now
from vetcore.scheduling.world import World
from vetcore.values.intervals import instant

__all__ = ["counted", "counted_each", "is_known_here"]

_NOBODY: Final = UUID(int=0)


async def counted(session: ReadSession, world: World, *, without: UUID | None = None) -> World:
    """Return the world with the caps that concern it. It takes one statement if there are any.

    Args:
        session: for reading.
        world: of one clinic.
        without: an appointment that does not count, since it is the one in question.
    """
    (one,) = await counted_each(session, [world], without=without)
    return one


async def counted_each(
    session: ReadSession, worlds: Sequence[World], *, without: UUID | None = None
) -> list[World]:
    """Return the same for several clinics, of which the same service is asked for."""
    capped = [world for world in worlds if next(world.caps_to_count(), None) is not None]
    if not capped:
        return list(worlds)
    given = {
        "clinics": [world.clinic_id for world in capped],
        "service": capped[0].offering.service,
        "new": any(world.new_patient for world in capped),
        "since": instant(min(world.day_of(world.start).start for world in capped)),
        "until": instant(max(world.day_of(world.end - 1).end for world in capped)),
        "except_for": without or _NOBODY,
    }
    arrays = isinstance(session, AsyncSession) and is_postgresql(session)
    rows = await rows_of(session, _there("postgresql" if arrays else "sqlite"), given)
    return [_with(world, rows) for world in worlds]


def _with(world: World, rows: Sequence[Sequence[Any]]) -> World:
    """The world with what counts in each of its caps."""
    caps: list[Cap] = []
    for cap in world.caps_to_count():
        starts = [
            start
            for clinic_id, service, new, start in rows
            if clinic_id == world.clinic_id and cap.counts(service, new_patient=new)
        ]
        caps.append(replace(cap, starts=starts))
    return replace(world, caps=tuple(caps)) if caps else world


async def is_known_here(session: ReadSession, *, clinic_id: UUID, pet_id: UUID) -> bool:
    """Return whether a pet is known at a clinic: by a visit that took place or stands, or a record."""
    ((known,),) = await rows_of(session, _is_known(), {"clinic": clinic_id, "pet": pet_id})
    return bool(known)


@cache
def _is_known() -> Any:
    return select(known_here())


@cache
def _there(dialect: str) -> Any:
    """What occupies a start of some days at the clinics, as far as a cap may count it."""
    row: Any = Appointment.__table__.c
    among = in_array if dialect == "postgresql" else in_list
    of_service = row.service == bindparam("service", type_=Text())
    return select(row.clinic_id, row.service, row.new_patient, SecondsDown(row.starts_at)).where(
        among(row.clinic_id, "clinics"),
        row.starts_at >= bindparam("since", type_=UtcDateTime()),
        row.starts_at < bindparam("until", type_=UtcDateTime()),
        or_(of_service, and_(bindparam("new", type_=Boolean()), row.new_patient)),
        row.id != bindparam("except_for", type_=Uuid()),
        occupies_now(),
    )
