"""Schemas of waitlist entries: commands, queries and responses."""

from datetime import datetime
from typing import Annotated, ClassVar, Protocol
from uuid import UUID

from pydantic import Field

from vetcore.schemas.base import Create, ListQuery, Rules, Schema, Summary, Update
from vetcore.schemas.fields import Instant, NotNull, Prose
from vetcore.schemas.rules import in_order, instant_to_come
from vetcore.values.appointments import AppointmentPriority, WaitlistStatus
from vetcore.values.services import ServiceCode

__all__ = [
    "SlotOffer",
    "WaitlistEntryAdminResponse",
    "WaitlistEntryCreate",
    "WaitlistEntryResponse",
    "WaitlistEntryStaffResponse",
    "WaitlistEntrySummary",
    "WaitlistEntryUpdate",
    "WaitlistQuery",
]


class _Window(Protocol):
    """What the rule reads of an entry."""

    @property
    def earliest_at(self) -> datetime | None: ...
    @property
    def latest_at(self) -> datetime | None: ...


def _window(entry: _Window, _whole: bool, /) -> None:
    earliest, latest = entry.earliest_at, entry.latest_at
    in_order("earliest_at", earliest, "latest_at", latest, strictly=True)
    if latest is not None:
        instant_to_come("latest_at", latest)


class WaitlistEntryCreate(Create):
    """A wish to enter: to be offered a slot that starts in ``[earliest_at, latest_at)``."""

    rules: ClassVar[Rules["WaitlistEntryCreate"] | None] = _window

    clinic_id: UUID
    pet_id: UUID
    service: ServiceCode
    """The service's code in the clinic's catalogue."""
    practitioner_id: UUID | None = None
    """The person who is to see the pet, a user; None means any."""
    earliest_at: Instant
    latest_at: Instant
    notes: Prose | None = None
    priority: AppointmentPriority = AppointmentPriority.ROUTINE
    """How urgent the wish is. Only staff may say it."""


class WaitlistEntryUpdate(Update):
    """A change to a wish. Staff may say how urgent it is. Other operations change its status."""

    rules: ClassVar[Rules["WaitlistEntryUpdate"] | None] = _window

    practitioner_id: UUID | None = None
    earliest_at: NotNull[Instant] = None
    latest_at: NotNull[Instant] = None
    notes: Prose | None = None
    priority: NotNull[AppointmentPriority] = None


class WaitlistQuery(ListQuery):
    """Which wishes to list: those that meet every given condition, in the order of asking."""

    clinic_id: UUID | None = None
    pet_id: UUID | None = None
    status: WaitlistStatus | None = None


class SlotOffer(Schema):
    """A slot at a clinic that may have come free, to offer to whoever waits longest for it."""

    clinic_id: UUID
    hold_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    """How long the offer stands; the clinic's booking policy says if none is given."""


class WaitlistEntrySummary(Summary):
    """A wish as a list shows it to the pet's owners and to staff."""

    id: UUID
    clinic_id: UUID
    pet_id: UUID
    practitioner_id: UUID | None
    service: ServiceCode
    priority: AppointmentPriority
    status: WaitlistStatus
    earliest_at: datetime
    latest_at: datetime


class WaitlistEntryResponse(WaitlistEntrySummary):
    """A wish as the pet's owners see it. The hold that was offered for it is an appointment."""

    offered_appointment_id: UUID | None
    notes: str | None
    created_at: datetime
    updated_at: datetime
    version: int


class WaitlistEntryStaffResponse(WaitlistEntryResponse):
    """A wish as the clinic's staff see it, with who asked."""

    requested_by_id: UUID | None
    created_by_id: UUID | None
    updated_by_id: UUID | None


class WaitlistEntryAdminResponse(WaitlistEntryStaffResponse):
    """A wish as administrators see it, even if it is deleted."""

    deleted_at: datetime | None
