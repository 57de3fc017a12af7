"""Every error that a caller may meet.

::

    VetcoreError
    ├── ConfigurationError             a setting is missing or wrong
    ├── DatabaseError                  the database could not do it
    │   ├── ConnectionFailed           cannot be reached, or the connection was lost   (retryable)
    │   ├── PoolExhausted              no connection came free in time
    │   ├── StatementTimeout           the statement ran longer than allowed
    │   ├── LockTimeout                another transaction kept a lock too long        (retryable)
    │   ├── SerializationFailure       concurrent transactions could not be ordered    (retryable)
    │   ├── Deadlock                   two transactions waited for each other          (retryable)
    │   ├── CommitOutcomeUnknown       the connection was lost while committing
    │   ├── SessionInUse               one session was used by two tasks at once
    │   ├── ReadOnlySession            a session that only reads was to write
    │   ├── TransactionOver            an error or a cancellation had ended the transaction
    │   └── MigrationError             the schema could not be brought to a revision
    ├── ValidationError                what came in breaks a rule
    │   ├── InvalidValue               one value (also a ``ValueError``)
    │   ├── InvalidInput               a whole document, with every issue in it
    │   └── ConstraintViolation        the database refused a value, by constraint name
    ├── BusinessRuleError              the input is well formed, but the practice says no
    │   ├── NotFound
    │   ├── InvalidTransition          a status may not become that status
    │   ├── NotBookable                one rule of scheduling, named by its code
    │   └── Conflict                   somebody else has it, or changed it
    │       ├── AlreadyExists          a value must be unique
    │       ├── StillReferenced        others depend on the row
    │       ├── ConcurrentUpdate       the row was changed since it was read
    │       ├── HoldExpired            the hold was not confirmed in time
    │       └── SlotTaken              the veterinarian, room or pet is occupied
    └── AccessError
        ├── NotAuthenticated
        └── PermissionDenied

Each has a stable ``code`` for programs, a sentence for people, ``details`` that serialise to JSON,
and :meth:`VetcoreError.problem`, an RFC 9457 problem document. ``retryable`` says whether the same
transaction, replayed, may succeed. Nothing here knows of HTTP: a service maps the families to its
status codes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from enum import Enum
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, cast
from uuid import UUID

from vetcore._wording import in_our_words

if TYPE_CHECKING:
    import pydantic
    import pydantic_core

__all__ = [
    "AccessError",
    "AlreadyExists",
    "BusinessRuleError",
    "CommitOutcomeUnknown",
    "ConcurrentUpdate",
    "ConfigurationError",
    "Conflict",
    "ConnectionFailed",
    "ConstraintViolation",
    "DatabaseError",
    "Deadlock",
    "HoldExpired",
    "InvalidInput",
    "InvalidTransition",
    "InvalidValue",
    "LockTimeout",
    "MigrationError",
    "NotAuthenticated",
    "NotBookable",
    "NotFound",
    "PermissionDenied",
    "PoolExhausted",
    "ReadOnlySession",
    "SerializationFailure",
    "SessionInUse",
    "SlotTaken",
    "StatementTimeout",
    "StillReferenced",
    "TransactionOver",
    "ValidationError",
    "VetcoreError",
]


class VetcoreError(Exception):
    """The root: catch it to catch everything that vetcore raises on purpose."""

    code: ClassVar[str] = "vetcore_error"
    title: ClassVar[str] = "vetcore could not do this"
    retryable: ClassVar[bool] = False
    for_operators: ClassVar[bool] = False
    """Whether its text is for those who run the service, since a database or a setting speaks."""

    def __init__(self, message: str, /, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, object] = {
            key: _plain(value) for key, value in details.items() if value is not None
        }

    def problem(
        self, *, status: int | None = None, instance: str | None = None, for_operators: bool = False
    ) -> dict[str, object]:
        """The RFC 9457 problem document, ready for ``application/problem+json``.

        ``status`` and ``instance`` are the service's to give. ``code`` and ``details`` are
        extension members.

        What a database, a driver or a setting says is not for strangers: of an error that is
        ``for_operators``, and of any with a status of 500 or more, the document has the code and
        the title. The rest belongs in the log, or in a document made ``for_operators``.
        """
        withheld = self.for_operators or (status is not None and status >= _SERVER_ERROR)
        tell = for_operators or not withheld
        document: dict[str, object] = {
            "type": f"urn:vetcore:error:{self.code}",
            "title": self.title,
            "detail": self.message if tell else f"{self.title}; the log of the service says why",
            "code": self.code,
        }
        if status is not None:
            document["status"] = status
        if instance is not None:
            document["instance"] = instance
        if self.details and tell:
            document["details"] = self.details
        return document

    def __reduce__(self) -> tuple[object, ...]:
        # Typed keyword-only constructors do not survive pickling by themselves, and errors cross
        # process boundaries in worker pools.
        return _restore, (type(self), self.message, self.__dict__)


def _restore(cls: type[VetcoreError], message: str, state: dict[str, object]) -> VetcoreError:
    error = cls.__new__(cls, message)
    error.args = (message,)
    error.__dict__.update(state)
    return error


_SERVER_ERROR: Final = 500
_DEEPEST: Final = 20


def _plain(value: object, depth: int = 0) -> object:  # noqa: PLR0911 -- a table of types
    """``value`` as JSON can carry it."""
    if depth > _DEEPEST:
        return "…"
    match value:
        case Enum():
            return _plain(value.value, depth + 1)
        case None | str() | bool() | int():
            return value
        case float():
            return value if isfinite(value) else str(value)
        case date() | time():
            return value.isoformat()
        case bytes() | bytearray():
            return value.decode("utf-8", "backslashreplace")
        case Mapping():
            entries = cast("Mapping[object, object]", value)
            return {str(_plain(key)): _plain(item, depth + 1) for key, item in entries.items()}
        case _ if hasattr(type(value), "model_fields"):
            return _plain(vars(value), depth)
        case Iterable():
            return [_plain(item, depth + 1) for item in cast("Iterable[object]", value)]
        case _:
            return str(value)


def _shown(value: object) -> str:
    """``value`` in a sentence: a member of an enum by its value, and nothing by its repr."""
    return str(value.value if isinstance(value, Enum) else value)


class ConfigurationError(VetcoreError):
    """A setting is missing or wrong; the message names each, and what would be right."""

    code = "configuration"
    title = "The configuration is not usable"
    for_operators = True


class DatabaseError(VetcoreError):
    """The database could not do it; the cause is the driver's own error."""

    code = "database"
    title = "The database could not do this"
    for_operators = True


class ConnectionFailed(DatabaseError):
    """The database cannot be reached, or the connection was lost before anything was committed."""

    code = "connection_failed"
    title = "The database cannot be reached"
    retryable = True


class PoolExhausted(DatabaseError):
    """No connection came free in time: the pool is too small, or sessions are kept open."""

    code = "pool_exhausted"
    title = "No database connection came free in time"


class StatementTimeout(DatabaseError):
    """The statement ran longer than the configured statement timeout."""

    code = "statement_timeout"
    title = "The statement took too long"


class LockTimeout(DatabaseError):
    """Another transaction kept a lock for longer than the configured lock timeout."""

    code = "lock_timeout"
    title = "A lock was not released in time"
    retryable = True


class SerializationFailure(DatabaseError):
    """Concurrent transactions could not be put in an order; a replay may succeed."""

    code = "serialization_failure"
    title = "Concurrent transactions got in each other's way"
    retryable = True


class Deadlock(DatabaseError):
    """Two transactions waited for each other and the database ended this one."""

    code = "deadlock"
    title = "Transactions waited for each other"
    retryable = True


class CommitOutcomeUnknown(DatabaseError):
    """The connection was lost while committing: the work is stored whole or not at all.

    Not replayed by itself, since that could do the work twice. Check, or use an idempotency key.
    """

    code = "commit_outcome_unknown"
    title = "It is not known whether the transaction was committed"


class SessionInUse(DatabaseError):
    """A session was used by a second task while the first was still waiting on it."""

    code = "session_in_use"
    title = "One session was used by two tasks at once"

    def __init__(self, *, operation: str, holder: str) -> None:
        super().__init__(
            f"This session is busy in task '{holder}'; {operation}() was called from another task. "
            "A session belongs to one task at a time: open one session per task.",
            operation=operation,
            holder=holder,
        )


class ReadOnlySession(DatabaseError):
    """Something was to be written in ``Database.session()``, which only reads."""

    code = "read_only_session"
    title = "The session only reads"

    def __init__(self) -> None:
        super().__init__(
            "This session only reads, so nothing was written: write inside "
            "`async with db.transaction() as session`, or db.trial() to have it rolled back"
        )


class TransactionOver(DatabaseError):
    """A transaction was used after an error, or a cancellation, had ended it."""

    code = "transaction_over"
    title = "The transaction is over"

    def __init__(self, **details: object) -> None:
        super().__init__(
            "This transaction was ended by an earlier error or by a cancellation, and nothing of it "
            "is kept: leave its block and begin another; try what may fail in "
            "`async with session.begin_nested()`",
            **details,
        )


class MigrationError(DatabaseError):
    """A migration failed, or the schema is not at the revision that the code needs."""

    code = "migration"
    title = "The database schema is not as it should be"


class ValidationError(VetcoreError):
    """What came in breaks a rule; nothing was written."""

    code = "validation"
    title = "The input is not valid"


class InvalidValue(ValidationError, ValueError):
    """One value breaks one rule. Raised inside a schema, it becomes that field's error."""

    code = "invalid_value"
    title = "A value is not valid"

    def __init__(
        self, *, field: str, rule: str, expected: str | None = None, value: object = None
    ) -> None:
        shown = "" if value is None or _is_secret(field) else f", got {_shown(value)[:80]!r}"
        hint = f" (expected {expected})" if expected else ""
        super().__init__(f"{field}: {rule}{hint}{shown}", field=field, rule=rule, expected=expected)


class InvalidInput(ValidationError):
    """A document with one or more issues, each naming field, rule and what would be right."""

    code = "invalid_input"

    def __init__(self, issues: Sequence[Mapping[str, object]], *, subject: str) -> None:
        told = issues[:MOST_ISSUES]
        omitted = len(issues) - len(told)
        lines = "; ".join(f"{issue['field'] or subject}: {issue['message']}" for issue in told)
        more = f"; and {omitted} more" if omitted else ""
        super().__init__(
            f"{subject} is not valid: {lines}{more}",
            subject=subject,
            issues=told,
            omitted=omitted or None,
        )

    @classmethod
    def from_pydantic(cls, error: "pydantic.ValidationError | ValueError") -> Self:
        """The same issues in our form; input values are left out, since they may be private.

        Errors of frameworks that collect Pydantic's do as well: FastAPI's ``RequestValidationError``
        and those of pydantic-settings.
        """
        subject = str(
            getattr(error, "title", None) or _SUBJECTS.get(type(error).__name__, "the input")
        )
        errors: Callable[[], Iterable[Mapping[str, Any]]] | None = getattr(error, "errors", None)
        if errors is None:
            return cls(
                [{"field": "", "rule": "value_error", "message": str(error)}], subject=subject
            )
        return cls.from_details(errors(), subject=subject)

    @classmethod
    def from_details(
        cls, details: "Iterable[pydantic_core.ErrorDetails | Mapping[str, Any]]", *, subject: str
    ) -> Self:
        """The same of Pydantic's ``errors()``, as frameworks hand them on.

        Each issue has a ``pointer``, the JSON pointer (RFC 6901) into the document that was sent, or
        the ``parameter`` where a query, a path, a header or a cookie has it.

        ::

            @app.exception_handler(RequestValidationError)
            async def refused(request, error):
                problem = InvalidInput.from_details(error.errors(), subject="the request")
        """
        return cls([_issue(one) for one in details], subject=subject)


MOST_ISSUES: Final = 100
"""Whoever sends a hundred thousand wrong entries hears of this many."""
_SUBJECTS: Final = {
    "RequestValidationError": "the request",
    "WebSocketRequestValidationError": "the request",
    "ResponseValidationError": "the response",
    "SettingsError": "the settings",
}
_PARAMETERS: Final = frozenset({"query", "path", "header", "cookie"})
_LONGEST_NAME: Final = 100
_LONGEST_MESSAGE: Final = 500
_SECRETS: Final = (
    "password",
    "passphrase",
    "passwd",
    "pwd",
    "secret",
    "token",
    "apikey",
    "credential",
)


def _issue(found: "pydantic_core.ErrorDetails | Mapping[str, Any]") -> dict[str, object]:
    place = [str(_plain(part))[:_LONGEST_NAME] for part in found.get("loc") or ()]
    field = ".".join(place)
    context = found.get("ctx") or {}
    message = in_our_words(found["type"], str(found["msg"]), context)
    cause = context.get("error")
    if isinstance(cause, InvalidValue):
        # Its own message names the field once more, and shows the value.
        rule, expected = cause.details["rule"], cause.details.get("expected")
        field = field or str(cause.details["field"])
        place = place or [field]
        message = f"{rule} (expected {expected})" if expected else str(rule)
    elif found["type"] in {"value_error", "assertion_error"} and _is_secret(field):
        message = "is not valid"  # what was raised may repeat what was given
    elif found["type"] == "union_tag_invalid":
        message = "Input should be of one of the kinds that there are"
    issue: dict[str, object] = {
        "field": field,
        "rule": found["type"],
        "message": message[:_LONGEST_MESSAGE],
    }
    if len(place) > 1 and place[0] in _PARAMETERS:
        return issue | {"parameter": ".".join(place[1:])}
    inside = place[1:] if place[:1] == ["body"] else place
    return issue | {"pointer": "#" + "".join(f"/{_escaped(part)}" for part in inside)}


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _is_secret(field: str) -> bool:
    last = field.lower().replace("_", "").replace("-", "").rpartition(".")[2]
    return any(word in last for word in _SECRETS)


class ConstraintViolation(ValidationError):
    """The database refused a value: a CHECK, NOT NULL or foreign key, by its name."""

    code = "constraint_violation"
    title = "The database refused a value"

    def __init__(
        self,
        *,
        kind: str,
        constraint: str | None,
        table: str | None,
        fields: Sequence[str] = (),
    ) -> None:
        where = f"{table}.{', '.join(fields)}" if table and fields else (table or "the row")
        named = f" ({constraint})" if constraint else ""
        super().__init__(
            f"{where}: {_VIOLATIONS.get(kind, 'breaks a rule of the database')}{named}",
            kind=kind,
            constraint=constraint,
            table=table,
            fields=list(fields),
        )


_VIOLATIONS = {
    "not_null": "a value is required",
    "foreign_key": "refers to a row that does not exist",
    "check": "breaks a rule of the table",
    "data": "a value does not fit its column",
}


class BusinessRuleError(VetcoreError):
    """The input is well formed, but the rules of the practice refuse it."""

    code = "business_rule"
    title = "The rules of the practice refuse this"


class NotFound(BusinessRuleError):
    """There is no such row, or none that may be seen."""

    code = "not_found"
    title = "Not found"

    def __init__(self, *, entity: str, key: object) -> None:
        super().__init__(f"{entity} {_shown(key)} was not found", entity=entity, key=key)


class InvalidTransition(BusinessRuleError):
    """A status may not become that other status."""

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


class NotBookable(BusinessRuleError):
    """A rule of scheduling refuses the appointment; each rule is a subclass with its own code."""

    code = "not_bookable"
    title = "This appointment cannot be booked"


class Conflict(BusinessRuleError):
    """Somebody else has it, or changed it in the meantime."""

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
    """The row cannot go while others depend on it."""

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


class HoldExpired(Conflict):
    """The hold was not confirmed in time and its slot may have gone to somebody else."""

    code = "hold_expired"
    title = "The hold has expired"

    def __init__(self, *, appointment_id: UUID, expired_at: datetime | None) -> None:
        super().__init__(
            f"hold {appointment_id} has expired; hold or book the slot again",
            appointment_id=appointment_id,
            expired_at=expired_at,
        )


class SlotTaken(Conflict):
    """The veterinarian, the room or the pet is occupied for a part of that time."""

    code = "slot_taken"
    title = "The slot is taken"

    def __init__(
        self,
        *,
        resource: str,
        resource_id: UUID | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> None:
        when = f" from {start.isoformat()} to {end.isoformat()}" if start and end else ""
        super().__init__(
            f"the {resource} is already booked{when}",
            resource=resource,
            resource_id=resource_id,
            start=start,
            end=end,
        )


class AccessError(VetcoreError):
    """The actor may not do this."""

    code = "access"
    title = "Access refused"


class NotAuthenticated(AccessError):
    """It is not known who is asking: no token, or one that does not verify."""

    code = "not_authenticated"
    title = "Not authenticated"


class PermissionDenied(AccessError):
    """The actor is known and lacks the permission."""

    code = "permission_denied"
    title = "Permission denied"

    def __init__(self, *, permission: str, subject: str | None = None) -> None:
        target = f" on {subject}" if subject else ""
        super().__init__(
            f"this needs the permission '{_shown(permission)}'{target}",
            permission=permission,
            subject=subject,
        )
