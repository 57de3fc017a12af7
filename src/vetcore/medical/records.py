"""Medical records of visits: they are written, signed, and after that only added to.

The functions check no permission and notify nobody; :mod:`vetcore.operations` does both.
"""

import hashlib
import json
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import event, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database.locking import locked
from vetcore.errors import BusinessRuleError, InvalidValue, NotFound
from vetcore.medical.performers import person_meant, veterinarian_meant
from vetcore.models import Appointment, Clinic, MedicalRecord, Pet
from vetcore.schemas import MedicalRecordCreate, MedicalRecordUpdate
from vetcore.values.medical import Allergy
from vetcore.values.reference import VitalWarning
from vetcore.values.visits import (
    Addendum,
    Diagnosis,
    Prescription,
    Vitals,
    allergy_conflicts,
)
from vetcore.values.walltime import zone_named

__all__ = [
    "Prescribed",
    "RecordLocked",
    "VitalsRecorded",
    "add_addendum",
    "add_diagnosis",
    "conflicts_of",
    "open_record",
    "prescribe",
    "record_vitals",
    "sign_record",
    "signature_is_intact",
    "warnings_of",
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
_LOCKED: Final = (*_SIGNED, "signed_pet_id", "signature")
"""What the ORM leaves alone in a signed record; merging two pets into one writes past it."""

_CONTENT: TypeAdapter[Any] = TypeAdapter(Any)


class RecordLocked(BusinessRuleError):
    """The record is signed: it can only be added to, with an addendum."""

    code = "record_locked"
    title = "The medical record is signed"

    def __init__(self, record_id: UUID) -> None:
        super().__init__(
            f"medical record {record_id} is signed; add an addendum instead", record_id=record_id
        )


class VitalsRecorded(NamedTuple):
    """A record whose vitals were written."""

    record: MedicalRecord
    warnings: tuple[VitalWarning, ...]
    """One for each measure outside the range of the pet's species."""


class Prescribed(NamedTuple):
    """A record that has one more prescription."""

    record: MedicalRecord
    conflicts: tuple[Allergy, ...]
    """The recorded allergies that speak against the drug. The veterinarian decides."""


@event.listens_for(MedicalRecord, "before_update")
def _keep_locked(_mapper: object, _connection: object, record: MedicalRecord) -> None:
    """Whoever writes through the ORM, a signed record stays as it was signed."""
    state = inspect(record)
    before = state.attrs.signed_at.history
    was_signed = before.deleted[0] if before.deleted else None if before.added else record.signed_at
    if was_signed is None:
        return
    if any(state.attrs[name].history.has_changes() for name in _LOCKED):
        raise RecordLocked(record.id)


async def open_record(
    session: AsyncSession, given: MedicalRecordCreate, *, key: UUID | None = None
) -> MedicalRecord:
    """Begin the record of a visit. No permission is checked, and nobody is notified.

    Args:
        session: of a transaction; whoever acts in it saw the pet, unless somebody is named.
        given: what is known of the visit so far.
        key: the id of the new record; a new one if none is given.

    Raises:
        InvalidValue: no veterinarian is meant: whoever acts is none, and none is named.
        NotFound: there is no such appointment of this pet at this clinic.
        ConstraintViolation: pet or clinic do not exist.
    """
    veterinarian = await veterinarian_meant(session, given.performer_id, "performer_id")
    await _require_appointment(session, given.appointment_id, given.pet_id, given.clinic_id)
    record = given.make(
        MedicalRecord,
        veterinarian_id=veterinarian.id,
        visited_at=given.visited_at or clock.now(),
    )
    if key is not None:
        record.id = key
    session.add(record)
    await session.flush()
    return record


async def _require_appointment(
    session: AsyncSession, appointment_id: UUID | None, pet_id: UUID, clinic_id: UUID
) -> None:
    """Refuse to tie a record to what was agreed for another pet, or with another clinic."""
    if appointment_id is None:
        return
    found = await session.scalar(
        select(Appointment.id).where(
            Appointment.id == appointment_id,
            Appointment.pet_id == pet_id,
            Appointment.clinic_id == clinic_id,
        )
    )
    if found is None:
        raise NotFound(entity=Appointment, key=appointment_id)


async def _draft(session: AsyncSession, record_id: UUID) -> MedicalRecord:
    record = await locked(session, MedicalRecord, record_id)
    if record.is_signed:
        raise RecordLocked(record.id)
    return record


async def write_note(
    session: AsyncSession, record_id: UUID, change: MedicalRecordUpdate
) -> MedicalRecord:
    """Write parts of the note (SOAP). What the change does not name stays as it is.

    No permission is checked, and nobody is notified.

    Raises:
        NotFound: there is no such record, or no such appointment of its pet at its clinic.
        RecordLocked: the record is signed.
        ConcurrentUpdate: the record is no longer at the version that the change was made for.
    """
    record = await _draft(session, record_id)
    if change.appointment_id != record.appointment_id:
        await _require_appointment(session, change.appointment_id, record.pet_id, record.clinic_id)
    change.apply_to(record)
    await session.flush()
    return record


async def record_vitals(session: AsyncSession, record_id: UUID, vitals: Vitals) -> VitalsRecorded:
    """Write what was measured. No permission is checked, and nobody is notified.

    Returns:
        The record, and a warning for each measure outside the range of the pet's species.

    Raises:
        NotFound: there is no such record.
        RecordLocked: the record is signed.
    """
    record = await _draft(session, record_id)
    record.vitals = vitals
    await session.flush()
    return await warnings_of(session, record, vitals)


async def warnings_of(
    session: AsyncSession, record: MedicalRecord, vitals: Vitals
) -> VitalsRecorded:
    """Return the record, with warnings about unusual measures of its pet. Nothing is written."""
    return VitalsRecorded(record, vitals.warnings((await _pet(session, record)).species))


async def _pet(session: AsyncSession, record: MedicalRecord) -> Pet:
    """The pet of a record, deleted or not: its history can still be completed."""
    pet = await session.get(Pet, record.pet_id, execution_options={"include_deleted": True})
    if pet is None:
        raise NotFound(entity=Pet, key=record.pet_id)
    return pet


async def add_diagnosis(
    session: AsyncSession, record_id: UUID, diagnosis: Diagnosis
) -> MedicalRecord:
    """Add a diagnosis. No permission is checked, and nobody is notified.

    Raises:
        NotFound: there is no such record.
        RecordLocked: the record is signed.
    """
    record = await _draft(session, record_id)
    record.diagnoses = (*record.diagnoses, diagnosis)
    await session.flush()
    return record


async def prescribe(
    session: AsyncSession, record_id: UUID, prescription: Prescription
) -> Prescribed:
    """Add a prescription. No permission is checked, and nobody is notified.

    Returns:
        The record, and the recorded allergies that speak against the drug. They are warnings: the
        veterinarian decides.

    Raises:
        NotFound: there is no such record.
        RecordLocked: the record is signed.
    """
    record = await _draft(session, record_id)
    record.prescriptions = (*record.prescriptions, prescription)
    await session.flush()
    return await conflicts_of(session, record, prescription)


async def conflicts_of(
    session: AsyncSession, record: MedicalRecord, prescription: Prescription
) -> Prescribed:
    """Return the record, with its pet's allergies that speak against a drug.

    Nothing is written.
    """
    history = (await _pet(session, record)).medical_history
    return Prescribed(record, allergy_conflicts(prescription, history.allergies))


async def sign_record(
    session: AsyncSession, record_id: UUID, *, signer_id: UUID | None = None
) -> MedicalRecord:
    """Sign the record, which locks it. No permission is checked, and nobody is notified.

    Args:
        session: of a transaction; whoever acts in it signs, unless somebody is named.
        record_id: which record.
        signer_id: the veterinarian who signs, a user; needed where the system acts.

    Raises:
        NotFound: there is no such record.
        RecordLocked: the record is signed already.
        InvalidValue: who signs is no veterinarian, or their licence is not good on the day of the
            visit, or the note has no assessment.
    """
    record = await _draft(session, record_id)
    veterinarian = await veterinarian_meant(session, signer_id, "signer_id")
    if not veterinarian.is_licensed_on(await _day_of_visit(session, record)):
        raise InvalidValue(
            field="signer_id",
            rule="has no good licence on the day of the visit",
            expected="an active licence that has not expired",
        )
    if not record.assessment:
        raise InvalidValue(
            field="assessment", rule="is missing", expected="what the veterinarian concluded"
        )
    record.signed_at, record.signed_by_id = clock.now(), veterinarian.id
    record.signature = _digest(record)
    await session.flush()
    return record


async def _day_of_visit(session: AsyncSession, record: MedicalRecord) -> date:
    """The day of the visit, by the clinic's calendar."""
    zone = await session.scalar(
        select(Clinic.timezone).where(Clinic.id == record.clinic_id),
        execution_options={"include_deleted": True},
    )
    return record.visited_at.astimezone(zone_named(zone or "UTC")).date()


async def add_addendum(
    session: AsyncSession, record_id: UUID, text: str, *, author_id: UUID | None = None
) -> MedicalRecord:
    """Add to a signed record. No permission is checked, and nobody is notified.

    Args:
        session: of a transaction; whoever acts in it is the author, unless somebody is named.
        record_id: which record.
        text: what is to be added.
        author_id: the user who wrote it; needed where the system acts.

    Raises:
        NotFound: there is no such record.
        InvalidValue: the record is not signed yet: write into it instead. Or nobody is its author.
    """
    record = await locked(session, MedicalRecord, record_id)
    if not record.is_signed:
        raise InvalidValue(
            field="id", rule="is not signed yet", expected="a signed record, or write_note"
        )
    author = person_meant(session, author_id, "author_id")
    addendum = Addendum(author_id=author, written_at=clock.now(), text=text)
    record.addenda = (*record.addenda, addendum)
    await session.flush()
    return record


def signature_is_intact(record: MedicalRecord) -> bool:
    """Return whether a signed record still says what was signed, whoever changed it since."""
    return record.is_signed and record.signature == _digest(record)


def _digest(record: MedicalRecord) -> str:
    signed = {name: getattr(record, name) for name in _SIGNED}
    if record.signed_pet_id is not None:
        signed["pet_id"] = record.signed_pet_id
    content = _CONTENT.dump_python(signed, mode="json")
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
