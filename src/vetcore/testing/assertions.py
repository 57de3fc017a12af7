"""Assertions that tests on a database often need."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, event, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import aliased

from vetcore.database import Database, ReadSession
from vetcore.errors import VetcoreError
from vetcore.models import Appointment
from vetcore.values.appointments import AppointmentStatus

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["Refusal", "Statements", "assert_no_overlap", "count_statements", "refused"]


class Statements(list[str]):
    """The statements that were sent to the database, in their order."""

    def __str__(self) -> str:
        told = (f"{number}. {' '.join(each.split())}" for number, each in enumerate(self, 1))
        return "\n".join(told) or "none"


@contextmanager
def count_statements(
    on: Database | AsyncSession, *, exactly: int | None = None, at_most: int | None = None
) -> Generator[Statements]:
    """Count the statements in the block. Those of transactions and savepoints are not counted.

    ::

        with count_statements(session, at_most=3):
            await list_appointments(session)

    Args:
        on: the database or session whose statements count; of a session, those of its engine.
        exactly: as many must there be.
        at_most: no more may there be.

    Raises:
        AssertionError: there were more or fewer; it lists them.
    """
    engine = _engine(on)
    sent = Statements()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
    if exactly is not None and len(sent) != exactly:
        message = f"{len(sent)} statements instead of {exactly}:\n{sent}"
        raise AssertionError(message)
    if at_most is not None and len(sent) > at_most:
        message = f"{len(sent)} statements, more than {at_most}:\n{sent}"
        raise AssertionError(message)


def _engine(on: Database | AsyncSession) -> "Engine":
    bind = on.engine if isinstance(on, Database) else on.bind
    if isinstance(bind, AsyncConnection):
        bind = bind.engine
    if bind is None:
        message = "the session is bound to no engine, so its statements cannot be counted"
        raise TypeError(message)
    return bind.sync_engine


async def assert_no_overlap(session: ReadSession) -> None:
    """Assert that no two appointments that occupy share a practitioner, a room or a pet.

    One that is squeezed in may share a practitioner and a room with one that is not, and so may those of
    one group visit that begin together.

    The database refuses that itself; this is for tests that want to see it, such as those in which
    many book at once.

    Raises:
        AssertionError: some do; it lists the first of them.
    """
    one, other = aliased(Appointment), aliased(Appointment)
    occupying = [status for status in AppointmentStatus if status.occupies]
    found = await session.execute(
        select(one.id, other.id, one.occupied_from, other.occupied_from)
        .join(
            other,
            and_(
                one.id < other.id,
                or_(
                    and_(
                        one.occupied_from < other.occupied_until,
                        other.occupied_from < one.occupied_until,
                        one.squeezed_in == other.squeezed_in,
                        or_(
                            one.group_id.is_(None),
                            one.group_id.is_distinct_from(other.group_id),
                            one.starts_at != other.starts_at,
                            one.room_id.is_distinct_from(other.room_id),
                        ),
                        or_(
                            one.practitioner_id == other.practitioner_id,
                            one.room_id == other.room_id,
                        ),
                    ),
                    and_(
                        one.pet_id == other.pet_id,
                        one.starts_at < other.ends_at,
                        other.starts_at < one.ends_at,
                    ),
                ),
            ),
        )
        .where(one.status.in_(occupying), other.status.in_(occupying))
        .limit(10)
    )
    overlaps = [
        f"{first} at {begin} and {second} at {then}" for first, second, begin, then in found
    ]
    if overlaps:
        message = "appointments overlap:\n" + "\n".join(overlaps)
        raise AssertionError(message)


class Refusal:
    """The error that :func:`refused` has caught."""

    error: VetcoreError


@contextmanager
def refused(code: str, **details: object) -> Generator[Refusal]:
    """Assert that the block ends with one of vetcore's errors.

    ::

        with refused("slot_taken", resource="room"):
            await book(session, request)

    Args:
        code: the error's.
        **details: what its details must say, too.

    Raises:
        AssertionError: nothing was refused, or for another reason; it shows the problem document.
    """
    caught: Refusal = Refusal()
    try:
        yield caught
    except VetcoreError as error:
        caught.error = error
        wanted = {name: error.details.get(name) for name in details}
        if error.code != code or wanted != details:
            message = f"refused, but not as {code} {details or ''}: {error.problem()}"
            raise AssertionError(message) from error
    else:
        message = f"nothing was refused; {code} was expected"
        raise AssertionError(message)
