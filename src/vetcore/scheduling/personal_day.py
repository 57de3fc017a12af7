"""A practitioner's day at all clinics where they work: duty, visits, time off, and what is free."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select

from vetcore.database import ReadSession
from vetcore.errors import NotFound
from vetcore.models import Appointment, Clinic, Room, StaffMembership, User, Veterinarian
from vetcore.scheduling.day_beside import BesideTheVisits, assists_at, beside_some
from vetcore.scheduling.day_rows import (
    REACH,
    absences_between,
    blocks_between,
    closures_between,
    day_blocks,
    day_visit,
    lasting,
    memberships_in,
    visits_between,
)
from vetcore.scheduling.facts import PractitionerFacts
from vetcore.scheduling.sheets import ClinicDuty, ClinicVisit, DayBlock, PersonalDay
from vetcore.scheduling.world import Timetable
from vetcore.values.calendar import ClinicCalendar
from vetcore.values.clinics import LicenseStatus
from vetcore.values.dates import FIRST_DAY, require_day
from vetcore.values.intervals import Interval, Span, ceiling, clip, floor, instant, merge, subtract
from vetcore.values.walltime import local_day, midnight, zone_named

__all__ = ["practitioner_day"]

_DAY: Final = timedelta(days=1)
_EVERYTHING: Final = {"include_deleted": True}


async def practitioner_day(
    session: ReadSession,
    *,
    practitioner_id: UUID,
    day: date,
    timezone: str | None = None,
    tells: Callable[[UUID], bool] | None = None,
) -> PersonalDay:
    """Return one person's day at all clinics where they hold a membership. No permission is checked.

    An overnight span or visit appears on both days: a span with its part, a visit as a whole. Holds
    that have run out, cancelled appointments and no-shows occupy nothing and are left out. The number
    of statements does not depend on the number of clinics.

    Args:
        session: for reading.
        practitioner_id: the person, a user.
        day: by the calendar of ``timezone``.
        timezone: IANA name; the person's own if none is given.
        tells: of which clinics duty, blocks and visits are told, by the clinic's id; of others it is
            only told when the person is occupied there. None means of all.

    Raises:
        NotFound: there is no such person.
        InvalidValue: the day is out of range, or the time zone is not known.
    """
    require_day(day, field="day")
    user = await session.get(User, practitioner_id)
    if user is None:
        raise NotFound(entity="practitioner", key=practitioner_id)
    zone = zone_named(user.timezone if timezone is None else timezone)
    window = Span(midnight(day, zone), midnight(day + _DAY, zone))
    told = tells or _of_all
    theirs = or_(Appointment.practitioner_id == practitioner_id, assists_at(practitioner_id))
    rows = await visits_between(session, theirs, window)
    absences = await absences_between(session, [practitioner_id], window)
    person = _Person(
        practitioner_id,
        merge(absences.get(practitioner_id, ())),
        merge((floor(row.occupied_from), ceiling(row.occupied_until)) for row in rows),
        await session.scalar(select(Veterinarian).where(Veterinarian.user_id == practitioner_id)),
    )
    shown = [row for row in rows if told(row.clinic_id)]
    hidden = merge(
        (floor(row.occupied_from), ceiling(row.occupied_until))
        for row in rows
        if not told(row.clinic_id)
    )
    duties = await _duties(session, person, window, told)
    return PersonalDay(
        practitioner_id=practitioner_id,
        name=f"{user.first_name} {user.last_name}".strip(),
        day=day,
        timezone=zone.key,
        clinics=tuple(sorted(duties, key=lambda each: (each.clinic_name, each.clinic_id))),
        visits=await _named(session, shown),
        away=_clipped(person.away, window),
        elsewhere=_clipped(hidden, window),
    )


def _of_all(_clinic_id: UUID) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class _Person:
    id: UUID
    away: Sequence[Span]
    occupied: Sequence[Span]
    """With buffers, at whatever clinic."""
    veterinarian: Veterinarian | None


async def _duties(
    session: ReadSession, person: _Person, window: Span, told: Callable[[UUID], bool]
) -> list[ClinicDuty]:
    """What the person does at each clinic where they hold a membership on the day."""
    # Local days anywhere that have a part in the window, and those whose spans may reach into it.
    last = local_day(window.end, zone_named("UTC")) + _DAY
    first = last - REACH - 3 * _DAY if last - FIRST_DAY > REACH + 3 * _DAY else FIRST_DAY
    held = await session.execute(
        select(Clinic, StaffMembership)
        .join(StaffMembership, StaffMembership.clinic_id == Clinic.id)
        .where(
            StaffMembership.user_id == person.id,
            StaffMembership.starts_on <= last,
            or_(StaffMembership.ends_on.is_(None), StaffMembership.ends_on >= first),
        )
    )
    memberships: dict[UUID, list[StaffMembership]] = {}
    clinics: dict[UUID, Clinic] = {}
    for clinic, membership in held:
        if told(clinic.id):
            clinics[clinic.id] = clinic
            memberships.setdefault(clinic.id, []).append(membership)
    closures = _by_clinic(await closures_between(session, clinics, first, last))
    blocks = _by_clinic(await blocks_between(session, clinics, first, last))
    found = (
        _duty(
            person,
            clinic,
            clinic.calendar(closures.get(key, ())),
            memberships[key],
            blocks.get(key, ()),
            window,
        )
        for key, clinic in clinics.items()
    )
    return [each for each in found if each is not None]


def _by_clinic(rows: Iterable[Any]) -> Mapping[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.clinic_id, []).append(row)
    return found


def _duty(  # noqa: PLR0913, PLR0917
    person: _Person,
    clinic: Clinic,
    calendar: ClinicCalendar,
    memberships: Iterable[StaffMembership],
    blocks: Iterable[Any],
    window: Span,
) -> ClinicDuty | None:
    """What the person does at a clinic; None where no membership holds on the day."""
    facts = PractitionerFacts(
        id=person.id, memberships=memberships_in(memberships, calendar), time_off=person.away
    )
    table = Timetable(
        clinic_id=clinic.id,
        calendar=calendar,
        practitioners=(facts,),
        start=window.start,
        end=window.end,
    )
    working = clip(table.on_duty(facts), *window)
    days = local_day(window.start, calendar.zone), local_day(window.end - 1, calendar.zone)
    if not working and not any(each.holds_on(day) for each in facts.memberships for day in days):
        return None
    kept_free: list[DayBlock] = [
        each
        for each in day_blocks(blocks, calendar, window)
        if each.room_id is None and each.practitioner_id in {None, person.id}
    ]
    taken = merge([*person.occupied, *lasting(kept_free)])
    free = subtract(clip(working, *_licensed(person, calendar, window)), taken)
    return ClinicDuty(
        clinic_id=clinic.id,
        clinic_name=clinic.name,
        timezone=clinic.timezone,
        working=_clipped(working, window),
        blocks=tuple(kept_free),
        free=_clipped(free, window),
    )


def _licensed(person: _Person, calendar: ClinicCalendar, window: Span) -> Span:
    """The part of the window in which a licence is good, by the clinic's days; all without one."""
    vet = person.veterinarian
    if vet is None:
        return window
    if vet.license_status is not LicenseStatus.ACTIVE:
        return Span(window.start, window.start)
    if vet.license_expires_on is None:
        return window
    return Span(window.start, midnight(vet.license_expires_on + _DAY, calendar.zone))


async def _named(session: ReadSession, rows: Sequence[Any]) -> tuple[ClinicVisit, ...]:
    """The visits with the names of their clinics and rooms, though these be deleted by now."""
    clinics = await _names(session, Clinic, {row.clinic_id for row in rows})
    rooms = await _names(session, Room, {row.room_id for row in rows} - {None})
    keys = [row.id for row in rows]
    beside = await beside_some(session, keys) if keys else BesideTheVisits(())
    return tuple(
        ClinicVisit(
            row.clinic_id,
            clinics[row.clinic_id],
            None if row.room_id is None else rooms[row.room_id],
            day_visit(row, beside),
        )
        for row in rows
    )


async def _names(
    session: ReadSession, entity: type[Clinic] | type[Room], keys: Collection[UUID]
) -> Mapping[UUID, str]:
    if not keys:
        return {}
    found = await session.execute(
        select(entity.id, entity.name).where(entity.id.in_(keys)), execution_options=_EVERYTHING
    )
    return {row.id: row.name for row in found}


def _clipped(spans: Iterable[tuple[int, int]], window: Span) -> tuple[Interval, ...]:
    return tuple(Interval(instant(start), instant(end)) for start, end in clip(spans, *window))
