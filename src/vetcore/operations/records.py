"""Operations on medical records: to open, write and sign them, and to add to them."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from vetcore import clock, medical
from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.database.acting import acting_of
from vetcore.database.paging import Page, page
from vetcore.errors import RecordLocked
from vetcore.identity.own.errors import VerificationNeeded
from vetcore.medical import (
    AlreadyRecorded,
    ChainHead,
    DiedBefore,
    NotBornYet,
    NotInPerson,
    OtherVeterinarian,
    Prescribed,
    Verification,
    VitalsRecorded,
)
from vetcore.medical.records import conflicts_of, warnings_of
from vetcore.models import MedicalRecord, Pet, RecordAddendum
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.naming import named
from vetcore.schemas import (
    ById,
    MedicalRecordAddendum,
    MedicalRecordCreate,
    MedicalRecordDiagnosis,
    MedicalRecordPrescription,
    MedicalRecordQuery,
    MedicalRecordSign,
    MedicalRecordUpdate,
    MedicalRecordVerify,
    MedicalRecordVitals,
    OfClinic,
)

__all__ = [
    "add_addendum",
    "add_diagnosis",
    "get_record",
    "list_addenda",
    "list_records",
    "open_record",
    "prescribe",
    "record_vitals",
    "seal_earlier_records",
    "sign_record",
    "verify_records",
    "write_note",
]

_OF_VISITS: Final = (OtherVeterinarian, AlreadyRecorded, NotBornYet, DiedBefore)
_OF_VETERINARIANS: Final = {"prescriptions": Permission.RECORD_PRESCRIBE}


@operation(
    permission=Permission.RECORD_WRITE,
    also=_OF_VETERINARIANS,
    entity=MedicalRecord,
    keyed=True,
    errors=_OF_VISITS,
)
async def open_record(session: Session, visit: MedicalRecordCreate, asked: Asked) -> MedicalRecord:
    """Begin the medical record of a visit. It is a draft until a veterinarian signs it.

    Raises:
        InvalidValue: no veterinarian is meant: whoever acts is none, and none is named. Or the
            visit is yet to come.
        OtherVeterinarian: its appointment is with another veterinarian.
        AlreadyRecorded: its appointment has a record.
        NotBornYet: the pet was born after that day, by the clinic's calendar.
        DiedBefore: the pet had died before that day.
    """
    await asked.related(Pet, visit.pet_id, Permission.PET_READ)
    asked.require_at(visit.clinic_id)
    return await medical.open_record(session, visit, key=asked.id)


@operation(
    permission=Permission.RECORD_WRITE,
    also=_OF_VETERINARIANS,
    entity=MedicalRecord,
    versioned=True,
    keyed=True,
    errors=(RecordLocked, *_OF_VISITS),
)
async def write_note(session: Session, change: MedicalRecordUpdate, asked: Asked) -> MedicalRecord:
    """Write parts of a medical record. What the change does not name stays as it is.

    Raises:
        RecordLocked: the record is signed.
        OtherVeterinarian: its appointment is with another veterinarian.
        AlreadyRecorded: its appointment has another record.
        NotBornYet: the pet was born after the day of the visit.
        DiedBefore: the pet had died before that day.
    """
    record, _ = await asked.take(MedicalRecord, named(change))
    return await medical.write_note(session, record.id, change)


async def _warned_before(
    session: Session, key: UUID, command: MedicalRecordVitals
) -> VitalsRecorded:
    return await warnings_of(session, await _as_it_is(session, key), command.vitals)


@operation(
    permission=Permission.RECORD_WRITE,
    entity=MedicalRecord,
    versioned=True,
    keyed=True,
    again=_warned_before,
    errors=(RecordLocked,),
)
async def record_vitals(
    session: Session, measured: MedicalRecordVitals, asked: Asked
) -> VitalsRecorded:
    """Write what was measured at a visit, and tell which measures are unusual for the species.

    Raises:
        RecordLocked: the record is signed.
    """
    record, _ = await asked.take(MedicalRecord, measured.id)
    return await medical.record_vitals(session, record.id, measured.vitals)


@operation(
    permission=Permission.RECORD_WRITE,
    entity=MedicalRecord,
    versioned=True,
    keyed=True,
    errors=(RecordLocked,),
)
async def add_diagnosis(
    session: Session, found: MedicalRecordDiagnosis, asked: Asked
) -> MedicalRecord:
    """Add a diagnosis to a medical record.

    Raises:
        RecordLocked: the record is signed.
    """
    record, _ = await asked.take(MedicalRecord, found.id)
    return await medical.add_diagnosis(session, record.id, found.diagnosis)


async def _prescribed_before(
    session: Session, key: UUID, command: MedicalRecordPrescription
) -> Prescribed:
    return await conflicts_of(session, await _as_it_is(session, key), command.prescription)


@operation(
    permission=Permission.RECORD_PRESCRIBE,
    entity=MedicalRecord,
    versioned=True,
    keyed=True,
    again=_prescribed_before,
    errors=(RecordLocked,),
)
async def prescribe(session: Session, order: MedicalRecordPrescription, asked: Asked) -> Prescribed:
    """Add a prescription to a medical record, and tell which allergies speak against it.

    Raises:
        RecordLocked: the record is signed.
    """
    record, _ = await asked.take(MedicalRecord, order.id)
    return await medical.prescribe(session, record.id, order.prescription)


@operation(
    permission=Permission.RECORD_SIGN,
    entity=MedicalRecord,
    versioned=True,
    keyed=True,
    errors=(RecordLocked, NotInPerson, VerificationNeeded),
)
async def sign_record(session: Session, act: MedicalRecordSign, asked: Asked) -> MedicalRecord:
    """Sign a medical record, which locks it. Whoever acts signs, as the veterinarian that they are.

    Raises:
        RecordLocked: the record is signed already.
        NotInPerson: the system acts, or somebody in the name of another.
        VerificationNeeded: the session is one of an account of ours, and it is a while since whoever
            acts has shown who they are.
        InvalidValue: who acts is no veterinarian, or their licence is not good on the day of the
            visit by the clinic's calendar, or the note has no assessment.
        ConfigurationError: there is no key that signs.
    """
    acting = acting_of(session)
    if acting.session is not None and (acting.fresh_until or clock.now()) <= clock.now():
        raise VerificationNeeded
    record, _ = await asked.take(MedicalRecord, act.id)
    return await medical.sign_record(session, record.id)


@operation(
    permission=Permission.RECORD_WRITE,
    entity=MedicalRecord,
    versioned=True,
    keyed=True,
    errors=(NotInPerson,),
)
async def add_addendum(
    session: Session, addition: MedicalRecordAddendum, asked: Asked
) -> MedicalRecord:
    """Add to a medical record that is signed, in the name of whoever acts.

    Raises:
        NotInPerson: the system acts, or somebody in the name of another.
        InvalidValue: the record is not signed yet.
        ConfigurationError: there is no key that signs.
    """
    record, _ = await asked.take(MedicalRecord, addition.id)
    return await medical.add_addendum(session, record.id, addition.text)


async def _as_it_is(session: Session, key: UUID) -> MedicalRecord:
    options: dict[str, Any] = {"include_deleted": True, "populate_existing": True}
    return await session.get_one(MedicalRecord, key, execution_options=options)


@reading(permission=Permission.RECORD_READ, entity=MedicalRecord)
async def get_record(_session: ReadSession, wanted: ById, asked: Asked) -> MedicalRecord:
    """Return a medical record. The pet's owners see a record only after it is signed."""
    record, _ = await asked.take(MedicalRecord, wanted.id, lock=False)
    return record


@reading(permission=Permission.RECORD_READ, entity=MedicalRecord)
async def list_addenda(_session: ReadSession, wanted: ById, asked: Asked) -> list[RecordAddendum]:
    """Return what was added to a medical record after it was signed, in its order."""
    record, _ = await asked.take(MedicalRecord, wanted.id, lock=False)
    return list(record.addenda)


@reading(permission=Permission.RECORD_READ, entity=MedicalRecord)
async def list_records(
    session: ReadSession, wanted: MedicalRecordQuery, asked: Asked
) -> Page[MedicalRecord]:
    """Return the medical records that the actor may see, the latest visit first."""
    query = asked.seen(select(MedicalRecord), MedicalRecord)
    query = query.options(selectinload(MedicalRecord.addenda))
    for column, value in (
        (MedicalRecord.pet_id, wanted.pet_id),
        (MedicalRecord.clinic_id, wanted.clinic_id),
        (MedicalRecord.veterinarian_id, wanted.veterinarian_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.is_signed is not None:
        signed = MedicalRecord.signed_at
        query = query.where(signed.is_not(None) if wanted.is_signed else signed.is_(None))
    if wanted.since is not None:
        query = query.where(MedicalRecord.visited_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(MedicalRecord.visited_at < wanted.until)
    latest_first = [MedicalRecord.visited_at.desc(), MedicalRecord.id.desc()]
    return await page(session, query, order_by=latest_first, limit=wanted.limit, after=wanted.after)


@reading(permission=Permission.RECORD_VERIFY, entity=MedicalRecord)
async def verify_records(
    session: ReadSession, wanted: MedicalRecordVerify, asked: Asked
) -> Verification:
    """Check every signature of a clinic, or of all, and the chains in which they stand.

    It takes a session that sees every row. That the end of a chain was cut off shows only against
    heads that were kept elsewhere.

    Raises:
        InvalidValue: what is given as a head is none.
    """
    asked.require_at_or_everywhere(wanted.clinic_id)
    heads = [ChainHead.parse(head) for head in wanted.heads]
    return await medical.verify_records(session, clinic_id=wanted.clinic_id, heads=heads)


@operation(permission=Permission.SYSTEM_RUN, entity=MedicalRecord)
async def seal_earlier_records(session: Session, which: OfClinic, asked: Asked) -> int:
    """Put a seal on what was signed before there were keys, and return how many chains got one.

    Raises:
        ConfigurationError: there is no key that signs.
    """
    asked.require_system()
    return await medical.seal_earlier(session, clinic_id=which.clinic_id)
