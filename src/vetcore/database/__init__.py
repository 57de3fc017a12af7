"""Engines, sessions and transactions. This layer knows no entity."""

from vetcore.database.acting import SYSTEM, Acting, Via
from vetcore.database.core import Database, Isolation
from vetcore.database.health import Health, PoolFigures
from vetcore.database.session import ReadSession, Session

__all__ = [
    "SYSTEM",
    "Acting",
    "Database",
    "Health",
    "Isolation",
    "PoolFigures",
    "ReadSession",
    "Session",
    "Via",
]
