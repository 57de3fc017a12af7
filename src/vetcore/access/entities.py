"""Says to whom the rows of each entity belong, in one declaration for each entity.

A declaration names the permissions to read and to write a row. It also says what makes a row
somebody's own, and what makes it a clinic's. Filters, checks, operations and row-level security are
made from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import and_

from vetcore import models
from vetcore.access.permissions import Permission
from vetcore.access.relating import (
    AtClinic,
    Condition,
    Lookup,
    Subject,
    is_client,
    is_own_pet,
    is_patient,
    of_colleague,
    of_oneself_as_veterinarian,
    of_own_pet,
    of_patient,
    of_veterinarian_there,
)
from vetcore.errors import ConfigurationError

__all__ = ["ACCESS", "Access", "access_of", "declare_access"]


def _names_the_clinic(row: Any, at: AtClinic, _: Lookup) -> Condition:
    return at(row.clinic_id)


@dataclass(frozen=True, slots=True)
class Access:
    """To whom the rows of an entity belong, and which permissions they need."""

    read: StrEnum
    """The permission that a row needs to be seen."""
    write: StrEnum
    """The permission that a restricted session needs to write a row."""
    own: Callable[[Any, Subject], Condition] | None = None
    """What makes a row somebody's own; None where it is nobody's."""
    at: Callable[[Any, AtClinic, Lookup], Condition] = _names_the_clinic
    """What makes a row a clinic's: its ``clinic_id``, if nothing else is said."""


ACCESS: Final[dict[type[Any], Access]] = {
    models.User: Access(
        Permission.USER_READ,
        Permission.USER_WRITE,
        own=lambda row, who: row.id == who.id,
        at=is_client,
    ),
    models.Pet: Access(Permission.PET_READ, Permission.PET_WRITE, own=is_own_pet, at=is_patient),
    models.Appointment: Access(
        Permission.APPOINTMENT_READ,
        Permission.APPOINTMENT_BOOK,
        own=lambda row, who: of_own_pet(row.pet_id, who),
    ),
    models.MedicalRecord: Access(
        Permission.RECORD_READ,
        Permission.RECORD_WRITE,
        # An owner reads what was signed; a draft is the veterinarian's.
        own=lambda row, who: and_(row.signed_at.is_not(None), of_own_pet(row.pet_id, who)),
    ),
    models.WaitlistEntry: Access(
        Permission.WAITLIST_READ,
        Permission.WAITLIST_WRITE,
        own=lambda row, who: of_own_pet(row.pet_id, who),
    ),
    models.VaccinationReminder: Access(
        Permission.REMINDER_READ,
        Permission.REMINDER_READ,
        own=lambda row, who: of_own_pet(row.pet_id, who),
        at=lambda row, at, look: of_patient(row.pet_id, at, look),
    ),
    models.Clinic: Access(
        Permission.CLINIC_READ, Permission.CLINIC_MANAGE, at=lambda row, at, _: at(row.id)
    ),
    models.Room: Access(Permission.ROOM_READ, Permission.ROOM_MANAGE),
    models.ClinicClosure: Access(Permission.CLOSURE_READ, Permission.CLOSURE_MANAGE),
    models.Veterinarian: Access(
        Permission.VETERINARIAN_READ,
        Permission.VETERINARIAN_WRITE,
        own=lambda row, who: row.user_id == who.id,
        at=lambda row, at, look: of_colleague(row.user_id, at, look),
    ),
    models.TimeOff: Access(
        Permission.TIME_OFF_READ,
        Permission.TIME_OFF_WRITE,
        own=lambda row, who: of_oneself_as_veterinarian(row.veterinarian_id, who),
        at=lambda row, at, look: of_veterinarian_there(row.veterinarian_id, at, look),
    ),
    models.StaffMembership: Access(
        Permission.STAFF_READ,
        Permission.STAFF_MANAGE,
        own=lambda row, who: row.user_id == who.id,
    ),
}
"""The declaration of each entity; :func:`declare_access` adds those of a service."""


def declare_access(entity: type[Any], access: Access) -> None:
    """Declare to whom the rows of an entity of a service's own belong.

    Row-level security does not cover such a table: a restricted session has no rights on it.

    Raises:
        ConfigurationError: the entity has been declared before.
    """
    if entity in ACCESS:
        message = f"Who may do what to {entity.__name__} is declared twice"
        raise ConfigurationError(message)
    ACCESS[entity] = access


def access_of(entity: type[Any]) -> Access:
    """Return the declaration of an entity.

    Raises:
        ConfigurationError: there is none.
    """
    found = ACCESS.get(entity)
    if found is None:
        name = entity.__name__
        message = f"Nothing says who may do what to {name}: declare_access({name}, Access(read, write, …))"
        raise ConfigurationError(message)
    return found
