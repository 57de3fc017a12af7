"""Keys when many call at once; keys of series, and of wishes for a slot."""

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.operations.house import house_at, results_of
from tests.operations.keyed import KEY, booked_with, cancelled, count_of
from tests.scheduling.practice import HALF_AN_HOUR, NOW, TEN, Practice, booked_at, stored
from tests.scheduling.waiting import wish as wait_for
from vetcore import clock
from vetcore.database import Database, Session
from vetcore.errors import (
    KeyReused,
    NotFound,
    VetcoreError,
)
from vetcore.models import StaffMembership, WaitlistEntry
from vetcore.operations import (
    book_appointment,
    book_series,
    cancel_series,
    join_waitlist,
    move_series,
)
from vetcore.scheduling import (
    SeriesConflict,
    SeriesReport,
)
from vetcore.scheduling.errors import NoLongerBooked
from vetcore.schemas import (
    AppointmentCreate,
    SeriesCancel,
    SeriesCreate,
    SeriesMove,
)
from vetcore.values.appointments import AppointmentStatus, SeriesScope
from vetcore.values.recurrence import Recurrence

pytestmark = pytest.mark.usefixtures("on_a_friday")

WEEK = timedelta(weeks=1)


# At once ------------------------------------------------------------------------------------------


async def test_one_key_books_once_also_when_all_call_at_once(db: Database, made: Practice) -> None:
    booked = await asyncio.gather(*(booked_with(db, made.request()) for _ in range(8)))
    assert len({each.id for each in booked}) == 1
    assert await count_of(db) == 1


async def test_the_second_waits_for_the_first_and_gets_what_it_booked(
    db: Database, made: Practice
) -> None:
    async with db.transaction() as session:
        first = await book_appointment(session, made.request(), key=KEY)
        second = asyncio.create_task(booked_with(db, made.request()))
        await asyncio.sleep(0.3)
        assert not second.done()
    assert (await second).id == first.id


async def test_the_second_books_itself_where_the_first_gave_up(
    db: Database, made: Practice
) -> None:
    async with db.trial() as session:
        first = await book_appointment(session, made.request(), key=KEY)
        second = asyncio.create_task(booked_with(db, made.request()))
        await asyncio.sleep(0.3)
        assert not second.done()
    booked = await second
    assert booked.id != first.id
    assert await count_of(db) == 1


def _book_in_a_process(url: str, wish: str, key: str) -> str:
    async def work() -> str:
        async with Database(url) as db:
            request = AppointmentCreate.model_validate_json(wish)
            return str((await booked_with(db, request, key)).id)

    with clock.frozen(NOW):
        return asyncio.run(work())


async def test_two_processes_with_one_key_at_once_book_once(
    database_url: str, db: Database, made: Practice
) -> None:
    wish = made.request().model_dump_json(exclude_unset=True)
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as processes:
        futures = [processes.submit(_book_in_a_process, database_url, wish, KEY) for _ in range(4)]
        booked = [await asyncio.wrap_future(each) for each in futures]
    assert len(set(booked)) == 1
    assert await count_of(db) == 1


async def test_of_many_at_once_with_the_key_of_a_cancelled_booking_none_books(
    db: Database, made: Practice
) -> None:
    await cancelled(db, await booked_with(db, made.request()))
    answers = await asyncio.gather(
        *(booked_with(db, made.request()) for _ in range(6)), return_exceptions=True
    )
    assert {type(answer) for answer in answers} == {NoLongerBooked}


async def test_booking_and_cancelling_at_once_tell_what_is_so_in_the_end(
    db: Database, made: Practice
) -> None:
    booked = await booked_with(db, made.request())
    await asyncio.gather(
        cancelled(db, booked), booked_with(db, made.request()), return_exceptions=True
    )
    assert (await stored(db, booked)).status is AppointmentStatus.CANCELLED
    with pytest.raises(NoLongerBooked):
        await booked_with(db, made.request())


async def test_two_commands_at_once_under_one_key_are_one_and_a_refusal(
    db: Database, made: Practice
) -> None:
    answers = await asyncio.gather(
        booked_with(db, made.request()),
        booked_with(db, made.request(animal=1)),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Appointment", "KeyReused"]
    assert await count_of(db) == 1


async def test_a_call_that_is_cancelled_ends_soon_and_leaves_its_key_free(
    db: Database, made: Practice
) -> None:
    async with db.transaction() as session:
        await book_appointment(session, made.request(), key=KEY)
        second = asyncio.create_task(booked_with(db, made.request(), "another"))
        await asyncio.sleep(0.2)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(second, 5)
    assert await results_of(db, "another") == []
    assert await count_of(db) == 1


# Series and wishes --------------------------------------------------------------------------------


def _series(made: Practice, count: int = 3, **given: Any) -> SeriesCreate:
    return SeriesCreate(
        first=made.request(), rule=Recurrence.parse(f"FREQ=WEEKLY;COUNT={count}"), **given
    )


async def _book_series(db: Database, wish: SeriesCreate) -> SeriesReport:
    return await db.run(lambda session: book_series(session, wish, key=KEY))


async def test_a_series_is_booked_once_with_one_key(db: Database, made: Practice) -> None:
    first = await _book_series(db, _series(made))
    again = await _book_series(db, _series(made))
    assert first.series_id == again.series_id
    assert [each.id for each in first.booked] == [each.id for each in again.booked]
    assert await count_of(db) == 3


async def test_a_key_moves_and_cancels_a_series_once(db: Database, made: Practice) -> None:
    booked = (await _book_series(db, _series(made))).booked
    move = SeriesMove(
        id=booked[0].id, starts_at=booked[0].starts_at + HALF_AN_HOUR, scope=SeriesScope.ALL
    )
    for _ in range(2):
        report = await db.run(lambda session: move_series(session, move, key="later"))
        starts = [each.starts_at - HALF_AN_HOUR for each in report.booked]
        assert starts == [each.starts_at for each in booked]
    act = SeriesCancel(id=booked[0].id, scope=SeriesScope.ALL)
    for _ in range(2):
        gone = await db.run(lambda session: cancel_series(session, act, key="gone"))
        assert {each.id for each in gone} == {each.id for each in booked}
        assert {each.status for each in gone} == {"cancelled"}


async def test_calls_at_once_with_one_key_book_one_series(db: Database, made: Practice) -> None:
    reports = await asyncio.gather(*(_book_series(db, _series(made)) for _ in range(4)))
    assert len({each.series_id for each in reports}) == 1
    assert await count_of(db) == 3


async def test_the_key_of_a_series_shows_nothing_to_those_who_have_left(
    db: Database,
) -> None:
    house = await house_at(db)
    wish = _series(house.made)
    work = lambda session: book_series(session, wish, key=KEY)  # noqa: E731 -- said twice
    await db.run(work, house.acting("staff"))
    async with db.transaction() as session:
        query = select(StaffMembership).where(StaffMembership.user_id == house.id_of("staff"))
        (await session.scalars(query)).one().ends_on = (NOW - timedelta(days=1)).date()
    with pytest.raises(NotFound):
        await db.run(work, house.acting("staff"))


async def test_a_key_of_another_series_is_refused_and_nothing_is_booked(
    db: Database, made: Practice
) -> None:
    await _book_series(db, _series(made, 2))
    with pytest.raises(KeyReused):
        await _book_series(db, _series(made, 3, keep="rest"))
    assert await count_of(db) == 2


async def test_a_series_that_could_not_be_booked_gives_its_key_back(
    db: Database, made: Practice
) -> None:
    for number, vet in enumerate(made.vets):
        await booked_at(db, made, TEN + WEEK, animal=2 + number, practitioner_id=vet.user_id)
    async with db.transaction() as session:
        with pytest.raises(SeriesConflict):
            await book_series(session, _series(made), key=KEY)
        report = await book_series(session, _series(made, keep="rest"), key=KEY)
    assert len(report.booked) == 2
    assert [result for _, result in await results_of(db, KEY)] == [report.series_id]


@pytest.mark.parametrize("keep", ["all", "rest"])
async def test_a_keyed_series_tells_which_of_its_occurrences_do_not_stand(
    db: Database, made: Practice, keep: str
) -> None:
    wish = _series(made, keep=keep)
    first = await _book_series(db, wish)
    await cancelled(db, first.booked[1])
    if keep == "all":
        with pytest.raises(SeriesConflict) as caught:
            await _book_series(db, wish)
        report = caught.value.report
    else:
        report = await _book_series(db, wish)
    assert report.series_id == first.series_id
    assert [getattr(each.error, "code", None) for each in report.occurrences] == [
        None,
        "no_longer_booked",
        None,
    ]
    assert [each.id for each in report.booked] == [first.booked[0].id, first.booked[2].id]


async def test_a_pet_waits_once_with_one_key(db: Database, made: Practice) -> None:
    async def join(session: Session) -> WaitlistEntry:
        return await join_waitlist(session, wait_for(made), key=KEY)

    entries = await asyncio.gather(*(db.run(join) for _ in range(4)))
    assert len({entry.id for entry in entries}) == 1
    assert await count_of(db, WaitlistEntry) == 1


async def test_every_refusal_is_of_one_family(db: Database, made: Practice) -> None:
    await booked_with(db, made.request())
    with pytest.raises(VetcoreError) as caught:
        await booked_with(db, made.request(animal=1))
    assert caught.value.problem()["code"] == "key_reused"
