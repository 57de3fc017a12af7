"""Lets appointments step aside for a moment, so that each can take what another one has."""

from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from vetcore.models import Appointment
from vetcore.scheduling.moving import place
from vetcore.values.appointments import AppointmentStatus

__all__ = ["come_back", "step_aside"]

_ASIDE: Final = AppointmentStatus.EXPIRED
"""A status that occupies nothing."""


async def step_aside(session: AsyncSession, *appointments: Appointment) -> None:
    """Let appointments occupy nothing, until they :func:`come_back`. The session knows them as they are.

    It is for a savepoint in which each of them takes what another one has. Their versions stay, since
    nobody will have seen this.
    """
    row: Any = Appointment.__table__
    stays = {name: row.c[name] for name in ("version", "updated_at", "updated_by_id")}
    which = row.c.id.in_([each.id for each in appointments])
    await session.execute(update(row).where(which).values(status=_ASIDE, **stays))


async def come_back(
    session: AsyncSession, appointment: Appointment, changes: dict[str, Any]
) -> Appointment:
    """Write the changes of an appointment that stepped aside. It has the status of before.

    Raises:
        SlotTaken: something is not free.
    """
    status = appointment.status
    set_committed_value(appointment, "status", _ASIDE)
    return await place(session, appointment, changes | {"status": status})
