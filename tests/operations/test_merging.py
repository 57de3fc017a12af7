"""Making one of two rows that are the same animal."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.examples import veterinarian
from tests.operations.scenes import LATER, Scene, fresh, scene, share, stored
from vetcore.database import Acting, Database
from vetcore.errors import (
    InvalidTransition,
    InvalidValue,
    NotFound,
    PermissionDenied,
    SlotTaken,
    VetcoreError,
)
from vetcore.medical import NotTheSameAnimal, sign_record, signature_is_intact
from vetcore.models import (
    MedicalRecord,
    Pet,
    PetCoOwner,
    VaccinationReminder,
)
from vetcore.operations import (
    end_patient,
    get_pet,
    list_co_owners,
    merge_pets,
    restore_pet,
    update_pet,
)
from vetcore.schemas import ById, ClinicPatientAct, PetMerge, PetUpdate
from vetcore.values.appointments import AppointmentStatus, WaitlistStatus
from vetcore.values.clinics import ServiceType
from vetcore.values.medical import Allergy, MedicalHistory, WeightMeasurement
from vetcore.values.vaccination import Antigen, Vaccination

CHIP = "985112003456789"
PAST = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)


@pytest.fixture
async def made(db: Database) -> Scene:
    return await scene(db)


def _merge(made: Scene, **given: Any) -> PetMerge:
    return PetMerge.model_validate({"id": made.pet.id, "other_id": made.twin.id} | given)


async def _merged(db: Database, made: Scene, name: str = "manager") -> Pet:
    async with db.transaction(made.acting(name)) as session:
        return await merge_pets(session, _merge(made))


async def _change(db: Database, pet: Pet, **values: Any) -> None:
    async with db.transaction() as session:
        row = await session.get_one(Pet, pet.id)
        for name, value in values.items():
            setattr(row, name, value)


def _record(made: Scene, animal: Pet, **given: Any) -> MedicalRecord:
    values = {
        "pet_id": animal.id,
        "clinic_id": made.clinic.id,
        "veterinarian_id": made.vet.id,
        "visited_at": PAST,
    }
    return MedicalRecord(**{"id": uuid4()} | values | given)


async def test_visits_wishes_and_records_move_to_the_row_that_stays(
    db: Database, made: Scene
) -> None:
    moving: list[Any] = [
        made.visit(made.twin),
        made.visit(made.twin, PAST, status=AppointmentStatus.COMPLETED),
        made.visit(made.twin, LATER, status=AppointmentStatus.CANCELLED),
        made.wish(made.twin),
        _record(made, made.twin),
    ]
    deleted = made.visit(made.twin, PAST + timedelta(days=1))
    deleted.soft_delete()
    await stored(db, *moving, deleted)
    kept = await _merged(db, made)
    assert kept.id == made.pet.id
    for row in (*moving, deleted):
        assert (await fresh(db, row)).pet_id == kept.id, row


async def test_the_other_row_is_deleted_and_says_where_it_went(db: Database, made: Scene) -> None:
    await _merged(db, made)
    gone = await fresh(db, made.twin)
    assert gone.is_deleted
    assert gone.merged_into_id == made.pet.id
    async with db.session(made.acting("owner")) as session:
        assert (await get_pet(session, ById(id=made.twin.id))).id == made.pet.id
    with pytest.raises(InvalidTransition):
        async with db.transaction(made.acting("owner")) as session:
            await restore_pet(session, ById(id=made.twin.id))


async def test_whoever_may_not_see_the_animal_learns_nothing_of_where_it_went(
    db: Database, made: Scene
) -> None:
    await _merged(db, made)
    async with db.session(made.acting("stranger")) as session:
        with pytest.raises(NotFound):
            await get_pet(session, ById(id=made.twin.id))


async def test_what_is_known_of_both_is_known_of_the_one(db: Database, made: Scene) -> None:
    penicillin, chicken = Allergy(substance="Penicillin"), Allergy(substance="Chicken")
    weight = WeightMeasurement(kilograms=Decimal("21.5"), measured_at=PAST)
    rabies = Vaccination(antigens=(Antigen.RABIES,), administered_on=date(2025, 3, 1))
    again = Vaccination(antigens=(Antigen.RABIES,), administered_on=date(2025, 3, 1))
    parvo = Vaccination(antigens=(Antigen.CANINE_PARVOVIRUS,), administered_on=date(2025, 4, 1))
    await _change(
        db,
        made.pet,
        medical_history=MedicalHistory(allergies=(penicillin,)),
        vaccinations=(rabies,),
        color="black",
    )
    await _change(
        db,
        made.twin,
        medical_history=MedicalHistory(allergies=(penicillin, chicken), weights=(weight,)),
        vaccinations=(again, parvo),
        microchip=CHIP,
        color="brown",
        born_on=date(2020, 2, 2),
        notes="Bites",
    )
    kept = await _merged(db, made)
    assert {each.substance for each in kept.medical_history.allergies} == {"Penicillin", "Chicken"}
    assert [each.id for each in kept.vaccinations] == [rabies.id, parvo.id]
    assert kept.weight_kg == weight.kilograms
    assert (kept.microchip, kept.color, kept.notes) == (CHIP, "black", "Bites")
    assert kept.born_on == date(2020, 2, 2)
    assert kept.next_vaccination_due_on is not None


async def test_a_signed_record_keeps_its_signature(db: Database, made: Scene) -> None:
    await stored(db, record := _record(made, made.twin, assessment="Well"))
    async with db.transaction(Acting(made.who("veterinarian"))) as session:
        await sign_record(session, record.id)
    await _merged(db, made)
    moved = await fresh(db, record)
    assert (moved.pet_id, moved.signed_pet_id) == (made.pet.id, made.twin.id)
    assert signature_is_intact(moved, db.keys)


async def test_of_two_reminders_for_one_day_the_one_that_went_out_stays(
    db: Database, made: Scene
) -> None:
    def reminder(animal: Pet, day: int, **given: Any) -> VaccinationReminder:
        values = {"pet_id": animal.id, "due_on": date(2026, 5, day)}
        claim = {"claimed_by": "w", "claimed_until": PAST}
        return VaccinationReminder(**{"id": uuid4()} | values | claim | given)

    both = reminder(made.pet, 1), reminder(made.twin, 1, sent_at=PAST)
    alone = reminder(made.twin, 2)
    await stored(db, *both, alone)
    kept = await _merged(db, made)
    async with db.session() as session:
        rows = await session.scalars(select(VaccinationReminder))
        found = {row.id: row.pet_id for row in rows}
    assert found == {both[1].id: kept.id, alone.id: kept.id}


async def test_who_waits_twice_waits_once(db: Database, made: Scene) -> None:
    one, two = made.wish(made.pet), made.wish(made.twin)
    other = made.wish(made.twin, service=ServiceType.VACCINATION)
    await stored(db, one, two, other)
    await _merged(db, made)
    assert (await fresh(db, one)).status is WaitlistStatus.WAITING
    assert (await fresh(db, two)).status is WaitlistStatus.WITHDRAWN
    assert (await fresh(db, other)).status is WaitlistStatus.WAITING


async def test_a_hold_that_was_offered_twice_is_given_back(db: Database, made: Scene) -> None:
    hold = made.visit(made.twin, status=AppointmentStatus.HELD, hold_expires_at=LATER)
    await stored(db, made.wish(made.pet), hold)
    offered = made.wish(made.twin, status=WaitlistStatus.OFFERED, offered_appointment_id=hold.id)
    await stored(db, offered)
    await _merged(db, made)
    assert not (await fresh(db, hold)).status.occupies
    assert (await fresh(db, offered)).status is WaitlistStatus.WITHDRAWN


async def test_everybody_who_looked_after_either_looks_after_the_one(
    db: Database, made: Scene
) -> None:
    for pet, name in (
        (made.pet, "co_owner"),
        (made.twin, "co_owner"),
        (made.twin, "stranger"),
    ):
        await share(db, made, pet, name)
    await _merged(db, made)
    async with db.session(made.acting("stranger")) as session:
        people = await list_co_owners(session, ById(id=made.pet.id))
        left = await session.scalars(select(PetCoOwner).where(PetCoOwner.pet_id == made.twin.id))
        assert left.all() == []
    assert {each.id for each in people} == {made.who("co_owner"), made.who("stranger")}


async def test_an_animal_that_nobody_has_claimed_becomes_its_owners(
    db: Database, made: Scene
) -> None:
    await _change(db, made.pet, owner_id=None)
    assert (await _merged(db, made)).owner_id == made.who("owner")


@pytest.mark.parametrize(
    ("field", "mine", "theirs"),
    [
        ("species", "dog", "cat"),
        ("microchip", CHIP, "985112003456790"),
        ("owner_id", "owner", "stranger"),
        ("status", "active", "deceased"),
    ],
)
async def test_two_animals_are_not_made_one(
    db: Database, made: Scene, field: str, mine: str, theirs: str
) -> None:
    values = [made.who(each) if field == "owner_id" else each for each in (mine, theirs)]
    await _change(db, made.pet, **{field: values[0]})
    await _change(db, made.twin, **{field: values[1]})
    await stored(db, visit := made.visit(made.twin))
    async with db.transaction(made.acting("manager")) as session:
        with pytest.raises(NotTheSameAnimal) as refused:
            await merge_pets(session, _merge(made))
    assert refused.value.details["field"] == field
    assert (await fresh(db, visit)).pet_id == made.twin.id
    assert not (await fresh(db, made.twin)).is_deleted


async def test_an_animal_was_not_in_two_places_at_once(db: Database, made: Scene) -> None:
    await stored(db, vet := veterinarian(made.people["stranger"]))
    one = made.visit(made.pet)
    # It begins a minute before the other one ends.
    two = made.visit(made.twin, LATER + timedelta(minutes=29), practitioner_id=vet.user_id)
    await stored(db, one, two, wish := made.wish(made.twin))
    with pytest.raises(SlotTaken):
        await _merged(db, made)
    assert (await fresh(db, two)).pet_id == made.twin.id
    assert (await fresh(db, wish)).pet_id == made.twin.id


async def test_a_hold_that_has_run_out_is_in_nobodys_way(db: Database, made: Scene) -> None:
    await stored(db, vet := veterinarian(made.people["stranger"]))
    hold = made.visit(
        made.twin, status=AppointmentStatus.HELD, hold_expires_at=PAST, practitioner_id=vet.user_id
    )
    await stored(db, made.visit(made.pet), hold)
    await _merged(db, made)
    moved = await fresh(db, hold)
    assert (moved.pet_id, moved.status) == (made.pet.id, AppointmentStatus.EXPIRED)


async def test_a_failure_half_way_leaves_nothing(
    db: Database, made: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stored(db, visit := made.visit(made.twin), record := _record(made, made.twin))

    async def fails(*_: object, **__: object) -> None:
        message = "the power went"
        raise RuntimeError(message)

    monkeypatch.setattr("vetcore.operations.merging._share_alike", fails)
    with pytest.raises(RuntimeError):
        await _merged(db, made)
    assert (await fresh(db, visit)).pet_id == made.twin.id
    assert (await fresh(db, record)).pet_id == made.twin.id
    assert not (await fresh(db, made.twin)).is_deleted


async def test_of_two_who_merge_at_once_one_does(db: Database, made: Scene) -> None:
    async def merge(act: PetMerge) -> str:
        try:
            async with db.transaction(made.acting("manager")) as session:
                await merge_pets(session, act)
        except VetcoreError as error:
            return error.code
        return "done"

    there = _merge(made)
    back = PetMerge(id=made.twin.id, other_id=made.pet.id)
    assert sorted(await asyncio.gather(merge(there), merge(back))) == ["done", "not_found"]


async def test_a_pet_is_not_merged_with_itself(db: Database, made: Scene) -> None:
    async with db.transaction(made.acting("manager")) as session:
        with pytest.raises(InvalidValue, match="other_id"):
            await merge_pets(session, _merge(made, other_id=made.pet.id))


async def test_whoever_may_not_do_it_to_both_does_it_to_neither(db: Database, made: Scene) -> None:
    async with db.transaction(made.acting("owner")) as session:
        await end_patient(session, ClinicPatientAct(pet_id=made.twin.id, clinic_id=made.clinic.id))
    async with db.transaction(made.acting("manager")) as session:
        with pytest.raises(NotFound):
            await merge_pets(session, _merge(made))
    async with db.transaction(made.acting("owner")) as session:
        with pytest.raises(PermissionDenied):
            await merge_pets(session, _merge(made))


async def test_a_merge_under_a_key_is_done_once(db: Database, made: Scene) -> None:
    for _ in range(2):
        async with db.transaction(made.acting("manager")) as session:
            kept = await merge_pets(session, _merge(made), key="desk-7")
    assert kept.id == made.pet.id
    async with db.transaction(made.acting("owner")) as session:
        await update_pet(session, PetUpdate(id=kept.id, color="grey"))
