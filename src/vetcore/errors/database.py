"""Errors that come from the database."""

from vetcore.errors.base import VetcoreError

__all__ = [
    "CommitOutcomeUnknown",
    "ConnectionFailed",
    "DatabaseError",
    "Deadlock",
    "LockTimeout",
    "MigrationError",
    "PoolExhausted",
    "ReadOnlySession",
    "SerializationFailure",
    "SessionInUse",
    "StatementTimeout",
    "TransactionOver",
]


class DatabaseError(VetcoreError):
    """The database failed. The cause is the driver's own error."""

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
    """Concurrent transactions could not be put in an order. A replay may succeed."""

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
