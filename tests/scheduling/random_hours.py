"""Random hours for worlds: of weeks, of days, and of what is kept free within them."""

from datetime import time
from itertools import pairwise
from random import Random

from tests.scheduling.scenes import FIELDS
from vetcore.values.weekly import OpenSpan, WeeklyHours

__all__ = ["RandomHours", "spans"]

PATTERNS = (
    "08:00-18:00",
    "07:50-20:10",
    "00:00-23:00",
    "08:30-12:15 13:00-17:50",
    "08:00-12:00 12:00-18:00",
    "09:45-11:00",
    "22:00-06:00",
    "06:00-14:00 22:00-06:00",
    "20:00-02:30",
    "00:00-00:00",
    "06:00-06:00",
    "01:00-02:30 02:45-05:00",
    "02:15-02:45",
    "00:00-04:00 22:00-02:00",
    "",
)


BLOCKED = (
    "12:00-13:00",
    "09:10-09:25",
    "08:00-08:30 17:00-17:05",
    "23:30-00:30",
    "01:30-02:45",
    "20:00-05:00",
    "00:00-00:00",
)


def spans(text: str) -> tuple[OpenSpan, ...]:
    """``"08:00-12:00 13:00-18:00"`` as spans of a day."""
    pairs = [each.split("-") for each in text.split()]
    return tuple(
        OpenSpan(opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))
        for opens, closes in pairs
    )


class RandomHours:
    """Makes hours from one source of chance. What they say is kept beside the text."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.weeks: dict[str, WeeklyHours] = {}

    def one_in(self, number: int) -> bool:
        return self.chance.randrange(number) == 0

    def random_spans(self) -> tuple[OpenSpan, ...]:
        clocks = [self.chance.randrange(0, 1440, 5) for _ in range(self.chance.choice([2, 2, 4]))]
        minutes = sorted(set(clocks))
        wall = [time(number // 60, number % 60) for number in minutes]
        pairs = list(pairwise(wall))[::2]
        if len(wall) % 2 == 0 and self.one_in(3):
            # The last span goes overnight, up to where the first began.
            pairs[-1] = (pairs[-1][0], wall[0])
        return tuple(OpenSpan(opens=opens, closes=closes) for opens, closes in pairs)

    def day_spans(self) -> tuple[OpenSpan, ...]:
        return self.random_spans() if self.one_in(3) else spans(self.chance.choice(PATTERNS))

    def hours(self) -> str:
        """Hours for a week; what they say is kept beside the text."""
        if self.one_in(8):
            return self.always()
        if self.one_in(2):
            week = WeeklyHours(**dict.fromkeys(FIELDS, self.day_spans()))
        else:
            week = WeeklyHours(**{each: self.day_spans() for each in FIELDS})
        self.weeks[week.text] = week
        return week.text

    def always(self) -> str:
        """Hours without an end."""
        self.weeks["24/7"] = WeeklyHours(**dict.fromkeys(FIELDS, spans("00:00-00:00")))
        return "24/7"

    def times(self) -> str | None:
        """The hours of a dated exception: times without days."""
        hours = self.day_spans()
        if not hours or self.one_in(2):
            return None
        text = ",".join(map(str, hours))
        self.weeks[text] = WeeklyHours(**dict.fromkeys(FIELDS, hours))
        return text

    def short_hours(self) -> str:
        """Times of every day or of some, of which few keep a whole day free."""
        hours = self.random_spans() if self.one_in(4) else spans(self.chance.choice(BLOCKED))
        some = FIELDS if self.one_in(2) else self.chance.sample(FIELDS, 4)
        week = WeeklyHours(**{each: hours if each in some else () for each in FIELDS})
        self.weeks[week.text] = week
        return week.text
