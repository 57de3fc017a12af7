"""What a signature covers, and the chain in which a clinic's signings stand."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database.acting import acting_of, keys_of
from vetcore.database.locking import take_turns
from vetcore.models import RecordSeal
from vetcore.values.sealing import SealKind
from vetcore.values.signatures import Keyring, is_digest

__all__ = [
    "addendum_content",
    "append_seal",
    "plain",
    "record_content",
    "seal_content",
    "seal_move",
    "wait_for_chain",
]

_BEFORE_KEYS: Final = (
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
"""What the SHA-256 covers of a record that was signed before there were keys."""
_SIGNED: Final = (
    *_BEFORE_KEYS,
    "appointment_id",
    "signed_by_user_id",
    "created_at",
    "created_by_id",
)
_SEALED: Final = (
    "clinic_id",
    "number",
    "kind",
    "record_id",
    "addendum",
    "pet_id",
    "release_id",
    "signed",
    "by_id",
    "sealed_at",
)
_ADDED: Final = ("record_id", "number", "author_id", "written_at", "text")

_CONTENT: TypeAdapter[Any] = TypeAdapter(Any)


def plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content as plain JSON. Instants are in UTC, as they are stored."""
    told = {
        name: value.astimezone(UTC) if isinstance(value, datetime) else value
        for name, value in content.items()
    }
    made: dict[str, Any] = _CONTENT.dump_python(told, mode="json")
    return made


def record_content(record: Any, **signed: Any) -> dict[str, Any]:
    """Return what the signature of a record covers. It names people by their ids alone.

    Args:
        record: with the columns of one.
        signed: columns that are about to be written.
    """
    before_keys = not signed and is_digest(record.signature)
    names = _BEFORE_KEYS if before_keys else _SIGNED
    content = {name: getattr(record, name) for name in names} | signed
    if record.signed_pet_id is not None:
        content["pet_id"] = record.signed_pet_id
    return plain(content)


def addendum_content(addendum: Any, *, record: str, previous: str | None) -> dict[str, Any]:
    """Return what the signature of an addendum covers: itself and the signatures before it.

    Args:
        addendum: with the columns of one.
        record: the signature of its record.
        previous: the signature of the addendum before it.
    """
    content = {name: getattr(addendum, name) for name in _ADDED}
    return plain({**content, "record": record, "previous": previous})


def seal_content(seal: Any, *, previous: str | None) -> dict[str, Any]:
    """Return what the signature of a seal covers: itself and the signature of the seal before it."""
    content = {name: getattr(seal, name) for name in _SEALED}
    return plain({**content, "previous": previous})


async def wait_for_chain(session: AsyncSession, *clinic_ids: UUID) -> None:
    """Wait until nobody else adds to the chains of these clinics; whoever signs waits for it first."""
    await take_turns(session, "record seals", *sorted(clinic_ids))


async def append_seal(
    session: AsyncSession,
    clinic_id: UUID,
    kind: SealKind,
    signed: str,
    *,
    keys: Keyring | None = None,
    **about: Any,
) -> RecordSeal:
    """Add a seal to the chain of a clinic.

    Args:
        session: of a transaction.
        clinic_id: whose chain it is.
        kind: what it is made for.
        signed: the signature, or the digest, that it seals.
        keys: those of the session, if none are given.
        about: the other columns of the seal.

    Raises:
        ConfigurationError: there is no key that signs.
    """
    keys = keys_of(session) if keys is None else keys
    keys.require()
    await wait_for_chain(session, clinic_id)
    last = await _last(session, clinic_id)
    number, previous = (last.number, last.signature) if last is not None else (0, None)
    seal = RecordSeal(
        clinic_id=clinic_id,
        number=number + 1,
        kind=kind,
        signed=signed,
        sealed_at=clock.now(),
        **{"by_id": acting_of(session).actor, **about},
    )
    seal.signature = keys.sign(seal_content(seal, previous=previous))
    session.add(seal)
    await session.flush()
    return seal


async def _last(session: AsyncSession, clinic_id: UUID) -> Row[int, str] | None:
    query = (
        select(RecordSeal.number, RecordSeal.signature)
        .where(RecordSeal.clinic_id == clinic_id)
        .order_by(RecordSeal.number.desc())
        .limit(1)
    )
    return (await session.execute(query)).one_or_none()


async def seal_move(session: AsyncSession, record: Any, pet_id: UUID) -> None:
    """Seal that a signed record is another pet's now: the same animal under another id."""
    await append_seal(
        session,
        record.clinic_id,
        SealKind.MOVE,
        record.signature or "",
        record_id=record.id,
        pet_id=pet_id,
    )
