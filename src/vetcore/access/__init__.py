"""Roles, permissions, and who may do what to which row."""

from vetcore.access.actor import Actor, Post, load_actor
from vetcore.access.checks import fetch, has_permission, may, require, require_at, visible
from vetcore.access.permissions import GRANTS, Grant, Permission
from vetcore.access.row_security import (
    SERVICE_ROLE,
    disable_row_level_security,
    enable_row_level_security,
)

__all__ = [
    "GRANTS",
    "SERVICE_ROLE",
    "Actor",
    "Grant",
    "Permission",
    "Post",
    "disable_row_level_security",
    "enable_row_level_security",
    "fetch",
    "has_permission",
    "load_actor",
    "may",
    "require",
    "require_at",
    "visible",
]
