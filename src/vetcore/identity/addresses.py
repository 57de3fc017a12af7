"""Which account an e-mail address belongs to, of those that claim it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.models import User

__all__ = ["NEVER", "NOWHERE", "has_address", "is_local", "leave_without_address", "settle"]

# RFC 6761 keeps the domain "invalid" free for ever: nobody receives mail there.
NOWHERE: Final = ".invalid"
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""When something happened of which the time is not known: before all else."""


def has_address(user: User) -> bool:
    """Return whether ``user.email`` is an address, and not a stand-in for an unknown one."""
    return not user.email.endswith(NOWHERE)


async def settle(session: AsyncSession, rows: Sequence[User], addresses: set[str | None]) -> None:
    """Give each address to the account that it belongs to, of those that claim it."""
    given: list[tuple[User, str]] = []
    is_lost = False
    for address in sorted(filter(None, addresses)):
        holder = _holder(rows, address)
        for row in rows:
            if row.email == address and row is not holder:
                leave_without_address(row)
                is_lost = True
        if holder is not None and not _is_entered_here(holder, address):
            given.append((holder, address))
    if is_lost:
        # Their rows must let go of the address before another row can have it.
        await session.flush()
    for holder, address in given:
        holder.email, holder.email_verified = address, holder.clerk_email_verified
    await session.flush()


def _holder(rows: Sequence[User], address: str) -> User | None:
    active = [row for row in rows if not row.is_deleted]
    here = [row for row in active if _is_entered_here(row, address)]
    claims = [row for row in active if not is_local(row) and row.clerk_email == address]
    return next(iter(here), None) or max(claims, key=_claim, default=None)


def _claim(row: User) -> tuple[bool, datetime, str]:
    # Of claims made in the same millisecond it must be the same one in whatever order they come.
    since = row.clerk_updated_at or NEVER
    return row.clerk_email_verified, since, row.clerk_user_id or ""


def is_local(row: User) -> bool:
    """Return whether Clerk does not know the account."""
    return row.clerk_user_id is None


def _is_entered_here(row: User, address: str) -> bool:
    """Whether the row has the address by what was done here, and not by Clerk's word."""
    return row.email == address and (
        is_local(row) or (row.clerk_email != address and row.email_verified)
    )


def leave_without_address(user: User) -> None:
    """Give an account something that stands in for an address, and is none."""
    user.email, user.email_verified = f"{user.id}@unknown{NOWHERE}", False
