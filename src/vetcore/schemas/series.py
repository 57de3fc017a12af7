"""Schemas of series of appointments: commands and responses."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from vetcore.schemas.appointment import AppointmentCreate, Overrides
from vetcore.schemas.base import ById, ListQuery, Schema, Summary
from vetcore.schemas.fields import Instant, Prose
from vetcore.values.appointments import SeriesScope
from vetcore.values.recurrence import Recurrence

__all__ = [
    "AppointmentSeriesQuery",
    "AppointmentSeriesResponse",
    "AppointmentSeriesSummary",
    "SeriesCancel",
    "SeriesCreate",
    "SeriesMove",
]


class SeriesCreate(Schema):
    """A series to book: the same time on the clinic's wall clock, on the days of a rule."""

    first: AppointmentCreate
    """The first one; the others differ from it in their time only."""
    rule: Recurrence
    """When it recurs, the first one included: ``FREQ=WEEKLY;INTERVAL=3;COUNT=4``."""
    keep: Literal["all", "rest"] = "all"
    """``all`` books all or nothing; ``rest`` books what can be booked."""


class SeriesMove(ById):
    """An appointment of a series to move, and which others of the series move with it."""

    scope: SeriesScope
    """Which move: ``this`` alone, this and the ``following``, or ``all`` that are still to come.

    Each moves to the time of day of ``starts_at``. If that is on another day than the series has for
    the appointment, the series moves to that weekday, or that day of the month.
    """
    starts_at: Instant
    """The new start of the appointment that is named."""
    practitioner_id: UUID | None = None
    """Another person to see the pet; None means the same."""
    room_id: UUID | None = None
    """Another room; None means the same where it is free, else the first that is."""
    overrides: Overrides = ()
    """Codes of the rules (hours, notice) that are set aside; for staff, and never occupancy."""
    internal_notes: Prose | None = None
    """What staff add to their notes."""
    keep: Literal["all", "rest"] = "all"
    """``all`` moves all or nothing; ``rest`` moves what can be moved, and leaves the others."""


class SeriesCancel(ById):
    """An appointment of a series to cancel, and which others of the series with it."""

    scope: SeriesScope
    """Which: ``this`` alone, this and the ``following``, or ``all`` that are still to come."""
    reason: Prose | None = None


class AppointmentSeriesQuery(ListQuery):
    """Which series to list: those that meet every given condition, the latest agreed first."""

    clinic_id: UUID | None = None
    pet_id: UUID | None = None


class AppointmentSeriesSummary(Summary):
    """A series in a list."""

    id: UUID
    clinic_id: UUID
    pet_id: UUID
    rule: str | None
    """When it recurs, with its exceptions (RFC 5545); null where it is not known."""
    first_wall_time: str | None
    """What the clinic's clock was to show at the first start, as it was agreed (RFC 9557)."""


class AppointmentSeriesResponse(AppointmentSeriesSummary):
    """A series: what was agreed for all of its appointments."""

    follows_id: UUID | None
    """The series from which this one was split, when an appointment and all that follow were moved."""
    created_at: datetime
    updated_at: datetime
    version: int
