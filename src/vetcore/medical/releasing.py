"""The one way out of the lock: for the end of retention, for migrations, and for test databases."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from vetcore import clock
from vetcore.database.acting import acting_of, keys_of
from vetcore.errors import Conflict
from vetcore.medical.sealing import append_seal, plain, wait_for_chain
from vetcore.models import RecordRelease, RecordReleaseEnd, ReleasedRow
from vetcore.values.sealing import ReleaseReason, SealKind
from vetcore.values.signatures import digest

__all__ = ["ReleaseOpen", "release_digest", "released"]


class ReleaseOpen(Conflict):
    """What is signed is released in this transaction already."""

    code = "release_open"
    title = "A release is open already"

    def __init__(self, *, release_id: UUID) -> None:
        super().__init__(f"release {release_id} is still open here", release_id=release_id)


@asynccontextmanager
async def released(
    session: AsyncSession, *, reason: ReleaseReason, note: str | None = None
) -> AsyncGenerator[RecordRelease]:
    """Release what is signed from its lock until the block ends. Nobody is notified.

    ::

        async with db.transaction(acting) as session:
            async with released(session, reason=ReleaseReason.RETENTION, note="§ 10, ten years"):
                await session.execute(delete(RecordAddendum).where(…))
                await session.execute(delete(MedicalRecord).where(…))

    Inside, signed rows can be changed and removed, in this transaction alone. Which rows, with the
    signatures that they had, is kept for ever, under a seal in the chain of each clinic. After an
    error in the block nothing of it stays.

    Args:
        session: of a transaction; who acts in it is who released.
        reason: why.
        note: the same in your own words.

    Raises:
        ConfigurationError: there is no key to seal it with.
        ReleaseOpen: one is open in this transaction.
    """
    keys_of(session).require()
    ended = select(RecordReleaseEnd.release_id)
    still = await session.scalar(select(RecordRelease.id).where(RecordRelease.id.not_in(ended)))
    if still is not None:
        raise ReleaseOpen(release_id=still)
    async with session.begin_nested():
        release = RecordRelease(
            id=uuid7(),
            reason=ReleaseReason(reason),
            note=note,
            by_id=acting_of(session).actor,
            opened_at=clock.now(),
        )
        session.add(release)
        await session.flush()
        yield release
        await session.flush()
        await _end(session, release)


async def _end(session: AsyncSession, release: RecordRelease) -> None:
    query = select(ReleasedRow).where(ReleasedRow.release_id == release.id)
    rows = (await session.scalars(query)).all()
    by_clinic: dict[UUID, list[ReleasedRow]] = defaultdict(list)
    for row in rows:
        by_clinic[row.clinic_id].append(row)
    await wait_for_chain(session, *by_clinic)
    for clinic_id in sorted(by_clinic):
        await append_seal(
            session,
            clinic_id,
            SealKind.RELEASE,
            release_digest(release, by_clinic[clinic_id]),
            release_id=release.id,
        )
    session.add(RecordReleaseEnd(release_id=release.id, ended_at=clock.now(), released=len(rows)))
    await session.flush()


def release_digest(release: Any, rows: Iterable[Any]) -> str:
    """Return the SHA-256 of a release and of the rows of one clinic that it touched."""
    told = [
        [str(row.record_id), row.addendum, row.act, row.signature]
        for row in sorted(rows, key=lambda row: (row.record_id, row.addendum, row.act))
    ]
    names = ("id", "reason", "note", "by_id", "opened_at")
    return digest(plain({**{name: getattr(release, name) for name in names}, "rows": told}))
