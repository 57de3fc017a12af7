"""What workers do with the reminders of vaccinations: they claim them, and say how it went."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field

from vetcore.schemas.base import ListQuery, Schema
from vetcore.schemas.fields import Day
from vetcore.schemas.kinds import Text
from vetcore.values.preferences import NotificationChannel

__all__ = [
    "ReminderClaim",
    "ReminderDrop",
    "ReminderFailed",
    "ReminderQuery",
    "ReminderSent",
]

_Worker = Annotated[str, Text(64, example="the name of a process, such as mailer-1")]
_Channel = Annotated[str, Text(32, example="the way it went, such as email")]


class ReminderClaim(Schema):
    """Reminders that a worker takes in hand: as many as ``limit``, the earliest due first."""

    worker: _Worker
    """The name of who claims."""
    until: Day
    """Of vaccinations due on this day or before."""
    since: Day | None = None
    """And on this day or after; None for no limit."""
    clinic_id: UUID | None = None
    """Of the pets whose primary clinic this is."""
    channel: NotificationChannel | None = None
    """Of owners who want to be reached on this one; on any if none is given."""
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    """How many at most."""
    lease_minutes: Annotated[int, Field(ge=1, le=20_160)] = 10
    """How long the claim holds."""

    @property
    def lease(self) -> timedelta:
        """How long the claim holds."""
        return timedelta(minutes=self.lease_minutes)


class ReminderSent(Schema):
    """A reminder that went out."""

    id: UUID
    worker: _Worker
    """Who has it in hand."""
    channel: _Channel


class ReminderFailed(Schema):
    """A reminder that did not go out, to be tried again by whoever claims next."""

    id: UUID
    worker: _Worker
    """Who has it in hand."""
    error: str
    """Why it did not go out; of a long text the first 200 characters are kept."""
    retry_minutes: Annotated[int, Field(ge=0, le=43_200)] = 0
    """Nobody gets it before so many minutes have passed."""


class ReminderDrop(Schema):
    """A pet whose owner is not to be reminded of what was claimed."""

    pet_id: UUID


class ReminderQuery(ListQuery):
    """Which reminders to list: those that fit everything that is said, the latest due first."""

    pet_id: UUID | None = None
    since: Day | None = None
    """Of vaccinations due on this day or after."""
    until: Day | None = None
    """Of vaccinations due on this day or before."""
    is_sent: bool | None = None
