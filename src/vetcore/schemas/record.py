"""Schemas of medical records: commands, queries and responses."""

from datetime import datetime
from typing import Annotated, ClassVar, Protocol
from uuid import UUID

from pydantic import Field

from vetcore.schemas.base import (
    ById,
    Create,
    ListQuery,
    Response,
    Rules,
    Schema,
    Summary,
    Update,
)
from vetcore.schemas.fields import Instant, NotNull, Prose
from vetcore.schemas.rules import instant_not_to_come
from vetcore.values.visits import Diagnosis, Prescription, Vitals

__all__ = [
    "MedicalRecordAddendum",
    "MedicalRecordAdminResponse",
    "MedicalRecordCreate",
    "MedicalRecordDiagnosis",
    "MedicalRecordPrescription",
    "MedicalRecordQuery",
    "MedicalRecordResponse",
    "MedicalRecordSign",
    "MedicalRecordStaffResponse",
    "MedicalRecordSummary",
    "MedicalRecordUpdate",
    "MedicalRecordVerify",
    "MedicalRecordVitals",
    "RecordAddendumResponse",
    "RecordAddendumStaffResponse",
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
    """A note of a visit to open, in SOAP form. Veterinarians and technicians may send it.

    The note stays a draft of the clinic until a veterinarian signs it. After that, only addenda may
    be added.
    """

    rules: ClassVar[Rules["MedicalRecordCreate"] | None] = _has_taken_place
    beside: ClassVar[frozenset[str]] = frozenset({"practitioner_id"})

    pet_id: UUID
    clinic_id: UUID
    practitioner_id: UUID | None = None
    """The veterinarian who saw the pet, a user; None means whoever acts."""
    appointment_id: UUID | None = None
    """The appointment at which it took place: one of this pet, at this clinic, with this
    veterinarian, and with no record yet."""
    visited_at: Instant | None = None
    """When the visit took place; None means now."""
    chief_complaint: Prose | None = None
    subjective: Prose | None = None
    objective: Prose | None = None
    assessment: Prose | None = None
    plan: Prose | None = None
    vitals: Vitals | None = None
    diagnoses: _Diagnoses = ()
    prescriptions: _Prescriptions = ()
    """The prescriptions. Only veterinarians may give them."""


class MedicalRecordUpdate(Update):
    """A change to a record that is not signed. Veterinarians and technicians may send it."""

    rules: ClassVar[Rules["MedicalRecordUpdate"] | None] = _has_taken_place

    appointment_id: UUID | None = None
    """The appointment at which it took place: one of this pet, at this clinic."""
    visited_at: NotNull[Instant] = None
    chief_complaint: Prose | None = None
    subjective: Prose | None = None
    objective: Prose | None = None
    assessment: Prose | None = None
    plan: Prose | None = None
    vitals: Vitals | None = None
    diagnoses: NotNull[_Diagnoses] = None
    prescriptions: NotNull[_Prescriptions] = None
    """The prescriptions. Only veterinarians may give them."""


class MedicalRecordVitals(ById):
    """What was measured at the visit of a record. It replaces what was measured before."""

    vitals: Vitals


class MedicalRecordDiagnosis(ById):
    """A diagnosis to add to a record."""

    diagnosis: Diagnosis


class MedicalRecordPrescription(ById):
    """A prescription to add to a record. Veterinarians may send it."""

    prescription: Prescription


class MedicalRecordSign(ById):
    """A record to sign. The signature of a veterinarian locks it. Whoever acts signs."""


class MedicalRecordAddendum(ById):
    """An addendum to a record that is signed. Whoever acts is its author."""

    text: Prose


class MedicalRecordVerify(Schema):
    """Which signatures are to be checked; for managers of the clinic, and for administrators."""

    clinic_id: UUID | None = None
    """Those of one clinic; None is every clinic, for administrators."""
    heads: Annotated[
        tuple[Annotated[str, Field(max_length=300)], ...], Field(max_length=10_000)
    ] = ()
    """Heads of chains as earlier verifications told them: ``CLINIC:NUMBER:SIGNATURE``."""


class MedicalRecordQuery(ListQuery):
    """Which records to list: those that meet every given condition, the latest visit first."""

    pet_id: UUID | None = None
    clinic_id: UUID | None = None
    veterinarian_id: UUID | None = None
    is_signed: bool | None = None
    since: Instant | None = None
    """Only records of visits at this instant or later."""
    until: Instant | None = None
    """Only records of visits before this instant."""


class MedicalRecordSummary(Summary):
    """A visit as a pet's history shows it to owners and to staff."""

    id: UUID
    pet_id: UUID
    clinic_id: UUID
    veterinarian_id: UUID
    appointment_id: UUID | None
    visited_at: datetime
    chief_complaint: str | None
    signed_at: datetime | None


class RecordAddendumResponse(Response):
    """What was added to a record after it was signed, for the pet's owners and for staff."""

    number: int
    author_id: UUID
    written_at: datetime
    text: str


class RecordAddendumStaffResponse(RecordAddendumResponse):
    """An addendum as the clinic's staff see it: with its signature."""

    signature: str


class MedicalRecordResponse(MedicalRecordSummary):
    """A visit as the pet's owners see it: what was found, and what is to be done.

    The working notes (subjective, objective) and the signature stay with the staff. What was added
    since, ``list_addenda`` tells.
    """

    assessment: str | None
    plan: str | None
    vitals: Vitals | None
    diagnoses: tuple[Diagnosis, ...]
    prescriptions: tuple[Prescription, ...]
    created_at: datetime
    updated_at: datetime
    version: int


class MedicalRecordStaffResponse(MedicalRecordResponse):
    """A visit as the clinic's staff see it, with the whole note and who signed it."""

    subjective: str | None
    objective: str | None
    signed_by_id: UUID | None
    signed_by_user_id: UUID | None
    signature: str | None
    """``v1.KEYID.BASE64``."""


class MedicalRecordAdminResponse(MedicalRecordStaffResponse):
    """A visit as administrators see it, with who entered and changed it, even if it is deleted."""

    created_by_id: UUID | None
    updated_by_id: UUID | None
    deleted_at: datetime | None
