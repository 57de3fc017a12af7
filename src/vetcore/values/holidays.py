"""Public holidays by country and by its parts: the days that ``PH`` means in opening hours.

The calendars are those of the package `holidays <https://holidays.readthedocs.io>`_, which is
loaded when the first holiday is asked for. Where the law moves a holiday from a weekend to another
day, both days are holidays.

>>> from datetime import date
>>> date(2027, 12, 25) in public_holidays("GB", None, 2027)
True
>>> date(2027, 1, 4) in public_holidays("GB", "GB-SCT", 2027)
True
"""

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache, reduce
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

from vetcore.errors import InvalidValue
from vetcore.logging import logger
from vetcore.values.countries import SUBDIVISION_SHAPE

__all__ = ["has_calendar", "parts_with_holidays", "public_holidays", "require_known_part"]

_PUBLIC: Final = "public"
_KNOWN_BY: Final = range(2020, 2026)
"""Years in which every real calendar has a holiday."""


def has_calendar(country: str, year: int | None = None) -> bool:
    """Return whether the public holidays of a country are known, in one year or in any."""
    calendar = _calendar(country)
    if calendar is None:
        return False
    return year is None or calendar.start_year <= year <= calendar.end_year


def parts_with_holidays(country: str) -> tuple[str, ...]:
    """Return the parts of a country whose own holidays are known, as ISO 3166-2 codes.

    >>> parts_with_holidays("GB")
    ('GB-ENG', 'GB-NIR', 'GB-SCT', 'GB-WLS')
    """
    return tuple(_parts(country))


def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """Return the public holidays of a year, including the days on which a holiday is made up for.

    Without a ``subdivision``, the result has the holidays of the whole country. Stored rows must
    stay readable, so a country that is not known raises no error: its holidays are empty, and the
    log says so once.

    Args:
        country: ISO 3166-1.
        subdivision: ISO 3166-2, or None.
        year: any.
    """
    return _holidays(country, subdivision, year)


def require_known_part(subdivision: str, country: str, *, field: str = "subdivision") -> None:
    """Refuse a part that is not of the country, or whose own holidays are not known.

    Every part is accepted of a country whose holidays are the same everywhere, or are not known.

    Raises:
        InvalidValue: the part belongs to another country, or its own holidays are not known.
    """
    if not subdivision.startswith(f"{country}-"):
        raise InvalidValue(
            field=field,
            rule=f"is not a part of {country}, where the address is",
            expected=f"an ISO 3166-2 code that begins with {country}-",
            value=subdivision,
        )
    parts = _parts(country)
    if parts and subdivision not in parts:
        raise InvalidValue(
            field=field,
            rule=f"is no part of {country} whose public holidays are known",
            expected=f"null for those of the whole country, or one of {', '.join(parts)}",
            value=subdivision,
        )


@cache
def _library() -> Any:
    """The calendars: a large package, which many processes never need."""
    return import_module("holidays")


@lru_cache(maxsize=512)
def _calendar(country: str) -> Any:
    """The country's calendar, of some years; None where there is none, or one without a day."""
    try:
        return _library().country_holidays(country, years=_KNOWN_BY) or None
    except NotImplementedError:
        return None


@lru_cache(maxsize=512)
def _parts(country: str) -> Mapping[str, str]:
    """By ISO code, the name by which the library knows a part that has an ISO code."""
    calendar = _calendar(country)
    names = () if calendar is None else calendar.subdivisions
    codes = {f"{country}-{name}": name for name in sorted(names)}
    return MappingProxyType(
        {code: name for code, name in codes.items() if SUBDIVISION_SHAPE.fullmatch(code)}
    )


@lru_cache(maxsize=4096)
def _holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    if not has_calendar(country, year):
        _say("holidays_unknown", country, year if has_calendar(country) else None)
        return frozenset()
    parts = _parts(country)
    if subdivision is not None and subdivision in parts:
        return _days(country, parts[subdivision], year)
    if subdivision is not None and (parts or not subdivision.startswith(f"{country}-")):
        _say("holidays_of_subdivision_unknown", country, subdivision)
    national = _days(country, None, year)
    if not parts:
        return national
    # A country's own list may leave out what each of its parts observes by a law of its own.
    everywhere = reduce(
        frozenset[date].intersection, (_days(country, part, year) for part in parts.values())
    )
    return national | everywhere


def _days(country: str, part: str | None, year: int) -> frozenset[date]:
    found = _library().country_holidays(country, subdiv=part, years=year, categories=_PUBLIC)
    return frozenset(found)


@cache
def _say(what: str, country: str, detail: object) -> None:
    """Warn once for each country, and not at every evaluation."""
    logger("vetcore.hours").warning(what, country=country, detail=detail)
