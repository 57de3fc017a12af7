"""Savepoints after which the session knows no row that was taken back."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.models import Entity

__all__ = ["nothing_left_behind"]


@asynccontextmanager
async def nothing_left_behind(
    session: AsyncSession, rows: Iterable[Entity]
) -> AsyncGenerator[None]:
    """Open a savepoint, and forget the new rows where it goes back.

    Args:
        session: of a transaction.
        rows: the new rows; whoever writes enters them here.
    """
    try:
        async with session.begin_nested():
            yield
    except BaseException:
        for row in rows:
            if row in session:
                session.expunge(row)
        raise
