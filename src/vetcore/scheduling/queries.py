"""The two statements that read a world: what is kept of a clinic, and what is true at the moment."""

from functools import cache
from typing import Any, Final
from typing import cast as cast_type

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Date,
    Integer,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.sql.visitors import replacement_traverse

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
    Equipment,
    MedicalRecord,
    Occupation,
    Pet,
    Room,
    ScheduleBlock,
    StaffMembership,
    TimeOff,
    TimetableVersion,
    User,
    Veterinarian,
)
from vetcore.models.types import UtcDateTime
from vetcore.scheduling.taken import EXCEPT, PET, all_busy, engaged, occupied
from vetcore.values.appointments import AppointmentStatus

__all__ = [
    "in_array",
    "in_list",
    "known_here",
    "moment",
    "timetable",
    "timetable_at_the_moment",
    "timetables",
    "unchanged",
]

_appointments: Any = Appointment.__table__
_blocks: Any = ScheduleBlock.__table__
_clinics: Any = Clinic.__table__
_closures: Any = ClinicClosure.__table__
_equipment: Any = Equipment.__table__
_occupations: Any = Occupation.__table__
_pets: Any = Pet.__table__
_records: Any = MedicalRecord.__table__
_rooms: Any = Room.__table__
_memberships: Any = StaffMembership.__table__
_time_off: Any = TimeOff.__table__
_users: Any = User.__table__
_versions: Any = TimetableVersion.__table__
_vets: Any = Veterinarian.__table__

_CLINIC: Final = bindparam("clinic", type_=Uuid())
_PRACTITIONER: Final = bindparam("practitioner", type_=Uuid())
_KEPT_FROM: Final = bindparam("kept_from", type_=UtcDateTime())
_FIRST: Final = bindparam("first", type_=Date())


def _held_here() -> Any:
    """The memberships that somebody holds at the clinic, but for those that ended long ago."""
    membership, user = _memberships.c, _users.c
    return and_(
        membership.user_id == user.id,
        user.deleted_at.is_(None),
        membership.clinic_id == _CLINIC,
        membership.deleted_at.is_(None),
        or_(membership.ends_on.is_(None), membership.ends_on >= _FIRST),
    )


def _staff() -> Any:
    """The memberships, with the people and what makes some of them veterinarians."""
    user, membership, vet = _users.c, _memberships.c, _vets.c
    is_veterinarian = and_(vet.user_id == user.id, vet.deleted_at.is_(None))
    people = _memberships.join(_users, membership.user_id == user.id)
    return people.outerjoin(_vets, is_veterinarian)


def _as_json(statement: Any) -> Any:
    return statement.scalar_subquery()


def _visits_and_records() -> tuple[Any, Any]:
    """The visits of the pet that took place or stand, and its records. A hold is neither."""
    visit, record = _appointments.c, _records.c
    stands: list[Any] = [
        literal_column(f"'{status.value}'")
        for status in AppointmentStatus.occupying()
        if status is not AppointmentStatus.HELD
    ]
    return (
        and_(visit.pet_id == PET, visit.status.in_(stands), visit.deleted_at.is_(None)),
        and_(record.pet_id == PET, record.deleted_at.is_(None)),
    )


def _known() -> Any:
    """Where, and by whom, the pet has been seen or is going to be: it is no new patient there."""
    visit, record, vet = _appointments.c, _records.c, _vets.c
    visits, records = _visits_and_records()
    seen = union(
        select(visit.clinic_id, visit.practitioner_id).where(visits),
        select(record.clinic_id, vet.user_id).where(records, vet.id == record.veterinarian_id),
    ).subquery("seen")
    return select(JsonRows(JsonArray(seen.c.clinic_id, seen.c.practitioner_id)))


def known_here() -> Any:
    """Return the condition that the ``clinic`` knows the ``pet``."""
    visits, records = _visits_and_records()
    return or_(
        exists().where(visits, _appointments.c.clinic_id == _CLINIC),
        exists().where(records, _records.c.clinic_id == _CLINIC),
    )


@cache
def timetable() -> Any:
    """Return a query for a row of all that is kept of a clinic, with the versions that it has.

    Each table that it reads, and each column, is watched: see :mod:`vetcore.models.timetables`.
    """
    clinic, closure, membership, vet, away = (
        _clinics.c,
        _closures.c,
        _memberships.c,
        _vets.c,
        _time_off.c,
    )
    closures = select(
        JsonRows(JsonArray(closure.first_on, closure.last_on, closure.opening_hours))
    ).where(closure.clinic_id == _CLINIC, closure.deleted_at.is_(None), closure.last_on >= _FIRST)
    block, room = _blocks.c, _rooms.c
    dated = (
        select(
            *(block.label, block.first_on, block.last_on, block.hours),
            *(block.practitioner_id, block.room_id),
        )
        .where(
            block.clinic_id == _CLINIC,
            block.deleted_at.is_(None),
            or_(block.last_on.is_(None), block.last_on >= _FIRST),
        )
        .order_by(block.first_on, block.id)
        .subquery()
    )
    blocks = select(JsonRows(JsonArray(*dated.c)))
    listed = (
        select(room.id, room.kind)
        .where(room.clinic_id == _CLINIC, room.deleted_at.is_(None))
        .order_by(room.name, room.id)
        .subquery()
    )
    rooms = select(JsonRows(JsonArray(listed.c.id, listed.c.kind)))
    piece = _equipment.c
    pieces = (
        select(piece.id, piece.kind)
        .where(piece.clinic_id == _CLINIC, piece.deleted_at.is_(None))
        .order_by(piece.name, piece.id)
        .subquery()
    )
    equipment = select(JsonRows(JsonArray(pieces.c.id, pieces.c.kind)))
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
    # Of a person whose account is deleted, too: it may come back.
    staff = select(membership.user_id).where(
        membership.clinic_id == _CLINIC, membership.deleted_at.is_(None)
    )
    time_off = select(
        JsonRows(
            JsonArray(away.practitioner_id, SecondsDown(away.starts_at), SecondsUp(away.ends_at))
        )
    ).where(away.practitioner_id.in_(staff), away.deleted_at.is_(None), away.ends_at > _KEPT_FROM)
    row = _versions.c
    versions = select(JsonRows(JsonArray(row.subject_id, row.version))).where(
        or_(row.subject_id == _CLINIC, row.subject_id.in_(staff))
    )
    members = select(JsonRows(JsonArray(membership.user_id))).where(
        membership.clinic_id == _CLINIC, membership.deleted_at.is_(None)
    )
    columns: tuple[Any, ...] = (
        clinic.status,
        clinic.timezone,
        clinic.opening_hours,
        cast(clinic.address, Text),
        clinic.subdivision,
        cast(clinic.services, Text),
        cast(clinic.booking_policy, Text),
        cast(clinic.species_treated, Text),
        clinic.accepts_new_patients,
        *map(
            _as_json,
            (closures, blocks, rooms, equipment, memberships, time_off, members, versions),
        ),
    )
    return select(*columns).where(clinic.id == _CLINIC, clinic.deleted_at.is_(None))


@cache
def timetables(*, as_array: bool) -> Any:
    """Return the same query for each of ``clinics``, with the clinic's id in the last column."""

    def of_the_row(element: Any, **_: Any) -> Any:
        if isinstance(element, BindParameter) and element.key == "clinic":
            return literal_column("clinics.id", Uuid())
        return None

    of_each: Any = cast_type("Any", replacement_traverse(timetable(), {}, of_the_row))
    among = in_array if as_array else in_list
    return of_each.where(among(_clinics.c.id, "clinics")).add_columns(_clinics.c.id)


def unchanged(dialect: str) -> Any:
    """Return the condition that ``subjects`` have exactly the ``count`` versions in ``versions``."""
    row, among = _versions.c, in_array if dialect == "postgresql" else in_list
    known = func.count().filter(among(row.version, "versions"))
    count = bindparam("count", type_=BigInteger())
    return (
        select(and_(func.count() == count, known == count))
        .where(among(row.subject_id, "subjects"))
        .scalar_subquery()
    )


def _gathered(busy: Any) -> Any:
    """The same, with two arrays for each id.

    Each resource is grouped on its own: PostgreSQL would sort them to group them together.
    """
    each = busy.subquery()
    since, until = func.array_agg(each.c.since), func.array_agg(each.c.until)
    resource = func.min(each.c.resource)
    return select(resource, each.c.id, since, until, cast(null(), Text)).group_by(each.c.id)


def in_list(key: Any, name: str) -> Any:
    """Return the condition that ``key`` is one of the ids of a parameter, on SQLite."""
    return key.in_(bindparam(name, expanding=True, type_=Uuid()))


def in_array(key: Any, name: str) -> Any:
    """Return the same on PostgreSQL."""
    return key == any_(bindparam(name, type_=ARRAY(Uuid())))


def _told(unchanged: Any) -> Any:
    """What is true at the moment, but for what is busy."""
    pet = select(
        JsonRows(JsonArray(_pets.c.species, _pets.c.status, Weighed(_pets.c.weight_kg)))
    ).where(_pets.c.id == PET, _pets.c.deleted_at.is_(None))
    return JsonArray(
        unchanged, SecondsDown(Now()), _as_json(pet), _as_json(_known()), _as_json(_had())
    )


def _had() -> Any:
    """Whom and what the appointment that does not count has beside its practitioner."""
    row, piece = _occupations.c, _equipment.c
    had = JsonArray(row.person_id, row.role, row.equipment_id, piece.kind)
    both = _occupations.outerjoin(_equipment, piece.id == row.equipment_id)
    return select(JsonRows(had)).select_from(both).where(row.appointment_id == EXCEPT)


@cache
def timetable_at_the_moment() -> Any:
    """Return a query for a row of what is kept, of what is true at the moment, and of what is busy.

    It suits a window of a few hours of a clinic of which nothing is kept yet.
    """
    membership, room, row, beside = _memberships.c, _rooms.c, _appointments.c, _occupations.c
    people = select(membership.user_id).where(
        membership.clinic_id == _CLINIC,
        membership.deleted_at.is_(None),
        or_(_PRACTITIONER.is_(None), membership.user_id == _PRACTITIONER),
    )
    rooms = select(room.id).where(room.clinic_id == _CLINIC)
    each = union_all(
        occupied("practitioner", among(row.practitioner_id, people)),
        engaged("practitioner", beside.person_id, among(beside.person_id, people)),
        occupied("room", among(row.room_id, rooms)),
        occupied("pet", row.pet_id == PET),
    ).subquery("busy")
    busy = select(JsonRows(JsonArray(each.c.resource, each.c.id, each.c.since, each.c.until)))
    told = cast(_told(literal_column("1", Integer())), Text)
    return timetable().add_columns(told, _as_json(busy)).where(PlansMade().is_not(None))


@cache
def moment(dialect: str) -> Any:
    """Return a query for when people, rooms and pet are busy, and for what is true at the moment.

    One row has that, as JSON in its last column: whether the timetable is unchanged, the database's
    clock, the pet, and who knows it. The others have a resource's name, its id and when it is busy: on
    PostgreSQL two arrays for each resource, since to fetch rows costs far more.
    """
    told = _told(unchanged(dialect))
    arrays = dialect == "postgresql"
    kind: Any = ARRAY(BigInteger()) if arrays else BigInteger()
    several = all_busy(in_array if arrays else in_list)
    busy = (
        [_gathered(each) for each in several]
        if arrays
        else [each.add_columns(cast(null(), Text)) for each in several]
    )
    # An operation lets this statement keep its plan: to make one takes longer than to run it.
    now = select(
        literal_column("'moment'", Text()),
        cast(null(), Uuid()),
        cast(null(), kind),
        cast(null(), kind),
        cast(told, Text),
    ).where(PlansMade().is_not(None))
    return union_all(now, *busy)
