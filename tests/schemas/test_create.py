"""What may come in."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pydantic
import pytest
from pydantic import ValidationError

from tests.schemas.examples import CREATES, ID, SCHEMAS, UPDATES, entity_of, form
from vetcore import clock, models
from vetcore.errors import InvalidInput
from vetcore.schemas import (
    AppointmentCreate,
    AppointmentHoldCreate,
    ClinicClosureCreate,
    ClinicCreate,
    MedicalRecordCreate,
    PetCreate,
    StaffMembershipCreate,
    TimeOffCreate,
    UserCreate,
    VeterinarianCreate,
)
from vetcore.schemas.base import Create
from vetcore.values.animals import Species
from vetcore.values.medical import MedicalHistory

NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)


@pytest.mark.parametrize("schema", CREATES)
def test_a_complete_form_is_taken_and_survives_a_trip_through_json(schema: type[Create]) -> None:
    made = schema.model_validate(form(schema))
    assert schema.model_validate_json(made.model_dump_json()) == made
    assert schema.model_validate(made.model_dump()) == made
    assert schema(**form(schema)) == made


@pytest.mark.parametrize(
    "schema", [one for one in CREATES if not one.__name__.startswith("Appointment")]
)
def test_what_came_in_makes_an_entity(schema: type[Create]) -> None:
    made = schema.model_validate(form(schema))
    entity = made.make(getattr(models, entity_of(schema)))
    for name in schema.model_fields.keys() - schema.beside:
        assert getattr(entity, name) == getattr(made, name)


def test_documents_are_of_their_type_on_the_entity() -> None:
    pet = PetCreate(name="Rex", species=Species.DOG).make(models.Pet)
    assert pet.medical_history == MedicalHistory()


def test_what_the_service_says_of_a_row_goes_before_what_came_in() -> None:
    key, owner = uuid4(), uuid4()
    wish = PetCreate(name="Rex", species=Species.DOG, owner_id=uuid4())
    pet = wish.make(models.Pet, id=key, owner_id=owner)
    assert (pet.id, pet.owner_id, pet.name) == (key, owner, "Rex")


@pytest.mark.parametrize("schema", SCHEMAS)
def test_an_unknown_field_is_refused_by_its_name(schema: type[pydantic.BaseModel]) -> None:
    with pytest.raises(ValidationError) as caught:
        schema.model_validate(form(schema) | {"nickname": "x"})
    assert (("nickname",), "extra_forbidden") in [
        (issue["loc"], issue["type"]) for issue in caught.value.errors()
    ]


@pytest.mark.parametrize("schema", [*CREATES, *UPDATES])
def test_an_instant_without_an_offset_is_refused(schema: type[pydantic.BaseModel]) -> None:
    for name, value in form(schema).items():
        if name.endswith("_at"):
            with pytest.raises(ValidationError, match="timezone"):
                schema.model_validate(form(schema) | {name: str(value)[:19]})


PET: dict[str, Any] = {"name": "Rex", "species": "dog"}
TIME_OFF = {"practitioner_id": ID, "starts_at": NOW, "ends_at": NOW}
COST = form(AppointmentCreate) | {"currency": None}

BROKEN: list[tuple[type[Create], dict[str, Any], str, str, str]] = [
    (PetCreate, PET | {"name": "  "}, "name", "1 to 80 characters", "such as Rex"),
    (PetCreate, PET | {"name": "R\0x"}, "name", "without control characters", "such as Rex"),
    (PetCreate, PET | {"breeds": [""]}, "breeds.0", "1 to 80 characters", "Labrador"),
    (PetCreate, PET | {"species": "doge"}, "species", "must be one of 'dog'", "'cat'"),
    (PetCreate, PET | {"weight_kg": 4200}, "weight_kg", "not a weight of a dog", "0.05 to 160"),
    (PetCreate, PET | {"weight_kg": 0}, "weight_kg", "not a weight of a dog", "0.05 to 160"),
    (PetCreate, PET | {"weight_kg": "4.00001"}, "weight_kg", "four decimal places", "24.5"),
    (PetCreate, PET | {"weight_kg": 4.00001}, "weight_kg", "four decimal places", "24.5"),
    (PetCreate, PET | {"weight_kg": "4,5"}, "weight_kg", "a number of kilograms", "24.5"),
    (PetCreate, PET | {"weight_kg": "1e30"}, "weight_kg", "not a weight of a dog", "0.05 to 160"),
    (PetCreate, PET | {"born_on": "2026-03-10"}, "born_on", "still to come", "2026-03-09"),
    (PetCreate, PET | {"born_on": 20200501}, "born_on", "1900 or later", "ISO 8601"),
    (PetCreate, PET | {"born_on": 20217600}, "born_on", "1900 or later", "ISO 8601"),
    (PetCreate, PET | {"born_on": "0202-05-01"}, "born_on", "1900 or later", "ISO 8601"),
    (
        PetCreate,
        PET | {"born_on": "2020-05-01", "died_on": "2020-04-30", "status": "deceased"},
        "died_on",
        "must not be before born_on",
        "2020-05-01 or later",
    ),
    (
        PetCreate,
        PET | {"died_on": "2026-03-10", "status": "deceased"},
        "died_on",
        "still to come",
        "2026-03-09",
    ),
    (PetCreate, PET | {"died_on": "2020-01-01"}, "status", "must be deceased", "deceased"),
    (
        PetCreate,
        PET | {"license_number": "1"},
        "license_jurisdiction",
        "together with license_number",
        "both license_number and license_jurisdiction, or neither",
    ),
    (
        PetCreate,
        PET | {"license_jurisdiction": "US-WA-Seattle"},
        "license_number",
        "together with license_jurisdiction",
        "or neither",
    ),
    (PetCreate, PET | {"microchip": "98511"}, "microchip", "not a microchip", "15 digits"),
    (
        PetCreate,
        PET | {"microchip": "985274877906944"},
        "microchip",
        "not a microchip",
        "15 digits",
    ),
    (UserCreate, form(UserCreate) | {"email": "ana"}, "email", "not an e-mail", "ana@example"),
    (UserCreate, form(UserCreate) | {"phone": "555"}, "phone", "international form", "E.164"),
    (PetCreate, form(PetCreate) | {"postal_code": "?"}, "postal_code", "not a postal", "98107"),
    (
        UserCreate,
        form(UserCreate) | {"timezone": "Mars/Base"},
        "timezone",
        "not a time zone",
        "Europe/London",
    ),
    (
        ClinicCreate,
        form(ClinicCreate) | {"opening_hours": "whenever"},
        "opening_hours",
        "OpenStreetMap",
        "Mo-Fr 08:00-12:00",
    ),
    (
        ClinicCreate,
        form(ClinicCreate) | {"longitude": None},
        "longitude",
        "together with latitude",
        "both latitude and longitude, or neither",
    ),
    (
        ClinicCreate,
        form(ClinicCreate) | {"license_jurisdiction": "XX-1"},
        "license_jurisdiction",
        "ISO 3166-1 country",
        "US-WA",
    ),
    (
        ClinicClosureCreate,
        form(ClinicClosureCreate) | {"last_on": "2026-12-23"},
        "last_on",
        "must not be before first_on",
        "2026-12-24 or later",
    ),
    (
        VeterinarianCreate,
        form(VeterinarianCreate) | {"dea_number": "AB1234567"},
        "dea_number",
        "not a DEA number",
        "AB1234563",
    ),
    (TimeOffCreate, TIME_OFF, "ends_at", "must be after starts_at", "later than 2026-03-09"),
    (
        StaffMembershipCreate,
        form(StaffMembershipCreate) | {"ends_on": "2025-01-01"},
        "ends_on",
        "must not be before starts_on",
        "2026-01-01 or later",
    ),
    (
        StaffMembershipCreate,
        form(StaffMembershipCreate) | {"role": "pet_owner"},
        "role",
        "not a role at a clinic",
        "receptionist",
    ),
    (
        AppointmentCreate,
        COST,
        "currency",
        "needed where estimated_cost is given",
        "currency beside estimated_cost",
    ),
    (
        AppointmentCreate,
        COST | {"currency": "JPY"},
        "estimated_cost",
        "more decimal places than JPY has",
        "at most 0",
    ),
    (
        AppointmentHoldCreate,
        form(AppointmentHoldCreate) | {"hold_expires_at": NOW},
        "hold_expires_at",
        "has passed",
        "an instant after 2026-03-09T09:00:00+00:00",
    ),
    (
        AppointmentHoldCreate,
        form(AppointmentHoldCreate) | {"hold_expires_at": "2031-01-01T00:00:00Z"},
        "hold_expires_at",
        "after the start",
        "2030-03-09T16:00:00+00:00 or earlier",
    ),
    (
        MedicalRecordCreate,
        form(MedicalRecordCreate) | {"visited_at": "2026-03-10T00:00:00Z"},
        "visited_at",
        "still to come",
        "or earlier",
    ),
]


@pytest.mark.parametrize(
    ("schema", "sent", "field", "rule", "right"),
    BROKEN,
    ids=[f"{schema.__name__}-{field}-{rule}" for schema, _, field, rule, _ in BROKEN],
)
def test_an_error_names_the_field_the_rule_and_what_would_be_right(
    schema: type[Create], sent: dict[str, Any], field: str, rule: str, right: str
) -> None:
    with clock.frozen(NOW), pytest.raises(ValidationError) as caught:
        schema.model_validate(
            {name: value for name, value in sent.items() if name in schema.model_fields}
        )
    issues: Any = InvalidInput.from_pydantic(caught.value).details["issues"]
    (issue,) = issues
    assert issue["field"] == field
    assert rule in issue["message"]
    assert right in issue["message"]


def test_a_rule_that_ties_fields_points_at_its_field_inside_a_larger_document() -> None:
    class Litter(pydantic.BaseModel):
        pets: list[PetCreate]

    with pytest.raises(ValidationError) as caught:
        Litter.model_validate({"pets": [PET, PET | {"weight_kg": 4200}]})
    assert [issue["loc"] for issue in caught.value.errors()] == [("pets", 1, "weight_kg")]


def test_a_pet_born_today_where_it_is_tomorrow_already_is_taken() -> None:
    with clock.frozen(datetime(2026, 3, 9, 19, tzinfo=UTC)):  # 08:00 on the 10th in Auckland
        assert PetCreate(name="Rex", species=Species.DOG, born_on=date(2026, 3, 10)).born_on


def test_names_are_tidied() -> None:
    pet = PetCreate(name="  Jose\u0301   Luis ", species=Species.DOG, breeds=(" Collie",))
    assert (pet.name, pet.breeds) == ("Jos\u00e9 Luis", ("Collie",))


@pytest.mark.parametrize("written", ["24.5", 24.5, Decimal("24.50"), " 24.5 ", "+2.45e1"])
def test_a_weight_is_the_same_however_it_is_written(written: Any) -> None:
    assert PetCreate(name="Rex", species=Species.DOG, weight_kg=written).weight_kg == Decimal(
        "24.5"
    )


def test_contacts_and_numbers_are_kept_in_one_form() -> None:
    user = UserCreate(
        email="Ana@EXAMPLE.com", first_name="Ana", last_name="Silva", phone="+1 (206) 555-0123"
    )
    assert (user.email, user.phone) == ("ana@example.com", "+12065550123")
    assert PetCreate(name="Rex", species="dog", postal_code=" k1a  0b1").postal_code == "K1A 0B1"
    pet = PetCreate(name="Rex", species=Species.DOG, microchip="985-112-345 678 903")
    assert pet.microchip == "985112345678903"


def test_instants_are_kept_in_utc() -> None:
    made = TimeOffCreate.model_validate(form(TimeOffCreate))
    assert made.starts_at == datetime(2026, 7, 1, 7, tzinfo=UTC)
    assert made.starts_at.tzinfo is UTC


def test_a_schema_cannot_be_changed() -> None:
    pet = PetCreate(name="Rex", species=Species.DOG)
    with pytest.raises(ValidationError, match="frozen"):
        pet.name = "Max"  # type: ignore[misc]
