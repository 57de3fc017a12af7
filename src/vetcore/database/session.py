"""The session: one task at a time, and errors of ours instead of the driver's."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar, TypeVarTuple, overload

from sqlalchemy import Executable, Result, ScalarResult, inspect
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncResult, AsyncSession
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.selectable import TypedReturnsRows

from vetcore.database.audit import bind_actor
from vetcore.database.bulk import update_by_key, with_versions
from vetcore.database.softdelete import INCLUDE_DELETED, SoftDeletes, leave_out_deleted
from vetcore.errors import ConcurrentUpdate, PoolExhausted, SessionInUse

__all__ = ["ReadSession", "Session", "SyncSession"]

P = ParamSpec("P")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class SyncSession(OrmSession):
    """The session that does the work; :class:`Session` is its face for async code."""

    def flush(self, objects: Any = None) -> None:
        """Write pending changes.

        Raises:
            ConcurrentUpdate: a row was changed or deleted since it was read.
        """
        try:
            super().flush(objects)
        except StaleDataError as error:
            message = (
                "A row that this session read has been changed or deleted by somebody else since; "
                "read it again and decide anew"
            )
            raise ConcurrentUpdate(message) from error

    def bulk_update_mappings(self, mapper: Any, mappings: Any) -> None:
        """Update rows by primary key; their versions rise, and one that is given is held to."""
        mapped: Any = inspect(mapper)
        super().bulk_update_mappings(mapper, with_versions(self, mapped, mappings))

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        """The row by primary key; a deleted one only with ``include_deleted=True``."""
        found = super().get(entity, ident, **options)
        # A row that this session already holds is returned without a query, so without its filter.
        if isinstance(found, SoftDeletes) and found.is_deleted:
            chosen = dict(options.get("execution_options") or {})
            if not chosen.get(INCLUDE_DELETED, self.info.get(INCLUDE_DELETED, False)):
                return None
        return found


bind_actor(SyncSession)
update_by_key(SyncSession)
leave_out_deleted(SyncSession)


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

    @contextmanager
    def held_for(self, operation: str) -> Generator[None]:
        """Hold the session for the current task while it waits for ``operation``.

        Raises:
            SessionInUse: another task is waiting on this session.
            PoolExhausted: no connection came free in time.
        """
        task = asyncio.current_task()
        holder = self._holder
        if holder is not None and holder is not task:
            raise SessionInUse(operation=operation, holder=holder.get_name())
        self._holder = task
        try:
            yield
        except PoolTimeout as error:
            message = (
                "No database connection came free in time: close sessions sooner, open no second "
                "session inside the first, or raise VETCORE_DATABASE_POOL_SIZE"
            )
            raise PoolExhausted(message) from error
        finally:
            self._holder = holder


for _name in (
    "close",
    "commit",
    "connection",
    "delete",
    "execute",
    "flush",
    "get",
    "get_one",
    "merge",
    "refresh",
    "rollback",
    "run_sync",
    "scalar",
    "scalars",
    "stream",
    "stream_scalars",
):
    setattr(Session, _name, _one_task_at_a_time(getattr(AsyncSession, _name)))


class ReadSession(Protocol):
    """What a function needs that only reads: any ``AsyncSession`` has it.

    A function that asks for this cannot write without the type checker noticing.
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
        """Rows as they arrive, for results that need not fit into memory."""
        ...

    async def get(
        self, entity: type[T], ident: Any, *, options: Any = ..., execution_options: Any = ...
    ) -> T | None:
        """The row by primary key; None where there is none, or it is deleted."""
        ...

    async def connection(self) -> AsyncConnection:
        """The connection of the session's transaction."""
        ...

    @property
    def info(self) -> dict[Any, Any]:
        """What is known about the session: its actor, its tenant."""
        ...
