"""Roles, permissions, and who may do what to which row."""

from vetcore.access.actor import Actor, Membership, load_actor
from vetcore.access.checks import fetch, has_permission, may, require, require_at, visible
from vetcore.access.entities import ACCESS, Access, Part, declare_access
from vetcore.access.permissions import GRANTS, Grant, Permission, grant
from vetcore.access.relating import of_own_pet, of_patient
from vetcore.access.restricting import (
    READER,
    disable_row_level_security,
    enable_row_level_security,
)

__all__ = [
    "ACCESS",
    "GRANTS",
    "READER",
    "Access",
    "Actor",
    "Grant",
    "Membership",
    "Part",
    "Permission",
    "declare_access",
    "disable_row_level_security",
    "enable_row_level_security",
    "fetch",
    "grant",
    "has_permission",
    "load_actor",
    "may",
    "of_own_pet",
    "of_patient",
    "require",
    "require_at",
    "visible",
]
