"""Reading a world: two statements, whatever the number of veterinarians and days."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.database.driver import is_postgresql
from vetcore.database.statements import rows_of
from vetcore.errors import InvalidValue, NotFound
from vetcore.scheduling.errors import ServiceNotOffered
from vetcore.scheduling.queries import BUSY_ARRAYS, BUSY_ROWS, FACTS
from vetcore.scheduling.world import (
    Busy,
    ClosureFacts,
    PetFacts,
    PostFacts,
    RoomFacts,
    VeterinarianFacts,
    World,
)
from vetcore.values.animals import PetStatus, Species
from vetcore.values.clinics import ClinicStatus, LicenseStatus, ServiceType
from vetcore.values.hours import OpeningHours
from vetcore.values.intervals import Span, ceiling
from vetcore.values.services import BookingPolicy, ServiceCatalog, ServiceOffering

__all__ = ["load_world"]

_NOBODY: Final = UUID(int=0)
_MARGIN: Final = timedelta(days=4)
_LONGEST: Final = timedelta(days=1)
"""A CHECK keeps every appointment this short, so an index on its start finds what overlaps."""

_MINUTE: Final = timedelta(minutes=1)

_catalog = lru_cache(maxsize=2048)(ServiceCatalog.model_validate_json)
_policy = lru_cache(maxsize=2048)(BookingPolicy.model_validate_json)
_hours = lru_cache(maxsize=8192)(OpeningHours)


async def load_world(  # noqa: PLR0913
    session: ReadSession,
    *,
    clinic_id: UUID,
    service: ServiceType,
    start: datetime,
    end: datetime,
    veterinarian_id: UUID | None = None,
    pet_id: UUID | None = None,
    species: Species | None = None,
    room_id: UUID | None = None,
    duration: timedelta | None = None,
    without: UUID | None = None,
    online: bool = False,
) -> World:
    """All that matters to starts in ``[start, end)``.

    Args:
        session: for reading.
        clinic_id: the clinic.
        service: what is to be done.
        start: the first start that matters.
        end: the first that does not.
        veterinarian_id: leave out all others.
        pet_id: the pet to be seen; its own appointments count.
        species: of a pet that is not known yet.
        room_id: in this room of the clinic, whether the service needs one or not.
        duration: in place of the one in the clinic's catalogue.
        without: an appointment that does not count, since it is the one to be moved.
        online: an owner asks for it themselves.

    Raises:
        NotFound: there is no such clinic or pet.
        ServiceNotOffered: the clinic does not have the service in its catalogue.
        InvalidValue: the duration is no whole number of minutes, or more than a day with buffers.
    """
    since, until = start - _LONGEST, end + 2 * _LONGEST
    parameters: dict[str, Any] = {
        "clinic": clinic_id,
        "vet": veterinarian_id,
        "pet": pet_id or _NOBODY,
        "except_for": without or _NOBODY,
        "since": since,
        "until": until,
        "reach": since - _LONGEST,
        "first": (start - _MARGIN).date(),
        "last": (end + _MARGIN).date(),
    }
    found = await rows_of(session, FACTS, parameters)
    if not found:
        raise NotFound(entity="clinic", key=clinic_id)
    (status, zone, hours_text, address, part, services, policy, treated, database_now, *details) = (
        found[0]
    )
    closures, rooms, posts, time_off, pets = (json.loads(each or "[]") for each in details)
    offering = _catalog(services).get(service)
    if offering is None:
        offered = tuple(each.service.value for each in _catalog(services))
        raise ServiceNotOffered(service=service, offered=offered)
    minutes = _minutes(offering, duration)
    kind = offering.room_kind
    wanted = [
        UUID(identity)
        for identity, its_kind in rooms
        if its_kind == kind or (room_id and kind is None)
        if room_id is None or UUID(identity) == room_id
    ]
    vets = sorted({UUID(post[0]) for post in posts})
    busy = await _busy_spans(session, parameters | {"vets": vets, "rooms": wanted})
    place = zone, json.loads(address)["country"], part
    pet = None
    if pet_id is not None:
        if not pets:
            raise NotFound(entity="pet", key=pet_id)
        its_species, state = pets[0]
        pet = PetFacts(
            pet_id, Species(its_species), PetStatus(state), busy.get(("pet", pet_id), ())
        )
    return World(
        clinic_id=clinic_id,
        status=ClinicStatus(status),
        hours=_hours(hours_text, *place),
        closures=tuple(
            ClosureFacts(_date(first), _date(last), _hours(text, *place) if text else None)
            for first, last, text in closures
        ),
        species_treated=_species(treated),
        policy=_policy(policy),
        offering=offering,
        duration=minutes * 60,
        start=ceiling(start),
        end=ceiling(end),
        now=ceiling(clock.now()),
        veterinarians=_veterinarians(posts, time_off, busy, place),
        rooms=tuple(RoomFacts(room, busy.get(("room", room), ())) for room in wanted),
        pet=pet,
        species=pet.species if pet is not None else species,
        needs_room=offering.room_kind is not None or room_id is not None,
        online=online,
        database_now=database_now,
    )


def _minutes(offering: ServiceOffering, duration: timedelta | None) -> int:
    chosen = offering.duration if duration is None else duration
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
        rows = await rows_of(session, BUSY_ARRAYS, parameters)
        return {
            (resource, identity): list(zip(since, until, strict=True))
            for resource, identity, since, until in rows
        }
    spans: dict[tuple[str, UUID], list[tuple[int, int]]] = {}
    for resource, identity, since, until in await rows_of(session, BUSY_ROWS, parameters):
        spans.setdefault((resource, identity), []).append((since, until))
    return spans


def _veterinarians(
    posts: Iterable[Sequence[Any]],
    time_off: Iterable[Sequence[Any]],
    busy: _BusyByResource,
    place: tuple[str, str, str | None],
) -> tuple[VeterinarianFacts, ...]:
    away: dict[str, list[Span]] = {}
    for identity, since, until in time_off:
        away.setdefault(identity, []).append(Span(since, until))
    held: dict[str, list[Sequence[Any]]] = {}
    for post in posts:
        held.setdefault(post[0], []).append(post)
    return tuple(
        VeterinarianFacts(
            id=(key := UUID(identity)),
            species_treated=_species(several[0][1]),
            license_status=LicenseStatus(several[0][2]),
            license_expires_on=_date_or_none(several[0][3]),
            posts=tuple(
                PostFacts(
                    _date(starts_on),
                    _date_or_none(ends_on),
                    _hours(text, *place) if text else None,
                )
                for *_, starts_on, ends_on, text in several
            ),
            time_off=sorted(away.get(identity, ())),
            busy=busy.get(("veterinarian", key), ()),
        )
        for identity, several in sorted(held.items())
    )


@lru_cache(maxsize=1024)
def _species(text: str) -> tuple[Species, ...]:
    return tuple(map(Species, json.loads(text)))


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _date_or_none(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
