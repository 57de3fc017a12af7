"""An emergency beside a booked visit: deliberate, with a reason, and told apart by the database."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from tests.scheduling.practice import (
    HALF_AN_HOUR,
    NOW,
    TEN,
    Practice,
    booked_at,
    practice,
    stored,
)
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import ConstraintViolation, InvalidValue, SlotTaken
from vetcore.models import Appointment
from vetcore.scheduling import book, cancel, check_in, find_slots, move, reinstate, swap
from vetcore.testing import assert_no_overlap
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import RoomKind, ServiceType
from vetcore.values.services import ServiceCatalog, ServiceOffering

WHY = "Hit by a car"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _a_friday_before() -> Any:
    with clock.frozen(NOW):
        yield


@pytest.fixture
async def alone(db: Database) -> Practice:
    """A practice with one veterinarian."""
    return await practice(db, vets=1)


async def _starts(db: Database, made: Practice, **given: Any) -> set[str]:
    async with db.session() as session:
        found = await find_slots(
            session,
            clinic_id=made.clinic.id,
            service=ServiceType.WELLNESS_EXAM,
            start=TEN,
            end=TEN + timedelta(hours=2),
            by=Capacity.STAFF,
            **given,
        )
    return {f"{(slot.start - TEN) // MINUTE}" for slot in found}


async def test_an_emergency_stands_beside_a_visit_with_its_reason(
    db: Database, alone: Practice
) -> None:
    await booked_at(db, alone)
    with pytest.raises(SlotTaken):
        await booked_at(db, alone, animal=1)
    squeezed = await booked_at(db, alone, animal=1, squeeze_reason=WHY)
    kept = await stored(db, squeezed)
    assert (kept.squeezed_in, kept.squeeze_reason) == (True, WHY)
    assert kept.practitioner_id == alone.vets[0].user_id
    async with db.session() as session:
        await assert_no_overlap(session)


async def test_where_the_time_is_free_nothing_is_squeezed_in(db: Database, alone: Practice) -> None:
    kept = await stored(db, await booked_at(db, alone, squeeze_reason=WHY))
    assert (kept.squeezed_in, kept.squeeze_reason) == (False, None)


async def test_whoever_is_free_is_taken_before_anybody_is_squeezed_on(db: Database) -> None:
    made = await practice(db, vets=3)
    busy = {(await booked_at(db, made, animal=number)).practitioner_id for number in (0, 1)}
    third = await booked_at(db, made, animal=2, squeeze_reason=WHY)
    assert not third.squeezed_in
    assert third.practitioner_id not in busy


async def test_there_is_one_place_beside_a_visit(db: Database, alone: Practice) -> None:
    await booked_at(db, alone)
    await booked_at(db, alone, animal=1, squeeze_reason=WHY)
    with pytest.raises(SlotTaken) as caught:
        await booked_at(db, alone, animal=2, squeeze_reason=WHY)
    assert caught.value.details["resource"] == "practitioner"


async def test_a_pet_is_never_squeezed_in_beside_itself(db: Database) -> None:
    made = await practice(db)
    await booked_at(db, made)
    with pytest.raises(SlotTaken) as caught:
        await booked_at(db, made, TEN + 15 * MINUTE, squeeze_reason=WHY, overrides=("off_grid",))
    assert caught.value.details["resource"] == "pet"


async def test_what_is_squeezed_in_takes_its_time_from_everybody_else(
    db: Database, alone: Practice
) -> None:
    first = await booked_at(db, alone)
    await booked_at(db, alone, TEN + 15 * MINUTE, animal=1, squeeze_reason=WHY)
    assert "30" not in await _starts(db, alone)
    async with db.transaction() as session:
        await cancel(session, first.id, by=Capacity.STAFF)
    assert not {"0", "15", "30"} & await _starts(db, alone)
    with pytest.raises(SlotTaken):
        await booked_at(db, alone, TEN + 30 * MINUTE, animal=2)


async def test_no_owner_is_squeezed_in(db: Database, alone: Practice) -> None:
    async with db.transaction() as session:
        with pytest.raises(InvalidValue) as caught:
            await book(session, alone.request(squeeze_reason=WHY), by=Capacity.OWNER)
    assert caught.value.details["field"] == "squeeze_reason"


async def test_a_room_is_shared_when_no_other_is_free(db: Database) -> None:
    surgery = {"service": ServiceType.SURGERY}
    made = await practice(db, vets=4)
    rooms = {(await booked_at(db, made, animal=each, **surgery)).room_id for each in (0, 1)}
    assert len(rooms) == len(made.rooms) == 2
    with pytest.raises(SlotTaken):
        await booked_at(db, made, animal=2, **surgery)
    third = await booked_at(db, made, animal=2, squeeze_reason=WHY, **surgery)
    fourth = await booked_at(db, made, animal=3, squeeze_reason=WHY, **surgery)
    assert third.squeezed_in
    assert fourth.squeezed_in
    assert {third.room_id, fourth.room_id} == rooms
    async with db.session() as session:
        await assert_no_overlap(session)


async def test_it_lives_as_any_visit_does(db: Database, alone: Practice) -> None:
    await booked_at(db, alone)
    squeezed = await booked_at(db, alone, animal=1, squeeze_reason=WHY)
    async with db.transaction() as session:
        await cancel(session, squeezed.id, by=Capacity.STAFF)
        await reinstate(session, squeezed.id)
    with clock.frozen(TEN):
        async with db.transaction() as session:
            await check_in(session, squeezed.id)
    assert (await stored(db, squeezed)).squeezed_in


async def test_of_many_who_squeeze_in_at_once_one_does(db: Database, alone: Practice) -> None:
    await booked_at(db, alone)

    async def squeeze(animal: int) -> bool:
        try:
            await booked_at(db, alone, animal=animal, squeeze_reason=WHY)
        except SlotTaken:
            return False
        return True

    done = await asyncio.gather(*(squeeze(animal) for animal in (1, 2, 3)))
    assert sorted(done) == [False, False, True]
    async with db.session() as session:
        await assert_no_overlap(session)


async def test_an_accident_is_refused_whoever_writes_it(db: Database, alone: Practice) -> None:
    booked = await stored(db, await booked_at(db, alone))
    columns = {each.key: getattr(booked, each.key) for each in Appointment.__table__.columns}
    other = alone.pets[1].id
    for more, error in (
        ({}, SlotTaken),
        ({"squeezed_in": True}, ConstraintViolation),
    ):
        row = columns | {"id": other, "pet_id": other} | more
        with pytest.raises(error):
            async with db.transaction() as session:
                await session.execute(insert(Appointment).values(**row))
    async with db.session() as session:
        assert len((await session.scalars(select(Appointment))).all()) == 1


async def test_a_pet_goes_on_to_the_next_room_without_a_buffer(db: Database) -> None:
    catalog = ServiceCatalog(
        offerings=(
            ServiceOffering(
                service="x_ray",
                kind="diagnostic_imaging",
                duration_minutes=30,
                buffer_before_minutes=15,
                buffer_after_minutes=15,
                room_kind=RoomKind.SURGERY,
            ),
        )
    )
    made = await practice(db, services=catalog)
    first = await booked_at(db, made, service="x_ray")
    second = await booked_at(db, made, TEN + HALF_AN_HOUR, service="x_ray")
    assert first.practitioner_id != second.practitioner_id
    assert first.room_id != second.room_id
    with pytest.raises(SlotTaken):
        await booked_at(db, made, TEN + HALF_AN_HOUR, service="x_ray", animal=1)


async def test_a_visit_is_moved_beside_another_one_and_away_from_it(
    db: Database, alone: Practice
) -> None:
    await booked_at(db, alone)
    other = await booked_at(db, alone, TEN + HALF_AN_HOUR, animal=1)

    async def to(start: Any, **given: Any) -> Appointment:
        async with db.transaction() as session:
            return await move(session, other.id, starts_at=start, by=Capacity.STAFF, **given)

    with pytest.raises(SlotTaken):
        await to(TEN)
    beside = await to(TEN, squeeze_reason=WHY)
    assert (beside.squeezed_in, beside.squeeze_reason) == (True, WHY)
    away = await to(TEN + 2 * HALF_AN_HOUR, squeeze_reason=WHY)
    assert (away.squeezed_in, away.squeeze_reason) == (False, None)
    assert (await stored(db, other)).starts_at == TEN + 2 * HALF_AN_HOUR


async def test_who_swaps_with_what_was_squeezed_in_is_squeezed_in(
    db: Database, alone: Practice
) -> None:
    await booked_at(db, alone)
    squeezed = await booked_at(db, alone, animal=1, squeeze_reason=WHY)
    later = await booked_at(db, alone, TEN + 2 * HALF_AN_HOUR, animal=2)
    async with db.transaction() as session:
        await swap(session, squeezed.id, later.id, by=Capacity.STAFF)
    assert not (await stored(db, squeezed)).squeezed_in
    kept = await stored(db, later)
    assert (kept.squeezed_in, kept.squeeze_reason, kept.starts_at) == (True, WHY, TEN)
