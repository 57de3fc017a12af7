"""Moves and cancels the appointments of pets that come together, all of them or none."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.database.locking import locked_rows
from vetcore.errors import InvalidValue, NotFound, VetcoreError
from vetcore.models import Appointment
from vetcore.scheduling.conflicts import Wanted, take_turns_for
from vetcore.scheduling.day_turns import counted_in_turn, days_of_moves, take_turns_of_days
from vetcore.scheduling.group_visits import together
from vetcore.scheduling.groups import seats, take_turn_in_group
from vetcore.scheduling.lifecycle import cancel
from vetcore.scheduling.moving import (
    Target,
    relocated,
    require_movable,
    world_to_move_in,
)
from vetcore.scheduling.notice import policy_of, require_notice
from vetcore.scheduling.rules import (
    require_overridable,
    require_staff_squeezes,
    require_whole_minute,
)
from vetcore.scheduling.stepping_aside import come_back, step_aside
from vetcore.scheduling.world import World
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.intervals import floor

__all__ = ["cancel_group_visit", "group_of", "move_group_visit"]


async def move_group_visit(  # noqa: PLR0913
    session: AsyncSession,
    appointment_id: UUID,
    *,
    starts_at: datetime,
    by: Capacity,
    practitioner_id: UUID | None = None,
    room_id: UUID | None = None,
    overrides: Collection[str] = (),
    squeeze_reason: str | None = None,
) -> list[Appointment]:
    """Move all appointments of a group visit that are to come, all of them or none.

    They stay together, at their clinic and for their service. If the service has places, and a group
    visit with enough of them begins then, they join it. No permission is checked, and nobody is
    notified.

    Args:
        session: of a transaction.
        appointment_id: one of them.
        starts_at: the new start.
        by: in what capacity it is asked for.
        practitioner_id: another person to see the pets; the same if none is given.
        room_id: another room; if none is given, the same where it is free, else the first free one.
        overrides: codes of rules that staff set aside; those that were broken are recorded.
        squeeze_reason: why staff may place it beside what its practitioner or its room is occupied
            with.

    Returns:
        The appointments, in the order of their places.

    Raises:
        SlotTaken: practitioner, room or one of the pets is occupied then.
        NotBookable: a rule refuses the new time for one of them.
        InvalidTransition: the appointment has begun, or is over.
        HoldExpired: one of them is a hold that has run out.
        NotFound: there is no such appointment.
        InvalidValue: it is of no group visit; or as for :func:`vetcore.scheduling.move`.
    """
    require_whole_minute(starts_at)
    require_overridable(overrides, by)
    require_staff_squeezes(squeeze_reason, by)
    rows = await _members(session, appointment_id)
    if not by.is_staff:
        policy = await policy_of(session, rows[0].clinic_id)
        for each in rows:
            if each.status is not AppointmentStatus.HELD:
                require_notice(each, policy, by)
    # In the order of whoever books: the turn of the group visit, of the day, and of the resources.
    one = rows[0]
    await take_turn_in_group(session, one.clinic_id, one.service, floor(starts_at))
    names = await days_of_moves(session, [(each, starts_at) for each in rows])
    await take_turns_of_days(session, names)
    others = (key for each in rows for key in (each.pet_id, each.room_id))
    await take_turns_for(session, Wanted.by(one, {}), practitioner_id, room_id, *others)
    target = Target(
        starts_at,
        practitioner_id=practitioner_id,
        room_id=room_id,
        squeeze_reason=squeeze_reason,
        party=len(rows),
    )
    try:
        async with session.begin_nested():
            await _go_together(session, rows, target, by, overrides)
    except VetcoreError:
        # The savepoint took all back, and the session must know the rows as they are.
        for each in rows:
            await session.refresh(each)
        raise
    return rows


async def _go_together(
    session: AsyncSession,
    rows: Sequence[Appointment],
    target: Target,
    by: Capacity,
    overrides: Collection[str],
) -> None:
    await step_aside(session, *rows)
    changes: dict[UUID, dict[str, Any]] = {}
    seated: list[dict[str, Any]] = []
    worlds = [
        await counted_in_turn(
            session, await world_to_move_in(session, each, target, by=by), present=each
        )
        for each in rows
    ]
    for number, (each, there) in enumerate(zip(rows, together(worlds), strict=True)):
        world = there
        if number:
            shared = changes[rows[0].id]["room_id"]
            world = replace(there, rooms=tuple(it for it in there.rooms if it.id == shared))
        changed = relocated(each, world, target, overrides=overrides)
        if not number:
            seated = _seats(world, rows, changed)
        changes[each.id] = changed | seated[number]
    for each in rows:
        await come_back(session, each, changes[each.id])


def _seats(
    world: World, rows: Sequence[Appointment], changed: dict[str, Any]
) -> list[dict[str, Any]]:
    """The places of each in the group visit that they join, or in their own."""
    start = floor(changed["starts_at"])
    person = next(who for who in world.practitioners if who.id == changed["practitioner_id"])
    if world.group_at(person.id, start) is not None:
        return seats(world, person, start)
    names = ("group_id", "group_place", "group_places")
    return [{name: getattr(each, name) for name in names} for each in rows]


async def cancel_group_visit(
    session: AsyncSession, appointment_id: UUID, *, by: Capacity, reason: str | None = None
) -> list[Appointment]:
    """Cancel all appointments of a group visit that are to come, all of them or none.

    Args:
        session: of a transaction.
        appointment_id: one of them.
        by: in what capacity it is asked for: the clinic's notice binds owners only.
        reason: for the record.

    Returns:
        The appointments, in the order of their places.

    Raises:
        TooLateToCancel: the start is nearer than that notice.
        InvalidTransition: the appointment has begun, or is over.
        NotFound: there is no such appointment.
        InvalidValue: it is of no group visit.
    """
    rows = await _members(session, appointment_id)
    return [await cancel(session, each.id, by=by, reason=reason) for each in rows]


def group_of(appointment_id: UUID, group_id: UUID | None) -> UUID:
    """Return the group visit of an appointment.

    Raises:
        InvalidValue: it is of none.
    """
    if group_id is None:
        raise InvalidValue(
            field="id",
            rule="is an appointment of no group visit",
            expected="one of several pets that come together",
            value=appointment_id,
        )
    return group_id


async def _members(session: AsyncSession, appointment_id: UUID) -> list[Appointment]:
    """The appointments to come of the group visit of one of them, locked."""
    row = Appointment
    found = (
        await session.execute(select(row.group_id, row.clinic_id).where(row.id == appointment_id))
    ).one_or_none()
    if found is None:
        raise NotFound(entity=row, key=appointment_id)
    group_id = group_of(appointment_id, found.group_id)
    rows = await locked_rows(
        session, select(row).where(row.group_id == group_id, row.clinic_id == found.clinic_id)
    )
    named = next((each for each in rows if each.id == appointment_id), None)
    if named is None or named.group_id != group_id:
        raise NotFound(entity=row, key=appointment_id)
    require_movable(named)
    standing = [
        each
        for each in rows
        if each.status in AppointmentStatus.to_come() and each.starts_at == named.starts_at
    ]
    return sorted(standing, key=lambda each: each.group_place or 0)
