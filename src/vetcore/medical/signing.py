"""Signing medical records, and adding to what is signed.

Whoever acts signs, and nobody else. No permission is checked here, and nobody is notified.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified, set_committed_value

from vetcore import clock
from vetcore.database.acting import acting_of, keys_of
from vetcore.database.locking import locked
from vetcore.errors import AccessError, InvalidValue
from vetcore.medical.practitioners import veterinarian_meant
from vetcore.medical.records import draft
from vetcore.medical.sealing import (
    addendum_content,
    append_seal,
    record_content,
    wait_for_chain,
)
from vetcore.medical.visits import Visit, day_of_visit, require_visit
from vetcore.models import MedicalRecord, RecordAddendum, RecordSeal, Veterinarian
from vetcore.values.sealing import SealKind
from vetcore.values.signatures import Keyring, Verdict, is_digest

__all__ = [
    "NotInPerson",
    "add_addendum",
    "add_as",
    "seal_earlier",
    "sign_as",
    "sign_record",
    "signature_is_intact",
]


class NotInPerson(AccessError):
    """A record is signed, and added to, by the person who acts, in person."""

    code = "not_in_person"
    title = "Records are signed in person"

    def __init__(self, *, impersonator: UUID | None = None) -> None:
        why = (
            "the system cannot sign a record, nor add to one: a job or a test acts as the "
            "veterinarian, with Acting(user_id)"
            if impersonator is None
            else f"user {impersonator} acts in the name of somebody else, and nobody signs for another"
        )
        super().__init__(why, impersonator=impersonator)


def _in_person(session: AsyncSession) -> UUID:
    acting = acting_of(session)
    if acting.actor is None or acting.impersonator is not None:
        raise NotInPerson(impersonator=acting.impersonator)
    return acting.actor


async def sign_record(session: AsyncSession, record_id: UUID) -> MedicalRecord:
    """Sign the record as the actor, which locks it. No permission is checked.

    The database keeps the lock. The signature, by the key that is active, covers what the record
    says, who signed and when; the clinic's chain of seals has one more.

    Raises:
        NotFound: there is no such record.
        RecordLocked: it is signed already.
        NotInPerson: the system acts, or somebody in the name of another.
        InvalidValue: who acts is no veterinarian, or their licence is not good on the day of the
            visit by the clinic's calendar, or the note has no assessment.
        ConfigurationError: there is no key that signs.
    """
    record = await draft(session, record_id)
    person = _in_person(session)
    veterinarian = await veterinarian_meant(session, person, "actor")
    return await sign_as(session, record, veterinarian)


async def sign_as(
    session: AsyncSession,
    record: MedicalRecord,
    veterinarian: Veterinarian,
    *,
    keys: Keyring | None = None,
) -> MedicalRecord:
    """Sign a locked record as a veterinarian, whoever acts; for code that makes a world up.

    Raises:
        InvalidValue: as for :func:`sign_record`.
        ConfigurationError: there is no key that signs.
    """
    await session.flush()
    # The appointment was asked when it was named; it may be gone by now.
    await require_visit(session, Visit.of(record)._replace(appointment_id=None))
    day = await day_of_visit(session, record)
    if not veterinarian.is_licensed_on(day):
        raise InvalidValue(
            field="actor",
            rule=f"has no good licence on the day of the visit by the clinic's calendar, {day}",
            expected="an active licence that has not expired",
        )
    if not record.assessment:
        raise InvalidValue(
            field="assessment", rule="is missing", expected="what the veterinarian concluded"
        )
    keys = keys_of(session) if keys is None else keys
    keys.require()
    signed = {
        "signed_at": clock.now(),
        "signed_by_id": veterinarian.id,
        "signed_by_user_id": veterinarian.user_id,
    }
    signature = keys.sign(record_content(record, **signed))
    # The seal comes first: the database takes no signature without one.
    await append_seal(
        session,
        record.clinic_id,
        SealKind.RECORD,
        signature,
        keys=keys,
        record_id=record.id,
        by_id=veterinarian.user_id,
    )
    for name, value in signed.items():
        setattr(record, name, value)
    record.signature = signature
    await session.flush()
    return record


async def add_addendum(session: AsyncSession, record_id: UUID, text: str) -> MedicalRecord:
    """Add to a signed record as the actor. No permission is checked, and nobody is notified.

    The signature of the addendum covers those of the record and of the addendum before it.

    Raises:
        NotFound: there is no such record.
        InvalidValue: the record is not signed yet: write into it instead.
        NotInPerson: the system acts, or somebody in the name of another.
        ConfigurationError: there is no key that signs.
    """
    record = await locked(session, MedicalRecord, record_id)
    return await add_as(session, record, text, _author_of(session, record))


def _author_of(session: AsyncSession, record: MedicalRecord) -> UUID:
    if not record.is_signed:
        raise InvalidValue(
            field="id", rule="is not signed yet", expected="a signed record, or write_note"
        )
    return _in_person(session)


async def add_as(
    session: AsyncSession,
    record: MedicalRecord,
    text: str,
    author_id: UUID,
    *,
    keys: Keyring | None = None,
) -> MedicalRecord:
    """Add to a locked, signed record as somebody, whoever acts; for code that makes a world up.

    Raises:
        ConfigurationError: there is no key that signs.
    """
    if not text.strip():
        raise InvalidValue(field="text", rule="is empty", expected="what is to be added")
    keys = keys_of(session) if keys is None else keys
    keys.require()
    # Who adds to the record changes it, so that others notice: they wait for its row.
    await session.flush()
    query = select(RecordAddendum).where(RecordAddendum.record_id == record.id)
    before = list(await session.scalars(query.order_by(RecordAddendum.number)))
    last = before[-1] if before else None
    added = RecordAddendum(
        record_id=record.id,
        number=1 if last is None else last.number + 1,
        author_id=author_id,
        written_at=clock.now(),
        text=text,
    )
    content = addendum_content(
        added, record=record.signature or "", previous=None if last is None else last.signature
    )
    added.signature = keys.sign(content)
    await append_seal(
        session,
        record.clinic_id,
        SealKind.ADDENDUM,
        added.signature,
        keys=keys,
        record_id=record.id,
        addendum=added.number,
        by_id=author_id,
    )
    session.add(added)
    record.updated_at = added.written_at
    flag_modified(record, "updated_at")
    await session.flush()
    set_committed_value(record, "addenda", [*before, added])
    return record


def signature_is_intact(record: MedicalRecord, keys: Keyring) -> bool:
    """Return whether a signed record still says what the holder of a key signed.

    Where its addenda are loaded, they are asked as well. Whether one is missing at the end, and
    whether the record is one that was signed at all, the chain of its clinic tells:
    :func:`vetcore.medical.verify_records`.

    Args:
        record: as it was read.
        keys: those that may have signed it, such as ``db.keys``.
    """
    if not record.is_signed or record.signature is None:
        return False
    if keys.judge(record_content(record), record.signature) is not Verdict.GOOD:
        return False
    previous: str | None = None
    for number, each in enumerate(record.__dict__.get("addenda", ()), start=1):
        content = addendum_content(each, record=record.signature, previous=previous)
        if each.number != number or keys.judge(content, each.signature) is not Verdict.GOOD:
            return False
        previous = each.signature
    return True


async def seal_earlier(session: AsyncSession, *, clinic_id: UUID | None = None) -> int:
    """Put a seal on each chain that ends in the time before there were keys.

    What was signed then has a plain SHA-256, which anybody can make. From this seal on, nobody can
    change it unseen. The next signing at the clinic does the same.

    Args:
        session: of a transaction.
        clinic_id: the chain of one clinic; None is every chain.

    Returns:
        How many chains have got a seal.

    Raises:
        ConfigurationError: there is no key that signs.
    """
    keys_of(session).require()
    chains = select(RecordSeal.clinic_id).distinct()
    if clinic_id is not None:
        chains = chains.where(RecordSeal.clinic_id == clinic_id)
    clinics = (await session.scalars(chains)).all()
    await wait_for_chain(session, *clinics)
    sealed = 0
    for clinic in sorted(clinics):
        query = select(RecordSeal).where(RecordSeal.clinic_id == clinic)
        last = await session.scalar(query.order_by(RecordSeal.number.desc()).limit(1))
        if last is not None and is_digest(last.signature):
            await append_seal(session, clinic, SealKind.HEAD, last.signature)
            sealed += 1
    return sealed
