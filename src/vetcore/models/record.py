"""Medical records: what was found and done at a visit."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vetcore.models.base import Entity, LongText, document, searchable_document
from vetcore.models.types import BoundedText
from vetcore.values.visits import Addendum, Diagnosis, Prescription, Vitals

if TYPE_CHECKING:
    from vetcore.models.appointment import Appointment
    from vetcore.models.clinic import Clinic
    from vetcore.models.pet import Pet
    from vetcore.models.veterinarian import Veterinarian

__all__ = ["MedicalRecord"]


class MedicalRecord(Entity):
    """The note of a visit in SOAP form. A signed note is locked, and only addenda may be added."""

    __tablename__ = "medical_records"

    pet_id: Mapped[UUID] = mapped_column(ForeignKey("pets.id", ondelete="RESTRICT"))
    clinic_id: Mapped[UUID] = mapped_column(
        ForeignKey("clinics.id", ondelete="RESTRICT"), index=True
    )
    veterinarian_id: Mapped[UUID] = mapped_column(
        ForeignKey("veterinarians.id", ondelete="RESTRICT"), index=True
    )
    appointment_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("appointments.id", ondelete="SET NULL"), index=True
    )
    visited_at: Mapped[datetime]
    chief_complaint: Mapped[LongText | None]
    subjective: Mapped[LongText | None]
    objective: Mapped[LongText | None]
    assessment: Mapped[LongText | None]
    plan: Mapped[LongText | None]
    vitals: Mapped[Vitals | None] = document(Vitals, nullable=True)
    diagnoses: Mapped[tuple[Diagnosis, ...]] = document(tuple[Diagnosis, ...], default=())
    prescriptions: Mapped[tuple[Prescription, ...]] = document(tuple[Prescription, ...], default=())
    addenda: Mapped[tuple[Addendum, ...]] = document(tuple[Addendum, ...], default=())
    signed_at: Mapped[datetime | None]
    signed_by_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("veterinarians.id", ondelete="RESTRICT"), index=True
    )
    signature: Mapped[str | None] = mapped_column(BoundedText(64))
    """SHA-256 of the signed content, so that tampering shows."""
    signed_pet_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("pets.id", ondelete="RESTRICT"), index=True
    )
    """The pet that was signed for, where that row has been merged into ``pet_id`` since."""

    pet: Mapped["Pet"] = relationship(foreign_keys=[pet_id], lazy="raise")
    clinic: Mapped["Clinic"] = relationship(lazy="raise")
    veterinarian: Mapped["Veterinarian"] = relationship(
        foreign_keys=[veterinarian_id], lazy="raise"
    )
    appointment: Mapped["Appointment | None"] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("(signed_at IS NULL) = (signed_by_id IS NULL)", name="signed"),
        Index("ix_medical_records_pet_id_visited_at", "pet_id", "visited_at"),
        searchable_document("medical_records", "diagnoses"),
    )

    @property
    def is_signed(self) -> bool:
        """Whether the note is signed, and so locked."""
        return self.signed_at is not None
