"""Reads what makes up days: visits, time off, closures and blocks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select

from vetcore.database import ReadSession
from vetcore.models import (
    Appointment,
    ClinicClosure,
    Pet,
    ScheduleBlock,
    StaffMembership,
    TimeOff,
)
from vetcore.scheduling.day_beside import BesideTheVisits
from vetcore.scheduling.facts import BlockFacts, MembershipFacts
from vetcore.scheduling.sheets import DayBlock, DayVisit
from vetcore.scheduling.taken import occupies_now
from vetcore.values.calendar import ClinicCalendar
from vetcore.values.dates import FIRST_DAY
from vetcore.values.intervals import Interval, Span, ceiling, clip, floor, instant, merge
from vetcore.values.walltime import local_day

__all__ = [
    "REACH",
    "absences_between",
    "blocks_between",
    "closures_between",
    "day_blocks",
    "day_visit",
    "lasting",
    "memberships_in",
    "occupied",
    "visits_between",
]

REACH: Final = timedelta(days=3)
"""How many days later a span may end: the syntax goes to 48:00, and a zone may skip a day."""

_LONGEST: Final = timedelta(days=1)
"""A CHECK keeps every appointment this short."""


async def closures_between(
    session: ReadSession, clinic_ids: Collection[UUID], first: date, last: date
) -> Sequence[ClinicClosure]:
    """Return the closures of clinics that hold on some of the local days."""
    found = await session.scalars(
        select(ClinicClosure).where(
            ClinicClosure.clinic_id.in_(clinic_ids),
            ClinicClosure.last_on >= first,
            ClinicClosure.first_on <= last,
        )
    )
    return found.all()


async def blocks_between(
    session: ReadSession, clinic_ids: Collection[UUID], first: date, last: date
) -> Sequence[ScheduleBlock]:
    """Return the blocks of clinics that hold on some of the local days."""
    block = ScheduleBlock
    found = await session.scalars(
        select(block).where(
            block.clinic_id.in_(clinic_ids),
            block.first_on <= last,
            or_(block.last_on.is_(None), block.last_on >= first),
        )
    )
    return found.all()


def day_blocks(
    rows: Iterable[ScheduleBlock], calendar: ClinicCalendar, window: Span
) -> list[DayBlock]:
    """Return the parts of the window that blocks of a clinic keep free, by their start."""
    last = local_day(window.end, calendar.zone)
    first = last - REACH - _LONGEST if last - FIRST_DAY > REACH + _LONGEST else FIRST_DAY
    found = [
        DayBlock(row.id, row.label, instant(start), instant(end), row.practitioner_id, row.room_id)
        for row in rows
        for start, end in clip(merge(BlockFacts.of(row).spans_on(calendar, first, last)), *window)
    ]
    return sorted(found, key=lambda each: (each.start, each.end, each.block_id))


async def visits_between(session: ReadSession, which: Any, window: Span) -> Sequence[Any]:
    """Return what occupies a part of the window, by its start; of some appointments."""
    row = Appointment
    found = await session.execute(
        select(
            row.id,
            row.clinic_id,
            row.starts_at,
            row.ends_at,
            row.occupied_from,
            row.occupied_until,
            row.status,
            row.priority,
            row.service,
            row.service_kind,
            row.squeezed_in,
            row.squeeze_reason,
            row.practitioner_id,
            row.room_id,
            row.pet_id,
            Pet.name,
            row.group_id,
            row.group_place,
            row.group_places,
        )
        .join(Pet, Pet.id == row.pet_id)
        .where(
            which,
            row.occupied_from < instant(window.end),
            row.occupied_from > instant(window.start) - _LONGEST,
            row.occupied_until > instant(window.start),
            occupies_now(),
        )
        .order_by(row.starts_at, row.id),
        # A visit stays on the sheet though its pet's record was deleted.
        execution_options={"include_deleted": True},
    )
    return found.all()


async def absences_between(
    session: ReadSession, people: Iterable[UUID], window: Span
) -> Mapping[UUID, list[Span]]:
    """Return the time off of people that reaches into the window, in no order."""
    found = await session.scalars(
        select(TimeOff).where(
            TimeOff.practitioner_id.in_(list(people)),
            TimeOff.starts_at < instant(window.end),
            TimeOff.ends_at > instant(window.start),
        )
    )
    absences: dict[UUID, list[Span]] = {}
    for each in found:
        span = Span(floor(each.starts_at), ceiling(each.ends_at))
        absences.setdefault(each.practitioner_id, []).append(span)
    return absences


def memberships_in(
    rows: Iterable[StaffMembership], calendar: ClinicCalendar
) -> tuple[MembershipFacts, ...]:
    """Return what is known of memberships at a clinic with that calendar."""
    return tuple(
        MembershipFacts(
            row.role,
            row.starts_on,
            row.ends_on,
            calendar.same_place(row.working_hours) if row.working_hours else None,
        )
        for row in rows
    )


def day_visit(row: Any, beside: BesideTheVisits) -> DayVisit:
    """Return the visit of a row of :func:`visits_between`, with whom and what it takes."""
    return DayVisit(
        appointment_id=row.id,
        start=row.starts_at,
        end=row.ends_at,
        occupied=Interval(row.occupied_from, row.occupied_until),
        status=row.status,
        priority=row.priority,
        service=row.service,
        service_kind=row.service_kind,
        squeezed_in=row.squeezed_in,
        squeeze_reason=row.squeeze_reason,
        practitioner_id=row.practitioner_id,
        room_id=row.room_id,
        pet_id=row.pet_id,
        pet_name=row.name,
        group_id=row.group_id,
        group_place=row.group_place,
        group_places=row.group_places,
        assistants=beside.assistants(row.id),
        equipment=beside.equipment(row.id),
    )


def occupied(visits: Iterable[DayVisit]) -> list[Span]:
    """Return the time that visits occupy with their buffers, in their order."""
    return [Span(floor(each.occupied.start), ceiling(each.occupied.end)) for each in visits]


def lasting(blocks: Iterable[DayBlock]) -> list[Span]:
    """Return the time that blocks keep free, in their order."""
    return [Span(floor(each.start), ceiling(each.end)) for each in blocks]
