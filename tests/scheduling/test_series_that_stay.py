"""What of a series is not moved, and what is cancelled."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

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
from vetcore.errors import InvalidTransition, InvalidValue, NotFound, SlotTaken
from vetcore.models import Appointment, AppointmentSeries
from vetcore.scheduling import (
    SeriesConflict,
    cancel,
    cancel_series,
    check_in,
    move_series,
)
from vetcore.scheduling.errors import InThePast, TooLateToCancel
from vetcore.values.appointments import AppointmentStatus, SeriesScope
from vetcore.values.capacity import Capacity

pytestmark = pytest.mark.usefixtures("on_a_friday")


@pytest.fixture
async def made(db: Database) -> Practice:
    return await practice(db, booking_policy=LONG)


async def test_what_has_begun_or_is_over_or_cancelled_is_not_touched(
    db: Database, made: Practice
) -> None:
    visits = await series_of(db, made)
    async with db.transaction() as session:
        await check_in(session, visits[0].id)
        await cancel(session, visits[2].id, by=Capacity.STAFF)
    before = await starts_of(db, visits)
    with clock.frozen(TEN + 5 * MINUTE):
        await moved_to(db, visits[1], TEN + WEEK + 15 * MINUTE, ALL)
    by = 15 * MINUTE
    assert await starts_of(db, visits) == [
        before[0],
        TEN + WEEK + by,
        before[2],
        TEN + 3 * WEEK + by,
    ]
    # What is over stays in the series that was; what goes on is one of its own.
    assert await agreed_rules(db) == [
        ("FREQ=WEEKLY;COUNT=1", "2026-03-09T10:00"),
        ("FREQ=WEEKLY;COUNT=3", "2026-03-16T10:15"),
    ]


@pytest.mark.parametrize("scope", SeriesScope)
async def test_one_that_has_begun_or_should_have_cannot_be_the_one_that_moves(
    db: Database, made: Practice, scope: SeriesScope
) -> None:
    visits = await series_of(db, made)
    before = await everything(db)
    with clock.frozen(TEN + 5 * MINUTE), pytest.raises(InThePast):
        await moved_to(db, visits[0], TEN + 15 * MINUTE, scope)
    assert await everything(db) == before
    async with db.transaction() as session:
        await cancel(session, visits[0].id, by=Capacity.STAFF)
    with pytest.raises(InvalidTransition):
        await moved_to(db, visits[0], TEN + 15 * MINUTE, scope)


async def test_a_conflict_is_named_by_occurrence_and_nothing_moves(
    db: Database, made: Practice
) -> None:
    visits = await series_of(db, made)
    other = {"animal": 1, "practitioner_id": made.vets[0].user_id}
    await booked_at(db, made, TEN + WEEK + 30 * MINUTE, **other)
    before = await everything(db)
    async with db.transaction() as session:
        with pytest.raises(SeriesConflict) as caught:
            await move_series(
                session,
                visits[0].id,
                starts_at=TEN + 15 * MINUTE,
                scope=ALL,
                by=Capacity.STAFF,
            )
        # The transaction goes on, and the session knows the rows as they are.
        found = await session.scalars(select(Appointment).order_by(Appointment.starts_at))
        assert [each.starts_at for each in found][:2] == [TEN, TEN + WEEK]
    assert [(each.place, type(each.error)) for each in caught.value.report.conflicts] == [
        (2, SlotTaken)
    ]
    conflicts: Any = caught.value.details["conflicts"]
    (told,) = conflicts
    assert (told["place"], told["code"]) == (2, "slot_taken")
    assert "cannot be moved" in str(caught.value)
    assert await everything(db) == before


async def test_the_rest_moves_and_the_other_keeps_its_time_and_place(
    db: Database, made: Practice
) -> None:
    visits = await series_of(db, made)
    other = {"animal": 1, "practitioner_id": made.vets[0].user_id}
    await booked_at(db, made, TEN + WEEK + 30 * MINUTE, **other)
    report = await moved_to(db, visits[0], TEN + 15 * MINUTE, ALL, keep="rest")
    by = 15 * MINUTE
    assert await starts_of(db, visits) == [
        TEN + by,
        TEN + WEEK,
        TEN + 2 * WEEK + by,
        TEN + 3 * WEEK + by,
    ]
    (left,) = report.conflicts
    assert left.place == 2
    assert left.appointment is not None
    assert left.appointment.starts_at == TEN + WEEK
    assert await agreed_rules(db) == [(WEEKLY, "2026-03-09T10:15")]


async def test_one_that_cannot_move_holds_up_those_that_come_onto_its_time(db: Database) -> None:
    made = await practice(db, vets=1, booking_policy=LONG)
    visits = await series_of(db, made, "FREQ=DAILY;COUNT=3")
    await booked_at(db, made, TEN + 3 * DAY, animal=1)
    with pytest.raises(SeriesConflict) as caught:
        await moved_to(db, visits[0], TEN + DAY, ALL)
    # Only what somebody else has is a conflict.
    assert [each.place for each in caught.value.report.conflicts] == [3]
    report = await moved_to(db, visits[0], TEN + DAY, ALL, keep="rest")
    assert [each.place for each in report.conflicts] == [1, 2, 3]
    assert await agreed_rules(db) == [("FREQ=DAILY;COUNT=3", "2026-03-09T10:00")]


async def test_a_rule_that_has_no_such_day_does_not_move_there(
    db: Database, made: Practice
) -> None:
    visits = await series_of(db, made, "FREQ=MONTHLY;BYDAY=2MO;COUNT=3")
    before = await everything(db)
    with pytest.raises(InvalidValue) as caught:
        await moved_to(db, visits[0], datetime(2026, 3, 31, 10, 0, tzinfo=NEW_YORK), ALL)
    assert caught.value.details["field"] == "starts_at"
    assert await everything(db) == before


async def test_what_is_in_no_series_is_not_moved_as_one(db: Database, made: Practice) -> None:
    alone = await booked_at(db, made)
    with pytest.raises(InvalidValue) as caught:
        await moved_to(db, alone, TEN + DAY, ALL)
    assert caught.value.details["field"] == "id"
    async with db.transaction() as session:
        with pytest.raises(NotFound):
            await move_series(session, uuid4(), starts_at=TEN, scope=ALL, by=Capacity.STAFF)


async def test_the_clinics_notice_binds_owners_who_move_a_series(db: Database) -> None:
    policy = LONG.model_copy(update={"cancellation_notice_minutes": 24 * 60})
    made = await practice(db, booking_policy=policy)
    visits = await series_of(db, made)
    with clock.frozen(TEN - timedelta(hours=2)):
        with pytest.raises(SeriesConflict) as caught:
            await moved_to(db, visits[1], TEN + WEEK + 15 * MINUTE, ALL, by=Capacity.OWNER)
        assert [(each.place, type(each.error)) for each in caught.value.report.conflicts] == [
            (1, TooLateToCancel)
        ]
        await moved_to(db, visits[1], TEN + WEEK + 15 * MINUTE, FOLLOWING, by=Capacity.OWNER)
        await moved_to(db, visits[0], TEN + 15 * MINUTE, ALL)


async def test_an_earlier_series_without_a_rule_moves_as_far_as_the_named_one(
    db: Database, made: Practice
) -> None:
    visits = await series_of(db, made)
    async with db.transaction() as session:
        await session.execute(update(AppointmentSeries).values(rule=None))
    await moved_to(db, visits[1], TEN + WEEK + DAY + 15 * MINUTE, FOLLOWING)
    by = DAY + 15 * MINUTE
    assert await starts_of(db, visits) == [TEN, *[TEN + n * WEEK + by for n in (1, 2, 3)]]
    assert len(await agreed_rules(db)) == 1


# Cancelling --------------------------------------------------------------------------------


async def _cancel(
    db: Database, one: Appointment, scope: SeriesScope, by: Capacity = Capacity.STAFF
) -> list[UUID]:
    async with db.transaction() as session:
        gone = await cancel_series(session, one.id, scope=scope, by=by, reason="moved away")
    return [each.id for each in gone]


@pytest.mark.parametrize(
    ("scope", "places"), [(THIS, [2]), (FOLLOWING, [2, 3, 4]), (ALL, [1, 2, 3, 4])]
)
async def test_a_series_is_cancelled_as_far_as_is_said(
    db: Database, made: Practice, scope: SeriesScope, places: list[int]
) -> None:
    visits = await series_of(db, made)
    assert await _cancel(db, visits[1], scope) == [visits[place - 1].id for place in places]
    async with db.session() as session:
        rows = await session.scalars(select(Appointment).order_by(Appointment.starts_at))
        found = [(row.series_place, row.cancellation_reason) for row in rows if row.cancelled_at]
    assert found == [(place, "moved away") for place in places]
    assert await agreed_rules(db) == [(WEEKLY, "2026-03-09T10:00")]


async def test_cancelling_all_cancels_what_is_still_to_come(db: Database, made: Practice) -> None:
    visits = await series_of(db, made)
    async with db.transaction() as session:
        await cancel(session, visits[2].id, by=Capacity.STAFF)
        await check_in(session, visits[0].id)
    with clock.frozen(TEN - 5 * MINUTE):
        assert await _cancel(db, visits[2], ALL) == [visits[1].id, visits[3].id]
    async with db.session() as session:
        rows = (await session.scalars(select(Appointment).order_by(Appointment.starts_at))).all()
    assert [each.status for each in rows] == [
        AppointmentStatus.CHECKED_IN,
        *[AppointmentStatus.CANCELLED] * 3,
    ]
    assert [each.sequence for each in rows] == [0, 1, 1, 1]


async def test_following_goes_by_place_also_where_one_was_moved_before_it(
    db: Database, made: Practice
) -> None:
    visits = await series_of(db, made)
    await moved_to(db, visits[3], TEN + WEEK - DAY * 4, THIS)
    assert await _cancel(db, visits[1], FOLLOWING) == [each.id for each in visits[1:]]


async def test_the_clinics_notice_binds_owners_and_then_nothing_is_cancelled(
    db: Database,
) -> None:
    policy = LONG.model_copy(update={"cancellation_notice_minutes": 60})
    made = await practice(db, booking_policy=policy)
    visits = await series_of(db, made)
    before = await everything(db)
    with clock.frozen(TEN - 5 * MINUTE):
        with pytest.raises(TooLateToCancel):
            await _cancel(db, visits[1], ALL, Capacity.OWNER)
        assert await everything(db) == before
        assert len(await _cancel(db, visits[1], FOLLOWING, Capacity.OWNER)) == 3


async def test_a_transaction_goes_on_after_a_series_that_could_not_be_cancelled(
    db: Database,
) -> None:
    policy = LONG.model_copy(update={"cancellation_notice_minutes": 10 * 24 * 60})
    made = await practice(db, booking_policy=policy)
    visits = await series_of(db, made)
    await moved_to(db, visits[3], TEN + DAY, THIS)
    async with db.transaction() as session:
        with pytest.raises(TooLateToCancel):
            await cancel_series(session, visits[2].id, scope=FOLLOWING, by=Capacity.OWNER)
        rows = await session.scalars(select(Appointment))
        assert {row.status for row in rows} == {AppointmentStatus.SCHEDULED}


async def test_a_series_that_is_not_there_cannot_be_cancelled(db: Database) -> None:
    async with db.transaction() as session:
        with pytest.raises(NotFound):
            await cancel_series(session, uuid4(), scope=ALL, by=Capacity.STAFF)
