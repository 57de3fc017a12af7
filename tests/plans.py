"""How the database goes about a statement that was sent to it."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event

from vetcore.database import Database

Statement = tuple[str, Any]


def watched(db: Database, reads: Callable[[str], bool]) -> list[Statement]:
    """The statements of a kind from now on, with their parameters; of each text the first."""
    seen: list[Statement] = []

    @event.listens_for(db.engine.sync_engine, "before_cursor_execute")
    def _(_: Connection, __: object, sql: str, parameters: Any, *___: object) -> None:
        if reads(sql) and not sql.startswith("EXPLAIN") and sql not in {text for text, _ in seen}:
            seen.append((sql, tuple(parameters) if isinstance(parameters, list) else parameters))

    return seen


async def plan(db: Database, statement: Statement, *, large: bool = False) -> str:
    """What EXPLAIN says of it; ``large`` as if no table were small enough to be read whole."""
    sql, parameters = statement
    explain = "EXPLAIN" if db.dialect == "postgresql" else "EXPLAIN QUERY PLAN"
    async with db.session() as session:
        connection = await session.connection()
        if large and db.dialect == "postgresql":
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        rows = await connection.exec_driver_sql(f"{explain} {sql}", parameters)
        return "\n".join(str(row[-1]) for row in rows)
