"""What was booked is asked again when it comes back, is confirmed or checked in: no side doors."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from tests.scheduling.changes import (
    CATALOGUE,
    EVERYTHING,
    NOTICE,
    PATIENT_AND_PLACE,
    Change,
    closure,
    died,
    pet_goes,
    to,
)
from tests.scheduling.practice import (
    NOW,
    SERVICES,
    TEN,
    Practice,
    booked_at,
    held_at,
    practice,
    stored,
)
from tests.scheduling.steps import by_staff
from tests.scheduling.waiting import join, offer, read_back
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import HoldExpired, InvalidValue, NotBookable, NotFound, SlotTaken
from vetcore.models import (
    Appointment,
    Clinic,
    Room,
)
from vetcore.scheduling import (
    accept_offer,
    book,
    cancel,
    check_in,
    confirm,
    confirm_hold,
    impossible_visits,
    mark_no_show,
    reinstate,
    reschedule,
)
from vetcore.scheduling.errors import ClinicClosed, InThePast, NoRoom
from vetcore.values.appointments import AppointmentStatus, WaitlistStatus
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import RoomKind, ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")

HOUR = timedelta(hours=1)


async def _changed(db: Database, made: Practice, change: Change) -> None:
    async with db.transaction() as session:
        await change(session, made)


async def _refused(
    db: Database,
    booked: Appointment,
    step: Callable[..., Awaitable[object]],
    code: str,
    **given: Any,
) -> None:
    """``step`` is refused by that rule, and nothing is written although the caller commits."""
    before = await stored(db, booked)
    async with db.transaction() as session:
        with pytest.raises(NotBookable) as caught:
            await by_staff(step)(session, booked.id, **given)
    assert caught.value.code == code
    after = await stored(db, booked)
    assert (after.status, after.version) == (before.status, before.version)


@pytest.mark.parametrize("case", EVERYTHING)
async def test_what_comes_back_is_refused_by_the_rule_that_refuses_to_book_it(
    shared: Database, case: str
) -> None:
    made = await practice(shared)
    change, code = EVERYTHING[case]
    booked = await booked_at(shared, made, performer_id=made.vets[0].user_id)
    async with shared.transaction() as session:
        await cancel(session, booked.id, by=Capacity.STAFF)
    await _changed(shared, made, change)
    async with shared.session() as session:
        with pytest.raises(NotBookable) as caught:
            await book(session, made.request(performer_id=made.vets[0].user_id), by=Capacity.STAFF)
    assert caught.value.code == code
    await _refused(shared, booked, reinstate, code)


@pytest.mark.parametrize("case", [case for case in EVERYTHING if case != "books closed"])
async def test_what_is_moved_is_refused_by_the_rule_that_refuses_to_book_it(
    shared: Database, case: str
) -> None:
    made = await practice(shared)
    change, code = EVERYTHING[case]
    booked = await booked_at(shared, made, performer_id=made.vets[0].user_id)
    held = await held_at(
        shared, made, starts_at=TEN + HOUR, performer_id=made.vets[0].user_id, animal=0
    )
    await _changed(shared, made, change)
    for each in (booked, held):
        await _refused(shared, each, reschedule, code, starts_at=TEN + 2 * timedelta(minutes=30))


@pytest.mark.parametrize("case", PATIENT_AND_PLACE | CATALOGUE)
async def test_neither_a_hold_nor_an_offer_nor_a_visit_is_confirmed_against_a_rule(
    shared: Database, case: str
) -> None:
    made = await practice(shared)
    change, code = EVERYTHING[case]
    vet = made.vets[0].user_id
    booked = await booked_at(shared, made, TEN + HOUR, performer_id=vet)
    held = await held_at(shared, made, starts_at=TEN + HOUR / 2, performer_id=vet)
    entry = await join(shared, made, performer_id=vet)
    assert await offer(shared, made) is not None
    await _changed(shared, made, change)
    for step in (confirm_hold, confirm, reinstate):
        await _refused(shared, held, step, code)
    await _refused(shared, booked, confirm, code)
    async with shared.transaction() as session:
        with pytest.raises(NotBookable) as caught:
            await accept_offer(session, entry.id)
    assert caught.value.code == code
    assert (await read_back(shared, entry)).status is WaitlistStatus.OFFERED


@pytest.mark.parametrize("case", NOTICE)
async def test_what_was_settled_with_the_time_is_not_asked_again_of_what_has_it(
    shared: Database, case: str
) -> None:
    made = await practice(shared)
    held = await held_at(shared, made)
    booked = await booked_at(shared, made, TEN + HOUR, animal=1)
    await _changed(shared, made, NOTICE[case][0])
    async with shared.transaction() as session:
        assert (
            await confirm_hold(session, held.id, by=Capacity.STAFF)
        ).status is AppointmentStatus.SCHEDULED
        assert (
            await confirm(session, booked.id, by=Capacity.STAFF)
        ).status is AppointmentStatus.CONFIRMED
        assert (await check_in(session, booked.id)).status is AppointmentStatus.CHECKED_IN


@pytest.mark.parametrize("came_late", [False, True])
@pytest.mark.parametrize("case", EVERYTHING)
async def test_who_arrives_is_asked_what_still_matters(
    shared: Database, case: str, *, came_late: bool
) -> None:
    made = await practice(shared)
    change, code = EVERYTHING[case]
    booked = await booked_at(shared, made, performer_id=made.vets[0].user_id)
    with clock.frozen(TEN + timedelta(minutes=20)):
        if came_late:
            await shared.run(lambda session: mark_no_show(session, booked.id))
        await _changed(shared, made, change)
        if case in PATIENT_AND_PLACE:
            await _refused(shared, booked, check_in, code)
            return
        arrived = await shared.run(lambda session: check_in(session, booked.id))
    assert arrived.status is AppointmentStatus.CHECKED_IN


async def test_a_deleted_pet_or_clinic_is_not_found_by_any_of_them(db: Database) -> None:
    made = await practice(db)
    booked, held = await booked_at(db, made), await held_at(db, made, starts_at=TEN + HOUR)
    await _changed(db, made, pet_goes)
    for step, which in ((confirm, booked), (check_in, booked), (confirm_hold, held)):
        async with db.transaction() as session:
            with pytest.raises(NotFound):
                await by_staff(step)(session, which.id)


async def test_what_is_past_does_not_come_back(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made)
    await db.run(lambda session: cancel(session, booked.id, by=Capacity.STAFF))
    with clock.frozen(TEN + timedelta(minutes=1)):
        await _refused(db, booked, reinstate, "in_the_past")
    with clock.frozen(TEN):
        again = await db.run(lambda session: reinstate(session, booked.id))
    assert again.status is AppointmentStatus.SCHEDULED


async def test_nobody_confirms_what_has_begun(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made)
    with clock.frozen(TEN + timedelta(minutes=1)):
        await _refused(db, booked, confirm, "in_the_past")


@pytest.mark.parametrize("step", [check_in, reinstate])
async def test_who_missed_a_visit_may_still_come_on_its_day_and_no_later(
    db: Database, made: Practice, step: Callable[..., Awaitable[Appointment]]
) -> None:
    booked = await booked_at(db, made)
    midnight = TEN + timedelta(hours=14)  # in New York
    with clock.frozen(TEN):
        await db.run(lambda session: mark_no_show(session, booked.id))
    with clock.frozen(midnight):
        async with db.transaction() as session:
            with pytest.raises(InThePast):
                await by_staff(step)(session, booked.id)
    assert (await stored(db, booked)).status is AppointmentStatus.NO_SHOW
    with clock.frozen(midnight - timedelta(seconds=1)):
        assert (await db.run(lambda session: by_staff(step)(session, booked.id))).status.occupies


async def test_staff_set_hours_aside_for_what_comes_back_and_that_is_recorded(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made)
    await db.run(lambda session: cancel(session, booked.id, by=Capacity.STAFF))
    await _changed(db, made, closure)
    async with db.transaction() as session:
        with pytest.raises(ClinicClosed):
            await reinstate(session, booked.id, overrides=("off_duty",))
        with pytest.raises(InvalidValue):
            await reinstate(session, booked.id, overrides=("pet_not_bookable",))
        again = await reinstate(
            session, booked.id, overrides=("clinic_closed", "off_duty", "too_soon")
        )
    assert again.overrides == ("clinic_closed", "off_duty")
    assert (await stored(db, booked)).overrides == ("clinic_closed", "off_duty")


@pytest.mark.parametrize("step", [confirm, check_in])
async def test_what_staff_set_aside_when_they_booked_is_so_for_its_whole_life(
    db: Database, made: Practice, step: Callable[..., Awaitable[Appointment]]
) -> None:
    early = TEN - timedelta(hours=3)
    booked = await booked_at(db, made, early, overrides=("clinic_closed", "off_duty"))
    async with db.transaction() as session:
        done = await by_staff(step)(session, booked.id)
    assert done.overrides == ("clinic_closed", "off_duty")
    again = await booked_at(db, made, early, animal=1, overrides=("clinic_closed", "off_duty"))
    async with db.transaction() as session:
        await cancel(session, again.id, by=Capacity.STAFF)
        with pytest.raises(ClinicClosed):
            await reinstate(session, again.id)


@pytest.mark.parametrize("step", [confirm, check_in])
async def test_staff_may_confirm_and_check_in_on_a_day_that_is_closed_by_now(
    db: Database, made: Practice, step: Callable[..., Awaitable[Appointment]]
) -> None:
    booked = await booked_at(db, made)
    await _changed(db, made, closure)
    closed = ("clinic_closed", "off_duty")
    assert (
        await db.run(lambda session: by_staff(step)(session, booked.id, overrides=closed))
    ).overrides == closed


async def test_what_comes_back_has_its_length_and_room_whatever_the_catalogue_says_now(
    db: Database, made: Practice
) -> None:
    surgery = await booked_at(db, made, service=ServiceType.SURGERY, room_id=made.rooms[1].id)
    await db.run(lambda session: cancel(session, surgery.id, by=Capacity.STAFF))
    longer = [each.replace(duration_minutes=90, buffer_after_minutes=0) for each in SERVICES]
    await _changed(
        db, made, to(Clinic, "clinic", services=SERVICES.replace(offerings=tuple(longer)))
    )
    again = await db.run(lambda session: reinstate(session, surgery.id))
    for name in ("starts_at", "ends_at", "occupied_from", "occupied_until", "room_id"):
        assert getattr(again, name) == getattr(surgery, name)


async def test_what_comes_back_needs_its_room(db: Database, made: Practice) -> None:
    surgery = await booked_at(db, made, service=ServiceType.SURGERY)
    await db.run(lambda session: cancel(session, surgery.id, by=Capacity.STAFF))
    async with db.transaction() as session:
        (await session.get_one(Room, surgery.room_id)).soft_delete()
    await _refused(db, surgery, reinstate, NoRoom.code)


async def test_of_two_that_come_back_to_one_slot_at_once_one_does(
    db: Database, made: Practice
) -> None:
    both = []
    for animal in range(2):
        booked = await booked_at(db, made, performer_id=made.vets[0].user_id, animal=animal)
        await db.run(lambda session, key=booked.id: cancel(session, key, by=Capacity.STAFF))  # type: ignore[misc]
        both.append(booked)
    answers = await asyncio.gather(
        *(db.run(lambda session, key=each.id: reinstate(session, key)) for each in both),  # type: ignore[misc]
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Appointment", "SlotTaken"]


async def test_a_hold_that_many_confirm_at_once_is_confirmed_once(
    db: Database, made: Practice
) -> None:
    held = await held_at(db, made)
    answers = await asyncio.gather(
        *(
            db.run(lambda session: confirm_hold(session, held.id, by=Capacity.STAFF))
            for _ in range(6)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, Appointment) for answer in answers) == 1
    found = await stored(db, held)
    assert (found.status, found.version) == (AppointmentStatus.SCHEDULED, held.version + 1)


async def test_a_hold_that_is_cleared_away_while_it_is_confirmed_is_one_or_the_other(
    db: Database, made: Practice
) -> None:
    vet = made.vets[0].user_id
    held = await held_at(db, made, performer_id=vet)
    await asyncio.gather(
        db.run(lambda session: confirm_hold(session, held.id, by=Capacity.STAFF)),
        db.run(lambda session: cancel(session, held.id, by=Capacity.STAFF)),
        *(
            db.run(
                lambda s, n=n: book(s, made.request(performer_id=vet, animal=n), by=Capacity.STAFF)
            )  # type: ignore[misc]
            for n in (1, 2)
        ),
        return_exceptions=True,
    )
    async with db.session() as session:
        occupying = select(func.count()).where(
            Appointment.veterinarian_id == made.vets[0].id,
            Appointment.status.in_(AppointmentStatus.occupying()),
        )
        occupied = await session.scalar(occupying)
    assert occupied in {0, 1}
    if not occupied:
        # It was cancelled when those who wanted the slot had been told that it was taken.
        await booked_at(db, made, performer_id=vet, animal=3)


async def test_the_reason_is_told_and_not_that_the_hold_has_run_out(
    db: Database, made: Practice
) -> None:
    held = await held_at(db, made)
    await _changed(db, made, died)
    async with db.transaction() as session:
        with pytest.raises(NotBookable):
            await confirm_hold(session, held.id, by=Capacity.STAFF)
    async with db.transaction() as session:
        await session.execute(
            update(Appointment)
            .where(Appointment.id == held.id)
            .values(hold_expires_at=NOW - timedelta(days=365))
        )
    async with db.transaction() as session:
        with pytest.raises(HoldExpired):
            await confirm_hold(session, held.id, by=Capacity.STAFF)


async def test_the_slot_of_what_comes_back_is_looked_at_like_any(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made, performer_id=made.vets[0].user_id)
    await db.run(lambda session: cancel(session, booked.id, by=Capacity.STAFF))
    await booked_at(db, made, performer_id=made.vets[1].user_id)  # the same pet
    async with db.transaction() as session:
        with pytest.raises(SlotTaken) as caught:
            await reinstate(session, booked.id)
    assert caught.value.details["resource"] == "pet"


async def test_a_visit_in_a_room_that_has_gone_is_not_confirmed_and_who_arrives_is_let_in(
    db: Database, made: Practice
) -> None:
    surgery: dict[str, Any] = {"service": ServiceType.SURGERY}
    held = await held_at(db, made, **surgery)
    booked = await booked_at(db, made, TEN + 3 * HOUR, animal=1, **surgery)
    async with db.transaction() as session:
        for room in made.rooms:
            (await session.get_one(Room, room.id)).soft_delete()
    await _refused(db, held, confirm_hold, "no_room")
    await _refused(db, booked, confirm, "no_room")
    async with db.session() as session:
        impossible = await impossible_visits(session, clinic_id=made.clinic.id)
    assert {each.appointment.id for each in impossible} == {held.id, booked.id}
    async with db.transaction() as session:
        arrived = await check_in(session, booked.id)
        assert arrived.status is AppointmentStatus.CHECKED_IN


async def test_a_visit_keeps_its_room_though_the_service_needs_another_kind_by_now(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made, service=ServiceType.SURGERY)
    surgery = SERVICES.get(ServiceType.SURGERY)
    assert surgery is not None
    offering = surgery.model_copy(update={"room_kind": RoomKind.CONSULTATION})
    changed = SERVICES.without(ServiceType.SURGERY).with_offering(offering)
    await _changed(db, made, to(Clinic, "clinic", services=changed))
    async with db.transaction() as session:
        assert (await confirm(session, booked.id, by=Capacity.STAFF)).room_id == booked.room_id
        await cancel(session, booked.id, by=Capacity.STAFF)
        assert (await reinstate(session, booked.id)).room_id == booked.room_id
