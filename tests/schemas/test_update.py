"""What may be changed, and how a change is made."""

from typing import Any, get_type_hints

import pytest
from pydantic import ValidationError
from sqlalchemy import inspect

from tests import examples
from tests.schemas.examples import UPDATES, entity_of, form
from vetcore import models
from vetcore.database import Database
from vetcore.errors import ConcurrentUpdate, InvalidValue
from vetcore.schemas import (
    AppointmentUpdate,
    ClinicUpdate,
    PetUpdate,
    TimeOffUpdate,
    UserUpdate,
)
from vetcore.schemas.base import Update
from vetcore.values.animals import PetStatus, Species


@pytest.mark.parametrize("schema", UPDATES)
def test_a_change_of_nothing_is_a_change(schema: type[Update]) -> None:
    assert schema().changes() == {}
    assert schema.model_validate_json("{}") == schema()
    assert schema().model_dump(exclude_unset=True) == {}


@pytest.mark.parametrize("schema", UPDATES)
def test_a_change_has_what_was_named_and_survives_a_trip_through_json(
    schema: type[Update],
) -> None:
    change = schema.model_validate(form(schema) | {"version": 3})
    assert list(change.changes()) == [name for name in schema.model_fields if name in form(schema)]
    sent = change.model_dump_json(exclude_unset=True)
    assert schema.model_validate_json(sent).changes() == change.changes()


@pytest.mark.parametrize("schema", UPDATES)
def test_null_clears_where_the_column_may_be_null_and_is_refused_elsewhere(
    schema: type[Update],
) -> None:
    table = getattr(models, entity_of(schema)).__table__
    for name in form(schema):
        if table.columns[name].nullable:
            assert schema.model_validate({name: None}).changes() == {name: None}
            continue
        with pytest.raises(ValidationError) as caught:
            schema.model_validate({name: None})
        (issue,) = caught.value.errors()
        assert issue["loc"] == (name,)
        assert f"{name}: may not be null" in issue["msg"]
        assert "leave the field out" in issue["msg"]


def test_a_field_that_is_not_named_stays_as_it_is() -> None:
    pet = examples.pet(color="black", notes="shy")
    assert PetUpdate(color=None, name="Max").apply_to(pet) == {"color", "name"}
    assert (pet.name, pet.color, pet.notes) == ("Max", None, "shy")


def test_a_change_to_what_is_there_already_changes_nothing() -> None:
    pet = examples.pet(color="black")
    assert PetUpdate(color="black", name="Rex").apply_to(pet) == frozenset()


def test_documents_are_replaced() -> None:
    person = examples.user()
    change = UserUpdate.model_validate({"preferences": {"sms_enabled": True}})
    assert change.apply_to(person) == {"preferences"}
    assert person.preferences.sms_enabled


def test_a_change_made_for_another_version_is_refused_and_nothing_changes() -> None:
    pet = examples.pet(version=4)
    with pytest.raises(ConcurrentUpdate, match=r"at version 4.*made for version 3"):
        PetUpdate(name="Max", version=3).apply_to(pet)
    assert pet.name == "Rex"
    assert PetUpdate(name="Max", version=4).apply_to(pet) == {"name"}


@pytest.mark.parametrize(
    ("change", "row", "field"),
    [
        ({"weight_kg": "40"}, {"species": Species.CAT}, "weight_kg"),
        ({"species": "mouse"}, {"weight_kg": 30}, "weight_kg"),
        ({"died_on": "2020-01-01"}, {"status": PetStatus.ACTIVE}, "status"),
        ({"license_number": None}, {"license_number": "1", "license_jurisdiction": "X"}, None),
        ({"license_number": "1"}, {}, "license_jurisdiction"),
    ],
)
def test_a_change_that_does_not_fit_the_row_is_refused_whole(
    change: dict[str, Any], row: dict[str, Any], field: str | None
) -> None:
    pet = examples.pet(**row)
    before = {name: getattr(pet, name) for name in PetUpdate.model_fields if name != "version"}
    with pytest.raises(InvalidValue) as caught:
        PetUpdate.model_validate(change | {"name": "Max"}).apply_to(pet)
    assert field in {None, caught.value.details["field"]}
    assert before == {name: getattr(pet, name) for name in before}


def test_what_contradicts_itself_is_refused_before_there_is_a_row() -> None:
    with pytest.raises(ValidationError, match="must not be before born_on"):
        PetUpdate.model_validate({"born_on": "2020-02-01", "died_on": "2020-01-01"})
    with pytest.raises(ValidationError, match="must be after starts_at"):
        TimeOffUpdate.model_validate(
            {"starts_at": "2026-01-02T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"}
        )


def test_half_of_a_pair_may_be_changed_while_the_row_has_the_other() -> None:
    clinic = examples.clinic()
    assert ClinicUpdate(latitude=47.5).apply_to(clinic) == {"latitude"}
    with pytest.raises(InvalidValue, match="together with longitude"):
        ClinicUpdate(latitude=None).apply_to(clinic)


def test_a_cost_needs_the_rows_currency() -> None:
    _, place, vet, animal = examples.world()
    booked = examples.appointment(place, vet, animal)
    change = AppointmentUpdate.model_validate({"actual_cost": "99.50"})
    with pytest.raises(InvalidValue, match="currency: is needed where actual_cost"):
        change.apply_to(booked)
    booked.currency = "EUR"
    assert change.apply_to(booked) == {"actual_cost"}


async def test_a_change_is_stored(db: Database) -> None:
    pet = examples.pet(color="black", weight_kg=20)
    async with db.transaction() as session:
        session.add(pet)
    async with db.transaction() as session:
        stored = await session.get(models.Pet, pet.id)
        assert stored is not None
        PetUpdate.model_validate(
            {"color": None, "weight_kg": "21.5", "version": stored.version}
        ).apply_to(stored)
    async with db.session() as session:
        stored = await session.get(models.Pet, pet.id)
        assert stored is not None
        assert (stored.color, str(stored.weight_kg.normalize() if stored.weight_kg else "")) == (
            None,
            "21.5",
        )
        assert stored.version == 2


@pytest.mark.parametrize("schema", [one for one in UPDATES if one.rules is not None])
def test_the_rules_read_what_a_row_has(schema: type[Update]) -> None:
    """Of a schema the type checkers say so; schemas know no models, so this says it of rows."""
    assert schema.rules is not None
    asked = next(iter(get_type_hints(schema.rules).values()))
    read = {name for name, field in vars(asked).items() if isinstance(field, property)}
    assert read
    assert read <= {each.key for each in inspect(getattr(models, entity_of(schema))).column_attrs}
