import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from clinic_service.tests.conftest import SignIn
from vetcore import Database, clock
from vetcore.models import Clinic
from vetcore.samples import Loaded


@pytest.fixture
async def owner(world: Loaded, sign_in: SignIn) -> httpx.AsyncClient:
    return sign_in(world.users["Abigail Fenwick"])


@pytest.fixture
async def wishes(world: Loaded, owner: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Appointments that can be had next week, one a slot."""
    pet, clinic = world.pets["Abigail Fenwick/Biscuit"], world.clinics["driftwood"]
    start = clock.now() + timedelta(days=7)
    query = {
        "clinic_id": str(clinic.id),
        "service": "wellness_exam",
        "start": start.isoformat(),
        "end": (start + timedelta(days=7)).isoformat(),
        "pet_id": str(pet.id),
    }
    slots = (await owner.get("/slots", params=query)).json()
    return [
        {
            "clinic_id": str(clinic.id),
            "pet_id": str(pet.id),
            "service": "wellness_exam",
            "starts_at": slot["start"],
            "practitioner_id": slot["practitioner_id"],
        }
        for slot in slots
    ]


async def _book(
    client: httpx.AsyncClient, wish: dict[str, Any], key: str = "key"
) -> httpx.Response:
    return await client.post("/appointments", json=wish, headers={"Idempotency-Key": key})


async def test_a_slot_that_is_offered_can_be_booked(
    owner: httpx.AsyncClient, wishes: list[dict[str, Any]]
) -> None:
    answer = await _book(owner, wishes[0])
    assert answer.status_code == 201
    assert answer.json()["status"] == "scheduled"
    (listed,) = (await owner.get("/appointments")).json()["items"]
    assert listed["id"] == answer.json()["id"]


async def test_sent_twice_it_is_booked_once(
    owner: httpx.AsyncClient, wishes: list[dict[str, Any]]
) -> None:
    answers = await asyncio.gather(*(_book(owner, wishes[0]) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = await _book(owner, wishes[-1])
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_a_slot_goes_to_one_of_many(
    world: Loaded, sign_in: SignIn, wishes: list[dict[str, Any]]
) -> None:
    owners = {name.split("/")[0]: pet for name, pet in world.pets.items()}
    names = ["Abigail Fenwick", "Marcus Oyelaran", "Yolanda Pruitt", "Kenneth Sorensen"]
    answers = await asyncio.gather(
        *(
            _book(sign_in(world.users[name]), wishes[0] | {"pet_id": str(owners[name].id)})
            for name in names
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.is_error} == {"slot_taken"}


async def test_nobody_books_for_the_pet_of_somebody_else(
    world: Loaded, sign_in: SignIn, wishes: list[dict[str, Any]]
) -> None:
    answer = await _book(sign_in(world.users["Marcus Oyelaran"]), wishes[0])
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_staff_book_at_their_own_clinic_only(
    world: Loaded, sign_in: SignIn, owner: httpx.AsyncClient, wishes: list[dict[str, Any]]
) -> None:
    manager = sign_in(world.users["Walter Brandvold"])
    assert (await _book(manager, wishes[0])).status_code == 201
    elsewhere = world.clinics["columbia-court"]
    query = {
        "clinic_id": str(elsewhere.id),
        "service": "wellness_exam",
        "start": wishes[-1]["starts_at"],
        "end": (clock.now() + timedelta(days=28)).isoformat(),
    }
    slots = (await owner.get("/slots", params=query)).json()
    there = {
        "clinic_id": str(elsewhere.id),
        "starts_at": slots[-1]["start"],
        "practitioner_id": slots[-1]["practitioner_id"],
    }
    answer = await _book(manager, wishes[0] | there, "another")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert (await _book(owner, wishes[0] | there)).status_code == 201


async def test_an_appointment_moves_and_is_cancelled_by_the_version_that_was_seen(
    owner: httpx.AsyncClient, wishes: list[dict[str, Any]]
) -> None:
    booked = await _book(owner, wishes[0])
    path, seen = f"/appointments/{booked.json()['id']}", {"If-Match": booked.headers["etag"]}
    to = {name: wishes[-1][name] for name in ("starts_at", "practitioner_id")}
    moved = await owner.post(f"{path}/move", json=to, headers=seen)
    assert moved.json()["id"] == booked.json()["id"]
    assert moved.json()["starts_at"] == wishes[-1]["starts_at"]
    stale = await owner.post(f"{path}/cancellation", json={}, headers=seen)
    assert (stale.status_code, stale.json()["code"]) == (412, "concurrent_update")
    now = {"If-Match": moved.headers["etag"]}
    cancelled = await owner.post(f"{path}/cancellation", json={"reason": "ill"}, headers=now)
    assert cancelled.json()["status"] == "cancelled"
    assert (await owner.get(path)).headers["etag"] == cancelled.headers["etag"]
    again = {"If-Match": cancelled.headers["etag"]}
    twice = await owner.post(f"{path}/cancellation", json={}, headers=again)
    assert (twice.status_code, twice.json()["code"]) == (409, "invalid_transition")


async def test_an_owner_is_bound_by_the_notice_in_moving_as_in_cancelling(
    world: Loaded,
    db: Database,
    sign_in: SignIn,
    owner: httpx.AsyncClient,
    wishes: list[dict[str, Any]],
) -> None:
    async with db.transaction() as session:
        clinic = await session.get_one(Clinic, world.clinics["driftwood"].id)
        a_month = {"cancellation_notice_minutes": 30 * 24 * 60}
        clinic.booking_policy = clinic.booking_policy.model_copy(update=a_month)
    booked = await _book(owner, wishes[0])
    path, seen = f"/appointments/{booked.json()['id']}", {"If-Match": booked.headers["etag"]}
    to = {name: wishes[-1][name] for name in ("starts_at", "practitioner_id")}
    for act, body in (("move", to), ("cancellation", {})):
        refused = await owner.post(f"{path}/{act}", json=body, headers=seen)
        assert (refused.status_code, refused.json()["code"]) == (422, "too_late_to_cancel")
    assert (await owner.get(path)).json()["starts_at"] == wishes[0]["starts_at"]
    reception = sign_in(world.users["Teresa Delgado"])
    moved = await reception.post(f"{path}/move", json=to, headers=seen)
    assert moved.json()["starts_at"] == wishes[-1]["starts_at"]


async def test_an_owner_sets_nothing_that_is_for_staff(
    owner: httpx.AsyncClient, wishes: list[dict[str, Any]]
) -> None:
    for field, value in (("overrides", ["clinic_closed"]), ("duration_minutes", 90)):
        answer = await _book(owner, wishes[0] | {field: value})
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


async def test_a_move_that_is_sent_twice_with_one_key_is_done_once(
    owner: httpx.AsyncClient, wishes: list[dict[str, Any]]
) -> None:
    booked = await _book(owner, wishes[0])
    path = f"/appointments/{booked.json()['id']}/move"
    headers = {"If-Match": booked.headers["etag"], "Idempotency-Key": "move"}
    to = {name: wishes[-1][name] for name in ("starts_at", "practitioner_id")}
    first, second = [await owner.post(path, json=to, headers=headers) for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.headers["etag"] == second.headers["etag"]


async def test_a_rule_of_the_clinic_is_a_problem_with_its_own_code(
    owner: httpx.AsyncClient, wishes: list[dict[str, Any]]
) -> None:
    answer = await _book(owner, wishes[0] | {"service": "grooming"})
    assert answer.status_code == 422
    assert answer.json()["type"].startswith("urn:vetcore:error:")
    assert answer.json()["code"] == "service_not_offered"


async def test_a_calendar_is_read_by_whoever_was_given_its_address(
    world: Loaded,
    owner: httpx.AsyncClient,
    client: httpx.AsyncClient,
    wishes: list[dict[str, Any]],
) -> None:
    booked = await _book(owner, wishes[0])
    biscuit, duke = world.pets["Abigail Fenwick/Biscuit"], world.pets["Marcus Oyelaran/Duke"]
    url: str = (await owner.get(f"/pets/{biscuit.id}/calendar")).json()["url"]
    feed = await client.get(url)
    assert feed.headers["content-type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(feed.content).events
    assert str(event["UID"]) == booked.json()["id"]
    other = await client.get(url.replace(str(biscuit.id), str(duke.id)))
    assert other.status_code == 404
    assert (await owner.get(f"/pets/{duke.id}/calendar")).status_code == 404
