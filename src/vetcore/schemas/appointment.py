"""Appointments, as they come in and go out."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Protocol
from uuid import UUID

from pydantic import Field

from vetcore.errors import InvalidValue
from vetcore.schemas.base import Create, Rules, Summary, Update
from vetcore.schemas.fields import (
    Amount,
    CurrencyCode,
    IdempotencyKey,
    Instant,
    NotNull,
    Prose,
    RuleCode,
)
from vetcore.schemas.rules import instant_to_come, requires
from vetcore.values.appointments import AppointmentPriority, AppointmentStatus
from vetcore.values.clinics import ServiceType
from vetcore.values.money import minor_units

__all__ = [
    "AppointmentAdminResponse",
    "AppointmentCreate",
    "AppointmentHoldCreate",
    "AppointmentOwnerCreate",
    "AppointmentResponse",
    "AppointmentStaffResponse",
    "AppointmentStaffUpdate",
    "AppointmentSummary",
    "AppointmentUpdate",
]

_Overrides = Annotated[tuple[RuleCode, ...], Field(max_length=20)]


class _Estimate(Protocol):
    """What the rule reads of a wish."""

    @property
    def estimated_cost(self) -> Decimal | None: ...
    @property
    def currency(self) -> str | None: ...


class _Hold(Protocol):
    """What the rules read of a hold."""

    @property
    def estimated_cost(self) -> Decimal | None: ...
    @property
    def currency(self) -> str | None: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def hold_expires_at(self) -> datetime | None: ...


class _Costs(Protocol):
    """What the rules read of an appointment."""

    @property
    def estimated_cost(self) -> Decimal | None: ...
    @property
    def actual_cost(self) -> Decimal | None: ...
    @property
    def currency(self) -> str | None: ...


def _in_money(field: str, amount: Decimal | None, currency: str | None, *, whole: bool) -> None:
    if amount is None:
        return
    if whole:
        requires(field, amount, "currency", currency)
    if currency is not None and amount != round(amount, minor_units(currency)):
        raise InvalidValue(
            field=field,
            rule=f"has more decimal places than {currency} has",
            expected=f"at most {minor_units(currency)}",
            value=amount,
        )


def _estimated(wish: _Estimate, whole: bool, /) -> None:
    _in_money("estimated_cost", wish.estimated_cost, wish.currency, whole=whole)


def _charged(appointment: _Costs, whole: bool, /) -> None:
    currency = appointment.currency
    _in_money("estimated_cost", appointment.estimated_cost, currency, whole=whole)
    _in_money("actual_cost", appointment.actual_cost, currency, whole=whole)


def _held_until_then(wish: _Hold, whole: bool, /) -> None:
    _estimated(wish, whole)
    if (expires := wish.hold_expires_at) is not None:
        instant_to_come("hold_expires_at", expires)
        if expires > wish.starts_at:
            raise InvalidValue(
                field="hold_expires_at",
                rule="is after the start of the appointment",
                expected=f"{wish.starts_at.isoformat()} or earlier",
                value=expires.isoformat(),
            )


class AppointmentOwnerCreate(Create):
    """What an owner may ask for: a service for a pet at a clinic, from an instant on.

    Duration, buffers and the kind of room come from the clinic's service catalogue, which also says
    whether owners book the service themselves: :func:`vetcore.scheduling.book` takes it as it is.
    Where staff book it for them, they make an :class:`AppointmentCreate` of it.
    """

    clinic_id: UUID
    service: ServiceType
    pet_id: UUID
    starts_at: Instant
    veterinarian_id: UUID | None = None
    """None means any who is free."""
    follow_up_of_id: UUID | None = None
    """The appointment that this one follows up."""
    reason: Prose | None = None
    notes: Prose | None = None
    idempotency_key: IdempotencyKey | None = None
    """Booking twice with one key is booking once."""


class AppointmentCreate(AppointmentOwnerCreate):
    """What staff ask :func:`vetcore.scheduling.book` for; from here on the fields are theirs."""

    # Those of a hold are its own, and each takes a hold.
    rules: ClassVar[Rules["AppointmentHoldCreate"] | None] = _estimated

    room_id: UUID | None = None
    """None means any free room of the kind that the service needs."""
    priority: AppointmentPriority = AppointmentPriority.ROUTINE
    duration_minutes: Annotated[int, Field(ge=5, le=1440)] | None = None
    """In place of the duration in the clinic's service catalogue."""
    internal_notes: Prose | None = None
    """Never shown to owners."""
    estimated_cost: Amount | None = None
    currency: CurrencyCode | None = None
    """Needed where a cost is given."""
    overrides: _Overrides = ()
    """Codes of the rules (hours, notice) that are set aside; never occupancy."""


class AppointmentHoldCreate(AppointmentCreate):
    """A slot to keep while somebody decides or pays."""

    rules: ClassVar[Rules["AppointmentHoldCreate"] | None] = _held_until_then

    hold_expires_at: Instant | None = None
    """None means after the time in the clinic's booking policy, or at the start if that is sooner."""


class AppointmentUpdate(Update):
    """A change that an owner may make.

    Time, place and status change through :mod:`vetcore.scheduling`.
    """

    reason: Prose | None = None
    notes: Prose | None = None


class AppointmentStaffUpdate(AppointmentUpdate):
    """A change that staff may make; time, place and status change through scheduling."""

    rules: ClassVar[Rules["AppointmentStaffUpdate"] | None] = _charged

    priority: NotNull[AppointmentPriority] = None
    internal_notes: Prose | None = None
    estimated_cost: Amount | None = None
    actual_cost: Amount | None = None
    currency: CurrencyCode | None = None


class AppointmentSummary(Summary):
    """An appointment in a list or a calendar, for the pet's owners and for staff."""

    id: UUID
    clinic_id: UUID
    veterinarian_id: UUID
    pet_id: UUID
    room_id: UUID | None
    service: ServiceType
    status: AppointmentStatus
    priority: AppointmentPriority
    starts_at: datetime
    ends_at: datetime


class AppointmentResponse(AppointmentSummary):
    """An appointment as the pet's owners see it: nothing that staff write for each other."""

    follow_up_of_id: UUID | None
    series_id: UUID | None
    wall_time: str | None
    """What the clinic's clock was to show at the start, as it was agreed (RFC 9557)."""
    hold_expires_at: datetime | None
    reason: str | None
    notes: str | None
    cancellation_reason: str | None
    estimated_cost: Decimal | None
    actual_cost: Decimal | None
    currency: str | None
    checked_in_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    sequence: int
    created_at: datetime
    updated_at: datetime
    version: int


class AppointmentStaffResponse(AppointmentResponse):
    """An appointment as the clinic's staff see it: with buffers, overrides and internal notes."""

    booked_by_id: UUID | None
    duration_minutes: int | None
    """A length of its own; null means that of the clinic's catalogue."""
    internal_notes: str | None
    overrides: tuple[str, ...]
    occupied_from: datetime
    occupied_until: datetime
    created_by_id: UUID | None
    updated_by_id: UUID | None


class AppointmentAdminResponse(AppointmentStaffResponse):
    """An appointment as administrators see it, deleted or not."""

    idempotency_key: str | None
    deleted_at: datetime | None
