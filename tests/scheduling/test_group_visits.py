"""Several pets in one visit: all are booked, moved and cancelled together, or none is."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.scheduling.practice import (
    NOW,
    SERVICES,
    TEN,
    booked_at,
    practice,
    stored,
)
from tests.scheduling.school import CLASS, MINUTE, school, together
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import InvalidValue, SlotTaken
from vetcore.models import Appointment, Clinic
from vetcore.scheduling import (
    book_group_visit,
    cancel,
    cancel_group_visit,
    find_group_slots,
    move,
    move_group_visit,
    reinstate,
)
from vetcore.scheduling.errors import DayIsFull
from vetcore.testing import assert_no_overlap
from vetcore.values.capacity import Capacity


@pytest.fixture(autouse=True)
def _a_friday_before() -> Any:
    with clock.frozen(NOW):
        yield


async def test_two_pets_share_a_visit_that_lasts_for_both(db: Database) -> None:
    made = await practice(db, vets=1)
    one, other = await together(db, made, 0, 1)
    assert one.group_id == other.group_id is not None
    assert one.practitioner_id == other.practitioner_id
    assert one.ends_at - one.starts_at == 60 * MINUTE
    assert (one.group_place, other.group_place, one.group_places) == (1, 2, 2)
    with pytest.raises(SlotTaken):
        await booked_at(db, made, TEN + 30 * MINUTE, animal=2)
    async with db.session() as session:
        await assert_no_overlap(session)


async def test_what_is_listed_for_several_can_be_booked(db: Database) -> None:
    made = await practice(db, vets=1)
    await booked_at(db, made, TEN + 60 * MINUTE, animal=2)
    async with db.session() as session:
        found = await find_group_slots(
            session,
            clinic_id=made.clinic.id,
            service="wellness_exam",
            pet_ids=[made.pets[0].id, made.pets[1].id, made.pets[3].id],
            start=TEN - 60 * MINUTE,
            end=TEN + 120 * MINUTE,
            by=Capacity.STAFF,
        )
    assert [(slot.start - TEN) // MINUTE for slot in found] == [-60, -45, -30]
    for slot in found:
        async with db.transaction() as session:
            several = await book_group_visit(
                session,
                made.request(slot.start),
                with_pets=[made.pets[1].id, made.pets[3].id],
                by=Capacity.STAFF,
            )
            assert several[0].ends_at == slot.end
        async with db.transaction() as session:
            await cancel_group_visit(session, several[1].id, by=Capacity.STAFF)


async def test_if_one_cannot_come_none_is_booked(db: Database) -> None:
    made = await practice(db, vets=2)
    await booked_at(db, made, animal=1)
    with pytest.raises(SlotTaken) as caught:
        await together(db, made, 0, 1)
    assert caught.value.details["resource"] == "pet"
    async with db.session() as session:
        assert len((await session.scalars(select(Appointment))).all()) == 1


async def test_a_pet_is_named_once(db: Database) -> None:
    made = await practice(db)
    with pytest.raises(InvalidValue) as caught:
        await together(db, made, 0, 1, 1)
    assert caught.value.details["field"] == "with_pets"


async def test_a_family_takes_places_of_a_class(db: Database) -> None:
    made = await school(db, places=3)
    await booked_at(db, made, animal=2, service=CLASS)
    one, other = await together(db, made, 0, 1, service=CLASS)
    assert {one.group_place, other.group_place} == {2, 3}
    assert one.ends_at - one.starts_at == 60 * MINUTE
    with pytest.raises(InvalidValue):
        await together(db, made, 3, 4, 5, 6, service=CLASS)
    with pytest.raises(SlotTaken):
        await together(db, made, 3, 4, service=CLASS)


async def test_all_of_a_group_visit_move_or_none(db: Database) -> None:
    made = await school(db, vets=1)
    several = await together(db, made, 0, 1)
    await booked_at(db, made, TEN + 90 * MINUTE, animal=2)
    with pytest.raises(SlotTaken):
        async with db.transaction() as session:
            await move_group_visit(
                session, several[0].id, starts_at=TEN + 45 * MINUTE, by=Capacity.STAFF
            )
    assert {(await stored(db, each)).starts_at for each in several} == {TEN}
    async with db.transaction() as session:
        moved = await move_group_visit(
            session, several[1].id, starts_at=TEN + 15 * MINUTE, by=Capacity.STAFF
        )
    assert [each.id for each in moved] == [each.id for each in several]
    for each in moved:
        kept = await stored(db, each)
        assert kept.starts_at == TEN + 15 * MINUTE
        assert kept.ends_at == TEN + 75 * MINUTE
        assert (kept.group_id, kept.status) == (several[0].group_id, "scheduled")
    async with db.session() as session:
        await assert_no_overlap(session)


async def test_a_whole_class_moves_into_another_one_with_places(db: Database) -> None:
    made = await school(db, places=4)
    several = await together(db, made, 0, 1, service=CLASS)
    other = await booked_at(db, made, TEN + 60 * MINUTE, animal=2, service=CLASS)
    async with db.transaction() as session:
        moved = await move_group_visit(
            session, several[0].id, starts_at=other.starts_at, by=Capacity.STAFF
        )
    assert {each.group_id for each in moved} == {other.group_id}
    assert {each.group_place for each in moved} == {2, 3}


async def test_one_that_leaves_has_the_usual_length(db: Database) -> None:
    made = await practice(db)
    one, other = await together(db, made, 0, 1)
    async with db.transaction() as session:
        moved = await move(session, other.id, starts_at=TEN + 180 * MINUTE, by=Capacity.STAFF)
    assert (moved.group_id, moved.duration_minutes) == (None, None)
    assert moved.ends_at - moved.starts_at == 30 * MINUTE
    assert (await stored(db, one)).ends_at == TEN + 60 * MINUTE


async def test_they_come_back_one_by_one(db: Database) -> None:
    made = await practice(db, vets=1)
    several = await together(db, made, 0, 1)
    async with db.transaction() as session:
        await cancel_group_visit(session, several[0].id, by=Capacity.STAFF, reason="Snow")
    for each in several:
        async with db.transaction() as session:
            await reinstate(session, each.id)
    assert {(await stored(db, each)).group_id for each in several} == {several[0].group_id}


async def test_one_that_comes_back_after_the_others_moved_is_alone(db: Database) -> None:
    made = await practice(db, vets=1)
    one, other = await together(db, made, 0, 1)
    async with db.transaction() as session:
        await cancel(session, one.id, by=Capacity.STAFF)
    async with db.transaction() as session:
        await move_group_visit(session, other.id, starts_at=TEN + 30 * MINUTE, by=Capacity.STAFF)
    async with db.transaction() as session:
        with pytest.raises(SlotTaken):
            await reinstate(session, one.id)
    async with db.transaction() as session:
        await move_group_visit(session, other.id, starts_at=TEN + 60 * MINUTE, by=Capacity.STAFF)
    async with db.transaction() as session:
        again = await reinstate(session, one.id)
    assert again.group_id is None


async def test_an_appointment_of_no_group_is_no_group_visit(db: Database) -> None:
    made = await practice(db)
    alone = await booked_at(db, made)
    async with db.transaction() as session:
        with pytest.raises(InvalidValue) as caught:
            await cancel_group_visit(session, alone.id, by=Capacity.STAFF)
    assert caught.value.details["field"] == "id"


async def test_a_family_is_squeezed_intogether(db: Database) -> None:
    made = await practice(db, vets=1)
    await booked_at(db, made, animal=2)
    several = await together(db, made, 0, 1, squeeze_reason="Both were hit by a car")
    assert {each.squeezed_in for each in several} == {True}


async def test_all_of_them_count_in_the_cap_of_a_day(db: Database) -> None:
    made = await practice(db, vets=2)
    exam = SERVICES.get("wellness_exam")
    assert exam is not None
    async with db.transaction() as session:
        clinic = await session.get_one(Clinic, made.clinic.id)
        clinic.services = SERVICES.with_offering(exam.replace(most_per_day=3))
    await booked_at(db, made, TEN + 180 * MINUTE, animal=3)
    both = await together(db, made, 0, 1)
    asked: Any = {
        "clinic_id": made.clinic.id,
        "service": "wellness_exam",
        "pet_ids": [made.pets[2].id, made.pets[3].id],
        "by": Capacity.STAFF,
    }
    async with db.session() as session:
        assert await find_group_slots(session, start=TEN, end=TEN + 240 * MINUTE, **asked) == []
        tomorrow = TEN + timedelta(days=1)
        found = await find_group_slots(session, start=tomorrow, end=tomorrow + MINUTE, **asked)
        assert len(found) == 2
    with pytest.raises(DayIsFull):
        await together(db, made, 2, 3, starts_at=TEN + 60 * MINUTE)
    await booked_at(db, made, tomorrow, animal=2)
    await booked_at(db, made, tomorrow + 180 * MINUTE, animal=3)
    with pytest.raises(DayIsFull):
        async with db.transaction() as session:
            await move_group_visit(
                session, both[0].id, starts_at=tomorrow + 60 * MINUTE, by=Capacity.STAFF
            )
    async with db.transaction() as session:
        moved = await move_group_visit(
            session,
            both[0].id,
            starts_at=tomorrow + 60 * MINUTE,
            by=Capacity.STAFF,
            overrides=("day_is_full",),
        )
    assert {each.overrides for each in moved} == {("day_is_full",)}
