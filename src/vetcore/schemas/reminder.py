"""Schemas of reminders: workers claim them, and report whether they were sent."""

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
    """Reminders to claim for a worker: at most ``limit``, the earliest due first."""

    worker: _Worker
    """The name of the worker that has the claim."""
    until: Day
    """Only reminders of vaccinations that are due on this day or before."""
    since: Day | None = None
    """Only reminders of vaccinations that are due on this day or after; None for no limit."""
    clinic_id: UUID | None = None
    """Only reminders of pets whose primary clinic this is."""
    channel: NotificationChannel | None = None
    """Only reminders of owners who want this channel; None means any channel."""
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    """The most reminders to claim."""
    lease_minutes: Annotated[int, Field(ge=1, le=20_160)] = 10
    """For how many minutes the claim holds."""

    @property
    def lease(self) -> timedelta:
        """The time for which the claim holds."""
        return timedelta(minutes=self.lease_minutes)


class ReminderSent(Schema):
    """A reminder that was sent."""

    id: UUID
    worker: _Worker
    """The name of the worker that has the claim."""
    channel: _Channel


class ReminderFailed(Schema):
    """A reminder that was not sent. Whoever claims it next tries again."""

    id: UUID
    worker: _Worker
    """The name of the worker that has the claim."""
    error: str
    """Why it was not sent. The first 200 characters are stored."""
    retry_minutes: Annotated[int, Field(ge=0, le=43_200)] = 0
    """For how many minutes nobody can claim it again."""


class ReminderDrop(Schema):
    """A pet whose owner is not to get the claimed reminder."""

    pet_id: UUID


class ReminderQuery(ListQuery):
    """Which reminders to list: those that meet every given condition, the latest due first."""

    pet_id: UUID | None = None
    since: Day | None = None
    """Only reminders of vaccinations that are due on this day or after; None for no limit."""
    until: Day | None = None
    """Only reminders of vaccinations that are due on this day or before."""
    is_sent: bool | None = None
