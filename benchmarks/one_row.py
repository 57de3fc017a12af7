"""Reading one row by its key: ``Session.get`` of ours against SQLAlchemy's, both from PostgreSQL.

Ours leaves deleted rows out, holds the session to one task and translates errors; that is what the
difference pays for. Client CPU is compared: the statement is the same, and so is what it costs.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import process_time
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from benchmarks.report import Comparison
from benchmarks.servers import postgresql_database
from vetcore.database import Database
from vetcore.models import Pet

ROWS = 500
ROUNDS = 7
WAYS = ("ours", "plain")

Open = Callable[[], AbstractAsyncContextManager[Any]]


async def _read(opened: Open, keys: list[UUID]) -> float:
    """CPU milliseconds for each row, in one session."""
    async with opened() as session:
        began = process_time()
        for key in keys:
            assert await session.get(Pet, key) is not None
        return (process_time() - began) * 1000 / len(keys)


async def _measured(url: str) -> dict[str, float]:
    async with Database(url) as db:
        await db.migrate()
        keys = [uuid4() for _ in range(ROWS)]
        async with db.transaction() as session:
            session.add_all(Pet(id=key, name="Rex", species="dog") for key in keys)
        plain = create_async_engine(db.url)

        @asynccontextmanager
        async def by_hand() -> AsyncGenerator[AsyncSession]:
            async with AsyncSession(plain) as session:
                yield session

        ways: dict[str, Open] = {"ours": db.session, "plain": by_hand}
        best = dict.fromkeys(WAYS, float("inf"))
        for _ in range(ROUNDS):
            for way in WAYS:
                best[way] = min(best[way], await _read(ways[way], keys))
        await plain.dispose()
        return best


def run() -> list[Comparison]:
    """One row by its key, in CPU of the client."""
    with postgresql_database() as url:
        best = asyncio.run(_measured(url))
    return [
        Comparison(
            "get() of one row",
            best["ours"],
            best["plain"],
            "ms of CPU",
            "SQLAlchemy's AsyncSession.get",
            at_most=1.1,
        )
    ]
