"""Engine, sessions, transactions, and what each dialect needs; it knows no entity."""

from vetcore.database.core import Database, Isolation
from vetcore.database.health import Health, PoolFigures
from vetcore.database.session import ReadSession, Session

__all__ = ["Database", "Health", "Isolation", "PoolFigures", "ReadSession", "Session"]
