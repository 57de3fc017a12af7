"""Finds visits that have left their agreed wall time, and puts them back on it.

A visit is stored as an instant. When a government changes the rules of a zone, or a clinic's zone
is corrected, the instant stays, and the clock on the clinic's wall shows another time than people
wrote down. Nothing here runs by itself: call it after such a change, as ``vetcore reanchor`` does.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.database.locking import locked_rows
from vetcore.errors import NotFound, SlotTaken
from vetcore.models import Appointment, Clinic
from vetcore.scheduling.errors import InThePast
from vetcore.scheduling.moving import place
from vetcore.scheduling.taken import occupies_now
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.intervals import instant
from vetcore.values.walltime import AgreedTime, localize, zone_named

__all__ = ["StrayedVisit", "reanchor_visits", "strayed_visits"]

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class StrayedVisit:
    """A visit to come at which the clinic's clock will not show what was agreed."""

    appointment: Appointment
    agreed: AgreedTime
    timezone: str
    """The clinic's zone now."""
    shown: datetime
    """What the clock shows at the instant at which it was found, in the clinic's zone."""
    due: datetime
    """The instant at which the clock shows what was agreed, in UTC."""
    error: SlotTaken | InThePast | None = None
    """Why it could not be put back; None if it was, or if nobody has tried."""

    @property
    def returned(self) -> bool:
        """Whether it starts at the agreed wall time again."""
        return self.appointment.starts_at == self.due


async def strayed_visits(
    session: ReadSession, *, clinic_id: UUID | None = None
) -> list[StrayedVisit]:
    """Return the visits to come that have left their wall time, by start.

    A visit is left out if other software changed its start, or if it has no wall time: what was
    agreed for it is not known.

    Args:
        session: for reading.
        clinic_id: at this clinic; everywhere if none is given.

    Raises:
        NotFound: there is no such clinic.
    """
    zones = await _zones(session, clinic_id)
    suspects = [
        key
        for key, place_id, starts_at, text in await _to_come(session, clinic_id)
        if place_id in zones and _has_strayed(starts_at, text, zones[place_id])
    ]
    found: list[StrayedVisit] = []
    for keys in _batches(suspects):
        rows = await session.scalars(select(Appointment).where(Appointment.id.in_(keys)))
        found.extend(_strayed(rows, zones))
    return sorted(found, key=_by_start)


async def reanchor_visits(
    session: AsyncSession, *, clinic_id: UUID | None = None
) -> list[StrayedVisit]:
    """Put visits to come back on the wall time that was agreed for them.

    Length, buffers, practitioner and room stay. The rules of booking are not checked again, since
    the time is the one that was booked. If it is taken by now, or has passed, the visit stays where
    it is, and its ``error`` says why. All others are put back.

    Args:
        session: of a transaction.
        clinic_id: at this clinic; everywhere if none is given.

    Returns:
        Every visit that had strayed, by the start that it had.

    Raises:
        NotFound: there is no such clinic.
    """
    zones = await _zones(session, clinic_id)
    keys = sorted(
        each.appointment.id for each in await strayed_visits(session, clinic_id=clinic_id)
    )
    locked: list[StrayedVisit] = []
    for some in _batches(keys):
        rows = await locked_rows(session, select(Appointment).where(Appointment.id.in_(some)))
        locked.extend(_strayed(rows, zones))
    # Each makes room for the next: those that move on begin with the last, the others with the first.
    later = [each for each in locked if each.due > each.appointment.starts_at]
    earlier = [each for each in locked if each.due < each.appointment.starts_at]
    waiting = [*sorted(later, key=_by_start, reverse=True), *sorted(earlier, key=_by_start)]
    settled: list[StrayedVisit] = []
    while waiting:
        left: list[StrayedVisit] = []
        for each in waiting:
            error = await _put_back(session, each)
            (settled if error is None else left).append(replace(each, error=error))
        if len(left) == len(waiting):
            settled += left
            break
        waiting = left
    return sorted(settled, key=lambda each: (each.shown, each.appointment.id))


def _batches(keys: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    """SQLite and asyncpg take some 32,000 parameters in a statement."""
    for begin in range(0, len(keys), _AT_ONCE):
        yield keys[begin : begin + _AT_ONCE]


async def _zones(session: ReadSession, clinic_id: UUID | None) -> dict[UUID, ZoneInfo]:
    query = select(Clinic.id, Clinic.timezone)
    if clinic_id is not None:
        query = query.where(Clinic.id == clinic_id)
    rows = await session.execute(query)
    zones = {key: zone_named(name) for key, name in rows}
    if clinic_id is not None and not zones:
        raise NotFound(entity="clinic", key=clinic_id)
    return zones


async def _to_come(
    session: ReadSession, clinic_id: UUID | None
) -> Iterable[tuple[UUID, UUID, datetime, str]]:
    query = select(
        Appointment.id, Appointment.clinic_id, Appointment.starts_at, Appointment.wall_time
    ).where(
        Appointment.starts_at > clock.now(),
        Appointment.status.in_(AppointmentStatus.to_come()),
        Appointment.wall_time.is_not(None),
        occupies_now(),
    )
    if clinic_id is not None:
        query = query.where(Appointment.clinic_id == clinic_id)
    rows = await session.execute(query)
    return [(key, place_id, at, text) for key, place_id, at, text in rows if text is not None]


def _has_strayed(starts_at: datetime, text: str, zone: ZoneInfo) -> AgreedTime | None:
    """The agreed time, if the clock no longer shows it at the start for which it was agreed."""
    agreed = AgreedTime.parse(text)
    if agreed is None or agreed.instant != starts_at or agreed.is_shown(starts_at, zone):
        return None
    return agreed


def _strayed(rows: Iterable[Appointment], zones: dict[UUID, ZoneInfo]) -> Iterator[StrayedVisit]:
    for row in rows:
        zone = zones[row.clinic_id]
        agreed = _has_strayed(row.starts_at, row.wall_time or "", zone)
        if agreed is not None:
            yield StrayedVisit(
                appointment=row,
                agreed=agreed,
                timezone=zone.key,
                shown=row.starts_at.astimezone(zone),
                due=instant(localize(agreed.wall, zone)),
            )


def _by_start(visit: StrayedVisit) -> tuple[datetime, UUID]:
    return visit.appointment.starts_at, visit.appointment.id


async def _put_back(session: AsyncSession, visit: StrayedVisit) -> SlotTaken | InThePast | None:
    row = visit.appointment
    if visit.due <= clock.now():
        return InThePast(visit.due.astimezone(visit.shown.tzinfo))
    by: timedelta = visit.due - row.starts_at
    changes = {
        name: getattr(row, name) + by
        for name in ("starts_at", "ends_at", "occupied_from", "occupied_until")
    }
    expires = row.hold_expires_at
    try:
        await place(
            session,
            row,
            {
                **changes,
                "wall_time": str(AgreedTime.at(visit.due, zone_named(visit.timezone))),
                "hold_expires_at": None if expires is None else min(expires, visit.due),
                "sequence": row.sequence + 1,
            },
        )
    except SlotTaken as taken:
        return taken
    return None
