"""How long a visit makes a pet a patient of the clinic.

Rights never follow from what a clinic can do alone. A visit counts where the pet's owner has agreed to
the clinic's care: by booking it, by a registration that the owner made or accepted, or by an earlier
visit that took place and still counts.
"""

from datetime import datetime

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.models import Appointment, Clinic, ClinicPatient
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.dates import add_months
from vetcore.values.intervals import floor, instant
from vetcore.values.walltime import local_day, midnight, zone_named

__all__ = ["remembered_until", "stop_remembering"]


async def remembered_until(
    session: AsyncSession, visit: Appointment, moment: datetime
) -> datetime | None:
    """Return until when a visit that ends at ``moment`` makes its pet a patient of the clinic.

    Args:
        session: any.
        visit: as it was booked.
        moment: when it ended.

    Returns:
        The end of a day by the clinic's calendar, ``retention_months`` later. Where the owner has
        agreed to nothing, or that was over when the pet came, it is what it was.
    """
    registered = exists().where(
        ClinicPatient.pet_id == visit.pet_id,
        ClinicPatient.clinic_id == visit.clinic_id,
        ClinicPatient.agreed_at.is_not(None),
        ClinicPatient.ended_at.is_(None),
        ClinicPatient.deleted_at.is_(None),
    )
    seen = exists().where(
        Appointment.pet_id == visit.pet_id,
        Appointment.clinic_id == visit.clinic_id,
        # What they have cancelled, or is still to come, says nothing of another visit.
        Appointment.status == AppointmentStatus.COMPLETED,
        Appointment.patient_until > moment,
    )
    query = select(Clinic.timezone, Clinic.booking_policy, or_(registered, seen))
    everything = {"include_deleted": True}
    found = await session.execute(
        query.where(Clinic.id == visit.clinic_id), execution_options=everything
    )
    zone_name, policy, agreed = found.one()
    # What was missed, and is said to take place when its day is over, counts no more.
    came_at = visit.checked_in_at or moment
    lasts = visit.patient_until is not None and visit.patient_until > came_at
    if not (agreed or lasts):
        return visit.patient_until
    zone = zone_named(zone_name)
    last_day = add_months(local_day(floor(moment), zone), policy.retention_months)
    until = instant(midnight(last_day, zone))
    return until if visit.patient_until is None else max(until, visit.patient_until)


async def stop_remembering(
    session: AsyncSession, *, pet_id: object, clinic_id: object | None = None
) -> None:
    """Let no visit of a pet make it a patient any more: of one clinic, or of every clinic."""
    change = update(Appointment).where(
        Appointment.pet_id == pet_id, Appointment.patient_until.is_not(None)
    )
    if clinic_id is not None:
        change = change.where(Appointment.clinic_id == clinic_id)
    await session.execute(
        change.values(patient_until=None), execution_options={"include_deleted": True}
    )
