"""How a person can stand to a row, as SQL: what the declarations of the entities are made of.

Each condition is written once and used three times: as the filter of a query, as the check of one
row, and as PostgreSQL's row-level security policy. What differs is only how the actor is named: with
their values, or by SQL that asks the database (:class:`Subject`).
"""

from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, literal_column, or_, select

from vetcore.database.among import among
from vetcore.models import Appointment, Pet, PetCoOwner, StaffMembership, User, Veterinarian
from vetcore.values.people import Role

__all__ = [
    "AtClinic",
    "Condition",
    "Lookup",
    "Subject",
    "is_client",
    "is_own_pet",
    "is_patient",
    "of_colleague",
    "of_oneself_as_veterinarian",
    "of_own_pet",
    "of_patient",
    "of_veterinarian_there",
]

Condition = ColumnElement[bool]
AtClinic = Callable[[ColumnElement[Any]], Condition]
"""Whether the column names a clinic at which somebody holds a role."""


class Lookup:
    """The tables that rules look into; row-level security looks into its owner's views instead."""

    def __init__(self, source: Callable[[type[Any]], FromClause]) -> None:
        self.pets = source(Pet)
        self.co_owners = source(PetCoOwner)
        self.appointments = source(Appointment)
        self.veterinarians = source(Veterinarian)
        self.memberships = source(StaffMembership)
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
        """Return whether it is worth asking: False if they hold none of ``roles`` anywhere."""
        ...

    def holds_membership(self, clinic: ColumnElement[Any], roles: frozenset[Role]) -> Condition:
        """Return whether they hold one of ``roles`` at ``clinic`` today."""
        ...


def _ids(column: ColumnElement[Any]) -> Select[UUID]:
    """The keys of rows, of deleted ones too: each rule says itself which rows count."""
    return select(column).execution_options(include_deleted=True)


def _some(*conditions: Condition) -> Condition:
    """Whether there is such a row; the same holds of deleted ones."""
    return _ids(literal_column("1")).where(*conditions).exists()


def of_own_pet(pet_id: ColumnElement[Any], who: Subject) -> Condition:
    """Whether the column names a pet that ``who`` owns or shares, and that is not deleted."""
    pets = who.look.pets.c
    own = _ids(pets.id).where(pets.deleted_at.is_(None), _owns(pets, who))
    return among(pet_id, own)


def is_own_pet(row: Any, who: Subject) -> Condition:
    """Return whether the row is a pet that ``who`` owns or shares."""
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


def is_patient(pets: Any, at: AtClinic, look: Lookup) -> Condition:
    """Whether the row is a pet that is registered at the clinic, or has an appointment there."""
    visits = look.appointments.c
    seen = _some(visits.pet_id == pets.id, visits.deleted_at.is_(None), at(visits.clinic_id))
    return or_(at(pets.primary_clinic_id), seen)


def of_patient(pet_id: ColumnElement[Any], at: AtClinic, look: Lookup) -> Condition:
    """Return whether the column names a patient of the clinic that is not deleted."""
    pets = look.pets.c
    return _some(pets.id == pet_id, pets.deleted_at.is_(None), is_patient(pets, at, look))


def is_client(users: Any, at: AtClinic, look: Lookup) -> Condition:
    """Whether the row is a user who owns or shares a patient of the clinic, or works there."""
    pets, shared, memberships = look.pets.c, look.co_owners.c, look.memberships.c
    here = (pets.deleted_at.is_(None), is_patient(pets, at, look))
    owner = _some(pets.owner_id == users.id, *here)
    co_owner = _some(shared.user_id == users.id, shared.pet_id == pets.id, *here)
    colleague = _some(
        memberships.user_id == users.id, memberships.deleted_at.is_(None), at(memberships.clinic_id)
    )
    return or_(owner, co_owner, colleague)


def of_colleague(user_id: ColumnElement[Any], at: AtClinic, look: Lookup) -> Condition:
    """Return whether the column names a user who has a membership at the clinic."""
    memberships = look.memberships.c
    return _some(
        memberships.user_id == user_id, memberships.deleted_at.is_(None), at(memberships.clinic_id)
    )


def of_veterinarian_there(
    veterinarian_id: ColumnElement[Any], at: AtClinic, look: Lookup
) -> Condition:
    """Return whether the column names a veterinarian who has a membership at the clinic."""
    vets = look.veterinarians.c
    return _some(vets.id == veterinarian_id, of_colleague(vets.user_id, at, look))


def of_oneself_as_veterinarian(veterinarian_id: ColumnElement[Any], who: Subject) -> Condition:
    """Return whether the column names the veterinarian who ``who`` is."""
    vets = who.look.veterinarians.c
    return among(veterinarian_id, _ids(vets.id).where(vets.user_id == who.id))
