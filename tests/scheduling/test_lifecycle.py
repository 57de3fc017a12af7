"""The life of an appointment after booking: one table of transitions."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.scheduling.practice import NOW, TEN, Practice, booked_at, held_at, practice, stored
from tests.scheduling.steps import by_staff
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import InvalidTransition, InvalidValue, NotFound, SlotTaken
from vetcore.models import Appointment
from vetcore.scheduling import (
    cancel,
    check_in,
    complete,
    confirm,
    confirm_hold,
    mark_no_show,
    move,
    reinstate,
    start_visit,
)
from vetcore.scheduling.errors import TooLateToCancel
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity

pytestmark = pytest.mark.usefixtures("on_a_friday")

Step = Callable[[AsyncSession, UUID], Awaitable[Appointment]]
MOVABLE = {AppointmentStatus.HELD, AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED}


async def test_an_appointment_lives_by_the_table_of_transitions(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        for step, status in (
            (confirm, AppointmentStatus.CONFIRMED),
            (check_in, AppointmentStatus.CHECKED_IN),
            (start_visit, AppointmentStatus.IN_PROGRESS),
            (complete, AppointmentStatus.COMPLETED),
        ):
            assert (await by_staff(step)(session, booked.id)).status is status
        with pytest.raises(InvalidTransition) as caught:
            await cancel(session, booked.id, by=Capacity.STAFF)
        with pytest.raises(InvalidTransition):
            await move(session, booked.id, starts_at=TEN + timedelta(hours=1), by=Capacity.STAFF)
    assert caught.value.details["current"] == "completed"
    assert caught.value.details["requested"] == "cancelled"
    found = await stored(db, booked)
    assert found.checked_in_at == found.started_at == found.completed_at == NOW
    with pytest.raises(SlotTaken):
        await booked_at(db, made, practitioner_id=found.practitioner_id, animal=1)


async def test_cancelling_frees_the_slot_and_bumps_the_sequence(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made, practitioner_id=made.vets[0].user_id)
    async with db.transaction() as session:
        cancelled = await cancel(session, booked.id, reason="got well", by=Capacity.STAFF)
    assert (cancelled.status, cancelled.sequence) == (AppointmentStatus.CANCELLED, 1)
    assert cancelled.cancellation_reason == "got well"
    assert cancelled.cancelled_at == NOW
    await booked_at(db, made, practitioner_id=made.vets[0].user_id, animal=1)
    async with db.transaction() as session:
        with pytest.raises(SlotTaken):
            await reinstate(session, booked.id)


async def test_a_cancelled_appointment_comes_back_if_its_slot_is_free(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        await cancel(session, booked.id, by=Capacity.STAFF)
        again = await reinstate(session, booked.id)
    assert again.status is AppointmentStatus.SCHEDULED
    assert again.cancelled_at is None


async def test_owners_cancel_in_time_staff_whenever(db: Database) -> None:
    policy = BookingPolicy(minimum_notice_minutes=0, cancellation_notice_minutes=24 * 60)
    made = await practice(db, booking_policy=policy)
    booked = await booked_at(db, made)
    with clock.frozen(TEN - timedelta(hours=23)):
        async with db.transaction() as session:
            with pytest.raises(TooLateToCancel):
                await cancel(session, booked.id, by=Capacity.OWNER)
            await cancel(session, booked.id, by=Capacity.STAFF)


async def test_nobody_is_a_no_show_before_the_appointment(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        with pytest.raises(InvalidValue, match="before the appointment begins"):
            await mark_no_show(session, booked.id)
    with clock.frozen(TEN + timedelta(minutes=20)):
        async with db.transaction() as session:
            assert (await mark_no_show(session, booked.id)).status is AppointmentStatus.NO_SHOW
            assert (await check_in(session, booked.id)).status is AppointmentStatus.CHECKED_IN


async def test_what_does_not_exist_is_not_found(db: Database) -> None:
    async with db.transaction() as session:
        for step in (confirm_hold, confirm, check_in, cancel, reinstate):
            with pytest.raises(NotFound):
                await by_staff(step)(session, uuid4())


STEPS: list[tuple[Step, AppointmentStatus]] = [
    (reinstate, AppointmentStatus.SCHEDULED),
    (confirm, AppointmentStatus.CONFIRMED),
    (check_in, AppointmentStatus.CHECKED_IN),
    (start_visit, AppointmentStatus.IN_PROGRESS),
    (complete, AppointmentStatus.COMPLETED),
    (cancel, AppointmentStatus.CANCELLED),
    (mark_no_show, AppointmentStatus.NO_SHOW),
]


@pytest.mark.parametrize("current", AppointmentStatus)
async def test_every_step_is_taken_where_the_table_allows_it_and_nowhere_else(
    shared: Database, current: AppointmentStatus
) -> None:
    made = await practice(shared)
    present = made.request().starts_at
    if current is AppointmentStatus.HELD:
        booked = await held_at(shared, made)
    else:
        booked = await booked_at(shared, made)
    for step, wanted in STEPS:
        with clock.frozen(present):
            async with shared.trial() as session:
                (await session.get_one(Appointment, booked.id)).status = current
                await session.flush()
                if current.may_become(wanted):
                    assert (await by_staff(step)(session, booked.id)).status is wanted
                    continue
                with pytest.raises(InvalidTransition) as caught:
                    await by_staff(step)(session, booked.id)
                told: dict[str, Any] = dict(caught.value.details)
                assert (told["current"], told["requested"]) == (current, wanted)
                assert set(told["allowed"]) == current.successors


@pytest.mark.parametrize(
    "current", [status for status in AppointmentStatus if status not in MOVABLE]
)
async def test_what_has_begun_or_is_over_is_not_moved(
    shared: Database, current: AppointmentStatus
) -> None:
    made = await practice(shared)
    booked = await booked_at(shared, made)
    async with shared.trial() as session:
        (await session.get_one(Appointment, booked.id)).status = current
        await session.flush()
        with pytest.raises(InvalidTransition) as caught:
            await move(session, booked.id, starts_at=TEN + timedelta(hours=1), by=Capacity.STAFF)
    assert caught.value.details["current"] == current


async def test_a_visit_that_was_confirmed_can_still_be_moved(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        await confirm(session, booked.id, by=Capacity.STAFF)
        moved = await move(
            session, booked.id, starts_at=TEN + timedelta(hours=1), by=Capacity.STAFF
        )
    assert moved.status is AppointmentStatus.CONFIRMED


async def test_who_comes_late_takes_their_slot_again_if_it_is_free(
    db: Database, made: Practice
) -> None:
    vet = made.vets[0].user_id
    late = await booked_at(db, made, practitioner_id=vet)
    with clock.frozen(TEN):
        async with db.transaction() as session:
            await mark_no_show(session, late.id)
        async with db.trial() as session:
            there = await check_in(session, late.id)
            assert (there.checked_in_at, there.sequence) == (TEN, 1)
        await booked_at(db, made, practitioner_id=vet, animal=1)
        async with db.transaction() as session:
            with pytest.raises(SlotTaken):
                await check_in(session, late.id)
    assert (await stored(db, late)).status is AppointmentStatus.NO_SHOW


async def test_what_comes_back_is_a_newer_revision_without_a_reason_for_its_end(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        await cancel(session, booked.id, reason="got well", by=Capacity.STAFF)
        again = await reinstate(session, booked.id)
    assert (again.sequence, again.cancellation_reason, again.cancelled_at) == (2, None, None)


async def test_the_notice_for_cancelling_ends_to_the_instant_and_holds_need_none(
    db: Database,
) -> None:
    policy = BookingPolicy(minimum_notice_minutes=0, cancellation_notice_minutes=60)
    made = await practice(db, booking_policy=policy)
    booked, held = await booked_at(db, made), await held_at(db, made, animal=1)
    last = TEN - timedelta(hours=1)
    with clock.frozen(last + timedelta(microseconds=1)):
        async with db.transaction() as session:
            with pytest.raises(TooLateToCancel):
                await cancel(session, booked.id, by=Capacity.OWNER)
            assert (
                await cancel(session, held.id, by=Capacity.OWNER)
            ).status is AppointmentStatus.CANCELLED
    with clock.frozen(last):
        async with db.transaction() as session:
            assert (
                await cancel(session, booked.id, by=Capacity.OWNER)
            ).status is AppointmentStatus.CANCELLED


async def test_what_is_over_is_said_to_be_over_whatever_the_hour(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        for step in (check_in, start_visit, complete):
            await by_staff(step)(session, booked.id)
    for moment, step in ((TEN + timedelta(hours=1), cancel), (NOW, mark_no_show)):
        with clock.frozen(moment):
            async with db.transaction() as session:
                with pytest.raises(InvalidTransition):
                    await by_staff(step)(session, booked.id)
