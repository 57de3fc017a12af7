"""Sessions: where people are signed in, for how long, and since when they have shown who they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.identity.own.errors import SessionOver
from vetcore.identity.own.secrets import SESSION, digest, new_token
from vetcore.models import User, UserSession
from vetcore.settings.accounts import AccountsSettings
from vetcore.values.people import UserStatus

__all__ = [
    "NOWHERE",
    "SignedIn",
    "Where",
    "begin_session",
    "end_sessions",
    "fresh_until",
    "has_signed_in_from",
    "is_due",
    "note_used",
    "open_sessions",
    "session_of",
]

_A_WHILE: Final = timedelta(minutes=1)
"""How often it is written down that a session is used."""
_REMEMBERED: Final = timedelta(days=90)
_LONGEST: Final = 64, 200


class Where(NamedTuple):
    """From where a request comes, as the service knows it."""

    address: str | None = None
    """The network address of whoever asks, not of a proxy."""
    agent: str | None = None
    """The header ``User-Agent``."""

    def bounded(self) -> "Where":
        """Return the same, with what is too long cut."""
        address, agent = self
        longest, longest_agent = _LONGEST
        return Where(address and address[:longest], agent and _printable(agent)[:longest_agent])


NOWHERE: Final = Where()
"""No place that is known."""


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session that has begun. The token is told once."""

    user_id: UUID
    session_id: UUID
    token: str = field(repr=False)
    """What the browser keeps, best in a cookie that scripts cannot read."""
    expires_at: datetime


async def begin_session(
    session: AsyncSession,
    user_id: UUID,
    where: Where,
    *,
    second_factor: bool,
    settings: AccountsSettings,
) -> SignedIn:
    """Sign a person in who has shown who they are, and return what the browser keeps."""
    token, now, place = new_token(SESSION), clock.now(), where.bounded()
    row = UserSession(
        user_id=user_id,
        token_hash=digest(token),
        created_at=now,
        used_at=now,
        verified_at=now,
        expires_at=now + timedelta(days=settings.session_days),
        second_factor=second_factor,
        address=place.address,
        agent=place.agent,
    )
    session.add(row)
    await session.flush()
    return SignedIn(user_id=user_id, session_id=row.id, token=token, expires_at=row.expires_at)


async def session_of(
    session: ReadSession, token: str, *, settings: AccountsSettings
) -> UserSession:
    """Return the session of a token. It only reads.

    Raises:
        SessionOver: it has ended, or the account may not be used any more.
    """
    now = clock.now()
    query = (
        select(UserSession)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.token_hash == digest(token),
            UserSession.ended_at.is_(None),
            UserSession.expires_at > now,
            UserSession.used_at > now - timedelta(days=settings.idle_days),
            User.status == UserStatus.ACTIVE,
        )
    )
    found = await session.scalar(query) if token.startswith(SESSION) else None
    if found is None:
        raise SessionOver
    return found


def is_due(row: UserSession) -> bool:
    """Return whether it is time to write down that a session is used."""
    return row.used_at + _A_WHILE <= clock.now()


def fresh_until(row: UserSession, settings: AccountsSettings) -> datetime:
    """Return until when whoever is signed in counts as having just shown who they are."""
    return row.verified_at + timedelta(minutes=settings.fresh_minutes)


async def note_used(session: AsyncSession, session_id: UUID) -> None:
    """Write down that a session is used now."""
    await session.execute(
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.ended_at.is_(None))
        .values(used_at=clock.now()),
        execution_options={"synchronize_session": False},
    )


async def open_sessions(session: ReadSession, user_id: UUID) -> Sequence[UserSession]:
    """Return where a person is signed in, the latest use first."""
    now = clock.now()
    query = (
        select(UserSession)
        .where(
            UserSession.user_id == user_id,
            UserSession.ended_at.is_(None),
            UserSession.expires_at > now,
        )
        .order_by(UserSession.used_at.desc(), UserSession.id.desc())
    )
    return (await session.scalars(query)).all()


async def end_sessions(
    session: AsyncSession, user_id: UUID, *, only: UUID | None = None, but: UUID | None = None
) -> int:
    """End sessions of a person, and return how many.

    Args:
        session: of a transaction.
        user_id: whose.
        only: this one alone.
        but: all except this one.
    """
    query = update(UserSession).where(
        UserSession.user_id == user_id, UserSession.ended_at.is_(None)
    )
    if only is not None:
        query = query.where(UserSession.id == only)
    if but is not None:
        query = query.where(UserSession.id != but)
    ended = await session.execute(
        query.values(ended_at=clock.now()).returning(UserSession.id),
        execution_options={"synchronize_session": False},
    )
    return len(ended.all())


def has_signed_in_from(user_id: Any, address: str | None) -> ColumnElement[bool]:
    """Return the condition that a person has signed in from an address lately."""
    return exists().where(
        UserSession.user_id == user_id,
        UserSession.address == address,
        UserSession.created_at > clock.now() - _REMEMBERED,
    )
