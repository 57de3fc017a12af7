"""Foresees what moving the appointments of a series would come to. Nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from vetcore.database import ReadSession
from vetcore.errors import BookingRefused
from vetcore.models import Appointment
from vetcore.scheduling.day_turns import turns_of
from vetcore.scheduling.facts import Means, PractitionerFacts
from vetcore.scheduling.foreseeing import Foreseen, Outlook, Turns
from vetcore.scheduling.loading import load_world
from vetcore.scheduling.notice import require_notice
from vetcore.scheduling.occupying import all_occupied_beside, candidates
from vetcore.scheduling.rescheduling import Target, Timeline
from vetcore.scheduling.rules import absence, refusal
from vetcore.scheduling.world import World
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.intervals import floor

__all__ = ["Beside", "foresee_moves"]


class Beside(NamedTuple):
    """What a move asks for beside the time."""

    by: Capacity
    practitioner_id: UUID | None
    room_id: UUID | None
    overrides: tuple[str, ...]

    def leaves(self, target: Target) -> bool:
        """Return whether nothing of an appointment is to change."""
        same = target.starts_at == target.appointment.starts_at
        return same and self.practitioner_id is None and self.room_id is None


async def foresee_moves(
    session: ReadSession, plan: Timeline, more: Beside
) -> tuple[list[Foreseen], Turns]:
    """Return what would become of each, and the turns of all that one of them has or could get."""
    having = await all_occupied_beside(session, [each.appointment.id for each in plan.targets])
    several: dict[tuple[Any, ...], list[Target]] = {}
    for each in plan.targets:
        kind = each.appointment.service, each.appointment.duration_minutes
        several.setdefault(kind, []).append(each)
    found: list[Foreseen] = []
    turns = Turns(set(), {key for each in having.values() for key in each.ids})
    for alike in several.values():
        found += await _foreseen_alike(session, plan, alike, more, turns, having)
    return sorted(found, key=lambda each: each.starts_at), turns


async def _foreseen_alike(  # noqa: PLR0913, PLR0917 -- of one call
    session: ReadSession,
    plan: Timeline,
    alike: Sequence[Target],
    more: Beside,
    turns: Turns,
    having: Mapping[UUID, Means],
) -> list[Foreseen]:
    """The same of appointments with one service and one length, from one world."""
    one, resources = alike[0].appointment, turns.resources
    starts = [each.starts_at for each in alike]
    for each in alike:
        row = each.appointment
        resources.update(filter(None, (row.practitioner_id, row.room_id, row.pet_id)))
    try:
        world = await load_world(
            session,
            clinic_id=one.clinic_id,
            service=one.service,
            start=min(starts),
            end=max(starts) + timedelta(minutes=1),
            by=more.by,
            practitioner_id=more.practitioner_id,
            pet_id=one.pet_id,
            room_id=more.room_id,
            duration=None
            if one.duration_minutes is None
            else timedelta(minutes=one.duration_minutes),
            new_patient=any(each.appointment.new_patient for each in alike),
        )
    except BookingRefused as error:
        return [_as_foreseen(each, error) for each in alike]
    resources.update(each.id for each in world.rooms if world.needs_room)
    resources.update(candidates(world))
    if more.practitioner_id is not None:
        resources.update(each.id for each in world.practitioners)
    turns.days.update(name for at in starts for name in turns_of(world, floor(at)))
    outlook = Outlook(world, without=[each.appointment for each in plan.targets], having=having)
    found: list[Foreseen] = []
    # What stays has its time before others come.
    for each in sorted(alike, key=lambda each: not each.stays):
        start = floor(each.starts_at)
        near = outlook.at(start, new_patient=each.appointment.new_patient)
        near = replace(near, kept=having.get(each.appointment.id, Means()))
        who = _who(near, each.appointment, more)
        reason = None if more.leaves(each) else _refusal(near, who, each, more)
        room = None
        if reason is None and who is not None:
            room = outlook.take(near, who, start, present=each.appointment.room_id)
        found.append(_as_foreseen(each, reason, who, room))
    return found


def _who(world: World, row: Appointment, more: Beside) -> PractitionerFacts | None:
    """The person who is to see the pet, if they work there."""
    people = world.practitioners
    if more.practitioner_id is not None:
        return next(iter(people), None)
    return next((each for each in people if each.id == row.practitioner_id), None)


def _refusal(
    world: World, who: PractitionerFacts | None, target: Target, more: Beside
) -> BookingRefused | None:
    row, start = target.appointment, floor(target.starts_at)
    if row.status is not AppointmentStatus.HELD:
        try:
            require_notice(row, world.policy, more.by)
        except BookingRefused as error:
            return error
    reason = refusal(world, who, start, overrides=more.overrides)
    if reason is None and who is None:
        return absence(world, more.practitioner_id or row.practitioner_id, start)
    return reason


def _as_foreseen(
    target: Target,
    error: BookingRefused | None,
    who: PractitionerFacts | None = None,
    room_id: UUID | None = None,
) -> Foreseen:
    return Foreseen(
        place=target.appointment.series_place,
        starts_at=target.starts_at,
        practitioner_id=None if who is None or error is not None else who.id,
        room_id=room_id,
        error=error,
        appointment_id=target.appointment.id,
    )
