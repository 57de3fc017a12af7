"""Tells from declarations and grants whether somebody has a permission on a row."""

from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import false, or_

from vetcore.access.entities import access_of
from vetcore.access.permissions import GRANTS
from vetcore.access.relating import AtClinic, Condition, Subject

__all__ = ["Ways", "allowed", "ways"]


class Ways(NamedTuple):
    """The capacity in which somebody has a permission on a row: staff, owner or neither."""

    staff: Condition
    owner: Condition


def ways(entity: type[Any], row: Any, who: Subject, permission: StrEnum) -> Ways:
    """Return in what capacity ``who`` has ``permission`` on ``row``, the columns of an ``entity``.

    Administrators count as staff. What anyone may do, they do as owners.
    """
    as_staff, as_owner = _ways(entity, row, who, permission)
    return Ways(or_(false(), *as_staff), or_(false(), *as_owner))


def allowed(entity: type[Any], row: Any, who: Subject, permission: StrEnum) -> Condition:
    """Return whether ``who`` has ``permission`` on ``row``, the columns of an ``entity``."""
    if GRANTS[permission].anyone:
        return who.is_known
    as_staff, as_owner = _ways(entity, row, who, permission)
    return or_(false(), *as_owner, *as_staff)


def _ways(
    entity: type[Any], row: Any, who: Subject, permission: StrEnum
) -> tuple[list[Condition], list[Condition]]:
    grant, access = GRANTS[permission], access_of(entity)
    owner: list[Condition] = []
    if grant.anyone:
        owner.append(who.is_known)
    elif grant.own and access.own is not None:
        owner.append(access.own(row, who))
    staff: list[Condition] = []
    if grant.roles and who.may_hold(grant.roles):
        staff.append(access.at(row, AtClinic(who, grant.roles)))
    if grant.admin:
        staff.append(who.is_admin)
    return staff, owner
