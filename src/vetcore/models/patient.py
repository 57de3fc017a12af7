"""Which pets are a clinic's patients."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vetcore.models.base import Entity, unique_while_active
from vetcore.values.relations import PatientOrigin

if TYPE_CHECKING:
    from vetcore.models.clinic import Clinic
    from vetcore.models.pet import Pet

__all__ = ["ClinicPatient"]


class ClinicPatient(Entity):
    """A pet that is registered at a clinic: a right of the clinic, which the pet's owner gave it.

    A clinic may read and care for a pet while such a row stands, and for a time after a visit that
    took place (:class:`~vetcore.models.Appointment`, ``patient_until``).
    """

    __tablename__ = "clinic_patients"

    pet_id: Mapped[UUID] = mapped_column(ForeignKey("pets.id", ondelete="CASCADE"))
    clinic_id: Mapped[UUID] = mapped_column(
        ForeignKey("clinics.id", ondelete="CASCADE"), index=True
    )
    origin: Mapped[PatientOrigin] = mapped_column(default=PatientOrigin.OWNER)
    """How it came about; by the owner, if nothing is said."""
    agreed_at: Mapped[datetime | None]
    """When an owner agreed; None while a pet that the clinic entered itself waits for an answer."""
    agreed_by_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    counts_for_owner: Mapped[bool] = mapped_column(default=True)
    """Whether it lets the clinic read the owner's account as well: not where it has not agreed to
    anything, unless the clinic itself opened the account."""
    ended_at: Mapped[datetime | None]
    """When the owner ended it, or the pet was given to somebody else; None while it stands."""

    pet: Mapped["Pet"] = relationship(back_populates="patient_of", lazy="raise")
    clinic: Mapped["Clinic"] = relationship(lazy="raise")

    __table_args__ = (
        unique_while_active("clinic_patients", "pet_id", "clinic_id"),
        CheckConstraint("agreed_at IS NOT NULL OR agreed_by_id IS NULL", name="agreed"),
    )
