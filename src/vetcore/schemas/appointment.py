"""Schemas of appointments: commands, queries and responses."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Protocol
from uuid import UUID

from pydantic import Field

from vetcore.errors import InvalidValue
from vetcore.schemas.base import ById, Create, ListQuery, Rules, Schema, Summary, Update
from vetcore.schemas.fields import (
    Amount,
    CurrencyCode,
    Day,
    IdPart,
    Instant,
    NotNull,
    Prose,
    RuleCode,
    TimeZoneName,
)
from vetcore.schemas.rules import instant_to_come, requires
from vetcore.values.animals import Species
from vetcore.values.appointments import AppointmentPriority, AppointmentStatus
from vetcore.values.clinics import ServiceType
from vetcore.values.money import minor_units
from vetcore.values.services import ServiceCode

__all__ = [
    "AppointmentAct",
    "AppointmentAdminResponse",
    "AppointmentCancel",
    "AppointmentCreate",
    "AppointmentHoldCreate",
    "AppointmentQuery",
    "AppointmentResponse",
    "AppointmentSearch",
    "AppointmentStaffResponse",
    "AppointmentSummary",
    "AppointmentUpdate",
    "DayQuery",
    "ImpossibleQuery",
    "NextSlotQuery",
    "PractitionerDayQuery",
    "PractitionerQuery",
    "SlotQuery",
]

Overrides = Annotated[tuple[RuleCode, ...], Field(max_length=20)]


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


class AppointmentCreate(Create):
    """An appointment to book: a service for a pet at a clinic, starting at an instant.

    The clinic's service catalogue sets the duration, the buffers and the kind of room. It also says
    whether owners may book the service themselves. The fields from ``room_id`` on are for staff.
    """

    # Those of a hold are its own, and each takes a hold.
    rules: ClassVar[Rules["AppointmentHoldCreate"] | None] = _estimated

    clinic_id: UUID
    service: ServiceCode
    """The service's code in the clinic's catalogue."""
    pet_id: UUID
    starts_at: Instant
    practitioner_id: UUID | None = None
    """The person who is to see the pet, a user; None means any who is free."""
    follow_up_of_id: UUID | None = None
    """The appointment that this one follows up."""
    reason: Prose | None = None
    notes: Prose | None = None
    room_id: UUID | None = None
    """None means any free room of the kind that the service needs."""
    assistant_ids: Annotated[tuple[UUID, ...], Field(max_length=3)] = ()
    """Who is to assist, users, each in a role that the service takes; the others are chosen."""
    equipment_ids: Annotated[tuple[UUID, ...], Field(max_length=20)] = ()
    """Which pieces it is to take, of the kinds that the service needs; the others are chosen."""
    priority: AppointmentPriority = AppointmentPriority.ROUTINE
    duration_minutes: Annotated[int, Field(ge=5, le=1440)] | None = None
    """In place of the duration in the clinic's service catalogue."""
    internal_notes: Prose | None = None
    """Never shown to owners."""
    estimated_cost: Amount | None = None
    currency: CurrencyCode | None = None
    """Needed where a cost is given."""
    overrides: Overrides = ()
    """Codes of the rules (hours, notice) that are set aside; never occupancy."""
    squeeze_reason: Prose | None = None
    """Why it may be placed beside what its practitioner or its room is occupied with: an emergency,
    say. Where both are free it is an appointment like any other."""


class AppointmentHoldCreate(AppointmentCreate):
    """A slot to hold while somebody decides or pays."""

    rules: ClassVar[Rules["AppointmentHoldCreate"] | None] = _held_until_then

    hold_expires_at: Instant | None = None
    """None means after the time in the clinic's booking policy, or at the start if that is sooner."""


class AppointmentUpdate(Update):
    """A change to an appointment. The fields from ``priority`` on are for staff.

    Other operations change the time, the place and the status: they move, cancel or confirm it.
    """

    rules: ClassVar[Rules["AppointmentUpdate"] | None] = _charged

    reason: Prose | None = None
    notes: Prose | None = None
    priority: NotNull[AppointmentPriority] = None
    internal_notes: Prose | None = None
    estimated_cost: Amount | None = None
    actual_cost: Amount | None = None
    currency: CurrencyCode | None = None


class AppointmentCancel(ById):
    """An appointment to cancel, or a hold to give back."""

    reason: Prose | None = None


class AppointmentAct(ById):
    """An appointment to act on: to confirm, to check in or to reinstate."""

    overrides: Overrides = ()
    """Codes of the rules that are set aside; for staff, and never occupancy."""


class AppointmentQuery(ListQuery):
    """Which appointments to list: those that meet every given condition, the latest first."""

    clinic_id: UUID | None = None
    pet_id: UUID | None = None
    practitioner_id: UUID | None = None
    status: AppointmentStatus | None = None
    series_id: UUID | None = None
    since: Instant | None = None
    """Those that start at this instant or later."""
    until: Instant | None = None
    """Those that start before this instant."""


class AppointmentSearch(ListQuery):
    """What somebody knows of an appointment. The result meets every given condition."""

    clinic_id: UUID | None = None
    pet_ids: Annotated[tuple[UUID, ...], Field(max_length=1000)] | None = None
    """Of one of these pets."""
    id_part: IdPart | None = None
    """The beginning or the end of its id."""
    statuses: Annotated[tuple[AppointmentStatus, ...], Field(max_length=20)] | None = None
    """In one of these."""
    starts_at: Instant | None = None
    since: Instant | None = None
    """Those that start at this instant or later."""
    until: Instant | None = None
    """Those that start before this instant."""
    ends_after: Instant | None = None
    """Those that are not over at this instant."""


class SlotQuery(Schema):
    """Which free slots to find: those at a clinic that start in ``[start, end)``."""

    clinic_id: UUID
    service: ServiceCode
    """The service's code in the clinic's catalogue."""
    start: Instant
    end: Instant
    practitioner_id: UUID | None = None
    """With this person, a user; None means any."""
    pet_id: UUID | None = None
    """For this pet: its species and its own appointments count."""
    species: Species | None = None
    """Of a pet that is not known yet."""
    duration_minutes: Annotated[int, Field(ge=5, le=1440)] | None = None
    """In place of the duration in the clinic's service catalogue."""
    limit: Annotated[int, Field(ge=0)] | None = None
    """As many at most, the earliest."""


class PractitionerQuery(Schema):
    """Which people to list: those who perform services at a clinic."""

    clinic_id: UUID
    service: ServiceCode | None = None
    """Who performs this service; any of the catalogue if none is given."""
    day: Day | None = None
    """By the clinic's calendar; today if none is given."""


class NextSlotQuery(Schema):
    """At which clinics to look for the first free slot, and for what."""

    clinic_ids: Annotated[tuple[UUID, ...], Field(max_length=100)]
    """The clinics, the preferred first."""
    service: ServiceCode
    after: Instant | None = None
    """From this instant on; now if none is given."""
    within_days: Annotated[int, Field(ge=1, le=731)] = 60
    """How far to look."""
    practitioner_id: UUID | None = None
    pet_id: UUID | None = None
    species: Species | None = None


class DayQuery(Schema):
    """Which day at which clinic to show."""

    clinic_id: UUID
    day: Day
    """By the clinic's own calendar."""


class PractitionerDayQuery(Schema):
    """Which day of which practitioner to show, at all clinics where they work."""

    practitioner_id: UUID
    day: Day
    """By the calendar of the time zone."""
    timezone: TimeZoneName | None = None
    """None means the person's own."""


class ImpossibleQuery(Schema):
    """Whose appointments to check: a clinic's, a practitioner's, or both.

    The result has the appointments that cannot take place any more.
    """

    clinic_id: UUID | None = None
    practitioner_id: UUID | None = None
    since: Instant | None = None
    until: Instant | None = None


class AppointmentSummary(Summary):
    """An appointment as a list or calendar shows it to the pet's owners and to staff."""

    id: UUID
    clinic_id: UUID
    practitioner_id: UUID
    pet_id: UUID
    room_id: UUID | None
    service: ServiceCode
    service_kind: ServiceType
    status: AppointmentStatus
    priority: AppointmentPriority
    starts_at: datetime
    ends_at: datetime


class AppointmentResponse(AppointmentSummary):
    """An appointment as the pet's owners see it, without what staff write for each other."""

    follow_up_of_id: UUID | None
    series_id: UUID | None
    series_place: int | None
    """The place in the series, from 1."""
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
    group_id: UUID | None
    """Of the group visit that it belongs to."""
    group_place: int | None
    group_places: int | None
    """How many pets the group visit takes."""
    sequence: int
    created_at: datetime
    updated_at: datetime
    version: int


class AppointmentStaffResponse(AppointmentResponse):
    """An appointment as the clinic's staff see it, with buffers, overrides and internal notes."""

    booked_by_id: UUID | None
    duration_minutes: int | None
    """A length of its own; null means that of the clinic's catalogue."""
    internal_notes: str | None
    overrides: tuple[str, ...]
    squeezed_in: bool
    squeeze_reason: str | None
    new_patient: bool
    """Whether the pet was new to the clinic when it was booked there."""
    occupied_from: datetime
    occupied_until: datetime
    created_by_id: UUID | None
    updated_by_id: UUID | None


class AppointmentAdminResponse(AppointmentStaffResponse):
    """An appointment as administrators see it, even if it is deleted."""

    deleted_at: datetime | None
