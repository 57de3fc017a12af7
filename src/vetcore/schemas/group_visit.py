"""Schemas of group visits: several pets that come together."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from vetcore.schemas.appointment import AppointmentCreate, Overrides
from vetcore.schemas.base import ById, Schema
from vetcore.schemas.fields import Instant, Prose
from vetcore.values.services import ServiceCode

__all__ = ["GroupSlotQuery", "GroupVisitCancel", "GroupVisitCreate", "GroupVisitMove"]

_MOST = 20


class GroupVisitCreate(Schema):
    """One visit to book for several pets: an appointment each, which share all but the pet."""

    first: AppointmentCreate
    """The first pet's appointment. Its length is that of the whole visit; none means as long as the
    pets' appointments one after the other, or as always if the service has places for several."""
    with_pets: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=_MOST - 1)]
    """The pets that come with it."""


class GroupVisitMove(ById):
    """An appointment of a group visit to move, with all others of it that are to come."""

    starts_at: Instant
    """The new start."""
    practitioner_id: UUID | None = None
    """Another person to see the pets; None means the same."""
    room_id: UUID | None = None
    """Another room; None means the same where it is free, else the first that is."""
    overrides: Overrides = ()
    """Codes of the rules (hours, notice) that are set aside; for staff, and never occupancy."""
    squeeze_reason: Prose | None = None
    """Why it may be placed beside what its practitioner or its room is occupied with; for staff."""
    internal_notes: Prose | None = None
    """What staff add to their notes."""


class GroupVisitCancel(ById):
    """An appointment of a group visit to cancel, with all others of it that are to come."""

    reason: Prose | None = None


class GroupSlotQuery(Schema):
    """Which free slots to find for several pets together: those that start in ``[start, end)``."""

    clinic_id: UUID
    service: ServiceCode
    """The service's code in the clinic's catalogue."""
    pet_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=_MOST)]
    start: Instant
    end: Instant
    practitioner_id: UUID | None = None
    """With this person, a user; None means any."""
    duration_minutes: Annotated[int, Field(ge=5, le=1440)] | None = None
    """Of the whole visit; none means the pets' lengths together."""
    limit: Annotated[int, Field(ge=0)] | None = None
    """As many at most, the earliest."""
