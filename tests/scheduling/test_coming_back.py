"""What comes back after a cancellation is held to the rules of booking, and keeps what was agreed."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from tests.scheduling.changes import (
    EVERYTHING,
    closure,
    to,
)
from tests.scheduling.practice import (
    SERVICES,
    TEN,
    Practice,
    booked_at,
    practice,
    stored,
)
from tests.scheduling.refusing import apply_change, refused
from tests.scheduling.steps import by_staff
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import InvalidValue, NotBookable, SlotTaken
from vetcore.models import (
    Appointment,
    Clinic,
    Room,
)
from vetcore.scheduling import (
    book,
    cancel,
    check_in,
    mark_no_show,
    reinstate,
)
from vetcore.scheduling.errors import ClinicClosed, InThePast, NoRoom
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")


@pytest.mark.parametrize("case", EVERYTHING)
async def test_what_comes_back_is_refused_by_the_rule_that_refuses_to_book_it(
    shared: Database, case: str
) -> None:
    made = await practice(shared)
    change, code = EVERYTHING[case]
    booked = await booked_at(shared, made, practitioner_id=made.vets[0].user_id)
    async with shared.transaction() as session:
        await cancel(session, booked.id, by=Capacity.STAFF)
    await apply_change(shared, made, change)
    async with shared.trial() as session:
        with pytest.raises(NotBookable) as caught:
            await book(
                session, made.request(practitioner_id=made.vets[0].user_id), by=Capacity.STAFF
            )
    assert caught.value.code == code
    await refused(shared, booked, reinstate, code)


async def test_what_is_past_does_not_come_back(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made)
    await db.run(lambda session: cancel(session, booked.id, by=Capacity.STAFF))
    with clock.frozen(TEN + timedelta(minutes=1)):
        await refused(db, booked, reinstate, "in_the_past")
    with clock.frozen(TEN):
        again = await db.run(lambda session: reinstate(session, booked.id))
    assert again.status is AppointmentStatus.SCHEDULED


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
    await apply_change(db, made, closure)
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


async def test_what_comes_back_has_its_length_and_room_whatever_the_catalogue_says_now(
    db: Database, made: Practice
) -> None:
    surgery = await booked_at(db, made, service=ServiceType.SURGERY, room_id=made.rooms[1].id)
    await db.run(lambda session: cancel(session, surgery.id, by=Capacity.STAFF))
    longer = [each.replace(duration_minutes=90, buffer_after_minutes=0) for each in SERVICES]
    await apply_change(
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
    await refused(db, surgery, reinstate, NoRoom.code)


async def test_of_two_that_come_back_to_one_slot_at_once_one_does(
    db: Database, made: Practice
) -> None:
    both = []
    for animal in range(2):
        booked = await booked_at(db, made, practitioner_id=made.vets[0].user_id, animal=animal)
        await db.run(lambda session, key=booked.id: cancel(session, key, by=Capacity.STAFF))  # type: ignore[misc]
        both.append(booked)
    answers = await asyncio.gather(
        *(db.run(lambda session, key=each.id: reinstate(session, key)) for each in both),  # type: ignore[misc]
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Appointment", "SlotTaken"]


async def test_the_slot_of_what_comes_back_is_looked_at_like_any(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made, practitioner_id=made.vets[0].user_id)
    await db.run(lambda session: cancel(session, booked.id, by=Capacity.STAFF))
    await booked_at(db, made, practitioner_id=made.vets[1].user_id)  # the same pet
    async with db.transaction() as session:
        with pytest.raises(SlotTaken) as caught:
            await reinstate(session, booked.id)
    assert caught.value.details["resource"] == "pet"
