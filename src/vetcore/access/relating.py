"""How a person can be related to a row, as SQL conditions of which declarations are made.

Each condition is written once and used three times: as the filter of a query, as the check of a
row, and in the view that a restricted session sees. Only the way of naming the actor differs: by
their values, or by SQL that asks the database (:class:`Subject`).
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, literal_column, or_, select

from vetcore.database.among import among
from vetcore.models import (
    Appointment,
    ClinicPatient,
    Pet,
    PetCoOwner,
    StaffMembership,
    User,
    Veterinarian,
)
from vetcore.values.people import Role

__all__ = [
    "AtClinic",
    "Condition",
    "Lookup",
    "Subject",
    "is_addressed_to",
    "is_client",
    "is_own_pet",
    "is_patient",
    "of_colleague",
    "of_own_pet",
    "of_patient",
]

Condition = ColumnElement[bool]


class Lookup:
    """The tables that rules look into."""

    def __init__(self, source: Callable[[type[Any]], FromClause]) -> None:
        self.pets = source(Pet)
        self.patients = source(ClinicPatient)
        self.co_owners = source(PetCoOwner)
        self.appointments = source(Appointment)
        self.veterinarians = source(Veterinarian)
        self.memberships = source(StaffMembership)
        self.users = source(User)


class Subject(Protocol):
    """The person whom a rule is about."""

    look: Lookup
    by_keys: bool
    """Whether a row that belongs to others is to be found by the keys that those have.

    That suits a query for all that somebody may see; to look for each row suits one for some row.
    """

    @property
    def id(self) -> ColumnElement[UUID]:
        """The user's id."""
        ...

    @property
    def is_known(self) -> Condition:
        """Return whether the person is a known user."""
        ...

    @property
    def is_admin(self) -> Condition:
        """Return whether the person administers the platform."""
        ...

    def may_hold(self, roles: frozenset[Role]) -> bool:
        """Return False if the person holds none of ``roles`` anywhere: then no query is needed."""
        ...

    def holds_membership(self, clinic: ColumnElement[Any], roles: frozenset[Role]) -> Condition:
        """Return whether the person holds one of ``roles`` at ``clinic`` today."""
        ...

    @property
    def now(self) -> ColumnElement[datetime]:
        """The present instant."""
        ...

    def today(self, clinic: ColumnElement[Any]) -> ColumnElement[date]:
        """The day by the calendar of ``clinic``, at which they hold a membership."""
        ...


class AtClinic:
    """The clinics at which somebody holds one of the roles that a permission is given to."""

    def __init__(self, who: Subject, roles: frozenset[Role]) -> None:
        self._who, self._roles = who, roles
        self.look = who.look
        self.by_keys = who.by_keys
        self.now = who.now
        """The present instant."""

    def __call__(self, clinic: ColumnElement[Any]) -> Condition:
        """Return whether the column names one of them."""
        return self._who.holds_membership(clinic, self._roles)

    def today(self, clinic: ColumnElement[Any]) -> ColumnElement[date]:
        """The day by the calendar of one of them."""
        return self._who.today(clinic)


def _ids(column: ColumnElement[Any]) -> Select[UUID]:
    """The keys of rows, of deleted ones too: each rule says itself which rows count."""
    return select(column).execution_options(include_deleted=True)


def _some(*conditions: Condition) -> Condition:
    """Return whether there is such a row; the same holds of deleted ones."""
    return _ids(literal_column("1")).where(*conditions).exists()


def _has(at: AtClinic, column: ColumnElement[Any], key: Any, *conditions: Condition) -> Condition:
    """Return whether ``column`` is the ``key`` of a row for which the conditions hold."""
    if at.by_keys:
        return column.in_(_ids(key).where(*conditions))
    return _some(key == column, *conditions)


def of_own_pet(pet_id: ColumnElement[Any], who: Subject) -> Condition:
    """Return whether the column names a pet, not deleted, that ``who`` owns or shares."""
    pets = who.look.pets.c
    own = _ids(pets.id).where(pets.deleted_at.is_(None), _owns(pets, who))
    return among(pet_id, own)


def is_own_pet(row: Any, who: Subject) -> Condition:
    """Return whether the row is a pet that ``who`` owns or shares."""
    # One look into a short list, where most rows are a clinic's, rather than two comparisons.
    pets = who.look.pets.c
    own = _ids(pets.id).where(_owns(pets, who))
    return among(row.id, own)


def _owns(pets: Any, who: Subject) -> Condition:
    shared = who.look.co_owners.c
    together = _ids(shared.pet_id).where(shared.user_id == who.id)
    return or_(pets.owner_id == who.id, among(pets.id, together))


def is_patient(pets: Any, at: AtClinic) -> Condition:
    """Return whether the row is a patient of the clinic: its owner agreed to that, or care was given there.

    An owner agrees who registers the pet at the clinic, books there, or accepts its invitation. A
    visit counts until the end of its day, and one that took place for the time that the clinic is to
    remember it.
    """
    patients, visits = at.look.patients.c, at.look.appointments.c
    registered = _has(
        at,
        pets.id,
        patients.pet_id,
        patients.ended_at.is_(None),
        patients.deleted_at.is_(None),
        at(patients.clinic_id),
    )
    seen = _has(
        at,
        pets.id,
        visits.pet_id,
        visits.patient_until > at.now,
        visits.deleted_at.is_(None),
        at(visits.clinic_id),
    )
    return or_(registered, seen)


def of_patient(pet_id: ColumnElement[Any], at: AtClinic) -> Condition:
    """Return whether the column names a patient of the clinic that is not deleted."""
    pets = at.look.pets.c
    return _has(at, pet_id, pets.id, pets.deleted_at.is_(None), is_patient(pets, at))


def is_client(users: Any, at: AtClinic) -> Condition:
    """Return whether the row is a user who owns or shares a patient of the clinic, or works there.

    A pet that the clinic registered itself makes nobody a client whose account was there before, and
    nobody who shares it.
    """
    pets, shared = at.look.pets.c, at.look.co_owners.c
    patients, is_there = at.look.patients.c, pets.deleted_at.is_(None)
    owned = _makes_a_client(pets, at, patients.counts_for_owner.is_(True))
    agreed = _makes_a_client(pets, at, patients.agreed_at.is_not(None))
    owner = _has(at, users.id, pets.owner_id, is_there, owned)
    together = shared.pet_id == pets.id
    co_owner = _has(at, users.id, shared.user_id, together, is_there, agreed)
    return or_(owner, co_owner, of_colleague(users.id, at))


def _makes_a_client(pets: Any, at: AtClinic, counts: Condition) -> Condition:
    patients, visits = at.look.patients.c, at.look.appointments.c
    registered = _has(
        at,
        pets.id,
        patients.pet_id,
        patients.ended_at.is_(None),
        patients.deleted_at.is_(None),
        counts,
        at(patients.clinic_id),
    )
    seen = _has(
        at,
        pets.id,
        visits.pet_id,
        visits.patient_until > at.now,
        visits.deleted_at.is_(None),
        at(visits.clinic_id),
    )
    return or_(registered, seen)


def of_colleague(user_id: ColumnElement[Any], at: AtClinic) -> Condition:
    """Return whether the column names a user who works at the clinic today, by its calendar."""
    memberships = at.look.memberships.c
    today = at.today(memberships.clinic_id)
    return _has(
        at,
        user_id,
        memberships.user_id,
        memberships.deleted_at.is_(None),
        memberships.starts_on <= today,
        or_(memberships.ends_on.is_(None), memberships.ends_on >= today),
        at(memberships.clinic_id),
    )


def is_addressed_to(invitations: Any, who: Subject) -> Condition:
    """Return whether the row is an invitation for ``who``: by account, or by a verified address."""
    users = who.look.users.c
    address = _some(
        users.id == who.id,
        users.email_verified.is_(True),
        users.email == invitations.email,
        invitations.user_id.is_(None),
    )
    return or_(invitations.user_id == who.id, address)
