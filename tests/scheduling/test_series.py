"""Series of appointments, on both engines."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests.scheduling.practice import NOW, TEN, Practice, practice
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import InvalidValue, NotFound, SlotTaken
from vetcore.models import Appointment
from vetcore.scheduling import (
    SeriesConflict,
    SeriesReport,
    book,
    book_series,
    cancel,
    cancel_series,
    check_in,
)
from vetcore.scheduling.errors import BeyondHorizon, TooLateToCancel
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.services import BookingPolicy

NEW_YORK = ZoneInfo("America/New_York")
THREE_WEEKS = timedelta(weeks=3)
LONG = BookingPolicy(minimum_notice_minutes=0, horizon_days=365)


@pytest.fixture(autouse=True)
def _on_a_friday() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
async def made(db: Database) -> Practice:
    return await practice(db, booking_policy=LONG)


async def _series(
    db: Database, made: Practice, *, count: int = 4, keep: str = "all", **given: object
) -> SeriesReport:
    async with db.transaction() as session:
        return await book_series(
            session,
            made.request(**given),  # type: ignore[arg-type]
            every=THREE_WEEKS,
            count=count,
            keep=keep,
            by=Capacity.STAFF,  # type: ignore[arg-type]
        )


async def _stored(db: Database) -> list[Appointment]:
    async with db.session() as session:
        found = await session.scalars(select(Appointment).order_by(Appointment.starts_at))
        return list(found)


async def _occupy(db: Database, made: Practice, number: int) -> None:
    """Take both veterinarians at the series' occurrence of that number."""
    for vet, animal in zip(made.vets, (2, 3), strict=True):
        async with db.transaction() as session:
            wish = made.request(
                TEN + number * THREE_WEEKS, animal=animal, practitioner_id=vet.user_id
            )
            await book(session, wish, by=Capacity.STAFF)


async def test_every_three_weeks_four_times_is_four_appointments_of_one_series(
    db: Database, made: Practice
) -> None:
    report = await _series(db, made, reason="allergy shots")
    stored = await _stored(db)
    assert [each.starts_at for each in stored] == [TEN + n * THREE_WEEKS for n in range(4)]
    assert {each.series_id for each in stored} == {report.series_id}
    assert {each.reason for each in stored} == {"allergy shots"}
    assert [each.id for each in report.booked] == [each.id for each in stored]
    assert report.conflicts == []


async def test_ten_in_the_morning_stays_ten_when_the_clocks_change(
    db: Database, made: Practice
) -> None:
    before = datetime(2026, 10, 26, 10, 0, tzinfo=NEW_YORK)
    await _series(db, made, starts_at=before, count=3)
    starts = [each.starts_at for each in await _stored(db)]
    assert [start.astimezone(NEW_YORK).hour for start in starts] == [10, 10, 10]
    assert starts[1] - starts[0] == THREE_WEEKS + timedelta(hours=1)


async def test_a_time_that_the_clocks_skip_is_the_instant_at_which_they_skip_it(
    db: Database,
) -> None:
    made = await practice(db, opening_hours="24/7", booking_policy=LONG)
    with clock.frozen(datetime(2026, 2, 1, tzinfo=UTC)):
        sunday = datetime(2026, 2, 15, 2, 30, tzinfo=NEW_YORK)
        report = await _series(db, made, starts_at=sunday, count=3)
    starts = [each.starts_at.astimezone(NEW_YORK) for each in report.booked]
    assert [(start.hour, start.minute) for start in starts] == [(2, 30), (3, 0), (2, 30)]


async def test_the_first_occurrence_is_the_instant_that_was_given_in_a_repeated_hour(
    db: Database,
) -> None:
    made = await practice(db, opening_hours="24/7", booking_policy=LONG)
    second_time = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=1)
    report = await _series(db, made, starts_at=second_time, count=2)
    assert report.occurrences[0].starts_at == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert report.booked[0].starts_at == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


async def test_all_or_nothing_books_nothing_and_reports_each_occurrence(
    db: Database, made: Practice
) -> None:
    await _occupy(db, made, 1)
    await _occupy(db, made, 3)
    with pytest.raises(SeriesConflict) as caught:
        await _series(db, made)
    report = caught.value.report
    assert [type(each.error) for each in report.occurrences] == [
        type(None),
        SlotTaken,
        type(None),
        SlotTaken,
    ]
    assert report.booked == []
    assert caught.value.code == "series_conflict"
    conflicts = json.loads(json.dumps(caught.value.problem()))["details"]["conflicts"]
    assert [each["code"] for each in conflicts] == ["slot_taken", "slot_taken"]
    assert len(await _stored(db)) == 4


async def test_a_series_that_is_not_booked_as_a_whole_reports_none_of_it_as_booked(
    db: Database, made: Practice
) -> None:
    await _occupy(db, made, 1)
    async with db.transaction() as session:
        with pytest.raises(SeriesConflict) as caught:
            await book_series(
                session, made.request(), every=THREE_WEEKS, count=2, by=Capacity.STAFF
            )
    assert caught.value.report.booked == []


async def test_a_transaction_goes_on_after_a_series_that_could_not_be_booked(
    db: Database, made: Practice
) -> None:
    await _occupy(db, made, 1)
    async with db.transaction() as session:
        with pytest.raises(SeriesConflict):
            await book_series(
                session, made.request(), every=THREE_WEEKS, count=3, by=Capacity.STAFF
            )
        # Its slots are free again, and nothing of it is left in the session.
        alone = await book(session, made.request(), by=Capacity.STAFF)
        found = await session.scalars(
            select(Appointment).where(Appointment.pet_id == made.pets[0].id)
        )
        assert [each.id for each in found] == [alone.id]
        assert alone.series_id is None
    assert len(await _stored(db)) == 3


async def test_the_rest_is_booked_where_that_is_asked_for(db: Database, made: Practice) -> None:
    await _occupy(db, made, 1)
    report = await _series(db, made, keep="rest")
    assert len(report.booked) == 3
    assert [each.starts_at for each in report.conflicts] == [TEN + THREE_WEEKS]
    assert {each.series_id for each in report.booked} == {report.series_id}


async def test_what_is_beyond_the_horizon_is_a_conflict_of_the_series(db: Database) -> None:
    policy = BookingPolicy(minimum_notice_minutes=0, horizon_days=30)
    made = await practice(db, booking_policy=policy)
    report = await _series(db, made, keep="rest")
    assert [type(each.error) for each in report.conflicts] == [BeyondHorizon, BeyondHorizon]


async def test_series_compete_without_deadlock_and_each_is_whole_or_absent(db: Database) -> None:
    made = await practice(db, vets=1, pets=6, booking_policy=LONG)

    async def attempt(animal: int) -> bool:
        async def work(session: object) -> SeriesReport:
            return await book_series(
                session,  # type: ignore[arg-type]
                made.request(TEN + (animal % 2) * THREE_WEEKS, animal=animal),
                every=THREE_WEEKS,
                count=3,
                by=Capacity.STAFF,
            )

        try:
            await db.run(work)
        except SeriesConflict:
            return False
        return True

    won = await asyncio.gather(*(attempt(animal) for animal in range(6)))
    assert sum(won) == 1
    assert len(await _stored(db)) == 3


@pytest.mark.parametrize(
    ("field", "chosen"),
    [
        ("every", {"every": timedelta(hours=36)}),
        ("every", {"every": timedelta()}),
        ("every", {"every": timedelta(days=-7)}),
        ("count", {"count": 0}),
        ("count", {"count": 121}),
        ("keep", {"keep": "some"}),
    ],
)
async def test_what_makes_no_series_is_refused(
    db: Database, made: Practice, field: str, chosen: dict[str, Any]
) -> None:
    wanted: dict[str, Any] = {"every": THREE_WEEKS, "count": 2} | chosen
    with pytest.raises(InvalidValue) as caught:
        async with db.transaction() as session:
            await book_series(session, made.request(), **wanted, by=Capacity.STAFF)
    assert caught.value.details["field"] == field


async def test_a_series_needs_a_clinic(db: Database, made: Practice) -> None:
    with pytest.raises(NotFound):
        await _series(db, made, clinic_id=UUID(int=1))


async def test_cancelling_a_series_cancels_what_is_still_to_come(
    db: Database, made: Practice
) -> None:
    report = await _series(db, made)
    first, second, third, fourth = report.booked
    async with db.transaction() as session:
        await cancel(session, third.id, by=Capacity.STAFF)
        await check_in(session, first.id)
    with clock.frozen(TEN - timedelta(minutes=5)):
        async with db.transaction() as session:
            cancelled = await cancel_series(
                session, report.series_id, reason="moved away", by=Capacity.STAFF
            )
    assert [each.id for each in cancelled] == [second.id, fourth.id]
    stored = await _stored(db)
    assert [each.status for each in stored] == [
        AppointmentStatus.CHECKED_IN,
        *[AppointmentStatus.CANCELLED] * 3,
    ]
    assert [each.cancellation_reason for each in stored] == [None, "moved away", None, "moved away"]
    assert [each.sequence for each in stored] == [0, 1, 1, 1]


async def test_a_series_can_be_cancelled_from_an_instant_on(db: Database, made: Practice) -> None:
    report = await _series(db, made)
    async with db.transaction() as session:
        cancelled = await cancel_series(
            session, report.series_id, since=TEN + 2 * THREE_WEEKS, by=Capacity.STAFF
        )
    assert [each.starts_at for each in cancelled] == [TEN + 2 * THREE_WEEKS, TEN + 3 * THREE_WEEKS]


async def test_the_clinics_notice_binds_owners_and_then_nothing_is_cancelled(
    db: Database,
) -> None:
    policy = LONG.model_copy(update={"cancellation_notice_minutes": 60})
    made = await practice(db, booking_policy=policy)
    report = await _series(db, made)
    with clock.frozen(TEN - timedelta(minutes=5)):
        async with db.transaction() as session:
            with pytest.raises(TooLateToCancel):
                await cancel_series(session, report.series_id, by=Capacity.OWNER)
        assert {each.status for each in await _stored(db)} == {AppointmentStatus.SCHEDULED}
        async with db.transaction() as session:
            assert len(await cancel_series(session, report.series_id, by=Capacity.STAFF)) == 4


async def test_a_series_that_is_not_there_cannot_be_cancelled(db: Database) -> None:
    async with db.transaction() as session:
        with pytest.raises(NotFound):
            await cancel_series(session, uuid4(), by=Capacity.STAFF)
