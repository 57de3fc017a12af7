"""How the database is doing, for readiness probes and ``vetcore doctor``."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import cast

from sqlalchemy.ext.asyncio import AsyncEngine

from vetcore.database.pool import FairPool
from vetcore.errors import VetcoreError

__all__ = ["Health", "PoolFigures", "measure"]


@dataclass(frozen=True, slots=True)
class PoolFigures:
    """Connections: kept at most, in use, idle, and beyond the size (``overflow``)."""

    size: int
    in_use: int
    idle: int
    overflow: int


@dataclass(frozen=True, slots=True)
class Health:
    """A verdict with its figures."""

    ok: bool
    dialect: str
    latency_ms: float | None
    """Milliseconds for one round trip, a connection from the pool included; None if it failed."""
    server_version: str | None
    pool: PoolFigures
    sessions: int
    """Sessions open in this process."""
    error: str | None = None

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


async def measure(
    ping: Callable[[], Awaitable[None]], engine: AsyncEngine, dialect: str, sessions: int
) -> Health:
    """Ping and time it; an error becomes a part of the answer."""
    started = time.perf_counter()
    error: str | None = None
    try:
        await ping()
    except VetcoreError as trouble:
        error = trouble.message
    latency = (time.perf_counter() - started) * 1000
    version = getattr(engine.dialect, "server_version_info", None)
    return Health(
        ok=error is None,
        dialect=dialect,
        latency_ms=round(latency, 3) if error is None else None,
        server_version=".".join(map(str, version)) if version else None,
        pool=_figures(engine),
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
