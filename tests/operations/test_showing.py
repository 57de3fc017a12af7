"""Each audience is shown what is for it, and no more."""

import pytest

from tests.operations.house import House, house_at
from tests.operations.worlds import world
from vetcore import schemas
from vetcore.access import GRANTS
from vetcore.access.entities import ACCESS
from vetcore.database import Database
from vetcore.errors import ConfigurationError, PermissionDenied
from vetcore.models import Base, Entity, Pet, Room
from vetcore.operations import (
    declare_responses,
    get_pet,
    list_pets,
    shown,
    shown_each,
    update_pet,
)
from vetcore.operations.showing import _RESPONSES  # the declarations themselves are looked at
from vetcore.values.insurance import InsurancePolicy
from vetcore.values.medical import Allergy, Condition, MedicalHistory

_HISTORY = MedicalHistory(
    allergies=(Allergy(substance="Penicillin"),), conditions=(Condition(name="Diabetes"),)
)

WHAT_OF_A_PET = {
    "system": schemas.PetAdminResponse,
    "admin": schemas.PetAdminResponse,
    "manager": schemas.PetStaffResponse,
    "veterinarian": schemas.PetStaffResponse,
    "technician": schemas.PetStaffResponse,
    "receptionist": schemas.PetReceptionResponse,
    "owner": schemas.PetResponse,
    "co_owner": schemas.PetResponse,
}

WHAT_ELSE = {
    "appointments": {
        "admin": "AppointmentAdminResponse",
        "receptionist": "AppointmentStaffResponse",
        "owner": "AppointmentResponse",
    },
    "medical_records": {
        "admin": "MedicalRecordAdminResponse",
        "veterinarian": "MedicalRecordStaffResponse",
        "owner": "MedicalRecordResponse",
    },
    "users": {
        "admin": "UserAdminResponse",
        "manager": "UserResponse",
        "owner": "UserResponse",
    },
    "veterinarians": {
        "admin": "VeterinarianAdminResponse",
        "receptionist": "VeterinarianStaffResponse",
        "veterinarian": "VeterinarianStaffResponse",
        "stranger": "VeterinarianResponse",
    },
    "clinics": {
        "admin": "ClinicAdminResponse",
        "technician": "ClinicStaffResponse",
        "elsewhere": "ClinicResponse",
        "owner": "ClinicResponse",
    },
    "time_off": {
        "manager": "TimeOffStaffResponse",
        "veterinarian": "TimeOffStaffResponse",
        "receptionist": "TimeOffResponse",
    },
    "staff_memberships": {
        "manager": "StaffMembershipStaffResponse",
        "veterinarian": "StaffMembershipStaffResponse",
        "receptionist": "StaffMembershipResponse",
    },
    "waitlist_entries": {
        "receptionist": "WaitlistEntryStaffResponse",
        "owner": "WaitlistEntryResponse",
    },
    "rooms": {"owner": "RoomResponse", "admin": "RoomResponse"},
    "equipment": {"owner": "EquipmentResponse", "admin": "EquipmentResponse"},
    "invitations": {"manager": "InvitationStaffResponse", "stranger": "InvitationResponse"},
}
"""By table, and by who asks: what they are shown."""


async def test_each_audience_is_shown_what_is_for_it(
    db: Database, subtests: pytest.Subtests
) -> None:
    made = await world(db)
    for name, wanted in WHAT_OF_A_PET.items():
        async with db.session(made.acting(name)) as session:
            pet = await get_pet(session, schemas.ById(id=made.id("pets")))
            with subtests.test(name):
                assert type(await shown(session, pet)) is wanted
    for table, wishes in WHAT_ELSE.items():
        for name, kind in wishes.items():
            row: Entity = made.made.rows[table]
            async with db.session(made.acting(name)) as session:
                stored = await session.get_one(type(row), row.id)
                with subtests.test(f"{table} {name}"):
                    assert type(await shown(session, stored)).__name__ == kind


@pytest.fixture
async def house(shared: Database) -> House:
    house = await house_at(shared)
    async with shared.transaction() as session:
        pet = await session.get_one(Pet, house.their_pet.id)
        pet.medical_history, pet.notes = _HISTORY, "Bites"
        pet.insurance = InsurancePolicy(provider="Careful", policy_number="P-1")
    return house


async def test_reception_sees_alerts_and_not_the_history(shared: Database, house: House) -> None:
    async with shared.session(house.acting("staff")) as session:
        page = await list_pets(session, schemas.PetQuery(ids=(house.their_pet.id,)))
        (told,) = await shown_each(session, page.items)
    assert isinstance(told, schemas.PetReceptionResponse)
    assert [each.substance for each in told.medical_history.allergies] == ["Penicillin"]
    said = told.model_dump_json()
    for hidden in ("Diabetes", "Bites", "Careful", "P-1"):
        assert hidden not in said


async def test_each_row_of_a_list_is_shown_as_whoever_asks_may_see_it(
    shared: Database, house: House
) -> None:
    # Who works at the desk owns one of the pets.
    async with shared.session(house.acting("both")) as session:
        page = await list_pets(session, schemas.PetQuery())
        kinds = {
            row.id: type(told)
            for row, told in zip(page.items, await shown_each(session, page.items), strict=True)
        }
    assert kinds.pop(house.their_pet.id) is schemas.PetStaffResponse
    assert set(kinds.values()) == {schemas.PetReceptionResponse}


async def test_reception_does_not_overwrite_what_it_does_not_see(
    shared: Database, house: House
) -> None:
    for change in ({"notes": "None"}, {"insurance": None}):
        async with shared.transaction(house.acting("staff")) as session:
            with pytest.raises(PermissionDenied):
                await update_pet(session, schemas.PetUpdate(id=house.their_pet.id, **change))
    async with shared.transaction(house.acting("staff")) as session:
        await update_pet(session, schemas.PetUpdate(id=house.their_pet.id, color="Grey"))
    async with shared.session() as session:
        pet = await session.get_one(Pet, house.their_pet.id)
    assert (pet.notes, pet.color, pet.insurance is None) == ("Bites", "Grey", False)


def test_every_column_is_for_everybody_who_sees_the_row_or_needs_a_permission() -> None:
    for entity, responses in _RESPONSES.items():
        access = ACCESS[entity]
        guarded = frozenset[str]().union(*(part.columns for part in access.parts))
        columns = {column.name for column in entity.__table__.columns}
        assert guarded <= columns, entity
        open_to_all = columns - guarded - responses[-1].model_fields.keys()
        assert open_to_all == set(), entity
        assert all(part.permission is None or part.permission in GRANTS for part in access.parts)


def test_responses_are_declared_once() -> None:
    with pytest.raises(ConfigurationError, match="twice"):
        declare_responses(Room, schemas.RoomResponse)
    with pytest.raises(ConfigurationError, match="as none"):
        declare_responses(Base)
