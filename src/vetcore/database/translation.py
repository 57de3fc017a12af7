"""Translates what drivers raise into errors that name the rule and the field.

The translation is attached to the engine, so it holds for ORM, Core and driver-level statements.
The original error stays as ``__cause__``.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import SQLAlchemyError

from vetcore.database.asking import RESTRICTED
from vetcore.database.options import READ_ONLY
from vetcore.database.registry import schema
from vetcore.database.sqlite_errors import Attempt, Refusal, read
from vetcore.errors import (
    AlreadyExists,
    ConfigurationError,
    ConnectionFailed,
    ConstraintViolation,
    DatabaseError,
    Deadlock,
    InvalidValue,
    LockTimeout,
    MigrationError,
    PermissionDenied,
    ReadOnlySession,
    SerializationFailure,
    StatementTimeout,
    StillReferenced,
    TransactionOver,
    VetcoreError,
)

__all__ = [
    "Violation",
    "describe_constraint",
    "translate",
    "translate_errors",
]


class Violation(NamedTuple):
    """A constraint that the database refused to break, as far as the driver tells."""

    kind: str
    """``unique``, ``foreign_key``, ``referenced``, ``not_null``, ``check``, ``exclusion``, ``data``."""
    constraint: str | None = None
    table: str | None = None
    fields: tuple[str, ...] = ()
    parameters: Mapping[str, Any] | None = None
    """The statement's parameters, where it was about one row."""
    detail: str | None = None
    """What a guard of ours says beside its name, such as the row that it keeps."""


Describe = Callable[[Violation], VetcoreError]

_DESCRIPTIONS: dict[str, Describe] = {}


def describe_constraint(name: str, describe: Describe) -> None:
    """Declare which error a constraint means, wherever it is broken. Models declare theirs."""
    _DESCRIPTIONS[name] = describe


def translate_errors(engine: Engine) -> None:
    """Raise vetcore's errors from every statement on ``engine``."""

    @event.listens_for(engine, "handle_error", retval=True)
    def _(context: ExceptionContext) -> BaseException | None:
        if context.is_pre_ping:
            # A stale connection is not an error yet: the pool is about to replace it.
            return None
        original = context.original_exception
        if isinstance(original, VetcoreError):
            # Ours already, raised while a value was prepared: SQLAlchemy would wrap it.
            return original
        error = translate(original, context.connection, _attempt(context))
        if error is None and context.sqlalchemy_exception is not None:
            error = _unfit(original)
        if error is not None:
            error.__cause__ = original
        if isinstance(error, ConnectionFailed):
            # Not every such error is known to the dialect as the end of a connection.
            context.is_disconnect = True
        return error

    @event.listens_for(engine, "do_connect")
    def _(dialect: Dialect, _record: object, args: list[Any], options: dict[str, Any]) -> Any:
        # A socket's errors are none of the driver's, so the listener above never sees them.
        try:
            return dialect.connect(*args, **options)
        except (OSError, TimeoutError) as trouble:
            reason = str(trouble) or "no answer in time"
            message = f"The database cannot be reached: {reason}"
            raise ConnectionFailed(message) from trouble


def translate(
    original: BaseException,
    connection: Connection | None = None,
    attempt: Attempt | None = None,
) -> VetcoreError | None:
    """Return our error for a driver's error, or None for a cancellation or a bug."""
    if isinstance(original, VetcoreError):
        return None
    attempt = attempt or Attempt()
    parameters = attempt.rows[0] if len(attempt.rows) == 1 else None
    driver = original.__cause__ if _is_adapted(original) else original
    state = getattr(driver, "sqlstate", None) or getattr(original, "sqlstate", None)
    if isinstance(state, str):
        if state == _READ_ONLY_STATE:
            return _read_only(driver or original, connection)
        if state == "42P01" and _is_restricted(connection):
            return _not_shown(driver or original)
        argument = _unfit_argument(str(driver), attempt) if state.startswith("22") else None
        return argument or _from_sqlstate(state, driver or original, parameters)
    found = read(original, connection, attempt)
    if isinstance(found, Refusal):
        return describe(
            Violation(
                found.kind, found.constraint, found.table, found.fields, parameters, found.detail
            )
        )
    if found is not None:
        return found
    if isinstance(original, OverflowError):
        where = f" of {attempt.table}" if attempt.table else ""
        return DatabaseError(
            f"An instant or a day{where} that another program has stored is beyond the years 1 to "
            "9999, and cannot be read; `vetcore db check` names the rule that is missing"
        )
    return _without_sqlstate(original, driver)


_READ_ONLY_STATE = "25006"


def _read_only(driver: BaseException, connection: Connection | None) -> VetcoreError:
    if connection is None or connection.get_execution_options().get(READ_ONLY):
        return ReadOnlySession()
    # After a failover, the old address may still lead to what is now a standby.
    return ConnectionFailed(f"The server only reads: {driver}", sqlstate=_READ_ONLY_STATE)


def _is_restricted(connection: Connection | None) -> bool:
    return connection is not None and bool(connection.get_execution_options().get(RESTRICTED))


def _not_shown(driver: BaseException) -> ConfigurationError:
    match = re.search('"([^"]+)"', str(driver))
    name = match.group(1) if match else "it"
    return ConfigurationError(
        f"A restricted session has no {name}: it shows what has a declaration. Say whose the rows "
        "are, declare_access(…, Access(…)), and call enable_row_level_security(db) again",
        sqlstate="42P01",
    )


_WORD: Final = r"(?s)(.+) is not among the defined enum values\. Enum name: (\w+)\."


def _unfit(original: BaseException) -> InvalidValue | None:
    """A value that SQLAlchemy could not prepare for its column, before anything was sent."""
    if isinstance(original, SQLAlchemyError) or not isinstance(
        original, TypeError | ValueError | LookupError | AttributeError
    ):
        return None
    reason = str(original).strip("\"'")
    if match := re.match(_WORD, reason):
        return InvalidValue(
            field=match.group(2), rule="is none of its words", value=match.group(1).strip("'")
        )
    return InvalidValue(field="a value of the statement", rule=f"does not fit its column: {reason}")


_ARGUMENT: Final = r"invalid input for query argument \$(\d+): "


def _unfit_argument(text: str, attempt: Attempt) -> InvalidValue | None:
    """A value that asyncpg could not encode; it tells the place, and the statement the name."""
    match = re.search(_ARGUMENT, text)
    place = int(match.group(1)) - 1 if match else -1
    if not 0 <= place < len(attempt.names):
        return None
    return InvalidValue(field=attempt.names[place], rule="does not fit its column")


def _is_adapted(error: BaseException) -> bool:
    return type(error).__module__.startswith("sqlalchemy.") and error.__cause__ is not None


def _attempt(context: ExceptionContext) -> Attempt:
    execution: Any = context.execution_context
    compiled: Any = getattr(execution, "compiled", None)
    if compiled is None:
        return Attempt()
    table: Any = getattr(compiled.statement, "table", None)
    # A statement that changes the schema has no values.
    binds: Mapping[str, Any] = getattr(compiled, "binds", {})
    names: Sequence[str] = getattr(compiled, "positiontup", None) or ()
    # The public ``key`` of a value is one that SQLAlchemy made up, where two would have had the same.
    return Attempt(
        getattr(table, "name", None),
        bool(execution.isdelete),
        execution.compiled_parameters or (),
        [str(getattr(binds.get(name), "_orig_key", None) or name) for name in names],
    )


_SQLSTATES: Mapping[str, type[DatabaseError]] = {
    "40001": SerializationFailure,
    "40P01": Deadlock,
    "55P03": LockTimeout,
    "57014": StatementTimeout,
    "25P03": ConnectionFailed,
    "25P04": StatementTimeout,
    "42P01": MigrationError,
    "42703": MigrationError,
    "57P01": ConnectionFailed,
    "57P02": ConnectionFailed,
    "57P03": ConnectionFailed,
    "57P05": ConnectionFailed,
    "53300": ConnectionFailed,
}
_CONFIGURATION = {"28000", "28P01", "3D000", "3F000"}
_VIOLATIONS = {
    "23502": "not_null",
    "23503": "foreign_key",
    "23505": "unique",
    "23514": "check",
    "23001": "referenced",
    "23P01": "exclusion",
}
# Citus reports a shard's name: the message carries the constraint with a suffix of digits.
_SHARD_SUFFIX = r"_\d{6,}$"
_CONSTRAINT_IN_MESSAGE = r'constraint "([^"]+)"'


def _from_sqlstate(
    state: str,
    driver: BaseException,
    parameters: Mapping[str, Any] | None,
) -> VetcoreError:
    text = str(driver)
    if state in _VIOLATIONS:
        return describe(_violation(_VIOLATIONS[state], driver, parameters))
    if state in _CONFIGURATION:
        return ConfigurationError(f"The database refused the connection: {text}", sqlstate=state)
    if state == "42501" and "row-level security" in text:
        return PermissionDenied(permission="row", subject=getattr(driver, "table_name", None))
    if state == "25P02":
        return TransactionOver(sqlstate=state)
    if state.startswith("22"):
        return describe(Violation("data", None, getattr(driver, "table_name", None)))
    if state in _SQLSTATES:
        kind = _SQLSTATES[state]
        hint = "; run `vetcore db upgrade`" if kind is MigrationError else ""
        return kind(f"{kind.title}: {text}{hint}", sqlstate=state)
    if state.startswith("08"):
        return ConnectionFailed(f"The connection to the database was lost: {text}", sqlstate=state)
    return DatabaseError(f"The database refused the statement: {text}", sqlstate=state)


def _violation(
    kind: str,
    driver: BaseException,
    parameters: Mapping[str, Any] | None,
) -> Violation:
    name: str | None = getattr(driver, "constraint_name", None)
    table: str | None = getattr(driver, "table_name", None)
    column: str | None = getattr(driver, "column_name", None)
    if name is None and (match := re.search(_CONSTRAINT_IN_MESSAGE, str(driver))):
        name = match.group(1)
    if name and not _known(name):
        name = re.sub(_SHARD_SUFFIX, "", name)
    table = table and (
        table if schema.table(table) is not None else re.sub(_SHARD_SUFFIX, "", table)
    )
    if kind == "foreign_key" and "referenced from" in (getattr(driver, "detail", None) or ""):
        kind = "referenced"
    rule = schema.rule(name, table)
    fields = (column,) if column else rule.columns if rule else ()
    return Violation(kind, name, table, fields, parameters, getattr(driver, "detail", None))


def describe(violation: Violation) -> VetcoreError:
    """Return the error that a violation means: that of its constraint, or else of its kind."""
    if violation.constraint in _DESCRIPTIONS:
        return _DESCRIPTIONS[violation.constraint](violation)
    if violation.kind in {"unique", "exclusion"}:
        return AlreadyExists(
            table=violation.table or "the table",
            fields=violation.fields,
            constraint=violation.constraint,
        )
    if violation.kind == "referenced":
        return StillReferenced(table=violation.table, constraint=violation.constraint)
    return ConstraintViolation(
        kind=violation.kind,
        constraint=violation.constraint,
        table=violation.table,
        fields=violation.fields,
    )


def _known(name: str) -> bool:
    return name in _DESCRIPTIONS or schema.rule(name) is not None


# What asyncpg raises when a connection went away; the last, when it is used once more after that.
_LOST = {"ConnectionDoesNotExistError", "ConnectionFailureError", "InternalClientError"}


def _without_sqlstate(original: BaseException, driver: BaseException | None) -> VetcoreError | None:
    """Asyncpg's errors without a state: connections that went away."""
    texts = f"{original} {driver}"
    if isinstance(driver, OSError | TimeoutError) or "connection is closed" in texts:
        return ConnectionFailed(f"The connection to the database was lost: {driver or original}")
    kinds = {base.__name__ for base in (*type(driver).__mro__, *type(original).__mro__)}
    if kinds & _LOST:
        return ConnectionFailed(f"The connection to the database was lost: {driver or original}")
    return None
