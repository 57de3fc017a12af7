"""Recurrence rules: what is read, what is refused, and on which days they fall."""

import time
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from vetcore.errors import InvalidValue
from vetcore.values.recurrence import Frequency, Recurrence, WeekdayOfPeriod

NEW_YORK = ZoneInfo("America/New_York")
TUESDAY = datetime(2026, 10, 13, 10, 0, tzinfo=NEW_YORK)
"""The second of its month."""


def _days(text: str, first: datetime = TUESDAY) -> list[str]:
    return [f"{each.wall:%m-%d}" for each in Recurrence.parse(text).places(first, NEW_YORK)]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("FREQ=DAILY;INTERVAL=21;COUNT=3", "10-13 11-03 11-24"),
        ("FREQ=WEEKLY;COUNT=3", "10-13 10-20 10-27"),
        ("FREQ=WEEKLY;BYDAY=TU,FR;COUNT=4", "10-13 10-16 10-20 10-23"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU;COUNT=4", "10-13 10-18 10-27 11-01"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU;WKST=SU;COUNT=4", "10-13 10-25 10-27 11-08"),
        ("FREQ=MONTHLY;BYDAY=2TU;COUNT=4", "10-13 11-10 12-08 01-12"),
        ("FREQ=MONTHLY;BYMONTHDAY=13,-1;UNTIL=20261130", "10-13 10-31 11-13 11-30"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=9;COUNT=2", "10-13 11-12"),
        ("FREQ=YEARLY;BYDAY=2TU;BYMONTH=10,11;COUNT=3", "10-13 11-10 10-12"),
        ("FREQ=YEARLY;COUNT=2", "10-13 10-13"),
        ("FREQ=DAILY;BYMONTH=10;UNTIL=20261016", "10-13 10-14 10-15 10-16"),
        ("FREQ=WEEKLY;COUNT=4\nEXDATE;VALUE=DATE:20261020", "10-13 10-27 11-03"),
        ("RRULE:FREQ=WEEKLY;COUNT=3\r\nEXDATE:20261013T1\r\n 00000", "10-20 10-27"),
        ("FREQ=WEEKLY;COUNT=3\nEXDATE:20261020T140000Z", "10-13 10-27"),
        ("FREQ=WEEKLY;COUNT=3\nEXDATE;TZID=Europe/London:20261020T150000", "10-13 10-27"),
        ("FREQ=WEEKLY;COUNT=3\nEXDATE:20261020T110000", "10-13 10-20 10-27"),
    ],
)
def test_a_rule_falls_on_the_days_that_it_says(text: str, days: str) -> None:
    assert _days(text) == days.split()


def test_a_month_without_the_day_is_left_out() -> None:
    last = datetime(2026, 10, 31, 10, 0, tzinfo=NEW_YORK)
    assert _days("FREQ=MONTHLY;COUNT=3", last) == ["10-31", "12-31", "01-31"]


@pytest.mark.parametrize(
    ("until", "count"),
    [
        ("20261027", 3),
        ("20261026", 2),
        ("20261027T140000Z", 3),
        ("20261027T135959Z", 2),
        ("20261103T150000Z", 4),
        ("20261103T145959Z", 3),
    ],
)
def test_until_is_a_local_day_or_an_instant(until: str, count: int) -> None:
    assert len(_days(f"FREQ=WEEKLY;UNTIL={until}")) == count


def test_the_wall_time_stays_when_the_clocks_change() -> None:
    places = Recurrence.parse("FREQ=WEEKLY;COUNT=4").places(TUESDAY, NEW_YORK)
    assert [each.wall.hour for each in places] == [10] * 4
    assert [each.instant.hour for each in places] == [14, 14, 14, 15]


def test_a_skipped_wall_time_has_the_offset_before_the_gap() -> None:
    first = datetime(2026, 3, 7, 2, 30, tzinfo=NEW_YORK)
    places = Recurrence.parse("FREQ=DAILY;COUNT=3").places(first, NEW_YORK)
    assert [each.wall.hour for each in places] == [2, 2, 2]
    assert [each.instant for each in places] == [
        datetime(2026, 3, 7, 7, 30, tzinfo=UTC),
        datetime(2026, 3, 8, 7, 30, tzinfo=UTC),  # 03:30 there
        datetime(2026, 3, 9, 6, 30, tzinfo=UTC),
    ]


def test_a_repeated_wall_time_means_the_first_but_where_it_was_given() -> None:
    second = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=1)
    rule = Recurrence.parse("FREQ=DAILY;COUNT=2")
    assert rule.places(second, NEW_YORK)[0].instant == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    before = rule.places(second - timedelta(days=1), NEW_YORK)
    assert before[1].instant == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


# What is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "is empty"),
        ("EXDATE:20261013", "has no RRULE"),
        ("COUNT=3", "has no FREQ"),
        ("FREQ=WEEKLY", "has no end"),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=20271231", "has COUNT and UNTIL"),
        ("FREQ=HOURLY;COUNT=3", "no pet comes more than once a day"),
        ("FREQ=FORTNIGHTLY;COUNT=3", "has no FREQ that can be"),
        ("FREQ=WEEKLY;COUNT=0", "has no COUNT that can be"),
        ("FREQ=WEEKLY;COUNT=121", "has no COUNT that can be"),
        ("FREQ=WEEKLY;COUNT=-1", "has no COUNT that can be"),
        ("FREQ=WEEKLY;COUNT=¹", "has no COUNT that can be"),
        ("FREQ=DAILY;INTERVAL=0;COUNT=3", "has no INTERVAL that can be"),
        ("FREQ=DAILY;INTERVAL=99999;COUNT=3", "has no INTERVAL that can be"),
        ("FREQ=WEEKLY;COUNT=3;COUNT=4", "says COUNT twice"),
        ("FREQ=WEEKLY;COUNT=3;BYHOUR=9", "cannot use BYHOUR"),
        ("FREQ=WEEKLY;COUNT=3;BYWEEKNO=9", "has a part that is not known"),
        ("FREQ=WEEKLY;COUNT=3;", "has a part that is not known"),
        ("FREQ=WEEKLY;COUNT", "does not say what COUNT is"),
        ("FREQ=WEEKLY;COUNT=3;BYDAY=2TU", "numbers the weekdays of no month"),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=6TU", "has not so often"),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=0TU", "has no BYDAY that can be"),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=XX", "has no BYDAY that can be"),
        ("FREQ=MONTHLY;COUNT=3;BYMONTHDAY=32", "has no BYMONTHDAY that can be"),
        ("FREQ=MONTHLY;COUNT=3;BYMONTH=-1", "has no BYMONTH that can be"),
        ("FREQ=WEEKLY;COUNT=3;BYMONTHDAY=3", "says nothing of weeks"),
        ("FREQ=MONTHLY;COUNT=3;BYSETPOS=1", "nothing of which it could be"),
        ("FREQ=WEEKLY;COUNT=3;WKST=XX", "has no WKST that can be"),
        ("FREQ=WEEKLY;UNTIL=20261301", "has no UNTIL that can be"),
        ("FREQ=WEEKLY;UNTIL=20261027T100000", "does not say in which zone"),
        ("FREQ=WEEKLY;UNTIL=00010101", "has no UNTIL that can be"),
        ("FREQ=WEEKLY;COUNT=3\nEXDATE:tomorrow", "has no EXDATE that can be"),
        ("FREQ=WEEKLY;COUNT=3\nEXDATE;RANGE=X:20261013", "has an EXDATE with"),
        ("FREQ=WEEKLY;COUNT=3\nRDATE:20261013", "has a line that is not known"),
        ("FREQ=WEEKLY;COUNT=3\nFREQ=DAILY;COUNT=2", "has a line that is not known"),
        ("FREQ=WEEKLY;COUNT=3" + "\nEXDATE:20261013" * 400, "is too long"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(text: str, rule: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        Recurrence.parse(text)
    assert caught.value.details["field"] == "rule"
    assert rule in str(caught.value)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("FREQ=MONTHLY;BYDAY=2WE;COUNT=3", "does not fall on the first one"),
        ("FREQ=WEEKLY;UNTIL=20261012", "does not fall on the first one"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", "does not fall on the first one"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", "does not fall on the first one"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=300;COUNT=3", "does not fall on the first one"),
        ("FREQ=DAILY;UNTIL=20270401", "leads to too many"),
        ("FREQ=WEEKLY;UNTIL=20371231", "ends too late"),
        ("FREQ=YEARLY;COUNT=30", "comes true only"),
        ("FREQ=DAILY;INTERVAL=3653;COUNT=120", "comes true only 2 times"),
        ("FREQ=WEEKLY;COUNT=2\nEXDATE:20261013,20261020", "no occurrence that is no exception"),
    ],
)
def test_a_rule_that_leads_nowhere_is_refused_at_once(text: str, rule: str) -> None:
    started = time.perf_counter()
    with pytest.raises(InvalidValue) as caught:
        Recurrence.parse(text).places(TUESDAY, NEW_YORK)
    assert rule in str(caught.value)
    assert time.perf_counter() - started < 1


def test_a_field_of_a_schema_takes_text_and_says_what_is_wrong() -> None:
    adapter: TypeAdapter[Recurrence] = TypeAdapter(Recurrence)
    rule = adapter.validate_python("FREQ=WEEKLY;COUNT=3")
    assert adapter.validate_python(rule) is rule
    assert adapter.dump_json(rule) == b'"FREQ=WEEKLY;COUNT=3"'
    for wrong in ("FREQ=WEEKLY", 7, None):
        with pytest.raises(ValidationError):
            adapter.validate_python(wrong)


# Against another evaluation ----------------------------------------------------------------------

NUMBERS = {"MONTHLY": 5, "YEARLY": 53}


def _several(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[tuple[int, ...]]:
    several = st.lists(numbers, max_size=3, unique=True)
    return several.map(lambda found: tuple(sorted(found)))


@st.composite
def rules(draw: st.DrawFn) -> Recurrence:
    """A rule, mostly one that falls somewhere."""
    frequency = draw(st.sampled_from(Frequency))
    parts: dict[str, Any] = {
        "by_month": draw(st.just(()) | _several(st.integers(1, 12))),
        "by_day": (),
        "by_month_day": (),
        "by_set_position": (),
    }
    reach = NUMBERS.get(frequency.value, 0)
    if frequency is Frequency.YEARLY and parts["by_month"]:
        reach = NUMBERS["MONTHLY"]
    number = st.none()
    if reach and draw(st.booleans()):  # dateutil reads a list that has both as "and"
        number = st.integers(-reach, reach).filter(bool)  # type: ignore[assignment]
    weekdays = st.lists(
        st.builds(WeekdayOfPeriod, st.integers(0, 6), number), max_size=3, unique=True
    )
    in_order = weekdays.map(
        lambda days: sorted(days, key=lambda day: (day.number or 0, day.weekday))
    )
    parts["by_day"] = draw(st.just(()) | in_order.map(tuple))
    if frequency is not Frequency.WEEKLY:
        days = st.integers(-31, 31).filter(bool)
        parts["by_month_day"] = draw(st.just(()) | _several(days))
    if parts["by_day"] or parts["by_month_day"] or parts["by_month"]:
        position = st.integers(-5, 5).filter(bool)
        parts["by_set_position"] = draw(st.just(()) | _several(position))
    return Recurrence(
        frequency=frequency,
        interval=draw(st.integers(1, 4)),
        week_start=draw(st.integers(0, 6)),
        until=date(2033, 12, 31),
        **parts,
    )


BEGINNINGS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)).map(  # noqa: DTZ001
    lambda at: at.replace(second=0, microsecond=0)
)


_FREQUENCIES: dict[str, Any] = {"YEARLY": 0, "MONTHLY": 1, "WEEKLY": 2, "DAILY": 3}
"""As dateutil numbers them."""


def _by_dateutil(rule: Recurrence, begin: datetime) -> Any:
    return rrule.rrule(
        _FREQUENCIES[rule.frequency],
        dtstart=begin,
        interval=rule.interval,
        wkst=rule.week_start,
        bysetpos=rule.by_set_position or None,
        bymonth=rule.by_month or None,
        bymonthday=rule.by_month_day or None,
        byweekday=[rrule.weekday(*each) for each in rule.by_day] or None,
    )


@settings(max_examples=300, deadline=None)
@given(rules(), BEGINNINGS)
def test_it_falls_on_the_days_on_which_dateutil_says_that_it_falls(
    rule: Recurrence, begin: datetime
) -> None:
    if rule.frequency is Frequency.WEEKLY and rule.by_set_position:
        # Of the first week, dateutil counts the positions from the first day of the series.
        begin += timedelta(days=(rule.week_start - begin.weekday()) % 7)
    days = list(islice(rule._days(begin.date(), date(2033, 12, 31)), 40))
    assume(days)  # dateutil goes on to the year 9999
    assert [each.date() for each in islice(_by_dateutil(rule, begin), len(days))] == days


@settings(max_examples=200, deadline=None)
@given(rules())
def test_what_is_written_is_read_as_the_same_rule(rule: Recurrence) -> None:
    text = str(rule)
    assert str(Recurrence.parse(text)) == text
    assert set(Recurrence.parse(text).by_day) == set(rule.by_day)


@given(st.text(max_size=60) | st.from_regex(r"FREQ=[A-Z]{0,8};(BY[A-Z]+=[-0-9A-Z,]{0,12};)*"))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        rule = Recurrence.parse(text)
    except InvalidValue:
        return
    assert Recurrence.parse(str(rule)) == rule


# Moving ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "new", "moved"),
    [
        ("FREQ=WEEKLY;COUNT=3", "2026-10-15", "FREQ=WEEKLY;COUNT=3"),
        ("FREQ=DAILY;INTERVAL=21;COUNT=3", "2026-10-10", "FREQ=DAILY;INTERVAL=21;COUNT=3"),
        (
            "FREQ=WEEKLY;BYDAY=TU,FR;COUNT=3",
            "2026-10-14",
            "FREQ=WEEKLY;COUNT=3;BYDAY=WE,SA",
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU;COUNT=3",
            "2026-10-14",
            "FREQ=WEEKLY;INTERVAL=2;COUNT=3;BYDAY=MO,WE;WKST=TU",
        ),
        ("FREQ=MONTHLY;BYDAY=2TU;COUNT=3", "2026-10-15", "FREQ=MONTHLY;COUNT=3;BYDAY=3TH"),
        ("FREQ=MONTHLY;BYDAY=2TU;COUNT=3", "2026-10-08", "FREQ=MONTHLY;COUNT=3;BYDAY=2TH"),
        ("FREQ=MONTHLY;BYMONTHDAY=13;COUNT=3", "2026-10-20", "FREQ=MONTHLY;COUNT=3;BYMONTHDAY=20"),
        ("FREQ=MONTHLY;COUNT=3", "2026-10-20", "FREQ=MONTHLY;COUNT=3"),
        (
            "FREQ=YEARLY;BYMONTH=10;BYDAY=2TU;COUNT=3",
            "2026-10-15",
            "FREQ=YEARLY;COUNT=3;BYMONTH=10;BYDAY=3TH",
        ),
        ("FREQ=MONTHLY;BYDAY=2TU,4TU;COUNT=3", "2026-10-13", "FREQ=MONTHLY;COUNT=3;BYDAY=2TU,4TU"),
    ],
)
def test_a_rule_moves_to_another_day(text: str, new: str, moved: str) -> None:
    rule = Recurrence.parse(text)
    assert str(rule.moved(TUESDAY.date(), date.fromisoformat(new))) == moved


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("FREQ=MONTHLY;BYDAY=2TU;COUNT=3", "2026-11-05"),
        ("FREQ=MONTHLY;BYDAY=2TU;COUNT=3", "2026-10-29"),
        ("FREQ=MONTHLY;BYDAY=2TU,4TU;COUNT=3", "2026-10-14"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2;COUNT=3", "2026-10-14"),
        ("FREQ=MONTHLY;BYMONTHDAY=13;COUNT=3", "2026-10-31"),
        ("FREQ=MONTHLY;BYMONTHDAY=13,20;COUNT=3", "2026-10-14"),
        ("FREQ=DAILY;BYMONTH=10;COUNT=3", "2026-10-14"),
        ("FREQ=YEARLY;BYDAY=41TU;COUNT=3", "2026-10-14"),
    ],
)
def test_a_rule_that_has_no_such_day_cannot_move_there(text: str, new: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        Recurrence.parse(text).moved(TUESDAY.date(), date.fromisoformat(new))
    assert caught.value.details["field"] == "starts_at"


@settings(deadline=None)
@given(
    st.sampled_from(
        ["FREQ=DAILY;INTERVAL=3;COUNT=20", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,SU;COUNT=20"]
    ),
    st.integers(-30, 30),
)
def test_a_daily_or_weekly_rule_moves_each_of_its_days_as_far(text: str, days: int) -> None:
    by = timedelta(days=days)
    rule = Recurrence.parse(text)
    before = rule.places(TUESDAY, NEW_YORK)
    moved = rule.moved(TUESDAY.date(), TUESDAY.date() + by)
    after = moved.places(TUESDAY + by, NEW_YORK)
    assert [each.wall for each in after] == [each.wall + by for each in before]
