"""Series of appointments: what was agreed for all of them."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vetcore.models.base import Entity
from vetcore.models.types import BoundedText
from vetcore.values.rulesyntax import LONGEST_RULE

if TYPE_CHECKING:
    from vetcore.models.clinic import Clinic
    from vetcore.models.pet import Pet

__all__ = ["AppointmentSeries"]


class AppointmentSeries(Entity):
    """Appointments of a pet at a clinic that were agreed by one rule.

    The appointments say what became of each. One that was moved alone keeps its place in the rule.
    """

    __tablename__ = "appointment_series"

    clinic_id: Mapped[UUID] = mapped_column(
        ForeignKey("clinics.id", ondelete="RESTRICT"), index=True
    )
    pet_id: Mapped[UUID] = mapped_column(ForeignKey("pets.id", ondelete="RESTRICT"), index=True)
    follows_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("appointment_series.id", ondelete="SET NULL"), index=True
    )
    """The series from which this one was split, when an appointment and all that follow were moved."""
    rule: Mapped[str | None] = mapped_column(BoundedText(LONGEST_RULE))
    """A recurrence rule with its exceptions (RFC 5545); None where it was agreed before rules were
    kept."""
    first_wall_time: Mapped[str | None] = mapped_column(BoundedText(100))
    """The first start as the clinic's clock was to show it when it was agreed (RFC 9557)."""

    clinic: Mapped["Clinic"] = relationship(lazy="raise")
    pet: Mapped["Pet"] = relationship(lazy="raise")
    follows: Mapped["AppointmentSeries | None"] = relationship(
        remote_side="AppointmentSeries.id", lazy="raise"
    )
