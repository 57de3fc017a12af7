"""Errors of the practice's rules and of permissions."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from vetcore.errors.base import VetcoreError, shown

__all__ = [
    "AccessError",
    "AlreadyExists",
    "BookingRefused",
    "BusinessRuleError",
    "ConcurrentUpdate",
    "Conflict",
    "HoldExpired",
    "InvalidTransition",
    "KeyReused",
    "NotAuthenticated",
    "NotBookable",
    "NotFound",
    "PermissionDenied",
    "RecordLocked",
    "SlotTaken",
    "StillReferenced",
]


class BusinessRuleError(VetcoreError):
    """The input is well formed, but the rules of the practice refuse it."""

    code = "business_rule"
    title = "The rules of the practice refuse this"


class NotFound(BusinessRuleError):
    """There is no such row, or the actor may not see it."""

    code = "not_found"
    title = "Not found"

    def __init__(self, *, entity: str | type[object], key: object) -> None:
        words = entity if isinstance(entity, str) else _in_words(entity)
        super().__init__(f"{words} {shown(key)} was not found", entity=words, key=key)


def _in_words(entity: type[object]) -> str:
    """``MedicalRecord`` as people say it: medical record."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", entity.__name__).lower()


class InvalidTransition(BusinessRuleError):
    """A status may not change to the requested one."""

    code = "invalid_transition"
    title = "This change of status is not allowed"

    def __init__(
        self, *, entity: str, current: str, requested: str, allowed: Iterable[str]
    ) -> None:
        options = ", ".join(sorted(allowed)) or "nothing: it is final"
        super().__init__(
            f"{entity}: {current} cannot become {requested}; it may become {options}",
            entity=entity,
            current=current,
            requested=requested,
            allowed=sorted(allowed),
        )


class RecordLocked(BusinessRuleError):
    """The record is signed: it can only be added to, with an addendum."""

    code = "record_locked"
    title = "The medical record is signed"

    def __init__(self, record_id: UUID) -> None:
        super().__init__(
            f"medical record {record_id} is signed; add an addendum instead", record_id=record_id
        )


class BookingRefused(BusinessRuleError):
    """The appointment cannot be booked: a rule refuses it, or the slot is taken."""

    code = "booking_refused"
    title = "This cannot be booked"


class NotBookable(BookingRefused):
    """A rule of scheduling refuses the appointment. Each rule is a subclass with its own code."""

    code = "not_bookable"
    title = "This appointment cannot be booked"


class Conflict(BusinessRuleError):
    """Somebody else took or changed the same thing in the meantime."""

    code = "conflict"
    title = "This conflicts with what is already there"


class AlreadyExists(Conflict):
    """A value that must be unique among active rows is already used."""

    code = "already_exists"
    title = "Already exists"

    def __init__(self, *, table: str, fields: Sequence[str], constraint: str | None) -> None:
        super().__init__(
            f"{table}: another active row already has this {', '.join(fields) or 'value'}",
            table=table,
            fields=list(fields),
            constraint=constraint,
        )


class StillReferenced(Conflict):
    """The row cannot be removed while others depend on it."""

    code = "still_referenced"
    title = "Other rows still depend on this one"

    def __init__(self, *, table: str | None, constraint: str | None) -> None:
        super().__init__(
            f"rows of {table or 'another table'} still refer to this row",
            table=table,
            constraint=constraint,
        )


class ConcurrentUpdate(Conflict):
    """The row was changed or deleted by somebody else since it was read: read it again."""

    code = "concurrent_update"
    title = "The row was changed in the meantime"

    def __init__(self, message: str, *, table: str | None = None) -> None:
        super().__init__(message, table=table)


class KeyReused(Conflict):
    """The key of a command belongs to another command of the same sender."""

    code = "key_reused"
    title = "This key belongs to another command"

    def __init__(self, *, operation: str) -> None:
        super().__init__(
            f"this key stands for another command ({operation}): use a new key for a new intent",
            operation=operation,
        )


class HoldExpired(Conflict, BookingRefused):
    """The hold was not confirmed in time and its slot may have gone to somebody else."""

    code = "hold_expired"
    title = "The hold has expired"

    def __init__(self, *, appointment_id: UUID, expired_at: datetime | None) -> None:
        super().__init__(
            f"hold {appointment_id} has expired; hold or book the slot again",
            appointment_id=appointment_id,
            expired_at=expired_at,
        )


class SlotTaken(Conflict, BookingRefused):
    """Somebody or something that it takes is occupied for a part of that time.

    ``resource`` names it: ``practitioner``, ``room``, ``pet``, ``assistant`` or ``equipment``.
    """

    code = "slot_taken"
    title = "The slot is taken"

    def __init__(
        self,
        *,
        resource: str,
        resource_id: UUID | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        label: str | None = None,
    ) -> None:
        when = f" from {start.isoformat()} to {end.isoformat()}" if start and end else ""
        super().__init__(
            f"the {resource} is already booked{when}"
            if label is None
            else f"the {resource} is kept free{when}: {label}",
            resource=resource,
            resource_id=resource_id,
            start=start,
            end=end,
            label=label,
        )


class AccessError(VetcoreError):
    """The actor may not do this."""

    code = "access"
    title = "Access refused"


class NotAuthenticated(AccessError):
    """It is not known who is asking: the token is missing or does not verify."""

    code = "not_authenticated"
    title = "Not authenticated"


class PermissionDenied(AccessError):
    """The actor is known, but lacks the permission."""

    code = "permission_denied"
    title = "Permission denied"

    def __init__(self, *, permission: str, subject: str | None = None) -> None:
        target = f" on {subject}" if subject else ""
        super().__init__(
            f"this needs the permission '{shown(permission)}'{target}",
            permission=permission,
            subject=subject,
        )
