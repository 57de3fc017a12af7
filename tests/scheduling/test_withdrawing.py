"""Who goes leaves nothing behind: no visit in the day, nobody who waits, no reminder."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.examples import user
from tests.scheduling.practice import NOW, TEN, Practice, booked_at, held_at, practice, stored
from tests.scheduling.waiting import join, offer, read_back
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import InvalidValue
from vetcore.identity.accounts import anonymize
from vetcore.models import Appointment, Clinic, Pet, PetCoOwner, User, Veterinarian
from vetcore.scheduling import check_in, day_sheet, find_slots, start_visit, withdraw
from vetcore.values.animals import PetStatus
from vetcore.values.appointments import AppointmentStatus, WaitlistStatus
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")

HOUR = timedelta(hours=1)


def _dies(animal: Pet) -> None:
    animal.status, animal.died_on = PetStatus.DECEASED, NOW.date()


def _is_given_away(animal: Pet) -> None:
    animal.status = PetStatus.REHOMED


def _is_deleted(animal: Pet) -> None:
    animal.soft_delete()


async def _visits(db: Database, made: Practice) -> set[Any]:
    async with db.session() as session:
        sheet = await day_sheet(session, clinic_id=made.clinic.id, day=TEN.date())
    return {visit.appointment_id for visit in sheet.visits}


@pytest.mark.parametrize("goes", [_dies, _is_given_away, _is_deleted])
async def test_a_pet_that_goes_leaves_no_visit_and_no_wish_behind(
    db: Database, made: Practice, goes: Callable[[Pet], None]
) -> None:
    entry = await join(db, made)
    booked = await booked_at(db, made, TEN + HOUR)
    held = await held_at(db, made, starts_at=TEN + 4 * HOUR)
    other = await booked_at(db, made, animal=1)
    async with db.transaction() as session:
        goes(await session.get_one(Pet, made.pets[0].id))
    for each in (booked, held):
        found = await stored(db, each)
        assert (found.status, found.cancelled_at) == (AppointmentStatus.CANCELLED, NOW)
        assert found.cancellation_reason is not None
        assert found.sequence == 1
    assert (await read_back(db, entry)).status is WaitlistStatus.WITHDRAWN
    assert await offer(db, made) is None
    assert await _visits(db, made) == {other.id}
    await booked_at(db, made, TEN + HOUR, animal=2, practitioner_id=booked.practitioner_id)


async def test_what_has_begun_or_is_over_stays(db: Database, made: Practice) -> None:
    begun, over = await booked_at(db, made), await booked_at(db, made, TEN + HOUR)
    with clock.frozen(TEN + 2 * HOUR):
        async with db.transaction() as session:
            await check_in(session, begun.id)
            await start_visit(session, begun.id)
            _dies(await session.get_one(Pet, made.pets[0].id))
            gone = await withdraw(session, pet_id=made.pets[0].id)
    assert gone.appointments == ()
    assert (await stored(db, begun)).status is AppointmentStatus.IN_PROGRESS
    assert (await stored(db, over)).status is AppointmentStatus.SCHEDULED


async def test_another_change_of_a_pet_withdraws_nothing(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        animal = await session.get_one(Pet, made.pets[0].id)
        animal.status = PetStatus.LOST
        animal.name = "Bo"
    assert (await stored(db, booked)).status is AppointmentStatus.SCHEDULED


async def test_withdrawing_says_what_it_did_and_does_it_once(db: Database, made: Practice) -> None:
    entry = await join(db, made)
    later, sooner = await booked_at(db, made, TEN + HOUR), await booked_at(db, made)
    async with db.transaction() as session:
        _dies(await session.get_one(Pet, made.pets[0].id))
        gone = await withdraw(session, pet_id=made.pets[0].id, reason="old age")
        assert [each.id for each in gone.appointments] == [sooner.id, later.id]
        assert [each.id for each in gone.entries] == [entry.id]
        again = await withdraw(session, pet_id=made.pets[0].id)
        assert (again.appointments, again.entries) == ((), ())
    found = await stored(db, sooner)
    assert (found.cancellation_reason, found.sequence) == ("old age", 1)


async def test_an_offer_is_taken_back_with_its_hold(db: Database, made: Practice) -> None:
    entry = await join(db, made)
    assert await offer(db, made) is not None
    async with db.transaction() as session:
        gone = await withdraw(session, pet_id=made.pets[0].id)
    assert [each.status for each in gone.appointments] == [AppointmentStatus.CANCELLED]
    assert (await read_back(db, entry)).status is WaitlistStatus.WITHDRAWN


async def test_the_notice_for_cancelling_binds_nobody_who_dies(db: Database) -> None:
    policy = BookingPolicy(minimum_notice_minutes=0, cancellation_notice_minutes=24 * 60)
    made = await practice(db, booking_policy=policy)
    booked = await booked_at(db, made)
    with clock.frozen(TEN - HOUR):
        async with db.transaction() as session:
            _dies(await session.get_one(Pet, made.pets[0].id))
    assert (await stored(db, booked)).status is AppointmentStatus.CANCELLED


async def test_what_a_statement_changed_past_the_orm_is_withdrawn_when_asked(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        await session.execute(
            update(Pet).where(Pet.id == made.pets[0].id).values(status=PetStatus.DECEASED)
        )
        gone = await withdraw(session, pet_id=made.pets[0].id)
    assert [each.id for each in gone.appointments] == [booked.id]


async def test_an_owner_who_goes_takes_the_visits_of_pets_that_nobody_else_looks_after(
    db: Database, made: Practice
) -> None:
    mine, shared = await booked_at(db, made), await booked_at(db, made, animal=1)
    partner = user()
    async with db.transaction() as session:
        session.add(partner)
        await session.flush()
        session.add(PetCoOwner(pet_id=made.pets[1].id, user_id=partner.id))
    async with db.transaction() as session:
        anonymize(await session.get_one(User, made.pets[0].owner_id))
    assert (await stored(db, mine)).status is AppointmentStatus.CANCELLED
    assert (await stored(db, shared)).status is AppointmentStatus.SCHEDULED
    async with db.transaction() as session:
        past_the_orm = update(User).where(User.id == partner.id).values(deleted_at=NOW)
        await session.execute(past_the_orm)
        gone = await withdraw(session, owner_id=made.pets[0].owner_id)
    assert [each.id for each in gone.appointments] == [shared.id]


@pytest.mark.parametrize("whole_account", [False, True])
async def test_a_veterinarian_who_goes_leaves_no_visit_and_is_booked_no_more(
    db: Database, made: Practice, *, whole_account: bool
) -> None:
    first, second = made.vets
    booked = await booked_at(db, made, practitioner_id=first.user_id)
    other = await booked_at(db, made, practitioner_id=second.user_id, animal=1)
    mine, theirs, anybodys = [
        await join(db, made, animal, practitioner_id=person)
        for animal, person in enumerate((first.user_id, second.user_id, None))
    ]
    async with db.transaction() as session:
        if whole_account:
            (await session.get_one(User, first.user_id)).soft_delete()
        else:
            (await session.get_one(Veterinarian, first.id)).soft_delete()
    assert (await stored(db, booked)).status is AppointmentStatus.CANCELLED
    assert await _visits(db, made) == {other.id}
    async with db.session() as session:
        slots = await find_slots(
            session,
            clinic_id=made.clinic.id,
            service=ServiceType.WELLNESS_EXAM,
            start=TEN,
            end=TEN + 8 * HOUR,
            by=Capacity.STAFF,
        )
    assert {slot.practitioner_id for slot in slots} == {second.user_id}
    assert (await read_back(db, mine)).status is WaitlistStatus.WITHDRAWN
    for entry in (theirs, anybodys):
        assert (await read_back(db, entry)).status is WaitlistStatus.WAITING


async def test_a_clinic_that_goes_leaves_no_visit(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        (await session.get_one(Clinic, made.clinic.id)).soft_delete()
    assert (await stored(db, booked)).status is AppointmentStatus.CANCELLED


async def test_what_was_cancelled_in_the_same_breath_is_cancelled_once(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        with session.no_autoflush:
            visit = await session.get_one(Appointment, booked.id)
            visit.status, visit.sequence = AppointmentStatus.CANCELLED, 1
            _dies(await session.get_one(Pet, made.pets[0].id))
    found = await stored(db, booked)
    assert (found.sequence, found.cancellation_reason) == (1, None)


@pytest.mark.parametrize("wrong", [{}, {"pet_id": 0, "clinic_id": 0}])
async def test_one_and_only_one_is_named(
    db: Database, made: Practice, wrong: dict[str, Any]
) -> None:
    keys: dict[str, Any] = {"pet_id": made.pets[0].id, "clinic_id": made.clinic.id}
    async with db.transaction() as session:
        with pytest.raises(InvalidValue, match="only one"):
            await withdraw(session, **{name: keys[name] for name in wrong})


async def test_a_rollback_takes_back_what_was_withdrawn(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made)
    async with db.trial() as session:
        _dies(await session.get_one(Pet, made.pets[0].id))
        await session.flush()
        query = select(Appointment.status).where(Appointment.id == booked.id)
        assert await session.scalar(query) is AppointmentStatus.CANCELLED
        await session.rollback()
    assert (await stored(db, booked)).status is AppointmentStatus.SCHEDULED


async def test_the_last_who_looks_after_a_pet_takes_its_visits_whoever_went_before(
    db: Database, made: Practice
) -> None:
    helper = user()
    async with db.transaction() as session:
        session.add(helper)
        await session.flush()
        session.add(PetCoOwner(pet_id=made.pets[0].id, user_id=helper.id))
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        owner = await session.get_one(User, made.pets[0].owner_id)
        owner.soft_delete()
    assert (await stored(db, booked)).status is AppointmentStatus.SCHEDULED
    async with db.transaction() as session:
        (await session.get_one(User, helper.id)).soft_delete()
    assert (await stored(db, booked)).status is AppointmentStatus.CANCELLED


async def test_an_owner_and_a_co_owner_who_go_together_leave_nothing_behind(
    db: Database, made: Practice
) -> None:
    helper = user()
    async with db.transaction() as session:
        session.add(helper)
        await session.flush()
        session.add(PetCoOwner(pet_id=made.pets[0].id, user_id=helper.id))
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        for key in (made.pets[0].owner_id, helper.id):
            (await session.get_one(User, key)).soft_delete()
    assert (await stored(db, booked)).status is AppointmentStatus.CANCELLED


def test_a_process_that_schedules_nothing_withdraws_all_the_same() -> None:
    """A receiver of webhooks or an import imports the tables, and no more than those."""
    script = (
        "import sys, vetcore.identity, vetcore.registers\n"
        "from sqlalchemy import event\n"
        "from vetcore.database.session import SyncSession\n"
        "from vetcore.models.leaving import _withdraw_who_goes as withdraws\n"
        "assert event.contains(SyncSession, 'before_flush', withdraws)\n"
        "assert 'vetcore.scheduling' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
