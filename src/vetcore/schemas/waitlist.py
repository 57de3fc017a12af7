"""Entries of the waitlist, as they come in and go out."""

from datetime import datetime
from typing import ClassVar, Protocol
from uuid import UUID

from vetcore.schemas.base import Create, Rules, Summary, Update
from vetcore.schemas.fields import Instant, NotNull, Prose
from vetcore.schemas.rules import in_order, instant_to_come
from vetcore.values.appointments import AppointmentPriority, WaitlistStatus
from vetcore.values.clinics import ServiceType

__all__ = [
    "WaitlistEntryAdminResponse",
    "WaitlistEntryCreate",
    "WaitlistEntryOwnerCreate",
    "WaitlistEntryResponse",
    "WaitlistEntryStaffResponse",
    "WaitlistEntryStaffUpdate",
    "WaitlistEntrySummary",
    "WaitlistEntryUpdate",
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


class WaitlistEntryOwnerCreate(Create):
    """What an owner may ask for: to be offered a slot that starts in ``[earliest_at, latest_at)``.

    :func:`vetcore.scheduling.join_waitlist` takes it as it is. Where staff enter it for them, they
    make a :class:`WaitlistEntryCreate` of it.
    """

    rules: ClassVar[Rules["WaitlistEntryOwnerCreate"] | None] = _window

    clinic_id: UUID
    pet_id: UUID
    service: ServiceType
    veterinarian_id: UUID | None = None
    """None means any."""
    earliest_at: Instant
    latest_at: Instant
    notes: Prose | None = None


class WaitlistEntryCreate(WaitlistEntryOwnerCreate):
    """What staff ask :func:`vetcore.scheduling.join_waitlist` for: they say how urgent it is."""

    priority: AppointmentPriority = AppointmentPriority.ROUTINE


class WaitlistEntryUpdate(Update):
    """A change that an owner may make; status changes through :mod:`vetcore.scheduling`."""

    rules: ClassVar[Rules["WaitlistEntryUpdate"] | None] = _window

    veterinarian_id: UUID | None = None
    earliest_at: NotNull[Instant] = None
    latest_at: NotNull[Instant] = None
    notes: Prose | None = None


class WaitlistEntryStaffUpdate(WaitlistEntryUpdate):
    """A change that staff may make."""

    priority: NotNull[AppointmentPriority] = None


class WaitlistEntrySummary(Summary):
    """Who waits for what, for the pet's owners and for staff."""

    id: UUID
    clinic_id: UUID
    pet_id: UUID
    veterinarian_id: UUID | None
    service: ServiceType
    priority: AppointmentPriority
    status: WaitlistStatus
    earliest_at: datetime
    latest_at: datetime


class WaitlistEntryResponse(WaitlistEntrySummary):
    """An entry as the pet's owners see it; the hold that it was offered is an appointment."""

    offered_appointment_id: UUID | None
    notes: str | None
    created_at: datetime
    updated_at: datetime
    version: int


class WaitlistEntryStaffResponse(WaitlistEntryResponse):
    """An entry as the clinic's staff see it: with who asked."""

    requested_by_id: UUID | None
    created_by_id: UUID | None
    updated_by_id: UUID | None


class WaitlistEntryAdminResponse(WaitlistEntryStaffResponse):
    """An entry as administrators see it, deleted or not."""

    deleted_at: datetime | None
