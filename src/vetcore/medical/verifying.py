"""Finding whatever was done to what is signed by somebody who owns the database, but not the key."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from vetcore.database import ReadSession
from vetcore.database.acting import keys_of
from vetcore.medical.chains import Chain
from vetcore.medical.findings import ChainHead, Fault, Finding, Verification
from vetcore.models import (
    MedicalRecord,
    RecordAddendum,
    RecordRelease,
    RecordReleaseEnd,
    RecordSeal,
)
from vetcore.values.sealing import SealKind
from vetcore.values.signatures import Keyring

__all__ = ["verify_records"]


async def verify_records(
    session: ReadSession,
    *,
    clinic_id: UUID | None = None,
    keys: Keyring | None = None,
    heads: Iterable[ChainHead] = (),
) -> Verification:
    """Check every signature and every chain; a page at a time. It asks no permission.

    It finds each change, removal, insertion and reordering by somebody who has not the key. That the
    end of a chain was cut off shows only against heads that were kept elsewhere.

    Args:
        session: one that sees every row.
        clinic_id: of one clinic alone.
        keys: those of the session, if none are given.
        heads: of earlier verifications.

    Returns:
        How much was checked, what was found, and the head of each chain.
    """
    ring = keys_of(session) if keys is None else keys
    found = Verification()
    kept: dict[UUID, list[ChainHead]] = {}
    for head in heads:
        if clinic_id in {None, head.clinic_id}:
            kept.setdefault(head.clinic_id, []).append(head)
    query = select(RecordSeal.clinic_id).distinct()
    if clinic_id is not None:
        query = query.where(RecordSeal.clinic_id == clinic_id)
    ended = select(RecordReleaseEnd.release_id)
    # Only a program that ignores foreign keys can leave one open.
    left_open = (
        await session.scalars(select(RecordRelease.id).where(RecordRelease.id.not_in(ended)))
    ).all()
    chained = set((await session.scalars(query)).all())
    for clinic in sorted(chained | kept.keys()):
        chain = Chain(session, ring, clinic, kept.get(clinic, []), found)
        await chain.verify()
        for release in left_open:
            chain.fault(Fault.BROKEN, f"release {release} was left open, so the lock is off")
    await _slipped_in(session, clinic_id, found)
    return found


async def _slipped_in(session: ReadSession, clinic_id: UUID | None, found: Verification) -> None:
    """What is signed and stands in no chain, or was moved to a pet without a seal."""
    record: Any = MedicalRecord
    seal = aliased(RecordSeal)
    sealed = exists().where(
        seal.record_id == record.id,
        seal.clinic_id == record.clinic_id,
        seal.kind == SealKind.RECORD,
    )
    moved = exists().where(
        seal.record_id == record.id,
        seal.clinic_id == record.clinic_id,
        seal.kind == SealKind.MOVE,
    )
    signed = select(record.id, record.clinic_id).where(record.signed_at.is_not(None))
    if clinic_id is not None:
        signed = signed.where(record.clinic_id == clinic_id)
    everything: dict[str, Any] = {"include_deleted": True}
    rows = await session.execute(signed.where(~sealed), execution_options=everything)
    for record_id, clinic in rows:
        text = f"record {record_id} is signed and stands in no chain"
        found.findings.append(Finding(Fault.SLIPPED_IN, clinic, text, record_id=record_id))
    away = signed.where(record.signed_pet_id.is_not(None), record.signed_pet_id != record.pet_id)
    rows = await session.execute(away.where(sealed, ~moved), execution_options=everything)
    for record_id, clinic in rows:
        text = f"record {record_id} was moved to another pet, and no seal says so"
        found.findings.append(Finding(Fault.CHANGED, clinic, text, record_id=record_id))
    added: Any = RecordAddendum
    known = exists().where(
        seal.record_id == added.record_id,
        seal.clinic_id == record.clinic_id,
        seal.kind == SealKind.ADDENDUM,
        seal.addendum == added.number,
    )
    more = (
        select(added.record_id, added.number, record.clinic_id)
        .join(MedicalRecord, record.id == added.record_id)
        .where(~known)
    )
    if clinic_id is not None:
        more = more.where(record.clinic_id == clinic_id)
    for record_id, number, clinic in await session.execute(more, execution_options=everything):
        text = f"addendum {number} of record {record_id} stands in no chain"
        finding = Finding(Fault.SLIPPED_IN, clinic, text, record_id=record_id, addendum=number)
        found.findings.append(finding)
