"""Moves appointments and wishes from one row of an animal to another row of the same animal."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database.locking import locked_rows
from vetcore.errors import SlotTaken
from vetcore.models import Appointment, AppointmentSeries, WaitlistEntry
from vetcore.scheduling.waitlist import leave_waitlist
from vetcore.values.appointments import AppointmentStatus

__all__ = ["merge_visits"]

_EVERYTHING: Final = {"include_deleted": True}


async def merge_visits(session: AsyncSession, *, pet_id: UUID, into: UUID) -> None:
    """Move a pet's appointments and wishes for slots to another row of the same animal.

    If both wait for one service at one clinic, the wish that moves is withdrawn. Holds that have
    run out are marked as expired. No permission is checked, and nobody is notified.

    Args:
        session: of a transaction in which both pets are locked.
        pet_id: whose appointments and wishes move.
        into: to whom.

    Raises:
        SlotTaken: both have an appointment at one time, which one animal cannot have had.
    """
    await _leave_twice(session, pet_id, into)
    # Before the appointments, as whoever moves a series locks it.
    series = select(AppointmentSeries).where(AppointmentSeries.pet_id == pet_id)
    for agreed in await locked_rows(session, series.execution_options(**_EVERYTHING)):
        agreed.pet_id = into
    both = select(Appointment).where(Appointment.pet_id.in_([pet_id, into]))
    visits = await locked_rows(session, both.execution_options(**_EVERYTHING))
    now = clock.now()
    for visit in visits:
        expires = visit.hold_expires_at
        if visit.status is AppointmentStatus.HELD and expires is not None and expires <= now:
            visit.status = AppointmentStatus.EXPIRED
    _require_apart(visits)
    await session.flush()
    for visit in visits:
        visit.pet_id = into
    wishes = select(WaitlistEntry).where(WaitlistEntry.pet_id == pet_id)
    for entry in await locked_rows(session, wishes.execution_options(**_EVERYTHING)):
        entry.pet_id = into
    await session.flush()


async def _leave_twice(session: AsyncSession, pet_id: UUID, into: UUID) -> None:
    """End the moving pet's waiting for what the other one waits for as well."""
    both = select(WaitlistEntry).where(WaitlistEntry.pet_id.in_([pet_id, into]))
    waiting = [entry for entry in await locked_rows(session, both) if entry.status.is_open]
    known = {(entry.clinic_id, entry.service) for entry in waiting if entry.pet_id == into}
    for entry in waiting:
        if entry.pet_id == pet_id and (entry.clinic_id, entry.service) in known:
            await leave_waitlist(session, entry.id)


def _require_apart(visits: Sequence[Appointment]) -> None:
    occupying = [visit for visit in visits if visit.status.occupies and not visit.is_deleted]
    by_start = sorted(occupying, key=lambda visit: visit.starts_at)
    for earlier, later in pairwise(by_start):
        if later.starts_at < earlier.ends_at:
            raise SlotTaken(
                resource="pet",
                resource_id=later.pet_id,
                start=later.starts_at,
                end=later.ends_at,
            )
