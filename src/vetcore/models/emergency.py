"""Who has read a pet's health in an emergency, without being asked to care for it."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vetcore.models.base import Entity, LongText

if TYPE_CHECKING:
    from vetcore.models.clinic import Clinic
    from vetcore.models.pet import Pet
    from vetcore.models.user import User

__all__ = ["EmergencyAccess"]


class EmergencyAccess(Entity):
    """A look at a pet's health by a veterinarian of a clinic that has no right to it.

    It is kept for the pet's owners and for the clinic's managers, who ask about it.
    """

    __tablename__ = "emergency_accesses"

    pet_id: Mapped[UUID] = mapped_column(ForeignKey("pets.id", ondelete="CASCADE"))
    clinic_id: Mapped[UUID] = mapped_column(
        ForeignKey("clinics.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    """Who has looked."""
    reason: Mapped[LongText]

    pet: Mapped["Pet"] = relationship(lazy="raise")
    clinic: Mapped["Clinic"] = relationship(lazy="raise")
    user: Mapped["User | None"] = relationship(lazy="raise")

    __table_args__ = (Index("ix_emergency_accesses_pet_id", "pet_id", "created_at"),)
