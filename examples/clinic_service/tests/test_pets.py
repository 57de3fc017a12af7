import httpx

from clinic_service.tests.conftest import SignIn
from vetcore.samples import Loaded

REX = {"name": "Rex", "species": "dog"}


def names(page: httpx.Response) -> list[str]:
    return [pet["name"] for pet in page.json()["items"]]


async def test_owners_see_their_pets_and_staff_their_clinics(
    world: Loaded, sign_in: SignIn
) -> None:
    abigail, miriam = world.users["Abigail Fenwick"], world.users["Miriam Okafor"]
    hers = await sign_in(abigail).get("/pets", params={"limit": 100})
    theirs = await sign_in(miriam).get("/pets", params={"limit": 100})
    assert names(hers) == ["Biscuit", "Pretzel"]
    assert {"Biscuit", "Duke"} <= set(names(theirs))


async def test_a_list_goes_on_where_the_page_before_ended(world: Loaded, sign_in: SignIn) -> None:
    client = sign_in(world.users["Abigail Fenwick"])
    first = await client.get("/pets", params={"limit": 1})
    cursor = first.json()["next_cursor"]
    second = await client.get("/pets", params={"limit": 1, "after": cursor})
    assert [names(page) for page in (first, second)] == [["Biscuit"], ["Pretzel"]]
    assert second.json()["next_cursor"] is None


async def test_a_cursor_that_was_changed_is_refused(world: Loaded, sign_in: SignIn) -> None:
    client = sign_in(world.users["Abigail Fenwick"])
    answer = await client.get("/pets", params={"after": "page-two"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")


async def test_what_one_registers_is_ones_own(world: Loaded, sign_in: SignIn) -> None:
    abigail = world.users["Abigail Fenwick"]
    answer = await sign_in(abigail).post("/pets", json=REX)
    assert answer.status_code == 201
    assert answer.json()["owner_id"] == str(abigail.id)
    read = await sign_in(abigail).get(f"/pets/{answer.json()['id']}")
    assert read.json() == answer.json()
    assert read.headers["etag"] == '"1"'


async def test_a_pet_of_somebody_else_is_not_there(world: Loaded, sign_in: SignIn) -> None:
    duke = world.pets["Marcus Oyelaran/Duke"]
    answer = await sign_in(world.users["Abigail Fenwick"]).get(f"/pets/{duke.id}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"


async def test_nobody_registers_a_pet_for_somebody_else(world: Loaded, sign_in: SignIn) -> None:
    abigail, marcus = world.users["Abigail Fenwick"], world.users["Marcus Oyelaran"]
    answer = await sign_in(abigail).post("/pets", json=REX | {"owner_id": str(marcus.id)})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert "Rex" not in names(await sign_in(marcus).get("/pets"))


async def test_a_change_names_the_version_that_it_was_made_for(
    world: Loaded, sign_in: SignIn
) -> None:
    client = sign_in(world.users["Abigail Fenwick"])
    path = f"/pets/{world.pets['Abigail Fenwick/Biscuit'].id}"
    seen = {"If-Match": (await client.get(path)).headers["etag"]}
    changed = await client.patch(path, json={"weight_kg": "28.9", "color": None}, headers=seen)
    assert (changed.json()["weight_kg"], changed.json()["color"]) == ("28.9", None)
    assert changed.headers["etag"] != seen["If-Match"]
    stale = await client.patch(path, json={"weight_kg": "3"}, headers=seen)
    assert (stale.status_code, stale.json()["code"]) == (412, "concurrent_update")
    blind = await client.patch(path, json={"weight_kg": "3"})
    assert (blind.status_code, blind.json()["code"]) == (428, "precondition_required")


async def test_an_owner_gives_a_pet_to_somebody_who_accepts(world: Loaded, sign_in: SignIn) -> None:
    client = sign_in(world.users["Abigail Fenwick"])
    path = f"/pets/{world.pets['Abigail Fenwick/Biscuit'].id}"
    yolanda = str(world.users["Yolanda Pruitt"].id)
    any_version = {"If-Match": "*"}
    changed = await client.patch(path, json={"owner_id": yolanda}, headers=any_version)
    assert changed.status_code == 422, "it is an act of its own"
    offer = await client.post(f"{path}/transfer", json={"owner_id": yolanda}, headers=any_version)
    assert offer.json()["kind"] == "owner"
    abigail = str(world.users["Abigail Fenwick"].id)
    assert (await client.get(path)).json()["owner_id"] == abigail
    theirs = sign_in(world.users["Yolanda Pruitt"])
    (waiting,) = (await theirs.get("/invitations")).json()["items"]
    answer = f"/invitations/{waiting['id']}/accept"
    assert (await theirs.post(answer, json={}, headers=any_version)).status_code == 200
    assert (await theirs.get(path)).json()["owner_id"] == yolanda


async def test_reception_has_no_part_in_a_pets_health(world: Loaded, sign_in: SignIn) -> None:
    path = f"/pets/{world.pets['Abigail Fenwick/Biscuit'].id}"
    names = ("Abigail Fenwick", "Teresa Delgado", "Miriam Okafor")
    owner, reception, treating = [
        (await sign_in(world.users[name]).get(path)).json() for name in names
    ]
    assert reception["medical_history"].keys() == {"allergies"}
    assert "notes" not in reception
    assert owner["medical_history"] == treating["medical_history"]
    assert "created_by_id" in treating
    assert "created_by_id" not in owner


async def test_a_manager_gives_away_nothing_that_is_another_s(
    world: Loaded, sign_in: SignIn
) -> None:
    manager = sign_in(world.users["Walter Brandvold"])
    path = f"/pets/{world.pets['Abigail Fenwick/Biscuit'].id}"
    to = {"owner_id": str(world.users["Marcus Oyelaran"].id)}
    answer = await manager.post(f"{path}/transfer", json=to, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


async def test_a_microchip_belongs_to_one_pet(world: Loaded, sign_in: SignIn) -> None:
    chip = world.pets["Marcus Oyelaran/Duke"].microchip
    client = sign_in(world.users["Abigail Fenwick"])
    answer = await client.post("/pets", json=REX | {"microchip": chip})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")


async def test_a_deleted_pet_is_gone(world: Loaded, sign_in: SignIn) -> None:
    client = sign_in(world.users["Abigail Fenwick"])
    path = f"/pets/{world.pets['Abigail Fenwick/Pretzel'].id}"
    tag = {"If-Match": (await client.get(path)).headers["etag"]}
    assert (await client.delete(path, headers=tag)).status_code == 204
    assert (await client.get(path)).status_code == 404


async def test_every_fault_of_a_request_is_named_and_no_value_repeated(
    world: Loaded, sign_in: SignIn
) -> None:
    client = sign_in(world.users["Abigail Fenwick"])
    sent = {"name": "Rex", "species": "dragon", "microchip": "not-a-chip", "weight_kg": "3"}
    answer = await client.post("/pets", json=sent)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["code"] == "invalid_input"
    fields = {issue["field"] for issue in document["details"]["issues"]}
    assert fields == {"body.species", "body.microchip"}
    assert "not-a-chip" not in answer.text
