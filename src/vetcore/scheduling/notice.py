"""The clinic's notice: until when an owner may change what was agreed."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.models import Appointment, Clinic
from vetcore.scheduling.errors import TooLateToCancel
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity

__all__ = ["policy_of", "require_notice"]


def require_notice(appointment: Appointment, policy: BookingPolicy, by: Capacity) -> None:
    """Refuse an owner who cancels or moves an appointment too shortly before it starts.

    Raises:
        TooLateToCancel: the start is nearer than the notice of the clinic's booking policy.
    """
    minutes = policy.cancellation_notice_minutes
    if not by.is_staff and clock.now() > appointment.starts_at - timedelta(minutes=minutes):
        raise TooLateToCancel(start=appointment.starts_at, notice_minutes=minutes)


async def policy_of(session: AsyncSession, clinic_id: UUID) -> BookingPolicy:
    """Return the booking policy of a clinic, also of one that is deleted."""
    everything = {"include_deleted": True}
    clinic = await session.get_one(Clinic, clinic_id, execution_options=everything)
    return clinic.booking_policy
