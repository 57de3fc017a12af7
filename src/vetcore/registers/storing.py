"""Stores in bulk: into a temporary table, and from there to the pets in a statement."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, Final, Self

from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    Integer,
    String,
    Uuid,
    and_,
    column,
    exists,
    func,
    insert,
    literal,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils import uuid7

from vetcore.database.driver import copy_in, is_postgresql
from vetcore.database.locking import take_turn_at_once, take_turns
from vetcore.errors import LockTimeout, PoolExhausted
from vetcore.models import Pet
from vetcore.registers.cleaning import Entry
from vetcore.registers.report import Finding, Outcome

__all__ = ["TAKEN_OVER", "Staging"]

_NAME: Final = "vetcore_register"
_OLDER: Final = f"{_NAME}_older"
_PAGE: Final = 10_000
_pets: Any = Pet.__table__
TAKEN_OVER: Final = tuple(
    name for name in Entry._fields if name in _pets.c and name != "license_number"
)
"""What the register says of an animal: of the entry's fields, those that are columns of a pet."""

_COLUMNS: Final = ("id", *Entry._fields)
_KINDS: tuple[Any, ...] = (Boolean, Date, JSON, Uuid)


def _kind(name: str) -> Any:
    """The type of a column of the temporary table: the pet's, without what the pet's refuses."""
    if name not in _pets.c:
        return Integer() if name == "line" else Date()
    kind = getattr(_pets.c[name].type, "impl", _pets.c[name].type)
    return next((each() for each in _KINDS if isinstance(kind, each)), String())


def _in_postgresql(name: str) -> str:
    kind = _kind(name)
    dialect: Any = PGDialect()  # type: ignore[no-untyped-call]
    return str((JSONB() if isinstance(kind, JSON) else kind).compile(dialect=dialect))


_POSTGRESQL: Final = f"""
CREATE TEMPORARY TABLE {_NAME} (
    {", ".join(f"{name} {_in_postgresql(name)}" for name in _COLUMNS)}
) ON COMMIT DROP
"""
_SQLITE: Final = f"""
CREATE TEMPORARY TABLE {_NAME} (
    {", ".join(_COLUMNS).replace("line", "line INTEGER PRIMARY KEY")}
)
"""
_TO_OLDER: Final = f"""
CREATE TEMPORARY TABLE {_OLDER} AS
SELECT line, license_number, as_of FROM (
    SELECT line, license_number, as_of, row_number() OVER (
        PARTITION BY license_number ORDER BY as_of DESC NULLS LAST, line DESC
    ) AS place
    FROM {_NAME}
    WHERE license_number IN (
        SELECT license_number FROM {_NAME} GROUP BY license_number HAVING count(*) > 1
    )
) AS repeated
WHERE place > 1
"""  # noqa: S608 -- our own words
_NO_LIMIT: Final = """
SELECT set_config('vetcore.statement_timeout', current_setting('statement_timeout'), true),
       set_config('statement_timeout', '0', true)
"""
_WAIT_FOR_LOCKS: Final = """
SELECT set_config('vetcore.lock_timeout', current_setting('lock_timeout'), true),
       set_config('lock_timeout', '0', true)
"""
_WAIT_AS_BEFORE: Final = (
    "SELECT set_config('lock_timeout', current_setting('vetcore.lock_timeout'), true)"
)
_LIMIT_AGAIN: Final = (
    "SELECT set_config('statement_timeout', current_setting('vetcore.statement_timeout'), true)"
)


def _temporary(name: str, columns: tuple[str, ...], *, on_postgresql: bool) -> Any:
    """The temporary table; its schema is named, lest it be looked for in a tenant's.

    Documents are text on SQLite and are compared as such; PostgreSQL knows them for what they are.
    """
    kinds = {name: _kind(name) for name in columns}
    return table(
        name,
        *(
            column(each, String() if isinstance(kind, JSON) else kind)
            for each, kind in kinds.items()
        ),
        schema="pg_temp" if on_postgresql else "temp",
    )


class Staging:
    """A temporary table with the entries of a register, for the time of a transaction."""

    def __init__(
        self,
        session: AsyncSession,
        jurisdiction: str,
        waiting: Callable[[str], None] | None = None,
    ) -> None:
        self.session = session
        self.jurisdiction = jurisdiction
        self._waiting = waiting
        self.on_postgresql = is_postgresql(session)
        self.table = _temporary(_NAME, _COLUMNS, on_postgresql=self.on_postgresql)

    async def __aenter__(self) -> Self:
        if self.on_postgresql:
            # The limit is for requests that somebody waits for; a register is as large as it is.
            await self.session.execute(text(_NO_LIMIT))
            await self._wait_for_our_turn()
            await self.session.execute(text(_POSTGRESQL))
        else:
            await self._wait_for_the_writer()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            await self.session.execute(text(f"DROP TABLE {_NAME}"))
            if self.on_postgresql:
                await self.session.execute(text(_LIMIT_AGAIN))

    async def _wait_for_our_turn(self) -> None:
        """Two imports of one register go one after the other, however long the first one takes."""
        if await take_turn_at_once(self.session, "register", self.jurisdiction):
            return
        self._tell(f"another import of {self.jurisdiction}")
        await self.session.execute(text(_WAIT_FOR_LOCKS))
        await take_turns(self.session, "register", self.jurisdiction)
        await self.session.execute(text(_WAIT_AS_BEFORE))

    def _tell(self, what: str) -> None:
        if self._waiting is not None:
            self._waiting(what)

    async def _wait_for_the_writer(self) -> None:
        """SQLite has one writer. Where nothing has been done yet, nothing is lost by waiting."""
        is_fresh = not self.session.in_transaction()
        while True:
            try:
                await self.session.execute(text(_SQLITE))
            except (LockTimeout, PoolExhausted):
                if not is_fresh:
                    raise
                await self.session.rollback()
                self._tell("another program that writes to this database")
            else:
                return

    async def fill(self, batches: Iterator[list[Entry]]) -> None:
        """Copy the entries into the table, as they come."""
        if self.on_postgresql:
            await copy_in(self.session, _NAME, _COLUMNS, _lines(batches), schema="pg_temp")
            await self.session.execute(text(f"ANALYZE {_NAME}"))
            return
        connection = await self.session.connection()
        places = ", ".join("?" * len(_COLUMNS))
        statement = f"INSERT INTO {_NAME} VALUES ({places})"  # noqa: S608 -- our own words
        for batch in batches:
            rows = [_sqlite_row(entry) for entry in batch]
            if rows:
                await connection.exec_driver_sql(statement, rows)

    async def superseded(self) -> AsyncIterator[Finding]:
        """Remove entries if the file has a later one of the same animal, and yield them."""
        await self.session.execute(text(_TO_OLDER))
        leave_out = f"DELETE FROM {_NAME} WHERE line IN (SELECT line FROM {_OLDER})"  # noqa: S608
        await self.session.execute(text(leave_out))
        names = ("line", "license_number", "as_of")
        older = _temporary(_OLDER, names, on_postgresql=self.on_postgresql)
        rule = "has a later entry in this file"
        async for page in self.pages(select(older), older.c.line):
            for line, number, as_of in page:
                day = str(as_of or "")
                yield Finding(line, number, Outcome.SUPERSEDED, "license_number", rule, day)
        await self.session.execute(text(f"DROP TABLE {_OLDER}"))

    async def insert(self) -> int:
        """Make a pet of each animal that was never there, and return how many were made.

        The other columns get what the ORM would give them. What a clinic has deleted stays deleted.
        """
        names = ("id", "license_number", *TAKEN_OVER)
        staged = self.table.c
        there = literal(self.jurisdiction).label("license_jurisdiction")
        source = select(*(staged[name] for name in names), there).where(self._unknown())
        inserted = 0
        async for span in self._spans():
            # Keys are handed out in the order of the file: an index grows best at its end.
            rows = source.where(span).order_by(staged.line)
            statement = insert(_pets).from_select([*names, "license_jurisdiction"], rows)
            # What a clinic has deleted is asked for on purpose.
            options = {"include_deleted": True}
            result: Any = await self.session.execute(statement, execution_options=options)
            inserted += int(result.rowcount)
        return inserted

    async def unknown(self) -> int:
        """Return how many animals :meth:`insert` would insert."""
        count = select(func.count()).select_from(self.table).where(self._unknown())
        options = {"include_deleted": True}
        return int(await self.session.scalar(count, execution_options=options) or 0)

    def _unknown(self) -> Any:
        number = _pets.c.license_number
        deleted = select(number).where(
            _pets.c.license_jurisdiction == self.jurisdiction,
            number.is_not(None),
            _pets.c.deleted_at.is_not(None),
        )
        # Apart, since the index that finds a licence number has active pets only.
        return and_(
            ~exists().where(self.same_animal()), self.table.c.license_number.not_in(deleted)
        )

    def same_animal(self) -> Any:
        """Return whether an active pet is the animal of an entry."""
        return and_(
            _pets.c.license_jurisdiction == self.jurisdiction,
            _pets.c.license_number == self.table.c.license_number,
            _pets.c.deleted_at.is_(None),
        )

    async def _spans(self) -> AsyncIterator[Any]:
        """The entries in parts that SQLite, which times every statement, can do in one."""
        if self.on_postgresql:
            yield literal(value=True)
            return
        line = self.table.c.line
        last = int(await self.session.scalar(select(func.max(line))) or 0)
        for first in range(0, last + 1, 10 * _PAGE):
            yield line.between(first, first + 10 * _PAGE - 1)

    async def pages(self, query: Any, line: Any) -> AsyncIterator[Sequence[Any]]:
        """Yield the rows of ``query`` in the order of the file, with few of them in memory."""
        last = 0
        while True:
            page = query.where(line > last).order_by(line).limit(_PAGE)
            rows = (await self.session.execute(page)).all()
            yield rows
            if len(rows) < _PAGE:
                return
            last = rows[-1].line


async def _lines(batches: Iterator[list[Entry]]) -> AsyncIterator[bytes]:
    """The entries in the text format of COPY."""
    for batch in batches:
        yield "".join(map(_line, batch)).encode()


def _line(entry: Entry) -> str:
    # Cleaning leaves no tab and no line break in a value, and no value empty: that means NULL here.
    values = ["" if value is None else str(value) for value in entry]
    line = "\t".join([str(uuid7()), *values])
    return (line.replace("\\", "\\\\") if "\\" in line else line) + "\n"


def _sqlite_row(entry: Entry) -> tuple[object, ...]:
    return uuid7().hex, *entry
