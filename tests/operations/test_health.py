"""A pet's history, vaccinations and dues, by those who may; by others, never."""

import asyncio
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import event

from tests.examples import pet
from tests.operations.wards import EVERYBODY, NOON, Ward, ward
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import ConcurrentUpdate, InvalidValue, KeyReused
from vetcore.models import Pet
from vetcore.operations import (
    add_allergy,
    add_condition,
    add_medication,
    add_surgery,
    list_due_vaccinations,
    record_vaccination,
    record_weight,
    refresh_due_date,
)
from vetcore.schemas import (
    AllergyAdd,
    ById,
    ConditionAdd,
    DueQuery,
    MedicationAdd,
    SurgeryAdd,
    VaccinationAdd,
    WeightAdd,
)
from vetcore.values.medical import Allergy, Condition, Medication, Surgery, WeightMeasurement
from vetcore.values.vaccination import Antigen, Vaccination

TODAY = NOON.date()
BORN = date(2020, 1, 1)


def _rabies(**given: Any) -> Vaccination:
    values = {"antigens": (Antigen.RABIES,), "administered_on": TODAY} | given
    return Vaccination.model_validate(values)


ACTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "add_allergy": (add_allergy, {"allergy": Allergy(substance="Penicillin")}),
    "add_condition": (add_condition, {"condition": Condition(name="Diabetes")}),
    "add_medication": (add_medication, {"medication": Medication(name="Insulin")}),
    "add_surgery": (add_surgery, {"surgery": Surgery(procedure="Spay", performed_on=BORN)}),
    "record_weight": (
        record_weight,
        {"weight": WeightMeasurement(kilograms=Decimal(4200), measured_at=NOON)},
    ),
    "record_vaccination": (record_vaccination, {"vaccination": _rabies()}),
    "refresh_due_date": (refresh_due_date, {}),
}
"""What is done with a pet's health: the operation, and what its command says."""

READERS = {"owner", "receptionist", "technician", "veterinarian", "manager", "admin", "system"}
"""Who may write a pet, too."""
HEALERS = READERS - {"receptionist"}
"""Who may write what a pet has, or had."""
VACCINATORS = {"technician", "veterinarian", "system"}


@pytest.fixture(autouse=True)
def _on_a_monday() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture
async def made(db: Database) -> Ward:
    return await ward(db, born_on=BORN)


def _command(name: str, key: UUID, **given: Any) -> Any:
    operation, says = ACTS[name]
    return operation.command(id=key, **says | given)


async def _stored(made: Ward) -> Pet:
    async with made.db.session() as session:
        return await session.get_one(Pet, made.pet.id)


@pytest.mark.parametrize("name", ACTS)
async def test_only_those_who_may_add_to_what_is_known(made: Ward, name: str) -> None:
    may = {
        "record_vaccination": VACCINATORS,
        "add_condition": HEALERS,
        "add_medication": HEALERS,
        "add_surgery": HEALERS,
    }.get(name, READERS)
    found: dict[str, str | None] = {}
    for who in EVERYBODY:
        async with made.db.transaction() as session:
            session.add(animal := pet(primary_clinic_id=made.clinic.id, born_on=BORN))
            animal.owner_id = made.people["owner"]
        found[who] = await made.refusal(
            who, ACTS[name][0], _command(name, animal.id), key=f"{name} by {who}"
        )
    assert found == {
        who: None if who in may else ("permission_denied" if who in READERS else "not_found")
        for who in EVERYBODY
    }


async def test_what_is_added_is_kept(made: Ward) -> None:
    for name, (operation, _) in ACTS.items():
        await made.act("veterinarian", operation, _command(name, made.pet.id))
    kept = await _stored(made)
    history = kept.medical_history
    assert (history.allergies, history.conditions) == (
        (Allergy(substance="Penicillin"),),
        (Condition(name="Diabetes"),),
    )
    assert (history.medications[0].name, history.surgeries[0].procedure) == ("Insulin", "Spay")
    assert kept.weight_kg == Decimal(4200)
    assert [each.antigens for each in kept.vaccinations] == [(Antigen.RABIES,)]
    assert kept.updated_by_id == made.people["veterinarian"]


async def test_a_slip_of_units_is_kept_and_told(made: Ward) -> None:
    pet, (warning,) = await made.act(
        "technician", record_weight, _command("record_weight", made.pet.id)
    )
    assert (pet.id, warning.measure) == (made.pet.id, "weight_kg")
    scale = WeightMeasurement(kilograms=Decimal(30), measured_at=NOON - timedelta(days=1))
    weighed = await made.act("owner", record_weight, WeightAdd(id=made.pet.id, weight=scale))
    assert weighed.warnings == ()


async def test_who_gave_a_vaccine_is_named_by_the_person(made: Ward) -> None:
    dose = _rabies(lot_number="L1")
    command = VaccinationAdd(
        id=made.pet.id, vaccination=dose, practitioner_id=made.people["veterinarian"]
    )
    kept = await made.act("technician", record_vaccination, command)
    assert kept.vaccinations == (dose.replace(administered_by_id=made.vet.id),)
    assert kept.next_vaccination_due_on is not None
    other = VaccinationAdd(
        id=made.pet.id,
        vaccination=_rabies(antigens=(Antigen.LYME,)),
        practitioner_id=made.people["technician"],
    )
    with pytest.raises(InvalidValue, match="practitioner_id: is no veterinarian"):
        await made.act("technician", record_vaccination, other)
    with pytest.raises(ValidationError, match="practitioner_id"):
        VaccinationAdd(id=made.pet.id, vaccination=_rabies(administered_by_id=made.vet.id))


@pytest.mark.parametrize(
    ("operation", "command"),
    [
        (add_allergy, AllergyAdd(id=uuid4(), allergy=Allergy(substance="Beef"))),
        (add_condition, ConditionAdd(id=uuid4(), condition=Condition(name="Lame"))),
        (add_medication, MedicationAdd(id=uuid4(), medication=Medication(name="Insulin"))),
        (refresh_due_date, ById(id=uuid4())),
    ],
)
async def test_an_unknown_pet_is_not_found_whoever_asks(
    made: Ward, operation: Any, command: Any
) -> None:
    for who in ("owner", "veterinarian", "admin", "system"):
        assert await made.refusal(who, operation, command) == "not_found"


async def test_what_cannot_be_leaves_everything_as_it_was(made: Ward) -> None:
    day = TODAY + timedelta(days=2)
    await made.act("veterinarian", record_vaccination, _command("record_vaccination", made.pet.id))
    await made.act("veterinarian", add_allergy, _command("add_allergy", made.pet.id))
    again = Allergy(substance="penicillin")
    for operation, command, code in (
        (add_allergy, AllergyAdd(id=made.pet.id, allergy=again), "invalid_input"),
        (
            add_surgery,
            SurgeryAdd(id=made.pet.id, surgery=Surgery(procedure="Spay", performed_on=day)),
            "invalid_value",
        ),
        (
            record_vaccination,
            VaccinationAdd(id=made.pet.id, vaccination=_rabies()),
            "invalid_value",
        ),
        (
            record_vaccination,
            VaccinationAdd(
                id=made.pet.id,
                vaccination=_rabies(antigens=(Antigen.LYME,), administered_on=date(2019, 1, 1)),
            ),
            "invalid_value",
        ),
    ):
        assert await made.refusal("veterinarian", operation, command, key="k") == code


async def test_the_due_date_is_computed_anew(made: Ward) -> None:
    animal = await made.act("owner", refresh_due_date, ById(id=made.pet.id))
    assert animal.next_vaccination_due_on == date(2020, 2, 12)
    async with made.db.transaction() as session:
        (await session.get_one(Pet, made.pet.id)).born_on = TODAY
    animal = await made.act("system", refresh_due_date, ById(id=made.pet.id))
    assert animal.next_vaccination_due_on == date(2026, 4, 20)
    assert (await _stored(made)).next_vaccination_due_on == date(2026, 4, 20)


# Versions and keys -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ACTS)
async def test_an_act_that_was_decided_for_another_version_is_refused(
    made: Ward, name: str
) -> None:
    operation, _ = ACTS[name]
    stale = _command(name, made.pet.id, version=2)
    assert await made.refusal("veterinarian", operation, stale, key="k") == ConcurrentUpdate.code
    await made.act("veterinarian", operation, _command(name, made.pet.id, version=1))
    assert (await _stored(made)).version == 2


@pytest.mark.parametrize("name", ACTS)
async def test_a_key_acts_once(made: Ward, name: str) -> None:
    operation, _ = ACTS[name]
    once = await made.act("veterinarian", operation, _command(name, made.pet.id), key="k")
    kept = await made.everything()
    again = await made.act("veterinarian", operation, _command(name, made.pet.id), key="k")
    assert await made.everything() == kept
    if isinstance(once, tuple):
        assert once.warnings == again.warnings != ()
        once, again = once.pet, again.pet
    assert (again.id, again.version) == (once.id, once.version)
    with pytest.raises(KeyReused):
        other = AllergyAdd(id=made.pet.id, allergy=Allergy(substance="Beef"))
        await made.act("veterinarian", add_allergy, other, key="k")
    assert await made.everything() == kept


@pytest.mark.parametrize("name", ACTS)
async def test_of_two_at_once_with_one_key_one_acts(made: Ward, name: str) -> None:
    operation, _ = ACTS[name]
    command = _command(name, made.pet.id)
    await asyncio.gather(*(made.act("veterinarian", operation, command, key="k") for _ in range(2)))
    assert (await _stored(made)).version == 2


async def test_a_dose_that_is_told_anew_without_an_id_is_the_same_command(made: Ward) -> None:
    """Each telling makes an id of its own for the dose; what was said is the same."""
    told: dict[str, Any] = {
        "id": str(made.pet.id),
        "vaccination": {"antigens": ["rabies"], "administered_on": TODAY.isoformat()},
    }
    for _ in range(2):
        command = VaccinationAdd.model_validate(told)
        kept = await made.act("veterinarian", record_vaccination, command, key="k")
    assert len(kept.vaccinations) == 1


# Lists and cost ----------------------------------------------------------------------------------


async def test_whoever_asks_is_told_what_is_due_of_the_pets_that_they_may_see(
    made: Ward,
) -> None:
    async with made.db.transaction() as session:
        mine = await session.get_one(Pet, made.pet.id)
        mine.next_vaccination_due_on = TODAY
        session.add(elsewhere := pet(next_vaccination_due_on=TODAY - timedelta(days=1)))
    wanted = DueQuery(until=TODAY)
    for who in EVERYBODY:
        found = await made.ask(who, list_due_vaccinations, wanted)
        expected = [made.pet.id] if who in READERS else []
        if who in {"admin", "system"}:
            expected = [elsewhere.id, made.pet.id]
        assert [each.pet_id for each in found] == expected, who
    for said, expected in (
        ({"owner_id": made.people["owner"]}, [made.pet.id]),
        ({"clinic_id": made.clinic.id}, [made.pet.id]),
        ({"pet_id": elsewhere.id}, [elsewhere.id]),
        ({"since": TODAY}, [made.pet.id]),
        ({"since": TODAY + timedelta(days=1), "until": TODAY + timedelta(days=2)}, []),
    ):
        wanted = DueQuery.model_validate({"until": TODAY} | said)
        found = await made.ask("system", list_due_vaccinations, wanted)
        assert [each.pet_id for each in found] == expected
    first = await made.ask("system", list_due_vaccinations, DueQuery(until=TODAY, limit=1))
    following = DueQuery(until=TODAY, limit=1, after=first.next_cursor)
    (second,) = await made.ask("system", list_due_vaccinations, following)
    assert [first[0].pet_id, second.pet_id] == [elsewhere.id, made.pet.id]


@pytest.mark.parametrize("name", ACTS)
async def test_the_pet_is_read_and_locked_once(made: Ward, name: str) -> None:
    reads: list[str] = []

    @event.listens_for(made.db.engine.sync_engine, "before_cursor_execute")
    def _(_: object, __: object, sql: str, *___: object) -> None:
        if sql.startswith("SELECT pets."):
            reads.append(sql)

    await made.act("veterinarian", ACTS[name][0], _command(name, made.pet.id))
    (sql,) = reads
    assert ("FOR NO KEY UPDATE" in sql) is (made.db.dialect == "postgresql")
