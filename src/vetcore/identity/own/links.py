"""Links that work once: to confirm an address, to set another password, to take up an invitation."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.database.locking import locking
from vetcore.identity.own.errors import LinkRefused
from vetcore.identity.own.secrets import LINK, digest, new_token
from vetcore.models import AccountLink, User
from vetcore.values.accounts import LinkPurpose

__all__ = ["Letter", "forget_links", "new_link", "owner_of_link", "used_link"]

_FRESH: Final = {"populate_existing": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a service sends to an address. Whoever asked for it is told nothing of it."""

    email: str = field(repr=False)
    purpose: LinkPurpose
    token: str | None = field(repr=False)
    """What the link carries. None where there is an account that only its clinic can hand over."""


async def new_link(
    session: AsyncSession,
    user_id: UUID,
    purpose: LinkPurpose,
    *,
    email: str,
    valid_for: timedelta,
) -> str:
    """Return the token of a new link. Those of the same purpose that were sent before work no more."""
    await _locked(session, user_id)
    await forget_links(session, user_id, purpose)
    token, now = new_token(LINK), clock.now()
    session.add(
        AccountLink(
            user_id=user_id,
            purpose=purpose,
            token_hash=digest(token),
            email=email,
            created_at=now,
            expires_at=now + valid_for,
        )
    )
    await session.flush()
    return token


async def owner_of_link(session: ReadSession, token: str, purpose: LinkPurpose) -> User:
    """Return the account that a link is for, which stays as it is.

    Raises:
        LinkRefused: as for :func:`used_link`.
    """
    row = await session.scalar(_open(token, purpose))
    user = None if row is None else await session.get(User, row.user_id)
    if row is None or user is None or row.email != user.email:
        raise LinkRefused
    return user


def _open(token: str, purpose: LinkPurpose) -> Select[AccountLink]:
    return select(AccountLink).where(
        AccountLink.token_hash == digest(token),
        AccountLink.purpose == purpose,
        AccountLink.used_at.is_(None),
        AccountLink.expires_at > clock.now(),
    )


async def used_link(session: AsyncSession, token: str, purpose: LinkPurpose) -> User:
    """Use a link, and return the account that it is for, locked.

    Raises:
        LinkRefused: it was used, has expired, is for something else, or was sent to an address that
            the account has no longer.
    """
    found = await session.scalar(_open(token, purpose))
    user = None if found is None else await _locked(session, found.user_id)
    # Of two who use it at once, the second has waited, and finds it used.
    row = await session.scalar(_open(token, purpose), execution_options=_FRESH)
    if row is None or user is None or row.email != user.email:
        raise LinkRefused
    row.used_at = clock.now()
    await session.flush()
    await forget_links(session, user.id, purpose)
    return user


async def _locked(session: AsyncSession, user_id: UUID | None) -> User | None:
    """The account whose links are made and used one after the other, or no link would replace another."""
    query = locking(select(User).where(User.id == user_id), User)
    return await session.scalar(query, execution_options=_FRESH)


async def forget_links(session: AsyncSession, user_id: UUID, *purposes: LinkPurpose) -> None:
    """Make all links of a person worthless that are for one of these purposes."""
    await session.execute(
        update(AccountLink)
        .where(
            AccountLink.user_id == user_id,
            AccountLink.purpose.in_(purposes),
            AccountLink.used_at.is_(None),
        )
        .values(used_at=clock.now()),
        execution_options={"synchronize_session": False},
    )
