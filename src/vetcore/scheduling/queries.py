"""The two statements that read a world."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Date,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    not_,
    or_,
    select,
    union,
    union_all,
)

from vetcore.database.among import among
from vetcore.database.statements import (
    JsonArray,
    JsonRows,
    Now,
    PlansMade,
    SecondsDown,
    SecondsUp,
    Weighed,
)
from vetcore.models import (
    Appointment,
    Clinic,
    ClinicClosure,
    MedicalRecord,
    Pet,
    Room,
    StaffMembership,
    TimeOff,
    User,
    Veterinarian,
)
from vetcore.models.types import UtcDateTime
from vetcore.values.appointments import AppointmentStatus

__all__ = ["busy_arrays", "busy_rows", "facts", "facts_and_busy", "occupies_now"]

_appointments: Any = Appointment.__table__
_clinics: Any = Clinic.__table__
_closures: Any = ClinicClosure.__table__
_pets: Any = Pet.__table__
_records: Any = MedicalRecord.__table__
_rooms: Any = Room.__table__
_memberships: Any = StaffMembership.__table__
_time_off: Any = TimeOff.__table__
_users: Any = User.__table__
_vets: Any = Veterinarian.__table__

_CLINIC: Final = bindparam("clinic", type_=Uuid())
_PRACTITIONER: Final = bindparam("practitioner", type_=Uuid())
_PET: Final = bindparam("pet", type_=Uuid())
_EXCEPT: Final = bindparam("except_for", type_=Uuid())
_FROM: Final = bindparam("since", type_=UtcDateTime())
_UNTIL: Final = bindparam("until", type_=UtcDateTime())
_REACH: Final = bindparam("reach", type_=UtcDateTime())
_FIRST: Final = bindparam("first", type_=Date())
_LAST: Final = bindparam("last", type_=Date())


def occupies_now() -> Any:
    """Return the condition under which an appointment occupies its time.

    A hold that has run out occupies none.
    """
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
    """The memberships that somebody holds at the clinic in the window."""
    membership, user = _memberships.c, _users.c
    return and_(
        membership.user_id == user.id,
        user.deleted_at.is_(None),
        membership.clinic_id == _CLINIC,
        membership.deleted_at.is_(None),
        membership.starts_on <= _LAST,
        or_(membership.ends_on.is_(None), membership.ends_on >= _FIRST),
        or_(_PRACTITIONER.is_(None), user.id == _PRACTITIONER),
    )


def _staff() -> Any:
    """The memberships, with the people and what makes some of them veterinarians."""
    user, membership, vet = _users.c, _memberships.c, _vets.c
    is_veterinarian = and_(vet.user_id == user.id, vet.deleted_at.is_(None))
    people = _memberships.join(_users, membership.user_id == user.id)
    return people.outerjoin(_vets, is_veterinarian)


def _as_json(statement: Any) -> Any:
    return statement.scalar_subquery()


def _known() -> Any:
    """Where, and by whom, the pet has been seen or is going to be: it is no new patient there."""
    visit, record, vet = _appointments.c, _records.c, _vets.c
    stands: list[Any] = [
        literal_column(f"'{status.value}'")
        for status in AppointmentStatus.occupying()
        if status is not AppointmentStatus.HELD
    ]
    seen = union(
        select(visit.clinic_id, visit.practitioner_id).where(
            visit.pet_id == _PET, visit.status.in_(stands), visit.deleted_at.is_(None)
        ),
        select(record.clinic_id, vet.user_id).where(
            record.pet_id == _PET, record.deleted_at.is_(None), vet.id == record.veterinarian_id
        ),
    ).subquery("seen")
    return select(JsonRows(JsonArray(seen.c.clinic_id, seen.c.practitioner_id)))


@cache
def facts() -> Any:
    """Return a query for a row of facts: of a clinic, its staff, rooms and a pet."""
    return _facts()


@cache
def facts_and_busy() -> Any:
    """Return a query for the same facts, and for when staff, rooms and pet are busy.

    It suits a window of a few hours.
    """
    membership, room, row = _memberships.c, _rooms.c, _appointments.c
    people = select(membership.user_id).where(_held_here())
    rooms = select(room.id).where(room.clinic_id == _CLINIC)
    each = union_all(
        _busy("practitioner", among(row.practitioner_id, people)),
        _busy("room", among(row.room_id, rooms)),
        _busy("pet", row.pet_id == _PET),
    ).subquery("busy")
    taken = select(JsonRows(JsonArray(each.c.resource, each.c.id, each.c.since, each.c.until)))
    # An operation lets this statement keep its plan: to make one takes three times as long as it.
    return _facts(taken).where(PlansMade().is_not(None))


def _facts(*more: Any) -> Any:
    clinic, closure, membership, vet, away = (
        _clinics.c,
        _closures.c,
        _memberships.c,
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
    memberships = (
        select(
            JsonRows(
                JsonArray(
                    membership.user_id,
                    vet.license_status,
                    vet.license_expires_on,
                    cast(vet.specializations, Text),
                    cast(vet.species_treated, Text),
                    vet.accepts_new_patients,
                    membership.role,
                    membership.starts_on,
                    membership.ends_on,
                    membership.working_hours,
                )
            )
        )
        .select_from(_staff())
        .where(_held_here())
    )
    time_off = select(
        JsonRows(
            JsonArray(away.practitioner_id, SecondsDown(away.starts_at), SecondsUp(away.ends_at))
        )
    ).where(
        away.practitioner_id.in_(select(membership.user_id).where(_held_here())),
        away.deleted_at.is_(None),
        away.ends_at > _FROM,
        away.starts_at < _UNTIL,
    )
    pet = select(
        JsonRows(JsonArray(_pets.c.species, _pets.c.status, Weighed(_pets.c.weight_kg)))
    ).where(_pets.c.id == _PET, _pets.c.deleted_at.is_(None))
    facts: tuple[Any, ...] = (
        clinic.status,
        clinic.timezone,
        clinic.opening_hours,
        cast(clinic.address, Text),
        clinic.subdivision,
        cast(clinic.services, Text),
        cast(clinic.booking_policy, Text),
        cast(clinic.species_treated, Text),
        clinic.accepts_new_patients,
        SecondsDown(Now()),
        *(
            _as_json(each)
            for each in (closures, rooms, memberships, time_off, pet, _known(), *more)
        ),
    )
    return select(*facts).where(clinic.id == _CLINIC, clinic.deleted_at.is_(None))


def _busy(resource: str, mine: Any) -> Any:
    """When a resource is occupied: buffers are the practitioner's and the room's, not the pet's."""
    row = _appointments.c
    since, until = (
        (row.starts_at, row.ends_at)
        if resource == "pet"
        else (row.occupied_from, row.occupied_until)
    )
    columns: tuple[Any, ...] = (
        literal_column(f"'{resource}'", Text()).label("resource"),
        row[f"{resource}_id"].label("id"),
        SecondsDown(since).label("since"),
        SecondsUp(until).label("until"),
    )
    return select(*columns).where(
        mine,
        row.occupied_from < _UNTIL,
        row.occupied_from > _REACH,
        row.occupied_until > _FROM,
        row.id != _EXCEPT,
        occupies_now(),
    )


def _all_busy(among: Callable[[Any, str], Any]) -> Any:
    """What is taken, of the veterinarians, the rooms and the pet that are handed in."""
    row = _appointments.c
    return union_all(
        _busy("practitioner", among(row.practitioner_id, "people")),
        _busy("room", among(row.room_id, "rooms")),
        _busy("pet", row.pet_id == _PET),
    )


def _in_list(key: Any, name: str) -> Any:
    return key.in_(bindparam(name, expanding=True, type_=Uuid()))


def _in_array(key: Any, name: str) -> Any:
    return key == any_(bindparam(name, type_=ARRAY(Uuid())))


@cache
def busy_rows() -> Any:
    """Return when each resource is busy, a row each."""
    return select(_all_busy(_in_list).subquery("busy"))


@cache
def busy_arrays() -> Any:
    """Return when each resource is busy, as two arrays for each. Fetching rows costs far more."""
    each = _all_busy(_in_array).subquery("busy")
    return select(
        each.c.resource,
        each.c.id,
        func.array_agg(each.c.since),
        func.array_agg(each.c.until),
    ).group_by(each.c.resource, each.c.id)
