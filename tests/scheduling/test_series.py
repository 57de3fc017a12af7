"""Series of appointments, on both engines."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests.operations.counting import sent
from tests.scheduling.practice import TEN, Practice, practice
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import InvalidValue, NotFound, SlotTaken
from vetcore.models import Appointment, AppointmentSeries
from vetcore.scheduling import (
    SeriesConflict,
    SeriesPreview,
    SeriesReport,
    book,
    book_series,
    preview_series,
)
from vetcore.scheduling.errors import BeyondHorizon
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.recurrence import Recurrence

NEW_YORK = ZoneInfo("America/New_York")
THREE_WEEKS = timedelta(weeks=3)
LONG = BookingPolicy(minimum_notice_minutes=0, horizon_days=365)


pytestmark = pytest.mark.usefixtures("on_a_friday")


@pytest.fixture
async def made(db: Database) -> Practice:
    return await practice(db, booking_policy=LONG)


def _every_three_weeks(count: int) -> Recurrence:
    return Recurrence.parse(f"FREQ=WEEKLY;INTERVAL=3;COUNT={count}")


async def _series(
    db: Database, made: Practice, *, count: int = 4, keep: Any = "all", **given: Any
) -> SeriesReport:
    async with db.transaction() as session:
        return await book_series(
            session,
            made.request(**given),
            rule=_every_three_weeks(count),
            keep=keep,
            by=Capacity.STAFF,
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


async def test_a_time_that_the_clocks_skip_has_the_offset_before_the_gap(
    db: Database,
) -> None:
    made = await practice(db, opening_hours="24/7", booking_policy=LONG)
    with clock.frozen(datetime(2026, 2, 1, tzinfo=UTC)):
        sunday = datetime(2026, 2, 15, 2, 30, tzinfo=NEW_YORK)
        report = await _series(db, made, starts_at=sunday, count=3)
    starts = [each.starts_at.astimezone(NEW_YORK) for each in report.booked]
    assert [(start.hour, start.minute) for start in starts] == [(2, 30), (3, 30), (2, 30)]


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
                session, made.request(), rule=_every_three_weeks(2), by=Capacity.STAFF
            )
    assert caught.value.report.booked == []


async def test_a_transaction_goes_on_after_a_series_that_could_not_be_booked(
    db: Database, made: Practice
) -> None:
    await _occupy(db, made, 1)
    async with db.transaction() as session:
        with pytest.raises(SeriesConflict):
            await book_series(
                session, made.request(), rule=_every_three_weeks(3), by=Capacity.STAFF
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
                rule=_every_three_weeks(3),
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


async def test_a_rule_that_does_not_fall_on_the_first_is_refused(
    db: Database, made: Practice
) -> None:
    with pytest.raises(InvalidValue) as caught:
        async with db.transaction() as session:
            await book_series(
                session,
                made.request(),
                rule=Recurrence.parse("FREQ=WEEKLY;BYDAY=TU;COUNT=3"),
                by=Capacity.STAFF,
            )
    assert caught.value.details["field"] == "rule"
    assert "Monday, 2026-03-09 10:00" in str(caught.value)
    assert await _stored(db) == []


async def test_a_series_is_kept_whole_or_its_rest_and_no_third_way(
    db: Database, made: Practice
) -> None:
    with pytest.raises(InvalidValue) as caught:
        await _series(db, made, keep="some")
    assert caught.value.details["field"] == "keep"


async def test_a_series_needs_a_clinic(db: Database, made: Practice) -> None:
    with pytest.raises(NotFound):
        await _series(db, made, clinic_id=UUID(int=1))


async def test_what_was_agreed_is_kept_and_each_has_its_place(db: Database, made: Practice) -> None:
    rule = Recurrence.parse("FREQ=WEEKLY;COUNT=4\nEXDATE:20260316")
    async with db.transaction() as session:
        report = await book_series(session, made.request(), rule=rule, by=Capacity.STAFF)
    stored = await _stored(db)
    assert [each.series_place for each in stored] == [1, 3, 4]
    assert [each.place for each in report.occurrences] == [1, 3, 4]
    async with db.session() as session:
        (series,) = await session.scalars(select(AppointmentSeries))
    assert series.rule == "FREQ=WEEKLY;COUNT=4\nEXDATE;VALUE=DATE:20260316"
    assert series.first_wall_time == "2026-03-09T10:00:00-04:00[America/New_York]"
    assert (series.id, series.pet_id, series.follows_id) == (
        report.series_id,
        made.pets[0].id,
        None,
    )


async def test_a_series_of_which_nothing_can_be_booked_leaves_nothing(
    db: Database, made: Practice
) -> None:
    await _occupy(db, made, 0)
    report = await _series(db, made, count=1, keep="rest")
    assert report.booked == []
    async with db.session() as session:
        assert (await session.scalars(select(AppointmentSeries))).all() == []


# Looking ahead ------------------------------------------------------------------------------------


async def _preview(db: Database, made: Practice, **given: Any) -> SeriesPreview:
    async with db.session() as session:
        return await preview_series(
            session, made.request(**given), rule=_every_three_weeks(4), by=Capacity.STAFF
        )


async def test_a_preview_says_of_each_who_sees_the_pet_or_why_nobody_does(
    db: Database, made: Practice
) -> None:
    await _occupy(db, made, 1)
    async with db.transaction() as session:
        busy = made.request(TEN, animal=1, practitioner_id=made.vets[0].user_id)
        await book(session, busy, by=Capacity.STAFF)
    seen = await _preview(db, made)
    assert [each.place for each in seen.occurrences] == [1, 2, 3, 4]
    assert [type(each.error) for each in seen.occurrences] == [
        type(None),
        SlotTaken,
        type(None),
        type(None),
    ]
    people = {vet.user_id for vet in made.vets}
    assert seen.occurrences[0].practitioner_id == made.vets[1].user_id
    assert seen.occurrences[1].practitioner_id is None
    assert {seen.occurrences[2].practitioner_id, seen.occurrences[3].practitioner_id} <= people
    assert len(await _stored(db)) == 3


async def test_a_preview_and_the_booking_agree(db: Database, made: Practice) -> None:
    await _occupy(db, made, 2)
    seen = await _preview(db, made)
    report = await _series(db, made, keep="rest")
    assert [each.starts_at for each in seen.occurrences] == [
        each.starts_at for each in report.occurrences
    ]
    assert [each.error and each.error.code for each in seen.occurrences] == [
        each.error and each.error.code for each in report.occurrences
    ]
    assert [each.practitioner_id for each in seen.occurrences if each.error is None] == [
        each.practitioner_id for each in report.booked
    ]


async def test_a_preview_takes_as_many_statements_however_long_the_series_is(
    db: Database, made: Practice
) -> None:
    taken: list[int] = []
    async with db.transaction() as session:
        # The first one reads what is kept of the clinic.
        await preview_series(
            session, made.request(), rule=Recurrence.parse("FREQ=WEEKLY;COUNT=2"), by=Capacity.STAFF
        )
    for count in (2, 40):
        rule = Recurrence.parse(f"FREQ=DAILY;COUNT={count}")
        async with db.transaction() as session:
            with sent(db) as statements:
                await preview_series(session, made.request(), rule=rule, by=Capacity.STAFF)
        taken.append(len(statements.of_work))
    assert taken[0] == taken[1] <= 4


async def test_a_preview_of_a_service_that_is_not_offered_says_so_for_each(
    db: Database, made: Practice
) -> None:
    seen = await _preview(db, made, service=ServiceType.GROOMING)
    assert {each.error.code for each in seen.occurrences if each.error} == {"service_not_offered"}
    assert len(seen.conflicts) == 4


async def test_visits_of_a_series_that_would_overlap_are_seen_beforehand(db: Database) -> None:
    made = await practice(db, opening_hours="24/7", booking_policy=LONG)
    rule = Recurrence.parse("FREQ=DAILY;COUNT=3")
    wish = made.request(duration_minutes=1440)
    async with db.session() as session:
        seen = await preview_series(session, wish, rule=rule, by=Capacity.STAFF)
    assert seen.conflicts == []
    async with db.transaction() as session:
        report = await book_series(session, wish, rule=rule, by=Capacity.STAFF)
    assert len(report.booked) == 3
