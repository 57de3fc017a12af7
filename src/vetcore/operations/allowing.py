"""Checks what the actor may do: at a clinic, to what is theirs, or at every clinic."""

from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from vetcore.access import GRANTS, Actor, has_permission
from vetcore.database import ReadSession
from vetcore.database.acting import acting_of
from vetcore.errors import PermissionDenied
from vetcore.schemas.base import Schema, Update
from vetcore.values.capacity import Capacity

if TYPE_CHECKING:
    from vetcore.operations.declaring import Declared

__all__ = ["Allowing"]


class Allowing:
    """Checks permissions during a call of an operation. No row is read for it."""

    def __init__(
        self,
        session: ReadSession,
        operation: "Declared[Any, Any]",
        command: Schema,
        actor: Actor | None,
    ) -> None:
        self._session = session
        self._operation = operation
        self._command = command
        self._has_asked = False
        self.actor = actor
        """Who acts, with what they are today; None is the system."""

    @property
    def _as_owner(self) -> bool:
        return acting_of(self._session).as_owner

    def require_at(self, clinic_id: UUID, *, owner: bool = False) -> Capacity:
        """Refuse an actor who may not do this at a clinic, whatever the row.

        Args:
            clinic_id: whose staff may.
            owner: whether they may as an owner, too, since what it is about is theirs.

        Raises:
            PermissionDenied: the actor may not.
        """
        self._has_asked = True
        if self.actor is None:
            return Capacity.SYSTEM
        permission = self._operation.permission
        staff = has_permission(self.actor, permission, clinic_id)
        by = self._capacity(staff=staff, owner=owner and GRANTS[permission].own)
        if by is None:
            raise self.denied(on=f"Clinic {clinic_id}")
        self._require_parts(by, clinic_id)
        return by

    def is_plainly_staff(self, clinic_id: UUID) -> bool:
        """Return whether the actor does this as staff of a clinic, with no field that asks for more."""
        if self.actor is None or self._as_owner:
            return False
        if any(_says(self._command, field) for field in self._operation.also):
            return False
        return has_permission(self.actor, self._operation.permission, clinic_id)

    def _capacity(self, *, staff: bool, owner: bool) -> Capacity | None:
        if self.actor is None:
            return Capacity.SYSTEM
        if staff and not (self._as_owner and owner):
            return Capacity.STAFF
        return Capacity.OWNER if owner else None

    def looks_at(self, clinic_id: UUID, permission: StrEnum) -> Capacity:
        """Return in what capacity the actor looks at a clinic, at which everybody may look."""
        self._has_asked = True
        if self.actor is None:
            return Capacity.SYSTEM
        staff = has_permission(self.actor, permission, clinic_id)
        return Capacity.STAFF if staff and not self._as_owner else Capacity.OWNER

    def require_at_or_everywhere(self, clinic_id: UUID | None) -> Capacity:
        """Refuse an actor who may not do this at a clinic or, where none is named, everywhere.

        Raises:
            PermissionDenied: the actor may not.
        """
        return self.require_system() if clinic_id is None else self.require_at(clinic_id)

    def require_system(self) -> Capacity:
        """Refuse everybody but the system and administrators.

        Raises:
            PermissionDenied: the actor is a person who is no administrator.
        """
        self._has_asked = True
        if self.actor is not None and not self.actor.is_admin:
            raise self.denied()
        return Capacity.SYSTEM

    def require_own(self) -> Capacity:
        """Refuse an actor who may not do this to what is theirs, if it has no clinic.

        Raises:
            PermissionDenied: owners do not have the permission.
        """
        self._has_asked = True
        if self.actor is None:
            return Capacity.SYSTEM
        if not GRANTS[self._operation.permission].own:
            raise self.denied()
        self._require_parts(Capacity.OWNER, None)
        return Capacity.OWNER

    def require_somewhere(self) -> Capacity:
        """Refuse an actor who may not do this at any clinic.

        Raises:
            PermissionDenied: the actor may not.
        """
        self._has_asked = True
        if self.actor is None:
            return Capacity.SYSTEM
        grant = GRANTS[self._operation.permission]
        if not (self.actor.clinics(grant.roles) or (grant.admin and self.actor.is_admin)):
            raise self.denied()
        self._require_parts(Capacity.STAFF, None)
        return Capacity.STAFF

    def allow_anyone(self) -> Capacity:
        """Allow every signed-in user. Which rows they see is decided elsewhere."""
        self._has_asked = True
        return Capacity.SYSTEM if self.actor is None else Capacity.OWNER

    def denied(
        self, *, on: str | None = None, permission: StrEnum | None = None
    ) -> PermissionDenied:
        """Return the error for what the actor may not do."""
        return PermissionDenied(permission=permission or self._operation.permission, subject=on)

    def require_in_scope(self, permission: StrEnum) -> None:
        """Refuse what the key with which somebody acts was not given, whatever they themselves may do.

        Raises:
            PermissionDenied: the key has not got the permission.
        """
        scope = acting_of(self._session).scope
        if scope is not None and permission not in scope:
            raise self.denied(on="what this key was given", permission=permission)

    def _require_parts(self, by: Capacity, clinic_id: UUID | None) -> None:
        self.require_parts_of(self._command, by, clinic_id)

    def require_parts_of(self, command: Schema, by: Capacity, clinic_id: UUID | None) -> None:
        """Check the permissions that parts of a command need beside the operation's own.

        Raises:
            PermissionDenied: the command has a field that the actor may not use.
        """
        for field, permission in self._operation.also.items():
            if not _says(command, field):
                continue
            self.require_in_scope(permission)
            if by is Capacity.SYSTEM:
                continue
            held = by is Capacity.STAFF and self._holds(permission, clinic_id)
            if not held:
                raise self.denied(on=f"the field {field}", permission=permission)

    def _holds(self, permission: StrEnum, clinic_id: UUID | None) -> bool:
        if self.actor is None or clinic_id is None:
            return self.actor is None or (self.actor.is_admin and GRANTS[permission].admin)
        return has_permission(self.actor, permission, clinic_id)

    def require_asked(self) -> None:
        """Fail if the operation checked no permission, since it would be open to everybody.

        Raises:
            AssertionError: no permission was checked.
        """
        if not self._has_asked:
            message = f"{self._operation.name} asked no permission"
            raise AssertionError(message)


def _says(command: Schema, field: str) -> bool:
    """Whether whoever made the command gave the field a value other than its default."""
    kind = type(command).model_fields.get(field)
    if kind is None or field not in command.model_fields_set:
        return False
    # In a change, null is said as well: it clears.
    return isinstance(command, Update) or getattr(command, field) != kind.get_default()
