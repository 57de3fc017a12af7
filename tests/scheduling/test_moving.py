"""Moving an appointment: one transaction that keeps the id, and the old time where the new one is taken."""

from datetime import timedelta
from typing import Any

import pytest

from tests.scheduling.practice import SERVICES, TEN, Practice, booked_at, held_at, stored
from vetcore.database import Database
from vetcore.errors import InvalidValue, SlotTaken
from vetcore.models import Clinic
from vetcore.scheduling import book_series, move
from vetcore.scheduling.errors import ClinicClosed
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.recurrence import Recurrence
from vetcore.values.services import ServiceOffering

pytestmark = pytest.mark.usefixtures("on_a_friday")


async def test_moving_keeps_the_id_and_frees_the_old_time(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made, practitioner_id=made.vets[0].user_id)
    later = TEN + timedelta(hours=1)
    async with db.transaction() as session:
        moved = await move(session, booked.id, starts_at=later, by=Capacity.STAFF)
    assert (moved.id, moved.starts_at, moved.sequence) == (booked.id, later, 1)
    await booked_at(db, made, practitioner_id=made.vets[0].user_id, animal=1)


async def test_moving_by_a_quarter_of_an_hour_does_not_collide_with_itself(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made, practitioner_id=made.vets[0].user_id)
    async with db.transaction() as session:
        await move(session, booked.id, starts_at=TEN + timedelta(minutes=15), by=Capacity.STAFF)


async def test_if_the_new_time_is_taken_the_old_one_stays(db: Database, made: Practice) -> None:
    vet = made.vets[0].user_id
    booked = await booked_at(db, made, practitioner_id=vet)
    later = TEN + timedelta(hours=1)
    await booked_at(db, made, starts_at=later, practitioner_id=vet, animal=1)
    async with db.transaction() as session:
        with pytest.raises(SlotTaken) as caught:
            await move(session, booked.id, starts_at=later, by=Capacity.STAFF)
    assert caught.value.details["resource"] == "practitioner"
    assert (await stored(db, booked)).starts_at == TEN
    async with db.transaction() as session:
        moved = await move(
            session,
            booked.id,
            starts_at=later,
            practitioner_id=made.vets[1].user_id,
            by=Capacity.STAFF,
        )
    assert moved.practitioner_id == made.vets[1].user_id


async def test_moving_follows_the_rules_of_booking(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        with pytest.raises(ClinicClosed):
            await move(session, booked.id, starts_at=TEN - timedelta(hours=4), by=Capacity.STAFF)
        moved = await move(
            session,
            booked.id,
            starts_at=TEN - timedelta(hours=4),
            overrides=("clinic_closed", "off_duty"),
            by=Capacity.STAFF,
        )
    assert moved.overrides == ("clinic_closed", "off_duty")


async def test_what_is_moved_keeps_a_length_of_its_own_and_its_buffers(
    db: Database, made: Practice
) -> None:
    surgery = await booked_at(db, made, service=ServiceType.SURGERY, duration_minutes=90)
    later = TEN + timedelta(hours=3)
    async with db.transaction() as session:
        moved = await move(session, surgery.id, starts_at=later, by=Capacity.STAFF)
    assert moved.ends_at == later + timedelta(minutes=90)
    assert moved.occupied_from == later - timedelta(minutes=15)
    assert moved.occupied_until == later + timedelta(minutes=90 + 30)


async def test_what_is_moved_stays_in_its_room_unless_that_is_taken_or_another_is_asked_for(
    db: Database, made: Practice
) -> None:
    one, two = (room.id for room in made.rooms)
    surgery: dict[str, Any] = {"service": ServiceType.SURGERY}
    moving = await booked_at(db, made, room_id=two, practitioner_id=made.vets[0].user_id, **surgery)
    later, last = TEN + timedelta(hours=3), TEN + timedelta(hours=6)
    await booked_at(
        db, made, last, animal=1, room_id=two, practitioner_id=made.vets[1].user_id, **surgery
    )
    async with db.transaction() as session:
        assert (await move(session, moving.id, starts_at=later, by=Capacity.STAFF)).room_id == two
        assert (
            await move(session, moving.id, starts_at=TEN, room_id=one, by=Capacity.STAFF)
        ).room_id == one
        assert (
            await move(session, moving.id, starts_at=later, room_id=two, by=Capacity.STAFF)
        ).room_id == two
        assert (await move(session, moving.id, starts_at=last, by=Capacity.STAFF)).room_id == one
    with pytest.raises(SlotTaken) as caught:
        async with db.transaction() as session:
            await move(session, moving.id, starts_at=last, room_id=two, by=Capacity.STAFF)
    assert caught.value.details["resource"] == "room"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"starts_at": TEN + timedelta(seconds=1)}, "starts_at"),
        ({"starts_at": TEN.replace(tzinfo=None)}, "starts_at"),
        ({"starts_at": TEN, "overrides": ("slot_taken",)}, "overrides"),
    ],
)
async def test_a_move_to_what_is_no_time_or_over_what_is_no_rule_is_refused(
    db: Database, made: Practice, given: dict[str, Any], field: str
) -> None:
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        with pytest.raises(InvalidValue) as caught:
            await move(session, booked.id, **given, by=Capacity.STAFF)
    assert caught.value.details["field"] == field


async def test_of_the_rules_set_aside_for_a_move_those_that_were_broken_are_recorded(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made)
    every = ("too_soon", "off_grid", "clinic_closed", "off_duty", "beyond_horizon")
    async with db.transaction() as session:
        moved = await move(
            session,
            booked.id,
            starts_at=TEN + timedelta(minutes=7),
            overrides=every,
            by=Capacity.STAFF,
        )
    assert moved.overrides == ("off_grid",)
    async with db.transaction() as session:
        back = await move(session, booked.id, starts_at=TEN, overrides=every, by=Capacity.STAFF)
    assert back.overrides == ()


LONGER = SERVICES.with_offering(
    ServiceOffering(
        service=ServiceType.WELLNESS_EXAM,
        duration_minutes=60,
        buffer_before_minutes=5,
        buffer_after_minutes=10,
    )
)


async def _lengthen(db: Database, made: Practice) -> None:
    async with db.transaction() as session:
        (await session.get_one(Clinic, made.clinic.id)).services = LONGER


@pytest.mark.parametrize("make", [booked_at, held_at])
async def test_what_is_moved_takes_as_long_as_the_catalogue_says_now(
    db: Database, made: Practice, make: Any
) -> None:
    booked = await make(db, made)
    await _lengthen(db, made)
    later = TEN + timedelta(hours=1)
    async with db.transaction() as session:
        moved = await move(session, booked.id, starts_at=later, by=Capacity.STAFF)
    assert moved.ends_at == later + timedelta(minutes=60)
    assert moved.occupied_from == later - timedelta(minutes=5)
    assert moved.occupied_until == later + timedelta(minutes=70)
    assert moved.duration_minutes is None


@pytest.mark.parametrize("make", [booked_at, held_at])
async def test_a_length_of_its_own_is_remembered_also_where_it_is_the_catalogues(
    db: Database, made: Practice, make: Any
) -> None:
    booked = await make(db, made, duration_minutes=30)
    assert (await stored(db, booked)).duration_minutes == 30
    await _lengthen(db, made)
    later = TEN + timedelta(hours=1)
    for start in (later, TEN):
        async with db.transaction() as session:
            moved = await move(session, booked.id, starts_at=start, by=Capacity.STAFF)
        assert moved.ends_at == start + timedelta(minutes=30)
        assert moved.occupied_until == start + timedelta(minutes=40)


async def test_each_of_a_series_remembers_a_length_of_its_own(db: Database, made: Practice) -> None:
    weekly = Recurrence.parse("FREQ=WEEKLY;COUNT=2")
    async with db.transaction() as session:
        own = await book_series(
            session, made.request(duration_minutes=45), rule=weekly, by=Capacity.STAFF
        )
        usual = await book_series(session, made.request(animal=1), rule=weekly, by=Capacity.STAFF)
    await _lengthen(db, made)
    later = TEN + timedelta(days=1)
    async with db.transaction() as session:
        one = await move(session, own.booked[1].id, starts_at=later, by=Capacity.STAFF)
        two = await move(
            session, usual.booked[1].id, starts_at=later + timedelta(hours=3), by=Capacity.STAFF
        )
    assert one.ends_at - one.starts_at == timedelta(minutes=45)
    assert two.ends_at - two.starts_at == timedelta(minutes=60)


async def test_a_longer_visit_must_fit_where_it_is_moved_to(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made)
    await _lengthen(db, made)
    half_an_hour_before_lunch = TEN + timedelta(hours=1, minutes=30)
    async with db.transaction() as session:
        with pytest.raises(ClinicClosed):
            await move(session, booked.id, starts_at=half_an_hour_before_lunch, by=Capacity.STAFF)
