"""Copies of a database, each with what the reading operations show one person, and nothing else."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text

from vetcore.access import ACCESS, load_actor, visible
from vetcore.database import Acting, Database, Session
from vetcore.models import PetCoOwner, RecordAddendum
from vetcore.operations import OPERATIONS, list_addenda, list_co_owners
from vetcore.schemas import ById

__all__ = ["NOBODY", "TABLES", "copied", "made_for", "name_of"]

_ENTITIES: Final[tuple[Any, ...]] = (*ACCESS, PetCoOwner, RecordAddendum)

TABLES: Final = {entity.__tablename__: entity for entity in _ENTITIES}
"""What there is to see, by name."""

NOBODY: Final = "copy_for_nobody"
"""The schema that shows nobody's rows."""

_LISTS: Final = {
    operation.entity: operation
    for name, operation in OPERATIONS.items()
    if name
    in {
        "list_appointments",
        "list_clinics",
        "list_closures",
        "list_emergency_accesses",
        "list_equipment",
        "list_invitations",
        "list_memberships",
        "list_patients",
        "list_pets",
        "list_records",
        "list_reminders",
        "list_rooms",
        "list_schedule_blocks",
        "list_series",
        "list_time_off",
        "list_users",
        "list_veterinarians",
        "list_waitlist",
    }
}


def name_of(person: UUID | None) -> str:
    """The schema with what a person is shown."""
    return NOBODY if person is None else f"copy_for_{person.hex}"


async def made_for(db: Database, people: Iterable[UUID]) -> None:
    """Make a copy for each, and one for nobody."""
    for person in (None, *people):
        async with db.transaction() as session:
            await session.execute(text(f"CREATE SCHEMA {name_of(person)}"))
            for name, entity in TABLES.items():
                columns = ", ".join(column.name for column in entity.__table__.columns)
                like = f"SELECT {columns} FROM {name} WITH NO DATA"
                await session.execute(text(f"CREATE TABLE {name_of(person)}.{name} AS {like}"))
        if person is not None:
            await copied(db, person)


async def copied(db: Database, person: UUID) -> None:
    """Fill the copy of a person by what the reading operations return."""
    async with db.session(Acting(person)) as reading, db.transaction() as writing:
        actor = await load_actor(reading, person)
        for entity, access in ACCESS.items():
            rows = await _listed(reading, entity)
            keys = [row.id for row in rows]
            columns = [column.name for column in entity.__table__.columns]
            parts: dict[str, str] = {}
            values: dict[str, Any] = {"keys": keys}
            for number, part in enumerate(access.parts):
                allowed: list[UUID] = []
                if part.permission is not None:
                    query = select(entity.id).where(visible(entity, actor, part.permission))
                    allowed = list(await reading.scalars(query))
                values[f"part_{number}"] = allowed
                for column in part.columns:
                    rest = _rest(column, part.kept.get(column))
                    parts[column] = f"CASE WHEN id = ANY(:part_{number}) THEN {column} {rest}END"
            shown = ", ".join(parts.get(column, column) for column in columns)
            fill = (
                f"INSERT INTO {name_of(person)}.{entity.__tablename__} ({', '.join(columns)})"
                f" SELECT {shown} FROM {entity.__tablename__} WHERE id = ANY(:keys)"
            )
            await writing.execute(text(fill), values)
        await _beside(reading, writing, person)


def _rest(column: str, kept: tuple[str, ...] | None) -> str:
    if kept is None:
        return ""
    dropped = " ".join(f"WHERE key IN ('{name}')" for name in kept)
    return f"ELSE (SELECT coalesce(jsonb_object_agg(key, value), '{{}}') FROM jsonb_each({column}) {dropped}) "


async def _listed(session: Session, entity: type[Any]) -> list[Any]:
    operation = _LISTS[entity]
    found: list[Any] = []
    after: str | None = None
    while True:
        page = await operation(session, operation.command(limit=1000, after=after))  # type: ignore[operator]
        found += page.items
        after = page.next_cursor
        if after is None:
            return found


async def _beside(reading: Session, writing: Session, person: UUID) -> None:
    schema = name_of(person)
    for animal in await writing.scalars(text(f"SELECT id FROM {schema}.pets")):
        for owner in await list_co_owners(reading, ById(id=animal)):
            insert = text(f"INSERT INTO {schema}.pet_co_owners VALUES (:pet, :user)")
            await writing.execute(insert, {"pet": animal, "user": owner.id})
    records = text(f"SELECT id, signature IS NOT NULL AS whole FROM {schema}.medical_records")
    for record, whole in await writing.execute(records):
        for added in await list_addenda(reading, ById(id=record)):
            insert = text(
                f"INSERT INTO {schema}.record_addenda (record_id, number, author_id, written_at,"
                " text, signature) VALUES (:record, :number, :author, :at, :text, :signature)"
            )
            values = {
                "record": record,
                "number": added.number,
                "author": added.author_id,
                "at": added.written_at,
                "text": added.text,
                "signature": added.signature if whole else None,
            }
            await writing.execute(insert, values)
