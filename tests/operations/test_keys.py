"""A key carries one command out once; where what came of it does not stand, the answer says so."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.operations.house import house_at, results_of
from tests.operations.keyed import KEY, booked_with, cancelled, count_of
from tests.scheduling.practice import TEN, Practice, booked_at, run_out, stored
from tests.scheduling.waiting import wish as wait_for
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import (
    ConcurrentUpdate,
    InvalidValue,
    KeyReused,
    NotBookable,
    SlotTaken,
)
from vetcore.models import Appointment, CommandKey
from vetcore.operations import (
    accept_offer,
    book_appointment,
    cancel_appointment,
    hold_appointment,
    join_waitlist,
    move_appointment,
)
from vetcore.scheduling import (
    cancel,
    confirm_hold,
    mark_no_show,
    reinstate,
)
from vetcore.scheduling.errors import NoLongerBooked
from vetcore.schemas import (
    AppointmentCancel,
    AppointmentHoldCreate,
    AppointmentMove,
    ById,
)
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity

pytestmark = pytest.mark.usefixtures("on_a_friday")

WEEK = timedelta(weeks=1)
LATER = TEN + timedelta(hours=3)


def _to_hold(made: Practice, **given: Any) -> AppointmentHoldCreate:
    return AppointmentHoldCreate(**made.request(**given).model_dump(exclude_unset=True))


async def _hold(db: Database, wish: AppointmentHoldCreate, key: str = KEY) -> Appointment:
    return await db.run(lambda session: hold_appointment(session, wish, key=key))


async def test_one_key_books_once(db: Database, made: Practice) -> None:
    first = await booked_with(db, made.request())
    again = await booked_with(db, made.request())
    assert (again.id, await count_of(db)) == (first.id, 1)
    assert again.starts_at == TEN


async def test_without_a_key_each_is_a_command_of_its_own(db: Database, made: Practice) -> None:
    first = await booked_with(db, made.request(), None)
    second = await booked_with(db, made.request(animal=1), None)
    assert first.id != second.id
    assert await count_of(db, CommandKey) == 0


@pytest.mark.parametrize(
    "change",
    [{"animal": 1}, {"starts_at": LATER}, {"notes": "Shy"}, {"service": "surgery"}],
    ids=str,
)
async def test_another_command_under_the_key_is_refused_and_nothing_is_done(
    db: Database, made: Practice, change: dict[str, Any]
) -> None:
    await booked_with(db, made.request())
    async with db.transaction() as session:
        with pytest.raises(KeyReused) as caught:
            await book_appointment(session, made.request(**change), key=KEY)
    assert caught.value.details == {"operation": "book_appointment"}
    assert await count_of(db) == 1


async def test_another_operation_under_the_key_is_refused(db: Database, made: Practice) -> None:
    booked = await booked_with(db, made.request())
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
        await booked_with(shared, house.made.request(animal=number), key, house.acting(name))
        for number, name in enumerate(names[:2])
    ]
    rows.append(await booked_with(shared, house.made.request(LATER), key, house.acting("system")))
    assert len({row.id for row in rows}) == 3
    expected = {
        (house.id_of(name) or UUID(int=0), row.id) for name, row in zip(names, rows, strict=True)
    }
    assert set(await results_of(shared, key)) == expected
    again = await booked_with(shared, house.made.request(), key, house.acting("owner"))
    assert again.id == rows[0].id


@pytest.mark.parametrize("key", ["", "k" * 101])
async def test_a_key_has_a_length(db: Database, made: Practice, key: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        await booked_with(db, made.request(), key)
    assert caught.value.details["field"] == "key"
    assert (await booked_with(db, made.request(), "k" * 100)).id


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


async def _missed(db: Database, booked: Appointment) -> None:
    with clock.frozen(TEN):
        await db.run(lambda session: mark_no_show(session, booked.id))


async def _deleted(db: Database, booked: Appointment) -> None:
    async with db.transaction() as session:
        (await session.get_one(Appointment, booked.id)).soft_delete()


@pytest.mark.parametrize(
    ("ended", "status"), [(cancelled, "cancelled"), (_missed, "no_show"), (_deleted, "deleted")]
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
            return await booked_with(db, made.request())
        return await _hold(db, _to_hold(made))

    booked = await again()
    if kind == "hold" and ended is _missed:
        await db.run(lambda session: confirm_hold(session, booked.id, by=Capacity.STAFF))
    await ended(db, booked)
    with pytest.raises(NoLongerBooked) as caught:
        await again()
    assert caught.value.code == "no_longer_booked"
    assert caught.value.details == {"appointment_id": str(booked.id), "status": status}
    assert await count_of(db) == 1


@pytest.mark.parametrize("swept", [False, True])
async def test_the_key_of_a_hold_that_has_run_out_is_told_so_swept_or_not(
    db: Database, made: Practice, *, swept: bool
) -> None:
    held = await _hold(db, _to_hold(made))
    await run_out(db, held)
    if swept:
        await booked_at(db, made, practitioner_id=held.practitioner_id, animal=1)
        assert (await stored(db, held)).status is AppointmentStatus.EXPIRED
    with pytest.raises(NoLongerBooked) as caught:
        await _hold(db, _to_hold(made))
    assert caught.value.details["status"] == "expired"


async def test_a_hold_is_no_answer_to_who_books_with_its_key(db: Database, made: Practice) -> None:
    held = await _hold(db, _to_hold(made))
    assert (await _hold(db, _to_hold(made))).id == held.id
    with pytest.raises(KeyReused):
        await booked_with(db, made.request())
    async with db.transaction() as session:
        await confirm_hold(session, held.id, by=Capacity.STAFF)
    with pytest.raises(KeyReused):
        await booked_with(db, made.request())
    confirmed = await _hold(db, _to_hold(made))
    assert (confirmed.id, confirmed.status) == (held.id, AppointmentStatus.SCHEDULED)


async def test_what_was_moved_or_came_back_is_the_same_booking_still(
    db: Database, made: Practice
) -> None:
    booked = await booked_with(db, made.request())
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
    booked = await booked_with(db, made.request())
    await cancelled(db, booked)
    with pytest.raises(KeyReused):
        await booked_with(db, made.request(animal=1))


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
        await booked_at(db, made, animal=number, practitioner_id=vet.user_id)
        for number, vet in enumerate(made.vets)
    ]
    wish = made.request(animal=2)
    async with db.transaction() as session:
        with pytest.raises(SlotTaken):
            await book_appointment(session, wish, key=KEY)
    assert await results_of(db, KEY) == []
    await cancelled(db, both[0])
    assert (await booked_with(db, wish)).practitioner_id == both[0].practitioner_id


async def test_a_refusal_gives_back_no_key_that_was_used_before(
    db: Database, made: Practice
) -> None:
    booked = await booked_with(db, made.request())
    async with db.transaction() as session:
        with pytest.raises(KeyReused):
            await book_appointment(session, made.request(animal=1), key=KEY)
    assert (await booked_with(db, made.request())).id == booked.id
    await cancelled(db, booked)
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
    assert (await booked_with(db, made.request(animal=1))).pet_id == made.pets[1].id
