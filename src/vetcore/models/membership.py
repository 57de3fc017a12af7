"""Memberships: who works at which clinic, in which role, and when."""

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vetcore.models.base import Entity, LongText, unique_while_active
from vetcore.values.clinics import Employment
from vetcore.values.people import Role

if TYPE_CHECKING:
    from vetcore.models.clinic import Clinic
    from vetcore.models.user import User

__all__ = ["StaffMembership"]


class StaffMembership(Entity):
    """A user's membership at a clinic, from one local day to another, both included.

    ``working_hours`` is OpenStreetMap syntax in the clinic's wall time. None means that the person
    works whenever the clinic is open.
    """

    __tablename__ = "staff_memberships"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    clinic_id: Mapped[UUID] = mapped_column(
        ForeignKey("clinics.id", ondelete="CASCADE"), index=True
    )
    role: Mapped[Role]
    employment: Mapped[Employment] = mapped_column(default=Employment.FULL_TIME)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    working_hours: Mapped[LongText | None]

    user: Mapped["User"] = relationship(back_populates="memberships", lazy="raise")
    clinic: Mapped["Clinic"] = relationship(back_populates="staff", lazy="raise")

    __table_args__ = (
        unique_while_active("staff_memberships", "user_id", "clinic_id", "starts_on"),
        CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name="dates"),
        CheckConstraint("role NOT IN ('pet_owner', 'platform_admin')", name="staff_role"),
    )

    def is_active_on(self, day: date) -> bool:
        """Return whether the membership holds on that local day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)
