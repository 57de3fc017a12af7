"""Moves and cancels a series: one of its appointments, that and the following, or all to come.

What begins a change locks the series first, and then all of its appointments in one order, so that of
two who change one series the second sees what the first has done.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.database.locking import locked, locked_rows, take_turns
from vetcore.errors import (
    BookingRefused,
    ConcurrentUpdate,
    InvalidTransition,
    InvalidValue,
    NotFound,
    SlotTaken,
)
from vetcore.models import Appointment, AppointmentSeries
from vetcore.scheduling.day_turns import take_turns_of_days
from vetcore.scheduling.errors import DayIsFull, InThePast
from vetcore.scheduling.foreseeing import SeriesPreview, zone_of
from vetcore.scheduling.foreseeing_moves import Beside, foresee_moves
from vetcore.scheduling.lifecycle import cancel
from vetcore.scheduling.moving import move
from vetcore.scheduling.rescheduling import Target, Timeline, chosen, is_to_come, timeline
from vetcore.scheduling.rules import require_overridable, require_whole_minute
from vetcore.scheduling.series import Keep, Occurrence, SeriesConflict, SeriesReport, require_keep
from vetcore.values.appointments import AppointmentStatus, SeriesScope
from vetcore.values.capacity import Capacity
from vetcore.values.recurrence import Recurrence
from vetcore.values.walltime import AgreedTime

__all__ = ["cancel_series", "lock_series", "move_series", "preview_series_move"]

_TRIES: Final = 5


_Change = tuple[AppointmentSeries, Sequence[Appointment], Appointment]


async def lock_series(session: AsyncSession, appointment_id: UUID) -> _Change:
    """Lock the series of an appointment, and all of its appointments, as they are now.

    Returns:
        The series, its appointments by id, and the named one among them.

    Raises:
        NotFound: there is no such appointment.
        InvalidValue: it belongs to no series.
    """
    for _ in range(_TRIES):
        series_id = await _series_of(session, appointment_id)
        series = await locked(session, AppointmentSeries, series_id)
        rows = await locked_rows(
            session, select(Appointment).where(Appointment.series_id == series_id)
        )
        for row in rows:
            if row.id == appointment_id:
                return series, rows, row
        # Somebody has split the series meanwhile, so that the appointment is in another one.
    message = f"appointment {appointment_id} went from one series to another meanwhile"
    raise ConcurrentUpdate(message, table="appointments")


async def _series_of(session: ReadSession, appointment_id: UUID) -> UUID:
    found = await session.execute(
        select(Appointment.series_id).where(Appointment.id == appointment_id)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound(entity=Appointment, key=appointment_id)
    (series_id,) = row
    if series_id is None:
        raise InvalidValue(
            field="id",
            rule="is of an appointment that belongs to no series",
            expected="an appointment of a series",
            value=str(appointment_id),
        )
    return UUID(str(series_id))


async def cancel_series(
    session: AsyncSession,
    appointment_id: UUID,
    *,
    scope: SeriesScope,
    by: Capacity,
    reason: str | None = None,
) -> list[Appointment]:
    """Cancel an appointment of a series, and others with it. On an error, none is cancelled.

    Appointments that have begun, are over or were cancelled stay as they are. What was agreed for the
    series stays: an appointment that was cancelled can be reinstated at its place.

    Args:
        session: of a transaction.
        appointment_id: an appointment of the series.
        scope: whether it alone, it and the following, or all that are still to come.
        by: in what capacity it is asked for: the clinic's notice binds owners only.
        reason: for the record.

    Returns:
        Those that were cancelled, by their place in the series.

    Raises:
        TooLateToCancel: one starts before that notice.
        InvalidTransition: the scope is this one alone, and its status does not allow that.
        NotFound: there is no such appointment.
        InvalidValue: it belongs to no series.
    """
    _, rows, named = await lock_series(session, appointment_id)
    if scope is SeriesScope.THIS:
        return [await cancel(session, named.id, by=by, reason=reason)]
    some, keys = chosen(rows, named, scope), [row.id for row in rows]
    try:
        async with session.begin_nested():
            for each in some:
                await cancel(session, each.id, by=by, reason=reason)
    except BookingRefused:
        await _know_again(session, keys)
        raise
    return some


async def _know_again(session: AsyncSession, keys: Sequence[UUID]) -> None:
    """Let the session know rows as they are, after a savepoint or a statement has changed them."""
    await locked_rows(session, select(Appointment).where(Appointment.id.in_(keys)))


async def preview_series_move(  # noqa: PLR0913
    session: ReadSession,
    appointment_id: UUID,
    *,
    starts_at: datetime,
    scope: SeriesScope,
    by: Capacity,
    practitioner_id: UUID | None = None,
    room_id: UUID | None = None,
    overrides: Collection[str] = (),
) -> SeriesPreview:
    """Return what moving a series would come to: where each would stand, or why it cannot.

    The rules and the arguments are those of :func:`move_series`.

    Raises:
        NotFound: there is no such appointment.
        InvalidTransition: the appointment has begun, or is over.
        InThePast: it should have begun already.
        InvalidValue: as for :func:`move_series`.
    """
    require_whole_minute(starts_at)
    require_overridable(overrides, by)
    series_id = await _series_of(session, appointment_id)
    agreed = await session.scalars(
        select(AppointmentSeries).where(AppointmentSeries.id == series_id)
    )
    series = agreed.one()
    found = await session.scalars(select(Appointment).where(Appointment.series_id == series_id))
    rows = found.all()
    named = next(row for row in rows if row.id == appointment_id)
    plan = await _planned(session, (series, rows, named), starts_at, scope)
    more = Beside(by, practitioner_id, room_id, tuple(overrides))
    foreseen, _ = await foresee_moves(session, plan, more)
    return SeriesPreview(tuple(foreseen))


async def move_series(  # noqa: PLR0913
    session: AsyncSession,
    appointment_id: UUID,
    *,
    starts_at: datetime,
    scope: SeriesScope,
    by: Capacity,
    practitioner_id: UUID | None = None,
    room_id: UUID | None = None,
    overrides: Collection[str] = (),
    keep: Keep = "all",
) -> SeriesReport:
    """Move an appointment of a series, and others with it. Each keeps its id.

    The named appointment comes to start at ``starts_at``, and the others at that time of day. On
    another day than the series has for it, a weekly series comes to another weekday, and a monthly one
    to that weekday, or that day, of the month. What was moved alone keeps its time, and what has begun
    or is over is not touched. If others stay behind, those that move become a series of their own,
    which follows the first.

    Each moves by the rules of :func:`vetcore.scheduling.move`. They do not stand in each other's way.
    No permission is checked, and nobody is notified.

    Args:
        session: of a transaction.
        appointment_id: an appointment of the series.
        starts_at: its new start.
        scope: whether it alone, it and the following, or all that are still to come.
        by: in what capacity it is asked for: the clinic's notice binds owners.
        practitioner_id: another person to see the pet; the same if none is given.
        room_id: another room; if none is given, the same where it is free, else the first free one.
        overrides: codes of rules that staff set aside; those that were broken are recorded.
        keep: "all" moves all or nothing; "rest" moves what can be moved.

    Raises:
        SeriesConflict: with "all", one of them cannot be moved; its ``report`` tells which.
        InvalidTransition: the named appointment has begun, or is over.
        InThePast: it should have begun already.
        NotFound: there is no such appointment.
        InvalidValue: it belongs to no series; the rule of the series cannot come to such a day;
            ``starts_at`` is naive or no whole minute, or an override cannot be.
    """
    require_keep(keep)
    require_whole_minute(starts_at)
    require_overridable(overrides, by)
    change = await lock_series(session, appointment_id)
    series, rows, _ = change
    plan = await _planned(session, change, starts_at, scope)
    more = Beside(by, practitioner_id, room_id, tuple(overrides))
    foreseen, turns = await foresee_moves(session, plan, more)
    expected = {each.appointment_id: each.error for each in foreseen if each.appointment_id}
    if keep == "all" and any(error is not None for error in expected.values()):
        raise SeriesConflict(_report(series.id, plan, expected), act="moved")
    now, keys = clock.now(), [row.id for row in rows]
    going = [row.id for row in rows if _goes_along(row, plan.since, now)]
    # All at once and in one order: each move takes some of these turns again.
    await take_turns_of_days(session, turns.days)
    await take_turns(session, "resource", *turns.resources)
    try:
        async with session.begin_nested():
            errors = await _move_each(session, plan, more)
            if errors and keep == "all":
                raise SeriesConflict(_report(series.id, plan, errors), act="moved")
            series_id = series.id
            if plan.rule is not None and len(errors) < len(plan.targets):
                series_id = await _agree(session, series, plan, going)
    except BookingRefused:
        await _know_again(session, keys)
        raise
    await _know_again(session, keys)
    return _report(series_id, plan, errors)


async def _planned(
    session: ReadSession, change: _Change, starts_at: datetime, scope: SeriesScope
) -> Timeline:
    """Where the chosen ones come to stand.

    Raises:
        InvalidTransition: the named one has begun, or is over.
        InThePast: it should have begun.
        InvalidValue: the rule has no such day.
    """
    series, rows, named = change
    moving = chosen(rows, named, scope)
    zone = await zone_of(session, named.clinic_id)
    if named not in moving:
        if is_to_come(named, named.starts_at - timedelta(seconds=1)):
            raise InThePast(named.starts_at.astimezone(zone))
        raise InvalidTransition(
            entity="appointment",
            current=named.status,
            requested="moved",
            allowed=named.status.successors,
        )
    if scope is SeriesScope.THIS:
        return Timeline((Target(named, starts_at.astimezone(UTC)),))
    return timeline(series, rows, moving, named=named, starts_at=starts_at, zone=zone)


# What is done -------------------------------------------------------------------------------------


async def _move_each(
    session: AsyncSession, plan: Timeline, more: Beside
) -> dict[UUID, BookingRefused]:
    """Move each, and return what was refused, by appointment.

    Each makes room for the next: those that move on begin with the last, the others with the first.
    One that finds another of them in its way is tried again after that has moved.
    """
    later = [each for each in plan.targets if each.starts_at > each.appointment.starts_at]
    others = [each for each in plan.targets if each.starts_at <= each.appointment.starts_at]
    waiting = [each for each in (*reversed(later), *others) if not more.leaves(each)]
    errors: dict[UUID, BookingRefused] = {}
    while waiting:
        left: list[Target] = []
        for each in waiting:
            key = each.appointment.id
            errors.pop(key, None)
            try:
                await move(
                    session,
                    key,
                    starts_at=each.starts_at,
                    by=more.by,
                    practitioner_id=more.practitioner_id,
                    room_id=more.room_id,
                    overrides=more.overrides,
                )
            except BookingRefused as error:
                errors[key] = error
                if isinstance(error, SlotTaken | DayIsFull):
                    left.append(each)
        if len(left) == len(waiting):
            break
        waiting = left
    return errors


async def _agree(
    session: AsyncSession, series: AppointmentSeries, plan: Timeline, going: Sequence[UUID]
) -> UUID:
    """Keep the new rule: for the series, or for the part of it that goes its own way from here."""
    zone = await zone_of(session, series.clinic_id)
    wall_time = str(AgreedTime.at(plan.first, zone)) if plan.first is not None else None
    if plan.since == 1:
        series.rule, series.first_wall_time = str(plan.rule), wall_time
        await session.flush()
        return series.id
    part = AppointmentSeries(
        id=uuid7(),
        clinic_id=series.clinic_id,
        pet_id=series.pet_id,
        follows_id=series.id,
        rule=str(plan.rule),
        first_wall_time=wall_time,
    )
    series.rule = str(Recurrence.parse(series.rule or "").head(plan.since - 1))
    session.add(part)
    await session.flush()
    await session.execute(
        update(Appointment)
        .where(Appointment.id.in_(going))
        .values(series_id=part.id, series_place=Appointment.series_place - (plan.since - 1)),
        execution_options={"synchronize_session": False},
    )
    return part.id


def _goes_along(row: Appointment, since: int, now: datetime) -> bool:
    """Whether an appointment belongs to the part of the series that goes its own way."""
    stood_down = row.status in {AppointmentStatus.CANCELLED, AppointmentStatus.EXPIRED}
    return (row.series_place or 0) >= since and (stood_down or is_to_come(row, now))


def _report(
    series_id: UUID, plan: Timeline, errors: Mapping[UUID, BookingRefused | None]
) -> SeriesReport:
    return SeriesReport(
        series_id,
        tuple(
            Occurrence(
                each.starts_at,
                each.appointment,
                errors.get(each.appointment.id),
                each.appointment.series_place,
            )
            for each in plan.targets
        ),
    )
