"""Declares operations, and lists them all."""

from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from functools import cache, cached_property
from inspect import getdoc, signature
from typing import Any, Final, Generic, TypeVar, cast, get_type_hints
from uuid import UUID

from vetcore.database import ReadSession, Session
from vetcore.errors import VetcoreError
from vetcore.models import Base, Entity
from vetcore.operations.asking import Asked
from vetcore.operations.keys import Claim
from vetcore.scheduling import SeriesReport
from vetcore.schemas.base import Schema

__all__ = ["OPERATIONS", "Operation", "Reading", "instruments", "operation", "reading"]

C = TypeVar("C", bound=Schema)
R = TypeVar("R")

_Also = Mapping[str, StrEnum]
_Again = Callable[[Session, UUID, Any], Awaitable[Any]]


class Declared(Generic[C, R]):
    """What is known of an operation, whether it reads or writes."""

    reads: bool

    def __init__(  # noqa: PLR0913 -- by name, each with a meaning of its own
        self,
        act: Callable[..., Awaitable[R]],
        *,
        permission: StrEnum,
        entity: type[Base],
        also: _Also | None = None,
        versioned: bool = False,
        keyed: bool = False,
        again: _Again | None = None,
        unrelated: bool = False,
        errors: tuple[type[VetcoreError], ...] = (),
    ) -> None:
        self.act = act
        self.again = again
        """What it returns under a key that it has carried out before; None is the row."""
        self.unrelated = unrelated
        """Whether a key alone gives the new row back to its maker."""
        self.name = act.__name__
        self.permission = permission
        """What one must be allowed."""
        self.also: _Also = also or {}
        """What one must be allowed as well where the command has the field."""
        self.entity = entity
        """What it is about."""
        self.versioned = versioned
        """Whether the command may name the version that it was made for."""
        self.keyed = keyed
        """Whether it takes a key, under which it is carried out once."""
        self.errors = errors
        """What it refuses with, beside what every operation may."""
        self.__doc__, self.__module__ = act.__doc__, act.__module__
        self.__name__ = self.__qualname__ = act.__name__
        self.__wrapped__ = act
        if self.name in OPERATIONS:
            message = f"There are two operations called {self.name}"
            raise TypeError(message)
        OPERATIONS[self.name] = self

    @cached_property
    def _hints(self) -> Mapping[str, Any]:
        return get_type_hints(self.act)

    @cached_property
    def command(self) -> type[C]:
        """The schema of the command that the operation takes."""
        _, parameter, _ = signature(self.act).parameters
        found: type[C] = self._hints[parameter]
        return found

    @property
    def result(self) -> Any:
        """The type of the operation's result."""
        return self._hints["return"]

    @property
    def summary(self) -> str:
        """The first line of the operation's docstring."""
        return (getdoc(self.act) or "").partition("\n")[0]

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


class Operation(Declared[C, R]):
    """An act that writes: ``await move_appointment(session, command)``.

    It reads and locks what the command names, asks whether whoever acts may do it, does it, and
    returns what came of it. The caller's transaction decides whether it stays.
    """

    reads = False

    async def __call__(self, session: Session, command: C, *, key: str | None = None) -> R:
        """Carry the command out on behalf of whoever acts in the session.

        Args:
            session: of a transaction; whoever acts was said where it began.
            command: what is to be done.
            key: names the intent, where the operation is ``keyed``: carrying the same command out
                again under the same key returns what came of it the first time.

        Raises:
            NotAuthenticated: the account of whoever acts may not be used.
            PermissionDenied: the actor may not do it.
            NotFound: there is no such row, or none that they may see.
            ConcurrentUpdate: the row is no longer at the version that the command names.
            KeyReused: the key belongs to another command.
        """
        with _observed(self.name):
            claim = Claim.of(self, command, key)
            asked = await Asked.begun(session, self, command, claim)
            if asked.earlier is not None:
                return await self._again(session, asked, asked.earlier, command)
            try:
                done = await self.act(session, command, asked)
            except Exception:
                # A caller may catch it and go on; after a cancellation nobody goes on.
                await asked.release()
                raise
            asked.require_asked()
            return done

    async def _again(self, session: Session, asked: Asked, key: UUID, command: C) -> R:
        """What came of the command when it was carried out before, as it is now."""
        if self.again is None:
            if self.unrelated:
                everything = {"include_deleted": True, "populate_existing": True}
                row = await session.get_one(self.entity, key, execution_options=everything)
                return cast("R", row)
            return cast("R", await asked.look_at(self.entity, key))
        found: Any = await self.again(session, key, command)
        for row in () if self.unrelated else _rows_in(found):
            # Whoever has lost the right to see it meanwhile is not shown it by their key.
            await asked.look_at(type(row), row.id)
        return cast("R", found)


def _rows_in(result: Any) -> list[Entity]:
    """The rows in what an operation returns: itself, several, with consequences, or a series."""
    if isinstance(result, SeriesReport):
        return list(result.booked)
    several: tuple[Any, ...] = cast("Any", result) if isinstance(result, tuple) else (result,)
    rows = (getattr(each, "row", each) for each in several)
    return [row for row in rows if isinstance(row, Entity)]


class Reading(Declared[C, R]):
    """An act that only reads: ``await get_pet(session, ById(id=pet_id))``."""

    reads = True

    async def __call__(self, session: ReadSession, command: C) -> R:
        """Answer the question of whoever acts in the session.

        Args:
            session: any; whoever acts was said where it began.
            command: what is asked.

        Raises:
            NotAuthenticated: the account of whoever acts may not be used.
            PermissionDenied: the actor may not ask it.
            NotFound: there is no such row, or none that they may see.
        """
        with _observed(self.name):
            asked = await Asked.begun(session, self, command, None)
            found = await self.act(session, command, asked)
            asked.require_asked()
            return found


OPERATIONS: Final[dict[str, Declared[Any, Any]]] = {}
"""Every operation by its name: docs, tests and routes are made from it."""


def operation(  # noqa: PLR0913 -- as the class has them
    *,
    permission: StrEnum,
    entity: type[Base],
    also: _Also | None = None,
    versioned: bool = False,
    keyed: bool = False,
    again: _Again | None = None,
    unrelated: bool = False,
    errors: tuple[type[VetcoreError], ...] = (),
) -> Callable[[Callable[[Session, C, Asked], Awaitable[R]]], Operation[C, R]]:
    """Declare a function to be an operation that writes.

    Args:
        permission: the permission that the actor needs.
        entity: what it is about; the result of a keyed operation is a row of it.
        also: further permissions, by the field of the command that needs them.
        versioned: whether the command may name the version for which it was made.
        keyed: whether it takes a key, under which it is carried out once.
        again: returns the result if the command was carried out before, given the id of the row
            that came of it, and the command; the default is the row as it is now.
        unrelated: whether the maker of the row has no relation to it yet, so that only their key
            gives it back to them.
        errors: the errors that it raises beside those of every operation.
    """

    def declared(act: Callable[[Session, C, Asked], Awaitable[R]]) -> Operation[C, R]:
        return Operation(
            act,
            permission=permission,
            entity=entity,
            also=also,
            versioned=versioned,
            keyed=keyed,
            again=again,
            unrelated=unrelated,
            errors=errors,
        )

    return declared


def reading(
    *,
    permission: StrEnum,
    entity: type[Base],
    also: _Also | None = None,
    errors: tuple[type[VetcoreError], ...] = (),
) -> Callable[[Callable[[ReadSession, C, Asked], Awaitable[R]]], Reading[C, R]]:
    """Declare a function to be an operation that only reads. See :func:`operation`."""

    def declared(act: Callable[[ReadSession, C, Asked], Awaitable[R]]) -> Reading[C, R]:
        return Reading(act, permission=permission, entity=entity, also=also, errors=errors)

    return declared


# Telling OpenTelemetry ----------------------------------------------------------------------------


@contextmanager
def _observed(name: str) -> Generator[None]:
    """Tell OpenTelemetry of an operation: a span, and one more of its kind with how it ended.

    The counter is ``vetcore.operations``, with ``operation`` and ``outcome``: ``done``, the code of
    the error that refused it, or ``failed``.
    """
    made = instruments()
    if made is None:
        yield
        return
    tracer, counter = made
    outcome = "failed"
    span: AbstractContextManager[Any] = tracer.start_as_current_span(f"vetcore.{name}")
    with span:
        try:
            yield
            outcome = "done"
        except VetcoreError as error:
            outcome = error.code
            raise
        finally:
            counter.add(1, {"operation": name, "outcome": outcome})


@cache
def instruments() -> tuple[Any, Any] | None:
    """Return the package's OpenTelemetry tracer and counter, or None if its API is missing."""
    try:
        from opentelemetry import metrics, trace  # noqa: PLC0415 -- an optional neighbour
    except ImportError:
        return None
    counter = metrics.get_meter("vetcore").create_counter(
        "vetcore.operations", description="Operations that were asked for, by how they ended"
    )
    return trace.get_tracer("vetcore"), counter
