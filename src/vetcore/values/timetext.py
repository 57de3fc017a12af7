"""The rules of an opening-hours text: which days a rule names, and which minutes of them.

The `specification <https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification>`_ joins
rules in two ways. A rule after ``;`` replaces what earlier rules said of the days that it names. A
rule after ``,`` adds to them. A rule that ends in ``off`` removes its times in either case; without
times, it removes all that belongs to the day. A time over midnight belongs to the day on which it
begins, and the rules of the next day do not change it.

The evaluator finds the days that a rule names (months, weeks, weekdays). This module decides how
rules are combined, and which days are public holidays.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from functools import cache, lru_cache
from importlib import import_module
from typing import Any, Final, NamedTuple

from vetcore.values.intervals import Span, merge, subtract

__all__ = ["STRIDE_DAYS", "Rule", "minutes_of_days", "names_holidays", "read", "without_comments"]

STRIDE_DAYS: Final = 28
_MINUTES: Final = 24 * 60
_FURTHEST_DAYS: Final = 366
"""The most days from a holiday. Each further year would need the holidays of one year more."""
_EVERY_DAY: Final = "Mo-Su"
_WHOLE_DAY: Final = (Span(0, _MINUTES),)
_WITH_ITS_NIGHT: Final = (Span(0, 2 * _MINUTES),)

_COMMENT: Final = re.compile(r'"[^"]*":?')
# A comma between two times is of their list; any other that is followed by a space joins rules.
_SEPARATOR: Final = re.compile(r" ?(;) ?| ?(,) (?!\d?\d:\d\d)|(?<!:\d\d)(,) ")
_STATE: Final = re.compile(r"(open|off|closed)$", re.IGNORECASE)
_TIMES: Final = re.compile(r"(?<!\d)(\d?\d):(\d\d) ?- ?(\d?\d):(\d\d)")
_BETWEEN_TIMES: Final = re.compile(r", ?")
_STEPS: Final = re.compile(r"(?<!\d)(\d{1,4})-(\d{1,4})/(\d{1,8})(?!\d)")
_HOLIDAYS: Final = re.compile(r"PH(?: [+-]\d+ days?)?(?:,PH(?: [+-]\d+ days?)?)*")
_OFFSET: Final = re.compile(r"PH(?: ([+-]\d+))?")
_MONTH_BEFORE_NTH: Final = re.compile(
    r"(,(?:\d{4} )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)) "
    r"(?=(?:mo|tu|we|th|fr|sa|su)\[[^\]]*\](?!-))",
    re.IGNORECASE,
)
_LAST_WEEKDAY: Final = re.compile(
    r"(?<!\d[+-])(?:mo|tu|we|th|fr|sa|su)(?:\[[-\d,]+\](?: [+-]\d+ days?)?)?$", re.IGNORECASE
)


class Rule(NamedTuple):
    """A rule: some minutes of some days, on which a place is open or closed."""

    days: str | None
    """The selector of its days, without holidays; None where it names holidays only."""
    season: str | None
    """The selector within which its holidays count; None where it names none."""
    offsets: tuple[int, ...]
    """How many days after a holiday are meant."""
    both: bool
    """Whether a day must be a holiday and one of ``days``."""
    minutes: tuple[Span, ...]
    """The minutes since the midnight with which a day begins; up to 48 hours."""
    closes: bool
    adds: bool
    """Whether the rule adds to those before it, and does not replace them."""

    @property
    def closes_over_midnight(self) -> bool:
        """Whether the rule removes the times of a night, which lies on two days."""
        return self.closes and self.minutes != _WITH_ITS_NIGHT and self.minutes[-1].end > _MINUTES


def without_comments(text: str) -> str:
    """Return the text without its comments and with tidy spaces.

    >>> without_comments('Mo-Fr 08:00-18:00 "ring; twice"')
    'Mo-Fr 08:00-18:00'
    """
    return " ".join(_COMMENT.sub(" ", text).split())


@cache
def _library() -> Any:
    """The evaluator: a compiled module, which many processes never need; its stubs lack errors."""
    return import_module("opening_hours")


@lru_cache(maxsize=4096)
def read(text: str) -> tuple[Rule, ...] | None:
    """Return the rules of a text, or None if the text does not follow the syntax."""
    plain = without_comments(text)
    if not _parses(plain):
        return None
    rules: list[Rule] = []
    for part, adds in _parts(plain):
        rule = _rule(part, adds=adds)
        if rule is None:
            return None
        rules.append(rule)
    return tuple(rules)


def names_holidays(text: str) -> bool:
    """Return whether some rule of the text is about public holidays."""
    return any(rule.season is not None or rule.both for rule in read(text) or ())


def _parses(text: str) -> bool:
    try:
        _library().OpeningHours(text)
    except _library().ParserError:
        return False
    return True


def _parts(plain: str) -> Iterator[tuple[str, bool]]:
    """Each rule, and whether it is added to those before."""
    begin, adds = 0, False
    for separator in _SEPARATOR.finditer(plain):
        yield plain[begin : separator.start()].strip(), adds
        begin, adds = separator.end(), separator[1] is None
    yield plain[begin:].strip(), adds


def _rule(part: str, *, adds: bool) -> Rule | None:
    state = _STATE.search(part)
    closes = state is not None and state[1].lower() != "open"
    selectors = (part if state is None else part[: state.start()]).strip()
    if selectors == "24/7":
        selectors = ""
    times = _TIMES.search(selectors)
    minutes: tuple[Span, ...] | None = _WITH_ITS_NIGHT if closes else _WHOLE_DAY
    if times is not None:
        minutes = _minutes(selectors[times.start() :])
        selectors = selectors[: times.start()]
    days = selectors.strip(" :")
    if minutes is None:
        return None
    rule = _with_days(days, minutes, closes=closes, adds=adds)
    if any(abs(offset) > _FURTHEST_DAYS for offset in rule.offsets):
        return None
    named = (each for each in (rule.days, rule.season) if each is not None)
    return rule if all(_parses(_every_minute(each)) for each in named) else None


def _every_minute(selector: str) -> str:
    # The evaluator forgets a step that leaves the first of a range alone.
    exact = _STEPS.sub(lambda found: _first_alone(*found.groups()), selector)
    # It would take "Dec We[3]" for the last date of a list, and not for weekdays of its months.
    exact = _MONTH_BEFORE_NTH.sub(r"\1: ", exact)
    return f"{exact} 00:00-24:00".lstrip()


def _first_alone(first: str, last: str, step: str) -> str:
    is_alone = int(first) <= int(last) < int(first) + int(step)
    return first if is_alone else f"{first}-{last}/{step}"


def _minutes(text: str) -> tuple[Span, ...] | None:
    """A list of times, joined; one that ends before it begins ends on the next day."""
    spans: list[Span] = []
    position = 0
    while (match := _TIMES.match(text, position)) is not None:
        opens = int(match[1]) * 60 + int(match[2])
        closes = int(match[3]) * 60 + int(match[4])
        spans.append(Span(opens, closes if closes > opens else closes + _MINUTES))
        position = match.end()
        if position == len(text):
            return tuple(merge(spans))
        comma = _BETWEEN_TIMES.match(text, position)
        if comma is None:
            return None
        position = comma.end()
    return None


def _with_days(days: str, minutes: tuple[Span, ...], *, closes: bool, adds: bool) -> Rule:
    found = _HOLIDAYS.search(days)
    if found is None:
        return Rule(days, None, (), False, minutes, closes, adds)
    offsets = tuple(int(offset or 0) for offset in _OFFSET.findall(found.group()))
    before, after = days[: found.start()], days[found.end() :]
    if after.startswith(" ") or (before.endswith(" ") and _LAST_WEEKDAY.search(before[:-1])):
        selector = f"{before.strip()} {after.strip()}".strip()
        return Rule(selector, None, offsets, True, minutes, closes, adds)
    season = f"{before}{_EVERY_DAY}{after}"
    if not after and not before.endswith(","):
        return Rule(None, season, offsets, False, minutes, closes, adds)
    selector = before + after[1:] if after else before[:-1]
    return Rule(selector, season, offsets, False, minutes, closes, adds)


@lru_cache(maxsize=8192)
def _named(selector: str, number: int) -> frozenset[int]:
    """Which days of a stretch, as :func:`minutes_of_days` counts it, a selector names."""
    first = max(number * STRIDE_DAYS, 1)
    last = min((number + 1) * STRIDE_DAYS, date.max.toordinal())
    begin = datetime.combine(date.fromordinal(first), time())
    end = datetime.combine(date.fromordinal(last), time())
    evaluator = _library().OpeningHours(_every_minute(selector))
    open_ = _library().State.OPEN
    found: set[int] = set()
    for opens, closes, state, _ in evaluator.intervals(begin, end):
        if state == open_:
            found.update(range(opens.toordinal(), closes.toordinal()))
    return frozenset(found)


Holidays = Callable[[int], frozenset[date]]
"""The public holidays of a year."""


def _days(rule: Rule, number: int, holidays: Holidays) -> frozenset[int]:
    usual: frozenset[int] = frozenset() if rule.days is None else _named(rule.days, number)
    if not rule.offsets:
        return usual
    first = number * STRIDE_DAYS
    reach = max(map(abs, rule.offsets)) + STRIDE_DAYS
    years = range(
        date.fromordinal(max(first - reach, 1)).year,
        date.fromordinal(min(first + reach, date.max.toordinal())).year + 1,
    )
    off = {
        day.toordinal() + offset
        for year in years
        for day in holidays(year)
        for offset in rule.offsets
    }
    if rule.both:
        return usual & off
    within = frozenset[int]() if rule.season is None else _named(rule.season, number)
    return usual | (within & off)


def minutes_of_days(
    rules: Sequence[Rule], number: int, holidays: Holidays
) -> list[tuple[Span, ...]]:
    """Return when each of 28 days is open, in minutes since its midnight.

    Args:
        rules: the rules, as :func:`read` returns them.
        number: which stretch of 28 days; stretch 0 begins with the calendar.
        holidays: returns the holidays of a year; it is called only if a rule is about holidays.
    """
    days = [_days(rule, number, holidays) for rule in rules]
    first = number * STRIDE_DAYS
    known: dict[tuple[bool, ...], tuple[Span, ...]] = {}
    found: list[tuple[Span, ...]] = []
    for day in range(first, first + STRIDE_DAYS):
        applies = tuple(day in each for each in days)
        if applies not in known:
            known[applies] = _together(
                rule for rule, holds in zip(rules, applies, strict=True) if holds
            )
        found.append(known[applies])
    return found


def _together(rules: Iterator[Rule]) -> tuple[Span, ...]:
    """The minutes that are open by rules which all hold on one day, the later over the earlier."""
    spans: list[Span] = []
    for rule in rules:
        if rule.closes:
            spans = subtract(spans, rule.minutes)
        elif rule.adds:
            spans = merge([*spans, *rule.minutes])
        else:
            spans = list(rule.minutes)
    return tuple(spans)
