"""The rules by which laws name their holidays."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

YEARS = range(2025, 2029)
MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
Dates = Iterator[date]


def easter(year: int) -> date:
    """Easter Sunday, by the rule of Meeus and Jones."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    month, day = divmod(h + k - 7 * ((a + 11 * h + 22 * k) // 451) + 114, 31)
    return date(year, month, day + 1)


def after_easter(year: int, *days: int) -> Dates:
    yield from (easter(year) + timedelta(days=each) for each in days)


def fixed(year: int, *days: tuple[int, int]) -> Dates:
    yield from (date(year, month, day) for month, day in days)


def nth(year: int, month: int, weekday: int, number: int) -> date:
    """The n-th such weekday of the month, or with -1 the last."""
    if number < 0:
        first = date(year + month // 12, month % 12 + 1, 1)
        return first - timedelta(days=(first.weekday() - weekday - 1) % 7 + 1)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def to_monday(*days: date) -> Dates:
    """The days, and for each on a weekend the next day that is free of one."""
    taken = set(days)
    for day in days:
        yield day
        if day.weekday() >= SATURDAY:
            instead = day
            while instead.weekday() >= SATURDAY or instead in taken:
                instead += timedelta(days=1)
            taken.add(instead)
            yield instead


def united_states(year: int) -> Dates:
    """Office of Personnel Management, "Federal Holidays"; 5 U.S.C. 6103, Executive Order 11582."""
    yield nth(year, 1, MONDAY, 3)
    yield nth(year, 2, MONDAY, 3)
    yield nth(year, 5, MONDAY, -1)
    yield nth(year, 9, MONDAY, 1)
    yield nth(year, 10, MONDAY, 2)
    yield nth(year, 11, THURSDAY, 4)
    for day in (*fixed(year, (1, 1), (6, 19), (7, 4), (11, 11), (12, 25)), date(year + 1, 1, 1)):
        yield day
        if day.weekday() == SATURDAY:
            yield day - timedelta(days=1)
        if day.weekday() == SUNDAY:
            yield day + timedelta(days=1)


def united_kingdom(year: int) -> Dates:
    """gov.uk, "UK bank holidays": those in all of its three lists; substitute days with them."""
    yield from to_monday(date(year, 1, 1))
    yield from after_easter(year, -2)
    yield nth(year, 5, MONDAY, 1)
    yield nth(year, 5, MONDAY, -1)
    yield from to_monday(*fixed(year, (12, 25), (12, 26)))


def ireland(year: int) -> Dates:
    """Organisation of Working Time Act 1997, schedule 2; gov.ie for St Brigid's Day."""
    yield from fixed(year, (1, 1), (3, 17), (12, 25), (12, 26))
    yield nth(year, 2, MONDAY, 1)
    yield from after_easter(year, 1)
    yield from (nth(year, month, MONDAY, 1) for month in (5, 6, 8))
    yield nth(year, 10, MONDAY, -1)


def canada(year: int) -> Dates:
    """The five of the Canada Labour Code (section 166) that every province's law has, too.

    By section 193, and in every province, New Year's Day and Christmas are made up for on Monday.
    """
    yield from (*to_monday(date(year, 1, 1)), *to_monday(date(year, 12, 25)), date(year, 7, 1))
    yield from after_easter(year, -2)
    yield nth(year, 9, MONDAY, 1)


def new_zealand(year: int) -> Dates:
    """Holidays Act 2003, sections 44 to 45A; the Matariki Public Holiday Act 2022."""
    yield from to_monday(*fixed(year, (1, 1), (1, 2)))
    yield from to_monday(date(year, 2, 6))
    yield from after_easter(year, -2, 1)
    yield from to_monday(date(year, 4, 25))
    yield nth(year, 6, MONDAY, 1)
    yield {
        2025: date(2025, 6, 20),
        2026: date(2026, 7, 10),
        2027: date(2027, 6, 25),
        2028: date(2028, 7, 14),
    }[year]
    yield nth(year, 10, MONDAY, 4)
    yield from to_monday(*fixed(year, (12, 25), (12, 26)))


def germany(year: int) -> Dates:
    """Bundesministerium des Innern, "Nationale Feiertage": the nine that every Land's law has."""
    yield from fixed(year, (1, 1), (5, 1), (10, 3), (12, 25), (12, 26))
    yield from after_easter(year, -2, 1, 39, 50)


def austria(year: int) -> Dates:
    """Arbeitsruhegesetz, section 7 (2): the thirteen."""
    yield from fixed(
        year, (1, 1), (1, 6), (5, 1), (8, 15), (10, 26), (11, 1), (12, 8), (12, 25), (12, 26)
    )
    yield from after_easter(year, 1, 39, 50, 60)


def france(year: int) -> Dates:
    """Code du travail, article L3133-1: the eleven."""
    yield from fixed(year, (1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    yield from after_easter(year, 1, 39, 50)


def portugal(year: int) -> Dates:
    """Código do Trabalho, article 234: the thirteen."""
    yield from fixed(year, (1, 1), (4, 25), (5, 1), (6, 10), (8, 15), (10, 5), (11, 1))
    yield from fixed(year, (12, 1), (12, 8), (12, 25))
    yield from after_easter(year, -2, 0, 60)


def poland(year: int) -> Dates:
    """Law of 18 January 1951 on free days, article 1, with Christmas Eve since 2025."""
    yield from fixed(
        year,
        *((1, 1), (1, 6), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11)),
        *((12, 24), (12, 25), (12, 26)),
    )
    yield from after_easter(year, 0, 1, 49, 60)


TEN: dict[str, Callable[[int], Dates]] = {
    "US": united_states,
    "GB": united_kingdom,
    "IE": ireland,
    "CA": canada,
    "NZ": new_zealand,
    "DE": germany,
    "AT": austria,
    "FR": france,
    "PL": poland,
    "PT": portugal,
}
