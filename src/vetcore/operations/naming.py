"""Finds the row that a command names."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.orm import selectinload

from vetcore.access.relations import NOBODY_ASKS, relations
from vetcore.database.locking import locking
from vetcore.database.statements import PlansKept
from vetcore.errors import ConcurrentUpdate, InvalidValue
from vetcore.models import Entity, MedicalRecord
from vetcore.schemas.base import Update

__all__ = ["Related", "by_key", "is_related", "named", "relation_by_key", "require_version"]


_COMES_WITH: Final[Mapping[type[Entity], Any]] = {MedicalRecord: MedicalRecord.addenda}
"""What else responses about a row show."""


class Related(NamedTuple):
    """How the actor is related to a row."""

    staff: bool
    owner: bool


def named(update: Update) -> UUID:
    """Return the row that a change names.

    Raises:
        InvalidValue: the change names no row.
    """
    if update.id is None:
        raise InvalidValue(field="id", rule="is missing", expected="the id of the row to change")
    return update.id


def require_version(row: Entity, version: int) -> None:
    """Refuse a command that was made for another version of the row.

    Raises:
        ConcurrentUpdate: the row is at another version.
    """
    if row.version != version:
        message = (
            f"{type(row).__name__} {row.id} is at version {row.version}, and the command was made "
            f"for version {version}; read it again and decide anew"
        )
        raise ConcurrentUpdate(message, table=row.__tablename__)


@cache
def by_key(
    entity: type[Entity], wanted: StrEnum | None, dialect: str, *, lock: bool, deleted: bool
) -> Any:
    """Return a query for a row, for whether it may be seen, and for who has a permission on it.

    Without a permission it is for the system, which is not asked.
    """
    found = NOBODY_ASKS if wanted is None else relations(entity, wanted, dialect)
    # Two of them may be one condition, which a result would otherwise have once.
    columns = [each.label(name) for name, each in found._asdict().items()]
    query: Any = select(entity, *columns).where(entity.id == bindparam("key"))
    if not deleted:
        query = query.where(entity.deleted_at.is_(None))
    if entity in _COMES_WITH:
        query = query.options(selectinload(_COMES_WITH[entity]))
    return locking(query, entity) if lock else query


@cache
def relation_by_key(
    entity: type[Entity], wanted: StrEnum, dialect: str, *, keeps_plans: bool = False
) -> Any:
    """Return a query for the capacities in which somebody has a permission on one row.

    With ``keeps_plans``, the next statement that reads a world to book in is planned once for all.
    """
    row: Any = entity.__table__
    _, staff, owner = relations(entity, wanted, dialect)
    query: Any = select(staff, owner, *((PlansKept(),) if keeps_plans else ()))
    key = bindparam("key", type_=row.c.id.type)
    return query.where(row.c.id == key, row.c.deleted_at.is_(None))


@cache
def is_related(entity: type[Entity], wanted: StrEnum) -> Callable[[], Any]:
    """Return what makes the condition that somebody has a permission on one row, on PostgreSQL."""

    def condition() -> Any:
        row: Any = entity.__table__
        _, staff, owner = relations(entity, wanted, "postgresql")
        key = bindparam("key", type_=row.c.id.type)
        return exists().where(row.c.id == key, row.c.deleted_at.is_(None), or_(staff, owner))

    return condition
