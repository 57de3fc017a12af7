"""What is free beside what is taken: visits, buffers, rooms, holds; and the first free slot."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.examples import appointment, clinic, room
from tests.scheduling.availability import (
    AFTERNOON,
    DAY,
    MINUTE,
    MONDAY,
    WHOLE_DAY,
    add,
    at,
    closure,
    exams,
    find,
    hourly_practice,
    policy,
    starts,
    taken,
)
from tests.scheduling.practice import HALF_AN_HOUR, NOW, SERVICES, Practice
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import InvalidValue, NotBookable
from vetcore.scheduling import Slot, next_available
from vetcore.scheduling.errors import NoRoom
from vetcore.values.animals import Species
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ClinicStatus, RoomKind, ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")


@pytest.mark.parametrize("status", AppointmentStatus)
async def test_a_status_occupies_or_it_does_not(
    shared: Database, status: AppointmentStatus
) -> None:
    made = await hourly_practice(shared)
    lasts = datetime(2900, 1, 1, tzinfo=UTC) if status is AppointmentStatus.HELD else None
    await add(shared, taken(made, "09:00", "10:00", status=status, hold_expires_at=lasts))
    free = status.value in {"cancelled", "no_show", "expired"}
    assert ("09:00" in await starts(shared, made)) is free


async def test_a_deleted_appointment_frees_its_slot(shared: Database) -> None:
    made = await hourly_practice(shared)
    await add(shared, taken(made, "09:00", "10:00", deleted_at=NOW))
    assert await starts(shared, made) == WHOLE_DAY


async def test_slots_are_half_open(shared: Database) -> None:
    made = await hourly_practice(shared)
    await add(shared, taken(made, "09:00", "10:00"))
    assert await starts(shared, made) == ["08:00", "10:00", "11:00", *AFTERNOON]


async def test_the_buffers_of_both_are_kept_free_and_may_reach_beyond_the_hours(
    shared: Database,
) -> None:
    services = exams(30, buffer_before_minutes=15, buffer_after_minutes=30)
    made = await hourly_practice(shared, services=services, booking_policy=policy(15))
    await add(shared, taken(made, "09:45", "10:00", occupied_until=at("10:15")))
    listed = await starts(shared, made)
    assert listed[:5] == ["08:00", "08:15", "08:30", "08:45", "10:30"]
    assert listed[-1] == "17:30"


async def test_a_long_visit_that_began_the_day_before_is_still_in_the_way(shared: Database) -> None:
    made = await hourly_practice(shared, opening_hours="24/7")
    begun = at("10:00", MONDAY - DAY)
    await add(shared, taken(made, "00:00", "09:00", starts_at=begun, occupied_from=begun))
    assert (await starts(shared, made))[0] == "09:00"


async def test_what_lies_outside_of_the_window_is_in_the_way_all_the_same(
    shared: Database,
) -> None:
    services = exams(buffer_before_minutes=240, buffer_after_minutes=240)
    made = await hourly_practice(shared, opening_hours="24/7", services=services)
    asked = at("10:00", MONDAY + DAY)
    window = asked, asked + MINUTE
    assert len(await find(shared, made, *window, practitioner_id=None)) == 2
    ended, begins = asked - timedelta(minutes=239), asked + timedelta(minutes=299)
    for vet, start in zip(made.vets, (ended - DAY, begins), strict=True):
        whole_day = {"ends_at": start + DAY, "occupied_until": start + DAY}
        await add(shared, appointment(made.clinic, vet, made.pets[0], start, **whole_day))
        assert await find(shared, made, *window, practitioner_id=vet.user_id) == []


async def test_a_veterinarian_of_two_clinics_is_one_resource(shared: Database) -> None:
    made = await hourly_practice(shared)
    elsewhere = clinic(timezone="Asia/Kathmandu")
    await add(shared, elsewhere)
    await add(shared, taken(made, "09:00", "10:00", clinic_id=elsewhere.id))
    assert "09:00" not in await starts(shared, made)
    assert "09:00" in await starts(shared, made, practitioner_id=made.vets[1].user_id)


async def test_a_pet_is_one_resource(shared: Database) -> None:
    made = await hourly_practice(shared)
    await add(shared, taken(made, "09:00", "10:00"))
    for animal, free in ((1, False), (0, True)):
        listed = await starts(
            shared, made, practitioner_id=made.vets[1].user_id, pet_id=made.pets[animal].id
        )
        assert ("09:00" in listed) is free


@pytest.mark.parametrize(("kind", "free"), [(RoomKind.SURGERY, True), (RoomKind.DENTAL, False)])
async def test_a_room_of_the_right_kind_must_be_free(
    shared: Database, kind: RoomKind, free: bool
) -> None:
    made = await hourly_practice(shared, services=exams(room_kind=RoomKind.SURGERY))
    other = made.vets[1]
    one, two = (each.id for each in made.rooms)
    await add(shared, room(made.clinic, name="Another", kind=kind))
    await add(
        shared,
        appointment(made.clinic, other, made.pets[1], at("09:00"), room_id=one),
        appointment(made.clinic, other, made.pets[2], at("09:30"), room_id=two),
        appointment(made.clinic, other, made.pets[3], at("14:00"), room_id=one),
    )
    listed = await starts(shared, made)
    assert ("09:00" in listed) is free
    assert "14:00" in listed


async def test_two_rooms_that_are_each_free_for_half_of_it_are_none(shared: Database) -> None:
    made = await hourly_practice(shared, services=exams(room_kind=RoomKind.SURGERY))
    for number, (start, where) in enumerate([("09:00", 0), ("09:30", 1)]):
        await add(
            shared,
            appointment(
                made.clinic,
                made.vets[1],
                made.pets[number],
                at(start),
                room_id=made.rooms[where].id,
            ),
        )
    assert await starts(shared, made) == ["08:00", "10:00", "11:00", *AFTERNOON]


async def test_a_clinic_without_a_room_of_the_kind_lists_nothing_and_says_so(
    shared: Database,
) -> None:
    made = await hourly_practice(shared, services=exams(room_kind=RoomKind.IMAGING))
    elsewhere = clinic()
    await add(shared, elsewhere)
    await add(
        shared,
        room(elsewhere, kind=RoomKind.IMAGING),
        room(made.clinic, kind=RoomKind.IMAGING, deleted_at=NOW),
    )
    with pytest.raises(NoRoom):
        await starts(shared, made)


@pytest.mark.parametrize("days", [-400, 400])
async def test_a_hold_lasts_by_the_databases_clock_whatever_ours_shows(
    shared: Database, days: int
) -> None:
    made = await hourly_practice(shared, opening_hours="Mo-Su 08:00-12:00")
    real = datetime.now(UTC)  # the database's clock cannot be stopped
    ours = real + timedelta(days=days)
    day = ours.date() + 2 * DAY
    ran_out, lasts = real - MINUTE, real + timedelta(hours=1)
    for start, end, expires in (("09:00", "10:00", ran_out), ("10:00", "11:00", lasts)):
        await add(
            shared,
            appointment(
                made.clinic,
                made.vets[0],
                made.pets[0],
                at(start, day),
                ends_at=at(end, day),
                occupied_until=at(end, day),
                status=AppointmentStatus.HELD,
                hold_expires_at=expires,
            ),
        )
    with clock.frozen(ours):
        assert await starts(shared, made, day) == ["08:00", "09:00", "11:00"]


async def test_slots_come_by_start_and_then_by_veterinarian(shared: Database) -> None:
    made = await hourly_practice(shared)
    slots = await find(shared, made, at("08:00"), at("10:00"), practitioner_id=None)
    vets = sorted(made.vets, key=lambda vet: vet.user_id)
    assert slots == [
        Slot(start, start + 2 * HALF_AN_HOUR, vet.user_id, made.clinic.id)
        for start in (at("08:00"), at("09:00"))
        for vet in vets
    ]
    limited = await find(shared, made, at("08:00"), at("18:00"), practitioner_id=None, limit=3)
    assert limited == slots[:3]


async def test_the_window_takes_in_its_start_and_leaves_out_its_end(shared: Database) -> None:
    made = await hourly_practice(shared)
    listed = await find(shared, made, at("09:00"), at("11:00"))
    assert [slot.start for slot in listed] == [at("09:00"), at("10:00")]
    listed = await find(shared, made, at("09:00") + timedelta(microseconds=1), at("10:00") + MINUTE)
    assert [slot.start for slot in listed] == [at("10:00")]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime(2026, 3, 9), at("12:00")),  # noqa: DTZ001 -- what this test is about
        (at("12:00"), datetime(2026, 3, 9)),  # noqa: DTZ001
        (at("12:00"), at("12:00")),
        (at("12:00"), at("11:00")),
        (at("12:00"), at("12:00") + timedelta(days=732)),
    ],
)
async def test_a_window_that_means_no_time_is_refused(
    shared: Database, start: datetime, end: datetime
) -> None:
    made = await hourly_practice(shared)
    with pytest.raises(InvalidValue):
        await find(shared, made, start, end)


async def _next(shared: Database, *clinics: Practice, **given: Any) -> Slot | None:
    asked: dict[str, Any] = {"service": ServiceType.WELLNESS_EXAM}
    async with shared.session() as session:
        return await next_available(
            session,
            clinic_ids=[each.clinic.id for each in clinics],
            **asked | given,
            by=Capacity.STAFF,
        )


async def test_the_next_available_slot_is_the_first_of_all_that_are_listed(
    shared: Database,
) -> None:
    made = await hourly_practice(shared)
    await add(shared, closure(made, last_on=MONDAY + 20 * DAY))
    first = await _next(shared, made)
    assert first is not None
    # Today, a Friday, the clinic is open from an hour after now.
    assert first.start == at("08:00", MONDAY - 3 * DAY)
    later = await _next(shared, made, after=at("00:00"))
    assert later is not None
    assert later.start == at("08:00", MONDAY + 21 * DAY)
    assert await _next(shared, made, after=at("00:00"), within=timedelta(days=21)) is None
    assert await _next(shared, made, after=at("00:00"), within=timedelta(days=21, hours=9)) == later


async def test_of_several_clinics_the_earliest_wins_and_at_one_instant_the_first_named(
    shared: Database,
) -> None:
    early = await hourly_practice(shared, opening_hours="Mo 07:00-12:00")
    one, two = await hourly_practice(shared), await hourly_practice(shared)
    after = at("00:00")

    async def chosen(*clinics: Practice) -> Any:
        slot = await _next(shared, *clinics, after=after)
        assert slot is not None
        return slot.clinic_id

    assert await chosen(one, early) == early.clinic.id
    assert await chosen(one, two) == one.clinic.id
    assert await chosen(two, one) == two.clinic.id


async def test_clinics_that_cannot_be_booked_are_passed_over(shared: Database) -> None:
    closed = await hourly_practice(shared, status=ClinicStatus.CLOSED)
    without = await hourly_practice(shared, services=SERVICES.without(ServiceType.WELLNESS_EXAM))
    cats_only = await hourly_practice(shared, species_treated=(Species.CAT,))
    made = await hourly_practice(shared)
    slot = await _next(shared, closed, without, cats_only, made, species=Species.DOG)
    assert slot is not None
    assert slot.clinic_id == made.clinic.id
    assert await _next(shared, closed, without) is None
    with pytest.raises(NotBookable):
        await starts(shared, without)


async def test_next_available_refuses_a_naive_datetime_and_no_time(shared: Database) -> None:
    made = await hourly_practice(shared)
    for given in (
        {"after": datetime(2026, 3, 9)},  # noqa: DTZ001 -- what this test is about
        {"within": timedelta()},
        {"within": timedelta(days=732)},
    ):
        with pytest.raises(InvalidValue):
            await _next(shared, made, **given)
