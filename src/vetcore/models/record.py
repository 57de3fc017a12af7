"""Medical records: what was found and done at a visit."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vetcore.database.translation import Violation, describe_constraint
from vetcore.errors import RecordLocked, VetcoreError
from vetcore.models.base import (
    Entity,
    LongText,
    document,
    searchable_document,
    unique_while_active,
)
from vetcore.models.sealing import RecordAddendum, SignatureText
from vetcore.values.visits import Diagnosis, Prescription, Vitals

if TYPE_CHECKING:
    from vetcore.models.appointment import Appointment
    from vetcore.models.clinic import Clinic
    from vetcore.models.pet import Pet
    from vetcore.models.veterinarian import Veterinarian

__all__ = ["MedicalRecord"]


class MedicalRecord(Entity):
    """The note of a visit in SOAP form. A signed note is locked, and only addenda may be added.

    The database itself keeps the lock, against every way of writing. ``vetcore.medical.released``
    is the one way out.
    """

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
    """The appointment at which it took place; of each there is one record."""
    visited_at: Mapped[datetime]
    chief_complaint: Mapped[LongText | None]
    subjective: Mapped[LongText | None]
    objective: Mapped[LongText | None]
    assessment: Mapped[LongText | None]
    plan: Mapped[LongText | None]
    vitals: Mapped[Vitals | None] = document(Vitals, nullable=True)
    diagnoses: Mapped[tuple[Diagnosis, ...]] = document(tuple[Diagnosis, ...], default=())
    prescriptions: Mapped[tuple[Prescription, ...]] = document(tuple[Prescription, ...], default=())
    signed_at: Mapped[datetime | None]
    signed_by_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("veterinarians.id", ondelete="RESTRICT"), index=True
    )
    signed_by_user_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="RESTRICT"), index=True
    )
    """The person who signed, a user; ``signed_by_id`` is the veterinarian who they were."""
    signature: Mapped[SignatureText | None]
    """``v1.KEYID.BASE64``; of a record that was signed before there were keys, a SHA-256."""
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
    addenda: Mapped[list[RecordAddendum]] = relationship(
        order_by=RecordAddendum.number, lazy="raise", viewonly=True
    )
    """What was added after it was signed, in its order; ``add_addendum`` adds to it."""

    __table_args__ = (
        CheckConstraint("(signed_at IS NULL) = (signed_by_id IS NULL)", name="signed"),
        CheckConstraint(
            "signed_at IS NOT NULL OR signed_by_user_id IS NULL", name="signed_by_user"
        ),
        unique_while_active("medical_records", "appointment_id"),
        Index("ix_medical_records_pet_id_visited_at", "pet_id", "visited_at"),
        searchable_document("medical_records", "diagnoses"),
    )

    @property
    def is_signed(self) -> bool:
        """Whether the note is signed, and so locked."""
        return self.signed_at is not None


def _locked(violation: Violation) -> VetcoreError:
    return RecordLocked(UUID(violation.detail))


describe_constraint("record_locked", _locked)
