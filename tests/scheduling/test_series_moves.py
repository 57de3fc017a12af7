"""Moving a series: one of its appointments, it and the following, or all."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.operations.counting import sent
from tests.scheduling.practice import TEN, Practice, booked_at, practice
from tests.scheduling.serial import (
    ALL,
    DAY,
    FOLLOWING,
    LONG,
    MINUTE,
    NEW_YORK,
    THIS,
    WEEK,
    WEEKLY,
    agreed_rules,
    everything,
    moved_to,
    series_of,
    starts_of,
)
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import InvalidValue
from vetcore.models import Appointment, AppointmentSeries
from vetcore.scheduling import merge_visits, move_series, preview_series_move
from vetcore.values.capacity import Capacity

pytestmark = pytest.mark.usefixtures("on_a_friday")


@pytest.fixture
async def made(db: Database) -> Practice:
    return await practice(db, booking_policy=LONG)


async def test_a_series_moves_by_a_quarter_of_an_hour_over_its_own_time(
    db: Database, made: Practice
) -> None:
    visits = await series_of(db, made)
    report = await moved_to(db, visits[0], TEN + 15 * MINUTE, ALL)
    assert await starts_of(db, visits) == [TEN + 15 * MINUTE + n * WEEK for n in range(4)]
    assert [each.appointment and each.appointment.id for each in report.occurrences] == [
        each.id for each in visits
    ]
    assert {each.series_id for each in report.booked} == {visits[0].series_id}
    assert [each.sequence for each in report.booked] == [1] * 4
    assert await agreed_rules(db) == [(WEEKLY, "2026-03-09T10:15")]


@pytest.mark.parametrize("days", [1, -1])
async def test_a_daily_series_moves_by_a_day_onto_its_own_times(db: Database, days: int) -> None:
    made = await practice(db, vets=1, booking_policy=LONG)
    start = TEN + DAY
    visits = await series_of(db, made, "FREQ=DAILY;COUNT=3", starts_at=start)
    await moved_to(db, visits[1], start + DAY + days * DAY, ALL)
    assert await starts_of(db, visits) == [start + (n + days) * DAY for n in range(3)]
    assert [rule for rule, _ in await agreed_rules(db)] == ["FREQ=DAILY;COUNT=3"]


async def test_only_this_one_moves_and_it_keeps_its_place(db: Database, made: Practice) -> None:
    visits = await series_of(db, made)
    report = await moved_to(db, visits[1], TEN + WEEK + DAY, THIS)
    assert [each.place for each in report.occurrences] == [2]
    assert await starts_of(db, visits) == [TEN, TEN + WEEK + DAY, TEN + 2 * WEEK, TEN + 3 * WEEK]
    assert await agreed_rules(db) == [(WEEKLY, "2026-03-09T10:00")]


async def test_this_and_the_following_become_a_series_of_their_own(
    db: Database, made: Practice
) -> None:
    visits = await series_of(db, made)
    report = await moved_to(db, visits[2], TEN + 2 * WEEK + 2 * DAY + 30 * MINUTE, FOLLOWING)
    later = 2 * DAY + 30 * MINUTE
    assert await starts_of(db, visits) == [
        TEN,
        TEN + WEEK,
        TEN + 2 * WEEK + later,
        TEN + 3 * WEEK + later,
    ]
    assert await agreed_rules(db) == [
        ("FREQ=WEEKLY;COUNT=2", "2026-03-09T10:00"),
        ("FREQ=WEEKLY;COUNT=2", "2026-03-25T10:30"),
    ]
    assert [each.place for each in report.occurrences] == [1, 2]
    async with db.session() as session:
        part = await session.scalar(
            select(AppointmentSeries).where(AppointmentSeries.id == report.series_id)
        )
        assert part is not None
        assert part.follows_id == visits[0].series_id


async def test_what_was_moved_alone_stays_when_the_series_moves(
    db: Database, made: Practice
) -> None:
    visits = await series_of(db, made)
    await moved_to(db, visits[1], TEN + WEEK + DAY, THIS)
    report = await moved_to(db, visits[0], TEN + 15 * MINUTE, ALL)
    by = 15 * MINUTE
    assert await starts_of(db, visits) == [
        TEN + by,
        TEN + WEEK + DAY,
        TEN + 2 * WEEK + by,
        TEN + 3 * WEEK + by,
    ]
    assert [each.error for each in report.occurrences] == [None] * 4
    # Named itself, it comes with the others, to where the series has it then.
    await moved_to(db, visits[1], TEN + WEEK, ALL)
    assert await starts_of(db, visits) == [TEN + n * WEEK for n in range(4)]


async def test_another_person_takes_over_from_one_appointment_on(
    db: Database, made: Practice
) -> None:
    visits = await series_of(db, made)
    await moved_to(db, visits[3], TEN + 3 * WEEK + DAY, THIS)
    await moved_to(db, visits[2], TEN + 2 * WEEK, FOLLOWING, practitioner_id=made.vets[1].user_id)
    async with db.session() as session:
        rows = await session.scalars(select(Appointment).order_by(Appointment.starts_at))
        found = [(row.practitioner_id, row.starts_at, row.series_id) for row in rows]
    first, second = (vet.user_id for vet in made.vets)
    assert found == [
        (first, TEN, visits[0].series_id),
        (first, TEN + WEEK, visits[0].series_id),
        (second, TEN + 2 * WEEK, visits[0].series_id),
        (second, TEN + 3 * WEEK + DAY, visits[0].series_id),
    ]


async def test_a_monthly_series_moves_to_another_weekday_of_the_month(
    db: Database, made: Practice
) -> None:
    visits = await series_of(db, made, "FREQ=MONTHLY;BYDAY=2MO;COUNT=4")
    thursday = datetime(2026, 4, 9, 15, 0, tzinfo=NEW_YORK)  # the second of its month
    await moved_to(db, visits[1], thursday, ALL)
    found = [each.astimezone(NEW_YORK) for each in await starts_of(db, visits)]
    assert [f"{each:%m-%d %H:%M}" for each in found] == [
        "03-12 15:00",
        "04-09 15:00",
        "05-14 15:00",
        "06-11 15:00",
    ]
    assert await agreed_rules(db) == [("FREQ=MONTHLY;COUNT=4;BYDAY=2TH", "2026-03-12T15:00")]


async def test_exceptions_move_with_the_series(db: Database, made: Practice) -> None:
    visits = await series_of(db, made, "FREQ=WEEKLY;COUNT=5\nEXDATE:20260316,20260330")
    await moved_to(db, visits[1], TEN + 2 * WEEK + DAY, FOLLOWING)
    assert await starts_of(db, visits) == [TEN, TEN + 2 * WEEK + DAY, TEN + 4 * WEEK + DAY]
    assert (await agreed_rules(db))[1] == (
        "FREQ=WEEKLY;COUNT=3\nEXDATE;VALUE=DATE:20260331",
        "2026-03-24T10:00",
    )


async def test_the_wall_time_stays_across_the_change_of_clocks(
    db: Database, made: Practice
) -> None:
    start = datetime(2026, 10, 19, 10, 0, tzinfo=NEW_YORK)
    visits = await series_of(db, made, starts_at=start)
    await moved_to(db, visits[0], start.replace(hour=11), ALL)
    found = [each.astimezone(NEW_YORK) for each in await starts_of(db, visits)]
    assert [f"{each:%m-%d %H:%M}" for each in found] == [
        "10-19 11:00",
        "10-26 11:00",
        "11-02 11:00",
        "11-09 11:00",
    ]
    assert found[2] - found[1] == WEEK  # by the wall, and an hour more by the sun


async def test_a_series_moves_into_the_hour_that_the_clocks_skip(db: Database) -> None:
    made = await practice(db, opening_hours="24/7", booking_policy=LONG)
    with clock.frozen(datetime(2026, 2, 1, tzinfo=UTC)):
        start = datetime(2026, 3, 1, 4, 0, tzinfo=NEW_YORK)
        visits = await series_of(db, made, "FREQ=WEEKLY;COUNT=3", starts_at=start)
        await moved_to(db, visits[0], start.replace(hour=2, minute=30), ALL)
        moved = [each.astimezone(NEW_YORK) for each in await starts_of(db, visits)]
        assert [(each.hour, each.minute) for each in moved] == [(2, 30), (3, 30), (2, 30)]
        # What the gap has put off was not moved alone: it comes along.
        await moved_to(db, visits[0], start, ALL)
        back = [each.astimezone(NEW_YORK) for each in await starts_of(db, visits)]
        assert [each.hour for each in back] == [4, 4, 4]


# Looking ahead --------------------------------------------------------------------------------


async def test_a_preview_of_a_move_writes_nothing_and_takes_as_many_statements_as_for_one(
    db: Database, made: Practice
) -> None:
    visits = await series_of(db, made, "FREQ=WEEKLY;COUNT=20")
    await booked_at(
        db, made, TEN + WEEK + 30 * MINUTE, animal=1, practitioner_id=made.vets[0].user_id
    )
    before = await everything(db)
    taken: list[int] = []
    for one in (visits[0], visits[18]):
        async with db.transaction() as session:
            with sent(db) as statements:
                seen = await preview_series_move(
                    session,
                    one.id,
                    starts_at=one.starts_at + 15 * MINUTE,
                    scope=FOLLOWING,
                    by=Capacity.STAFF,
                )
        taken.append(len(statements.of_work))
        if one is visits[0]:
            assert [each.place for each in seen.conflicts] == [2]
            assert seen.occurrences[0].practitioner_id == made.vets[0].user_id
            assert [each.appointment_id for each in seen.occurrences] == [v.id for v in visits]
    assert taken[0] == taken[1]
    assert await everything(db) == before


async def test_a_series_goes_with_its_pet_when_two_rows_become_one(
    db: Database, made: Practice
) -> None:
    visits = await series_of(db, made)
    kept = made.pets[1].id
    async with db.transaction() as session:
        await merge_visits(session, pet_id=made.pets[0].id, into=kept)
    async with db.session() as session:
        (series,) = await session.scalars(select(AppointmentSeries))
    assert series.pet_id == kept
    report = await moved_to(db, visits[0], TEN + 15 * MINUTE, ALL)
    assert {each.pet_id for each in report.booked} == {kept}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"starts_at": TEN + timedelta(seconds=1)}, "starts_at"),
        ({"starts_at": TEN.replace(tzinfo=None)}, "starts_at"),
        ({"overrides": ["slot_taken"]}, "overrides"),
        ({"overrides": ["off_grid"], "by": Capacity.OWNER}, "overrides"),
    ],
)
async def test_what_cannot_be_asked_of_a_move_cannot_be_asked_of_its_preview(
    db: Database, made: Practice, given: dict[str, Any], field: str
) -> None:
    visits = await series_of(db, made)
    asked: dict[str, Any] = {"starts_at": TEN, "scope": ALL, "by": Capacity.STAFF} | given
    async with db.transaction() as session:
        for act in (preview_series_move, move_series):
            with pytest.raises(InvalidValue) as refused:
                await act(session, visits[0].id, **asked)
            assert refused.value.details["field"] == field
