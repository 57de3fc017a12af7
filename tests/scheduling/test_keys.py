"""A key books once; where that does not stand any more, the answer says so."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.scheduling.practice import TEN, Practice, booked_at, held_at, run_out, stored
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import AlreadyExists
from vetcore.models import Appointment
from vetcore.scheduling import (
    SeriesConflict,
    book,
    book_series,
    cancel,
    confirm_hold,
    hold,
    mark_no_show,
    reinstate,
    reschedule,
)
from vetcore.scheduling.errors import NoLongerBooked
from vetcore.schemas import AppointmentCreate, AppointmentHoldCreate
from vetcore.values.appointments import AppointmentStatus

pytestmark = pytest.mark.usefixtures("on_a_friday")

WEEK = timedelta(weeks=1)


def _keyed(made: Practice) -> AppointmentCreate:
    return made.request(idempotency_key="form-17")


def _to_hold(made: Practice) -> AppointmentHoldCreate:
    return AppointmentHoldCreate(**_keyed(made).model_dump())


async def _cancelled(db: Database, booked: Appointment) -> None:
    await db.run(lambda session: cancel(session, booked.id))


async def _missed(db: Database, booked: Appointment) -> None:
    with clock.frozen(TEN):
        await db.run(lambda session: mark_no_show(session, booked.id))


async def _deleted(db: Database, booked: Appointment) -> None:
    async with db.transaction() as session:
        (await session.get_one(Appointment, booked.id)).soft_delete()


@pytest.mark.parametrize(
    ("ended", "status"), [(_cancelled, "cancelled"), (_missed, "no_show"), (_deleted, "deleted")]
)
async def test_a_key_whose_booking_does_not_stand_is_told_so_and_books_nothing(
    db: Database,
    made: Practice,
    ended: Callable[[Database, Appointment], Awaitable[None]],
    status: str,
) -> None:
    booked = await booked_at(db, made, idempotency_key="form-17")
    await ended(db, booked)
    for step, request in ((book, _keyed(made)), (hold, _to_hold(made))):
        async with db.transaction() as session:
            with pytest.raises(NoLongerBooked) as caught:
                await step(session, request)
        assert caught.value.code == "no_longer_booked"
        assert caught.value.details == {"appointment_id": str(booked.id), "status": status}
    async with db.session() as session:
        count = select(func.count()).select_from(Appointment)
        included = {"include_deleted": True}
        assert await session.scalar(count, execution_options=included) == 1


@pytest.mark.parametrize("swept", [False, True])
async def test_the_key_of_a_hold_that_has_run_out_is_told_so_swept_or_not(
    db: Database, made: Practice, *, swept: bool
) -> None:
    held = await held_at(db, made, idempotency_key="form-17")
    await run_out(db, held)
    if swept:
        await booked_at(db, made, veterinarian_id=held.veterinarian_id, animal=1)
        assert (await stored(db, held)).status is AppointmentStatus.EXPIRED
    async with db.transaction() as session:
        with pytest.raises(NoLongerBooked) as caught:
            await hold(session, _to_hold(made))
    assert caught.value.details["status"] == "expired"


async def test_a_hold_is_no_answer_to_who_books_with_its_key(db: Database, made: Practice) -> None:
    held = await held_at(db, made, idempotency_key="form-17")
    async with db.transaction() as session:
        assert (await hold(session, _to_hold(made))).id == held.id
        with pytest.raises(AlreadyExists):
            await book(session, _keyed(made))
        await confirm_hold(session, held.id)
    async with db.transaction() as session:
        assert (await book(session, _keyed(made))).id == held.id
        assert (await hold(session, _to_hold(made))).id == held.id


async def test_what_was_moved_or_came_back_is_the_same_booking_still(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made, idempotency_key="form-17")
    async with db.transaction() as session:
        await reschedule(session, booked.id, starts_at=TEN + timedelta(hours=1))
        assert (await book(session, _keyed(made))).id == booked.id
        await cancel(session, booked.id)
        with pytest.raises(NoLongerBooked):
            await book(session, _keyed(made))
        await reinstate(session, booked.id)
        assert (await book(session, _keyed(made))).id == booked.id


async def test_a_key_of_another_appointment_is_that_first(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made, idempotency_key="form-17")
    await _cancelled(db, booked)
    other = made.request(animal=1, idempotency_key="form-17")
    async with db.transaction() as session:
        with pytest.raises(AlreadyExists):
            await book(session, other)


async def test_of_many_at_once_with_the_key_of_a_cancelled_booking_none_books(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made, idempotency_key="form-17")
    await _cancelled(db, booked)
    answers = await asyncio.gather(
        *(db.run(lambda session: book(session, _keyed(made))) for _ in range(6)),
        return_exceptions=True,
    )
    assert {type(answer) for answer in answers} == {NoLongerBooked}


async def test_booking_and_cancelling_at_once_tell_what_is_so_in_the_end(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made, idempotency_key="form-17")
    await asyncio.gather(
        _cancelled(db, booked),
        db.run(lambda session: book(session, _keyed(made))),
        return_exceptions=True,
    )
    assert (await stored(db, booked)).status is AppointmentStatus.CANCELLED
    with pytest.raises(NoLongerBooked):
        await db.run(lambda session: book(session, _keyed(made)))


async def test_a_keyed_series_tells_which_of_its_occurrences_do_not_stand(
    db: Database, made: Practice
) -> None:
    wish = _keyed(made)
    async with db.transaction() as session:
        first = await book_series(session, wish, every=WEEK, count=3)
        await cancel(session, first.booked[1].id)
    async with db.transaction() as session:
        with pytest.raises(SeriesConflict) as caught:
            await book_series(session, wish, every=WEEK, count=3)
    report = caught.value.report
    assert [getattr(each.error, "code", None) for each in report.occurrences] == [
        None,
        "no_longer_booked",
        None,
    ]
    assert [each.id for each in report.booked] == [first.booked[0].id, first.booked[2].id]
    async with db.transaction() as session:
        rest = await book_series(session, wish, every=WEEK, count=4, keep="rest")
    assert [type(each.error) for each in rest.conflicts] == [NoLongerBooked]
    assert len(rest.booked) == 3
    assert rest.series_id == first.series_id


async def test_a_series_that_is_not_booked_as_a_whole_reports_none_of_it_as_booked(
    db: Database, made: Practice
) -> None:
    await booked_at(db, made, TEN + WEEK)
    async with db.transaction() as session:
        with pytest.raises(SeriesConflict) as caught:
            await book_series(session, _keyed(made), every=WEEK, count=2)
    assert caught.value.report.booked == []
