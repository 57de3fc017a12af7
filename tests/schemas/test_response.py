"""What goes out."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import select

from tests import examples
from tests.schemas.examples import ANSWERED, FORMS, RESPONSES, entity_of
from vetcore import models
from vetcore.database import Database
from vetcore.database.listing import read_json, read_list, select_for
from vetcore.models import Base
from vetcore.schemas import PetSummary, VeterinarianSummary
from vetcore.values.animals import Species
from vetcore.values.clinics import ServiceType
from vetcore.values.medical import MedicalAlerts


def rows() -> list[Base]:
    """One row of each entity; what is not written out here is made by its factory."""
    everything, place, vet, animal = examples.world()
    made: list[Base] = [
        *everything,
        examples.appointment(place, vet, animal, estimated_cost=Decimal("1.5"), currency="EUR"),
        models.ClinicClosure(
            clinic_id=place.id,
            first_on=date(2026, 1, 1),
            last_on=date(2026, 1, 1),
            reason="Holiday",
        ),
        models.TimeOff(
            practitioner_id=vet.user_id,
            starts_at=datetime(2026, 1, 1, tzinfo=UTC),
            ends_at=datetime(2026, 1, 2, tzinfo=UTC),
        ),
        models.WaitlistEntry(
            clinic_id=place.id,
            pet_id=animal.id,
            service=ServiceType.SURGERY,
            earliest_at=datetime(2026, 1, 1, tzinfo=UTC),
            latest_at=datetime(2026, 1, 2, tzinfo=UTC),
        ),
        models.MedicalRecord(
            pet_id=animal.id,
            clinic_id=place.id,
            veterinarian_id=vet.id,
            visited_at=datetime(2026, 1, 1, tzinfo=UTC),
        ),
    ]
    ends = {"clinic_id": place.id, "pet_id": animal.id, "veterinarian_id": vet.id}
    missing = {getattr(models, name) for name in (*FORMS, *ANSWERED)} - {type(row) for row in made}
    return [*made, *(examples.some(entity, **ends) for entity in missing)]


async def test_every_response_is_made_of_a_row_without_another_query(db: Database) -> None:
    async with db.transaction() as session:
        session.add_all(rows())
    for schema in RESPONSES:
        entity = getattr(models, entity_of(schema))
        async with db.session() as session:
            row = (await session.scalars(select(entity))).first()
        # The session is closed: whatever was not loaded would raise here.
        made = schema.model_validate(row)
        assert schema.model_validate_json(made.model_dump_json()) == made
        for name in schema.model_fields:
            shown, stored = getattr(made, name), getattr(row, name)
            if isinstance(shown, MedicalAlerts):
                stored = MedicalAlerts.model_validate(stored)
            assert shown == stored


async def test_every_response_can_be_listed_as_the_orm_would(db: Database) -> None:
    async with db.transaction() as session:
        session.add_all(rows())
    async with db.session() as session:
        for schema in RESPONSES:
            entity = getattr(models, entity_of(schema))
            in_order = select(entity).order_by(entity.id)
            expected = [schema.model_validate(row) for row in await session.scalars(in_order)]
            assert expected
            statement = select_for(entity, schema).order_by(entity.id)
            assert await read_list(session, schema, statement) == expected
            assert json.loads(await read_json(session, schema, statement)) == [
                row.model_dump(mode="json") for row in expected
            ]


async def test_a_list_leaves_deleted_rows_out_and_can_be_narrowed(db: Database) -> None:
    kept, gone, other = (examples.pet(name=name) for name in ("Kept", "Gone", "Other"))
    gone.deleted_at = datetime(2026, 1, 1, tzinfo=UTC)
    other.species = Species.CAT
    async with db.transaction() as session:
        session.add_all([kept, gone, other])
    statement = select_for(models.Pet, PetSummary).where(models.Pet.species == Species.DOG)
    async with db.session() as session:
        assert [pet.name for pet in await read_list(session, PetSummary, statement)] == ["Kept"]


def test_a_summary_knows_the_mean_rating() -> None:
    vet = examples.veterinarian(examples.user(), rating_count=4, rating_sum=18)
    assert VeterinarianSummary.model_validate(vet).rating == vet.rating == 4.5
    unrated = examples.veterinarian(examples.user())
    assert VeterinarianSummary.model_validate(unrated).rating is None
