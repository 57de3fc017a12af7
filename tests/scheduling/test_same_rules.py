"""What was booked is asked again when it comes back, is confirmed or checked in: no side doors."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from tests.scheduling.changes import (
    EVERYTHING,
    NOTICE,
    PATIENT_AND_PLACE,
    closure,
    pet_goes,
    to,
)
from tests.scheduling.practice import (
    SERVICES,
    TEN,
    Practice,
    booked_at,
    held_at,
    practice,
)
from tests.scheduling.refusing import HOUR, apply_change, refused
from tests.scheduling.steps import by_staff
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import NotFound
from vetcore.models import (
    Appointment,
    Clinic,
)
from vetcore.scheduling import (
    cancel,
    check_in,
    confirm,
    confirm_hold,
    mark_no_show,
    move,
    reinstate,
)
from vetcore.scheduling.errors import ClinicClosed
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import RoomKind, ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")


@pytest.mark.parametrize("case", [case for case in EVERYTHING if case != "books closed"])
async def test_what_is_moved_is_refused_by_the_rule_that_refuses_to_book_it(
    shared: Database, case: str
) -> None:
    made = await practice(shared)
    change, code = EVERYTHING[case]
    booked = await booked_at(shared, made, practitioner_id=made.vets[0].user_id)
    held = await held_at(
        shared, made, starts_at=TEN + HOUR, practitioner_id=made.vets[0].user_id, animal=0
    )
    await apply_change(shared, made, change)
    for each in (booked, held):
        await refused(shared, each, move, code, starts_at=TEN + 2 * timedelta(minutes=30))


@pytest.mark.parametrize("case", NOTICE)
async def test_what_was_settled_with_the_time_is_not_asked_again_of_what_has_it(
    shared: Database, case: str
) -> None:
    made = await practice(shared)
    held = await held_at(shared, made)
    booked = await booked_at(shared, made, TEN + HOUR, animal=1)
    await apply_change(shared, made, NOTICE[case][0])
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
    booked = await booked_at(shared, made, practitioner_id=made.vets[0].user_id)
    with clock.frozen(TEN + timedelta(minutes=20)):
        if came_late:
            await shared.run(lambda session: mark_no_show(session, booked.id))
        await apply_change(shared, made, change)
        if case in PATIENT_AND_PLACE:
            await refused(shared, booked, check_in, code)
            return
        arrived = await shared.run(lambda session: check_in(session, booked.id))
    assert arrived.status is AppointmentStatus.CHECKED_IN


async def test_a_deleted_pet_or_clinic_is_not_found_by_any_of_them(db: Database) -> None:
    made = await practice(db)
    booked, held = await booked_at(db, made), await held_at(db, made, starts_at=TEN + HOUR)
    await apply_change(db, made, pet_goes)
    for step, which in ((confirm, booked), (check_in, booked), (confirm_hold, held)):
        async with db.transaction() as session:
            with pytest.raises(NotFound):
                await by_staff(step)(session, which.id)


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
    await apply_change(db, made, closure)
    closed = ("clinic_closed", "off_duty")
    assert (
        await db.run(lambda session: by_staff(step)(session, booked.id, overrides=closed))
    ).overrides == closed


async def test_a_visit_keeps_its_room_though_the_service_needs_another_kind_by_now(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made, service=ServiceType.SURGERY)
    surgery = SERVICES.get(ServiceType.SURGERY)
    assert surgery is not None
    offering = surgery.model_copy(update={"room_kind": RoomKind.CONSULTATION})
    changed = SERVICES.without(ServiceType.SURGERY).with_offering(offering)
    await apply_change(db, made, to(Clinic, "clinic", services=changed))
    async with db.transaction() as session:
        assert (await confirm(session, booked.id, by=Capacity.STAFF)).room_id == booked.room_id
        await cancel(session, booked.id, by=Capacity.STAFF)
        assert (await reinstate(session, booked.id)).room_id == booked.room_id
