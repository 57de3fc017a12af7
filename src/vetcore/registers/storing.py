"""Storing in bulk: into a temporary table first, then over to the pets in one statement."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Date,
    Integer,
    String,
    Uuid,
    and_,
    column,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    table,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils import uuid7

from vetcore import clock
from vetcore.database.audit import ACTOR
from vetcore.database.driver import asyncpg_connection, is_postgresql
from vetcore.models import Pet
from vetcore.models.types import UtcDateTime
from vetcore.registers.cleaning import Entry
from vetcore.registers.report import Finding, Outcome

__all__ = ["Staging"]

_NAME: Final = "vetcore_register"
_AT_ONCE: Final = 10_000
_pets: Any = Pet.__table__
_TAKEN_OVER: Final = (
    "name",
    "species",
    "breeds",
    "sex",
    "is_neutered",
    "born_on",
    "color",
    "postal_code",
    "status",
    "vaccinations",
    "next_vaccination_due_on",
)
"""What the register says of an animal."""

_COLUMNS: Final = ("id", *Entry._fields)
_POSTGRESQL: Final = f"""
CREATE TEMPORARY TABLE {_NAME} (
    id uuid, line integer, license_number varchar, as_of date, name varchar, species varchar,
    breeds jsonb, sex varchar, is_neutered boolean, born_on date, color varchar,
    postal_code varchar, status varchar, vaccinations jsonb, next_vaccination_due_on date
) ON COMMIT DROP
"""
_SQLITE: Final = f"CREATE TEMPORARY TABLE {_NAME} ({', '.join(_COLUMNS)})"


def _staged(dialect: str) -> Any:
    """The temporary table; its schema is named, lest it be looked for in a tenant's."""
    document = JSONB() if dialect == "postgresql" else String()
    kinds: dict[str, Any] = {
        "id": Uuid(),
        "line": Integer(),
        "as_of": Date(),
        "breeds": document,
        "vaccinations": document,
        "is_neutered": Boolean(),
        "born_on": Date(),
        "next_vaccination_due_on": Date(),
    }
    return table(
        _NAME,
        *(column(name, kinds.get(name, String())) for name in _COLUMNS),
        schema="pg_temp" if dialect == "postgresql" else "temp",
    )


class Staging:
    """A temporary table with the entries of one register, for the time of one transaction."""

    def __init__(self, session: AsyncSession, jurisdiction: str) -> None:
        self.session = session
        self.jurisdiction = jurisdiction
        self.on_postgresql = is_postgresql(session)
        self._staged = _staged("postgresql" if self.on_postgresql else "sqlite")

    async def __aenter__(self) -> Self:
        if self.on_postgresql:
            # Two imports of one register go one after the other.
            lock = select(func.pg_advisory_xact_lock(func.hashtextextended(self.jurisdiction, 0)))
            await self.session.execute(lock)
        await self.session.execute(text(_POSTGRESQL if self.on_postgresql else _SQLITE))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            await self.session.execute(text(f"DROP TABLE {_NAME}"))

    async def fill(self, batches: Iterator[list[Entry]]) -> None:
        """Copy the entries in, as they come."""
        if self.on_postgresql:
            async with asyncpg_connection(self.session) as driver:
                await driver.copy_to_table(
                    _NAME, source=_lines(batches), columns=list(_COLUMNS), schema_name="pg_temp"
                )
                await driver.execute(f"ANALYZE {_NAME}")
            return
        connection = await self.session.connection()
        places = ", ".join("?" * len(_COLUMNS))
        statement = f"INSERT INTO {_NAME} VALUES ({places})"  # noqa: S608 -- our own words
        for batch in batches:
            rows = [_sqlite_row(entry) for entry in batch]
            if rows:
                await connection.exec_driver_sql(statement, rows)

    async def superseded(self) -> list[Finding]:
        """Leave out the entries for whose animal a later one is in the file, and tell which."""
        staged = self._staged.c
        repeated = select(staged.license_number).group_by(staged.license_number)
        repeated = repeated.having(func.count() > 1)
        newest_first = (staged.as_of.desc().nulls_last(), staged.line.desc())
        rank = func.row_number().over(partition_by=staged.license_number, order_by=newest_first)
        ranked = (
            select(staged.line, staged.license_number, staged.as_of, rank.label("rank"))
            .where(staged.license_number.in_(repeated))
            .subquery()
        )
        query = select(ranked.c.line, ranked.c.license_number, ranked.c.as_of)
        rows = await self.session.execute(query.where(ranked.c.rank > 1).order_by(ranked.c.line))
        rule = "has a later entry in this file"
        findings = [
            Finding(line, number, Outcome.SUPERSEDED, "license_number", rule, str(as_of or ""))
            for line, number, as_of in rows
        ]
        for first in range(0, len(findings), _AT_ONCE):
            lines = [finding.line for finding in findings[first : first + _AT_ONCE]]
            await self.session.execute(delete(self._staged).where(staged.line.in_(lines)))
        return findings

    async def insert(self) -> int:
        """Make a pet of each animal that is not there yet; how many they were."""
        staged = self._staged.c
        actor: UUID | None = self.session.info.get(ACTOR)
        now = literal(clock.now(), UtcDateTime())
        constant: dict[str, Any] = {
            "license_jurisdiction": literal(self.jurisdiction),
            "birth_date_is_estimate": literal(False),
            "created_at": now,
            "created_by_id": literal(actor, Uuid()),
            "updated_at": now,
            "updated_by_id": literal(actor, Uuid()),
        }
        taken = ("id", "license_number", *_TAKEN_OVER)
        source = select(
            *(staged[name] for name in taken),
            *(value.label(name) for name, value in constant.items()),
        ).where(~exists().where(self._same_animal(staged)))
        # Keys are handed out in the order of the file: an index grows best at its end.
        source = source.order_by(staged.line)
        statement = insert(_pets).from_select([*taken, *constant], source, include_defaults=False)
        result: Any = await self.session.execute(statement)
        return int(result.rowcount)

    async def update(self) -> int:
        """Take over what the register says otherwise of animals that are there; how many."""
        staged = self._staged.c
        changed = or_(*(_pets.c[name].is_distinct_from(staged[name]) for name in _TAKEN_OVER))
        statement = (
            update(_pets)
            .where(self._same_animal(staged), changed)
            .values({name: staged[name] for name in _TAKEN_OVER})
        )
        result: Any = await self.session.execute(statement)
        return int(result.rowcount)

    def _same_animal(self, entry: Any) -> Any:
        return and_(
            _pets.c.license_jurisdiction == self.jurisdiction,
            _pets.c.license_number == entry.license_number,
            _pets.c.deleted_at.is_(None),
        )


async def _lines(batches: Iterator[list[Entry]]) -> AsyncIterator[bytes]:
    """The entries in the text format of COPY."""
    for batch in batches:
        yield "".join(map(_line, batch)).encode()


def _line(entry: Entry) -> str:
    values = ["\\N" if value is None else str(value) for value in entry]
    line = "\t".join(values)
    if (
        "\n" in line
        or "\r" in line
        or line.count("\t") >= len(values)
        or "\\" in line.replace("\\N", "")
    ):
        line = "\t".join("\\N" if value is None else _escaped(str(value)) for value in entry)
    return f"{uuid7()}\t{line}\n"


def _escaped(value: str) -> str:
    for character, escape in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        value = value.replace(character, escape)
    return value


def _sqlite_row(entry: Entry) -> tuple[object, ...]:
    return uuid7().hex, *entry
