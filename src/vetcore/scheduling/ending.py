"""What a visit occupies once it has ended: no more than it took."""

from datetime import datetime, timedelta
from typing import Any, Final

from vetcore.models import Appointment

__all__ = ["as_it_ended"]

_MINUTE: Final = timedelta(minutes=1)


def as_it_ended(appointment: Appointment, ended_at: datetime) -> dict[str, Any]:
    """Return the times of a visit that ended at an instant; nothing where it took its whole time.

    It ends at the next whole minute, and is followed by the buffer with which it was booked. What
    ended before its start, or was noted so, occupies a minute. What ended late, or was noted late,
    occupies what was booked: a visit never takes what may be another's.
    """
    end = max(_to_the_minute(ended_at), appointment.starts_at + _MINUTE)
    if end >= appointment.ends_at:
        return {}
    buffer = appointment.occupied_until - appointment.ends_at
    return {
        "ends_at": end,
        "occupied_until": end + buffer,
        "sequence": appointment.sequence + 1,
    }


def _to_the_minute(moment: datetime) -> datetime:
    """The whole minute that follows, unless the moment is one itself."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + _MINUTE
