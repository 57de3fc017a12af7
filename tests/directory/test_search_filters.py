"""What was deleted leads nowhere, whatever the session sees, and what a search changes for itself it changes back."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from tests.examples import appointment, clinic, membership, pet, user, veterinarian
from vetcore import clock
from vetcore.database import Database
from vetcore.directory import MatchedBy, search_owners, search_pets, search_veterinarians
from vetcore.values.matching import NEAR

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


async def _store(db: Database, *rows: Any) -> None:
    async with db.transaction() as session:
        for row in rows:
            session.add(row)
            await session.flush()


@pytest.mark.parametrize("every", [False, True])
async def test_what_was_deleted_makes_nobody_a_patient(db: Database, *, every: bool) -> None:
    place, person, owner = clinic(), user(), user(first_name="Owena", last_name="Xu")
    vet, animal = veterinarian(person), pet(owner, name="Bella")
    await _store(db, place, person, owner, vet, animal)
    visit = appointment(place, vet, animal)
    await _store(db, visit)
    async with db.session(include_deleted=every) as session:
        for search, wanted in ((search_pets, "Bella"), (search_owners, "Owena")):
            assert len(await search(session, wanted, clinic_id=place.id)) == 1
    visit.deleted_at = NOW
    await _store(db, visit)
    async with db.session(include_deleted=every) as session:
        for search, wanted in ((search_pets, "Bella"), (search_owners, "Owena")):
            assert len(await search(session, wanted, clinic_id=place.id)) == 0


@pytest.mark.parametrize("every", [False, True])
async def test_a_deleted_owner_leads_to_no_pet(db: Database, *, every: bool) -> None:
    owner = user(first_name="Owena", last_name="Xu", email="owena@example.com")
    await _store(db, owner, pet(owner, name="Bella"))
    async with db.session(include_deleted=every) as session:
        assert len(await search_pets(session, "owena@example.com")) == 1
    owner.deleted_at = NOW
    await _store(db, owner)
    async with db.session(include_deleted=every) as session:
        for wanted in ("owena@example.com", "Owena Xu"):
            assert await search_pets(session, wanted) == []
            assert await search_owners(session, wanted) == []
        assert len(await search_pets(session, "Bella")) == 1, "the pet itself is there"
        assert await search_pets(session, "Bella", owner_id=owner.id) == []


@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize(
    ("given", "is_found"),
    [
        ({}, True),
        ({"deleted_at": NOW}, False),
        ({"ends_on": NOW.date()}, True),
        ({"ends_on": NOW.date().replace(day=8)}, False),
    ],
)
async def test_a_post_that_was_deleted_or_has_ended_is_none(
    db: Database, *, every: bool, given: dict[str, Any], is_found: bool
) -> None:
    place, person = clinic(), user(first_name="Vera", last_name="Xu")
    await _store(db, place, person, veterinarian(person), membership(person, place, **given))
    with clock.frozen(NOW):
        async with db.session(include_deleted=every) as session:
            assert len(await search_veterinarians(session, "Vera Xu")) == 1
            here = await search_veterinarians(session, "Vera Xu", clinic_id=place.id)
    assert len(here) == is_found


async def test_a_pet_of_that_name_comes_before_a_pet_of_an_owner_of_that_name(
    db: Database,
) -> None:
    owner = user(first_name="Rosa", last_name="Bella")
    slip, owned = pet(name="Bela"), pet(owner, name="Max")
    await _store(db, owner, slip, owned)
    async with db.session() as session:
        found = await search_pets(session, "Bella Rosa")
        assert [each.matched for each in found] == [MatchedBy.OWNER]
        assert found[0].score < NEAR, "even an owner's whole name is less than a slip in the pet's"
        both = await search_pets(session, "Bella")
    assert both[0].item.id == slip.id


async def test_three_characters_of_a_number_find_it_and_two_do_not(db: Database) -> None:
    await _store(db, pet(name="Rex", license_number="K5551", license_jurisdiction="US-X"))
    async with db.session() as session:
        assert len(await search_pets(session, "555")) == 1
        assert len(await search_pets(session, "55")) == 0


async def test_a_page_has_twenty_unless_it_is_said(db: Database) -> None:
    person = user(first_name="Rex", last_name="Rex")
    owners = [user(first_name="Rex", last_name=f"Rex {chr(97 + n)}") for n in range(21)]
    await _store(db, person, *owners, *(pet(name="Rex") for _ in range(21)))
    async with db.session() as session:
        for search in (search_pets, search_owners):
            page = await search(session, "Rex")
            assert (len(page), page.next_cursor is not None) == (20, True), search.__name__


async def test_a_search_leaves_the_settings_of_its_transaction_as_they_were(db: Database) -> None:
    if db.dialect == "sqlite":
        return  # It has no such setting.
    await _store(db, pet(name="Bella"))
    limit = text("SELECT current_setting('pg_trgm.word_similarity_threshold')")
    change = text("SELECT set_config('pg_trgm.word_similarity_threshold', '0.9', true)")
    async with db.session() as session:
        await search_pets(session, "Bellatrixa")
        assert await session.scalar(limit) == "0.6"
        await session.execute(change)
        await search_pets(session, "Bellatrixa")
        assert await session.scalar(limit) == "0.9"


async def test_of_more_pets_of_one_name_than_a_page_has_each_is_on_one_page(db: Database) -> None:
    await _store(db, *(pet(name="Bella") for _ in range(5)))
    async with db.session() as session:
        whole = [found.item.id for found in await search_pets(session, "Bella")]
        for limit in (1, 2, 3, 4):
            keys, cursor = [], None
            while len(keys) < len(whole):
                page = await search_pets(session, "Bella", limit=limit, after=cursor)
                keys += [found.item.id for found in page]
                cursor = page.next_cursor
                if cursor is None:
                    break
            assert keys == whole, limit


async def test_a_number_that_is_written_as_at_home_is_known_for_certain(db: Database) -> None:
    await _store(db, user(phone="+442079460958"))
    async with db.session() as session:
        for wanted in ("020 7946 0958", "20 7946 0958", "+44 20 7946 0958"):
            (found,) = await search_owners(session, wanted)
            assert (found.matched, found.score) == (MatchedBy.PHONE, 1.0), wanted


async def test_what_is_merely_alike_fills_no_page_before_better_answers(db: Database) -> None:
    owner = user(first_name="Bo", last_name="Bo")
    owned = pet(owner, name="Max")
    await _store(db, owner, owned, pet(name="Bobo A"), pet(name="Bobo B"))
    async with db.session() as session:
        (best,) = await search_pets(session, "bo bo", limit=1)
    assert (best.item.id, best.matched) == (owned.id, MatchedBy.OWNER)


async def test_where_an_owner_answers_those_merely_alike_lead_to_no_pet(db: Database) -> None:
    ana = user(first_name="Ana", last_name="Silveira")
    alike = user(first_name="Ana", last_name="Silverton")
    mine, other = pet(ana, name="Max"), pet(alike, name="Rex")
    await _store(db, ana, alike, mine, other)
    async with db.session() as session:
        found = await search_pets(session, "Ana Silveira")
        assert [each.item.id for each in found] == [mine.id]
        people = [each.item.id for each in await search_owners(session, "Ana Silveira")]
        assert people == [ana.id, alike.id], "whoever looks for people is shown both"


async def test_a_number_as_long_as_its_column_is_found_whatever_its_case(db: Database) -> None:
    number = "Ab" * 31 + "12"
    await _store(db, pet(license_number=number, license_jurisdiction="US-X"))
    async with db.session() as session:
        (found,) = await search_pets(session, number.swapcase())
        assert found.item.license_number == number
        assert await search_pets(session, number + "3") == []
