"""The syntax of recurrence rules: the text of RRULE and EXDATE (RFC 5545), read and written."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from vetcore.errors import InvalidValue
from vetcore.values.dates import FIRST_DAY, LAST_DAY
from vetcore.values.zones import zone_named

if TYPE_CHECKING:
    from vetcore.values.recurrence import Recurrence

__all__ = [
    "LONGEST_RULE",
    "MOST_OCCURRENCES",
    "WEEKDAYS",
    "Moment",
    "WeekdayOfPeriod",
    "read_lines",
    "written",
]

Moment: TypeAlias = date | datetime
"""A local day, a wall time (naive), or an instant (UTC)."""

LONGEST_RULE: Final = 4096
"""The characters of a rule with its exceptions."""
MOST_OCCURRENCES: Final = 120
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_EXAMPLE: Final = "such as FREQ=WEEKLY;INTERVAL=3;COUNT=4 or FREQ=MONTHLY;BYDAY=2TU;UNTIL=20271231"
_FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_LONGEST_INTERVAL: Final = 3653
_DATE: Final = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_DATE_TIME: Final = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z?)", re.ASCII)
_NUMBER: Final = re.compile(r"\+?\d{1,5}", re.ASCII)
_SIGNED: Final = re.compile(r"[+-]?\d{1,3}", re.ASCII)
_BY_DAY: Final = re.compile(rf"([+-]?\d{{1,2}})?({'|'.join(WEEKDAYS)})", re.ASCII)
_FOLD: Final = re.compile(r"\r?\n[ \t]")
_OF_MONTH, _OF_YEAR = 5, 53


class WeekdayOfPeriod(NamedTuple):
    """A weekday; with a number, the so manieth of its month or year, from the end if negative."""

    weekday: int
    """0 is Monday."""
    number: int | None = None

    def later(self, days: int) -> "WeekdayOfPeriod":
        """Return the weekday so many days later."""
        return self._replace(weekday=(self.weekday + days) % len(WEEKDAYS))

    def __str__(self) -> str:
        return f"{'' if self.number is None else self.number}{WEEKDAYS[self.weekday]}"


class _Reader:
    """Reads the parts of a rule, and says what is wrong with one."""

    def __init__(self, field: str) -> None:
        self.field = field

    def refusal(self, *, rule: str, expected: str = _EXAMPLE, value: object = None) -> InvalidValue:
        return InvalidValue(field=self.field, rule=rule, expected=expected, value=value)

    # Values --------------------------------------------------------------------------------------

    def number(self, name: str, text: str, most: int) -> int:
        found = int(text) if _NUMBER.fullmatch(text) else 0
        if not 1 <= found <= most:
            raise self.refusal(
                rule=f"has no {name} that can be", expected=f"{name} from 1 to {most}", value=text
            )
        return found

    def numbers(self, name: str, text: str, most: int, *, signed: bool = True) -> tuple[int, ...]:
        found: set[int] = set()
        for each in text.split(","):
            number = int(each) if _SIGNED.fullmatch(each) else 0
            if not (1 <= abs(number) <= most) or (number < 0 and not signed):
                range_ = f"numbers from 1 to {most}" + (", or negative ones" if signed else "")
                raise self.refusal(rule=f"has no {name} that can be", expected=range_, value=each)
            found.add(number)
        return tuple(sorted(found))

    def weekdays(self, text: str) -> tuple[WeekdayOfPeriod, ...]:
        found: set[WeekdayOfPeriod] = set()
        for each in text.split(","):
            match = _BY_DAY.fullmatch(each)
            number = int(match[1]) if match and match[1] else None
            if match is None or number == 0 or abs(number or 1) > _OF_YEAR:
                raise self.refusal(
                    rule="has no BYDAY that can be",
                    expected="such as MO,WE or 2TU or -1FR",
                    value=each,
                )
            found.add(WeekdayOfPeriod(WEEKDAYS.index(match[2]), number))
        return tuple(sorted(found, key=lambda day: (day.number or 0, day.weekday)))

    def week_start(self, text: str) -> int:
        if text not in WEEKDAYS:
            raise self.refusal(
                rule="has no WKST that can be", expected=f"one of {', '.join(WEEKDAYS)}", value=text
            )
        return WEEKDAYS.index(text)

    def frequency(self, text: str) -> str:
        if text in {"HOURLY", "MINUTELY", "SECONDLY"}:
            raise self.refusal(
                rule=f"is {text}: no pet comes more than once a day",
                expected=f"one of {', '.join(_FREQUENCIES)}",
            )
        if text not in _FREQUENCIES:
            raise self.refusal(
                rule="has no FREQ that can be",
                expected=f"one of {', '.join(_FREQUENCIES)}",
                value=text,
            )
        return text

    def until(self, text: str) -> Moment:
        found = self.moment("UNTIL", text)
        if isinstance(found, datetime) and found.tzinfo is None:
            raise self.refusal(
                rule="has an UNTIL that does not say in which zone it is",
                expected="a day such as 20271231, or a time in UTC such as 20271231T235959Z",
                value=text,
            )
        return found

    def moment(self, name: str, text: str) -> Moment:
        day, moment = _DATE.fullmatch(text), _DATE_TIME.fullmatch(text)
        found: Moment | None = None
        try:
            if day is not None:
                found = date(*map(int, day.groups()))
            elif moment is not None:
                at = datetime(*map(int, moment.groups()[:-1]))  # type: ignore[arg-type] # noqa: DTZ001
                found = at.replace(tzinfo=UTC) if moment[7] else at
        except ValueError:
            found = None
        if found is None or not FIRST_DAY.year <= found.year <= LAST_DAY.year:
            raise self.refusal(
                rule=f"has no {name} that can be",
                expected="such as 20271231 or 20271231T150000Z",
                value=text,
            )
        return found

    # Lines ---------------------------------------------------------------------------------------

    def rule(self, text: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for part in text.split(";"):
            name, _, value = part.partition("=")
            attribute, read = self._part(name)
            if not value:
                raise self.refusal(rule=f"does not say what {name} is", value=part)
            if attribute in found:
                raise self.refusal(rule=f"says {name} twice", expected="each part once")
            found[attribute] = read(value)
        self._require_sense(found)
        return found

    def _part(self, name: str) -> tuple[str, Callable[[str], Any]]:
        known: dict[str, tuple[str, Callable[[str], Any]]] = {
            "FREQ": ("frequency", self.frequency),
            "INTERVAL": ("interval", lambda text: self.number(name, text, _LONGEST_INTERVAL)),
            "COUNT": ("count", lambda text: self.number(name, text, MOST_OCCURRENCES)),
            "UNTIL": ("until", self.until),
            "BYMONTH": ("by_month", lambda text: self.numbers(name, text, 12, signed=False)),
            "BYMONTHDAY": ("by_month_day", lambda text: self.numbers(name, text, 31)),
            "BYDAY": ("by_day", self.weekdays),
            "BYSETPOS": ("by_set_position", lambda text: self.numbers(name, text, 366)),
            "WKST": ("week_start", self.week_start),
        }
        if name in {"BYHOUR", "BYMINUTE", "BYSECOND"}:
            raise self.refusal(rule=f"cannot use {name}: the time of day is that of the first one")
        if name not in known:
            raise self.refusal(rule=f"has a part that is not known: {name[:20]!r}")
        return known[name]

    def _require_sense(self, found: dict[str, Any]) -> None:
        frequency = found.get("frequency")
        numbers = [each.number for each in found.get("by_day", ()) if each.number is not None]
        reach = _OF_YEAR if frequency == "YEARLY" and "by_month" not in found else _OF_MONTH
        broken = {
            "has no FREQ": frequency is None,
            "has COUNT and UNTIL, which may differ": {"count", "until"} <= found.keys(),
            "has no end": not {"count", "until"} & found.keys(),
            "numbers the weekdays of no month or year": bool(numbers)
            and frequency not in {"MONTHLY", "YEARLY"},
            "asks for a weekday that its period has not so often": any(
                abs(each) > reach for each in numbers
            ),
            "has BYMONTHDAY, which says nothing of weeks": frequency == "WEEKLY"
            and "by_month_day" in found,
            "has BYSETPOS, and nothing of which it could be the position": "by_set_position"
            in found
            and not {"by_day", "by_month_day", "by_month"} & found.keys(),
        }
        for rule, is_broken in broken.items():
            if is_broken:
                raise self.refusal(
                    rule=rule, expected="COUNT or UNTIL" if rule == "has no end" else _EXAMPLE
                )

    def exceptions(self, parameters: str, values: str) -> Iterable[Moment]:
        zone = None
        for each in filter(None, parameters.split(";")):
            name, _, value = each.partition("=")
            if name.upper() == "TZID":
                zone = zone_named(value.strip('"'))
            elif name.upper() != "VALUE" or value.upper() not in {"DATE", "DATE-TIME"}:
                raise self.refusal(
                    rule=f"has an EXDATE with {each[:40]!r}", expected="TZID or VALUE=DATE"
                )
        for text in values.upper().split(","):
            found = self.moment("EXDATE", text.strip())
            if zone is not None and isinstance(found, datetime) and found.tzinfo is None:
                found = found.replace(tzinfo=zone).astimezone(UTC)
            yield found


def read_lines(text: str, *, field: str) -> dict[str, Any]:
    """Return the parts of a rule and its exceptions.

    Raises:
        InvalidValue: the text is no rule that can be followed.
    """
    reader = _Reader(field)
    if len(text) > LONGEST_RULE:
        raise reader.refusal(rule="is too long", expected=f"{LONGEST_RULE} characters at most")
    found: dict[str, Any] | None = None
    exceptions: set[Moment] = set()
    for line in _FOLD.sub("", text.strip()).splitlines():
        head, colon, values = (
            line.strip().rpartition(":") if ":" in line else ("", "", line.strip())
        )
        name, _, parameters = head.partition(";")
        if colon and name.upper() == "EXDATE":
            exceptions.update(reader.exceptions(parameters, values))
        elif found is None and (not colon or head.upper() == "RRULE"):
            found = reader.rule(values.upper())
        else:
            raise reader.refusal(
                rule="has a line that is not known", expected="one RRULE, then EXDATE", value=line
            )
    if found is None:
        raise reader.refusal(rule="is empty" if not text.strip() else "has no RRULE")
    return found | {"exceptions": tuple(sorted(exceptions, key=_text_of))}


def written(rule: "Recurrence") -> str:
    """Return the text of a rule, with its exceptions in lines of their own."""
    parts = [f"FREQ={rule.frequency}"]
    if rule.interval != 1:
        parts.append(f"INTERVAL={rule.interval}")
    if rule.count is not None:
        parts.append(f"COUNT={rule.count}")
    if rule.until is not None:
        parts.append(f"UNTIL={_text_of(rule.until)}")
    for name, several in (
        ("BYMONTH", rule.by_month),
        ("BYMONTHDAY", rule.by_month_day),
        ("BYDAY", rule.by_day),
        ("BYSETPOS", rule.by_set_position),
    ):
        if several:
            parts.append(f"{name}={','.join(map(str, several))}")
    if rule.week_start:
        parts.append(f"WKST={WEEKDAYS[rule.week_start]}")
    lines = [";".join(parts)]
    days = [_text_of(each) for each in rule.exceptions if not isinstance(each, datetime)]
    times = [_text_of(each) for each in rule.exceptions if isinstance(each, datetime)]
    if days:
        lines.append(f"EXDATE;VALUE=DATE:{','.join(days)}")
    if times:
        lines.append(f"EXDATE:{','.join(times)}")
    return "\n".join(lines)


def _text_of(moment: Moment) -> str:
    if not isinstance(moment, datetime):
        return f"{moment:%Y%m%d}"
    return f"{moment:%Y%m%dT%H%M%S}" + ("" if moment.tzinfo is None else "Z")
