"""Reads a world with two statements, whatever the number of practitioners and days."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.database.driver import is_postgresql, rows_of
from vetcore.errors import InvalidValue, NotFound
from vetcore.scheduling.errors import ServiceNotOffered
from vetcore.scheduling.queries import busy_arrays, busy_rows, facts_and_busy
from vetcore.scheduling.queries import facts as clinic_facts
from vetcore.scheduling.world import (
    AsBooked,
    Busy,
    LicenceFacts,
    MembershipFacts,
    PetFacts,
    PractitionerFacts,
    RoomFacts,
    World,
)
from vetcore.values.animals import PetStatus, Species
from vetcore.values.calendar import ClinicCalendar
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ClinicStatus, LicenseStatus, Specialty
from vetcore.values.intervals import Span, ceiling, floor
from vetcore.values.people import Role
from vetcore.values.services import PERFORMING, BookingPolicy, ServiceCatalog, ServiceOffering
from vetcore.values.walltime import local_day, require_instant

__all__ = ["ClinicFacts", "load_clinic", "load_world"]

_NOBODY: Final = UUID(int=0)
_MARGIN: Final = timedelta(days=4)
_LONGEST: Final = timedelta(days=1)
"""A CHECK keeps every appointment this short, so an index on its start finds what overlaps."""

_FEW_HOURS: Final = timedelta(hours=6)
"""In so short a window, one statement for all costs less than two for what is free and what is not."""

_MINUTE: Final = timedelta(minutes=1)
_SHORTEST: Final = 5
"""The shortest length that a catalogue may have, in minutes."""

_catalog = lru_cache(maxsize=2048)(ServiceCatalog.model_validate_json)
_policy = lru_cache(maxsize=2048)(BookingPolicy.model_validate_json)


@dataclass(frozen=True, kw_only=True)
class ClinicFacts:
    """A clinic with its staff and rooms, as far as they matter to a stretch of time."""

    clinic_id: UUID
    status: ClinicStatus
    calendar: ClinicCalendar
    catalog: ServiceCatalog
    policy: BookingPolicy
    species_treated: tuple[Species, ...]
    rooms: tuple[tuple[UUID, str], ...]
    """Each with its kind, by name."""
    memberships: Mapping[UUID, Sequence[Sequence[Any]]]
    """The rows of each practitioner's memberships, by practitioner."""
    time_off: Mapping[UUID, Sequence[Span]]
    pets: Sequence[Sequence[Any]]
    """Species, status and weight of the pet that was asked for, if there is one."""
    known: Sequence[Sequence[str]]
    """The clinics and practitioners that have seen the pet, or are going to."""
    accepts_new_patients: bool
    database_now: int
    busy: "_BusyByResource | None" = None
    """When staff, rooms and pet are busy, where that was asked for in the same statement."""

    def offering(self, service: str) -> ServiceOffering:
        """Return the catalogue's offering of the service.

        Raises:
            ServiceNotOffered: the catalogue does not have the service.
        """
        found = self.catalog.get(service)
        if found is None:
            raise ServiceNotOffered(service=service, offered=self.services)
        return found

    @property
    def services(self) -> tuple[str, ...]:
        """The services that the clinic's catalogue has."""
        return tuple(each.service for each in self.catalog)

    def rooms_for(self, offering: ServiceOffering, wanted: UUID | None = None) -> list[UUID]:
        """Return the rooms of the kind that the service needs, or only ``wanted`` if it is set."""
        kind = offering.room_kind
        return [
            room
            for room, its_kind in self.rooms
            if its_kind == kind or (wanted is not None and kind is None)
            if wanted is None or room == wanted
        ]

    def practitioner(self, key: UUID, busy: Busy = ()) -> PractitionerFacts:
        """Return somebody who has a membership here."""
        several = self.memberships[key]
        _, status, expires_on, specialties, treated, new, *_ = several[0]
        is_veterinarian = status is not None
        return PractitionerFacts(
            id=key,
            licence=LicenceFacts(LicenseStatus(status), _date_or_none(expires_on))
            if is_veterinarian
            else None,
            specialties=_specialties(specialties) if is_veterinarian else (),
            species_treated=_species(treated) if is_veterinarian else (),
            accepts_new_patients=bool(new) if is_veterinarian else True,
            memberships=tuple(
                MembershipFacts(
                    Role(role),
                    _date(starts_on),
                    _date_or_none(ends_on),
                    self.calendar.same_place(text) if text else None,
                )
                for *_, role, starts_on, ends_on, text in several
            ),
            time_off=self.time_off.get(key, ()),
            busy=busy,
        )

    def world(self, *, start: int, end: int, **facts: Any) -> World:
        """Return the world of one question about the clinic."""
        now = clock.now()
        return World(
            clinic_id=self.clinic_id,
            calendar=self.calendar,
            status=self.status,
            species_treated=self.species_treated,
            accepts_new_patients=self.accepts_new_patients,
            policy=self.policy,
            start=start,
            end=end,
            now=ceiling(now),
            today=local_day(floor(now), self.calendar.zone),
            database_now=self.database_now,
            **facts,
        )


async def load_clinic(  # noqa: PLR0913
    session: ReadSession,
    *,
    clinic_id: UUID,
    start: datetime,
    end: datetime,
    practitioner_id: UUID | None = None,
    pet_id: UUID | None = None,
    without: UUID | None = None,
    with_busy: bool = False,
) -> ClinicFacts:
    """Return the facts of a clinic that matter to starts in ``[start, end)``, in one statement.

    Args:
        session: for reading.
        clinic_id: the clinic.
        start: the first start that matters.
        end: the first that does not.
        practitioner_id: leave out all but this person.
        pet_id: the pet to be seen.
        without: an appointment that does not count, of those that occupy.
        with_busy: also when each resource is busy, which suits a window of hours.

    Raises:
        NotFound: there is no such clinic.
        InvalidValue: ``start`` or ``end`` is naive or out of range.
    """
    require_instant(start, field="start")
    require_instant(end, field="end")
    given = _parameters(clinic_id, start, end, pet_id)
    given |= {"practitioner": practitioner_id, "except_for": without or _NOBODY}
    found = await rows_of(session, facts_and_busy() if with_busy else clinic_facts(), given)
    if not found:
        raise NotFound(entity="clinic", key=clinic_id)
    status, zone, hours, address, part, services, policy, treated, new, database_now, *details = (
        found[0]
    )
    closures, rooms, memberships, time_off, pets, known, *taken = (
        json.loads(each or "[]") for each in details
    )
    calendar = ClinicCalendar.of(hours, zone, json.loads(address)["country"], part)
    for first, last, text in closures:
        calendar = calendar.but(_date(first), _date(last), text)
    held: dict[UUID, list[Sequence[Any]]] = {}
    for membership in memberships:
        held.setdefault(UUID(membership[0]), []).append(membership)
    away: dict[UUID, list[Span]] = {}
    for identity, since, until in time_off:
        away.setdefault(UUID(identity), []).append(Span(since, until))
    return ClinicFacts(
        clinic_id=clinic_id,
        status=ClinicStatus(status),
        calendar=calendar,
        catalog=_catalog(services),
        policy=_policy(policy),
        species_treated=_species(treated),
        rooms=tuple((UUID(identity), kind) for identity, kind in rooms),
        memberships={key: held[key] for key in sorted(held)},
        time_off={key: sorted(spans) for key, spans in away.items()},
        pets=pets,
        known=known,
        accepts_new_patients=bool(new),
        database_now=database_now,
        busy=_by_resource(taken[0]) if taken else None,
    )


def _by_resource(rows: Sequence[tuple[str, str, int, int]]) -> "_BusyByResource":
    spans: dict[tuple[str, UUID], list[tuple[int, int]]] = {}
    for resource, identity, since, until in rows:
        spans.setdefault((resource, UUID(identity)), []).append((since, until))
    return spans


def _parameters(
    clinic_id: UUID, start: datetime, end: datetime, pet_id: UUID | None
) -> dict[str, Any]:
    since, until = start - _LONGEST, end + 2 * _LONGEST
    return {
        "clinic": clinic_id,
        "pet": pet_id or _NOBODY,
        "since": since,
        "until": until,
        "reach": since - _LONGEST,
        "first": (start - _MARGIN).date(),
        "last": (end + _MARGIN).date(),
    }


async def load_world(  # noqa: PLR0913
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
    room_id: UUID | None = None,
    duration: timedelta | None = None,
    without: UUID | None = None,
    as_booked: AsBooked | None = None,
) -> World:
    """Return all that matters to starts in ``[start, end)``.

    Args:
        session: for reading.
        clinic_id: the clinic.
        service: what is to be done.
        start: the first start that matters.
        end: the first that does not.
        by: in what capacity it is asked for: owners book what is ``online_bookable``.
        practitioner_id: leave out all but this person.
        pet_id: the pet to be seen; its own appointments count.
        species: of a pet that is not known yet.
        room_id: in this room of the clinic, whether the service needs one or not.
        duration: in place of the one in the clinic's catalogue.
        without: an appointment that does not count, since it is the one to be moved.
        as_booked: its length and buffers, in place of the catalogue's, of what is booked already;
            ``room_id`` is then the room that it has, or None if it has none.

    Raises:
        NotFound: there is no such clinic or pet.
        ServiceNotOffered: the clinic does not have the service in its catalogue; of what is booked
            already, the world says so.
        InvalidValue: the duration is no whole number of minutes, or more than a day with buffers;
            or a datetime is naive or out of range.
    """
    facts = await load_clinic(
        session,
        clinic_id=clinic_id,
        start=start,
        end=end,
        practitioner_id=practitioner_id,
        pet_id=pet_id,
        without=without,
        with_busy=end - start <= _FEW_HOURS,
    )
    offering, instead = facts.catalog.get(service), None
    if offering is None and as_booked is not None:
        instead = facts.services
        offering = ServiceOffering(
            service=service,
            kind=as_booked.kind,
            duration_minutes=_SHORTEST,
            performed_by=tuple(PERFORMING),
        )
    if offering is None:
        raise ServiceNotOffered(service=service, offered=facts.services)
    if as_booked is not None:
        offering = offering.model_copy(
            update={
                "duration_minutes": as_booked.duration,
                "durations": (),
                "buffer_before_minutes": as_booked.before,
                "buffer_after_minutes": as_booked.after,
            }
        )
    needs_room = room_id is not None or (as_booked is None and offering.room_kind is not None)
    wanted = facts.rooms_for(offering, room_id)
    if as_booked is not None:
        # In the room that it has, whatever kind the catalogue asks for by now.
        wanted = [room for room, _ in facts.rooms if room == room_id]
    busy = facts.busy
    if busy is None:
        given = _parameters(clinic_id, start, end, pet_id)
        given |= {
            "except_for": without or _NOBODY,
            "people": list(facts.memberships),
            "rooms": wanted,
        }
        busy = await _busy_spans(session, given)
    pet: PetFacts | None = None
    if pet_id is not None:
        if not facts.pets:
            raise NotFound(entity="pet", key=pet_id)
        its_species, state, weight = facts.pets[0]
        pet = PetFacts(
            pet_id,
            Species(its_species),
            PetStatus(state),
            busy.get(("pet", pet_id), ()),
            weight_kg=None if weight is None else Decimal(weight).scaleb(-4),
            seen_here=any(UUID(place) == clinic_id for place, _ in facts.known),
            seen_by=frozenset(UUID(person) for _, person in facts.known),
        )
    usual = offering.minutes_for(pet.species if pet else species, pet.weight_kg if pet else None)
    staff = [
        facts.practitioner(key, busy.get(("practitioner", key), ())) for key in facts.memberships
    ]
    practitioners = [who for each in staff if (who := each.performing(offering)) is not None]
    return facts.world(
        start=ceiling(start),
        end=ceiling(end),
        offering=offering,
        offered_instead=instead,
        duration=_minutes(offering, duration, usual) * 60,
        practitioners=tuple(practitioners),
        others=frozenset(facts.memberships).difference(who.id for who in practitioners),
        rooms=tuple(RoomFacts(room, busy.get(("room", room), ())) for room in wanted),
        pet=pet,
        species=pet.species if pet else species,
        needs_room=needs_room,
        by=by,
    )


def _minutes(offering: ServiceOffering, duration: timedelta | None, usual: int) -> int:
    chosen = usual * _MINUTE if duration is None else duration
    longest = _LONGEST - offering.buffer_before - offering.buffer_after
    if chosen % _MINUTE or not timedelta() < chosen <= longest:
        raise InvalidValue(
            field="duration",
            rule="must be whole minutes, and a day at most with its buffers",
            expected=f"between 1 and {longest // _MINUTE} minutes",
            value=chosen,
        )
    return chosen // _MINUTE


_BusyByResource = Mapping[tuple[str, UUID], Busy]


async def _busy_spans(session: ReadSession, parameters: Mapping[str, Any]) -> _BusyByResource:
    if isinstance(session, AsyncSession) and is_postgresql(session):
        rows = await rows_of(session, busy_arrays(), parameters)
        return {
            (resource, identity): list(zip(since, until, strict=True))
            for resource, identity, since, until in rows
        }
    spans: dict[tuple[str, UUID], list[tuple[int, int]]] = {}
    for resource, identity, since, until in await rows_of(session, busy_rows(), parameters):
        spans.setdefault((resource, identity), []).append((since, until))
    return spans


@lru_cache(maxsize=1024)
def _specialties(text: str) -> tuple[Specialty, ...]:
    return tuple(map(Specialty, json.loads(text)))


@lru_cache(maxsize=1024)
def _species(text: str) -> tuple[Species, ...]:
    return tuple(map(Species, json.loads(text)))


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _date_or_none(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
