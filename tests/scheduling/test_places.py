"""Services with places: no place is given twice, and none is lost."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import insert, select, update
from uuid_utils.compat import uuid7

from tests.examples import pet, user
from tests.scheduling.practice import (
    NOW,
    TEN,
    Practice,
    booked_at,
    held_at,
    run_out,
)
from tests.scheduling.school import CLASS, MINUTE, school
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import ConstraintViolation, SlotTaken
from vetcore.models import Appointment, Clinic
from vetcore.scheduling import (
    apply_moves,
    book,
    book_series,
    cancel,
    find_slots,
    find_slots_across,
    move,
    plan_moves,
    preview_series,
    reinstate,
)
from vetcore.scheduling.errors import OffGrid
from vetcore.scheduling.facts import GroupFacts
from vetcore.testing import assert_no_overlap
from vetcore.values.capacity import Capacity
from vetcore.values.recurrence import Recurrence
from vetcore.values.services import ServiceOffering


@pytest.fixture(autouse=True)
def _a_friday_before() -> Any:
    with clock.frozen(NOW):
        yield


async def _starts(
    db: Database, made: Practice, service: str = CLASS, **given: Any
) -> dict[int, int]:
    """The places at each start, which is in minutes after ten."""
    async with db.session() as session:
        found = await find_slots(
            session,
            clinic_id=made.clinic.id,
            service=service,
            start=TEN - 60 * MINUTE,
            end=TEN + 120 * MINUTE,
            by=Capacity.STAFF,
            **given,
        )
    return {(slot.start - TEN) // MINUTE: slot.places for slot in found}


async def test_a_class_takes_as_many_as_it_has_places(db: Database) -> None:
    made = await school(db)
    assert (await _starts(db, made))[0] == 3
    several = [await booked_at(db, made, animal=number, service=CLASS) for number in range(3)]
    assert len({each.group_id for each in several}) == 1
    assert [each.group_place for each in several] == [1, 2, 3]
    with pytest.raises(SlotTaken):
        await booked_at(db, made, animal=3, service=CLASS)
    assert 0 not in await _starts(db, made)
    async with db.session() as session:
        await assert_no_overlap(session)


async def test_listing_says_how_many_places_are_left(db: Database) -> None:
    made = await school(db)
    await booked_at(db, made, service=CLASS)
    left = await _starts(db, made, pet_id=made.pets[1].id)
    assert left[0] == 2
    assert {15, 30, 45, -15, -30, -45}.isdisjoint(left)
    assert left[60] == 3
    assert 0 not in await _starts(db, made, pet_id=made.pets[0].id)
    async with db.session() as session:
        found = await find_slots_across(
            session,
            clinic_ids=[made.clinic.id],
            service=CLASS,
            start=TEN,
            end=TEN + MINUTE,
            by=Capacity.STAFF,
        )
    assert [slot.places for slot in found[made.clinic.id]] == [2]


async def test_nothing_else_is_booked_beside_a_class(db: Database) -> None:
    made = await school(db)
    await booked_at(db, made, service=CLASS)
    with pytest.raises(SlotTaken) as caught:
        await booked_at(db, made, TEN + 30 * MINUTE, animal=1)
    assert caught.value.details["resource"] == "practitioner"
    with pytest.raises(SlotTaken):
        await booked_at(db, made, TEN + 30 * MINUTE, animal=1, service=CLASS)
    assert 30 not in await _starts(db, made, service="wellness_exam")


async def test_all_of_a_class_are_in_its_room(db: Database) -> None:
    made = await school(db, vets=2, room_kind="surgery")
    several = [await booked_at(db, made, animal=number, service=CLASS) for number in range(3)]
    assert len({each.room_id for each in several}) == 1
    assert len({each.practitioner_id for each in several}) == 1
    second = await booked_at(db, made, animal=3, service=CLASS)
    assert second.room_id != several[0].room_id
    assert second.practitioner_id != several[0].practitioner_id
    wanted = {room.id for room in made.rooms} - {second.room_id}
    fifth = await booked_at(db, made, animal=4, service=CLASS)
    assert fifth.room_id not in wanted


async def test_a_place_that_is_given_back_is_taken_again(db: Database) -> None:
    made = await school(db)
    first, *_ = [await booked_at(db, made, animal=number, service=CLASS) for number in range(3)]
    async with db.transaction() as session:
        await cancel(session, first.id, by=Capacity.STAFF)
    late = await booked_at(db, made, animal=3, service=CLASS)
    assert (late.group_id, late.group_place) == (first.group_id, 1)
    async with db.transaction() as session:
        with pytest.raises(SlotTaken):
            await reinstate(session, first.id)
    async with db.transaction() as session:
        await cancel(session, late.id, by=Capacity.STAFF)
    async with db.transaction() as session:
        again = await reinstate(session, first.id)
    assert (again.group_id, again.group_place) == (first.group_id, 1)


async def test_a_class_stays_as_large_as_it_was_agreed(db: Database) -> None:
    made = await school(db, places=2)
    await booked_at(db, made, service=CLASS)
    larger = ServiceOffering(
        service=CLASS, kind="behavior_consultation", duration_minutes=60, places=5
    )
    async with db.transaction() as session:
        clinic = await session.get_one(Clinic, made.clinic.id)
        clinic.services = clinic.services.with_offering(larger)
    left = await _starts(db, made)
    assert (left[0], left[60]) == (1, 5)


async def test_one_that_is_moved_joins_the_class_that_it_finds(db: Database) -> None:
    made = await school(db)
    one = await booked_at(db, made, service=CLASS)
    other = await booked_at(db, made, TEN + 60 * MINUTE, animal=1, service=CLASS)
    async with db.transaction() as session:
        moved = await move(session, one.id, starts_at=other.starts_at, by=Capacity.STAFF)
    assert (moved.group_id, moved.group_place) == (other.group_id, 2)
    async with db.transaction() as session:
        alone = await move(session, one.id, starts_at=TEN, by=Capacity.STAFF)
    assert alone.group_id not in {None, other.group_id}


async def test_a_class_off_the_grid_can_be_joined(db: Database) -> None:
    made = await school(db)
    odd = TEN + 5 * MINUTE
    await booked_at(db, made, odd, service=CLASS, overrides=("off_grid",))
    assert (await _starts(db, made))[5] == 2
    assert (await booked_at(db, made, odd, animal=1, service=CLASS)).overrides == ()
    with pytest.raises(OffGrid):
        await booked_at(db, made, odd + 180 * MINUTE, animal=2, service=CLASS)


async def test_a_hold_that_has_run_out_gives_its_place_back(db: Database) -> None:
    made = await school(db, places=1 + 1)
    held = await held_at(db, made, service=CLASS)
    await booked_at(db, made, animal=1, service=CLASS)
    await run_out(db, held)
    late = await booked_at(db, made, animal=2, service=CLASS)
    assert (late.group_id, late.group_place) == (held.group_id, 1)


async def test_a_class_beside_which_somebody_is_squeezed_in_can_be_joined_after_a_stale_hold(
    db: Database,
) -> None:
    made = await school(db, vets=2)
    first = await booked_at(db, made, service=CLASS, practitioner_id=made.vets[0].user_id)
    await booked_at(
        db,
        made,
        animal=1,
        practitioner_id=first.practitioner_id,
        squeeze_reason="Hit by a car",
    )
    await run_out(db, await held_at(db, made, animal=2, practitioner_id=made.vets[1].user_id))
    joined = await booked_at(
        db, made, animal=2, service=CLASS, practitioner_id=first.practitioner_id
    )
    assert joined.group_id == first.group_id


async def test_as_many_as_there_are_places_book_at_once(db: Database) -> None:
    made = await school(db, places=5)

    async def one(animal: int) -> bool:
        try:
            await db.run(
                lambda session: book(
                    session, made.request(animal=animal, service=CLASS), by=Capacity.STAFF
                )
            )
        except SlotTaken:
            return False
        return True

    outcomes = await asyncio.gather(*(one(number) for number in range(8)))
    assert sum(outcomes) == 5
    async with db.session() as session:
        await assert_no_overlap(session)
        rows = (await session.scalars(select(Appointment))).all()
    assert sorted(each.group_place or 0 for each in rows) == [1, 2, 3, 4, 5]
    assert len({each.group_id for each in rows}) == 1


async def test_durations_by_species_do_not_go_with_places() -> None:
    with pytest.raises(ValidationError, match="places"):
        ServiceOffering(
            service=CLASS,
            kind="behavior_consultation",
            duration_minutes=60,
            durations=({"species": ("dog",), "duration_minutes": 30},),
            places=4,
        )


async def test_series_share_the_classes_of_each_week(db: Database) -> None:
    made = await school(db, places=2)
    rule = Recurrence.parse("FREQ=WEEKLY;COUNT=3")
    groups: list[list[Any]] = []
    for animal in (0, 1):
        wish = made.request(animal=animal, service=CLASS)
        async with db.session() as session:
            foreseen = await preview_series(session, wish, rule=rule, by=Capacity.STAFF)
        assert not foreseen.conflicts
        async with db.transaction() as session:
            report = await book_series(session, wish, rule=rule, by=Capacity.STAFF)
        groups.append([each.group_id for each in report.booked])
    assert groups[0] == groups[1]
    wish = made.request(animal=2, service=CLASS)
    async with db.session() as session:
        foreseen = await preview_series(session, wish, rule=rule, by=Capacity.STAFF)
    assert len(foreseen.conflicts) == 3


async def test_a_plan_counts_the_places_that_it_gives_away(db: Database) -> None:
    made = await school(db, places=2)
    several = [
        await booked_at(db, made, TEN + 180 * MINUTE, animal=number, service=CLASS)
        for number in range(2)
    ]
    await booked_at(db, made, TEN + 240 * MINUTE, animal=3, service=CLASS)
    async with db.session() as session:
        plan = await plan_moves(session, several)
    starts = [(each.starts_at - TEN) // MINUTE for each in plan.moves]
    assert starts == [240, 300]
    async with db.transaction() as session:
        moved = await apply_moves(session, plan)
    assert [each.group_place for each in moved] == [2, 1]


# Whoever writes -----------------------------------------------------------------------------------


async def _plain_copy(db: Database, one: Appointment, **changes: Any) -> None:
    row = {column.key: getattr(one, column.key) for column in Appointment.__table__.columns}
    other = await _another_pet(db)
    async with db.transaction() as session:
        await session.execute(
            insert(Appointment.__table__).values({**row, "pet_id": other, **changes})  # type: ignore[arg-type]
        )


async def _another_pet(db: Database) -> Any:
    owner = user()
    animal = pet(owner)
    async with db.transaction() as session:
        session.add(owner)
        await session.flush()
        session.add(animal)
    return animal.id


async def test_the_database_refuses_a_place_twice_and_a_stranger(db: Database) -> None:
    made = await school(db)
    one = await booked_at(db, made, service=CLASS)
    with pytest.raises(SlotTaken) as caught:
        await _plain_copy(db, one, id=uuid7())
    assert caught.value.details["resource"] == "place"
    with pytest.raises(SlotTaken) as caught:
        await _plain_copy(db, one, id=uuid7(), group_id=None, group_place=None, group_places=None)
    assert caught.value.details["resource"] == "practitioner"
    with pytest.raises(SlotTaken):
        await _plain_copy(db, one, id=uuid7(), group_id=uuid7())
    for wrong in (
        {"group_place": 4},
        {"group_place": 0},
        {"group_place": None},
        {"group_id": None},
    ):
        # SQLite's triggers come before its checks.
        with pytest.raises((ConstraintViolation, SlotTaken)):
            await _plain_copy(db, one, id=uuid7(), **wrong)
    await _plain_copy(db, one, id=uuid7(), group_place=2)
    with pytest.raises(SlotTaken):
        async with db.transaction() as session:
            await session.execute(
                update(Appointment.__table__)  # type: ignore[arg-type]
                .where(Appointment.__table__.c.group_place == 2)
                .values(group_id=uuid7())
            )


def test_a_class_occupies_what_any_of_its_pets_does() -> None:
    """Other software may have written its rows with other buffers."""
    one = GroupFacts(
        id=uuid7(), room_id=None, end=90, occupied=(10, 95), places=3, taken=frozenset([1])
    )
    both = one.with_one(replace(one, occupied=(5, 90), taken=frozenset([3])))
    assert (both.occupied, both.taken, both.free) == ((5, 95), {1, 3}, [2])
