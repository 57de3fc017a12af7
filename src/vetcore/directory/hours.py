"""Whether a clinic is open at an instant."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache

from vetcore.models import Clinic, ClinicClosure
from vetcore.values.hours import OpeningHours
from vetcore.values.intervals import floor
from vetcore.values.walltime import local_day

__all__ = ["hours_of", "is_open"]

hours_of = lru_cache(maxsize=4096)(OpeningHours)
"""Opening hours by text, zone, country and part of it; reading them costs more than asking."""


def is_open(clinic: Clinic, closures: Sequence[ClinicClosure], instant: datetime) -> bool:
    """Whether the clinic is open at ``instant``: closures first, then its weekly hours.

    A span over midnight belongs to the day on which it begins, and so does what closes it.
    """
    return any(_spans(clinic, closures, floor(instant)))


def _spans(clinic: Clinic, closures: Sequence[ClinicClosure], moment: int) -> Iterator[bool]:
    """For each span at that moment, whether it takes place."""
    place = clinic.timezone, clinic.address.country, clinic.subdivision
    hours = hours_of(clinic.opening_hours, *place)
    for start, _ in hours.spans(moment, moment + 1):
        day = local_day(start, hours.zone)
        yield not any(closure.first_on <= day <= closure.last_on for closure in closures)
    for closure in closures:
        if closure.opening_hours is not None:
            other = hours_of(closure.opening_hours, *place)
            for start, _ in other.spans(moment, moment + 1):
                yield closure.first_on <= local_day(start, other.zone) <= closure.last_on
