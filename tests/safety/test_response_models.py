"""What the domain returns is what a FastAPI endpoint may return, with names in its JSON."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import TypeAdapter
from sqlalchemy import select

from tests.scheduling.practice import NOW, TEN, Practice, booked_at, practice
from vetcore import clock
from vetcore.database import Database, Health, paging
from vetcore.database.listing import select_for
from vetcore.models import Pet
from vetcore.scheduling import DaySheet, Slot, day_sheet, find_slots
from vetcore.schemas import PetSummary
from vetcore.schemas.paging import Page
from vetcore.values.animals import Species
from vetcore.values.breeds import recognize
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.intervals import Interval
from vetcore.values.reference import VitalWarning, weight_range


@pytest.fixture
async def made(db: Database) -> AsyncIterator[Practice]:
    with clock.frozen(NOW):
        yield await practice(db)


@pytest.fixture
async def client(db: Database, made: Practice) -> AsyncIterator[AsyncClient]:
    app = FastAPI()
    names = [Pet.name, Pet.id]

    @app.get("/rows", response_model=Page[PetSummary])
    async def rows() -> Any:
        async with db.session() as session:
            return await paging.page(session, select(Pet), order_by=names, limit=3)

    @app.get("/shapes")
    async def shapes() -> paging.Page[PetSummary]:
        async with db.session() as session:
            return await paging.read_page(
                session, PetSummary, select_for(Pet, PetSummary), order_by=names, limit=3
            )

    @app.get("/rows-as-they-are", response_model=paging.Page[PetSummary])
    async def as_they_are() -> Any:
        async with db.session() as session:
            return await paging.page(session, select(Pet), order_by=names, limit=3)

    @app.get("/slots")
    async def slots() -> list[Slot]:
        async with db.session() as session:
            return await find_slots(session, **_asked(made), limit=3, by=Capacity.STAFF)

    @app.get("/slots-of-any-type", response_model=None)
    async def untyped() -> Any:
        async with db.session() as session:
            return await find_slots(session, **_asked(made), limit=3, by=Capacity.STAFF)

    @app.get("/day")
    async def day() -> DaySheet:
        async with db.session() as session:
            return await day_sheet(session, clinic_id=made.clinic.id, day=date(2026, 3, 9))

    @app.get("/health")
    async def health() -> Health:
        return await db.health()

    async with AsyncClient(transport=ASGITransport(app), base_url="http://clinic") as http:
        yield http


def _asked(made: Practice) -> dict[str, Any]:
    return {
        "clinic_id": made.clinic.id,
        "service": ServiceType.WELLNESS_EXAM,
        "start": TEN,
        "end": TEN + timedelta(hours=4),
    }


@pytest.mark.parametrize("path", ["/rows", "/shapes", "/rows-as-they-are"])
async def test_a_page_is_an_object_with_its_items_and_where_it_goes_on(
    client: AsyncClient, made: Practice, path: str
) -> None:
    document = (await client.get(path)).raise_for_status().json()
    assert set(document) == {"items", "next_cursor"}
    assert [set(item) for item in document["items"]] == [set(PetSummary.model_fields)] * 3
    assert isinstance(document["next_cursor"], str)
    assert {item["id"] for item in document["items"]} <= {str(pet.id) for pet in made.pets}
    described = (await client.get("/openapi.json")).json()
    shape = _shape(described, path)
    assert set(shape["properties"]) == {"items", "next_cursor"}
    item = _resolved(described, shape["properties"]["items"]["items"])
    assert set(item["properties"]) == set(PetSummary.model_fields)


@pytest.mark.parametrize("path", ["/slots", "/slots-of-any-type"])
async def test_a_slot_is_an_object_with_names(
    client: AsyncClient, made: Practice, path: str
) -> None:
    slots = (await client.get(path)).raise_for_status().json()
    assert len(slots) == 3
    assert set(slots[0]) == {"start", "end", "practitioner_id", "clinic_id", "places"}
    assert slots[0]["clinic_id"] == str(made.clinic.id)
    assert datetime.fromisoformat(slots[0]["start"]) == TEN


async def test_a_slot_is_described_as_an_object(client: AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    slot = _resolved(described, _shape(described, "/slots")["items"])
    assert slot["properties"]["start"] == {
        "type": "string",
        "format": "date-time",
        "title": "Start",
    }
    assert slot["properties"]["practitioner_id"]["format"] == "uuid"
    assert set(slot["required"]) == {
        "start",
        "end",
        "practitioner_id",
        "clinic_id",
    }


async def test_a_day_sheet_is_objects_all_the_way_down(
    client: AsyncClient, db: Database, made: Practice
) -> None:
    await booked_at(db, made, TEN)
    sheet = (await client.get("/day")).raise_for_status().json()
    assert sheet["clinic_id"] == str(made.clinic.id)
    assert set(sheet["open"][0]) == {"start", "end"}
    (visit,) = [visit for each in sheet["practitioners"] for visit in each["visits"]]
    assert datetime.fromisoformat(visit["occupied"]["start"]) == TEN
    assert visit["status"] == "scheduled"
    assert set(sheet["practitioners"][0]["free"][0]) == {"start", "end"}
    described = (await client.get("/openapi.json")).json()
    assert set(_resolved(described, _shape(described, "/day"))["properties"]) == set(sheet)


async def test_health_is_an_object(client: AsyncClient) -> None:
    health = (await client.get("/health")).raise_for_status().json()
    assert health["ok"] is True
    assert health["pool"]["in_use"] == 0


def test_slots_compare_and_can_be_members_of_sets(made: Practice) -> None:
    who = made.vets[0].user_id, made.clinic.id
    first = Slot(TEN, TEN + timedelta(minutes=30), *who)
    later = Slot(TEN + timedelta(minutes=30), TEN, *who)
    assert sorted([later, first]) == [first, later]
    assert len({first, later, Slot(first.start, first.end, *who)}) == 2


def test_an_interval_comes_back_from_json_as_it_was() -> None:
    interval = Interval(datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC))
    intervals = TypeAdapter(list[Interval])
    assert intervals.validate_json(intervals.dump_json([interval])) == [interval]
    assert intervals.validate_python([interval]) == [interval]
    assert interval[1] - interval[0] == timedelta(days=1)


def _shape(described: Any, path: str) -> Any:
    answer = described["paths"][path]["get"]["responses"]["200"]
    return _resolved(described, answer["content"]["application/json"]["schema"])


def _resolved(described: Any, schema: Any) -> Any:
    if "$ref" in schema:
        return described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


@pytest.mark.parametrize(
    "value",
    [
        Species.CAT.weight_range,
        weight_range(Species.DOG),
        VitalWarning("weight_kg", Decimal(300), weight_range(Species.DOG)),
        recognize("Labrador / Poodle", Species.DOG),
    ],
)
def test_a_value_that_the_domain_answers_with_has_names_in_json(value: object) -> None:
    kind = TypeAdapter[Any](type(value))
    assert isinstance(kind.dump_python(value, mode="json"), dict)
    assert kind.validate_json(kind.dump_json(value)) == value
