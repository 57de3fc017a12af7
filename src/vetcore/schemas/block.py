"""Schemas of blocks: time that a clinic keeps free under a label."""

from datetime import date, datetime
from typing import ClassVar, Protocol
from uuid import UUID

from vetcore.errors import InvalidValue
from vetcore.schemas.base import Create, ListQuery, Rules, Summary, Update
from vetcore.schemas.fields import BlockHoursText, Day, NotNull, ShortText
from vetcore.schemas.rules import in_order

__all__ = [
    "ScheduleBlockCreate",
    "ScheduleBlockQuery",
    "ScheduleBlockResponse",
    "ScheduleBlockSummary",
    "ScheduleBlockUpdate",
]


class _Days(Protocol):
    """What the rule reads of the days of a block."""

    @property
    def first_on(self) -> date | None: ...
    @property
    def last_on(self) -> date | None: ...


class _Block(_Days, Protocol):
    """What the rule reads of a block."""

    @property
    def practitioner_id(self) -> UUID | None: ...
    @property
    def room_id(self) -> UUID | None: ...


def _days_in_order(block: _Days, _whole: bool, /) -> None:
    in_order("first_on", block.first_on, "last_on", block.last_on, strictly=False)


def _of_one(block: _Block, whole: bool, /) -> None:
    _days_in_order(block, whole)
    if block.practitioner_id is not None and block.room_id is not None:
        raise InvalidValue(
            field="room_id",
            rule="must not be given together with practitioner_id",
            expected="a practitioner, a room, or neither for the whole clinic",
            value=block.room_id,
        )


class ScheduleBlockCreate(Create):
    """Time to keep free: of a practitioner at the clinic, of a room, or of everybody there.

    The days are the clinic's local days, the first and the last included. A block that takes place
    once has one day as its first and its last. The clinic's managers may send it; a practitioner
    may send one of their own time.
    """

    rules: ClassVar[Rules["ScheduleBlockCreate"] | None] = _of_one

    clinic_id: UUID
    practitioner_id: UUID | None = None
    """The person whose time it is, a user with a membership at the clinic."""
    room_id: UUID | None = None
    """The room of the clinic that is not free. With neither, nobody at the clinic is booked."""
    label: ShortText
    """What people call it."""
    first_on: Day
    last_on: Day | None = None
    """None means without an end."""
    hours: BlockHoursText
    """When it takes place on these days, by the clinic's clock: ``Mo-Fr 12:00-13:00``."""


class ScheduleBlockUpdate(Update):
    """A change to a block. Whose time it is stays. Whoever may make it may send it."""

    rules: ClassVar[Rules["ScheduleBlockUpdate"] | None] = _days_in_order

    label: NotNull[ShortText] = None
    first_on: NotNull[Day] = None
    last_on: Day | None = None
    hours: NotNull[BlockHoursText] = None


class ScheduleBlockQuery(ListQuery):
    """Which blocks to list: those that meet every given condition, by their first day."""

    clinic_id: UUID | None = None
    practitioner_id: UUID | None = None
    room_id: UUID | None = None
    since: Day | None = None
    """Only blocks that last until this day or longer."""
    until: Day | None = None
    """Only blocks that begin on this day or earlier."""


class ScheduleBlockSummary(Summary):
    """A block as a list shows it to the clinic's staff."""

    id: UUID
    clinic_id: UUID
    practitioner_id: UUID | None
    room_id: UUID | None
    label: str
    first_on: date
    last_on: date | None
    hours: str


class ScheduleBlockResponse(ScheduleBlockSummary):
    """A block as the clinic's staff see it."""

    created_at: datetime
    updated_at: datetime
    version: int
