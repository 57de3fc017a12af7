"""What the schemas cost, as ratios of plain Pydantic and of plain asyncpg in the same run.

PostgreSQL is the server that ``VETCORE_TEST_POSTGRESQL_URL`` names, else one started for the run.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from datetime import date
from decimal import Decimal
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from pydantic import BaseModel
from sqlalchemy.engine import make_url

from benchmarks.report import Comparison, show
from vetcore.database import Database
from vetcore.database.listing import read_json, select_for
from vetcore.embedded import running_postgresql
from vetcore.models import Pet
from vetcore.schemas import PetCreate, PetSummary
from vetcore.values.animals import PetStatus, Sex, Species
from vetcore.values.insurance import InsurancePolicy
from vetcore.values.medical import MedicalHistory

PETS = 1_000
CALLS = 2_000


class PlainPet(BaseModel):
    """The fields of PetCreate and nothing else: not closed, not frozen, no rules."""

    owner_id: UUID | None = None
    primary_clinic_id: UUID | None = None
    name: str
    species: Species
    breeds: tuple[str, ...] = ()
    sex: Sex = Sex.UNKNOWN
    is_neutered: bool | None = None
    born_on: date | None = None
    birth_date_is_estimate: bool = False
    died_on: date | None = None
    weight_kg: Decimal | None = None
    color: str | None = None
    microchip: str | None = None
    license_number: str | None = None
    license_jurisdiction: str | None = None
    postal_code: str | None = None
    status: PetStatus = PetStatus.ACTIVE
    medical_history: MedicalHistory = MedicalHistory()
    insurance: InsurancePolicy | None = None
    notes: str | None = None


NAME_AND_SPECIES: dict[str, Any] = {"name": "Rex", "species": "dog"}
SHORT_FORM = NAME_AND_SPECIES | {
    "owner_id": str(uuid4()),
    "breeds": ["Labrador Retriever"],
    "sex": "male",
    "is_neutered": True,
    "born_on": "2020-05-01",
    "weight_kg": "24.5",
    "color": "black",
    "microchip": "985112345678903",
    "postal_code": "98107",
}
COMPLETE_FORM = SHORT_FORM | {
    "primary_clinic_id": str(uuid4()),
    "birth_date_is_estimate": False,
    "license_number": "S100",
    "license_jurisdiction": "US-WA-Seattle",
    "status": "active",
    "medical_history": {"allergies": [{"substance": "Penicillin", "severity": "severe"}]},
    "insurance": {"provider": "Trupanion", "policy_number": "X1"},
    "notes": "Afraid of cats.",
}


FORMS = {
    "name and species alone": NAME_AND_SPECIES,
    "a short form of 11 plain fields": SHORT_FORM,
    "a complete form of all 20 fields": COMPLETE_FORM,
}


def _per_second(schema: type[BaseModel], form: dict[str, Any]) -> float:
    validate = schema.model_validate
    started = perf_counter()
    for _ in range(CALLS):
        validate(form)
    return CALLS / (perf_counter() - started)


def _validation() -> list[Comparison]:
    """PetCreate against the plain model, in turns; the best of each, since noise only slows.

    The bar is for the form that gives every field. A short one is told without a bar: there the
    refusal of unknown fields, which a plain model does not have, takes a larger part.
    """
    assert PlainPet.model_fields.keys() == PetCreate.model_fields.keys()
    compared: list[Comparison] = []
    for title, form in FORMS.items():
        rates = [(_per_second(PetCreate, form), _per_second(PlainPet, form)) for _ in range(40)]
        ours, plain = (max(each) for each in zip(*rates, strict=True))
        compared.append(
            Comparison(
                f"PetCreate, {title}",
                ours,
                plain,
                "1/s",
                "plain Pydantic",
                at_least=0.8 if form is COMPLETE_FORM else None,
            )
        )
    return compared


@asynccontextmanager
async def _database(server: str) -> AsyncGenerator[str]:
    url, name = make_url(server).set(drivername="postgresql"), f"vetcore_{uuid4().hex}"
    admin = await asyncpg.connect(url.render_as_string(hide_password=False))
    await admin.execute(f'CREATE DATABASE "{name}"')
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await admin.close()


async def _seconds(work: Callable[[], Awaitable[object]]) -> float:
    started = perf_counter()
    await work()
    return perf_counter() - started


async def _listing(server: str) -> Comparison:
    """A thousand pets from query to JSON, in turns with asyncpg's rows through ``json.dumps``."""
    async with _database(server) as url, Database(url) as db:
        await db.migrate()
        async with db.transaction() as session:
            session.add_all(
                Pet(
                    name=f"Rex {number}",
                    species=Species.DOG,
                    breeds=("Labrador Retriever",),
                    born_on=date(2020, 5, 1),
                    microchip=f"9851123{number:08}",
                    next_vaccination_due_on=date(2027, 1, 1),
                )
                for number in range(PETS)
            )
        raw = await asyncpg.connect(url)
        sql = (
            f"SELECT {', '.join(PetSummary.model_fields)} FROM pets"
            f" WHERE deleted_at IS NULL ORDER BY id LIMIT {PETS}"
        )

        async def reference() -> str:
            return json.dumps([dict(row) for row in await raw.fetch(sql)], default=str)

        async with db.session() as session:
            statement = select_for(Pet, PetSummary).order_by(Pet.id).limit(PETS)

            async def ours() -> bytes:
                return await read_json(session, PetSummary, statement)

            assert len(json.loads(await ours())) == len(json.loads(await reference())) == PETS
            taken = [(await _seconds(ours), await _seconds(reference)) for _ in range(60)]
        await raw.close()
    listed, plain = (median(each) for each in zip(*taken, strict=True))
    return Comparison(
        f"{PETS:,} pets as PetSummary", listed, plain, "s", "asyncpg, json.dumps", at_most=2
    )


def run() -> list[Comparison]:
    """Validation against plain Pydantic, and a list against asyncpg."""
    with ExitStack() as stack:
        server = os.environ.get("VETCORE_TEST_POSTGRESQL_URL")
        if server is None:
            server = stack.enter_context(running_postgresql()).url("postgres")
        return [*_validation(), asyncio.run(_listing(server))]


if __name__ == "__main__":
    sys.exit(not show(run()))
