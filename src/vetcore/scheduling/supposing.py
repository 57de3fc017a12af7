"""Changes of a clinic's timetable that are supposed and not made: pure functions of what was read.

Each takes the facts of a clinic as they are and returns them as they would be read after the change.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import chain
from typing import Any, Protocol
from uuid import UUID

from vetcore.models import TimeOff, Veterinarian
from vetcore.scheduling.assisting import assistants_of
from vetcore.scheduling.clinic_facts import ClinicFacts
from vetcore.scheduling.facts import (
    BlockFacts,
    LicenceFacts,
    MembershipFacts,
    PractitionerFacts,
)
from vetcore.scheduling.world import World
from vetcore.values.address import Address
from vetcore.values.animals import Species
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.calendar import ClinicCalendar, DatedException
from vetcore.values.clinics import ClinicStatus
from vetcore.values.intervals import Span, ceiling, floor
from vetcore.values.people import Role
from vetcore.values.services import ServiceCatalog

__all__ = [
    "Absence",
    "Block",
    "Closure",
    "Membership",
    "Supposed",
    "Terms",
    "as_supposed",
    "with_absence",
    "with_block",
    "with_closure",
    "with_membership",
    "with_terms",
    "without_equipment",
    "without_room",
]

Supposed = Callable[[ClinicFacts], ClinicFacts]
"""A change that is supposed."""


class Terms(Protocol):
    """What a clinic says about when and what can be booked, as its row has it."""

    status: ClinicStatus
    opening_hours: str
    timezone: str
    address: Address
    subdivision: str | None
    services: ServiceCatalog
    booking_policy: BookingPolicy
    species_treated: tuple[Species, ...]
    accepts_new_patients: bool


class Closure(Protocol):
    """A closure, as its row has it."""

    first_on: date
    last_on: date
    opening_hours: str | None


class Block(Protocol):
    """A block, as its row has it."""

    practitioner_id: UUID | None
    room_id: UUID | None
    label: str
    first_on: date
    last_on: date | None
    hours: str


class Absence(Protocol):
    """Time off, as its row has it."""

    starts_at: datetime
    ends_at: datetime


class Membership(Protocol):
    """A membership, as its row has it."""

    user_id: UUID
    role: Role
    starts_on: date
    ends_on: date | None
    working_hours: str | None


def with_terms(clinic: Terms) -> Supposed:
    """Suppose that a clinic's own row is this one."""

    def supposed(facts: ClinicFacts) -> ClinicFacts:
        week = ClinicCalendar.of(
            clinic.opening_hours, clinic.timezone, clinic.address.country, clinic.subdivision
        )
        return replace(
            facts,
            status=clinic.status,
            calendar=_but(week, facts.calendar.exceptions),
            catalog=clinic.services,
            policy=clinic.booking_policy,
            species_treated=clinic.species_treated,
            accepts_new_patients=clinic.accepts_new_patients,
        )

    return supposed


def _but(week: ClinicCalendar, exceptions: Iterable[DatedException]) -> ClinicCalendar:
    """The week with these exceptions. Their hours are read anew, in the week's zone."""
    for each in exceptions:
        hours = None if each.hours is None else each.hours.text
        week = week.but(each.first_on, each.last_on, hours, each.reason)
    return week


def with_closure(before: Closure | None, after: Closure | None) -> Supposed:
    """Suppose one closure in place of another. None in place of either means that there is none."""

    def supposed(facts: ClinicFacts) -> ClinicFacts:
        calendar = facts.calendar
        exceptions = list(calendar.exceptions)
        if before is not None:
            hours = before.opening_hours
            gone = _times(before.first_on, before.last_on, hours and calendar.same_place(hours))
            same = (each for each in exceptions if _times_of(each) == gone)
            if (found := next(same, None)) is not None:
                exceptions.remove(found)
        calendar = replace(calendar, exceptions=tuple(exceptions))
        if after is not None:
            calendar = calendar.but(after.first_on, after.last_on, after.opening_hours)
        return replace(facts, calendar=calendar)

    return supposed


def _times(first_on: date, last_on: date, hours: Any) -> tuple[date, date, str | None]:
    return first_on, last_on, None if hours is None else hours.text


def _times_of(exception: DatedException) -> tuple[date, date, str | None]:
    return _times(exception.first_on, exception.last_on, exception.hours)


def with_block(before: Block | None, after: Block | None) -> Supposed:
    """Suppose one block in place of another. None in place of either means that there is none."""

    def supposed(facts: ClinicFacts) -> ClinicFacts:
        blocks = list(facts.blocks)
        if before is not None and (gone := BlockFacts.of(before)) in blocks:
            blocks.remove(gone)
        if after is not None:
            blocks.append(BlockFacts.of(after))
        return replace(facts, blocks=tuple(blocks))

    return supposed


def with_absence(who: UUID, before: Absence | None, after: Absence | None) -> Supposed:
    """Suppose one absence of somebody in place of another."""

    def supposed(facts: ClinicFacts) -> ClinicFacts:
        person = facts.people.get(who)
        if person is None:
            return facts
        spans = list(person.time_off)
        if before is not None and (gone := _span(before)) in spans:
            spans.remove(gone)
        if after is not None:
            spans.append(_span(after))
        return _with_person(facts, replace(person, time_off=sorted(spans), rota=None))

    return supposed


def _span(absence: Absence | TimeOff) -> Span:
    return Span(floor(absence.starts_at), ceiling(absence.ends_at))


def _with_person(facts: ClinicFacts, person: PractitionerFacts) -> ClinicFacts:
    """The clinic with the person as they would be; without a membership they are not of its staff."""
    people = {**facts.people, person.id: person}
    if not person.memberships:
        del people[person.id]
    return replace(facts, people={key: people[key] for key in sorted(people)})


def with_membership(
    vet: Veterinarian | None,
    before: Membership,
    after: Membership | None,
    absences: Iterable[TimeOff] = (),
) -> Supposed:
    """Suppose one membership of somebody at the clinic in place of another.

    Args:
        vet: what makes the person a veterinarian; None for everybody else.
        before: the membership as it is.
        after: as it would be; None if it would be gone.
        absences: the person's time off to come, which is not read of who has no membership.
    """
    who, away = before.user_id, sorted(map(_span, absences))

    def supposed(facts: ClinicFacts) -> ClinicFacts:
        person = facts.people.get(who) or _somebody(who, vet, away)
        # Nobody has two memberships at one clinic that begin on one day.
        held = [each for each in person.memberships if each.starts_on != before.starts_on]
        if after is not None:
            hours = after.working_hours
            there = facts.calendar.same_place(hours) if hours else None
            held.append(MembershipFacts(after.role, after.starts_on, after.ends_on, there))
        return _with_person(facts, replace(person, memberships=tuple(held)))

    return supposed


def _somebody(who: UUID, vet: Veterinarian | None, away: Sequence[Span]) -> PractitionerFacts:
    """Somebody who has no membership here in these days."""
    if vet is None:
        return PractitionerFacts(id=who, memberships=(), time_off=away)
    return PractitionerFacts(
        id=who,
        memberships=(),
        licence=LicenceFacts(vet.license_status, vet.license_expires_on),
        specialties=vet.specializations,
        species_treated=vet.species_treated,
        time_off=away,
        accepts_new_patients=vet.accepts_new_patients,
    )


def without_room(room_id: UUID) -> Supposed:
    """Suppose that a room is gone."""

    def supposed(facts: ClinicFacts) -> ClinicFacts:
        rooms = tuple(each for each in facts.rooms if each[0] != room_id)
        return replace(facts, rooms=rooms)

    return supposed


def without_equipment(equipment_id: UUID) -> Supposed:
    """Suppose that a piece of equipment is gone."""

    def supposed(facts: ClinicFacts) -> ClinicFacts:
        pieces = tuple(each for each in facts.equipment if each[0] != equipment_id)
        return replace(facts, equipment=pieces)

    return supposed


def as_supposed(world: World, facts: ClinicFacts, *, own_length: bool) -> World | None:
    """Return a world with another timetable, or None where the service is not offered in it.

    Args:
        world: as it was read.
        facts: the clinic's, after the change.
        own_length: whether the appointment keeps the length that it has.
    """
    offering = facts.catalog.get(world.offering.service)
    if offering is None:
        return None
    duration = world.duration
    if not own_length:
        weight = None if world.pet is None else world.pet.weight_kg
        duration = offering.minutes_for(world.species, weight) * 60
    everybody = chain(world.practitioners, *world.assistants)
    busy = {each.id: each.busy for each in everybody}
    in_use = {each.id: each.busy for some in world.equipment for each in some}
    # Of others it was not read when they are busy.
    people = [replace(each, busy=busy[key]) for key, each in facts.people.items() if key in busy]
    known = tuple(who for each in people if (who := each.performing(offering)) is not None)
    rooms = facts.rooms_for(offering)
    return facts.world(
        start=world.start,
        end=world.end,
        offering=offering,
        duration=duration,
        practitioners=known,
        others=frozenset(facts.people).difference(each.id for each in known),
        rooms=tuple(each for each in world.rooms if each.id in rooms),
        pet=world.pet,
        species=world.species,
        needs_room=offering.room_kind is not None,
        by=world.by,
        new_patient=world.new_patient,
        groups=world.groups,
        kept=world.kept,
        assistants=assistants_of(offering, people),
        equipment=facts.pieces_for(offering, in_use),
    )
