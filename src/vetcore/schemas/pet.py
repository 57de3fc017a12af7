"""Schemas of pets: commands, queries and responses."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Final, Literal, Protocol
from uuid import UUID

from pydantic import Field

from vetcore.clock import frozen_at
from vetcore.errors import InvalidValue
from vetcore.schemas.base import (
    ById,
    Create,
    ListQuery,
    Ruled,
    Rules,
    SearchQuery,
    Summary,
    Update,
)
from vetcore.schemas.fields import (
    BirthDate,
    Breed,
    Code,
    EmailAddress,
    IdPart,
    Ids,
    MicrochipNumber,
    NotNull,
    PetName,
    PetWeight,
    PostalCode,
    Prose,
    RegisterName,
    ShortText,
)
from vetcore.schemas.rules import PAST_FOR_GOOD, both_or_neither, in_order, not_to_come, to_one
from vetcore.values.animals import PetStatus, Sex, Species
from vetcore.values.insurance import InsurancePolicy
from vetcore.values.medical import MedicalAlerts, MedicalHistory
from vetcore.values.vaccination import Vaccination

__all__ = [
    "PetAdminResponse",
    "PetCreate",
    "PetMerge",
    "PetQuery",
    "PetReceptionResponse",
    "PetResponse",
    "PetRetire",
    "PetSearch",
    "PetShare",
    "PetStaffResponse",
    "PetSummary",
    "PetTransfer",
    "PetUnshare",
    "PetUpdate",
]

Breeds = Annotated[tuple[Breed, ...], Field(max_length=10)]
_NO_HISTORY: Final = MedicalHistory.model_construct()
_WEIGHTS: Final = {species: species.weight_range for species in Species}


class _Fields(Protocol):
    """What the rules read of a pet."""

    @property
    def species(self) -> Species | None: ...
    @property
    def born_on(self) -> date | None: ...
    @property
    def died_on(self) -> date | None: ...
    @property
    def weight_kg(self) -> Decimal | None: ...
    @property
    def status(self) -> PetStatus | None: ...
    @property
    def license_number(self) -> str | None: ...
    @property
    def license_jurisdiction(self) -> str | None: ...


def _fits_together(pet: _Fields, whole: bool, /) -> None:
    weight = pet.weight_kg
    if weight is not None and (species := pet.species) is not None:
        likely = _WEIGHTS[species]
        if weight not in likely:
            raise InvalidValue(
                field="weight_kg",
                rule=f"is not a weight of a {species}",
                expected=f"{likely.minimum} to {likely.maximum} kilograms",
                value=weight,
            )
    born = pet.born_on
    if born is not None and (born > PAST_FOR_GOOD or frozen_at() is not None):
        not_to_come("born_on", born)
    if (died := pet.died_on) is not None:
        not_to_come("died_on", died)
        in_order("born_on", born, "died_on", died, strictly=False)
        if whole and pet.status is not PetStatus.DECEASED:
            raise InvalidValue(
                field="status",
                rule="must be deceased where died_on is given",
                expected=PetStatus.DECEASED,
                value=pet.status,
            )
    number, jurisdiction = pet.license_number, pet.license_jurisdiction
    if number is not jurisdiction and whole:
        both_or_neither("license_number", number, "license_jurisdiction", jurisdiction)


class PetCreate(Create):
    """A pet to register. Owners and staff may send it.

    ``owner_id`` stays empty for strays, shelter animals and register entries. Vaccinations are not
    part of it: :mod:`vetcore.medical` records them, together with the day on which the next one is
    due.
    """

    rules: ClassVar[Rules["PetCreate"] | None] = _fits_together

    owner_id: UUID | None = None
    primary_clinic_id: UUID | None = None
    name: PetName
    species: Species
    breeds: Breeds = ()
    """The breeds, the dominant one first; several mean a cross."""
    sex: Sex = Sex.UNKNOWN
    is_neutered: bool | None = None
    """Whether the pet is neutered; None if it is not known."""
    born_on: BirthDate | None = None
    birth_date_is_estimate: bool = False
    died_on: BirthDate | None = None
    """The day of death. It needs ``status`` to be deceased."""
    weight_kg: PetWeight | None = None
    color: ShortText | None = None
    microchip: MicrochipNumber | None = None
    license_number: Code | None = None
    license_jurisdiction: RegisterName | None = None
    """The municipality whose register ``license_number`` is in; both or neither."""
    postal_code: PostalCode | None = None
    """Where the pet lives, while no owner's address says so."""
    status: PetStatus = PetStatus.ACTIVE
    medical_history: MedicalHistory = _NO_HISTORY
    insurance: InsurancePolicy | None = None
    notes: Prose | None = None


class PetUpdate(Update):
    """A change to a pet. Owners and staff may send it.

    Other operations transfer a pet and retire it. ``owner_id`` is here so that a pet that was read
    may be sent back unchanged. Medical history and vaccinations change through
    :mod:`vetcore.medical`, so that two additions at the same time are both kept.
    """

    rules: ClassVar[Rules["PetUpdate"] | None] = _fits_together

    owner_id: UUID | None = None
    primary_clinic_id: UUID | None = None
    name: NotNull[PetName] = None
    species: NotNull[Species] = None
    breeds: NotNull[Breeds] = None
    sex: NotNull[Sex] = None
    is_neutered: bool | None = None
    born_on: BirthDate | None = None
    birth_date_is_estimate: NotNull[bool] = None
    died_on: BirthDate | None = None
    weight_kg: PetWeight | None = None
    color: ShortText | None = None
    microchip: MicrochipNumber | None = None
    license_number: Code | None = None
    license_jurisdiction: RegisterName | None = None
    postal_code: PostalCode | None = None
    status: NotNull[PetStatus] = None
    insurance: InsurancePolicy | None = None
    notes: Prose | None = None


class PetRetire(ById):
    """A pet to retire, because it died, is missing or was given away."""

    status: Literal[PetStatus.DECEASED, PetStatus.LOST, PetStatus.REHOMED]
    on: BirthDate | None = None
    """The day; None if it is not known."""


def _to_an_owner(act: "PetTransfer", _whole: bool, /) -> None:
    to_one("owner_id", act.owner_id, act.email)


def _to_a_person(act: "PetShare", _whole: bool, /) -> None:
    to_one("user_id", act.user_id, act.email)


class PetTransfer(Ruled, ById):
    """A pet that is offered to a new owner."""

    rules: ClassVar[Rules["PetTransfer"] | None] = _to_an_owner

    owner_id: UUID | None = None
    email: EmailAddress | None = None
    """The person's address, where their account is not known."""
    keep_co_owners: bool = False
    """Whether the co-owners stay co-owners."""


class PetShare(Ruled, ById):
    """A person who is asked to look after a pet together with its owner."""

    rules: ClassVar[Rules["PetShare"] | None] = _to_a_person

    user_id: UUID | None = None
    email: EmailAddress | None = None
    """The person's address, where their account is not known."""


class PetUnshare(ById):
    """A person who no longer looks after a pet together with its owner."""

    user_id: UUID


class PetMerge(ById):
    """Two rows of the same animal to merge."""

    other_id: UUID
    """The row that is deleted. ``id`` names the row that stays."""


class PetQuery(ListQuery):
    """Which pets to list: those that meet every given condition, by name."""

    owner_id: UUID | None = None
    """Only pets of this owner or co-owner."""
    primary_clinic_id: UUID | None = None
    species: Species | None = None
    status: PetStatus | None = None
    ids: Ids | None = None
    """Only pets with these ids."""
    id_part: IdPart | None = None
    """The beginning or the end of the id."""


class PetSearch(SearchQuery):
    """What somebody remembers of a pet or of its owners."""

    clinic_id: UUID | None = None
    """Only patients of this clinic."""
    owner_id: UUID | None = None
    species: Species | None = None


class PetSummary(Summary):
    """A pet as a list shows it to its owners and to its clinics' staff."""

    id: UUID
    owner_id: UUID | None
    name: str
    species: Species
    breeds: tuple[str, ...]
    sex: Sex
    born_on: date | None
    microchip: str | None
    status: PetStatus
    next_vaccination_due_on: date | None


class _Details(PetSummary):
    """What everybody sees who sees the pet."""

    primary_clinic_id: UUID | None
    is_neutered: bool | None
    birth_date_is_estimate: bool
    died_on: date | None
    weight_kg: Decimal | None
    color: str | None
    license_number: str | None
    license_jurisdiction: str | None
    postal_code: str | None
    vaccinations: tuple[Vaccination, ...]
    created_at: datetime
    updated_at: datetime
    version: int
    """To be sent back with a change, so that it is not made on top of somebody else's."""


class PetReceptionResponse(_Details):
    """A pet as reception sees it: whose it is, what it is, its allergies, and what is due.

    What it has, and what was found, is not part of it.
    """

    medical_history: MedicalAlerts


class PetResponse(_Details):
    """A pet as its owners see it, with health and insurance."""

    medical_history: MedicalHistory
    insurance: InsurancePolicy | None
    notes: str | None


class PetStaffResponse(PetResponse):
    """A pet as those who treat it see it, with who entered and changed it."""

    created_by_id: UUID | None
    updated_by_id: UUID | None


class PetAdminResponse(PetStaffResponse):
    """A pet as administrators see it, even if it is deleted."""

    merged_into_id: UUID | None
    deleted_at: datetime | None
