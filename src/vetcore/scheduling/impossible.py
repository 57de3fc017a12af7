"""Finds visits that were booked and can no longer take place, since the calendar has changed.

Time off, a closure, other hours and the end of a membership may be entered over visits that are
booked already. In the same transaction, after the change, ask which visits it made impossible; or
ask before, of a change that is only supposed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.errors import BookingRefused, InvalidValue, NotFound
from vetcore.models import Appointment, Clinic, Entity, Occupation, Pet, User
from vetcore.scheduling.assisting import lacking
from vetcore.scheduling.clinic_facts import ClinicFacts
from vetcore.scheduling.day_beside import assists_at
from vetcore.scheduling.errors import ClinicNotActive, ServiceNotOffered
from vetcore.scheduling.facts import (
    NOTHING,
    EquipmentFacts,
    Means,
    PetFacts,
    PractitionerFacts,
    RoomFacts,
)
from vetcore.scheduling.loading import load_clinic
from vetcore.scheduling.occupying import all_occupied_beside
from vetcore.scheduling.rules import absence, refusals
from vetcore.scheduling.supposing import Supposed
from vetcore.scheduling.taken import occupies_now
from vetcore.values.animals import PetStatus, Species
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.intervals import floor
from vetcore.values.people import Role
from vetcore.values.walltime import local_day, require_instant

__all__ = ["ImpossibleVisit", "Preview", "impossible_visits", "preview"]

_EVERYTHING: Final = {"include_deleted": True}
_REACH: Final = timedelta(days=2)
"""How many days later the span of a day may end: the syntax of hours goes to 48:00."""
_OF_BOOKING_ALONE: Final = frozenset(
    {
        "in_the_past",
        "too_soon",
        "beyond_horizon",
        "off_grid",
        "kept_for_others",
        "not_bookable_online",
        "not_accepting_new_patients",
    }
)
"""Rules for new appointments. They do not bind an appointment that was made already."""


@dataclass(frozen=True, slots=True)
class ImpossibleVisit:
    """A visit to come that could not be booked as things are now."""

    appointment: Appointment
    refusals: tuple[BookingRefused, ...]
    """Each rule that it breaks, as :func:`vetcore.scheduling.book` would say it."""

    @property
    def refusal(self) -> BookingRefused:
        """The first of the refusals, to tell people."""
        return self.refusals[0]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would make impossible, before it is made."""

    impossible: tuple[ImpossibleVisit, ...]
    """What :func:`impossible_visits` would list after the change."""
    already: frozenset[UUID] = frozenset()
    """The appointments among them that are impossible as things are now."""
    elsewhere: int = 0
    """How many more there are, at clinics whose appointments whoever asks may not see."""

    @property
    def new(self) -> tuple[ImpossibleVisit, ...]:
        """Those that only the change makes impossible."""
        return tuple(each for each in self.impossible if each.appointment.id not in self.already)


async def impossible_visits(
    session: ReadSession,
    *,
    clinic_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[ImpossibleVisit]:
    """Return the visits to come that cannot take place any more, by start.

    A visit is judged by the rules of booking, at the length at which it was booked. Notice, horizon,
    the grid of starts, new patients and what owners may book bind new appointments only. A rule that
    staff set aside when they booked the visit stays set aside for it.

    It takes two statements, and one more for each further clinic at which there are visits. It takes
    another one where some of them have assistants or equipment.

    Args:
        session: any; in the transaction of a change, it tells what the change makes impossible.
        clinic_id: at this clinic.
        practitioner_id: that this person performs or assists at, at whatever clinic.
        since: those that start at this instant or later, in place of now.
        until: those that start before this one.

    Raises:
        NotFound: there is no such clinic or practitioner.
        InvalidValue: neither a clinic nor a practitioner is given, or a datetime is naive or out of
            range.
    """
    by_clinic = await _to_come(session, clinic_id, practitioner_id, since, until)
    found: list[ImpossibleVisit] = []
    for place, visits in by_clinic.items():
        found += _impossible(await _facts(session, place, visits), place, visits)
    return sorted(found, key=_by_start)


async def preview(
    session: ReadSession,
    supposed: Supposed,
    *,
    clinic_id: UUID | None = None,
    practitioner_id: UUID | None = None,
) -> Preview:
    """Return what a change would make impossible. Nothing is written.

    The change is made on what was read of the timetable, and the visits are judged as
    :func:`impossible_visits` would judge them after it. No permission is checked.

    Args:
        session: for reading.
        supposed: the change, of :mod:`vetcore.scheduling.supposing`.
        clinic_id: of which clinic the visits are judged.
        practitioner_id: of which practitioner, at whatever clinic.

    Raises:
        NotFound: there is no such clinic or practitioner.
        InvalidValue: neither of them is given, or hours cannot be read.
    """
    by_clinic = await _to_come(session, clinic_id, practitioner_id, None, None)
    found: list[ImpossibleVisit] = []
    already: list[ImpossibleVisit] = []
    for place, visits in by_clinic.items():
        facts = await _facts(session, place, visits)
        already += _impossible(facts, place, visits)
        found += _impossible(None if facts is None else supposed(facts), place, visits)
    return Preview(
        tuple(sorted(found, key=_by_start)),
        frozenset(each.appointment.id for each in already)
        & {each.appointment.id for each in found},
    )


def _by_start(each: ImpossibleVisit) -> tuple[datetime, UUID]:
    return each.appointment.starts_at, each.appointment.id


async def _to_come(
    session: ReadSession,
    clinic_id: UUID | None,
    practitioner_id: UUID | None,
    since: datetime | None,
    until: datetime | None,
) -> "dict[UUID, list[_Visit]]":
    """The visits to come, by clinic, each clinic's by start."""
    if clinic_id is None and practitioner_id is None:
        raise InvalidValue(
            field="clinic_id",
            rule="and practitioner_id must not be left out together",
            expected="one of them, or both",
        )
    begin = clock.now()
    if since is not None:
        begin = max(begin, require_instant(since, field="since"))
    conditions = [Appointment.starts_at >= begin]
    if until is not None:
        conditions.append(Appointment.starts_at < require_instant(until, field="until"))
    if clinic_id is not None:
        conditions.append(Appointment.clinic_id == clinic_id)
    if practitioner_id is not None:
        conditions.append(
            or_(Appointment.practitioner_id == practitioner_id, assists_at(practitioner_id))
        )
    takes_more = select(Occupation.id).where(Occupation.appointment_id == Appointment.id).exists()
    rows = await session.execute(
        select(Appointment, Pet.species, Pet.status, takes_more)
        .join(Pet, Pet.id == Appointment.pet_id)
        .where(Appointment.status.in_(AppointmentStatus.to_come()), occupies_now(), *conditions)
        .order_by(Appointment.starts_at, Appointment.id),
        # A pet's record may have been deleted; its visit is there all the same.
        execution_options=_EVERYTHING,
    )
    by_clinic: dict[UUID, list[_Visit]] = {}
    found = rows.all()
    several = [row[0].id for row in found if row[3]]
    beside = await all_occupied_beside(session, several) if several else {}
    for row in found:
        visit = _Visit(row[0], row[1], row[2], beside.get(row[0].id, NOTHING))
        by_clinic.setdefault(row[0].clinic_id, []).append(visit)
    if not by_clinic:
        await _require(session, Clinic, clinic_id)
        await _require(session, User, practitioner_id)
    return by_clinic


class _Visit(NamedTuple):
    appointment: Appointment
    species: Species
    pet_status: PetStatus
    beside: Means


async def _require(session: ReadSession, entity: type[Entity], key: UUID | None) -> None:
    if key is not None and await session.get(entity, key, execution_options=_EVERYTHING) is None:
        raise NotFound(entity=entity, key=key)


async def _facts(
    session: ReadSession, clinic_id: UUID, visits: Sequence[_Visit]
) -> ClinicFacts | None:
    """What matters to the visits at a clinic; None where the clinic is deleted."""
    first, last = visits[0].appointment.starts_at, visits[-1].appointment.starts_at
    try:
        return await load_clinic(session, clinic_id=clinic_id, start=first, end=last)
    except NotFound:
        return None


def _impossible(
    facts: ClinicFacts | None, clinic_id: UUID, visits: Sequence[_Visit]
) -> list[ImpossibleVisit]:
    if facts is None:
        gone = ClinicNotActive(clinic_id, status="deleted")
        return [ImpossibleVisit(each.appointment, (gone,)) for each in visits]
    judged = (
        ImpossibleVisit(each.appointment, tuple(_broken(facts, facts.people, each)))
        for each in visits
    )
    return [each for each in judged if each.refusals]


def _broken(
    facts: ClinicFacts, practitioners: Mapping[UUID, PractitionerFacts], visit: _Visit
) -> Iterator[BookingRefused]:
    row = visit.appointment
    try:
        offering = facts.offering(row.service)
    except ServiceNotOffered as refused:
        yield refused
        return
    start, rooms = floor(row.starts_at), {room for room, _ in facts.rooms}
    day = local_day(start, facts.calendar.zone)
    # With the memberships of the day, and those whose spans may reach into it: which others were
    # read depends on which other visits there are.
    staff = {
        key: who
        for key, each in practitioners.items()
        if (who := each.within(day - _REACH, day)) is not None
    }
    world = facts.world(
        start=start,
        end=start + 60,
        # What the visit takes, in place of what the catalogue asks for by now.
        offering=offering.model_copy(update=visit.beside.needs),
        duration=(row.ends_at - row.starts_at) // timedelta(seconds=1),
        practitioners=(),
        others=frozenset(staff),
        rooms=() if row.room_id is None or row.room_id not in rooms else (RoomFacts(row.room_id),),
        pet=PetFacts(row.pet_id, visit.species, visit.pet_status),
        species=visit.species,
        needs_room=row.room_id is not None,
        assistants=tuple(_one(staff, *each) for each in visit.beside.assistants),
        equipment=tuple(
            tuple(EquipmentFacts(piece) for known, _ in facts.equipment if known == piece)
            for piece, _ in visit.beside.equipment
        ),
    )
    known = staff.get(row.practitioner_id)
    person = None if known is None else known.performing(offering)
    set_aside = _OF_BOOKING_ALONE.union(row.overrides)
    lacking_alone = lacking(world, None, start) if person is None else ()
    for each in (*refusals(world, person, start), *lacking_alone):
        if each.code not in set_aside:
            yield each
    if person is None:
        yield absence(world, row.practitioner_id, start)


def _one(
    staff: Mapping[UUID, PractitionerFacts], person_id: UUID, as_role: Role
) -> tuple[PractitionerFacts, ...]:
    """The person alone, as they assist in that role; nobody if they cannot."""
    known = staff.get(person_id)
    person = None if known is None else known.assisting(as_role)
    return () if person is None else (person,)
