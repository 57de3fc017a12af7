"""Time that a clinic keeps free under a label: of somebody, of a room, or of everybody there."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert

from tests.scheduling.availability import (
    AFTERNOON,
    DAY,
    MONDAY,
    WHOLE_DAY,
    add,
    at,
    exams,
    hourly_practice,
    policy,
    starts,
)
from tests.scheduling.practice import TEN, Practice, booked_at, practice, stored
from vetcore.database import Database
from vetcore.errors import ConstraintViolation, SlotTaken
from vetcore.models import Appointment, ScheduleBlock
from vetcore.scheduling import (
    ImpossibleVisit,
    book,
    confirm,
    find_slots_across,
    impossible_visits,
    join_waitlist,
    move,
    offer_next,
    plan_moves,
    preview_series,
    swap,
)
from vetcore.scheduling.errors import Blocked
from vetcore.scheduling.supposing import with_block
from vetcore.schemas import WaitlistEntryCreate
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.recurrence import Recurrence

pytestmark = pytest.mark.usefixtures("on_a_friday")

MINUTE = timedelta(minutes=1)
SURGERY = ServiceType.SURGERY


def block(made: Practice, hours: str = "10:00-11:00", **given: Any) -> ScheduleBlock:
    """A block of everybody at the clinic, from the Monday on and without an end."""
    values = {"clinic_id": made.clinic.id, "label": "Meeting", "first_on": MONDAY, "hours": hours}
    return ScheduleBlock(**values | given)


def own(made: Practice, hours: str = "10:00-11:00", **given: Any) -> ScheduleBlock:
    """A block of the first veterinarian."""
    return block(made, hours, practitioner_id=made.vets[0].user_id, label="Lunch", **given)


async def _refusal(db: Database, made: Practice, **given: Any) -> Any:
    """Why the first veterinarian cannot be booked at ten."""
    wish = made.request(practitioner_id=made.vets[0].user_id, **given)
    async with db.trial() as session:
        with pytest.raises((Blocked, SlotTaken)) as refused:
            await book(session, wish, by=Capacity.STAFF)
    return refused.value


async def test_what_somebody_keeps_free_is_not_listed_with_them(shared: Database) -> None:
    made = await hourly_practice(shared)
    await add(shared, own(made, "Mo 10:30-13:00"))
    assert await starts(shared, made) == ["08:00", "09:00", *AFTERNOON]
    assert await starts(shared, made, practitioner_id=made.vets[1].user_id) == WHOLE_DAY
    assert await starts(shared, made, MONDAY + DAY) == WHOLE_DAY
    assert await starts(shared, made, MONDAY + 7 * DAY) == ["08:00", "09:00", *AFTERNOON]
    assert await starts(shared, made, MONDAY - 3 * DAY) != []


async def test_nobody_is_booked_while_the_clinic_keeps_time_free(shared: Database) -> None:
    made = await hourly_practice(shared)
    await add(shared, block(made, "13:30-14:00", last_on=MONDAY))
    left = [each for each in WHOLE_DAY if each != "13:00"]
    assert await starts(shared, made, practitioner_id=None) == sorted(left * 2)
    assert await starts(shared, made, MONDAY + DAY) == WHOLE_DAY
    async with shared.session() as session:
        found = await find_slots_across(
            session,
            clinic_ids=[made.clinic.id],
            service=ServiceType.WELLNESS_EXAM,
            start=at("12:00"),
            end=at("15:00"),
            by=Capacity.OWNER,
        )
    assert {slot.start for slot in found[made.clinic.id]} == {at("14:00")}


async def test_a_block_of_another_clinic_or_one_that_was_withdrawn_keeps_nothing_free(
    shared: Database,
) -> None:
    made, other = await hourly_practice(shared), await hourly_practice(shared)
    gone = own(made)
    gone.soft_delete()
    elsewhere = own(made, clinic_id=other.clinic.id)
    await add(
        shared, gone, elsewhere, block(other), own(made, last_on=MONDAY, hours="Tu 10:00-11:00")
    )
    assert await starts(shared, made) == WHOLE_DAY


async def test_the_first_tuesday_of_a_month_is_meant_as_it_is_written(shared: Database) -> None:
    made = await hourly_practice(shared)
    await add(shared, block(made, "Tu[1] 08:00-09:00"))
    later = WHOLE_DAY[1:]
    assert await starts(shared, made, date(2026, 4, 7)) == later
    assert await starts(shared, made, date(2026, 4, 14)) == WHOLE_DAY
    assert await starts(shared, made, date(2026, 5, 5)) == later


async def test_wall_time_stays_when_the_clocks_change(shared: Database) -> None:
    made = await hourly_practice(shared, booking_policy=policy(horizon_days=365))
    await add(shared, block(made, "16:00-17:00", first_on=MONDAY - 300 * DAY))
    left = [each for each in WHOLE_DAY if each != "16:00"]
    for day in (MONDAY, date(2026, 10, 30), date(2026, 11, 2)):
        assert await starts(shared, made, day, practitioner_id=made.vets[0].user_id) == left


async def test_a_span_past_midnight_belongs_to_the_day_on_which_it_begins(
    shared: Database,
) -> None:
    made = await hourly_practice(shared, opening_hours="24/7")
    await add(shared, own(made, "22:00-02:00", last_on=MONDAY))
    monday, tuesday = await starts(shared, made), await starts(shared, made, MONDAY + DAY)
    assert (monday[:3], monday[-2:]) == (["00:00", "01:00", "02:00"], ["20:00", "21:00"])
    assert (tuesday[:2], tuesday[-1]) == (["02:00", "03:00"], "23:00")


async def test_a_visit_may_touch_a_block_and_its_buffers_may_reach_into_it(
    shared: Database,
) -> None:
    buffered = exams(buffer_before_minutes=30, buffer_after_minutes=30)
    made = await hourly_practice(shared, services=buffered)
    await add(shared, own(made, "09:00-10:00"))
    assert await starts(shared, made) == ["08:00", "10:00", "11:00", *AFTERNOON]


async def test_the_refusal_names_the_block_and_staff_set_it_aside(shared: Database) -> None:
    made = await hourly_practice(shared)
    vet = made.vets[0].user_id
    await add(shared, own(made, "Mo 10:30-11:15"))
    refused = await _refusal(shared, made)
    assert (refused.code, refused.details["label"]) == ("blocked", "Lunch")
    assert refused.details["practitioner_id"] == str(vet)
    assert refused.details["start"] == "2026-03-09T10:30:00-04:00"
    assert refused.details["end"] == "2026-03-09T11:15:00-04:00"
    booked = await booked_at(shared, made, practitioner_id=vet, overrides=("blocked",))
    assert booked.overrides == ("blocked",)
    async with shared.transaction() as session:
        await confirm(session, booked.id, by=Capacity.OWNER)
        assert await impossible_visits(session, clinic_id=made.clinic.id) == []


async def test_owners_are_not_told_the_label_and_set_nothing_aside(shared: Database) -> None:
    made = await hourly_practice(shared)
    await add(shared, block(made))
    with pytest.raises(Blocked) as refused:
        async with shared.transaction() as session:
            await book(session, made.request(), by=Capacity.OWNER)
    assert refused.value.details.keys() == {"start", "end"}
    assert "Meeting" not in str(refused.value)


async def test_a_room_that_is_kept_free_is_not_taken(db: Database) -> None:
    made = await practice(db)
    one, other = made.rooms
    # It ends a minute into the time that is kept free before a surgery at ten.
    await add(db, block(made, "08:00-09:46", room_id=one.id, label="Out of order"))
    for animal, vet in enumerate(made.vets):
        wish = made.request(animal=animal, service=SURGERY, practitioner_id=vet.user_id)
        async with db.trial() as session:
            assert (await book(session, wish, by=Capacity.STAFF)).room_id == other.id
    touching = TEN + MINUTE
    async with db.trial() as session:
        wish = made.request(touching, service=SURGERY, overrides=("off_grid",))
        assert (await book(session, wish, by=Capacity.STAFF)).room_id == one.id
    named = await _refusal(db, made, service=SURGERY, room_id=one.id)
    assert (named.code, named.details["resource"]) == ("slot_taken", "room")
    assert named.details["label"] == "Out of order"


async def test_what_needs_no_room_is_booked_while_a_room_is_out_of_order(
    shared: Database,
) -> None:
    made = await hourly_practice(shared)
    await add(shared, *(block(made, "24/7", room_id=each.id) for each in made.rooms))
    assert await starts(shared, made) == WHOLE_DAY


async def test_no_override_and_no_squeeze_opens_a_room_that_is_out_of_order(
    db: Database,
) -> None:
    made = await practice(db)
    one, other = made.rooms
    await add(db, block(made, "24/7", room_id=one.id, label="Out of order"))
    first = await booked_at(db, made, service=SURGERY, practitioner_id=made.vets[1].user_id)
    assert first.room_id == other.id
    taken = await _refusal(db, made, animal=1, service=SURGERY)
    assert taken.details["label"] == "Out of order"
    assert (await _refusal(db, made, animal=1, service=SURGERY, overrides=("blocked",))).code == (
        "slot_taken"
    )
    squeezed = await booked_at(
        db,
        made,
        animal=1,
        service=SURGERY,
        practitioner_id=made.vets[0].user_id,
        squeeze_reason="Bleeding",
    )
    assert squeezed.room_id == other.id
    await add(db, block(made, "24/7", room_id=other.id, label="Painting"))
    refused = await _refusal(db, made, animal=2, service=SURGERY, squeeze_reason="Bleeding")
    assert (refused.code, refused.details["label"]) == ("slot_taken", "Out of order")


async def test_blocks_make_visits_impossible_that_are_booked_already(shared: Database) -> None:
    made = await practice(shared)
    vet, other = (each.user_id for each in made.vets)
    early = await booked_at(shared, made, at("08:30"), practitioner_id=vet)
    theirs = await booked_at(shared, made, at("08:30"), animal=1, practitioner_id=other)
    surgery = await booked_at(shared, made, animal=2, service=SURGERY, practitioner_id=other)
    blocks = {
        "person": own(made, "08:00-09:00"),
        "everybody": block(made, "08:45-09:00"),
        "room": block(made, "11:15-11:20", room_id=surgery.room_id, label="Leak"),
    }
    expected = {
        "person": [(early.id, "blocked")],
        "everybody": sorted([(early.id, "blocked"), (theirs.id, "blocked")]),
        "room": [(surgery.id, "slot_taken")],
    }
    found: list[ImpossibleVisit] = []
    for name, row in blocks.items():
        async with shared.trial() as session:
            session.add(row)
            await session.flush()
            found = await impossible_visits(session, clinic_id=made.clinic.id)
        assert (
            sorted((each.appointment.id, each.refusal.code) for each in found) == (expected[name])
        ), name
    assert found[0].refusal.details["label"] == "Leak"


async def test_no_visit_is_moved_or_swapped_into_a_block(shared: Database) -> None:
    made = await hourly_practice(shared)
    vet, other = (each.user_id for each in made.vets)
    mine = await booked_at(shared, made, at("09:00"), practitioner_id=vet)
    theirs = await booked_at(shared, made, at("10:00"), animal=1, practitioner_id=other)
    await add(shared, block(made, "10:00-10:30", practitioner_id=other, label="Nap"), own(made))
    async with shared.transaction() as session:
        with pytest.raises(Blocked):
            await move(session, mine.id, starts_at=at("10:00"), by=Capacity.STAFF)
        with pytest.raises(Blocked):
            await swap(session, mine.id, theirs.id, by=Capacity.STAFF)
        moved = await move(
            session,
            mine.id,
            starts_at=at("10:00"),
            by=Capacity.STAFF,
            overrides=("blocked",),
        )
    assert moved.overrides == ("blocked",)
    assert (await stored(shared, theirs)).starts_at == at("10:00")


async def test_who_loses_a_room_keeps_the_time_where_another_room_is_free(
    shared: Database,
) -> None:
    made = await practice(shared)
    visit = await booked_at(shared, made, service=SURGERY, practitioner_id=made.vets[0].user_id)
    leak: Any = block(made, "24/7", room_id=visit.room_id, last_on=MONDAY, label="Leak")
    other = next(each.id for each in made.rooms if each.id != visit.room_id)
    async with shared.session() as session:
        plan = await plan_moves(session, [visit], supposed=with_block(None, leak))
    (planned,) = plan.moves
    assert (planned.starts_at, planned.room_id) == (visit.starts_at, other)
    await add(shared, leak, block(made, "24/7", room_id=other, last_on=MONDAY))
    async with shared.session() as session:
        (planned,) = (await plan_moves(session, [visit])).moves
    assert planned.starts_at == at("08:00", MONDAY + DAY)


async def test_a_block_counts_once_its_transaction_is_committed(db: Database) -> None:
    made = await practice(db)
    vet, early = made.vets[0].user_id, list[UUID]()
    async with db.transaction() as entering:
        entering.add(own(made, "08:00-12:00"))
        await entering.flush()
        if db.dialect == "postgresql":
            # Nobody waits for whoever enters a block.
            early.append((await booked_at(db, made, at("09:00"), practitioner_id=vet)).id)
    refused = await _refusal(db, made)
    assert refused.code == "blocked"
    async with db.session() as session:
        found = await impossible_visits(session, clinic_id=made.clinic.id)
    assert [each.appointment.id for each in found] == early


async def test_a_series_says_which_of_its_visits_meet_a_block(shared: Database) -> None:
    made = await hourly_practice(shared)
    await add(shared, block(made, "10:00-11:00", first_on=MONDAY + DAY, last_on=MONDAY + DAY))
    wish = made.request(practitioner_id=made.vets[0].user_id)
    rule = Recurrence.parse("FREQ=DAILY;COUNT=3")
    async with shared.session() as session:
        found = await preview_series(session, wish, rule=rule, by=Capacity.STAFF)
    assert [each.error and each.error.code for each in found.occurrences] == [None, "blocked", None]


async def test_the_waitlist_is_offered_what_is_not_kept_free(shared: Database) -> None:
    made = await hourly_practice(shared)
    await add(shared, block(made, "08:00-11:00"))
    wish = WaitlistEntryCreate(
        clinic_id=made.clinic.id,
        pet_id=made.pets[0].id,
        service=ServiceType.WELLNESS_EXAM,
        earliest_at=at("08:00"),
        latest_at=at("18:00"),
    )
    async with shared.transaction() as session:
        await join_waitlist(session, wish, by=Capacity.STAFF)
        offered = await offer_next(session, clinic_id=made.clinic.id)
        assert offered is not None
        held = await session.get_one(Appointment, offered.offered_appointment_id)
    assert held.starts_at == at("11:00")


BAD: dict[str, dict[str, Any]] = {
    "label": {"label": ""},
    "dates": {"last_on": MONDAY - DAY},
    "whose": {"practitioner_id": 0, "room_id": 0},
}


@pytest.mark.parametrize("rule", BAD)
async def test_the_database_refuses_what_no_block_can_be(shared: Database, rule: str) -> None:
    made = await practice(shared)
    keys = {"practitioner_id": made.vets[0].user_id, "room_id": made.rooms[0].id}
    given = {name: keys.get(name, value) for name, value in BAD[rule].items()}
    row = {"clinic_id": made.clinic.id, "label": "X", "first_on": MONDAY, "hours": "10:00-11:00"}
    async with shared.trial() as session:
        with pytest.raises(ConstraintViolation) as refused:
            await session.execute(insert(ScheduleBlock).values(**row | given))
    assert refused.value.details["constraint"] == f"ck_schedule_blocks_{rule}"
