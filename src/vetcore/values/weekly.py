"""A plain week of opening hours, as a form shows it. It is read from and written to text."""

import re
from collections.abc import Iterator, Mapping
from datetime import time
from itertools import pairwise
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from vetcore.errors import InvalidValue
from vetcore.values.dates import WallTime
from vetcore.values.documents import Document
from vetcore.values.timetext import without_comments

__all__ = ["OpenSpan", "WeeklyHours"]

_DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_FIELDS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOLIDAY: Final = "PH"

_NAME: Final = "|".join(_DAYS)
_ITEM: Final = rf"(?:{_HOLIDAY}|(?:{_NAME})(?:-(?:{_NAME}))?)"
_RULE: Final = re.compile(
    rf"(?P<days>{_ITEM}(?:,{_ITEM})*)?\s*"
    r"(?P<hours>off|closed|\d\d:\d\d-\d\d:\d\d(?:,\s*\d\d:\d\d-\d\d:\d\d)*)"
)


def _whole_minutes(value: time, info: ValidationInfo) -> time:
    if value.second or value.microsecond:
        raise InvalidValue(
            field=info.field_name or "time",
            rule="must be a whole minute",
            expected="a time such as 08:30",
            value=value.isoformat(),
        )
    return value


_Minute = Annotated[WallTime, AfterValidator(_whole_minutes)]


class OpenSpan(Document):
    """A span from ``opens`` to ``closes`` on a day. It goes overnight if it closes first.

    ``00:00`` as the end means the midnight after. So ``00:00`` to ``00:00`` is the whole day.
    """

    opens: _Minute
    closes: _Minute

    @property
    def minutes(self) -> tuple[int, int]:
        """The start and the end in minutes since midnight. An overnight end is above 1440."""
        opens = self.opens.hour * 60 + self.opens.minute
        closes = self.closes.hour * 60 + self.closes.minute
        return opens, closes if closes > opens else closes + 24 * 60

    def __str__(self) -> str:
        closes = "24:00" if self.closes == time() else f"{self.closes:%H:%M}"
        return f"{self.opens:%H:%M}-{closes}"


_Day = Annotated[tuple[OpenSpan, ...], Field(max_length=12)]


class WeeklyHours(Document):
    """The hours of each day of the week. A day without spans is closed.

    >>> week = WeeklyHours.from_text("Mo-Fr 08:00-12:00,13:00-18:00; Sa 09:00-13:00; PH off")
    >>> len(week.monday), week.sunday, week.public_holidays
    (2, (), ())
    >>> week.text
    'Mo-Fr 08:00-12:00,13:00-18:00; Sa 09:00-13:00; PH off'
    """

    monday: _Day = ()
    tuesday: _Day = ()
    wednesday: _Day = ()
    thursday: _Day = ()
    friday: _Day = ()
    saturday: _Day = ()
    sunday: _Day = ()
    public_holidays: _Day | None = None
    """Hours on public holidays. Empty means closed; None means that they are like other days."""

    @field_validator(*_FIELDS, "public_holidays")
    @classmethod
    def _in_order_and_apart(
        cls, spans: tuple[OpenSpan, ...] | None, info: ValidationInfo
    ) -> tuple[OpenSpan, ...] | None:
        if spans is None:
            return None
        ordered = sorted(spans, key=lambda span: span.opens)
        for before, after in pairwise(ordered):
            if after.minutes[0] < before.minutes[1]:
                raise InvalidValue(
                    field=info.field_name or "day",
                    rule="has spans that overlap",
                    expected="each span to begin after the one before has ended",
                    value=f"{before}, {after}",
                )
        return tuple(ordered)

    def _by_day(self) -> dict[str, tuple[OpenSpan, ...]]:
        return {day: getattr(self, field) for day, field in zip(_DAYS, _FIELDS, strict=True)}

    @property
    def text(self) -> str:
        """The week in OpenStreetMap's syntax. Days with the same hours are written together."""
        rules = [
            f"{days} {','.join(map(str, spans))}"
            for days, spans in _grouped(self._by_day())
            if spans
        ]
        if self.public_holidays is not None:
            rules.append(f"PH {','.join(map(str, self.public_holidays)) or 'off'}")
        return "; ".join(rules) if any(self._by_day().values()) else "; ".join(["off", *rules])

    @classmethod
    def from_text(cls, text: str) -> Self | None:
        """Return the week that ``text`` describes, without its comments.

        The result is None if a plain week cannot express the text.
        """
        tidy = without_comments(text)
        if tidy == "24/7":
            tidy = "Mo-Su 00:00-24:00"
        days: dict[str, tuple[OpenSpan, ...]] = dict.fromkeys(_DAYS, ())
        holidays: tuple[OpenSpan, ...] | None = None
        for rule in tidy.split(";"):
            match = _RULE.fullmatch(rule.strip())
            if match is None:
                return None
            spans = _spans(match["hours"])
            if spans is None:
                return None
            named = tuple(_named(match["days"]))
            if holidays is not None and _HOLIDAY not in named:
                # It replaces what was said of the holidays that fall on its days, and of no other.
                return None
            for day in named:
                # A later rule replaces what an earlier one said of the day.
                if day == _HOLIDAY:
                    holidays = spans
                else:
                    days[day] = spans
        week = {field: days[day] for day, field in zip(_DAYS, _FIELDS, strict=True)}
        try:
            return cls(**week, public_holidays=holidays)
        except ValueError:
            # Spans that overlap, or more of them than a form has.
            return None


def _grouped(
    days: Mapping[str, tuple[OpenSpan, ...]],
) -> Iterator[tuple[str, tuple[OpenSpan, ...]]]:
    """Consecutive days with the same hours, as ``Mo-Fr``."""
    first = 0
    for position in range(1, len(_DAYS) + 1):
        if position < len(_DAYS) and days[_DAYS[position]] == days[_DAYS[first]]:
            continue
        last = position - 1
        name = _DAYS[first] if first == last else f"{_DAYS[first]}-{_DAYS[last]}"
        yield name, days[_DAYS[first]]
        first = position


def _named(days: str | None) -> Iterator[str]:
    if days is None:
        yield from _DAYS
        return
    for part in days.split(","):
        first, _, last = part.partition("-")
        if not last:
            yield first
            continue
        begin, end = _DAYS.index(first), _DAYS.index(last)
        length = (end - begin) % len(_DAYS) + 1
        yield from (_DAYS[(begin + offset) % len(_DAYS)] for offset in range(length))


def _spans(hours: str) -> tuple[OpenSpan, ...] | None:
    if hours in {"off", "closed"}:
        return ()
    found: list[OpenSpan] = []
    for part in hours.split(","):
        opens, closes = part.strip().split("-")
        closes = "00:00" if closes == "24:00" else closes
        try:
            found.append(OpenSpan(opens=_time(opens), closes=_time(closes)))
        except ValueError:
            return None
    return tuple(found)


def _time(text: str) -> time:
    return time.fromisoformat(text)
