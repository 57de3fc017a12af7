"""A day at a clinic: who works when, which visits they have, and what is free."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select

from vetcore.database import ReadSession
from vetcore.errors import NotFound
from vetcore.models import (
    Appointment,
    Clinic,
    Room,
    StaffMembership,
    User,
    Veterinarian,
)
from vetcore.scheduling.day_beside import BesideTheVisits, beside_the_visits
from vetcore.scheduling.day_rows import (
    REACH,
    absences_between,
    blocks_between,
    closures_between,
    day_blocks,
    day_visit,
    lasting,
    memberships_in,
    occupied,
    visits_between,
)
from vetcore.scheduling.facts import PractitionerFacts
from vetcore.scheduling.sheets import DayBlock, DaySheet, PractitionerDay, RoomDay
from vetcore.scheduling.world import Timetable
from vetcore.values.calendar import ClinicCalendar
from vetcore.values.dates import require_day
from vetcore.values.intervals import Interval, Span, ceiling, clip, floor, instant, merge, subtract
from vetcore.values.services import PERFORMING
from vetcore.values.walltime import midnight, zone_named

__all__ = ["day_sheet"]

_DAY = timedelta(days=1)


async def day_sheet(session: ReadSession, *, clinic_id: UUID, day: date) -> DaySheet:
    """Return who works at the clinic on a local day, with which visits, and what is free.

    An overnight span or visit appears on both days, on each with its part. Holds that have run
    out, cancelled appointments and no-shows occupy nothing and are left out.

    Args:
        session: for reading.
        clinic_id: the clinic.
        day: in the clinic's time zone.

    Raises:
        NotFound: there is no such clinic.
        InvalidValue: the day is out of range.
    """
    require_day(day, field="day")
    clinic = await session.get(Clinic, clinic_id)
    if clinic is None:
        raise NotFound(entity="clinic", key=clinic_id)
    zone = zone_named(clinic.timezone)
    window = Span(midnight(day, zone), midnight(day + _DAY, zone))
    calendar = clinic.calendar(await closures_between(session, [clinic_id], day - _DAY, day + _DAY))
    kept_free = await blocks_between(session, [clinic_id], day - REACH, day)
    blocks = day_blocks(kept_free, calendar, window)
    people = await _people(session, clinic_id, day)
    here = Appointment.clinic_id == clinic_id
    theirs = Appointment.practitioner_id.in_(list(people))
    rows = await visits_between(session, or_(here, theirs), window)
    absences = await absences_between(session, people.keys(), window)
    people |= await _others(
        session, {row.practitioner_id for row in rows if row.clinic_id == clinic_id} - people.keys()
    )
    beside = await beside_the_visits(session, clinic_id, people.keys(), window)
    table = _Day(calendar, clinic_id, day, window, people, absences, rows, blocks, beside)
    exception = calendar.exception_on(day)
    rooms = await session.scalars(
        select(Room).where(Room.clinic_id == clinic_id).order_by(Room.name, Room.id)
    )
    return DaySheet(
        clinic_id=clinic_id,
        day=day,
        timezone=clinic.timezone,
        open=table.clipped(table.facts.open),
        exception_reason=None if exception is None else exception.reason,
        practitioners=table.practitioners(),
        rooms=tuple(map(table.room, rooms)),
    )


class _Person(NamedTuple):
    name: str
    veterinarian: Veterinarian | None
    memberships: list[StaffMembership]


async def _people(session: ReadSession, clinic_id: UUID, day: date) -> dict[UUID, _Person]:
    """The practitioners who have a membership whose spans may reach into the day."""
    membership = StaffMembership
    found = await session.execute(
        select(User.id, User.first_name, User.last_name, Veterinarian, membership)
        .join(User, User.id == membership.user_id)
        .outerjoin(Veterinarian, Veterinarian.user_id == User.id)
        .where(
            membership.clinic_id == clinic_id,
            membership.starts_on <= day,
            or_(membership.ends_on.is_(None), membership.ends_on >= day - _DAY),
            or_(membership.role.in_(PERFORMING), Veterinarian.id.is_not(None)),
        )
    )
    people: dict[UUID, _Person] = {}
    for key, first, last, vet, held in found:
        one = people.setdefault(key, _Person(f"{first} {last}".strip(), vet, []))
        one.memberships.append(held)
    return people


async def _others(session: ReadSession, wanted: set[UUID]) -> dict[UUID, _Person]:
    """Those with a visit but without a membership: it may have ended since, or they may be gone."""
    if not wanted:
        return {}
    found = await session.execute(
        select(User.id, User.first_name, User.last_name).where(User.id.in_(wanted)),
        execution_options={"include_deleted": True},
    )
    return {key: _Person(f"{first} {last}".strip(), None, []) for key, first, last in found}


class _Day:
    """The day in seconds since 1970."""

    def __init__(  # noqa: PLR0913, PLR0917 -- what the statements found, in their order
        self,
        calendar: ClinicCalendar,
        clinic_id: UUID,
        day: date,
        window: Span,
        people: Mapping[UUID, _Person],
        absences: Mapping[UUID, list[Span]],
        rows: Sequence[Any],
        blocks: Sequence[DayBlock],
        beside: BesideTheVisits,
    ) -> None:
        self._window = window
        self._day = day
        self._people = people
        self._absences = absences
        self._blocks = blocks
        self._clinic_id = clinic_id
        self._beside = beside
        self._here = [day_visit(row, beside) for row in rows if row.clinic_id == clinic_id]
        self._elsewhere = [row for row in rows if row.clinic_id != clinic_id]
        self.facts = Timetable(
            clinic_id=clinic_id,
            calendar=calendar,
            practitioners=tuple(self._facts_of(key, calendar) for key in people),
            start=window.start,
            end=window.end,
        )

    def _facts_of(self, key: UUID, calendar: ClinicCalendar) -> PractitionerFacts:
        person = self._people[key]
        return PractitionerFacts(
            id=key,
            memberships=memberships_in(person.memberships, calendar),
            time_off=merge(self._absences.get(key, ())),
        )

    def clipped(self, spans: Iterable[tuple[int, int]]) -> tuple[Interval, ...]:
        """The parts within the day, as instants."""
        parts = clip(spans, *self._window)
        return tuple(Interval(instant(start), instant(end)) for start, end in parts)

    def practitioners(self) -> tuple[PractitionerDay, ...]:
        """By name."""
        every = map(self._practitioner, self.facts.practitioners)
        return tuple(sorted(every, key=lambda each: (each.name, each.id)))

    def _practitioner(self, person: PractitionerFacts) -> PractitionerDay:
        visits = tuple(each for each in self._here if each.practitioner_id == person.id)
        assisted = self._beside.assisted(person.id)
        assisting = tuple(each for each in self._here if each.appointment_id in assisted)
        elsewhere = merge(
            [
                *(
                    Span(floor(row.occupied_from), ceiling(row.occupied_until))
                    for row in self._elsewhere
                    if row.practitioner_id == person.id
                ),
                *self._beside.elsewhere(person.id, self._clinic_id),
            ]
        )
        working = self.facts.on_duty(person)
        vet = self._people[person.id].veterinarian
        licensed = vet is None or vet.is_licensed_on(self._day)
        blocks = self._blocks_of(practitioner_id=person.id)
        taken = merge([*occupied((*visits, *assisting)), *elsewhere, *lasting(blocks)])
        free = subtract(working, taken) if licensed else []
        return PractitionerDay(
            id=person.id,
            name=self._people[person.id].name,
            working=self.clipped(working),
            away=self.clipped(person.time_off),
            elsewhere=self.clipped(elsewhere),
            free=self.clipped(free),
            visits=visits,
            blocks=blocks,
            assisting=assisting,
        )

    def _blocks_of(
        self, *, practitioner_id: UUID | None = None, room_id: UUID | None = None
    ) -> tuple[DayBlock, ...]:
        """Those of a person or a room, and those of everybody at the clinic."""
        whose = {(None, None), (practitioner_id, room_id)}
        return tuple(each for each in self._blocks if (each.practitioner_id, each.room_id) in whose)

    def room(self, room: Room) -> RoomDay:
        """The day of a room."""
        visits = tuple(each for each in self._here if each.room_id == room.id)
        blocks = self._blocks_of(room_id=room.id)
        free = subtract(self.facts.open, merge([*occupied(visits), *lasting(blocks)]))
        return RoomDay(room.id, room.name, room.kind, self.clipped(free), visits, blocks)
