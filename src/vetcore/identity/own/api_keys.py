"""Keys with which programs act on behalf of people, within what they were given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.database.acting import acting_of
from vetcore.errors import InvalidValue
from vetcore.identity.own.errors import ApiKeyRefused
from vetcore.identity.own.secrets import API_KEY, digest, new_token
from vetcore.models import ApiKey, User
from vetcore.values.people import UserStatus

__all__ = [
    "LONGEST_LIFE",
    "NewApiKey",
    "api_key_of",
    "is_due",
    "keys_of_user",
    "new_api_key",
    "note_used",
    "revoke",
]

LONGEST_LIFE: Final = timedelta(days=366)
"""A key that never ends is one that nobody remembers."""
_A_WHILE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key, with its text, which is told once."""

    key: ApiKey
    token: str = field(repr=False)


async def new_api_key(
    session: AsyncSession,
    user_id: UUID,
    *,
    name: str,
    permissions: Iterable[str],
    expires_at: datetime,
) -> NewApiKey:
    """Make a key.

    Raises:
        InvalidValue: it would end in the past, or after more than a year.
    """
    now, token = clock.now(), new_token(API_KEY)
    if not now < expires_at <= now + LONGEST_LIFE:
        raise InvalidValue(
            field="expires_at", rule="is no time for a key to end", expected="within a year"
        )
    row = ApiKey(
        user_id=user_id,
        name=name,
        token_hash=digest(token),
        permissions="\n".join(sorted(permissions)),
        created_at=now,
        created_by_id=acting_of(session).actor,
        expires_at=expires_at,
    )
    session.add(row)
    await session.flush()
    return NewApiKey(row, token)


async def api_key_of(session: ReadSession, token: str) -> ApiKey:
    """Return the key with that text. It only reads.

    Raises:
        ApiKeyRefused: there is no such key, it has ended, or its person may not act.
    """
    query = (
        select(ApiKey)
        .join(User, User.id == ApiKey.user_id)
        .where(
            ApiKey.token_hash == digest(token),
            ApiKey.revoked_at.is_(None),
            ApiKey.expires_at > clock.now(),
            User.status == UserStatus.ACTIVE,
        )
    )
    found = await session.scalar(query) if token.startswith(API_KEY) else None
    if found is None:
        raise ApiKeyRefused
    return found


def is_due(row: ApiKey) -> bool:
    """Return whether it is time to write down that a key is used."""
    return row.used_at is None or row.used_at + _A_WHILE <= clock.now()


async def note_used(session: AsyncSession, key_id: UUID) -> None:
    """Write down that a key is used now."""
    await session.execute(
        update(ApiKey).where(ApiKey.id == key_id).values(used_at=clock.now()),
        execution_options={"synchronize_session": False},
    )


async def keys_of_user(session: ReadSession, user_id: UUID) -> Sequence[ApiKey]:
    """Return the keys of a person, those that have ended included, the latest first."""
    query = select(ApiKey).where(ApiKey.user_id == user_id)
    return (await session.scalars(query.order_by(ApiKey.id.desc()))).all()


async def revoke(session: AsyncSession, row: ApiKey) -> None:
    """End a key at once."""
    row.revoked_at = row.revoked_at or clock.now()
    await session.flush()
