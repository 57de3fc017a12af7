"""Checks whether an actor may do something, and filters the rows that they may see."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Uuid,
    bindparam,
    case,
    false,
    inspect,
    literal,
    null,
    select,
    true,
)
from sqlalchemy.orm import Mapper

from vetcore import clock
from vetcore.access.actor import Actor, has_permission
from vetcore.access.entities import access_of
from vetcore.access.relating import Condition, Lookup
from vetcore.access.rules import allowed
from vetcore.database import ReadSession
from vetcore.database.locking import locking
from vetcore.errors import NotFound, PermissionDenied
from vetcore.models import Base, Entity
from vetcore.models.types import UtcDateTime
from vetcore.values.people import Role

__all__ = ["fetch", "has_permission", "may", "require", "require_at", "tables", "visible"]

E = TypeVar("E", bound=Entity)


def _alias(entity: type[Base]) -> FromClause:
    rows: Any = entity.__table__
    alias: FromClause = rows.alias(f"their_{rows.name}")
    return alias


@cache
def tables() -> Lookup:
    """Return the tables that rules look into. They are made once, since aliases are costly."""
    return Lookup(_alias)


class _Known:
    """An actor whose memberships are known already: a query need not look them up."""

    by_keys = False

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.look = tables()

    @property
    def id(self) -> ColumnElement[UUID]:
        return literal(self.actor.user_id, Uuid())

    @property
    def is_known(self) -> Condition:
        return true()

    @property
    def is_admin(self) -> Condition:
        return true() if self.actor.is_admin else false()

    def may_hold(self, roles: frozenset[Role]) -> bool:
        return bool(self.actor.clinics(roles))

    def holds_membership(self, clinic: ColumnElement[Any], roles: frozenset[Role]) -> Condition:
        return clinic.in_(sorted(self.actor.clinics(roles)))

    @property
    def now(self) -> ColumnElement[datetime]:
        # A condition is kept, and the time goes on.
        return bindparam("now", callable_=clock.now, type_=UtcDateTime(), unique=True)

    def today(self, clinic: ColumnElement[Any]) -> ColumnElement[date]:
        days = self.actor.days()
        if len(set(days.values())) == 1:
            return literal(next(iter(days.values())), Date())
        return case(
            *((clinic == key, literal(day, Date())) for key, day in sorted(days.items())),
            else_=null(),
        )


def visible(entity: Any, actor: Actor, permission: StrEnum | None = None) -> Condition:
    """Return the condition that leaves only the rows on which ``actor`` has ``permission``.

    ::

        select(Pet).where(visible(Pet, actor)).order_by(Pet.name)

    Args:
        entity: a model, or an alias of one.
        actor: who asks.
        permission: to read, if none is given.
    """
    mapped = inspect(entity)
    cls: type[Any] = mapped.mapper.class_
    wanted = permission or access_of(cls).read
    if mapped.is_aliased_class:
        return allowed(cls, mapped.selectable.c, _Known(actor), wanted)
    return _of_table(mapped, actor, frozenset(actor.days().items()), wanted)


@lru_cache(maxsize=256)
def _of_table(
    mapper: Mapper[Any],
    actor: Actor,
    _days: frozenset[tuple[UUID, date]],
    permission: StrEnum,
) -> Condition:
    """The same actor asks often, and a condition never changes in a day."""
    table: Any = mapper.selectable
    return allowed(mapper.class_, table.c, _Known(actor), permission)


def require_at(actor: Actor, permission: StrEnum, clinic_id: UUID) -> None:
    """Refuse an actor who lacks ``permission`` at a clinic. No query is sent.

    Raises:
        PermissionDenied: the actor lacks the permission there.
    """
    if not has_permission(actor, permission, clinic_id):
        raise PermissionDenied(permission=permission, subject=f"Clinic {clinic_id}")


async def may(session: ReadSession, actor: Actor, permission: StrEnum, thing: Entity) -> bool:
    """Return whether ``actor`` has ``permission`` on a stored row."""
    cls = type(thing)
    query = select(cls.id).where(cls.id == thing.id, visible(cls, actor, permission))
    found = await session.scalar(query, execution_options={"include_deleted": True})
    return found is not None


async def require(session: ReadSession, actor: Actor, permission: StrEnum, *things: Entity) -> None:
    """Refuse an actor who lacks ``permission`` on one of the rows.

    Raises:
        PermissionDenied: the actor lacks the permission on one of the rows.
    """
    for thing in _each_once(things):
        if not await may(session, actor, permission, thing):
            raise PermissionDenied(
                permission=permission, subject=f"{type(thing).__name__} {thing.id}"
            )


async def fetch(  # noqa: PLR0913
    session: ReadSession,
    actor: Actor,
    entity: type[E],
    key: UUID,
    permission: StrEnum | None = None,
    *,
    lock: bool = False,
) -> E:
    """Return the row as the database has it now, if ``actor`` has ``permission`` on it.

    ::

        pet = await fetch(session, actor, Pet, pet_id, Permission.PET_WRITE, lock=True)

    Args:
        session: any; of a transaction if the row is to be locked.
        actor: who asks.
        entity: a model.
        key: which row.
        permission: what they want to do, where that is more than to read.
        lock: keep others from changing the row until the transaction ends.

    Raises:
        NotFound: there is no such row, or the actor may not see it.
        PermissionDenied: the actor may see the row, but lacks the permission.
    """
    query = select(entity).where(entity.id == key, visible(entity, actor))
    if lock:
        query = locking(query, entity)
    row = await session.scalar(query, execution_options={"populate_existing": True})
    if row is None:
        raise NotFound(entity=entity, key=key)
    if permission is not None:
        await require(session, actor, permission, row)
    return row


def _each_once(things: Iterable[Entity]) -> Iterable[Entity]:
    return {thing.id: thing for thing in things}.values()
