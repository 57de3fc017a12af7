"""Tells how the database is doing, for readiness probes and ``vetcore doctor``."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import cast

from sqlalchemy.ext.asyncio import AsyncEngine

from vetcore.database.pool import FairPool
from vetcore.errors import VetcoreError

__all__ = ["Health", "PoolFigures", "measure"]


@dataclass(frozen=True, slots=True)
class PoolFigures:
    """How many connections the pool keeps at most, and how many are in use, idle and extra."""

    size: int
    in_use: int
    idle: int
    overflow: int


@dataclass(frozen=True, slots=True)
class Health:
    """A verdict on the database, with its figures."""

    ok: bool
    dialect: str
    latency_ms: float | None
    """Milliseconds for one round trip, a connection from the pool included; None if it failed."""
    server_version: str | None
    pool: PoolFigures
    """Of all connections."""
    readers: PoolFigures | None
    """Of those that only read, where they have a pool of their own: on a SQLite file."""
    restricted: PoolFigures | None
    """Of those of restricted sessions, if there can be any."""
    sessions: int
    """Sessions open in this process."""
    error: str | None = None

    def as_dict(self) -> dict[str, object]:
        """Return the verdict and its figures as a dictionary, for JSON."""
        return asdict(self)


async def measure(
    ping: Callable[[], Awaitable[None]],
    engines: Sequence[AsyncEngine],
    sessions: int,
    restricted: AsyncEngine | None = None,
) -> Health:
    """Ask the database for a row and time the answer. An error becomes a part of the result."""
    started = time.perf_counter()
    error: str | None = None
    try:
        await ping()
    except VetcoreError as trouble:
        error = trouble.message
    latency = (time.perf_counter() - started) * 1000
    dialect = engines[0].dialect
    version = getattr(dialect, "server_version_info", None)
    pools = [_figures(each) for each in engines]
    of_restricted = None if restricted is None else _figures(restricted)
    return Health(
        ok=error is None,
        dialect=dialect.name,
        latency_ms=round(latency, 3) if error is None else None,
        server_version=".".join(map(str, version)) if version else None,
        pool=_all_of(pools if of_restricted is None else [*pools, of_restricted]),
        readers=pools[1] if pools[1:] else None,
        restricted=of_restricted,
        sessions=sessions,
        error=error,
    )


def _figures(engine: AsyncEngine) -> PoolFigures:
    pool = cast("FairPool", engine.pool)
    return PoolFigures(
        size=pool.size(),
        in_use=pool.checkedout(),
        idle=pool.checkedin(),
        overflow=max(0, pool.overflow()),
    )


def _all_of(pools: Sequence[PoolFigures]) -> PoolFigures:
    return PoolFigures(
        size=sum(pool.size for pool in pools),
        in_use=sum(pool.in_use for pool in pools),
        idle=sum(pool.idle for pool in pools),
        overflow=sum(pool.overflow for pool in pools),
    )
