"""Swaps two appointments: each takes the time, the practitioner and the room of the other.

Neither can go first, since the other has its place. So within a savepoint both give their places up,
are judged, and take their new ones. Nobody else sees that, and nobody can take a place meanwhile:
what is written but not committed makes others wait.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.database.locking import locked
from vetcore.errors import InvalidValue, VetcoreError
from vetcore.models import Appointment
from vetcore.scheduling.conflicts import Wanted, take_turns_for
from vetcore.scheduling.day_turns import counted_in_turn, days_of_moves, take_turns_of_days
from vetcore.scheduling.moving import (
    Target,
    relocated,
    require_movable,
    world_to_move_in,
)
from vetcore.scheduling.notice import policy_of, require_notice
from vetcore.scheduling.occupying import occupied_beside
from vetcore.scheduling.rules import require_overridable
from vetcore.scheduling.stepping_aside import come_back, step_aside
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity

__all__ = ["swap"]


async def swap(
    session: AsyncSession,
    appointment_id: UUID,
    other_id: UUID,
    *,
    by: Capacity,
    overrides: Collection[str] = (),
) -> tuple[Appointment, Appointment]:
    """Let two appointments at one clinic exchange their times, practitioners and rooms.

    Each goes to the other's start, at its own length, and is judged as if it were moved there. If one
    cannot be, both stay as they are. A room is kept where the other's does not suit the service. No
    permission is checked, and nobody is notified.

    Args:
        session: of a transaction.
        appointment_id: the one.
        other_id: the other.
        by: in what capacity it is asked for.
        overrides: codes of rules that staff set aside, for both; those that were broken are recorded.

    Returns:
        Both, in the order in which they were named.

    Raises:
        SlotTaken: one of them does not fit into the other's place.
        NotBookable: a rule refuses it for one of them; ``TooLateToCancel`` if an owner is too late.
        InvalidTransition: one of them has begun, or is over.
        HoldExpired: one of them is a hold that has run out.
        NotFound: there is no such appointment.
        InvalidValue: both are the same, they are at different clinics, or an override cannot be.
    """
    require_overridable(overrides, by)
    if appointment_id == other_id:
        raise InvalidValue(field="other_id", rule="is the same appointment", value=other_id)
    rows = {
        key: await locked(session, Appointment, key) for key in sorted([appointment_id, other_id])
    }
    one, other = rows[appointment_id], rows[other_id]
    _require_one_clinic(one, other)
    for each in (one, other):
        require_movable(each)
    if not by.is_staff:
        policy = await policy_of(session, one.clinic_id)
        for each in (one, other):
            if each.status is not AppointmentStatus.HELD:
                require_notice(each, policy, by)
    days = await days_of_moves(session, [(one, other.starts_at), (other, one.starts_at)])
    await take_turns_of_days(session, days)
    more = [await occupied_beside(session, each.id) for each in (one, other)]
    beside = {key for each in more for key in each.ids}
    resources = other.practitioner_id, other.room_id, other.pet_id, *beside
    await take_turns_for(session, Wanted.by(one, {}), *resources)
    try:
        async with session.begin_nested():
            await _exchange(session, one, other, by=by, overrides=overrides)
    except VetcoreError:
        # The savepoint took all back, and the session must know the rows as they are.
        for each in (one, other):
            await session.refresh(each)
        raise
    return one, other


def _require_one_clinic(one: Appointment, other: Appointment) -> None:
    if one.clinic_id != other.clinic_id:
        raise InvalidValue(
            field="other_id",
            rule="is at another clinic",
            expected=f"an appointment at clinic {one.clinic_id}",
            value=other.id,
        )


async def _exchange(
    session: AsyncSession,
    one: Appointment,
    other: Appointment,
    *,
    by: Capacity,
    overrides: Collection[str],
) -> None:
    targets = {one.id: _place_of(other), other.id: _place_of(one)}
    rooms = {one.room_id, other.room_id}
    changes: dict[UUID, dict[str, Any]] = {}
    await step_aside(session, one, other)
    for each in (one, other):
        world = await world_to_move_in(session, each, targets[each.id], by=by)
        world = await counted_in_turn(session, world, present=each)
        # A further room is not taken: nobody waits for a turn of it.
        known = tuple(room for room in world.rooms if room.id in rooms)
        changes[each.id] = relocated(
            each, replace(world, rooms=known), targets[each.id], overrides=overrides
        )
    for each in (one, other):
        await come_back(session, each, changes[each.id])


def _place_of(appointment: Appointment) -> Target:
    return Target(
        appointment.starts_at,
        practitioner_id=appointment.practitioner_id,
        preferred_room_id=appointment.room_id,
        squeeze_reason=appointment.squeeze_reason,
    )
