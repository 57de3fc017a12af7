"""Which rows are whose: the relations between an actor and a row, as SQL.

Each rule is written once and used three times: as the filter of a query, as the check of one row,
and as PostgreSQL's row-level security policy. What differs is only how the actor is named: with
their values, or by SQL that asks the database (:class:`Subject`).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, and_, false, literal_column, or_, select

from vetcore.access.among import among
from vetcore.access.permissions import GRANTS, Permission
from vetcore.models import (
    Appointment,
    Clinic,
    ClinicClosure,
    MedicalRecord,
    Pet,
    PetCoOwner,
    Room,
    StaffMembership,
    TimeOff,
    User,
    VaccinationReminder,
    Veterinarian,
    WaitlistEntry,
)
from vetcore.values.people import Role

__all__ = ["READ", "Condition", "Lookup", "Subject", "Ways", "allowed", "ways"]

Condition = ColumnElement[bool]
_AtClinic = Callable[[ColumnElement[Any]], Condition]


class Lookup:
    """The tables that rules look into; row-level security looks into its owner's views instead."""

    def __init__(self, source: Callable[[type[Any]], FromClause]) -> None:
        self.pets = source(Pet)
        self.co_owners = source(PetCoOwner)
        self.appointments = source(Appointment)
        self.veterinarians = source(Veterinarian)
        self.posts = source(StaffMembership)
        self.users = source(User)


class Subject(Protocol):
    """Whom a rule is about."""

    look: Lookup
    of_stored_rows: bool
    """Whether only rows are asked about that are there; a policy is asked about new ones too."""

    @property
    def id(self) -> ColumnElement[UUID]:
        """The user's id."""
        ...

    @property
    def is_known(self) -> Condition:
        """Whether they are somebody at all."""
        ...

    @property
    def is_admin(self) -> Condition:
        """Whether they administer the platform."""
        ...

    def may_hold(self, roles: frozenset[Role]) -> bool:
        """Whether it is worth asking: False if they hold none of ``roles`` anywhere."""
        ...

    def holds_post(self, clinic: ColumnElement[Any], roles: frozenset[Role]) -> Condition:
        """Whether they hold one of ``roles`` at ``clinic`` today."""
        ...


def _ids(column: ColumnElement[Any]) -> Select[UUID]:
    """The keys of rows, of deleted ones too: each rule says itself which rows count."""
    return select(column).execution_options(include_deleted=True)


def _some(*conditions: Condition) -> Condition:
    """Whether there is such a row; the same holds of deleted ones."""
    return _ids(literal_column("1")).where(*conditions).exists()


def _own_pet(pet_id: ColumnElement[Any], who: Subject) -> Condition:
    pets = who.look.pets.c
    own = _ids(pets.id).where(pets.deleted_at.is_(None), _owns(pets, who))
    return among(pet_id, own)


def _is_own(row: Any, who: Subject) -> Condition:
    if not who.of_stored_rows:
        return _owns(row, who)
    # One look into a short list, where most rows are a clinic's, rather than two comparisons.
    pets = who.look.pets.c
    own = _ids(pets.id).where(_owns(pets, who))
    return among(row.id, own)


def _owns(pets: Any, who: Subject) -> Condition:
    shared = who.look.co_owners.c
    together = _ids(shared.pet_id).where(shared.user_id == who.id)
    return or_(pets.owner_id == who.id, among(pets.id, together))


def _patient(pets: Any, at: _AtClinic, look: Lookup) -> Condition:
    """Of a clinic: registered there, or seen there."""
    visits = look.appointments.c
    seen = _some(visits.pet_id == pets.id, visits.deleted_at.is_(None), at(visits.clinic_id))
    return or_(at(pets.primary_clinic_id), seen)


def _patient_id(pet_id: ColumnElement[Any], at: _AtClinic, look: Lookup) -> Condition:
    pets = look.pets.c
    return _some(pets.id == pet_id, pets.deleted_at.is_(None), _patient(pets, at, look))


def _client(users: Any, at: _AtClinic, look: Lookup) -> Condition:
    """A person of a clinic: an owner of one of its patients, or somebody who works there."""
    pets, shared, posts = look.pets.c, look.co_owners.c, look.posts.c
    here = (pets.deleted_at.is_(None), _patient(pets, at, look))
    owner = _some(pets.owner_id == users.id, *here)
    co_owner = _some(shared.user_id == users.id, shared.pet_id == pets.id, *here)
    colleague = _some(posts.user_id == users.id, posts.deleted_at.is_(None), at(posts.clinic_id))
    return or_(owner, co_owner, colleague)


def _works_there(user_id: ColumnElement[Any], at: _AtClinic, look: Lookup) -> Condition:
    posts = look.posts.c
    return _some(posts.user_id == user_id, posts.deleted_at.is_(None), at(posts.clinic_id))


def _veterinarian_works_there(
    veterinarian_id: ColumnElement[Any], at: _AtClinic, look: Lookup
) -> Condition:
    vets = look.veterinarians.c
    return _some(vets.id == veterinarian_id, _works_there(vets.user_id, at, look))


def _is_veterinarian(veterinarian_id: ColumnElement[Any], who: Subject) -> Condition:
    vets = who.look.veterinarians.c
    return among(veterinarian_id, _ids(vets.id).where(vets.user_id == who.id))


_OWN: Final[Mapping[type[Any], Callable[[Any, Subject], Condition]]] = {
    User: lambda row, who: row.id == who.id,
    Pet: _is_own,
    Appointment: lambda row, who: _own_pet(row.pet_id, who),
    # An owner reads what was signed; a draft is the veterinarian's.
    MedicalRecord: lambda row, who: and_(row.signed_at.is_not(None), _own_pet(row.pet_id, who)),
    WaitlistEntry: lambda row, who: _own_pet(row.pet_id, who),
    VaccinationReminder: lambda row, who: _own_pet(row.pet_id, who),
    Veterinarian: lambda row, who: row.user_id == who.id,
    TimeOff: lambda row, who: _is_veterinarian(row.veterinarian_id, who),
    StaffMembership: lambda row, who: row.user_id == who.id,
}
"""What makes a row somebody's own."""

_AT: Final[Mapping[type[Any], Callable[[Any, _AtClinic, Lookup], Condition]]] = {
    User: _client,
    Pet: _patient,
    Appointment: lambda row, at, _: at(row.clinic_id),
    MedicalRecord: lambda row, at, _: at(row.clinic_id),
    WaitlistEntry: lambda row, at, _: at(row.clinic_id),
    VaccinationReminder: lambda row, at, look: _patient_id(row.pet_id, at, look),
    Clinic: lambda row, at, _: at(row.id),
    Room: lambda row, at, _: at(row.clinic_id),
    ClinicClosure: lambda row, at, _: at(row.clinic_id),
    Veterinarian: lambda row, at, look: _works_there(row.user_id, at, look),
    TimeOff: lambda row, at, look: _veterinarian_works_there(row.veterinarian_id, at, look),
    StaffMembership: lambda row, at, _: at(row.clinic_id),
}
"""What makes a row a clinic's."""

READ: Final[Mapping[type[Any], Permission]] = {
    User: Permission.USER_READ,
    Pet: Permission.PET_READ,
    Appointment: Permission.APPOINTMENT_READ,
    MedicalRecord: Permission.RECORD_READ,
    WaitlistEntry: Permission.WAITLIST_READ,
    VaccinationReminder: Permission.REMINDER_READ,
    Clinic: Permission.CLINIC_READ,
    Room: Permission.ROOM_READ,
    ClinicClosure: Permission.CLOSURE_READ,
    Veterinarian: Permission.VETERINARIAN_READ,
    TimeOff: Permission.TIME_OFF_READ,
    StaffMembership: Permission.STAFF_READ,
}
"""The permission that a row of each entity needs to be seen."""


class Ways(NamedTuple):
    """In what capacity somebody has a permission on a row: as staff, as an owner, or not at all."""

    staff: Condition
    owner: Condition


def ways(entity: type[Any], row: Any, who: Subject, permission: Permission) -> Ways:
    """In what capacity ``who`` has ``permission`` on ``row``, the columns of an ``entity``.

    Administrators count as staff, and what anyone may do, they do as owners.
    """
    as_staff, as_owner = _ways(entity, row, who, permission)
    return Ways(or_(false(), *as_staff), or_(false(), *as_owner))


def allowed(entity: type[Any], row: Any, who: Subject, permission: Permission) -> Condition:
    """Whether ``who`` has ``permission`` on ``row``, the columns of an ``entity``."""
    if GRANTS[permission].anyone:
        return who.is_known
    as_staff, as_owner = _ways(entity, row, who, permission)
    return or_(false(), *as_owner, *as_staff)


def _ways(
    entity: type[Any], row: Any, who: Subject, permission: Permission
) -> tuple[list[Condition], list[Condition]]:
    grant = GRANTS[permission]
    if grant.anyone:
        owner = [who.is_known]
    else:
        owner = [_OWN[entity](row, who)] if grant.own and entity in _OWN else []
    staff: list[Condition] = []
    if grant.roles and who.may_hold(grant.roles):
        staff.append(_AT[entity](row, lambda clinic: who.holds_post(clinic, grant.roles), who.look))
    if grant.admin:
        staff.append(who.is_admin)
    return staff, owner
