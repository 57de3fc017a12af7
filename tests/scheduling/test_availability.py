"""When slots are free: opening hours, the grid, days of any length, notice and horizon."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.scheduling.availability import (
    AFTERNOON,
    DAY,
    MONDAY,
    MORNING,
    NEW_YORK,
    WHOLE_DAY,
    add,
    at,
    exams,
    find,
    hourly_practice,
    policy,
    starts,
    taken,
)
from tests.scheduling.practice import NOW, booked_at
from vetcore import clock
from vetcore.database import Database
from vetcore.scheduling import book_series
from vetcore.values.capacity import Capacity
from vetcore.values.recurrence import Recurrence

pytestmark = pytest.mark.usefixtures("on_a_friday")


async def test_visits_lie_within_hours_and_never_over_a_break(shared: Database) -> None:
    made = await hourly_practice(shared, booking_policy=policy(30))
    listed = await starts(shared, made)
    assert listed[:7] == ["08:00", "08:30", "09:00", "09:30", "10:00", "10:30", "11:00"]
    assert listed[7:9] == ["13:00", "13:30"]
    assert listed[-1] == "17:00"
    assert await starts(shared, made, MONDAY - DAY) == []


async def test_the_grid_begins_at_each_opening_whatever_minute_that_is(shared: Database) -> None:
    made = await hourly_practice(
        shared, opening_hours="Mo 08:10-11:00,13:45-16:00", booking_policy=policy(50)
    )
    assert await starts(shared, made) == ["08:10", "09:00", "09:50", "13:45", "14:35"]


async def test_neither_notice_nor_the_window_nor_a_visit_moves_the_grid(shared: Database) -> None:
    made = await hourly_practice(shared, booking_policy=policy(25, minimum_notice_minutes=60))
    await add(shared, taken(made, "09:40", "10:07"))
    with clock.frozen(at("07:17")):
        slots = await find(shared, made, at("07:59"), at("12:00"))
    assert [f"{slot.start.astimezone(NEW_YORK):%H:%M}" for slot in slots] == [
        *("08:25", "10:30", "10:55"),
    ]


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Asia/Kathmandu", "2026-05-04T03:15:00+00:00"),
        ("America/St_Johns", "2026-05-04T11:30:00+00:00"),
        ("Australia/Lord_Howe", "2026-05-03T22:30:00+00:00"),
        ("Pacific/Apia", "2026-05-03T20:00:00+00:00"),
    ],
)
async def test_the_grid_is_that_of_the_wall_clock_in_zones_of_odd_offsets(
    shared: Database, zone: str, first: str
) -> None:
    made = await hourly_practice(shared, timezone=zone, opening_hours="Mo 09:00-12:00")
    slots = await find(
        shared, made, datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 6, tzinfo=UTC)
    )
    assert slots[0].start.isoformat() == first
    assert len(slots) == 3


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Europe/London", date(2026, 3, 29), 23),
        ("UTC", date(2026, 3, 29), 24),
    ],
)
async def test_a_day_is_as_long_as_it_is(
    shared: Database, zone: str, day: date, hours: float
) -> None:
    made = await hourly_practice(
        shared,
        timezone=zone,
        opening_hours="24/7",
        services=exams(30),
        booking_policy=policy(30, horizon_days=400),
    )
    assert len(await starts(shared, made, day)) == hours * 2


async def test_opening_time_is_wall_time_on_both_sides_of_a_change_of_clocks(
    shared: Database,
) -> None:
    made = await hourly_practice(shared, opening_hours="Mo-Su 08:00-12:00")
    with clock.frozen(NOW - DAY):
        found = await find(shared, made, at("00:00", MONDAY - 2 * DAY), at("00:00"))
    assert [slot.start.hour for slot in found] == [13, 14, 15, 16, 12, 13, 14, 15]


async def test_starts_are_counted_from_opening_time_though_the_clocks_skip_it(
    shared: Database,
) -> None:
    made = await hourly_practice(shared, opening_hours="Su 01:15-01:45,02:15-02:45,02:50-05:30")
    half = timedelta(minutes=30)
    assert await starts(shared, made, MONDAY - DAY, duration=half) == [
        "01:15",
        "03:50",
        "04:50",
    ]


async def test_an_opening_that_clocks_show_twice_is_the_first(shared: Database) -> None:
    made = await hourly_practice(
        shared, opening_hours="Su 01:30-03:00", booking_policy=policy(horizon_days=400)
    )
    sunday = date(2026, 11, 1)
    found = await find(shared, made, at("00:00", sunday), at("00:00", sunday + DAY))
    assert [slot.start for slot in found] == [
        datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (5, 6)
    ]


GRIDS = [
    ("America/New_York", date(2027, 11, 7), 120, range(0, 24, 2)),
    ("America/New_York", date(2027, 11, 7), 60, (0, 1, 1, *range(2, 24))),
    ("America/New_York", date(2027, 11, 7), 240, range(0, 24, 4)),
    ("America/New_York", date(2027, 3, 14), 120, (0, *range(4, 24, 2))),
    ("America/New_York", date(2027, 3, 14), 60, (0, 1, *range(3, 24))),
    ("Australia/Lord_Howe", date(2027, 4, 4), 60, range(24)),
    ("Australia/Lord_Howe", date(2027, 10, 3), 60, (0, 1, *range(3, 24))),
    ("Australia/Lord_Howe", date(2027, 10, 3), 120, (0, *range(4, 24, 2))),
    ("Europe/London", date(2027, 10, 31), 120, range(0, 24, 2)),
    ("Africa/Cairo", date(2027, 4, 30), 60, range(1, 24)),
]
"""Days on which clocks change, a step, and the hours of the starts: 01:00 may come twice."""


@pytest.mark.parametrize(("zone", "day", "step", "hours"), GRIDS)
async def test_starts_are_at_the_same_wall_times_on_days_when_clocks_change(
    shared: Database, zone: str, day: date, step: int, hours: Sequence[int]
) -> None:
    made = await hourly_practice(
        shared,
        timezone=zone,
        opening_hours="24/7",
        services=exams(30),
        booking_policy=policy(step, horizon_days=730),
    )
    assert await starts(shared, made, day) == [f"{hour:02}:00" for hour in hours]
    for slot in await find(shared, made, at("00:00", day, ZoneInfo(zone)), at("23:00", day)):
        assert (await booked_at(shared, made, slot.start)).starts_at == slot.start


@pytest.mark.parametrize("change", [date(2026, 11, 1), date(2027, 3, 14)])
async def test_a_daily_series_at_ten_has_no_gap_where_clocks_change(
    shared: Database, change: date
) -> None:
    made = await hourly_practice(
        shared,
        opening_hours="24/7",
        services=exams(30),
        booking_policy=policy(120, horizon_days=730),
    )
    async with shared.transaction() as session:
        wish = made.request(at("10:00", change - 2 * DAY), practitioner_id=made.vets[0].user_id)
        report = await book_series(
            session,
            wish,
            rule=Recurrence.parse("FREQ=DAILY;COUNT=5"),
            keep="rest",
            by=Capacity.STAFF,
        )
    assert [each.error for each in report.occurrences] == [None] * 5


async def test_at_two_in_the_morning_last_nights_span_still_runs(shared: Database) -> None:
    made = await hourly_practice(shared, opening_hours="Mo 22:00-06:00")
    tuesday = MONDAY + DAY
    assert await starts(shared, made) == ["22:00", "23:00"]
    assert await starts(shared, made, tuesday) == [
        "00:00",
        "01:00",
        "02:00",
        "03:00",
        "04:00",
        "05:00",
    ]
    found = await find(shared, made, at("02:00", tuesday), at("02:01", tuesday))
    assert [slot.start for slot in found] == [at("02:00", tuesday)]


async def test_a_night_that_reaches_over_the_next_opening_offers_each_start_once(
    shared: Database,
) -> None:
    made = await hourly_practice(shared, opening_hours="Mo 22:00-06:00; Tu 04:00-07:00,09:30-11:00")
    listed = await starts(shared, made, MONDAY + DAY)
    assert listed == ["00:00", "01:00", "02:00", "03:00", "04:00", "05:00", "06:00", "09:30"]


async def test_a_visit_may_go_on_over_midnight_where_the_clinic_never_closes(
    shared: Database,
) -> None:
    made = await hourly_practice(shared, opening_hours="24/7", services=exams(90))
    found = await find(shared, made, at("23:00"), at("23:30"))
    assert [slot.end for slot in found] == [at("00:30", MONDAY + DAY)]


async def test_public_holidays_are_those_of_the_clinics_country(shared: Database) -> None:
    made = await hourly_practice(
        shared, opening_hours="Mo-Fr 08:00-12:00; PH off", booking_policy=policy(horizon_days=400)
    )
    thanksgiving = date(2026, 11, 26)
    assert await starts(shared, made, thanksgiving) == []
    assert await starts(shared, made, thanksgiving - DAY) == MORNING


async def test_the_past_is_not_listed_and_this_very_moment_is(shared: Database) -> None:
    made = await hourly_practice(shared)
    with clock.frozen(at("10:00")):
        assert await starts(shared, made) == ["10:00", "11:00", *AFTERNOON]
    with clock.frozen(at("10:00") + timedelta(microseconds=1)):
        assert await starts(shared, made) == ["11:00", *AFTERNOON]


@pytest.mark.parametrize("asked_at", ["00:00", "07:59", "14:00", "23:59"])
async def test_the_horizon_is_a_number_of_local_days_and_the_last_is_bookable_whole(
    shared: Database, asked_at: str
) -> None:
    made = await hourly_practice(shared, booking_policy=policy(horizon_days=3))
    with clock.frozen(at(asked_at, MONDAY - 3 * DAY)):
        assert await starts(shared, made) == WHOLE_DAY
        assert await starts(shared, made, MONDAY + DAY) == []


async def test_a_length_of_its_own_replaces_that_of_the_catalogue(shared: Database) -> None:
    made = await hourly_practice(shared)
    assert await starts(shared, made, duration=timedelta(hours=3)) == [
        "08:00",
        "09:00",
        *AFTERNOON[:3],
    ]
