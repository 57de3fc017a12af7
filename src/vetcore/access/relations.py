"""The capacity in which somebody may act on a row, as SQL that is compiled once."""

from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Text,
    Uuid,
    any_,
    bindparam,
    false,
    inspect,
    true,
)

from vetcore.access.actor import clinics_parameter
from vetcore.access.checks import tables
from vetcore.access.entities import access_of
from vetcore.access.relating import Condition, Lookup
from vetcore.access.rules import allowed, ways
from vetcore.database.statements import DayOf
from vetcore.models.types import UtcDateTime
from vetcore.values.people import Role

__all__ = ["NOBODY_ASKS", "Relations", "relations"]


class Relations(NamedTuple):
    """Conditions on a row, as columns of the query that reads it."""

    seen: Condition
    staff: Condition
    owner: Condition


class _Anyone:
    """An actor who is told by parameters, so that one statement serves them all."""

    by_keys = False

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self.look: Lookup = tables()

    @property
    def id(self) -> ColumnElement[UUID]:
        return bindparam("actor", type_=Uuid())

    @property
    def is_known(self) -> Condition:
        return true()

    @property
    def is_admin(self) -> Condition:
        return bindparam("actor_is_admin", type_=Boolean()).is_(true())

    def may_hold(self, roles: frozenset[Role]) -> bool:
        return bool(roles)

    def holds_membership(self, clinic: ColumnElement[Any], roles: frozenset[Role]) -> Condition:
        name = clinics_parameter(roles)
        if self._dialect == "postgresql":
            return clinic == any_(bindparam(name, type_=ARRAY(Uuid())))
        return clinic.in_(bindparam(name, expanding=True, type_=Uuid()))

    @property
    def now(self) -> ColumnElement[datetime]:
        return bindparam("now", type_=UtcDateTime())

    def today(self, clinic: ColumnElement[Any]) -> ColumnElement[date]:
        return DayOf(bindparam("days", type_=Text()), clinic)


@cache
def relations(entity: type[Any], permission: StrEnum, dialect: str) -> Relations:
    """Return the conditions under which a row may be seen, and staff or owners have a permission.

    The parameters are those of :meth:`~vetcore.access.actor.Actor.parameters`.
    """
    row, who = cast("Any", inspect(entity)).selectable.c, _Anyone(dialect)
    return Relations(
        allowed(entity, row, who, access_of(entity).read), *ways(entity, row, who, permission)
    )


NOBODY_ASKS: Final = Relations(true(), false(), false())
"""Where the system acts, which may do anything."""
