"""Visit records: written, signed, and after that only added to."""

import hashlib
import json
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import event, inspect
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database.locking import locked
from vetcore.errors import BusinessRuleError, InvalidValue, NotFound
from vetcore.medical.dates import not_in_the_future
from vetcore.models import MedicalRecord, Pet, Veterinarian
from vetcore.values.medical import Allergy
from vetcore.values.reference import VitalWarning
from vetcore.values.visits import (
    Addendum,
    Diagnosis,
    Prescription,
    Vitals,
    allergy_conflicts,
)

__all__ = [
    "RecordLocked",
    "add_addendum",
    "add_diagnosis",
    "open_visit",
    "prescribe",
    "record_vitals",
    "sign_visit",
    "signature_is_intact",
    "write_note",
]

_SIGNED: Final = (
    "id",
    "pet_id",
    "clinic_id",
    "veterinarian_id",
    "visited_at",
    "chief_complaint",
    "subjective",
    "objective",
    "assessment",
    "plan",
    "vitals",
    "diagnoses",
    "prescriptions",
    "signed_at",
    "signed_by_id",
)
"""What the signature covers; a signed record never changes in these."""

_CONTENT: TypeAdapter[Any] = TypeAdapter(Any)


class RecordLocked(BusinessRuleError):
    """The record is signed: it can only be added to, with an addendum."""

    code = "record_locked"
    title = "The medical record is signed"

    def __init__(self, record_id: UUID) -> None:
        super().__init__(
            f"medical record {record_id} is signed; add an addendum instead", record_id=record_id
        )


@event.listens_for(MedicalRecord, "before_update")
def _keep_locked(_mapper: object, _connection: object, record: MedicalRecord) -> None:
    """Whoever writes through the ORM, a signed record stays as it was signed."""
    state = inspect(record)
    before = state.attrs.signed_at.history
    was_signed = before.deleted[0] if before.deleted else None if before.added else record.signed_at
    if was_signed is None:
        return
    if any(state.attrs[name].history.has_changes() for name in (*_SIGNED, "signature")):
        raise RecordLocked(record.id)


async def open_visit(  # noqa: PLR0913
    session: AsyncSession,
    *,
    pet_id: UUID,
    clinic_id: UUID,
    veterinarian_id: UUID,
    appointment_id: UUID | None = None,
    visited_at: datetime | None = None,
    chief_complaint: str | None = None,
) -> MedicalRecord:
    """Begin the record of a visit, now or at ``visited_at``.

    Raises:
        InvalidValue: ``visited_at`` is naive or lies in the future.
        ConstraintViolation: pet, clinic, veterinarian or appointment do not exist.
    """
    if visited_at is not None:
        clock.require_aware(visited_at, field="visited_at")
        not_in_the_future(visited_at, "visited_at")
    record = MedicalRecord(
        pet_id=pet_id,
        clinic_id=clinic_id,
        veterinarian_id=veterinarian_id,
        appointment_id=appointment_id,
        visited_at=visited_at or clock.now(),
        chief_complaint=chief_complaint,
    )
    session.add(record)
    await session.flush()
    return record


async def _draft(session: AsyncSession, record_id: UUID) -> MedicalRecord:
    record = await locked(session, MedicalRecord, record_id)
    if record.is_signed:
        raise RecordLocked(record.id)
    return record


async def write_note(  # noqa: PLR0913
    session: AsyncSession,
    record_id: UUID,
    *,
    subjective: str | None = None,
    objective: str | None = None,
    assessment: str | None = None,
    plan: str | None = None,
) -> MedicalRecord:
    """Write parts of the note (SOAP); what is None stays as it is.

    Raises:
        NotFound: there is no such record.
        RecordLocked: it is signed.
    """
    record = await _draft(session, record_id)
    parts = {
        "subjective": subjective,
        "objective": objective,
        "assessment": assessment,
        "plan": plan,
    }
    for name, text in parts.items():
        if text is not None:
            setattr(record, name, text)
    await session.flush()
    return record


async def _pet(session: AsyncSession, record: MedicalRecord) -> Pet:
    pet = await session.get(Pet, record.pet_id, execution_options={"include_deleted": True})
    if pet is None:
        raise NotFound(entity="pet", key=record.pet_id)
    return pet


async def record_vitals(
    session: AsyncSession, record_id: UUID, vitals: Vitals
) -> tuple[MedicalRecord, tuple[VitalWarning, ...]]:
    """Write what was measured.

    Returns:
        The record, and a warning for each measure outside the range of the pet's species.

    Raises:
        NotFound: there is no such record.
        RecordLocked: it is signed.
    """
    record = await _draft(session, record_id)
    record.vitals = vitals
    await session.flush()
    return record, vitals.warnings((await _pet(session, record)).species)


async def add_diagnosis(
    session: AsyncSession, record_id: UUID, diagnosis: Diagnosis
) -> MedicalRecord:
    """Add a diagnosis.

    Raises:
        NotFound: there is no such record.
        RecordLocked: it is signed.
    """
    record = await _draft(session, record_id)
    record.diagnoses = (*record.diagnoses, diagnosis)
    await session.flush()
    return record


async def prescribe(
    session: AsyncSession, record_id: UUID, prescription: Prescription
) -> tuple[MedicalRecord, tuple[Allergy, ...]]:
    """Add a prescription.

    Returns:
        The record, and the recorded allergies that speak against the drug. They are warnings: the
        veterinarian decides.

    Raises:
        NotFound: there is no such record.
        RecordLocked: it is signed.
    """
    record = await _draft(session, record_id)
    record.prescriptions = (*record.prescriptions, prescription)
    await session.flush()
    history = (await _pet(session, record)).medical_history
    return record, allergy_conflicts(prescription, history.allergies)


async def sign_visit(
    session: AsyncSession, record_id: UUID, *, veterinarian_id: UUID
) -> MedicalRecord:
    """Sign the record, which locks it.

    Raises:
        NotFound: there is no such record or veterinarian.
        RecordLocked: it is signed already.
        InvalidValue: the note has no assessment, or the veterinarian's licence is not good today.
    """
    record = await _draft(session, record_id)
    veterinarian = await session.get(Veterinarian, veterinarian_id)
    if veterinarian is None:
        raise NotFound(entity="veterinarian", key=veterinarian_id)
    if not veterinarian.is_licensed_on(record.visited_at.date()):
        raise InvalidValue(
            field="veterinarian_id",
            rule="has no good licence on the day of the visit",
            expected="an active licence that has not expired",
        )
    if not record.assessment:
        raise InvalidValue(
            field="assessment", rule="is missing", expected="what the veterinarian concluded"
        )
    record.signed_at, record.signed_by_id = clock.now(), veterinarian_id
    record.signature = _digest(record)
    await session.flush()
    return record


async def add_addendum(
    session: AsyncSession, record_id: UUID, *, author_id: UUID, text: str
) -> MedicalRecord:
    """Add to a signed record.

    Raises:
        NotFound: there is no such record.
        InvalidValue: the record is not signed yet: write into it instead.
    """
    record = await locked(session, MedicalRecord, record_id)
    if not record.is_signed:
        raise InvalidValue(
            field="record_id", rule="is not signed yet", expected="a signed record, or write_note"
        )
    addendum = Addendum(author_id=author_id, written_at=clock.now(), text=text)
    record.addenda = (*record.addenda, addendum)
    await session.flush()
    return record


def signature_is_intact(record: MedicalRecord) -> bool:
    """Whether a signed record still says what was signed, however it was written to since."""
    return record.is_signed and record.signature == _digest(record)


def _digest(record: MedicalRecord) -> str:
    signed = {name: getattr(record, name) for name in _SIGNED}
    if record.signed_pet_id is not None:
        signed["pet_id"] = record.signed_pet_id
    content = _CONTENT.dump_python(signed, mode="json")
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
