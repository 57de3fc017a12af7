"""The person who asks, as the views of restricted sessions see them.

A view asks once a statement who that is, in a common table expression. Its conditions look at the
answer: an id, whether they are an administrator, and the clinics at which they hold certain roles.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    Uuid,
    any_,
    cast,
    column,
    false,
    func,
    select,
    table,
)

from vetcore.access.checks import tables
from vetcore.access.permissions import GRANTS, Grant
from vetcore.access.relating import Condition, Lookup
from vetcore.access.rules import allowed
from vetcore.models import Clinic
from vetcore.values.people import Role

__all__ = ["Asker", "Audience"]


class Audience(StrEnum):
    """For whom a schema of views has everything. Each is right for whoever looks into it."""

    OWN = "own"
    """What is one's own."""
    STAFF = "staff"
    """That, and what is of the clinics at which one works."""
    ADMIN = "admin"
    """Everything, for an administrator; nobody else sees what is for administrators."""


_ASKER: Final = "asker"
_KINDS: Final[Mapping[str, Any]] = {"id": Uuid(), "is_admin": Boolean()}


class Asker:
    """Whoever asks, for the conditions of one view; it knows afterwards what they looked at."""

    def __init__(self, audience: Audience) -> None:
        self.audience = audience
        self.look: Lookup = tables()
        self.by_keys = False
        self._clinics: dict[frozenset[Role], str] = {}

    # What the rules ask of a person ------------------------------------------------------------

    @property
    def id(self) -> ColumnElement[UUID]:
        """The id of whoever asks; NULL for nobody."""
        return _answer("id")

    @property
    def is_known(self) -> Condition:
        """Return whether it is a known user."""
        return self.id.is_not(None)

    @property
    def is_admin(self) -> Condition:
        """Return whether they are an administrator, which counts in the views for these."""
        return _answer("is_admin") if self.audience is Audience.ADMIN else false()

    def may_hold(self, roles: frozenset[Role]) -> bool:
        """Return False for the views of what is one's own, which ask for no membership."""
        return bool(roles) and self.audience is not Audience.OWN

    def holds_membership(self, clinic: ColumnElement[Any], roles: frozenset[Role]) -> Condition:
        """Return whether they hold one of ``roles`` at ``clinic`` today."""
        name = self._clinics.setdefault(roles, f"clinics_{len(self._clinics) + 1}")
        # Cast, so that it is an array that is looked into, and no subselect for each row.
        return clinic == any_(cast(_answer(name), ARRAY(Uuid())))

    @property
    def now(self) -> ColumnElement[datetime]:
        """The beginning of the transaction."""
        return func.now()

    def today(self, clinic: ColumnElement[Any]) -> ColumnElement[date]:
        """The day by the calendar of ``clinic``."""
        clinics: Any = Clinic.__table__.alias("their_clinics")
        day: Any = cast(func.timezone(clinics.c.timezone, func.now()), Date())
        return select(day).where(clinics.c.id == clinic).scalar_subquery()

    # What a view asks of a person --------------------------------------------------------------

    def has(
        self, permission: StrEnum, entity: type[Any], row: Any, *, by_keys: bool = False
    ) -> Condition:
        """Return whether they have the permission on a row."""
        self.by_keys = by_keys
        if self.audience is Audience.ADMIN and GRANTS[permission].admin:
            # Connected with the others by OR, it would keep them from the indexes.
            return self.is_admin
        return allowed(entity, row, self, permission)

    def has_wherever(self, permission: StrEnum, other: StrEnum) -> bool:
        """Return whether whoever has the ``other`` permission on a row has this one, too."""
        this, that = GRANTS[permission], GRANTS[other]
        if this.anyone:
            return True
        if self.audience is Audience.ADMIN and that.admin:
            return this.admin
        return not that.anyone and that.own <= this.own and self._has_roles_of(this, that)

    def _has_roles_of(self, this: Grant, that: Grant) -> bool:
        return self.audience is Audience.OWN or that.roles <= this.roles

    def expression(self, schema: str) -> str:
        """Return the common table expression that tells who asks, and where they hold what."""
        held = "".join(
            f", ARRAY(SELECT held.clinic FROM unnest(who.clinics, who.roles) AS held (clinic, role)"  # noqa: S608 -- of words of ours
            f" WHERE held.role IN ({_listed(roles)})) AS {name}"
            for roles, name in self._clinics.items()
        )
        who = f"SELECT who.id, who.is_admin{held} FROM {schema}.who() AS who"  # noqa: S608 -- the same
        return f"{_ASKER} AS MATERIALIZED ({who})"


def _answer(name: str) -> ColumnElement[Any]:
    asker = table(_ASKER, column(name, _KINDS.get(name, ARRAY(Uuid()))))
    # In a subselect, it is read once and not for each row.
    return select(asker.c[name]).scalar_subquery()


def _listed(roles: frozenset[Role]) -> str:
    return ", ".join(f"'{role.value}'" for role in sorted(roles))
