"""The schemas as a whole: which there are, what they have, and what they never have."""

import subprocess
import sys

import pytest
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

import vetcore.schemas
from tests.schemas.examples import (
    CREATES,
    FORMS,
    OF_ENTITIES,
    RESPONSES,
    SCHEMAS,
    SUMMARIES,
    UPDATES,
    entity_of,
    form,
)
from vetcore import models
from vetcore.operations import OPERATIONS
from vetcore.schemas.base import Create, Response, Update

MANAGED = {
    "id",
    "created_at",
    "created_by_id",
    "updated_at",
    "updated_by_id",
    "deleted_at",
    "next_vaccination_due_on",
    "occupied_from",
    "occupied_until",
    "merged_into_id",
    "sequence",
    "signed_at",
    "signature",
    "signed_pet_id",
    "rating_sum",
    "rating_count",
    "offered_appointment_id",
    "requested_by_id",
}
BOOKING_ONLY = {"assistant_ids", "duration_minutes", "equipment_ids", "practitioner_id"}
"""What booking turns into columns, or into rows beside."""


def columns(schema: type[BaseModel]) -> dict[str, bool]:
    """The columns of a schema's entity, and whether each may be null."""
    table = getattr(models, entity_of(schema)).__table__
    return {column.name: bool(column.nullable) for column in table.columns}


def test_every_name_is_sorted_importable_and_documented() -> None:
    assert vetcore.schemas.__all__ == sorted(vetcore.schemas.__all__)
    assert dir(vetcore.schemas) == vetcore.schemas.__all__
    for schema in SCHEMAS:
        assert schema.__doc__
        assert schema.__module__.startswith("vetcore.schemas.")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="PetKreate"):
        _ = vetcore.schemas.PetKreate


@pytest.mark.parametrize("entity", FORMS)
@pytest.mark.parametrize("kind", ["Create", "Update", "Response", "Summary"])
def test_every_entity_has_all_four(entity: str, kind: str) -> None:
    assert f"{entity}{kind}" in vetcore.schemas.__all__


@pytest.mark.parametrize("schema", OF_ENTITIES)
def test_every_field_is_a_column(schema: type[BaseModel]) -> None:
    beside = schema.beside if issubclass(schema, Create) else set()
    assert set(schema.model_fields) - set(columns(schema)) <= BOOKING_ONLY | beside


@pytest.mark.parametrize("schema", [*CREATES, *UPDATES])
def test_what_the_server_manages_cannot_be_sent(schema: type[BaseModel]) -> None:
    which = {"id"} if issubclass(schema, Update) else set()
    assert MANAGED & set(schema.model_fields) == which
    assert ("version" in schema.model_fields) is issubclass(schema, Update)


@pytest.mark.parametrize("schema", UPDATES)
def test_an_update_takes_null_exactly_where_the_column_does(schema: type[Update]) -> None:
    nullable = columns(schema)
    for name in schema.model_fields.keys() - {"id", "version"}:
        described = schema.model_json_schema()["properties"][name]
        assert ({"type": "null"} in described.get("anyOf", [])) is nullable[name], name
        assert "default" not in described


@pytest.mark.parametrize("schema", SCHEMAS)
def test_schemas_are_frozen_and_closed(schema: type[BaseModel]) -> None:
    assert schema.model_config.get("frozen") is True
    assert schema.model_config.get("extra") == "forbid"
    assert bool(schema.model_config.get("from_attributes")) is issubclass(schema, Response)


def test_all_of_them_have_json_schemas() -> None:
    for mode in ("validation", "serialization"):
        wanted = [(schema, mode) for schema in SCHEMAS]
        _, described = models_json_schema(wanted)  # type: ignore[arg-type]
        assert described["$defs"].keys() >= {schema.__name__ for schema in SCHEMAS}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_json_schema_names_what_is_required(schema: type[BaseModel]) -> None:
    described = schema.model_json_schema()
    required = {name for name, field in schema.model_fields.items() if field.is_required()}
    assert set(described.get("required", [])) == required
    assert described["additionalProperties"] is False


@pytest.mark.parametrize(
    ("schema", "hidden"),
    [
        ("AppointmentResponse", "internal_notes overrides occupied_from booked_by_id"),
        ("AppointmentStaffResponse", "deleted_at"),
        ("UserResponse", "clerk_user_id terms_accepted_at marketing_accepted_at deleted_at"),
        ("VeterinarianResponse", "license_number license_expires_on dea_number credentials"),
        ("VeterinarianStaffResponse", "dea_number deleted_at"),
        ("MedicalRecordResponse", "subjective objective signature signed_by_id"),
        ("ClinicResponse", "license_number license_jurisdiction created_by_id"),
        ("PetResponse", "created_by_id updated_by_id deleted_at"),
        ("TimeOffResponse", "kind reason"),
        ("StaffMembershipResponse", "employment"),
        ("WaitlistEntryUpdate", "status offered_appointment_id offered_starts requested_by_id"),
        ("AppointmentUpdate", "status starts_at overrides booked_by_id practitioner_id room_id"),
    ],
)
def test_an_audience_does_not_see_what_is_not_for_it(schema: str, hidden: str) -> None:
    assert not set(hidden.split()) & set(getattr(vetcore.schemas, schema).model_fields)


@pytest.mark.parametrize(
    ("operation", "guarded"),
    [
        ("create_user", "role status clerk_user_id email_verified"),
        ("update_user", "role status clerk_user_id email_verified phone_verified"),
        ("update_veterinarian", "license_number license_status dea_number credentials"),
        ("book_appointment", "overrides duration_minutes internal_notes priority"),
        ("hold_appointment", "overrides duration_minutes internal_notes priority"),
        ("update_appointment", "internal_notes estimated_cost"),
        ("join_waitlist", "priority"),
        ("update_waitlist_entry", "priority"),
    ],
)
def test_what_is_not_for_everybody_in_a_command_needs_a_permission_of_its_own(
    operation: str, guarded: str
) -> None:
    declared = OPERATIONS[operation]
    assert set(guarded.split()) <= set(declared.also)
    assert set(guarded.split()) <= set(declared.command.model_fields)


@pytest.mark.parametrize("schema", [one for one in RESPONSES if "Admin" in one.__name__])
def test_each_wider_audience_sees_all_that_a_narrower_one_does(schema: type[Response]) -> None:
    entity = entity_of(schema)
    seen: set[str] = set()
    for kind in ("Response", "StaffResponse", "AdminResponse"):
        wider = getattr(vetcore.schemas, f"{entity}{kind}", None)
        if wider is not None:
            assert seen < set(wider.model_fields)
            seen = set(wider.model_fields)


@pytest.mark.parametrize("schema", SUMMARIES)
def test_a_summary_is_part_of_the_response(schema: type[BaseModel]) -> None:
    response = getattr(vetcore.schemas, f"{entity_of(schema)}Response")
    assert set(schema.model_fields) <= set(response.model_fields)


@pytest.mark.parametrize("schema", CREATES)
def test_the_complete_form_of_each_entity_is_complete(schema: type[Create]) -> None:
    assert form(schema).keys() == schema.model_fields.keys()


def test_the_schemas_come_without_a_database() -> None:
    code = (
        "import sys, vetcore.schemas as s; [getattr(s, name) for name in s.__all__];"
        "assert not {'sqlalchemy', 'phonenumbers', 'opening_hours'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
