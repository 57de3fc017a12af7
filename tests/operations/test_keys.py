"""A key carries one command out once; where what came of it does not stand, the answer says so."""

import asyncio
import multiprocessing
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from tests.operations.house import house_at, results_of
from tests.scheduling.practice import NOW, TEN, Practice, booked_at, run_out, stored
from tests.scheduling.waiting import wish as wait_for
from vetcore import clock
from vetcore.database import Acting, Database, Session
from vetcore.errors import (
    ConcurrentUpdate,
    InvalidValue,
    KeyReused,
    NotBookable,
    SlotTaken,
    VetcoreError,
)
from vetcore.models import Appointment, CommandKey, WaitlistEntry
from vetcore.operations import (
    accept_offer,
    book_appointment,
    book_series,
    cancel_appointment,
    hold_appointment,
    join_waitlist,
    move_appointment,
)
from vetcore.scheduling import (
    SeriesConflict,
    SeriesReport,
    cancel,
    confirm_hold,
    mark_no_show,
    reinstate,
)
from vetcore.scheduling.errors import NoLongerBooked
from vetcore.schemas import (
    AppointmentCancel,
    AppointmentCreate,
    AppointmentHoldCreate,
    AppointmentMove,
    ById,
    SeriesCreate,
)
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity

pytestmark = pytest.mark.usefixtures("on_a_friday")

KEY = "form-17"
WEEK = timedelta(weeks=1)
LATER = TEN + timedelta(hours=3)


def _to_hold(made: Practice, **given: Any) -> AppointmentHoldCreate:
    return AppointmentHoldCreate(**made.request(**given).model_dump(exclude_unset=True))


async def _book(
    db: Database, wish: AppointmentCreate, key: str | None = KEY, acting: Acting | None = None
) -> Appointment:
    return await db.run(lambda session: book_appointment(session, wish, key=key), acting)


async def _hold(db: Database, wish: AppointmentHoldCreate, key: str = KEY) -> Appointment:
    return await db.run(lambda session: hold_appointment(session, wish, key=key))


async def _count(db: Database, entity: Any = Appointment) -> int:
    async with db.session(include_deleted=True) as session:
        return int(await session.scalar(select(func.count()).select_from(entity)) or 0)


# The same command again ---------------------------------------------------------------------------


async def test_one_key_books_once(db: Database, made: Practice) -> None:
    first = await _book(db, made.request())
    again = await _book(db, made.request())
    assert (again.id, await _count(db)) == (first.id, 1)
    assert again.starts_at == TEN


async def test_without_a_key_each_is_a_command_of_its_own(db: Database, made: Practice) -> None:
    first = await _book(db, made.request(), None)
    second = await _book(db, made.request(animal=1), None)
    assert first.id != second.id
    assert await _count(db, CommandKey) == 0


@pytest.mark.parametrize(
    "change",
    [{"animal": 1}, {"starts_at": LATER}, {"notes": "Shy"}, {"service": "surgery"}],
    ids=str,
)
async def test_another_command_under_the_key_is_refused_and_nothing_is_done(
    db: Database, made: Practice, change: dict[str, Any]
) -> None:
    await _book(db, made.request())
    async with db.transaction() as session:
        with pytest.raises(KeyReused) as caught:
            await book_appointment(session, made.request(**change), key=KEY)
    assert caught.value.details == {"operation": "book_appointment"}
    assert await _count(db) == 1


async def test_another_operation_under_the_key_is_refused(db: Database, made: Practice) -> None:
    booked = await _book(db, made.request())
    for operation, command in (
        (hold_appointment, _to_hold(made)),
        (cancel_appointment, AppointmentCancel(id=booked.id)),
        (move_appointment, AppointmentMove(id=booked.id, starts_at=LATER)),
        (join_waitlist, wait_for(made)),
    ):
        async with db.transaction() as session:
            with pytest.raises(KeyReused):
                await operation(session, command, key=KEY)  # type: ignore[operator]
    found = await stored(db, booked)
    assert (found.starts_at, found.status) == (TEN, AppointmentStatus.SCHEDULED)


async def test_two_actors_may_use_one_key(shared: Database) -> None:
    house, key = await house_at(shared), uuid4().hex
    names = ("owner", "staff", "system")
    rows = [
        await _book(shared, house.made.request(animal=number), key, house.acting(name))
        for number, name in enumerate(names[:2])
    ]
    rows.append(await _book(shared, house.made.request(LATER), key, house.acting("system")))
    assert len({row.id for row in rows}) == 3
    expected = {
        (house.id_of(name) or UUID(int=0), row.id) for name, row in zip(names, rows, strict=True)
    }
    assert set(await results_of(shared, key)) == expected
    again = await _book(shared, house.made.request(), key, house.acting("owner"))
    assert again.id == rows[0].id


@pytest.mark.parametrize("key", ["", "k" * 101])
async def test_a_key_has_a_length(db: Database, made: Practice, key: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        await _book(db, made.request(), key)
    assert caught.value.details["field"] == "key"
    assert (await _book(db, made.request(), "k" * 100)).id


async def test_an_operation_that_takes_no_key_says_so(db: Database) -> None:
    async with db.transaction() as session:
        with pytest.raises(InvalidValue, match="accept_offer"):
            await accept_offer(session, ById(id=uuid4()), key=KEY)


async def test_a_command_on_a_row_is_done_once_and_answers_with_the_row_as_it_is(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made)
    move = AppointmentMove(id=booked.id, starts_at=LATER, version=booked.version)
    await db.run(lambda session: move_appointment(session, move, key=KEY))
    once = await stored(db, booked)
    again = await db.run(lambda session: move_appointment(session, move, key=KEY))
    assert (again.version, again.sequence) == (once.version, once.sequence)
    # Under another key it is another intent, for a version that is gone.
    async with db.transaction() as session:
        with pytest.raises(ConcurrentUpdate):
            await move_appointment(session, move, key="another")


# What came of it ----------------------------------------------------------------------------------


async def _cancelled(db: Database, booked: Appointment) -> None:
    await db.run(lambda session: cancel(session, booked.id, by=Capacity.STAFF))


async def _missed(db: Database, booked: Appointment) -> None:
    with clock.frozen(TEN):
        await db.run(lambda session: mark_no_show(session, booked.id))


async def _deleted(db: Database, booked: Appointment) -> None:
    async with db.transaction() as session:
        (await session.get_one(Appointment, booked.id)).soft_delete()


@pytest.mark.parametrize(
    ("ended", "status"), [(_cancelled, "cancelled"), (_missed, "no_show"), (_deleted, "deleted")]
)
@pytest.mark.parametrize("kind", ["book", "hold"])
async def test_a_key_whose_booking_does_not_stand_is_told_so_and_books_nothing(
    db: Database,
    made: Practice,
    kind: str,
    ended: Callable[[Database, Appointment], Awaitable[None]],
    status: str,
) -> None:
    async def again() -> Appointment:
        if kind == "book":
            return await _book(db, made.request())
        return await _hold(db, _to_hold(made))

    booked = await again()
    if kind == "hold" and ended is _missed:
        await db.run(lambda session: confirm_hold(session, booked.id, by=Capacity.STAFF))
    await ended(db, booked)
    with pytest.raises(NoLongerBooked) as caught:
        await again()
    assert caught.value.code == "no_longer_booked"
    assert caught.value.details == {"appointment_id": str(booked.id), "status": status}
    assert await _count(db) == 1


@pytest.mark.parametrize("swept", [False, True])
async def test_the_key_of_a_hold_that_has_run_out_is_told_so_swept_or_not(
    db: Database, made: Practice, *, swept: bool
) -> None:
    held = await _hold(db, _to_hold(made))
    await run_out(db, held)
    if swept:
        await booked_at(db, made, performer_id=made.performer(held), animal=1)
        assert (await stored(db, held)).status is AppointmentStatus.EXPIRED
    with pytest.raises(NoLongerBooked) as caught:
        await _hold(db, _to_hold(made))
    assert caught.value.details["status"] == "expired"


async def test_a_hold_is_no_answer_to_who_books_with_its_key(db: Database, made: Practice) -> None:
    held = await _hold(db, _to_hold(made))
    assert (await _hold(db, _to_hold(made))).id == held.id
    with pytest.raises(KeyReused):
        await _book(db, made.request())
    async with db.transaction() as session:
        await confirm_hold(session, held.id, by=Capacity.STAFF)
    with pytest.raises(KeyReused):
        await _book(db, made.request())
    confirmed = await _hold(db, _to_hold(made))
    assert (confirmed.id, confirmed.status) == (held.id, AppointmentStatus.SCHEDULED)


async def test_what_was_moved_or_came_back_is_the_same_booking_still(
    db: Database, made: Practice
) -> None:
    booked = await _book(db, made.request())
    wish = made.request()
    async with db.transaction() as session:
        await move_appointment(session, AppointmentMove(id=booked.id, starts_at=LATER))
        again = await book_appointment(session, wish, key=KEY)
        assert (again.id, again.starts_at) == (booked.id, LATER)
        await cancel(session, booked.id, by=Capacity.STAFF)
        with pytest.raises(NoLongerBooked):
            await book_appointment(session, wish, key=KEY)
        await reinstate(session, booked.id)
        assert (await book_appointment(session, wish, key=KEY)).id == booked.id


async def test_a_key_of_another_appointment_is_that_first(db: Database, made: Practice) -> None:
    booked = await _book(db, made.request())
    await _cancelled(db, booked)
    with pytest.raises(KeyReused):
        await _book(db, made.request(animal=1))


# A refusal ----------------------------------------------------------------------------------------


async def test_a_refusal_gives_the_key_back_also_when_the_transaction_goes_on(
    db: Database, made: Practice
) -> None:
    closed = made.request(TEN - timedelta(hours=8))
    async with db.transaction() as session:
        with pytest.raises(NotBookable):
            await book_appointment(session, closed, key=KEY)
        booked = await book_appointment(session, made.request(), key=KEY)
    assert [result for _, result in await results_of(db, KEY)] == [booked.id]


async def test_what_was_refused_may_be_asked_again_with_its_key(
    db: Database, made: Practice
) -> None:
    both = [
        await booked_at(db, made, animal=number, performer_id=vet.user_id)
        for number, vet in enumerate(made.vets)
    ]
    wish = made.request(animal=2)
    async with db.transaction() as session:
        with pytest.raises(SlotTaken):
            await book_appointment(session, wish, key=KEY)
    assert await results_of(db, KEY) == []
    await _cancelled(db, both[0])
    assert (await _book(db, wish)).veterinarian_id == both[0].veterinarian_id


async def test_a_refusal_gives_back_no_key_that_was_used_before(
    db: Database, made: Practice
) -> None:
    booked = await _book(db, made.request())
    async with db.transaction() as session:
        with pytest.raises(KeyReused):
            await book_appointment(session, made.request(animal=1), key=KEY)
    assert (await _book(db, made.request())).id == booked.id
    await _cancelled(db, booked)
    async with db.transaction() as session:
        with pytest.raises(NoLongerBooked):
            await book_appointment(session, made.request(), key=KEY)
    assert [result for _, result in await results_of(db, KEY)] == [booked.id]


async def test_the_key_goes_with_the_transaction_that_is_rolled_back(
    db: Database, made: Practice
) -> None:
    async with db.trial() as session:
        await book_appointment(session, made.request(), key=KEY)
    assert await results_of(db, KEY) == []
    assert (await _book(db, made.request(animal=1))).pet_id == made.pets[1].id


# At once ------------------------------------------------------------------------------------------


async def test_one_key_books_once_also_when_all_call_at_once(db: Database, made: Practice) -> None:
    booked = await asyncio.gather(*(_book(db, made.request()) for _ in range(8)))
    assert len({each.id for each in booked}) == 1
    assert await _count(db) == 1


async def test_the_second_waits_for_the_first_and_gets_what_it_booked(
    db: Database, made: Practice
) -> None:
    async with db.transaction() as session:
        first = await book_appointment(session, made.request(), key=KEY)
        second = asyncio.create_task(_book(db, made.request()))
        await asyncio.sleep(0.3)
        assert not second.done()
    assert (await second).id == first.id


async def test_the_second_books_itself_where_the_first_gave_up(
    db: Database, made: Practice
) -> None:
    async with db.trial() as session:
        first = await book_appointment(session, made.request(), key=KEY)
        second = asyncio.create_task(_book(db, made.request()))
        await asyncio.sleep(0.3)
        assert not second.done()
    booked = await second
    assert booked.id != first.id
    assert await _count(db) == 1


def _book_in_a_process(url: str, wish: str, key: str) -> str:
    async def work() -> str:
        async with Database(url) as db:
            request = AppointmentCreate.model_validate_json(wish)
            return str((await _book(db, request, key)).id)

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
    assert await _count(db) == 1


async def test_of_many_at_once_with_the_key_of_a_cancelled_booking_none_books(
    db: Database, made: Practice
) -> None:
    await _cancelled(db, await _book(db, made.request()))
    answers = await asyncio.gather(
        *(_book(db, made.request()) for _ in range(6)), return_exceptions=True
    )
    assert {type(answer) for answer in answers} == {NoLongerBooked}


async def test_booking_and_cancelling_at_once_tell_what_is_so_in_the_end(
    db: Database, made: Practice
) -> None:
    booked = await _book(db, made.request())
    await asyncio.gather(_cancelled(db, booked), _book(db, made.request()), return_exceptions=True)
    assert (await stored(db, booked)).status is AppointmentStatus.CANCELLED
    with pytest.raises(NoLongerBooked):
        await _book(db, made.request())


async def test_two_commands_at_once_under_one_key_are_one_and_a_refusal(
    db: Database, made: Practice
) -> None:
    answers = await asyncio.gather(
        _book(db, made.request()), _book(db, made.request(animal=1)), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Appointment", "KeyReused"]
    assert await _count(db) == 1


# Series and wishes --------------------------------------------------------------------------------


def _series(made: Practice, count: int = 3, **given: Any) -> SeriesCreate:
    return SeriesCreate(first=made.request(), every_days=7, count=count, **given)


async def _book_series(db: Database, wish: SeriesCreate) -> SeriesReport:
    return await db.run(lambda session: book_series(session, wish, key=KEY))


async def test_a_series_is_booked_once_with_one_key(db: Database, made: Practice) -> None:
    first = await _book_series(db, _series(made))
    again = await _book_series(db, _series(made))
    assert first.series_id == again.series_id
    assert [each.id for each in first.booked] == [each.id for each in again.booked]
    assert await _count(db) == 3


async def test_calls_at_once_with_one_key_book_one_series(db: Database, made: Practice) -> None:
    reports = await asyncio.gather(*(_book_series(db, _series(made)) for _ in range(4)))
    assert len({each.series_id for each in reports}) == 1
    assert await _count(db) == 3


async def test_a_key_of_another_series_is_refused_and_nothing_is_booked(
    db: Database, made: Practice
) -> None:
    await _book_series(db, _series(made, 2))
    with pytest.raises(KeyReused):
        await _book_series(db, _series(made, 3, keep="rest"))
    assert await _count(db) == 2


async def test_a_series_that_could_not_be_booked_gives_its_key_back(
    db: Database, made: Practice
) -> None:
    for number, vet in enumerate(made.vets):
        await booked_at(db, made, TEN + WEEK, animal=2 + number, performer_id=vet.user_id)
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
    await _cancelled(db, first.booked[1])
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
    assert await _count(db, WaitlistEntry) == 1


async def test_every_refusal_is_of_one_family(db: Database, made: Practice) -> None:
    await _book(db, made.request())
    with pytest.raises(VetcoreError) as caught:
        await _book(db, made.request(animal=1))
    assert caught.value.problem()["code"] == "key_reused"
