"""Schemas of registrations at clinics: commands, queries and responses."""

from datetime import datetime
from uuid import UUID

from vetcore.schemas.base import ListQuery, Schema, Summary
from vetcore.values.relations import PatientOrigin

__all__ = [
    "ClinicPatientAct",
    "ClinicPatientQuery",
    "ClinicPatientResponse",
    "ClinicPatientSummary",
]


class ClinicPatientAct(Schema):
    """A pet that a clinic is to care for, or no longer is."""

    pet_id: UUID
    clinic_id: UUID


class ClinicPatientQuery(ListQuery):
    """Registrations that fit everything that is said, the latest first."""

    pet_id: UUID | None = None
    clinic_id: UUID | None = None
    is_standing: bool | None = None
    """Only those that stand, or only those that were ended."""


class ClinicPatientSummary(Summary):
    """A registration in a list."""

    id: UUID
    pet_id: UUID
    clinic_id: UUID
    origin: PatientOrigin
    agreed_at: datetime | None
    ended_at: datetime | None


class ClinicPatientResponse(ClinicPatientSummary):
    """A registration as the owner and the clinic see it."""

    created_at: datetime
    updated_at: datetime
    version: int
