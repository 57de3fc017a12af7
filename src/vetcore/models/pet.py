"""Pets, and the people who look after them."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vetcore.models.base import (
    Base,
    Entity,
    LongText,
    ShortText,
    document,
    searchable_document,
    unique_while_active,
)
from vetcore.models.forms import LicenseNumber, MicrochipNumber, Name, PostalCode
from vetcore.models.indexes import index
from vetcore.models.types import BoundedText, ExactDecimal
from vetcore.values.animals import PetStatus, Sex, Species
from vetcore.values.insurance import InsurancePolicy
from vetcore.values.medical import MedicalHistory
from vetcore.values.vaccination import Vaccination

if TYPE_CHECKING:
    from vetcore.models.clinic import Clinic
    from vetcore.models.patient import ClinicPatient
    from vetcore.models.user import User

__all__ = ["Pet", "PetCoOwner"]

_ACTIVE: Final = {"where": text("deleted_at IS NULL")}


class PetCoOwner(Base):
    """A person who looks after a pet together with its owner, with the same rights."""

    __tablename__ = "pet_co_owners"

    pet_id: Mapped[UUID] = mapped_column(
        ForeignKey("pets.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Pet(Entity):
    """An animal. Clinical notes call it the patient.

    ``owner_id`` is None while nobody has claimed the animal: strays, shelter animals, register
    entries. ``vaccinations`` and ``next_vaccination_due_on`` change together, through
    :mod:`vetcore.medical`.
    """

    __tablename__ = "pets"

    owner_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="RESTRICT"), index=True
    )
    primary_clinic_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("clinics.id", ondelete="SET NULL")
    )
    """The clinic that sends the pet's reminders. It is no right: :class:`ClinicPatient` is."""
    name: Mapped[Name]
    species: Mapped[Species]
    breeds: Mapped[tuple[str, ...]] = document(tuple[str, ...], default=())
    """Canonical names, the dominant one first; several mean a cross."""
    sex: Mapped[Sex] = mapped_column(default=Sex.UNKNOWN)
    is_neutered: Mapped[bool | None]
    born_on: Mapped[date | None]
    birth_date_is_estimate: Mapped[bool] = mapped_column(default=False)
    died_on: Mapped[date | None]
    weight_kg: Mapped[Decimal | None] = mapped_column(ExactDecimal(10, 4))
    color: Mapped[ShortText | None]
    microchip: Mapped[MicrochipNumber | None]
    license_number: Mapped[LicenseNumber | None]
    license_jurisdiction: Mapped[str | None] = mapped_column(BoundedText(32))
    """The municipality that issued ``license_number``, and so the register it is unique in."""
    postal_code: Mapped[PostalCode | None]
    """Where the pet lives, while no owner's address says so."""
    status: Mapped[PetStatus] = mapped_column(default=PetStatus.ACTIVE)
    medical_history: Mapped[MedicalHistory] = document(
        MedicalHistory, default=MedicalHistory.model_construct()
    )
    vaccinations: Mapped[tuple[Vaccination, ...]] = document(tuple[Vaccination, ...], default=())
    next_vaccination_due_on: Mapped[date | None]
    insurance: Mapped[InsurancePolicy | None] = document(InsurancePolicy, nullable=True)
    notes: Mapped[LongText | None]
    merged_into_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("pets.id", ondelete="SET NULL"), index=True
    )
    """The row that the animal has been since this one turned out to be a duplicate of it."""

    owner: Mapped["User | None"] = relationship(back_populates="pets", lazy="raise")
    co_owners: Mapped[list["User"]] = relationship(secondary="pet_co_owners", lazy="raise")
    primary_clinic: Mapped["Clinic | None"] = relationship(lazy="raise")
    patient_of: Mapped[list["ClinicPatient"]] = relationship(back_populates="pet", lazy="raise")

    __table_args__ = (
        unique_while_active("pets", "microchip"),
        unique_while_active("pets", "license_jurisdiction", "license_number"),
        CheckConstraint("weight_kg > 0", name="weight_kg"),
        CheckConstraint("died_on IS NULL OR born_on IS NULL OR born_on <= died_on", name="dates"),
        Index("ix_pets_name", "name"),
        Index("ix_pets_license_number", "license_number"),
        index(
            "ix_pets_primary_clinic_id_next_vaccination_due_on",
            "primary_clinic_id",
            "next_vaccination_due_on",
            "id",
            postgresql=_ACTIVE,
            sqlite=_ACTIVE,
        ),
        index(
            "ix_pets_next_vaccination_due_on",
            "next_vaccination_due_on",
            "id",
            postgresql=_ACTIVE,
            sqlite=_ACTIVE,
        ),
        searchable_document("pets", "medical_history"),
        searchable_document("pets", "vaccinations"),
    )
