"""Works out where the appointments of a series come to stand when it is moved. Nothing is written.

The named appointment says by its new start what changes: the time of day, and on another day the
weekday or the day of the month. The others follow in the rule. Those that were moved alone had a
reason; they stay, unless it is them that is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from vetcore import clock
from vetcore.models import Appointment, AppointmentSeries
from vetcore.values.appointments import AppointmentStatus, SeriesScope
from vetcore.values.recurrence import Place, Recurrence
from vetcore.values.walltime import AgreedTime, shown

__all__ = ["Target", "Timeline", "chosen", "is_to_come", "timeline"]


@dataclass(frozen=True, slots=True)
class Target:
    """An appointment, and where it is to stand."""

    appointment: Appointment
    starts_at: datetime
    """In UTC; its own start where it stays."""
    stays: bool = False
    """It was moved alone, and keeps its time."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Where all come to stand, and the rule by which they do."""

    targets: tuple[Target, ...]
    """By their new starts."""
    since: int = 1
    """The place from which on the new rule counts, in the old one."""
    rule: Recurrence | None = None
    """From that place on; None where day and time stay, or no rule is known."""
    first: datetime | None = None
    """The first start by the new rule, in UTC."""


def is_to_come(appointment: Appointment, now: datetime) -> bool:
    """Return whether an appointment has neither begun nor is over, and still stands."""
    expires = appointment.hold_expires_at
    ran_out = appointment.status is AppointmentStatus.HELD and (expires is None or expires <= now)
    stands = appointment.status in AppointmentStatus.to_come()
    return stands and appointment.starts_at > now and not ran_out


def chosen(
    rows: Sequence[Appointment], named: Appointment, scope: SeriesScope
) -> list[Appointment]:
    """Return the appointments of a series that an act is about, of those still to come, in order."""
    now = clock.now()
    some = sorted((row for row in rows if is_to_come(row, now)), key=_order)
    match scope:
        case SeriesScope.THIS:
            return [row for row in some if row.id == named.id]
        case SeriesScope.FOLLOWING:
            return [row for row in some if _order(row) >= _order(named)]
        case SeriesScope.ALL:
            return some


def _order(row: Appointment) -> tuple[int, datetime, UUID]:
    # Rows that other software wrote may have no place: they go by their start.
    return row.series_place or 0, row.starts_at, row.id


def timeline(  # noqa: PLR0913
    series: AppointmentSeries,
    rows: Sequence[Appointment],
    moving: Sequence[Appointment],
    *,
    named: Appointment,
    starts_at: datetime,
    zone: ZoneInfo,
) -> Timeline:
    """Return where the moving appointments come to stand when one of them starts at an instant.

    Args:
        series: what was agreed.
        rows: all of its appointments.
        moving: those that move, of one order.
        named: the one whose new start is known.
        starts_at: that start.
        zone: of the clinic.

    Raises:
        InvalidValue: the rule has no such day.
    """
    places = _places(series, zone)
    here = places.get(named.series_place or 0)
    if here is None:
        return _all_as_far(moving, named, starts_at, zone)
    new = shown(starts_at, zone)
    since = min(row.series_place or 1 for row in moving)
    if all((row.series_place or 0) >= since for row in rows):
        since = 1
    if new == here.wall:
        after = places
        rule = None
    else:
        rule, after = _moved(series, places, here, new, since=since, starts_at=starts_at, zone=zone)
    targets: list[Target] = []
    for row in moving:
        number = row.series_place or 0
        follows = number in after and _stands_at(row, places[number], zone)
        if follows or row.id == named.id:
            targets.append(Target(row, after[number].instant))
        else:
            targets.append(Target(row, row.starts_at, stays=True))
    return Timeline(
        tuple(sorted(targets, key=lambda each: (each.starts_at, each.appointment.id))),
        since,
        rule,
        None if rule is None else after[since].instant,
    )


def _places(series: AppointmentSeries, zone: ZoneInfo) -> dict[int, Place]:
    """The places of a series by number, on the clinic's clock of today."""
    first = AgreedTime.parse(series.first_wall_time or "")
    if series.rule is None or first is None:
        return {}
    begin = first.instant
    if first.timezone != zone.key:
        begin = first.wall.replace(tzinfo=zone)
    places = Recurrence.parse(series.rule).all_places(begin, zone)
    return {place.number: place for place in places}


def _moved(  # noqa: PLR0913
    series: AppointmentSeries,
    places: dict[int, Place],
    here: Place,
    new: datetime,
    *,
    since: int,
    starts_at: datetime,
    zone: ZoneInfo,
) -> tuple[Recurrence, dict[int, Place]]:
    """The rule from a place on, and the new places by their old numbers."""
    old = Recurrence.parse(series.rule or "")
    begin = datetime.combine(
        old.counterpart(places[since].wall.date(), here.wall.date(), new.date()), new.time()
    )
    first = starts_at if begin == new else begin.replace(tzinfo=zone).astimezone(UTC)
    rule = old.moved(here.wall.date(), new.date()).head(len(places) - since + 1)
    rule = replace(rule, exceptions=())
    after = {each.number + since - 1: each for each in rule.all_places(first, zone)}
    left_out: list[date] = [
        after[number].wall.date()
        for number, place in places.items()
        if number >= since and old.leaves_out(place)
    ]
    return replace(rule, exceptions=tuple(left_out)), after


def _stands_at(row: Appointment, place: Place, zone: ZoneInfo) -> bool:
    """Whether an appointment is where the series has it: whether it was not moved alone."""
    agreed = AgreedTime.parse(row.wall_time or "")
    wall = shown(row.starts_at, zone) if agreed is None else agreed.wall
    return row.starts_at == place.instant or wall == place.wall


def _all_as_far(
    moving: Sequence[Appointment], named: Appointment, starts_at: datetime, zone: ZoneInfo
) -> Timeline:
    """Where they stand if no rule is known: each so many days later, at the new time of day."""
    new = shown(starts_at, zone)
    days = new.date() - shown(named.starts_at, zone).date()

    def of(row: Appointment) -> datetime:
        if row.id == named.id:
            return starts_at.astimezone(UTC)
        day = shown(row.starts_at, zone).date() + timedelta(days=days.days)
        return datetime.combine(day, new.time(), zone).astimezone(UTC)

    targets = sorted((Target(row, of(row)) for row in moving), key=lambda each: each.starts_at)
    return Timeline(tuple(targets))
