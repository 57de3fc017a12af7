"""Booking, holding, moving and cancelling, on both engines."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text, update

from tests.scheduling.practice import HALF_AN_HOUR, NOW, TEN, Practice, practice
from vetcore import clock
from vetcore.database import Database, Session
from vetcore.errors import (
    AlreadyExists,
    HoldExpired,
    InvalidTransition,
    InvalidValue,
    NotFound,
    SlotTaken,
)
from vetcore.models import Appointment, Pet, Veterinarian
from vetcore.scheduling import (
    book,
    cancel,
    check_in,
    complete,
    confirm,
    confirm_hold,
    expire_holds,
    find_slots,
    hold,
    mark_no_show,
    reinstate,
    reschedule,
    start_visit,
)
from vetcore.scheduling.errors import (
    BeyondHorizon,
    ClinicClosed,
    InThePast,
    NobodyAvailable,
    NotWorkingHere,
    OffGrid,
    PetNotBookable,
    ServiceNotOffered,
    SpeciesNotTreated,
    TooLateToCancel,
    TooSoon,
)
from vetcore.schemas import AppointmentHoldCreate
from vetcore.values.animals import PetStatus, Species
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.clinics import ServiceType
from vetcore.values.services import BookingPolicy

NOBODY = UUID(int=1)


@pytest.fixture(autouse=True)
def _on_a_friday() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
async def made(db: Database) -> Practice:
    return await practice(db)


async def _book(db: Database, made: Practice, **given: object) -> Appointment:
    async with db.transaction() as session:
        return await book(session, made.request(**given))  # type: ignore[arg-type]


async def _stored(db: Database, appointment: Appointment) -> Appointment:
    async with db.session() as session:
        return await session.get_one(Appointment, appointment.id)


async def test_a_booking_is_stored_as_it_was_returned(db: Database, made: Practice) -> None:
    actor = uuid4()
    async with db.transaction() as session:
        booked = await book(session, made.request(reason="itches", idempotency_key="k1"))
        assert booked.veterinarian_id in made.vet_ids
    found = await _stored(db, booked)
    columns = [column.key for column in Appointment.__mapper__.column_attrs]
    assert {name: getattr(found, name) for name in columns} == {
        name: getattr(booked, name) for name in columns
    }
    assert found.status is AppointmentStatus.SCHEDULED
    assert found.ends_at - found.starts_at == HALF_AN_HOUR
    assert actor != found.booked_by_id


async def test_a_booked_appointment_is_an_object_of_the_session(
    db: Database, made: Practice
) -> None:
    async with db.transaction() as session:
        booked = await book(session, made.request())
        booked.notes = "changed in the same transaction"
    assert (await _stored(db, booked)).notes == "changed in the same transaction"
    assert (await _stored(db, booked)).version == 2


async def test_any_veterinarian_means_the_one_with_the_least_to_do(
    db: Database, made: Practice
) -> None:
    first = await _book(db, made)
    second = await _book(db, made, starts_at=TEN + timedelta(hours=1), animal=1)
    assert {first.veterinarian_id, second.veterinarian_id} == made.vet_ids


async def test_when_all_are_taken_the_error_names_the_veterinarian(
    db: Database, made: Practice
) -> None:
    await _book(db, made, animal=0)
    await _book(db, made, animal=1)
    with pytest.raises(SlotTaken) as caught:
        await _book(db, made, animal=2)
    assert caught.value.details["resource"] == "veterinarian"


async def test_a_pet_is_in_one_place_at_a_time(db: Database, made: Practice) -> None:
    await _book(db, made, veterinarian_id=made.vets[0].id)
    with pytest.raises(SlotTaken) as caught:
        await _book(
            db, made, veterinarian_id=made.vets[1].id, starts_at=TEN + timedelta(minutes=15)
        )
    assert caught.value.details["resource"] == "pet"


async def test_rooms_are_assigned_and_run_out(db: Database) -> None:
    made = await practice(db, vets=3)
    surgery = {"service": ServiceType.SURGERY}
    rooms = [(await _book(db, made, animal=number, **surgery)).room_id for number in range(2)]
    assert set(rooms) == {room.id for room in made.rooms}
    with pytest.raises(SlotTaken) as caught:
        await _book(db, made, animal=2, **surgery)
    assert caught.value.details["resource"] == "room"


async def test_a_room_may_be_asked_for(db: Database, made: Practice) -> None:
    wanted = made.rooms[1].id
    booked = await _book(db, made, room_id=wanted)
    assert booked.room_id == wanted
    with pytest.raises(SlotTaken):
        await _book(db, made, animal=1, room_id=wanted)


async def test_buffers_are_part_of_what_is_occupied(db: Database, made: Practice) -> None:
    vet = made.vets[0].id
    surgery = await _book(db, made, service=ServiceType.SURGERY, veterinarian_id=vet)
    assert surgery.occupied_from == TEN - timedelta(minutes=15)
    assert surgery.occupied_until == TEN + timedelta(minutes=90)
    for start in (TEN - HALF_AN_HOUR, TEN + timedelta(minutes=75)):
        with pytest.raises(SlotTaken):
            await _book(db, made, starts_at=start, animal=1, veterinarian_id=vet)
    await _book(db, made, starts_at=TEN - timedelta(minutes=45), animal=1, veterinarian_id=vet)
    await _book(db, made, starts_at=TEN + timedelta(minutes=90), animal=1, veterinarian_id=vet)


async def test_everything_listed_can_be_booked_until_nothing_is_left(
    db: Database, made: Practice
) -> None:
    end = TEN + timedelta(hours=3)
    booked = 0
    while True:
        async with db.session() as session:
            slots = await find_slots(
                session,
                clinic_id=made.clinic.id,
                service=ServiceType.WELLNESS_EXAM,
                start=TEN,
                end=end,
            )
        if not slots:
            break
        slot = slots[len(slots) // 2]
        await _book(
            db, made, starts_at=slot.start, veterinarian_id=slot.veterinarian_id, animal=booked % 4
        ) if await _pet_is_free(db, made, slot.start, booked % 4) else await _book(
            db,
            made,
            starts_at=slot.start,
            veterinarian_id=slot.veterinarian_id,
            pet_id=await _new_pet(db, made),
        )
        booked += 1
    assert booked >= 4


async def _pet_is_free(db: Database, made: Practice, start: object, animal: int) -> bool:
    async with db.session() as session:
        row = Appointment
        query = select(func.count()).where(
            row.pet_id == made.pets[animal].id,
            row.starts_at < start + HALF_AN_HOUR,  # type: ignore[operator]
            row.ends_at > start,
        )
        return not await session.scalar(query)


async def _new_pet(db: Database, made: Practice) -> object:
    async with db.transaction() as session:
        session.add(animal := Pet(name="Another", species="cat", owner_id=made.pets[0].owner_id))
    return animal.id


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"starts_at": TEN + timedelta(minutes=7)}, OffGrid),
        ({"starts_at": TEN - timedelta(hours=4)}, ClinicClosed),
        ({"starts_at": TEN + timedelta(hours=2)}, ClinicClosed),  # the break at noon
        ({"starts_at": TEN + timedelta(hours=1, minutes=45)}, ClinicClosed),  # runs into it
        ({"starts_at": TEN - timedelta(days=1)}, ClinicClosed),
        ({"starts_at": TEN - timedelta(days=7)}, InThePast),
        ({"starts_at": TEN + timedelta(days=371)}, BeyondHorizon),
        ({"service": ServiceType.GROOMING}, ServiceNotOffered),
        ({"veterinarian_id": NOBODY}, NotWorkingHere),
        ({"clinic_id": NOBODY}, NotFound),
        ({"pet_id": NOBODY}, NotFound),
        ({"starts_at": TEN + timedelta(seconds=1)}, InvalidValue),
        ({"overrides": ("slot_taken",)}, InvalidValue),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
async def test_what_breaks_a_rule_is_refused_and_nothing_is_written(
    db: Database, made: Practice, given: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await _book(db, made, **{"veterinarian_id": made.vets[0].id} | given)
    async with db.session() as session:
        assert await session.scalar(select(func.count(Appointment.id))) == 0


async def test_if_nobody_can_the_error_says_why_for_each(db: Database, made: Practice) -> None:
    async with db.transaction() as session:
        await session.execute(
            text(
                "UPDATE staff_memberships SET working_hours = 'Tu 08:00-12:00' WHERE user_id = "
                "(SELECT user_id FROM veterinarians WHERE id = :id)"
            ),
            {"id": made.vets[0].id if db.dialect == "postgresql" else made.vets[0].id.hex},
        )
        await session.execute(
            text("UPDATE veterinarians SET license_status = 'suspended' WHERE id = :id"),
            {"id": made.vets[1].id if db.dialect == "postgresql" else made.vets[1].id.hex},
        )
    with pytest.raises(NobodyAvailable) as caught:
        await _book(db, made)
    assert caught.value.details["reasons"] == {
        str(made.vets[0].id): "off_duty",
        str(made.vets[1].id): "license_not_valid",
    }


async def test_a_deceased_pet_is_not_booked(db: Database, made: Practice) -> None:
    async with db.transaction() as session:
        (await session.get_one(Pet, made.pets[0].id)).status = PetStatus.DECEASED
    with pytest.raises(PetNotBookable):
        await _book(db, made)


async def test_a_veterinarian_is_booked_for_the_species_they_treat(
    db: Database, made: Practice
) -> None:
    async with db.transaction() as session:
        vet = await session.get_one(Veterinarian, made.vets[0].id)
        vet.species_treated = (Species.CAT,)
    with pytest.raises(SpeciesNotTreated) as caught:
        await _book(db, made, veterinarian_id=vet.id)
    assert caught.value.details["by"] == "veterinarian"
    assert (await _book(db, made)).veterinarian_id == made.vets[1].id


async def test_staff_may_set_aside_hours_and_notice_never_occupancy(
    db: Database,
) -> None:
    made = await practice(db, booking_policy=BookingPolicy(minimum_notice_minutes=10_000))
    with pytest.raises(TooSoon):
        await _book(db, made)
    every = ("too_soon", "clinic_closed", "off_duty", "off_grid")
    at_night = TEN - timedelta(hours=7, minutes=3)
    booked = await _book(
        db, made, starts_at=at_night, overrides=every, veterinarian_id=made.vets[0].id
    )
    assert booked.overrides == ("too_soon", "clinic_closed", "off_duty")
    with pytest.raises(SlotTaken):
        await _book(
            db, made, starts_at=at_night, overrides=every, veterinarian_id=made.vets[0].id, animal=1
        )


async def test_a_length_of_its_own_takes_its_own_time(db: Database, made: Practice) -> None:
    booked = await _book(db, made, duration_minutes=60)
    assert booked.ends_at - booked.starts_at == timedelta(hours=1)


async def test_one_key_books_once(db: Database, made: Practice) -> None:
    first = await _book(db, made, idempotency_key="once")
    again = await _book(db, made, idempotency_key="once")
    assert again.id == first.id
    with pytest.raises(AlreadyExists) as caught:
        await _book(db, made, idempotency_key="once", animal=1)
    assert caught.value.details["fields"] == ["idempotency_key"]


async def test_one_key_books_once_also_when_all_call_at_once(db: Database, made: Practice) -> None:
    request = made.request(idempotency_key="once")
    booked = await asyncio.gather(
        *(db.run(lambda session: book(session, request)) for _ in range(8))
    )
    assert len({each.id for each in booked}) == 1


async def test_of_many_who_want_one_slot_as_many_get_it_as_there_are_veterinarians(
    db: Database,
) -> None:
    made = await practice(db, vets=3, pets=12)

    async def attempt(number: int) -> str:
        request = made.request(animal=number)
        try:
            await db.run(lambda session: book(session, request))
        except SlotTaken:
            return "taken"
        return "booked"

    outcomes = Counter(await asyncio.gather(*(attempt(number) for number in range(12))))
    assert outcomes == {"booked": 3, "taken": 9}


async def test_racing_for_rooms_each_gets_another(db: Database) -> None:
    made = await practice(db, vets=4, pets=4)

    async def attempt(number: int) -> object:
        request = made.request(animal=number, service=ServiceType.SURGERY)
        try:
            return (await db.run(lambda session: book(session, request))).room_id
        except SlotTaken as error:
            return error.details["resource"]

    outcomes = Counter(await asyncio.gather(*(attempt(number) for number in range(4))))
    assert outcomes == {made.rooms[0].id: 1, made.rooms[1].id: 1, "room": 2}


# Holds ------------------------------------------------------------------------------------------


async def _hold(db: Database, made: Practice, **given: object) -> Appointment:
    wish = made.request(**given).model_dump()  # type: ignore[arg-type]
    async with db.transaction() as session:
        return await hold(session, AppointmentHoldCreate(**wish))


async def _run_out(db: Database, held: Appointment) -> None:
    async with db.transaction() as session:
        await session.execute(
            update(Appointment)
            .where(Appointment.id == held.id)
            .values(hold_expires_at=NOW - timedelta(days=365))
        )


async def test_a_hold_keeps_its_slot_and_becomes_an_appointment(
    db: Database, made: Practice
) -> None:
    held = await _hold(db, made, veterinarian_id=made.vets[0].id)
    assert held.hold_expires_at is not None
    with pytest.raises(SlotTaken):
        await _book(db, made, veterinarian_id=made.vets[0].id, animal=1)
    async with db.transaction() as session:
        confirmed = await confirm_hold(session, held.id)
    assert confirmed.status is AppointmentStatus.SCHEDULED
    assert confirmed.id == held.id


async def test_a_hold_that_has_run_out_gives_way(db: Database, made: Practice) -> None:
    held = await _hold(db, made, veterinarian_id=made.vets[0].id)
    await _run_out(db, held)
    booked = await _book(db, made, veterinarian_id=made.vets[0].id, animal=1)
    assert booked.status is AppointmentStatus.SCHEDULED
    assert (await _stored(db, held)).status is AppointmentStatus.EXPIRED
    with pytest.raises(HoldExpired):
        async with db.transaction() as session:
            await confirm_hold(session, held.id)


async def test_a_hold_that_has_run_out_cannot_be_confirmed_even_if_nobody_took_it(
    db: Database, made: Practice
) -> None:
    held = await _hold(db, made)
    await _run_out(db, held)
    with pytest.raises(HoldExpired):
        async with db.transaction() as session:
            await confirm_hold(session, held.id)


async def test_holds_that_have_run_out_can_be_swept(db: Database, made: Practice) -> None:
    held, live = await _hold(db, made), await _hold(db, made, animal=1)
    await _run_out(db, held)
    async with db.transaction() as session:
        assert await expire_holds(session) == 1
    assert (await _stored(db, held)).status is AppointmentStatus.EXPIRED
    assert (await _stored(db, live)).status is AppointmentStatus.HELD


async def test_many_racing_over_a_stale_hold_leave_one_winner(db: Database) -> None:
    made = await practice(db, vets=1, pets=6)
    await _run_out(db, await _hold(db, made))

    async def attempt(number: int) -> str:
        request = made.request(animal=number)
        try:
            await db.run(lambda session: book(session, request))
        except SlotTaken:
            return "taken"
        return "booked"

    outcomes = Counter(await asyncio.gather(*(attempt(number) for number in range(1, 6))))
    assert outcomes == {"booked": 1, "taken": 4}


# Moving and ending ------------------------------------------------------------------------------


async def test_rescheduling_keeps_the_id_and_frees_the_old_time(
    db: Database, made: Practice
) -> None:
    booked = await _book(db, made, veterinarian_id=made.vets[0].id)
    later = TEN + timedelta(hours=1)
    async with db.transaction() as session:
        moved = await reschedule(session, booked.id, starts_at=later)
    assert (moved.id, moved.starts_at, moved.sequence) == (booked.id, later, 1)
    await _book(db, made, veterinarian_id=made.vets[0].id, animal=1)


async def test_rescheduling_by_a_quarter_of_an_hour_does_not_collide_with_itself(
    db: Database, made: Practice
) -> None:
    booked = await _book(db, made, veterinarian_id=made.vets[0].id)
    async with db.transaction() as session:
        await reschedule(session, booked.id, starts_at=TEN + timedelta(minutes=15))


async def test_if_the_new_time_is_taken_the_old_one_stays(db: Database, made: Practice) -> None:
    vet = made.vets[0].id
    booked = await _book(db, made, veterinarian_id=vet)
    later = TEN + timedelta(hours=1)
    await _book(db, made, starts_at=later, veterinarian_id=vet, animal=1)
    async with db.transaction() as session:
        with pytest.raises(SlotTaken) as caught:
            await reschedule(session, booked.id, starts_at=later)
    assert caught.value.details["resource"] == "veterinarian"
    assert (await _stored(db, booked)).starts_at == TEN
    async with db.transaction() as session:
        moved = await reschedule(
            session, booked.id, starts_at=later, veterinarian_id=made.vets[1].id
        )
    assert moved.veterinarian_id == made.vets[1].id


async def test_rescheduling_follows_the_rules_of_booking(db: Database, made: Practice) -> None:
    booked = await _book(db, made)
    async with db.transaction() as session:
        with pytest.raises(ClinicClosed):
            await reschedule(session, booked.id, starts_at=TEN - timedelta(hours=4))
        moved = await reschedule(
            session,
            booked.id,
            starts_at=TEN - timedelta(hours=4),
            overrides=("clinic_closed", "off_duty"),
        )
    assert moved.overrides == ("clinic_closed", "off_duty")


async def test_two_who_swap_their_times_never_deadlock(db: Database) -> None:
    made = await practice(db, vets=1, pets=2)
    first = await _book(db, made)
    second = await _book(db, made, starts_at=TEN + HALF_AN_HOUR, animal=1)

    async def swap(which: Appointment, to: Appointment) -> str:
        async def work(session: Session) -> Appointment:
            return await reschedule(session, which.id, starts_at=to.starts_at)

        try:
            await db.run(work)
        except SlotTaken:
            return "taken"
        return "moved"

    outcomes = await asyncio.gather(swap(first, second), swap(second, first))
    assert outcomes == ["taken", "taken"]


async def test_rescheduling_and_booking_the_same_slot_leave_one_winner(db: Database) -> None:
    made = await practice(db, vets=1, pets=10)
    movers = [
        await _book(db, made, starts_at=TEN + HALF_AN_HOUR * (2 + number), animal=number)
        for number in range(2)
    ]

    async def move(which: Appointment) -> str:
        try:
            await db.run(lambda session: reschedule(session, which.id, starts_at=TEN))
        except SlotTaken:
            return "taken"
        return "won"

    async def take(number: int) -> str:
        request = made.request(animal=number)
        try:
            await db.run(lambda session: book(session, request))
        except SlotTaken:
            return "taken"
        return "won"

    outcomes = Counter(
        await asyncio.gather(
            *(move(each) for each in movers), *(take(number) for number in range(3, 8))
        )
    )
    assert outcomes["won"] == 1


async def test_an_appointment_lives_by_the_table_of_transitions(
    db: Database, made: Practice
) -> None:
    booked = await _book(db, made)
    async with db.transaction() as session:
        for step, status in (
            (confirm, AppointmentStatus.CONFIRMED),
            (check_in, AppointmentStatus.CHECKED_IN),
            (start_visit, AppointmentStatus.IN_PROGRESS),
            (complete, AppointmentStatus.COMPLETED),
        ):
            assert (await step(session, booked.id)).status is status
        with pytest.raises(InvalidTransition) as caught:
            await cancel(session, booked.id)
        with pytest.raises(InvalidTransition):
            await reschedule(session, booked.id, starts_at=TEN + timedelta(hours=1))
    assert caught.value.details["current"] == "completed"
    assert caught.value.details["requested"] == "cancelled"
    found = await _stored(db, booked)
    assert found.checked_in_at == found.started_at == found.completed_at == NOW
    with pytest.raises(SlotTaken):
        await _book(db, made, veterinarian_id=found.veterinarian_id, animal=1)


async def test_cancelling_frees_the_slot_and_bumps_the_sequence(
    db: Database, made: Practice
) -> None:
    booked = await _book(db, made, veterinarian_id=made.vets[0].id)
    async with db.transaction() as session:
        cancelled = await cancel(session, booked.id, reason="got well")
    assert (cancelled.status, cancelled.sequence) == (AppointmentStatus.CANCELLED, 1)
    assert cancelled.cancellation_reason == "got well"
    assert cancelled.cancelled_at == NOW
    await _book(db, made, veterinarian_id=made.vets[0].id, animal=1)
    async with db.transaction() as session:
        with pytest.raises(SlotTaken):
            await reinstate(session, booked.id)


async def test_a_cancelled_appointment_comes_back_if_its_slot_is_free(
    db: Database, made: Practice
) -> None:
    booked = await _book(db, made)
    async with db.transaction() as session:
        await cancel(session, booked.id)
        again = await reinstate(session, booked.id)
    assert again.status is AppointmentStatus.SCHEDULED
    assert again.cancelled_at is None


async def test_owners_cancel_in_time_staff_whenever(db: Database) -> None:
    policy = BookingPolicy(minimum_notice_minutes=0, cancellation_notice_minutes=24 * 60)
    made = await practice(db, booking_policy=policy)
    booked = await _book(db, made)
    with clock.frozen(TEN - timedelta(hours=23)):
        async with db.transaction() as session:
            with pytest.raises(TooLateToCancel):
                await cancel(session, booked.id)
            await cancel(session, booked.id, by_staff=True)


async def test_nobody_is_a_no_show_before_the_appointment(db: Database, made: Practice) -> None:
    booked = await _book(db, made)
    async with db.transaction() as session:
        with pytest.raises(InvalidValue, match="before the appointment begins"):
            await mark_no_show(session, booked.id)
    with clock.frozen(TEN + timedelta(minutes=20)):
        async with db.transaction() as session:
            assert (await mark_no_show(session, booked.id)).status is AppointmentStatus.NO_SHOW
            assert (await check_in(session, booked.id)).status is AppointmentStatus.CHECKED_IN


async def test_what_does_not_exist_is_not_found(db: Database) -> None:
    async with db.transaction() as session:
        for step in (confirm_hold, confirm, check_in, cancel, reinstate):
            with pytest.raises(NotFound):
                await step(session, uuid4())


async def test_nothing_is_committed_but_by_the_caller(db: Database, made: Practice) -> None:
    async with db.session() as session:
        await book(session, made.request())
    async with db.session() as session:
        assert await session.scalar(select(func.count(Appointment.id))) == 0


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_booking_works_in_a_tenants_schema(db: Database, empty_url: str) -> None:
    async with Database(empty_url) as whole:
        tenant = whole.for_tenant("clinic_a")
        await tenant.migrate()
        made = await practice(tenant)
        booked = await tenant.run(lambda session: book(session, made.request()))
        async with tenant.session() as session:
            assert await session.get(Appointment, booked.id) is not None
    assert db.dialect == "postgresql"
