"""Schemas of clinics, their rooms and closures: commands, queries and responses."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Final, Protocol
from uuid import UUID

from pydantic import Field

from vetcore.schemas.base import Create, ListQuery, Rules, Schema, SearchQuery, Summary, Update
from vetcore.schemas.fields import (
    ClosureHoursText,
    Code,
    Day,
    EmailAddress,
    IdPart,
    Ids,
    Instant,
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
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.clinics import ClinicKind, ClinicStatus, RoomKind, Specialty
from vetcore.values.holidays import require_known_part
from vetcore.values.hours import require_calendar
from vetcore.values.schedules import VaccinationSchedule
from vetcore.values.services import ServiceCatalog, ServiceCode

__all__ = [
    "ClinicAdminResponse",
    "ClinicClosureCreate",
    "ClinicClosureQuery",
    "ClinicClosureResponse",
    "ClinicClosureSummary",
    "ClinicClosureUpdate",
    "ClinicCreate",
    "ClinicQuery",
    "ClinicResponse",
    "ClinicSearch",
    "ClinicStaffResponse",
    "ClinicSummary",
    "ClinicUpdate",
    "NearbyQuery",
    "OpenQuery",
    "RoomCreate",
    "RoomQuery",
    "RoomResponse",
    "RoomSummary",
    "RoomUpdate",
]

_NOTHING_OFFERED: Final = ServiceCatalog.model_construct()
_USUAL_POLICY: Final = BookingPolicy.model_construct()
_Website = Annotated[WebAddress, Field(max_length=500)]


class _Fields(Protocol):
    """What the rules read of a clinic."""

    @property
    def latitude(self) -> float | None: ...
    @property
    def longitude(self) -> float | None: ...
    @property
    def license_number(self) -> str | None: ...
    @property
    def license_jurisdiction(self) -> str | None: ...
    @property
    def address(self) -> Address | None: ...
    @property
    def opening_hours(self) -> str | None: ...
    @property
    def subdivision(self) -> str | None: ...


def _fits_together(clinic: _Fields, whole: bool, /) -> None:
    if whole:
        both_or_neither("latitude", clinic.latitude, "longitude", clinic.longitude)
        number, jurisdiction = clinic.license_number, clinic.license_jurisdiction
        both_or_neither("license_number", number, "license_jurisdiction", jurisdiction)
    _holidays_are_known(clinic.address, clinic.opening_hours, clinic.subdivision)


def _holidays_are_known(address: Address | None, hours: str | None, part: str | None) -> None:
    """A change without an address can only be checked against its row."""
    if address is None:
        return
    if part is not None:
        require_known_part(part, address.country)
    if hours is not None:
        require_calendar(hours, address.country)


_Schedules = Annotated[tuple[VaccinationSchedule, ...], Field(max_length=200)]


class ClinicCreate(Create):
    """A clinic to bring onto the platform. Administrators may send it."""

    rules: ClassVar[Rules["ClinicCreate"] | None] = _fits_together
    beside: ClassVar[frozenset[str]] = frozenset({"manager_id"})

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
    manager_id: UUID | None = None
    """The person who manages it from today on, by the clinic's calendar."""


class ClinicUpdate(Update):
    """A change to a clinic. Its managers and administrators may send it."""

    rules: ClassVar[Rules["ClinicUpdate"] | None] = _fits_together

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


class ClinicQuery(ListQuery):
    """Which clinics to list: those that meet every given condition, by name."""

    status: ClinicStatus | None = None
    kind: ClinicKind | None = None
    ids: Ids | None = None
    """Only clinics with these ids."""


class ClinicSearch(SearchQuery):
    """Words of a clinic's name and place to search for, or a part of its id."""

    id_part: IdPart | None = None
    """The beginning or the end of an id; those that have it are found, too."""


class NearbyQuery(ListQuery):
    """Which active clinics to find: those that meet every given condition, the nearest first."""

    latitude: Latitude
    longitude: Longitude
    limit: Annotated[int, Field(ge=1, le=1000)] = 10
    within_m: Annotated[float, Field(ge=0)] | None = None
    """The largest distance in metres."""
    open_at: Instant | None = None
    service: ServiceCode | None = None
    species: Species | None = None
    accepts_new_patients: bool | None = None
    accepts_emergencies: bool | None = None


class OpenQuery(Schema):
    """Clinics and an instant, to find out which of them are open then."""

    clinic_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=1000)]
    at: Instant


class ClinicSummary(Summary):
    """A clinic as a list shows it to everybody."""

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
    """A clinic as administrators see it, with who entered and changed it, even if it is deleted."""

    created_by_id: UUID | None
    updated_by_id: UUID | None
    deleted_at: datetime | None


class _Days(Protocol):
    """What the rule reads of a closure."""

    @property
    def first_on(self) -> date | None: ...
    @property
    def last_on(self) -> date | None: ...


def _days_in_order(closure: _Days, _whole: bool, /) -> None:
    in_order("first_on", closure.first_on, "last_on", closure.last_on, strictly=False)


class ClinicClosureCreate(Create):
    """A closure to enter: days on which the clinic is closed or has other hours.

    The days are the clinic's local days, the first and the last included. The clinic's managers may
    send it.
    """

    rules: ClassVar[Rules["ClinicClosureCreate"] | None] = _days_in_order

    clinic_id: UUID
    first_on: Day
    last_on: Day
    opening_hours: ClosureHoursText | None = None
    """The hours in place of the weekly hours; None means closed."""
    reason: ShortText


class ClinicClosureUpdate(Update):
    """A change to a closure. The clinic's managers may send it."""

    rules: ClassVar[Rules["ClinicClosureUpdate"] | None] = _days_in_order

    first_on: NotNull[Day] = None
    last_on: NotNull[Day] = None
    opening_hours: ClosureHoursText | None = None
    reason: NotNull[ShortText] = None


class ClinicClosureQuery(ListQuery):
    """Which closures to list: those that meet every given condition, by their first day."""

    clinic_id: UUID | None = None
    since: Day | None = None
    """Only closures that last until this day or longer."""
    until: Day | None = None
    """Only closures that begin on this day or earlier."""


class ClinicClosureSummary(Summary):
    """A closure as a list shows it to everybody."""

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
    """A room to add to a clinic. The clinic's managers may send it."""

    clinic_id: UUID
    name: ShortText
    kind: RoomKind = RoomKind.CONSULTATION


class RoomUpdate(Update):
    """A change to a room. The clinic's managers may send it."""

    name: NotNull[ShortText] = None
    kind: NotNull[RoomKind] = None


class RoomQuery(ListQuery):
    """Which rooms to list: those that meet every given condition, by name."""

    clinic_id: UUID | None = None
    kind: RoomKind | None = None


class RoomSummary(Summary):
    """A room as a list shows it to everybody."""

    id: UUID
    clinic_id: UUID
    name: str
    kind: RoomKind


class RoomResponse(RoomSummary):
    """A room as everybody sees it."""

    created_at: datetime
    updated_at: datetime
    version: int
