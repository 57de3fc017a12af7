"""Medical records of visits as they are written; :mod:`vetcore.medical.signing` signs them.

The functions check no permission and notify nobody; :mod:`vetcore.operations` does both.
"""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from vetcore import clock
from vetcore.database.locking import locked
from vetcore.errors import NotFound, RecordLocked
from vetcore.medical.practitioners import veterinarian_meant
from vetcore.medical.visits import Visit, require_visit
from vetcore.models import MedicalRecord, Pet
from vetcore.schemas import MedicalRecordCreate, MedicalRecordUpdate
from vetcore.values.medical import Allergy
from vetcore.values.reference import VitalWarning
from vetcore.values.visits import Diagnosis, Prescription, Vitals, allergy_conflicts

__all__ = [
    "Prescribed",
    "VitalsRecorded",
    "add_diagnosis",
    "conflicts_of",
    "draft",
    "open_record",
    "prescribe",
    "record_vitals",
    "warnings_of",
    "write_note",
]


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


async def open_record(
    session: AsyncSession, given: MedicalRecordCreate, *, key: UUID | None = None
) -> MedicalRecord:
    """Begin the record of a visit. No permission is checked, and nobody is notified.

    Args:
        session: of a transaction; whoever acts in it saw the pet, unless somebody is named.
        given: what is known of the visit so far.
        key: the id of the new record; a new one if none is given.

    Raises:
        InvalidValue: no veterinarian is meant: whoever acts is none, and none is named. Or the visit
            is yet to come.
        NotFound: there is no such appointment of this pet at this clinic.
        OtherVeterinarian: the appointment is with another veterinarian.
        AlreadyRecorded: the appointment has its record.
        NotBornYet: the pet was born after that day, as the clinic's calendar has it.
        DiedBefore: the pet had died before that day.
        ConstraintViolation: pet or clinic do not exist.
    """
    veterinarian = await veterinarian_meant(session, given.practitioner_id, "practitioner_id")
    record = given.make(
        MedicalRecord,
        veterinarian_id=veterinarian.id,
        visited_at=given.visited_at or clock.now(),
        addenda=[],
    )
    await require_visit(session, Visit.of(record))
    if key is not None:
        record.id = key
    session.add(record)
    await session.flush()
    return record


async def draft(session: AsyncSession, record_id: UUID) -> MedicalRecord:
    """Return the record, locked, if it is not signed yet.

    Raises:
        NotFound: there is no such record.
        RecordLocked: it is signed.
    """
    record = await locked(session, MedicalRecord, record_id)
    if record.is_signed:
        raise RecordLocked(record.id)
    # To a draft nothing has been added.
    set_committed_value(record, "addenda", [])
    return record


async def write_note(
    session: AsyncSession, record_id: UUID, change: MedicalRecordUpdate
) -> MedicalRecord:
    """Write parts of the note (SOAP). What the change does not name stays as it is.

    No permission is checked, and nobody is notified.

    Raises:
        NotFound: there is no such record, or no such appointment of its pet at its clinic.
        RecordLocked: the record is signed.
        OtherVeterinarian: the appointment is with another veterinarian.
        AlreadyRecorded: the appointment has its record.
        NotBornYet: the pet was born after the day of the visit.
        DiedBefore: the pet had died before that day.
        ConcurrentUpdate: the record is no longer at the version that the change was made for.
    """
    record = await draft(session, record_id)
    moved = {
        name: getattr(change, name)
        for name in change.model_fields_set & {"appointment_id", "visited_at"}
    }
    if moved:
        await require_visit(session, Visit.of(record)._replace(**moved))
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
    record = await draft(session, record_id)
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
    record = await draft(session, record_id)
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
    record = await draft(session, record_id)
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
