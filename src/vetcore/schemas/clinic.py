"""Clinics, their rooms and closures, as they come in and go out."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID

from pydantic import Field

from vetcore.schemas.base import Create, Rules, Summary, Update
from vetcore.schemas.fields import (
    ClosureHoursText,
    Code,
    Day,
    EmailAddress,
    Jurisdiction,
    Latitude,
    Longitude,
    NotNull,
    OpeningHoursText,
    PhoneNumber,
    ShortText,
    SpecialtyList,
    SpeciesList,
    SubdivisionCode,
    TimeZoneName,
    WebAddress,
)
from vetcore.schemas.rules import both_or_neither, in_order
from vetcore.values.address import Address
from vetcore.values.animals import Species
from vetcore.values.clinics import ClinicKind, ClinicStatus, RoomKind, Specialty
from vetcore.values.holidays import require_known_part
from vetcore.values.hours import require_calendar
from vetcore.values.schedules import VaccinationSchedule
from vetcore.values.services import BookingPolicy, ServiceCatalog

__all__ = [
    "ClinicAdminResponse",
    "ClinicClosureCreate",
    "ClinicClosureResponse",
    "ClinicClosureSummary",
    "ClinicClosureUpdate",
    "ClinicCreate",
    "ClinicResponse",
    "ClinicStaffResponse",
    "ClinicSummary",
    "ClinicUpdate",
    "RoomCreate",
    "RoomResponse",
    "RoomSummary",
    "RoomUpdate",
]

_NOTHING_OFFERED: Final = ServiceCatalog.model_construct()
_USUAL_POLICY: Final = BookingPolicy.model_construct()
_Website = Annotated[WebAddress, Field(max_length=500)]


def _fits_together(values: Mapping[str, Any], whole: bool, /) -> None:
    if whole:
        for one, other in (
            ("latitude", "longitude"),
            ("license_number", "license_jurisdiction"),
        ):
            both_or_neither(one, values[one], other, values[other])
    _holidays_are_known(values)


def _holidays_are_known(values: Mapping[str, Any]) -> None:
    """A change without an address can only be checked against its row."""
    address, hours, subdivision = (
        values[name] for name in ("address", "opening_hours", "subdivision")
    )
    if address is None:
        return
    if subdivision is not None:
        require_known_part(subdivision, address.country)
    if hours is not None:
        require_calendar(hours, address.country)


_Schedules = Annotated[tuple[VaccinationSchedule, ...], Field(max_length=200)]


class ClinicCreate(Create):
    """A clinic to open; for managers and administrators."""

    rules: ClassVar[Rules | None] = _fits_together

    name: ShortText
    kind: ClinicKind = ClinicKind.GENERAL_PRACTICE
    status: ClinicStatus = ClinicStatus.ACTIVE
    license_number: Code | None = None
    license_jurisdiction: Jurisdiction | None = None
    """The country or part of it that issued ``license_number``; both or neither."""
    phone: PhoneNumber | None = None
    email: EmailAddress | None = None
    website: _Website | None = None
    address: Address
    subdivision: SubdivisionCode | None = None
    """The part of the address's country whose public holidays count, such as ``US-CA``; null for
    those that hold in the whole country."""
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    timezone: TimeZoneName
    opening_hours: OpeningHoursText
    services: ServiceCatalog = _NOTHING_OFFERED
    specialties: SpecialtyList = ()
    species_treated: SpeciesList = ()
    """Empty means every species."""
    booking_policy: BookingPolicy = _USUAL_POLICY
    vaccination_schedules: _Schedules = ()
    """In place of the published guidelines, for the species and diseases that they name."""
    accepts_new_patients: bool = True
    accepts_emergencies: bool = False
    accepts_walk_ins: bool = False


class ClinicUpdate(Update):
    """A change to a clinic; for its managers and for administrators."""

    rules: ClassVar[Rules | None] = _fits_together

    name: NotNull[ShortText] = None
    kind: NotNull[ClinicKind] = None
    status: NotNull[ClinicStatus] = None
    license_number: Code | None = None
    license_jurisdiction: Jurisdiction | None = None
    phone: PhoneNumber | None = None
    email: EmailAddress | None = None
    website: _Website | None = None
    address: NotNull[Address] = None
    subdivision: SubdivisionCode | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    timezone: NotNull[TimeZoneName] = None
    opening_hours: NotNull[OpeningHoursText] = None
    services: NotNull[ServiceCatalog] = None
    specialties: NotNull[SpecialtyList] = None
    species_treated: NotNull[SpeciesList] = None
    booking_policy: NotNull[BookingPolicy] = None
    vaccination_schedules: NotNull[_Schedules] = None
    accepts_new_patients: NotNull[bool] = None
    accepts_emergencies: NotNull[bool] = None
    accepts_walk_ins: NotNull[bool] = None


class ClinicSummary(Summary):
    """A clinic in a list, for everybody."""

    id: UUID
    name: str
    kind: ClinicKind
    status: ClinicStatus
    phone: str | None
    address: Address
    subdivision: str | None
    latitude: float | None
    longitude: float | None
    timezone: str
    opening_hours: str
    accepts_new_patients: bool
    accepts_emergencies: bool


class ClinicResponse(ClinicSummary):
    """A clinic as everybody sees it, without its licence."""

    email: str | None
    website: str | None
    services: ServiceCatalog
    specialties: tuple[Specialty, ...]
    species_treated: tuple[Species, ...]
    booking_policy: BookingPolicy
    vaccination_schedules: tuple[VaccinationSchedule, ...]
    accepts_walk_ins: bool
    created_at: datetime
    updated_at: datetime
    version: int


class ClinicStaffResponse(ClinicResponse):
    """A clinic as its staff see it, with its licence."""

    license_number: str | None
    license_jurisdiction: str | None


class ClinicAdminResponse(ClinicStaffResponse):
    """A clinic as administrators see it: who entered and who changed it, deleted or not."""

    created_by_id: UUID | None
    updated_by_id: UUID | None
    deleted_at: datetime | None


def _days_in_order(values: Mapping[str, Any], _whole: bool, /) -> None:
    in_order("first_on", values["first_on"], "last_on", values["last_on"], strictly=False)


class ClinicClosureCreate(Create):
    """Days, the clinic's own and both included, on which it is closed or open at other hours."""

    rules: ClassVar[Rules | None] = _days_in_order

    clinic_id: UUID
    first_on: Day
    last_on: Day
    opening_hours: ClosureHoursText | None = None
    """What holds in place of the weekly hours; None means closed."""
    reason: ShortText


class ClinicClosureUpdate(Update):
    """A change to a closure; for the clinic's managers."""

    rules: ClassVar[Rules | None] = _days_in_order

    first_on: NotNull[Day] = None
    last_on: NotNull[Day] = None
    opening_hours: ClosureHoursText | None = None
    reason: NotNull[ShortText] = None


class ClinicClosureSummary(Summary):
    """A closure in a list, for everybody."""

    id: UUID
    clinic_id: UUID
    first_on: date
    last_on: date
    opening_hours: str | None
    reason: str


class ClinicClosureResponse(ClinicClosureSummary):
    """A closure as everybody sees it."""

    created_at: datetime
    updated_at: datetime
    version: int


class RoomCreate(Create):
    """A room to add to a clinic; for its managers."""

    clinic_id: UUID
    name: ShortText
    kind: RoomKind = RoomKind.CONSULTATION


class RoomUpdate(Update):
    """A change to a room; for the clinic's managers."""

    name: NotNull[ShortText] = None
    kind: NotNull[RoomKind] = None


class RoomSummary(Summary):
    """A room in a list, for everybody."""

    id: UUID
    clinic_id: UUID
    name: str
    kind: RoomKind


class RoomResponse(RoomSummary):
    """A room as everybody sees it."""

    created_at: datetime
    updated_at: datetime
    version: int
