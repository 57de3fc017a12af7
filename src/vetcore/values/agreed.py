"""The wall time that was agreed for a visit; it is stored beside the instant.

An instant alone does not say what people wrote into their diaries. When the rules of a zone change,
or the zone of a clinic, the instant stays the same and the clock on the wall shows another time.

>>> from vetcore.values.zones import zone_named
>>> agreed = AgreedTime.at(datetime(2027, 3, 1, 16, tzinfo=UTC), zone_named("America/Chicago"))
>>> str(agreed)
'2027-03-01T10:00:00-06:00[America/Chicago]'
>>> AgreedTime.parse(str(agreed)) == agreed
True
"""

import re
from datetime import UTC, datetime, timezone
from typing import Final, NamedTuple, Self
from zoneinfo import ZoneInfo

from vetcore.values.walltime import shown

__all__ = ["AgreedTime"]

_EXTENDED: Final = re.compile(r"([^\[\]]{1,40})\[([^\[\]]{1,64})\]")
"""RFC 9557: a time with its offset, and the zone in brackets."""


class AgreedTime(NamedTuple):
    """What the clinic's clock shows when a visit starts, as it was agreed."""

    wall: datetime
    """Naive."""
    instant: datetime
    """In UTC, by the rules of that day."""
    timezone: str
    """The clinic's zone on that day."""

    @classmethod
    def at(cls, moment: datetime, zone: ZoneInfo) -> Self:
        """Return the wall time of an aware ``moment`` in ``zone``, by the rules that hold now."""
        return cls(shown(moment, zone), moment.astimezone(UTC), zone.key)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the time that is stored as ``text``.

        The result is None if other software stored something else.
        """
        found = _EXTENDED.fullmatch(text)
        try:
            there = datetime.fromisoformat(found[1]) if found else None
        except ValueError:
            return None
        if found is None or there is None or there.tzinfo is None:
            return None
        return cls(there.replace(tzinfo=None), there.astimezone(UTC), found[2])

    def __str__(self) -> str:
        offset = self.wall.replace(tzinfo=UTC) - self.instant
        there = self.wall.replace(tzinfo=timezone(offset))
        return f"{there.isoformat()}[{self.timezone}]"

    def is_shown(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Return whether the clock on the wall in ``zone`` shows the agreed time at ``moment``."""
        return shown(moment, zone) == self.wall
