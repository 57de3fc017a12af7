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
    │   ├── RecordLocked               what is signed does not change
    │   ├── BookingRefused             it cannot be booked, for whatever reason
    │   │   └── NotBookable            one rule of scheduling, named by its code
    │   └── Conflict                   somebody else has it, or changed it
    │       ├── AlreadyExists          a value must be unique
    │       ├── StillReferenced        others depend on the row
    │       ├── ConcurrentUpdate       the row was changed since it was read
    │       ├── KeyReused              the key stands for another command
    │       ├── HoldExpired            the hold was not confirmed in time (a BookingRefused, too)
    │       └── SlotTaken              practitioner, room or pet is occupied (a BookingRefused, too)
    └── AccessError
        ├── NotAuthenticated
        └── PermissionDenied

Each has a stable ``code`` for programs, a sentence for people, ``details`` that serialise to JSON,
and :meth:`VetcoreError.problem`, an RFC 9457 problem document. ``retryable`` says whether the same
transaction, replayed, may succeed. Nothing here knows of HTTP: a service maps the families to its
status codes.
"""

from vetcore.errors.base import (
    ConfigurationError,
    VetcoreError,
)
from vetcore.errors.database import (
    CommitOutcomeUnknown,
    ConnectionFailed,
    DatabaseError,
    Deadlock,
    LockTimeout,
    MigrationError,
    PoolExhausted,
    ReadOnlySession,
    SerializationFailure,
    SessionInUse,
    StatementTimeout,
    TransactionOver,
)
from vetcore.errors.rules import (
    AccessError,
    AlreadyExists,
    BookingRefused,
    BusinessRuleError,
    ConcurrentUpdate,
    Conflict,
    HoldExpired,
    InvalidTransition,
    KeyReused,
    NotAuthenticated,
    NotBookable,
    NotFound,
    PermissionDenied,
    RecordLocked,
    SlotTaken,
    StillReferenced,
)
from vetcore.errors.validation import (
    ConstraintViolation,
    InvalidInput,
    InvalidValue,
    ValidationError,
)

__all__ = [
    "AccessError",
    "AlreadyExists",
    "BookingRefused",
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
    "KeyReused",
    "LockTimeout",
    "MigrationError",
    "NotAuthenticated",
    "NotBookable",
    "NotFound",
    "PermissionDenied",
    "PoolExhausted",
    "ReadOnlySession",
    "RecordLocked",
    "SerializationFailure",
    "SessionInUse",
    "SlotTaken",
    "StatementTimeout",
    "StillReferenced",
    "TransactionOver",
    "ValidationError",
    "VetcoreError",
]
