"""The session, for one task at a time. It raises the package's errors in place of the driver's."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Generator, Sized
from contextlib import contextmanager
from functools import cache, wraps
from typing import Any, Final, NoReturn, ParamSpec, Protocol, TypeVar, TypeVarTuple, cast, overload

from sqlalchemy import Executable, Result, ScalarResult, TextClause, event, inspect
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncResult,
    AsyncSession,
    AsyncSessionTransaction,
)
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.selectable import TypedReturnsRows
from typing_extensions import override

from vetcore.database.acting import Acting, acting_of, hand_on_acting
from vetcore.database.asking import RESTRICTED
from vetcore.database.bulk import update_by_key, with_versions
from vetcore.database.cancellation import undisturbed
from vetcore.database.held import forget_locks
from vetcore.database.options import READ_ONLY
from vetcore.database.softdelete import INCLUDE_DELETED, SoftDeletes, leave_out_deleted
from vetcore.errors import (
    ConcurrentUpdate,
    InvalidValue,
    PoolExhausted,
    ReadOnlySession,
    SessionInUse,
    TransactionOver,
)

__all__ = [
    "GUARDED",
    "ReadSession",
    "Session",
    "SyncSession",
    "abandon",
    "ends_a_transaction",
    "refuse_the_end",
]

P = ParamSpec("P")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class SyncSession(OrmSession):
    """The session that does the work; :class:`Session` is its face for async code."""

    def flush(self, objects: Any = None) -> None:
        """Write pending changes.

        Raises:
            ConcurrentUpdate: a row was changed or deleted since it was read.
            ReadOnlySession: there are changes, and the session only reads.
        """
        self.refuse_changes()
        try:
            super().flush(objects)
        except StaleDataError as error:
            message = (
                "A row that this session read has been changed or deleted by somebody else since; "
                "read it again and decide anew"
            )
            raise ConcurrentUpdate(message) from error

    def refuse_changes(self) -> None:
        """Raise an error if the session only reads and has changes, which would be lost.

        Raises:
            ReadOnlySession: there are changes, and the session only reads.
        """
        if self.info.get(READ_ONLY) and self._has_changes():
            raise ReadOnlySession

    def _has_changes(self) -> bool:
        if self.new or self.deleted:
            return True
        return any(self.is_modified(each) for each in self.dirty)

    def bulk_update_mappings(self, mapper: Any, mappings: Any) -> None:
        """Update rows by primary key. Their versions rise, and a given version is checked."""
        mapped: Any = inspect(mapper)
        super().bulk_update_mappings(mapper, with_versions(self, mapped, mappings))

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        """Return the row by primary key. A deleted row needs ``include_deleted=True``."""
        mapped: Any = inspect(entity)
        _require_key(mapped, ident)
        chosen = dict(options.get("execution_options") or {})
        deleted = chosen.get(INCLUDE_DELETED, self.info.get(INCLUDE_DELETED, False))
        if not options.get("options") and _loads_itself_only(mapped.mapper):
            # Looking at the one row is cheaper than a filter, which each query gets anew.
            options["execution_options"] = chosen | {INCLUDE_DELETED: True}
        found = super().get(entity, ident, **options)
        # A row that this session already holds is returned without a query, so without its filter.
        if isinstance(found, SoftDeletes) and found.is_deleted and not deleted:
            return None
        return found


@cache
def _loads_itself_only(mapper: Any) -> bool:
    """Whether no other row comes with one of the entity, now or later."""
    return all(each.lazy in _LOADS_NOTHING for each in mapper.relationships)


_LOADS_NOTHING: Final = frozenset({"raise", "raise_on_sql", "noload", "write_only"})


def _require_key(mapped: Any, key: Any) -> None:
    columns = mapped.mapper.primary_key
    fits = isinstance(key, dict | tuple) and len(cast("Sized", key)) == len(columns)
    if len(columns) > 1 or fits or not isinstance(key, dict | tuple | list | set):
        return
    raise InvalidValue(field=columns[0].name, rule="is no key of a row", value=cast("object", key))


hand_on_acting(SyncSession)
forget_locks(SyncSession)
update_by_key(SyncSession)
leave_out_deleted(SyncSession)

_ENDS_A_TRANSACTION: Final = re.compile(
    r"""(?:\s|--[^\n]*+\n|/\*(?s:.*?)\*/)*+
    (?:commit|end|abort|prepare\s+transaction|rollback(?!\s+(?:work\s+|transaction\s+)?to\b))\b""",
    re.IGNORECASE | re.VERBOSE,
)


def ends_a_transaction(statement: str) -> bool:
    """Return whether the statement is a ``COMMIT`` or its like."""
    return _ENDS_A_TRANSACTION.match(statement) is not None


def refuse_the_end() -> NoReturn:
    """Say that the end of a transaction is the end of its block.

    Raises:
        InvalidValue: always.
    """
    rule = "ends the transaction, which is for the end of its block to do"
    raise InvalidValue(field="statement", rule=rule, expected="async with db.transaction()")


@event.listens_for(SyncSession, "do_orm_execute")
def _leave_the_end_to_the_block(asked: ORMExecuteState) -> None:
    """Refuse ``COMMIT`` and its like: what follows one would be neither held to reading nor undone."""
    if isinstance(asked.statement, TextClause) and ends_a_transaction(asked.statement.text):
        refuse_the_end()


@event.listens_for(SyncSession, "before_commit")
def _keep_no_restricted_transaction(session: OrmSession) -> None:
    """What a restricted transaction has opened (a cursor, a notification) must end with it."""
    if session.info.get(RESTRICTED) is not None and not session.in_nested_transaction():
        refuse_the_end()


def _one_task_at_a_time(
    method: Callable[P, Coroutine[Any, Any, T]],
) -> Callable[P, Coroutine[Any, Any, T]]:
    @wraps(method)
    async def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        session: Any = args[0]
        with session.held_for(method.__name__):
            return await method(*args, **kwargs)

    return guarded


class Session(AsyncSession):
    """An ``AsyncSession`` that belongs to one task at a time and raises vetcore's errors."""

    sync_session_class = SyncSession

    _holder: "asyncio.Task[Any] | None" = None
    _waiting: "asyncio.Future[None] | None" = None

    @property
    def acting(self) -> Acting:
        """Who acts. It is the system if the session was not told."""
        return acting_of(self)

    @contextmanager
    def held_for(self, operation: str) -> Generator[None]:
        """Keep other tasks from the session while the current one waits for ``operation``.

        Raises:
            SessionInUse: another task is waiting on this session.
            PoolExhausted: no connection came free in time.
            TransactionOver: the transaction was ended by an earlier error, or by a cancellation.
        """
        task = asyncio.current_task()
        holder = self._holder
        if holder is not None and holder is not task:
            raise SessionInUse(operation=operation, holder=holder.get_name())
        self._holder = task
        try:
            yield
        except PendingRollbackError as error:
            raise TransactionOver from error
        except PoolTimeout as error:
            message = (
                "No database connection came free in time: close sessions sooner, open no second "
                "session inside the first, or raise VETCORE_DATABASE_POOL_SIZE"
            )
            raise PoolExhausted(message) from error
        finally:
            self._holder = holder
            if holder is None and self._waiting is not None and not self._waiting.done():
                self._waiting.set_result(None)

    async def free(self, seconds: float) -> None:
        """Wait at most so many seconds until no task waits on this session."""
        if self._holder is not None:
            self._waiting = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._waiting], timeout=seconds)

    @override
    def begin_nested(self) -> AsyncSessionTransaction:
        """Return a savepoint, for one task at a time like the session itself."""
        return _Savepoint(self, nested=True)

    # A cancellation must neither leave a transaction open nor log what it has interrupted.

    @override
    async def rollback(self) -> None:
        await undisturbed(super().rollback())

    @override
    async def close(self) -> None:
        if self.in_transaction():
            await undisturbed(super().close())
        else:
            await super().close()


class _Savepoint(AsyncSessionTransaction):
    """A savepoint whose beginning and end are guarded as the session's methods are."""

    session: Session  # pyright: ignore[reportIncompatibleVariableOverride]

    @override
    async def start(self, is_ctxmanager: bool = False) -> AsyncSessionTransaction:
        with self.session.held_for("begin_nested"):
            return await super().start(is_ctxmanager)

    @override
    async def rollback(self) -> None:
        with self.session.held_for("rollback"):
            await undisturbed(super().rollback())

    @override
    async def commit(self) -> None:
        with self.session.held_for("commit"):
            await super().commit()

    @override
    async def __aexit__(self, *error: object) -> None:
        with self.session.held_for("begin_nested"):
            await super().__aexit__(*error)


GUARDED: Final = (
    "close",
    "commit",
    "connection",
    "delete",
    "delete_all",
    "execute",
    "flush",
    "get",
    "get_one",
    "merge",
    "merge_all",
    "refresh",
    "reset",
    "rollback",
    "run_sync",
    "scalar",
    "scalars",
    "stream",
    "stream_scalars",
)
"""The methods of a session that refuse a second task."""
for _name in GUARDED:
    setattr(Session, _name, _one_task_at_a_time(getattr(Session, _name)))

_PATIENCE: Final = 2.0
"""Seconds for which a session that is to be closed waits for another task to be done with it."""


async def abandon(session: Session) -> None:
    """Close a session after an error. Trouble with closing does not hide that error."""
    await undisturbed(_abandoned(session))


async def _abandoned(session: Session) -> None:
    await session.free(_PATIENCE)
    try:
        async with asyncio.timeout(_PATIENCE):
            await AsyncSession.close(session)
    except Exception:  # noqa: BLE001 -- the connection's state is not known: it is not used again
        await session.invalidate()


class ReadSession(Protocol):
    """The part of an ``AsyncSession`` that a function needs which only reads.

    The type checker refuses writing in a function that takes this.
    """

    @overload
    async def execute(
        self, statement: TypedReturnsRows[*Ts], params: Any = ..., *, execution_options: Any = ...
    ) -> Result[*Ts]: ...
    @overload
    async def execute(
        self, statement: Executable, params: Any = ..., *, execution_options: Any = ...
    ) -> Result[*tuple[Any, ...]]: ...
    @overload
    async def scalar(
        self, statement: TypedReturnsRows[T], params: Any = ..., *, execution_options: Any = ...
    ) -> T | None: ...
    @overload
    async def scalar(
        self, statement: Executable, params: Any = ..., *, execution_options: Any = ...
    ) -> Any: ...
    @overload
    async def scalars(
        self, statement: TypedReturnsRows[T], params: Any = ..., *, execution_options: Any = ...
    ) -> ScalarResult[T]: ...
    @overload
    async def scalars(
        self, statement: Executable, params: Any = ..., *, execution_options: Any = ...
    ) -> ScalarResult[Any]: ...

    async def stream(
        self, statement: TypedReturnsRows[*Ts], params: Any = ..., *, execution_options: Any = ...
    ) -> AsyncResult[*Ts]:
        """Return rows as they arrive, for results that need not fit into memory."""
        ...

    async def get(
        self, entity: type[T], ident: Any, *, options: Any = ..., execution_options: Any = ...
    ) -> T | None:
        """Return the row by primary key, or None if there is none or it is deleted."""
        ...

    async def connection(self) -> AsyncConnection:
        """Return the connection of the session's transaction."""
        ...

    @property
    def info(self) -> dict[Any, Any]:
        """What is known about the session, such as who acts, and its tenant."""
        ...
