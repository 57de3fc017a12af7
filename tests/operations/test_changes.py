"""Swaps and moves to other clinics through their operations: who may, and what a key repeats."""

from datetime import timedelta

import pytest

from tests.examples import clinic, membership, room
from tests.operations.house import House, house_at
from tests.scheduling.practice import (
    HALF_AN_HOUR,
    SERVICES,
    TEN,
    booked_at,
    held_at,
    lasting,
    stored,
)
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import (
    ConcurrentUpdate,
    InvalidTransition,
    NotFound,
    PermissionDenied,
    SlotTaken,
)
from vetcore.models import Appointment, Clinic, User
from vetcore.operations import (
    book_series,
    cancel_series,
    confirm_appointment,
    get_pet,
    move_appointment,
    swap_appointments,
)
from vetcore.scheduling.errors import NotWorkingHere, ServiceNotOffered, TooLateToCancel
from vetcore.schemas import (
    AppointmentAct,
    AppointmentMove,
    AppointmentSwap,
    ById,
    SeriesCancel,
    SeriesCreate,
)
from vetcore.values.appointments import SeriesScope
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.clinics import RoomKind, ServiceType
from vetcore.values.people import Role
from vetcore.values.recurrence import Recurrence

pytestmark = pytest.mark.usefixtures("on_a_friday")

LATER = TEN + HALF_AN_HOUR * 2


async def test_a_swap_is_for_those_who_may_move_both(db: Database) -> None:
    house = await house_at(db)
    one = await booked_at(db, house.made)
    other = await booked_at(db, house.made, LATER, animal=1)
    swap = AppointmentSwap(id=one.id, other_id=other.id)
    for name, error in (("stranger", NotFound), ("other", NotFound)):
        async with db.transaction(house.acting(name)) as session:
            with pytest.raises(error):
                await swap_appointments(session, swap)
    async with db.transaction(house.acting("staff")) as session:
        first, second = await swap_appointments(session, swap)
    assert (first.id, second.id) == (one.id, other.id)
    assert (first.starts_at, second.starts_at) == (other.starts_at, one.starts_at)
    async with db.transaction(house.acting("owner")) as session:
        # Both pets are theirs, and it is more than a day ahead.
        first, _ = await swap_appointments(session, swap)
    assert first.starts_at == one.starts_at


async def test_a_key_swaps_once_and_a_version_that_has_passed_is_refused(db: Database) -> None:
    house = await house_at(db)
    one = await booked_at(db, house.made)
    other = await booked_at(db, house.made, LATER, animal=1)
    swap = AppointmentSwap(id=one.id, other_id=other.id, version=1, other_version=1)
    for _ in range(2):
        async with db.transaction(house.acting("staff")) as session:
            first, second = await swap_appointments(session, swap, key="swap-1")
        assert (first.starts_at, second.starts_at) == (other.starts_at, one.starts_at)
    newer = AppointmentSwap(id=one.id, other_id=other.id, version=2, other_version=1)
    async with db.transaction(house.acting("staff")) as session:
        with pytest.raises(ConcurrentUpdate):
            await swap_appointments(session, newer)


async def test_a_refused_swap_leaves_its_key_free(db: Database) -> None:
    house = await house_at(db)
    one = await booked_at(db, house.made, practitioner_id=house.made.vets[0].user_id)
    other = await booked_at(
        db, house.made, LATER, animal=1, duration_minutes=60, room_id=house.made.rooms[0].id
    )
    await booked_at(
        db, house.made, TEN + HALF_AN_HOUR, animal=2, practitioner_id=house.made.vets[0].user_id
    )
    swap = AppointmentSwap(id=one.id, other_id=other.id)
    async with db.transaction(house.acting("staff")) as session:
        with pytest.raises(SlotTaken):
            await swap_appointments(session, swap, key="swap-2")
    async with db.transaction(house.acting("staff")) as session:
        with pytest.raises(SlotTaken):
            await swap_appointments(session, swap, key="swap-2")


# To another clinic, or for another service --------------------------------------------------------


async def _branch(db: Database, house: House) -> Clinic:
    """A second clinic, at which the first veterinarian works, and so does the desk."""
    place = clinic(
        name="Branch",
        timezone="America/New_York",
        opening_hours="Mo-Fr 08:00-18:00",
        services=SERVICES,
        booking_policy=BookingPolicy(minimum_notice_minutes=0),
    )
    async with db.transaction() as session:
        session.add(place)
        await session.flush()
        session.add(room(place, kind=RoomKind.SURGERY))
        for name, role in ((house.people["both"], Role.RECEPTIONIST),):
            person = await session.get_one(User, name)
            session.add(membership(person, place, role=role))
        vet = await session.get_one(User, house.made.vets[0].user_id)
        session.add(membership(vet, place))
    return place


async def test_rights_are_asked_at_both_clinics(db: Database) -> None:
    house = await house_at(db)
    place = await _branch(db, house)
    booked = await booked_at(db, house.made)
    command = AppointmentMove(id=booked.id, starts_at=LATER, clinic_id=place.id)
    async with db.transaction(house.acting("staff")) as session:
        # They work at the one only.
        with pytest.raises(PermissionDenied):
            await move_appointment(session, command)
    async with db.transaction(house.acting("other")) as session:
        with pytest.raises(NotFound):
            await move_appointment(session, command)
    async with db.transaction(house.acting("both")) as session:
        moved = await move_appointment(session, command)
    assert (moved.clinic_id, moved.starts_at) == (place.id, LATER)
    assert moved.practitioner_id == house.made.vets[0].user_id
    assert moved.sequence == booked.sequence + 1
    assert (await stored(db, booked)).clinic_id == place.id


async def test_staff_gain_no_patient_by_moving_a_visit_to_their_other_clinic(db: Database) -> None:
    house = await house_at(db)
    place = await _branch(db, house)
    booked = await booked_at(db, house.made)
    move = AppointmentMove(id=booked.id, starts_at=LATER, clinic_id=place.id)
    async with db.transaction(house.acting("both")) as session:
        assert (await move_appointment(session, move)).patient_until is None
    async with db.session(house.acting("both")) as session:
        await get_pet(session, ById(id=booked.pet_id))  # of the first clinic it is one
    async with db.transaction(house.acting("owner")) as session:
        confirmed = await confirm_appointment(session, AppointmentAct(id=booked.id))
        assert confirmed.patient_until is not None


async def test_an_owner_moves_their_visit_to_another_clinic_within_the_notice_of_the_first(
    db: Database,
) -> None:
    house = await house_at(db)
    place = await _branch(db, house)
    booked = await booked_at(db, house.made)
    move = AppointmentMove(id=booked.id, starts_at=LATER, clinic_id=place.id)
    async with db.transaction(house.acting("owner")) as session:
        moved = await move_appointment(session, move)
    assert (moved.clinic_id, moved.patient_until is None) == (place.id, False)

    soon = await booked_at(db, house.made, animal=1)
    late = AppointmentMove(id=soon.id, starts_at=LATER, clinic_id=place.id)
    with clock.frozen(TEN - timedelta(hours=2)):
        async with db.transaction(house.acting("owner")) as session:
            with pytest.raises(TooLateToCancel):
                await move_appointment(session, late)


async def test_the_rules_of_the_other_clinic_hold(db: Database) -> None:
    house = await house_at(db)
    place = await _branch(db, house)
    booked = await booked_at(db, house.made)
    absent = house.made.vets[1].user_id
    async with db.transaction(house.acting("both")) as session:
        for given, error in (
            ({"practitioner_id": absent}, NotWorkingHere),
            ({"service": ServiceType.DENTAL_CLEANING}, ServiceNotOffered),
        ):
            with pytest.raises(error):
                await move_appointment(
                    session,
                    AppointmentMove(id=booked.id, starts_at=LATER, clinic_id=place.id, **given),
                )
    await booked_at(db, house.made, LATER, animal=1, practitioner_id=house.made.vets[0].user_id)
    async with db.transaction(house.acting("both")) as session:
        with pytest.raises(SlotTaken):
            await move_appointment(
                session, AppointmentMove(id=booked.id, starts_at=LATER, clinic_id=place.id)
            )
    assert (await stored(db, booked)).clinic_id == house.made.clinic.id


async def test_another_service_brings_its_length_and_room(db: Database) -> None:
    house = await house_at(db)
    booked = await booked_at(db, house.made, duration_minutes=45)
    move = AppointmentMove(id=booked.id, starts_at=LATER, service=ServiceType.SURGERY)
    async with db.transaction(house.acting("staff")) as session:
        moved = await move_appointment(session, move)
    assert moved.service == ServiceType.SURGERY
    assert moved.ends_at - moved.starts_at == HALF_AN_HOUR * 2
    assert (moved.room_id, moved.duration_minutes) == (house.made.rooms[0].id, None)
    assert moved.practitioner_id == booked.practitioner_id


async def test_what_goes_to_another_clinic_leaves_its_series_which_can_be_cancelled_still(
    db: Database,
) -> None:
    house = await house_at(db)
    place = await _branch(db, house)
    wish = SeriesCreate(first=house.made.request(), rule=Recurrence.parse("FREQ=WEEKLY;COUNT=3"))
    async with db.transaction(house.acting("both")) as session:
        report = await book_series(session, wish)
    (first, *_) = report.booked
    move = AppointmentMove(id=first.id, starts_at=LATER, clinic_id=place.id)
    async with db.transaction(house.acting("both")) as session:
        assert (await move_appointment(session, move)).series_id is None
    async with db.transaction(house.acting("staff")) as session:
        one = report.booked[1]
        act = SeriesCancel(id=one.id, version=one.version, scope=SeriesScope.ALL)
        left = await cancel_series(session, act)
    assert len(left) == 2
    assert (await stored(db, first)).status.occupies


async def test_a_hold_stays_at_its_clinic_and_for_its_service(db: Database) -> None:
    """It may be what a wish on the waitlist was offered."""
    house = await house_at(db)
    place = await _branch(db, house)
    held = await held_at(db, house.made)
    await lasting(db, held)
    for given in ({"clinic_id": place.id}, {"service": ServiceType.SURGERY}):
        async with db.transaction(house.acting("both")) as session:
            with pytest.raises(InvalidTransition):
                await move_appointment(
                    session, AppointmentMove(id=held.id, starts_at=LATER, **given)
                )
    async with db.transaction(house.acting("both")) as session:
        same = AppointmentMove(
            id=held.id, starts_at=LATER, clinic_id=held.clinic_id, service=held.service
        )
        assert isinstance(await move_appointment(session, same), Appointment)
