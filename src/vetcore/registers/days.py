"""Days and ages as registers write them."""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from vetcore.registers.words.folding import is_blank, plain
from vetcore.values.dates import add_months

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "DayFound",
    "Precision",
    "born_at",
    "day_first_in",
    "order_of",
    "read_day",
]

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199
_CACHE: Final = 65_536
_FIRST_SERIAL: Final = 25_569
_SERIALS_COUNT_FROM: Final = date(1899, 12, 30)
_MONTHS: Final = 12
_CENTURY: Final = 100
_WRITTEN_FULL: Final = 4
_OLDEST: Final = 200

_TIME: Final = r"(?:(?:T| ?, ?| )\d{1,2}[:.]\d{2}.{0,40})?"
_NUMBERS: Final = re.compile(r"(\d{1,4}) ?([/.\-]) ?(\d{1,2}) ?\2 ?(\d{1,4})" + _TIME)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T\d{2,6}.{0,20})?")
_SERIAL: Final = re.compile(r"(\d{5})(?:[.,]\d{1,12})?")
_YEAR: Final = re.compile(r"(\d{4})(?:[.,]0)?")
_YEAR_MONTH: Final = re.compile(r"(\d{4})[/.\-](\d{1,2})")
_MONTH_YEAR: Final = re.compile(r"(\d{1,2})[/.\-](\d{4})")
_ORDINAL: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|o|e)")

_NAMES: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janner jaenner janvier janv enero ene gennaio gen januari",
            "february feb februar feber fevrier fevr fev febrero febbraio februari",
            "march mar marz maerz mrz mars marzo maart mrt",
            "april apr avril avr abril abr aprile",
            "may mai mayo maggio mag mei",
            "june jun juni juin junio giugno giu",
            "july jul juli juillet juil julio luglio lug",
            "august aug aout agosto ago augustus",
            "september sep sept septembre septiembre settembre set",
            "october oct oktober okt octobre octubre ottobre ott",
            "november nov novembre noviembre",
            "december dec dezember dez decembre diciembre dic dicembre",
        ),
        start=1,
    )
    for name in names.split()
}
_BETWEEN: Final = frozenset("de of del le la den the am on".split())  # noqa: SIM905
_MONTH_FIRST: Final = frozenset("US PR GU VI AS MP UM FM MH PW PH BZ".split())  # noqa: SIM905
_EITHER: Final = frozenset("CA CN JP KR KP TW HU LT MN IR KE GH PA".split())  # noqa: SIM905

Precision = Literal["day", "month", "year"]


class DayFound(NamedTuple):
    """A day in ISO 8601, and how much of it the text said."""

    iso: str
    precision: Precision


def day_first_in(country: str | None) -> bool | None:
    """Return whether people in a country write the day before the month.

    The result is None if they write both.

    >>> day_first_in("GB"), day_first_in("US"), day_first_in("CA")
    (True, False, None)
    """
    if country is None or country in _EITHER:
        return None
    return country not in _MONTH_FIRST


def order_of(text: str) -> Literal["day", "month", "either", "either."] | None:
    """Return what a text shows of the order of day and month: which is first, or either.

    None where nothing depends on it. A date with dots is told apart: they go with the day first.

    >>> order_of("25/04/2020"), order_of("4/25/20"), order_of("3/4/2020"), order_of("2020-04-03")
    ('day', 'month', 'either', None)
    """
    match = _NUMBERS.fullmatch(text.strip())
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[3]), match[4]
    if len(match[1]) == _WRITTEN_FULL or len(year) not in {2, 4} or 0 in {first, second}:
        return None
    if first > _MONTHS >= second:
        return "day"
    if second > _MONTHS >= first:
        return "month"
    if first == second or first > _MONTHS:
        return None
    return "either." if match[2] == "." else "either"


@lru_cache(maxsize=_CACHE)
def read_day(text: str, day_first: bool, latest: str) -> DayFound | None:
    """Return the day that a text means, or None for what is no day of 1970 to 2199.

    A year of two digits is the last such year in which the day is not after ``latest``. A number of
    five digits counts the days since 1900, as spreadsheets do.
    """
    text = text.strip()
    try:
        found, precision = _read(text, date.fromisoformat(latest), day_first=day_first)
    except (ValueError, OverflowError):
        return None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        return None
    return DayFound(found.isoformat(), precision)


def _read(text: str, latest: date, *, day_first: bool) -> tuple[date | None, Precision]:
    if match := _NUMBERS.fullmatch(text):
        return _of_numbers(match[1], match[3], match[4], latest, day_first=day_first), "day"
    if match := _COMPACT.fullmatch(text):
        return date(int(match[1]), int(match[2]), int(match[3])), "day"
    if match := _SERIAL.fullmatch(text):
        days = int(match[1])
        found = _SERIALS_COUNT_FROM + timedelta(days=days) if days >= _FIRST_SERIAL else None
        return found, "day"
    if match := _YEAR.fullmatch(text):
        return date(int(match[1]), 1, 1), "year"
    if match := _YEAR_MONTH.fullmatch(text):
        return date(int(match[1]), int(match[2]), 1), "month"
    if match := _MONTH_YEAR.fullmatch(text):
        return date(int(match[2]), int(match[1]), 1), "month"
    return _of_words(text, latest)


def _of_numbers(
    first: str, second: str, third: str, latest: date, *, day_first: bool
) -> date | None:
    if len(first) == _WRITTEN_FULL:
        return date(int(first), int(second), int(third)) if len(third) <= 2 else None  # noqa: PLR2004
    if len(first) > 2:  # noqa: PLR2004 -- a day or a month
        return None
    day, month = (int(first), int(second)) if day_first else (int(second), int(first))
    return _in_full(third, month, day, latest)


def _in_full(year: str, month: int, day: int, latest: date) -> date | None:
    if len(year) == _WRITTEN_FULL:
        return date(int(year), month, day)
    if len(year) != 2:  # noqa: PLR2004 -- neither short nor full
        return None
    century = latest.year - latest.year % _CENTURY
    found = date(century + int(year), month, day)
    return found if found <= latest else date(century - _CENTURY + int(year), month, day)


def _of_words(text: str, latest: date) -> tuple[date | None, Precision]:
    words = [word for word in plain(text).split() if word not in _BETWEEN][:4]
    if words and not words[0].isdigit() and words[0] not in _NAMES and words[1:]:
        ordinal = _ORDINAL.fullmatch(words[0])
        words = [ordinal[1], *words[1:]] if ordinal else words[1:]  # or the day of the week
    words = words[:3]
    months = [_NAMES[word] for word in words if word in _NAMES]
    numbers = [
        match[1] if (match := _ORDINAL.fullmatch(word)) else word
        for word in words
        if word not in _NAMES
    ]
    if len(months) != 1 or not numbers or not all(map(str.isdigit, numbers)):
        return None, "day"
    if len(numbers) == 1:
        is_year = len(numbers[0]) == _WRITTEN_FULL
        return (date(int(numbers[0]), months[0], 1) if is_year else None), "month"
    day, year = numbers
    if len(day) == _WRITTEN_FULL:
        day, year = year, day
    return _in_full(year, months[0], int(day), latest), "day"


_UNITS: Final = {
    name: unit
    for unit, names in (
        (
            "year",
            "y yr yrs year years yo jahr jahre jahren j an ans annee annees ano anos anno anni",
        ),
        ("year", "jaar jaren"),
        (
            "month",
            "m mo mos mth mths mon month months monat monate monaten mois mes meses mese mesi",
        ),
        ("month", "maand maanden"),
        ("week", "w wk wks week weeks woche wochen semaine semaines semana semanas settimana"),
        ("week", "settimane weken"),
        ("day", "d day days tag tage tagen jour jours dia dias giorno giorni dag dagen"),
    )
    for name in names.split()
}
_PART: Final = re.compile(
    r"(?<!\d)(?<!\d[.,])(\d{1,4}(?:[.,]\d{1,3})?)(?!\d|[.,]\d) ?([a-z]{0,12})"
)
"""A number that is too long is none: read in two, it would be another age."""
_FILLERS: Final = frozenset(
    [
        "old",
        "and",
        "alt",
        "und",
        "et",
        "y",
        "e",
        "en",
        "of",
        "age",
        "about",
        "ca",
        "circa",
        "approx",
        "to",
        "bis",
        "a",
        "tot",
    ]
)
_UP_TO: Final = frozenset({"to", "bis", "a", "tot"})
_LESS: Final = ("<", "under", "unter", "moins", "menos", "meno", "less", "tot")
_DAYS_IN: Final = {"year": 365.25, "month": 30.4375, "week": 7.0, "day": 1.0}


@lru_cache(maxsize=_CACHE)
def born_at(age: str, on: str, unit: str = "year") -> str | None:
    """Return about when an animal was born that was of this age on a day, or None for no age.

    If a range is given, its middle counts. A number alone counts in ``unit``.

    >>> born_at("2 years", "2020-03-04"), born_at("3 Wochen", "2020-03-22")
    ('2018-03-04', '2020-03-01')
    """
    words = age.strip()[:60].casefold()
    if is_blank(words) or words.startswith("-"):
        return None
    words = words.replace("ñ", "n").replace("é", "e").replace("à", "a").replace("–", "-")  # noqa: RUF001
    parts = _PART.findall(words)
    rest = plain(_PART.sub(" ", words)).split()
    if not parts or any(word not in _FILLERS | set(_UNITS) and word not in _LESS for word in rest):
        return None
    if any(name and name not in _UNITS and name not in _FILLERS for _, name in parts):
        return None
    day = date.fromisoformat(on)
    amounts = [float(number.replace(",", ".")) for number, _ in parts]
    units = [_UNITS.get(name, "") for _, name in parts]
    try:
        return _before(day, amounts, units, unit, is_less=words.startswith(_LESS))
    except (ValueError, OverflowError):
        return None


def _before(
    day: date, amounts: list[float], units: list[str], unit: str, *, is_less: bool
) -> str | None:
    if len(amounts) == 2 and (not units[0] or units[0] == units[1]):  # noqa: PLR2004 -- a range
        amounts, units = [sum(amounts) / 2], [units[1]]
    if is_less:
        amounts = [amount / 2 for amount in amounts]
    months, days = 0, 0.0
    for amount, name in zip(amounts, units, strict=True):
        each = name or unit
        whole = amount * (_MONTHS if each == "year" else 1)
        if each in {"year", "month"} and whole == int(whole):
            months += int(whole)
        else:
            days += amount * _DAYS_IN[each]
    if months > _OLDEST * _MONTHS or days > _OLDEST * 366:
        return None
    return (add_months(day, -months) - timedelta(days=round(days))).isoformat()
