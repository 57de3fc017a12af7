"""Time that a clinic keeps free under a label: lunch, a meeting, a room that is out of order."""

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vetcore.models.base import Entity
from vetcore.models.forms import Name
from vetcore.models.types import BoundedText

if TYPE_CHECKING:
    from vetcore.models.clinic import Clinic, Room
    from vetcore.models.user import User

__all__ = ["ScheduleBlock"]


class ScheduleBlock(Entity):
    """Time that a clinic keeps free under a label, once or again and again.

    It is the time of one practitioner at this clinic, of one room, or of everybody who works at the
    clinic. ``hours`` is OpenStreetMap syntax by the clinic's clock, such as ``Mo-Fr 12:00-13:00``. It
    counts on the clinic's local days from ``first_on`` to ``last_on``, both included. A span over
    midnight belongs to the day on which it begins.
    """

    __tablename__ = "schedule_blocks"

    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinics.id", ondelete="CASCADE"))
    practitioner_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    """The person whose time it is, a user; None if it is a room's or everybody's."""
    room_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("rooms.id", ondelete="CASCADE"), index=True
    )
    """The room that is not free; None if it is somebody's time."""
    label: Mapped[Name]
    first_on: Mapped[date]
    last_on: Mapped[date | None]
    """None means without an end."""
    hours: Mapped[str] = mapped_column(BoundedText(500))

    clinic: Mapped["Clinic"] = relationship(lazy="raise")
    practitioner: Mapped["User | None"] = relationship(foreign_keys=[practitioner_id], lazy="raise")
    room: Mapped["Room | None"] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("practitioner_id IS NULL OR room_id IS NULL", name="whose"),
        CheckConstraint("first_on <= last_on", name="dates"),
        CheckConstraint("label <> ''", name="label"),
        Index("ix_schedule_blocks_clinic_id_last_on", "clinic_id", "last_on"),
    )
