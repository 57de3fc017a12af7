"""Schemas of looks at a pet's health in an emergency: command, query and responses."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from vetcore.errors import InvalidValue
from vetcore.schemas.base import ListQuery, Ruled, Rules, Schema, Summary
from vetcore.schemas.fields import MicrochipNumber, Prose
from vetcore.schemas.pet import PetStaffResponse
from vetcore.schemas.record import MedicalRecordResponse
from vetcore.schemas.user import UserContact

__all__ = [
    "EmergencyAccessQuery",
    "EmergencyAccessResponse",
    "EmergencyAccessSummary",
    "EmergencyChart",
    "EmergencyRead",
]


def _names_one_pet(act: "EmergencyRead", _whole: bool, /) -> None:
    if (act.pet_id is None) == (act.microchip is None):
        raise InvalidValue(
            field="pet_id",
            rule="or microchip must be given, and not both",
            expected="the id or the chip of the animal",
        )


class EmergencyRead(Ruled, Schema):
    """A look at a pet's health in an emergency. A veterinarian may send it, and says why."""

    rules: ClassVar[Rules["EmergencyRead"] | None] = _names_one_pet

    clinic_id: UUID
    """The clinic at which the animal is treated."""
    pet_id: UUID | None = None
    microchip: MicrochipNumber | None = None
    """What the reader shows, where nobody knows whose the animal is."""
    reason: Prose
    """Why; its owners will read it."""


class EmergencyAccessQuery(ListQuery):
    """Which looks to list: those that meet every given condition, the latest first."""

    pet_id: UUID | None = None
    clinic_id: UUID | None = None


class EmergencyAccessSummary(Summary):
    """A look at a pet's health in an emergency, as its owners and the clinic's managers see it."""

    id: UUID
    pet_id: UUID
    clinic_id: UUID
    user_id: UUID | None
    reason: str
    created_at: datetime


class EmergencyAccessResponse(EmergencyAccessSummary):
    """The same, alone."""

    updated_at: datetime
    version: int


class EmergencyChart(Schema):
    """What a veterinarian is shown in an emergency."""

    access: EmergencyAccessResponse
    """The entry that is kept of it."""
    pet: PetStaffResponse
    owners: tuple[UserContact, ...]
    """Whom to call: the owner first, then the co-owners."""
    records: tuple[MedicalRecordResponse, ...]
    """The last fifty signed records, the latest first, of whatever clinic wrote them."""
