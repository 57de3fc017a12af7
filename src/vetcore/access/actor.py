"""The actor: a signed-in user with the memberships that they hold today."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, cast, select

from vetcore import clock
from vetcore.access.permissions import GRANTS
from vetcore.database import ReadSession
from vetcore.database.driver import rows_of
from vetcore.database.statements import JsonArray, JsonRows
from vetcore.errors import NotAuthenticated
from vetcore.models import Clinic, StaffMembership, User
from vetcore.values.people import Role, UserStatus
from vetcore.values.walltime import zone_named

__all__ = ["Actor", "Membership", "clinics_parameter", "has_permission", "load_actor"]


@dataclass(frozen=True, slots=True)
class Membership:
    """A role that a user has at a clinic."""

    clinic_id: UUID
    role: Role
    today: date | None = field(default=None, compare=False)
    """The day by the clinic's calendar when it was looked up; that of UTC where it is not said."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user and the memberships that they hold at this moment."""

    user_id: UUID
    role: Role = Role.PET_OWNER
    memberships: frozenset[Membership] = field(default_factory=frozenset[Membership])

    @property
    def is_admin(self) -> bool:
        """Whether the user administers the platform."""
        return self.role is Role.PLATFORM_ADMIN

    def clinics(self, roles: Iterable[Role]) -> frozenset[UUID]:
        """Return the clinics at which the user holds one of these roles."""
        wanted = frozenset(roles)
        return frozenset(
            membership.clinic_id for membership in self.memberships if membership.role in wanted
        )

    def days(self) -> Mapping[UUID, date]:
        """The day by the calendar of each clinic at which they hold a membership."""
        utc = clock.now().date()
        return {each.clinic_id: each.today or utc for each in self.memberships}

    def parameters(self) -> Mapping[str, Any]:
        """Return who asks, as parameters of a query with :func:`~vetcore.access.relations.relations`."""
        return {
            "actor": self.user_id,
            "actor_is_admin": self.is_admin,
            "now": clock.now(),
            "days": json.dumps({key.hex: day.isoformat() for key, day in self.days().items()}),
            **{
                clinics_parameter(roles): sorted(self.clinics(roles))
                for roles in {grant.roles for grant in GRANTS.values()}
            },
        }


def has_permission(actor: Actor, permission: StrEnum, clinic_id: UUID) -> bool:
    """Return whether ``actor`` has ``permission`` at a clinic, whatever the row.

    No query is sent.
    """
    grant = GRANTS[permission]
    return (
        grant.anyone or (grant.admin and actor.is_admin) or clinic_id in actor.clinics(grant.roles)
    )


@cache
def clinics_parameter(roles: frozenset[Role]) -> str:
    """Return the name of the parameter with the clinics at which one of these roles is held."""
    return "_".join(("clinics", *sorted(roles)))


async def load_actor(session: ReadSession, user_id: UUID) -> Actor:
    """Return the user with the memberships that they hold today, by the calendar of each clinic.

    Load the actor once for each request, because the result is true of this moment only.

    Raises:
        NotAuthenticated: there is no such user, or the account may not be used.
    """
    found = await rows_of(session, _who(), {"user": user_id})
    if not found:
        message = "There is no such account"
        raise NotAuthenticated(message)
    role, status, memberships = found[0]
    if status != UserStatus.ACTIVE:
        message = f"The account is {status}"
        raise NotAuthenticated(message)
    return Actor(user_id, Role(role), frozenset(_held_today(json.loads(memberships or "[]"))))


@cache
def _who() -> Any:
    """The account and its memberships, in one row."""
    user: Any = User.__table__.c
    held: Any = StaffMembership.__table__.c
    clinic: Any = Clinic.__table__.c
    wanted = bindparam("user", type_=Uuid())
    several = (
        select(
            JsonRows(
                JsonArray(held.clinic_id, held.role, held.starts_on, held.ends_on, clinic.timezone)
            )
        )
        .where(
            held.user_id == wanted,
            held.clinic_id == clinic.id,
            held.deleted_at.is_(None),
            clinic.deleted_at.is_(None),
        )
        .scalar_subquery()
    )
    return select(cast(user.role, Text), cast(user.status, Text), several).where(
        user.id == wanted, user.deleted_at.is_(None)
    )


def _held_today(rows: Iterable[Sequence[Any]]) -> Iterator[Membership]:
    now = clock.now()
    for clinic_id, role, starts_on, ends_on, zone in rows:
        today = now.astimezone(zone_named(zone)).date()
        day = today.isoformat()
        if starts_on <= day and (ends_on is None or day <= ends_on):
            yield Membership(UUID(clinic_id), Role(role), today)
