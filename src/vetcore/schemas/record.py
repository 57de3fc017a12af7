"""Medical records, as they come in and go out."""

from datetime import datetime
from typing import Annotated, ClassVar, Protocol
from uuid import UUID

from pydantic import Field

from vetcore.schemas.base import Create, Rules, Summary, Update
from vetcore.schemas.fields import Instant, NotNull, Prose
from vetcore.schemas.rules import instant_not_to_come
from vetcore.values.visits import Addendum, Diagnosis, Prescription, Vitals

__all__ = [
    "MedicalRecordAdminResponse",
    "MedicalRecordCreate",
    "MedicalRecordResponse",
    "MedicalRecordStaffResponse",
    "MedicalRecordSummary",
    "MedicalRecordUpdate",
]

_Diagnoses = Annotated[tuple[Diagnosis, ...], Field(max_length=100)]
_Prescriptions = Annotated[tuple[Prescription, ...], Field(max_length=100)]


class _Fields(Protocol):
    """What the rule reads of a medical record."""

    @property
    def visited_at(self) -> datetime | None: ...


def _has_taken_place(record: _Fields, _whole: bool, /) -> None:
    if (visited := record.visited_at) is not None:
        instant_not_to_come("visited_at", visited)


class MedicalRecordCreate(Create):
    """A visit's note in SOAP form; for veterinarians and technicians.

    It is signed, and so locked, by :mod:`vetcore.medical`; addenda come after that.
    """

    rules: ClassVar[Rules["MedicalRecordCreate"] | None] = _has_taken_place

    pet_id: UUID
    clinic_id: UUID
    veterinarian_id: UUID
    appointment_id: UUID | None = None
    visited_at: Instant
    chief_complaint: Prose | None = None
    subjective: Prose | None = None
    objective: Prose | None = None
    assessment: Prose | None = None
    plan: Prose | None = None
    vitals: Vitals | None = None
    diagnoses: _Diagnoses = ()
    prescriptions: _Prescriptions = ()


class MedicalRecordUpdate(Update):
    """A change to a note that is not signed yet; for its author."""

    rules: ClassVar[Rules["MedicalRecordUpdate"] | None] = _has_taken_place

    appointment_id: UUID | None = None
    visited_at: NotNull[Instant] = None
    chief_complaint: Prose | None = None
    subjective: Prose | None = None
    objective: Prose | None = None
    assessment: Prose | None = None
    plan: Prose | None = None
    vitals: Vitals | None = None
    diagnoses: NotNull[_Diagnoses] = None
    prescriptions: NotNull[_Prescriptions] = None


class MedicalRecordSummary(Summary):
    """A visit in a pet's history, for its owners and for staff."""

    id: UUID
    pet_id: UUID
    clinic_id: UUID
    veterinarian_id: UUID
    appointment_id: UUID | None
    visited_at: datetime
    chief_complaint: str | None
    signed_at: datetime | None


class MedicalRecordResponse(MedicalRecordSummary):
    """A visit as the pet's owners see it: what was found and what is to be done.

    The working notes (subjective, objective) and the signature stay with the staff.
    """

    assessment: str | None
    plan: str | None
    vitals: Vitals | None
    diagnoses: tuple[Diagnosis, ...]
    prescriptions: tuple[Prescription, ...]
    addenda: tuple[Addendum, ...]
    created_at: datetime
    updated_at: datetime
    version: int


class MedicalRecordStaffResponse(MedicalRecordResponse):
    """A visit as the clinic's staff see it: the whole note, and who signed it."""

    subjective: str | None
    objective: str | None
    signed_by_id: UUID | None
    signature: str | None
    """SHA-256 of the signed content."""


class MedicalRecordAdminResponse(MedicalRecordStaffResponse):
    """A visit as administrators see it: who entered and who changed it, deleted or not."""

    created_by_id: UUID | None
    updated_by_id: UUID | None
    deleted_at: datetime | None
