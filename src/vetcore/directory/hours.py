"""When a clinic is open."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import opening_hours
from opening_hours import OpeningHours

from vetcore.models import Clinic, ClinicClosure

__all__ = ["Interval", "is_open", "open_intervals"]

Interval = tuple[datetime, datetime]
"""The instants from the first, up to and without the second."""

_DAY = timedelta(days=1)


def is_open(clinic: Clinic, closures: Sequence[ClinicClosure], instant: datetime) -> bool:
    """Whether the clinic is open at ``instant``: closures first, then its weekly hours.

    A night's span belongs to the day on which it starts, and so does its closure.
    """
    hours = _hours(clinic.opening_hours, clinic.timezone, clinic.address.country)
    wall_time = instant.astimezone(ZoneInfo(clinic.timezone))
    today = wall_time.date()
    if not closures:
        return hours.is_open(wall_time)
    if _belongs_to_yesterday(hours, wall_time):
        return _exception(closures, today - _DAY) is None
    closure = _exception(closures, today)
    if closure is None:
        return hours.is_open(wall_time)
    if closure.opening_hours is None:
        return False
    return _hours(closure.opening_hours, clinic.timezone, None).is_open(wall_time)


def open_intervals(
    hours: str, clinic: Clinic, start: datetime, end: datetime
) -> Iterator[Interval]:
    """When ``hours`` are open between two instants, in the clinic's zone and country.

    Closures are not looked at: ``hours`` may be the clinic's, a closure's or a member of staff's.
    """
    known = _hours(hours, clinic.timezone, clinic.address.country)
    zone = ZoneInfo(clinic.timezone)
    for begin, until, state, _ in known.intervals(start.astimezone(zone), end.astimezone(zone)):
        if str(state) == "open":
            yield begin, until


def _belongs_to_yesterday(hours: OpeningHours, wall_time: datetime) -> bool:
    """Whether the clinic is open in a night that began the day before."""
    midnight = wall_time.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    started = midnight - _DAY
    for begin, end, state, _ in hours.intervals(started, wall_time + _DAY):
        if str(state) == "open" and begin <= wall_time < end:
            return started < begin < midnight
    return False


def _exception(closures: Sequence[ClinicClosure], day: date) -> ClinicClosure | None:
    return next((c for c in closures if c.first_on <= day <= c.last_on), None)


@lru_cache(maxsize=4096)
def _hours(text: str, timezone: str, country: str | None) -> OpeningHours:
    zone = ZoneInfo(timezone)
    try:
        return OpeningHours(text, timezone=zone, country=country)
    except opening_hours.UnknownCountryError:  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]  # missing in its stubs
        # No calendar of that country's public holidays is known.
        return OpeningHours(text, timezone=zone)
