"""A clinic's chain of seals, checked link by link together with what was sealed."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select, tuple_

from vetcore.database import ReadSession
from vetcore.errors import DatabaseError, VetcoreError
from vetcore.medical.findings import ChainHead, Fault, Finding, Verification
from vetcore.medical.releasing import release_digest
from vetcore.medical.sealing import addendum_content, record_content, seal_content
from vetcore.models import MedicalRecord, RecordAddendum, RecordRelease, RecordSeal, ReleasedRow
from vetcore.values.sealing import SealKind
from vetcore.values.signatures import Keyring, Verdict

__all__ = ["Chain"]

PAGE: Final = 500
"""Seals that are looked at together."""

_EVERYTHING: Final[dict[str, Any]] = {"include_deleted": True, "populate_existing": True}

_Released = dict[tuple[UUID, int, str], int]
"""By record, addendum and act: the number of the seal of the last release that did it."""


_UNREADABLE: Final = (VetcoreError, ValueError, LookupError, TypeError)
"""What comes of a row into which somebody wrote what the columns cannot hold."""


def _pass_on(error: Exception) -> None:
    """Raise what is the database's own trouble, and says nothing about the row."""
    if isinstance(error, DatabaseError) and type(error) is not DatabaseError:
        raise error


def _let_go(seal: RecordSeal, out: _Released, act: str) -> bool:
    """Whether what was sealed was changed, or removed, under a release that came later."""
    if seal.record_id is None:
        return False
    return out.get((seal.record_id, seal.addendum or 0, act), 0) > seal.number


class Chain:
    """One clinic's chain, from its first seal to its last."""

    def __init__(
        self,
        session: ReadSession,
        keys: Keyring,
        clinic_id: UUID,
        kept: Sequence[ChainHead],
        found: Verification,
    ) -> None:
        self.session = session
        self.keys = keys
        self.clinic_id = clinic_id
        self.found = found
        self.kept = {(head.number, head.signature) for head in kept}
        self.head: ChainHead | None = None
        self.keyed = False
        """Whether a key has sealed anything yet."""
        self.unkeyed_since: int | None = None

    def fault(self, fault: Fault, text: str, **where: Any) -> None:
        """Note what is not as it was signed."""
        self.found.findings.append(Finding(fault, self.clinic_id, text, **where))

    async def verify(self) -> None:
        """Check the chain, a page at a time."""
        async for page in self._pages():
            for seal in page:
                self._link(seal)
            await self._page(page)
        if self.unkeyed_since is not None:
            self.fault(
                Fault.UNVOUCHED,
                f"from seal {self.unkeyed_since} on the chain is of the time before there were keys, "
                "and no key vouches for it yet: `vetcore records seal`",
                number=self.unkeyed_since,
            )
        for number, _ in sorted(self.kept):
            self.fault(
                Fault.CUT_OFF, f"the chain has no seal {number} as it was kept", number=number
            )
        if self.head is not None:
            self.found.heads.append(self.head)

    async def _pages(self) -> AsyncIterator[list[RecordSeal]]:
        after = 0
        while True:
            query = (
                select(RecordSeal)
                .where(RecordSeal.clinic_id == self.clinic_id, RecordSeal.number > after)
                .order_by(RecordSeal.number)
                .limit(PAGE)
            )
            page, whole = await self._read(query)
            if page:
                yield page
            if len(whole) < PAGE:
                return
            after = whole[-1]

    async def _read(self, query: Select[RecordSeal]) -> tuple[list[RecordSeal], list[int]]:
        """The seals that can be read, and the numbers of all."""
        try:
            page = list(await self.session.scalars(query, execution_options=_EVERYTHING))
        except _UNREADABLE as error:
            _pass_on(error)
            numbers = list(await self.session.scalars(query.with_only_columns(RecordSeal.number)))
            if len(numbers) > 1:
                readable: list[RecordSeal] = []
                for number in numbers:
                    one = query.where(RecordSeal.number == number)
                    readable += (await self._read(one))[0]
                return readable, numbers
            self.fault(Fault.BROKEN, f"seal {numbers[0]} cannot be read", number=numbers[0])
            return [], numbers
        return page, [seal.number for seal in page]

    def _link(self, seal: RecordSeal) -> None:
        """The seal itself, and that it follows the one before."""
        self.found.seals += 1
        expected = 1 if self.head is None else self.head.number + 1
        previous = None if self.head is None else self.head.signature
        if seal.number != expected:
            self.fault(Fault.BROKEN, f"seal {expected} is missing", number=expected)
        verdict = self.keys.judge(seal_content(seal, previous=previous), seal.signature)
        where = {"number": seal.number, "record_id": seal.record_id, "addendum": seal.addendum}
        if verdict is Verdict.UNKNOWN_KEY:
            self.fault(Fault.UNKNOWN_KEY, f"seal {seal.number} is by a key not at hand", **where)
        elif verdict is Verdict.FORGED or (verdict is Verdict.UNKEYED and self.keyed):
            self.fault(Fault.BROKEN, f"seal {seal.number} was changed, or does not follow", **where)
        if verdict is Verdict.UNKEYED and not self.keyed:
            self.unkeyed_since = self.unkeyed_since or seal.number
        elif verdict is Verdict.GOOD:
            self.keyed, self.unkeyed_since = True, None
        self.kept.discard((seal.number, seal.signature))
        self.head = ChainHead(self.clinic_id, seal.number, seal.signature)

    # What was sealed ---------------------------------------------------------------------------

    async def _page(self, page: Sequence[RecordSeal]) -> None:
        sealed = [seal for seal in page if seal.record_id is not None]
        ids = {seal.record_id for seal in sealed if seal.record_id is not None}
        records = await self._records(ids)
        addenda = await self._addenda(
            [
                (seal.record_id, number)
                for seal in sealed
                if seal.kind is SealKind.ADDENDUM and seal.addendum is not None
                for number in (seal.addendum - 1, seal.addendum)
            ]
        )
        latest = await self._latest(ids)
        out = await self._released(ids)
        for seal in sealed:
            if seal.record_id is None:
                continue
            key = (seal.record_id, seal.addendum or 0)
            if seal.kind is SealKind.RECORD:
                self.found.records += 1
                if latest.get((seal.record_id, 0)) == seal.number:
                    self._record(seal, records.get(seal.record_id), out)
            elif seal.kind is SealKind.MOVE:
                self._moved(seal, records.get(seal.record_id), latest)
            elif seal.kind is SealKind.ADDENDUM:
                self.found.addenda += 1
                if latest.get(key) == seal.number:
                    self._addendum(seal, records.get(seal.record_id), addenda, out)
        for seal in page:
            if seal.kind is SealKind.RELEASE:
                await self._release(seal)

    async def _records(self, ids: Iterable[UUID]) -> Mapping[UUID, MedicalRecord | None]:
        """The records by id; None where one cannot even be read."""
        wanted = list(ids)
        query = select(MedicalRecord).where(MedicalRecord.id.in_(wanted))
        try:
            rows = await self.session.scalars(query, execution_options=_EVERYTHING)
            return {row.id: row for row in rows}
        except _UNREADABLE as error:
            _pass_on(error)
            if len(wanted) > 1:
                half = len(wanted) // 2
                return {
                    **await self._records(wanted[:half]),
                    **await self._records(wanted[half:]),
                }
            return dict.fromkeys(wanted)

    async def _addenda(
        self, keys: Sequence[tuple[UUID | None, int]]
    ) -> Mapping[tuple[UUID, int], RecordAddendum | None]:
        if not keys:
            return {}
        query = select(RecordAddendum).where(
            tuple_(RecordAddendum.record_id, RecordAddendum.number).in_(keys)
        )
        try:
            rows = await self.session.scalars(query, execution_options=_EVERYTHING)
            return {(row.record_id, row.number): row for row in rows}
        except _UNREADABLE as error:
            _pass_on(error)
            if len(keys) > 1:
                half = len(keys) // 2
                return {
                    **await self._addenda(keys[:half]),
                    **await self._addenda(keys[half:]),
                }
            return {}

    async def _latest(self, ids: Iterable[UUID]) -> Mapping[tuple[UUID, int], int]:
        """The last seal of each record (0), of each addendum (its number), of each move (-1)."""
        query = (
            select(RecordSeal.record_id, RecordSeal.kind, RecordSeal.addendum, RecordSeal.number)
            .where(RecordSeal.clinic_id == self.clinic_id, RecordSeal.record_id.in_(ids))
            .order_by(RecordSeal.number)
        )
        latest: dict[tuple[UUID, int], int] = {}
        for record_id, kind, addendum, number in await self.session.execute(query):
            if record_id is not None:
                place = -1 if kind is SealKind.MOVE else addendum or 0
                latest[record_id, place] = number
        return latest

    async def _released(self, ids: Iterable[UUID]) -> _Released:
        """What was done to each under a release, and the seal of the release in this chain."""
        query = (
            select(ReleasedRow, RecordSeal.number)
            .join(RecordSeal, RecordSeal.release_id == ReleasedRow.release_id)
            .where(
                ReleasedRow.record_id.in_(ids),
                RecordSeal.clinic_id == self.clinic_id,
                RecordSeal.kind == SealKind.RELEASE,
            )
        )
        done: _Released = {}
        for row, number in await self.session.execute(query):
            key = (row.record_id, row.addendum, row.act)
            done[key] = max(number, done.get(key, 0))
        return done

    def _record(self, seal: RecordSeal, record: MedicalRecord | None, out: _Released) -> None:
        where = {"number": seal.number, "record_id": seal.record_id}
        if record is None or not record.is_signed:
            act = "delete" if record is None else "update"
            if not _let_go(seal, out, act):
                self.fault(Fault.REMOVED, f"record {seal.record_id} is gone or unreadable", **where)
            return
        if record.signature != seal.signed:
            self.fault(Fault.CHANGED, f"record {record.id} has another signature", **where)
            return
        verdict = self.keys.judge(record_content(record), record.signature)
        self.found.before_keys += verdict is Verdict.UNKEYED
        if verdict is Verdict.UNKNOWN_KEY:
            self.fault(Fault.UNKNOWN_KEY, f"record {record.id} is by a key not at hand", **where)
        elif verdict is Verdict.FORGED:
            why = " under a release" if _let_go(seal, out, "update") else ""
            self.fault(Fault.CHANGED, f"record {record.id} was changed{why}", **where)
        elif verdict is Verdict.GOOD and record.deleted_at is not None:
            self.fault(Fault.CHANGED, f"record {record.id} was hidden", **where)
        elif record.clinic_id != self.clinic_id:
            self.fault(Fault.CHANGED, f"record {record.id} is another clinic's", **where)

    def _moved(
        self,
        seal: RecordSeal,
        record: MedicalRecord | None,
        latest: Mapping[tuple[UUID, int], int],
    ) -> None:
        if record is None or seal.record_id is None:
            return
        if latest.get((seal.record_id, -1)) == seal.number and record.pet_id != seal.pet_id:
            self.fault(
                Fault.CHANGED,
                f"record {record.id} is another pet's than it was moved to",
                number=seal.number,
                record_id=record.id,
            )

    def _addendum(
        self,
        seal: RecordSeal,
        record: MedicalRecord | None,
        addenda: Mapping[tuple[UUID, int], RecordAddendum | None],
        out: _Released,
    ) -> None:
        where = {
            "number": seal.number,
            "record_id": seal.record_id,
            "addendum": seal.addendum,
        }
        if seal.record_id is None or seal.addendum is None:
            return
        key = (seal.record_id, seal.addendum)
        name = f"addendum {seal.addendum} of record {seal.record_id}"
        added = addenda.get(key)
        if added is None:
            if not _let_go(seal, out, "delete"):
                self.fault(Fault.REMOVED, f"{name} is gone or unreadable", **where)
            return
        if added.signature != seal.signed:
            self.fault(Fault.CHANGED, f"{name} has another signature", **where)
            return
        before = addenda.get((seal.record_id, seal.addendum - 1))
        content = addendum_content(
            added,
            record="" if record is None else record.signature or "",
            previous=None if before is None else before.signature,
        )
        verdict = self.keys.judge(content, added.signature)
        if verdict is Verdict.UNKNOWN_KEY:
            self.fault(Fault.UNKNOWN_KEY, f"{name} is by a key not at hand", **where)
        elif verdict is Verdict.FORGED:
            self.fault(Fault.CHANGED, f"{name} was changed, or what it follows", **where)

    async def _release(self, seal: RecordSeal) -> None:
        release = None
        if seal.release_id is not None:
            query = select(RecordRelease).where(RecordRelease.id == seal.release_id)
            release = (await self.session.scalars(query)).one_or_none()
        rows = select(ReleasedRow).where(
            ReleasedRow.release_id == seal.release_id, ReleasedRow.clinic_id == self.clinic_id
        )
        touched = (await self.session.scalars(rows)).all()
        if release is None or release_digest(release, touched) != seal.signed:
            self.fault(
                Fault.BROKEN,
                f"what release {seal.release_id} did is no longer what was kept of it",
                number=seal.number,
            )
