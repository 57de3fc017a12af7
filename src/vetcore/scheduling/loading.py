"""Reading a world: two statements, whatever the number of veterinarians and days."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Date,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.database.driver import is_postgresql
from vetcore.database.statements import JsonArray, JsonRows, Now, SecondsDown, SecondsUp, rows_of
from vetcore.errors import NotFound
from vetcore.models import (
    Appointment,
    Clinic,
    ClinicClosure,
    Pet,
    Room,
    StaffMembership,
    TimeOff,
    Veterinarian,
)
from vetcore.models.types import UtcDateTime
from vetcore.scheduling.errors import ServiceNotOffered
from vetcore.scheduling.world import (
    ClosureFacts,
    PetFacts,
    PostFacts,
    RoomFacts,
    VeterinarianFacts,
    World,
)
from vetcore.values.animals import PetStatus, Species
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.clinics import ClinicStatus, LicenseStatus, ServiceType
from vetcore.values.hours import OpeningHours
from vetcore.values.intervals import Span, ceiling
from vetcore.values.services import BookingPolicy, ServiceCatalog

__all__ = ["load_world", "occupies_now"]

_NOBODY: Final = UUID(int=0)
_MARGIN: Final = timedelta(days=4)
_LONGEST: Final = timedelta(days=1)
"""A CHECK keeps every appointment this short, so an index on its start finds what overlaps."""

_appointments: Any = Appointment.__table__
_clinics: Any = Clinic.__table__
_closures: Any = ClinicClosure.__table__
_pets: Any = Pet.__table__
_rooms: Any = Room.__table__
_posts: Any = StaffMembership.__table__
_time_off: Any = TimeOff.__table__
_vets: Any = Veterinarian.__table__

_CLINIC: Final = bindparam("clinic", type_=Uuid())
_VET: Final = bindparam("vet", type_=Uuid())
_PET: Final = bindparam("pet", type_=Uuid())
_EXCEPT: Final = bindparam("except_for", type_=Uuid())
_FROM: Final = bindparam("since", type_=UtcDateTime())
_UNTIL: Final = bindparam("until", type_=UtcDateTime())
_REACH: Final = bindparam("reach", type_=UtcDateTime())
_FIRST: Final = bindparam("first", type_=Date())
_LAST: Final = bindparam("last", type_=Date())


def occupies_now() -> Any:
    """The condition on ``appointments`` of what is taken: a hold that has run out is not."""
    row = _appointments.c
    ran_out = and_(row.status == literal_column("'held'"), row.hold_expires_at <= Now())
    # As the exclusion constraints word it, so that their partial indexes may serve.
    return and_(
        row.status.in_(
            [literal_column(f"'{status.value}'") for status in AppointmentStatus.occupying()]
        ),
        row.deleted_at.is_(None),
        not_(ran_out),
    )


def _held_here() -> Any:
    """The posts that somebody who is a veterinarian holds at the clinic in the window."""
    post, vet = _posts.c, _vets.c
    return and_(
        post.user_id == vet.user_id,
        post.clinic_id == _CLINIC,
        post.deleted_at.is_(None),
        vet.deleted_at.is_(None),
        post.starts_on <= _LAST,
        or_(post.ends_on.is_(None), post.ends_on >= _FIRST),
        or_(_VET.is_(None), vet.id == _VET),
    )


def _as_json(statement: Any) -> Any:
    return statement.scalar_subquery()


def _facts() -> Any:
    clinic, closure, post, vet, away = (
        _clinics.c,
        _closures.c,
        _posts.c,
        _vets.c,
        _time_off.c,
    )
    closures = select(
        JsonRows(JsonArray(closure.first_on, closure.last_on, closure.opening_hours))
    ).where(
        closure.clinic_id == _CLINIC,
        closure.deleted_at.is_(None),
        closure.last_on >= _FIRST,
        closure.first_on <= _LAST,
    )
    room = _rooms.c
    listed = (
        select(room.id, room.kind)
        .where(room.clinic_id == _CLINIC, room.deleted_at.is_(None))
        .order_by(room.name, room.id)
        .subquery()
    )
    rooms = select(JsonRows(JsonArray(listed.c.id, listed.c.kind)))
    posts = select(
        JsonRows(
            JsonArray(
                vet.id,
                cast(vet.species_treated, Text),
                vet.license_status,
                vet.license_expires_on,
                post.starts_on,
                post.ends_on,
                post.working_hours,
            )
        )
    ).where(_held_here())
    time_off = select(
        JsonRows(
            JsonArray(away.veterinarian_id, SecondsDown(away.starts_at), SecondsUp(away.ends_at))
        )
    ).where(
        away.veterinarian_id.in_(select(vet.id).where(_held_here())),
        away.deleted_at.is_(None),
        away.ends_at > _FROM,
        away.starts_at < _UNTIL,
    )
    pet = select(JsonRows(JsonArray(_pets.c.species, _pets.c.status))).where(
        _pets.c.id == _PET, _pets.c.deleted_at.is_(None)
    )
    facts: tuple[Any, ...] = (
        clinic.status,
        clinic.timezone,
        clinic.opening_hours,
        cast(clinic.address, Text),
        cast(clinic.services, Text),
        cast(clinic.booking_policy, Text),
        cast(clinic.species_treated, Text),
        SecondsDown(Now()),
        *(_as_json(each) for each in (closures, rooms, posts, time_off, pet)),
    )
    return select(*facts).where(clinic.id == _CLINIC, clinic.deleted_at.is_(None))


def _busy(resource: str, mine: Any) -> Any:
    row = _appointments.c
    columns: tuple[Any, ...] = (
        literal_column(f"'{resource}'", Text()).label("resource"),
        row[f"{resource}_id"].label("id"),
        SecondsDown(row.occupied_from).label("since"),
        SecondsUp(row.occupied_until).label("until"),
    )
    return select(*columns).where(
        mine,
        row.occupied_from < _UNTIL,
        row.occupied_from > _REACH,
        row.occupied_until > _FROM,
        row.id != _EXCEPT,
        occupies_now(),
    )


def _all_busy() -> Any:
    row, room, vet = _appointments.c, _rooms.c, _vets.c
    return union_all(
        _busy("veterinarian", row.veterinarian_id.in_(select(vet.id).where(_held_here()))),
        _busy(
            "room",
            row.room_id.in_(
                select(room.id).where(room.clinic_id == _CLINIC, room.deleted_at.is_(None))
            ),
        ),
        _busy("pet", row.pet_id == _PET),
    )


def _aggregated() -> Any:
    """The same as two arrays for each resource, which costs far less to fetch."""
    each = _all_busy().subquery("busy")
    return select(
        each.c.resource,
        each.c.id,
        func.array_agg(each.c.since),
        func.array_agg(each.c.until),
    ).group_by(each.c.resource, each.c.id)


_FACTS: Final = _facts()
_BUSY_ROWS: Final = select(_all_busy().subquery("busy"))
_BUSY_ARRAYS: Final = _aggregated()

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

    Raises:
        NotFound: there is no such clinic or pet.
        ServiceNotOffered: the clinic does not have the service in its catalogue.
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
    found = await rows_of(session, _FACTS, parameters)
    if not found:
        raise NotFound(entity="clinic", key=clinic_id)
    (status, zone, hours_text, address, services, policy, treated, database_now, *details) = found[
        0
    ]
    closures, rooms, posts, time_off, pets = (json.loads(each or "[]") for each in details)
    offering = _catalog(services).get(service)
    if offering is None:
        offered = tuple(each.service.value for each in _catalog(services))
        raise ServiceNotOffered(service=service, offered=offered)
    busy = await _busy_spans(session, parameters)
    country = json.loads(address)["country"]
    pet = None
    if pet_id is not None:
        if not pets:
            raise NotFound(entity="pet", key=pet_id)
        kind, state = pets[0]
        pet = PetFacts(pet_id, Species(kind), PetStatus(state), busy.get(("pet", pet_id), ()))
    return World(
        clinic_id=clinic_id,
        status=ClinicStatus(status),
        hours=_hours(hours_text, zone, country),
        closures=tuple(
            ClosureFacts(_date(first), _date(last), _hours(text, zone, country) if text else None)
            for first, last, text in closures
        ),
        species_treated=_species(treated),
        policy=_policy(policy),
        offering=offering,
        duration=int((duration or offering.duration).total_seconds()),
        start=ceiling(start),
        end=ceiling(end),
        now=ceiling(clock.now()),
        veterinarians=_veterinarians(posts, time_off, busy, zone, country),
        rooms=tuple(
            RoomFacts(UUID(identity), busy.get(("room", UUID(identity)), ()))
            for identity, kind in rooms
            if kind == offering.room_kind or (room_id and offering.room_kind is None)
            if room_id is None or UUID(identity) == room_id
        ),
        pet=pet,
        species=pet.species if pet is not None else species,
        needs_room=offering.room_kind is not None or room_id is not None,
        database_now=database_now,
    )


Busy = Mapping[tuple[str, UUID], Sequence[Span]]


async def _busy_spans(session: ReadSession, parameters: Mapping[str, Any]) -> Busy:
    if isinstance(session, AsyncSession) and is_postgresql(session):
        rows = await rows_of(session, _BUSY_ARRAYS, parameters)
        return {
            (resource, identity): [*map(Span, since, until)]
            for resource, identity, since, until in rows
        }
    spans: dict[tuple[str, UUID], list[Span]] = {}
    for resource, identity, since, until in await rows_of(session, _BUSY_ROWS, parameters):
        spans.setdefault((resource, identity), []).append(Span(since, until))
    return spans


def _veterinarians(
    posts: Iterable[Sequence[Any]],
    time_off: Iterable[Sequence[Any]],
    busy: Busy,
    zone: str,
    country: str,
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
                    _hours(text, zone, country) if text else None,
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
