"""How often somebody may try: counted before the try, so that many at once are counted, too.

What is counted is an account from one network address, an account from wherever, and a network address
for whatever account. The limit on an account from wherever does not hold where the owner has signed in
before: so a stranger who guesses keeps out strangers, and not the owner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import case, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.database.inserting import insert_of
from vetcore.identity.own.errors import TooManyAttempts
from vetcore.models import SignInLimit

__all__ = ["Limit", "count", "forgive", "of_sign_in", "require_room"]

_QUARTER: Final = timedelta(minutes=15)
_HOUR: Final = timedelta(hours=1)
_NOWHERE: Final = "?"


@dataclass(frozen=True, slots=True)
class Limit:
    """How often something may be tried within a time."""

    kind: str
    subject: str
    most: int
    window: timedelta

    @property
    def key(self) -> str:
        """What it is stored under."""
        return sha256(f"{self.kind}:{self.subject}".encode()).hexdigest()


def of_sign_in(email: str, address: str | None, *, is_known_there: bool) -> list[Limit]:
    """Return the limits on signing in.

    Args:
        email: the account's, whether there is one or not.
        address: the network address; those who have none share one.
        is_known_there: whether the owner has signed in from that address before.
    """
    place = address or _NOWHERE
    limits = [
        Limit("account there", f"{email} {place}", 5, _QUARTER),
        Limit("address", place, 100, _QUARTER),
    ]
    if not is_known_there:
        limits.append(Limit("account", email, 100, _HOUR))
    return limits


async def require_room(session: ReadSession, limits: Sequence[Limit]) -> None:
    """Refuse whoever has tried too often. Nothing is written, so that refusing costs little.

    Raises:
        TooManyAttempts: one of the limits is reached.
    """
    now = clock.now()
    query = select(SignInLimit.subject, SignInLimit.tries, SignInLimit.until).where(
        SignInLimit.subject.in_([limit.key for limit in limits]), SignInLimit.until > now
    )
    most = {limit.key: limit.most for limit in limits}
    found = await session.execute(query)
    over = [until for subject, tries, until in found if tries >= most[subject]]
    if over:
        raise TooManyAttempts(until=max(over))


async def count(session: AsyncSession, limits: Sequence[Limit]) -> datetime | None:
    """Count a try, and return until when there is no other if it is one too many.

    It refuses nobody itself: the transaction is to be committed, whatever comes of the try.
    """
    over: list[datetime] = []
    # In one order, so that no two wait for each other.
    for limit in sorted(limits, key=lambda each: each.key):
        tries, until = await _counted(session, limit)
        if tries > limit.most:
            over.append(until)
    return max(over, default=None)


async def _counted(session: AsyncSession, limit: Limit) -> tuple[int, datetime]:
    now = clock.now()
    row: Any = SignInLimit
    fresh = {"tries": 1, "since": now, "until": now + limit.window}
    is_over = row.until <= now
    statement = insert_of(session.get_bind().dialect.name, SignInLimit)
    statement = statement.values(subject=limit.key, **fresh).on_conflict_do_update(
        index_elements=[row.subject],
        set_={
            "tries": case((is_over, 1), else_=row.tries + 1),
            "since": case((is_over, now), else_=row.since),
            "until": case((is_over, now + limit.window), else_=row.until),
        },
    )
    found = await session.execute(statement.returning(row.tries, row.until))
    counted: Any = found.one()
    return counted.tries, counted.until


async def forgive(session: AsyncSession, limits: Sequence[Limit]) -> None:
    """Forget the tries on an account whose owner has signed in. Those of an address stay counted.

    Else whoever has an account would, by signing in, get back the tries on all others.
    """
    keys = [limit.key for limit in limits if limit.kind != "address"]
    await session.execute(
        delete(SignInLimit).where(SignInLimit.subject.in_(keys)),
        execution_options={"synchronize_session": False},
    )
