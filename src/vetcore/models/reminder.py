"""Reminders of vaccinations that fall due, and who sends them."""

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vetcore.models.base import Code, Entity, ShortText
from vetcore.models.types import BoundedText

if TYPE_CHECKING:
    from vetcore.models.pet import Pet

__all__ = ["VaccinationReminder"]


class VaccinationReminder(Entity):
    """The reminder of a pet's vaccination that is due on a day, and the worker that claimed it.

    Another worker may take the reminder over if the claim runs out (``claimed_until``) and
    ``sent_at`` is still None.
    """

    __tablename__ = "vaccination_reminders"

    pet_id: Mapped[UUID] = mapped_column(ForeignKey("pets.id", ondelete="CASCADE"))
    due_on: Mapped[date]
    claimed_by: Mapped[Code]
    claimed_until: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=1, server_default="1")
    sent_at: Mapped[datetime | None]
    channel: Mapped[str | None] = mapped_column(BoundedText(32))
    error: Mapped[ShortText | None]

    pet: Mapped["Pet"] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("attempts > 0", name="attempts"),
        Index("uq_vaccination_reminders_pet_id_due_on", "pet_id", "due_on", unique=True),
    )
