"""Says to whom the rows of each entity belong, in one declaration for each entity.

A declaration names the permissions to read and to write a row. It also says what makes a row
somebody's own, and what makes it a clinic's. Filters, checks, operations and row-level security are
made from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import and_, or_

from vetcore import models
from vetcore.access.permissions import Permission
from vetcore.access.relating import (
    AtClinic,
    Condition,
    Subject,
    is_addressed_to,
    is_client,
    is_own_pet,
    is_patient,
    of_colleague,
    of_own_pet,
    of_patient,
)
from vetcore.errors import ConfigurationError

__all__ = ["ACCESS", "Access", "Part", "access_of", "declare_access"]


def _names_the_clinic(row: Any, at: AtClinic) -> Condition:
    return at(row.clinic_id)


class Part:
    """Columns that need a permission of their own, beside the one to see the row."""

    __slots__ = ("columns", "kept", "permission")

    def __init__(
        self,
        permission: StrEnum | None,
        *columns: str,
        kept: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.permission = permission
        """The permission, on the row; None for what nobody is shown."""
        self.columns = frozenset(columns)
        self.kept: Mapping[str, tuple[str, ...]] = kept or {}
        """By the name of a document: its fields that everybody sees who sees the row."""


@dataclass(frozen=True, slots=True)
class Access:
    """To whom the rows of an entity belong, and which permissions they need."""

    read: StrEnum
    """The permission that a row needs to be seen."""
    write: StrEnum
    """The permission that it needs to be changed, as far as no operation says more."""
    own: Callable[[Any, Subject], Condition] | None = None
    """What makes a row somebody's own; None where it is nobody's."""
    at: Callable[[Any, AtClinic], Condition] = _names_the_clinic
    """What makes a row a clinic's: its ``clinic_id``, if nothing else is said."""
    parts: tuple[Part, ...] = ()
    """Columns that need a further permission. To restricted sessions they are NULL without it."""


_BY: Final = ("created_by_id", "updated_by_id")
_DELETED: Final = Part(Permission.AUDIT_READ_DELETED, "deleted_at")
_STAMPS: Final = (Part(Permission.AUDIT_READ, *_BY), _DELETED)

ACCESS: Final[dict[type[Any], Access]] = {
    models.User: Access(
        Permission.USER_READ,
        Permission.USER_WRITE,
        own=lambda row, who: row.id == who.id,
        at=is_client,
        parts=(
            Part(
                Permission.USER_ADMINISTER,
                "clerk_user_id",
                "clerk_updated_at",
                "clerk_rank",
                "clerk_email",
                "clerk_email_verified",
                "terms_accepted_at",
                "privacy_accepted_at",
                "marketing_accepted_at",
                *_BY,
            ),
            _DELETED,
        ),
    ),
    models.Pet: Access(
        Permission.PET_READ,
        Permission.PET_WRITE,
        own=is_own_pet,
        at=is_patient,
        parts=(
            Part(
                Permission.HEALTH_READ,
                "medical_history",
                "insurance",
                "notes",
                kept={"medical_history": ("allergies",)},
            ),
            Part(Permission.AUDIT_READ_DELETED, "merged_into_id"),
            *_STAMPS,
        ),
    ),
    models.Appointment: Access(
        Permission.APPOINTMENT_READ,
        Permission.APPOINTMENT_BOOK,
        own=lambda row, who: of_own_pet(row.pet_id, who),
        parts=(
            Part(
                Permission.APPOINTMENT_READ_INTERNAL,
                "booked_by_id",
                "duration_minutes",
                "internal_notes",
                "overrides",
                "squeezed_in",
                "squeeze_reason",
                "new_patient",
                "occupied_from",
                "occupied_until",
                "patient_until",
            ),
            *_STAMPS,
        ),
    ),
    models.AppointmentSeries: Access(
        Permission.APPOINTMENT_READ,
        Permission.APPOINTMENT_BOOK,
        own=lambda row, who: of_own_pet(row.pet_id, who),
        parts=_STAMPS,
    ),
    models.MedicalRecord: Access(
        Permission.RECORD_READ,
        Permission.RECORD_WRITE,
        # An owner reads what was signed; a draft is the veterinarian's.
        own=lambda row, who: and_(row.signed_at.is_not(None), of_own_pet(row.pet_id, who)),
        parts=(
            Part(
                Permission.RECORD_READ_NOTES,
                "subjective",
                "objective",
                "signed_by_id",
                "signed_by_user_id",
                "signature",
                "signed_pet_id",
            ),
            *_STAMPS,
        ),
    ),
    models.WaitlistEntry: Access(
        Permission.WAITLIST_READ,
        Permission.WAITLIST_WRITE,
        own=lambda row, who: of_own_pet(row.pet_id, who),
        parts=(
            Part(Permission.AUDIT_READ, "requested_by_id", *_BY),
            _DELETED,
            Part(Permission.SYSTEM_RUN, "offered_starts"),
        ),
    ),
    models.VaccinationReminder: Access(
        Permission.REMINDER_READ,
        Permission.REMINDER_READ,
        own=lambda row, who: of_own_pet(row.pet_id, who),
        at=lambda row, at: of_patient(row.pet_id, at),
        parts=(Part(Permission.SYSTEM_RUN, "claimed_by", "claimed_until", "error"), *_STAMPS),
    ),
    models.Clinic: Access(
        Permission.CLINIC_READ,
        Permission.CLINIC_MANAGE,
        at=lambda row, at: at(row.id),
        parts=(
            Part(Permission.CLINIC_READ_LICENSE, "license_number", "license_jurisdiction"),
            *_STAMPS,
        ),
    ),
    models.Room: Access(Permission.ROOM_READ, Permission.ROOM_MANAGE, parts=_STAMPS),
    models.Equipment: Access(Permission.EQUIPMENT_READ, Permission.EQUIPMENT_MANAGE, parts=_STAMPS),
    models.ClinicClosure: Access(Permission.CLOSURE_READ, Permission.CLOSURE_MANAGE, parts=_STAMPS),
    models.ScheduleBlock: Access(
        Permission.BLOCK_READ,
        Permission.BLOCK_MANAGE,
        own=lambda row, who: row.practitioner_id == who.id,
        parts=_STAMPS,
    ),
    models.Veterinarian: Access(
        Permission.VETERINARIAN_READ,
        Permission.VETERINARIAN_WRITE,
        own=lambda row, who: row.user_id == who.id,
        at=lambda row, at: of_colleague(row.user_id, at),
        parts=(
            Part(
                Permission.VETERINARIAN_READ_LICENSE,
                "license_number",
                "license_jurisdiction",
                "license_status",
                "license_expires_on",
                "credentials",
            ),
            Part(Permission.VETERINARIAN_ADMINISTER, "dea_number", *_BY),
            _DELETED,
        ),
    ),
    models.TimeOff: Access(
        Permission.TIME_OFF_READ,
        Permission.TIME_OFF_WRITE,
        own=lambda row, who: row.practitioner_id == who.id,
        at=lambda row, at: of_colleague(row.practitioner_id, at),
        parts=(Part(Permission.TIME_OFF_READ_REASON, "kind", "reason"), *_STAMPS),
    ),
    models.ClinicPatient: Access(
        Permission.PATIENT_READ,
        Permission.PATIENT_END,
        own=lambda row, who: of_own_pet(row.pet_id, who),
        parts=(Part(Permission.AUDIT_READ, "counts_for_owner", "agreed_by_id", *_BY), _DELETED),
    ),
    models.Invitation: Access(
        Permission.INVITATION_READ,
        Permission.INVITATION_WITHDRAW,
        # Of the person who is invited, and of the owner who shares a pet or gives it away.
        own=lambda row, who: or_(is_addressed_to(row, who), of_own_pet(row.pet_id, who)),
        parts=(
            # Whether an address has an account is for nobody to see.
            Part(None, "user_id", "keeps_co_owners"),
            Part(None, "code_hash", "code_expires_at", "code_attempts"),
            *_STAMPS,
        ),
    ),
    models.EmergencyAccess: Access(
        Permission.EMERGENCY_LIST,
        Permission.EMERGENCY_LIST,
        own=lambda row, who: of_own_pet(row.pet_id, who),
        parts=_STAMPS,
    ),
    models.StaffMembership: Access(
        Permission.STAFF_READ,
        Permission.STAFF_MANAGE,
        own=lambda row, who: row.user_id == who.id,
        parts=(Part(Permission.STAFF_READ_TERMS, "employment", *_BY), _DELETED),
    ),
}
"""The declaration of each entity; :func:`declare_access` adds those of a service."""


def declare_access(entity: type[Any], access: Access) -> None:
    """Declare to whom the rows of an entity of a service's own belong.

    A restricted session shows them from the next :func:`enable_row_level_security` on.

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
