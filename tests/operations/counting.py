"""What reaches the database while something is done."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from vetcore.database import Database

__all__ = ["Sent", "sent"]

_OF_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class Sent(list[tuple[str, Any]]):
    """Statements with their parameters, in order."""

    @property
    def of_work(self) -> list[tuple[str, Any]]:
        """Those that read or write."""
        return [each for each in self if not each[0].lstrip().upper().startswith(_OF_TRANSACTIONS)]

    @property
    def of_transactions(self) -> list[tuple[str, Any]]:
        """Those that only begin and end something."""
        return [each for each in self if each not in self.of_work]

    def __str__(self) -> str:
        return "\n".join(f"{' '.join(sql.split())[:400]} {values}"[:600] for sql, values in self)


@contextmanager
def sent(db: Database) -> Generator[Sent]:
    """Collect what is sent to the database's writing engine."""
    seen = Sent()

    def hear(_: Connection, __: object, sql: str, values: Any, *___: object) -> None:
        seen.append((sql, values))

    engine = db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", hear)
