"""The waitlist: pets that wait for a slot to come free."""

from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vetcore.models.base import Entity, LongText, document
from vetcore.models.forms import ServiceCode
from vetcore.models.indexes import index
from vetcore.values.appointments import AppointmentPriority, WaitlistStatus

if TYPE_CHECKING:
    from vetcore.models.appointment import Appointment
    from vetcore.models.clinic import Clinic
    from vetcore.models.pet import Pet

__all__ = ["WaitlistEntry"]

_WAITING: Final = {"where": text("status IN ('waiting', 'offered') AND deleted_at IS NULL")}


class WaitlistEntry(Entity):
    """A pet that waits for a service at a clinic, to start in ``[earliest_at, latest_at)``.

    Entries are served by priority, and within a priority in the order of asking.
    """

    __tablename__ = "waitlist_entries"

    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinics.id", ondelete="CASCADE"))
    pet_id: Mapped[UUID] = mapped_column(ForeignKey("pets.id", ondelete="CASCADE"), index=True)
    practitioner_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    """The person who is to see the pet; None means any."""
    requested_by_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    offered_appointment_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("appointments.id", ondelete="SET NULL"), index=True
    )
    """The hold that was made for this entry."""
    service: Mapped[ServiceCode]
    priority: Mapped[AppointmentPriority] = mapped_column(default=AppointmentPriority.ROUTINE)
    status: Mapped[WaitlistStatus] = mapped_column(
        default=WaitlistStatus.WAITING, server_default=WaitlistStatus.WAITING.value
    )
    earliest_at: Mapped[datetime]
    latest_at: Mapped[datetime]
    notes: Mapped[LongText | None]
    offered_starts: Mapped[tuple[datetime, ...]] = document(tuple[datetime, ...], default=())
    """The starts of the slots that it was offered; none of them is offered again."""

    clinic: Mapped["Clinic"] = relationship(lazy="raise")
    pet: Mapped["Pet"] = relationship(lazy="raise")
    offered_appointment: Mapped["Appointment | None"] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("earliest_at < latest_at", name="times"),
        CheckConstraint("status <> 'offered' OR offered_appointment_id IS NOT NULL", name="offer"),
        Index(
            "ix_waitlist_entries_clinic_id_service_created_at", "clinic_id", "service", "created_at"
        ),
        # A pet waits once for one service at one clinic.
        index(
            "uq_waitlist_entries_clinic_id_pet_id_service",
            "clinic_id",
            "pet_id",
            "service",
            unique=True,
            postgresql=_WAITING,
            sqlite=_WAITING,
        ),
    )
