"""Schemas of veterinarians and their absences: commands, queries and responses."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Protocol
from uuid import UUID

from pydantic import Field

from vetcore.schemas.base import Create, ListQuery, Rules, SearchQuery, Summary, Update
from vetcore.schemas.fields import (
    Code,
    Day,
    DeaNumber,
    Instant,
    Jurisdiction,
    LanguageTag,
    NotNull,
    Prose,
    ShortText,
    SpecialtyList,
    SpeciesList,
)
from vetcore.schemas.rules import in_order
from vetcore.values.animals import Species
from vetcore.values.clinics import LicenseStatus, Specialty, TimeOffKind
from vetcore.values.credentials import Credential

__all__ = [
    "TimeOffCreate",
    "TimeOffQuery",
    "TimeOffResponse",
    "TimeOffStaffResponse",
    "TimeOffSummary",
    "TimeOffUpdate",
    "VeterinarianAdminResponse",
    "VeterinarianCreate",
    "VeterinarianQuery",
    "VeterinarianResponse",
    "VeterinarianSearch",
    "VeterinarianStaffResponse",
    "VeterinarianSummary",
    "VeterinarianUpdate",
]

_Languages = Annotated[tuple[LanguageTag, ...], Field(min_length=1, max_length=20)]
_Credentials = Annotated[tuple[Credential, ...], Field(max_length=100)]


class VeterinarianCreate(Create):
    """A veterinarian to enter. Administrators say whether the licence is valid, having seen it."""

    user_id: UUID
    license_number: Code
    license_jurisdiction: Jurisdiction
    license_status: LicenseStatus = LicenseStatus.PENDING
    """Whether the licence is valid. Appointments need an active one."""
    license_expires_on: Day | None = None
    """The last day on which the licence is good; None where licences do not expire."""
    dea_number: DeaNumber | None = None
    credentials: _Credentials = ()
    specializations: SpecialtyList = ()
    species_treated: SpeciesList = ()
    """Empty means every species."""
    languages: _Languages = ("en",)
    biography: Prose | None = None
    accepts_new_patients: bool = True


class VeterinarianUpdate(Update):
    """A change to a veterinarian. The fields from ``license_number`` on are for administrators."""

    specializations: NotNull[SpecialtyList] = None
    species_treated: NotNull[SpeciesList] = None
    languages: NotNull[_Languages] = None
    biography: Prose | None = None
    accepts_new_patients: NotNull[bool] = None
    license_number: NotNull[Code] = None
    license_jurisdiction: NotNull[Jurisdiction] = None
    license_status: NotNull[LicenseStatus] = None
    license_expires_on: Day | None = None
    dea_number: DeaNumber | None = None
    credentials: NotNull[_Credentials] = None


class VeterinarianQuery(ListQuery):
    """Which veterinarians to list: those who meet every given condition, in order of entry."""

    user_id: UUID | None = None
    clinic_id: UUID | None = None
    """Only those who have, had or will have a membership at this clinic."""
    accepts_new_patients: bool | None = None


class VeterinarianSearch(SearchQuery):
    """The name or licence number of a veterinarian to search for."""

    clinic_id: UUID | None = None
    """Only those who work at this clinic, or will."""
    species: Species | None = None


class VeterinarianSummary(Summary):
    """A veterinarian as a list shows them to everybody. The name is that of the user."""

    id: UUID
    user_id: UUID
    specializations: tuple[Specialty, ...]
    species_treated: tuple[Species, ...]
    languages: tuple[str, ...]
    rating_count: int
    rating_sum: int
    """The sum of the ratings from 1 to 5: divided by their count it is the mean."""
    accepts_new_patients: bool

    @property
    def rating(self) -> float | None:
        """The mean rating from 1 to 5, or None until somebody rates."""
        return self.rating_sum / self.rating_count if self.rating_count else None


class VeterinarianResponse(VeterinarianSummary):
    """A veterinarian's public profile, without licence, registrations and credentials."""

    biography: str | None
    created_at: datetime
    updated_at: datetime
    version: int


class VeterinarianStaffResponse(VeterinarianResponse):
    """A veterinarian as colleagues see them, with licence and credentials."""

    license_number: str
    license_jurisdiction: str
    license_status: LicenseStatus
    license_expires_on: date | None
    credentials: tuple[Credential, ...]


class VeterinarianAdminResponse(VeterinarianStaffResponse):
    """A veterinarian as administrators see them, with DEA registration and audit stamps."""

    dea_number: str | None
    created_by_id: UUID | None
    updated_by_id: UUID | None
    deleted_at: datetime | None


class _Absence(Protocol):
    """What the rule reads of an absence."""

    @property
    def starts_at(self) -> datetime | None: ...
    @property
    def ends_at(self) -> datetime | None: ...


def _instants_in_order(absence: _Absence, _whole: bool, /) -> None:
    in_order("starts_at", absence.starts_at, "ends_at", absence.ends_at, strictly=True)


class TimeOffCreate(Create):
    """An absence from every clinic to enter, at the instants ``[starts_at, ends_at)``."""

    rules: ClassVar[Rules["TimeOffCreate"] | None] = _instants_in_order

    practitioner_id: UUID
    starts_at: Instant
    ends_at: Instant
    kind: TimeOffKind = TimeOffKind.VACATION
    reason: ShortText | None = None


class TimeOffUpdate(Update):
    """A change to an absence. The person and their managers may send it."""

    rules: ClassVar[Rules["TimeOffUpdate"] | None] = _instants_in_order

    starts_at: NotNull[Instant] = None
    ends_at: NotNull[Instant] = None
    kind: NotNull[TimeOffKind] = None
    reason: ShortText | None = None


class TimeOffQuery(ListQuery):
    """Which absences to list: those that meet every given condition, by their start."""

    practitioner_id: UUID | None = None
    since: Instant | None = None
    """Only absences that end after this instant."""
    until: Instant | None = None
    """Only absences that start before this instant."""


class TimeOffSummary(Summary):
    """An absence as a list shows it to all staff: when it is, and not why."""

    id: UUID
    practitioner_id: UUID
    starts_at: datetime
    ends_at: datetime


class TimeOffResponse(TimeOffSummary):
    """An absence as all staff see it: when it is, and not why."""

    created_at: datetime
    updated_at: datetime
    version: int


class TimeOffStaffResponse(TimeOffResponse):
    """An absence as the veterinarian and their managers see it, with its kind and reason."""

    kind: TimeOffKind
    reason: str | None
