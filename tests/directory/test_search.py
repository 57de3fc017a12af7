"""Pets and people are found by what somebody remembers of them, the best answer first."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, text, update

from tests.examples import appointment, clinic, membership, pet, user, veterinarian
from vetcore.access import Actor, Membership, visible
from vetcore.database import Database
from vetcore.directory import (
    Found,
    MatchedBy,
    search_owners,
    search_pets,
    search_veterinarians,
)
from vetcore.directory.question import Question
from vetcore.errors import InvalidValue
from vetcore.models import Pet, PetCoOwner, User
from vetcore.values.animals import Species
from vetcore.values.matching import NEAR
from vetcore.values.people import Role

NAMES = (
    "Bella",
    "Bella Rose",
    "Bellatrix",
    "Bo",
    "Charlie",
    "D'Artagnan",
    "Fifty%Off",
    "Guðrún",
    "Łobuz",
    "Max_Power",
    "Mr. Charlie",
    "Rose",
    "STRAßE",
    "Sir Barks A Lot",
    "Wall-E",
    "Zoë",
    "Барсик",
    "Δίας",
    "小白",
)


@pytest.fixture
async def kennel(db: Database) -> Database:
    """A pet of each name."""
    async with db.transaction() as session:
        session.add_all([pet(name=name) for name in NAMES])
    return db


async def _names(db: Database, wanted: str, **filters: Any) -> list[str]:
    async with db.session() as session:
        return [found.item.name for found in await search_pets(session, wanted, **filters)]


BEST = [
    ("Bella", ["Bella", "Bella Rose", "Bellatrix"]),
    ("bela", ["Bella", "Bella Rose"]),
    ("Ebllatrix", ["Bellatrix"]),
    ("bellarose", ["Bella Rose"]),
    ("rose", ["Rose", "Bella Rose"]),
    ("CHRALIE", ["Charlie"]),
    ("Charlie", ["Charlie", "Mr. Charlie"]),
    ("zoe", ["Zoë"]),
    ("ZOÉ", ["Zoë"]),
    ("gudrun", ["Guðrún"]),
    ("lobuz", ["Łobuz"]),
    ("strasse", ["STRAßE"]),
    ("d\u2019artagnan", ["D'Artagnan"]),
    ("dartagnan", ["D'Artagnan"]),
    ("walle", ["Wall-E"]),
    ("barks lot", ["Sir Barks A Lot"]),
    ("барсик", ["Барсик"]),
    ("БРАСИК", ["Барсик"]),
    ("διας", ["Δίας"]),
    ("小白", ["小白"]),
    ("bo", ["Bo"]),
    ("B", ["Bo", "Bella", "Bellatrix"]),
    ("  Bo\t\n", ["Bo"]),
    ("fifty%off", ["Fifty%Off"]),
    ("max_power", ["Max_Power"]),
]


async def test_a_pet_is_found_whatever_case_accents_and_slips(
    kennel: Database, subtests: pytest.Subtests
) -> None:
    for wanted, best in BEST:
        with subtests.test(wanted):
            assert (await _names(kennel, wanted))[: len(best)] == best


NOTHING = [
    "",
    "  ",
    "%",
    "_",
    "*",
    '"',
    "%%%",
    "a*",
    '"" OR ""',
    "Xyzzy",
    "\x00",
    "\ud800",
    "a" * 10_000,
    "'; DROP TABLE pets; --",
    "\\",
    "NEAR(a b)",
    "😀",
    "᪲" * 10_000,
]


async def test_what_answers_to_nothing_finds_nothing_and_harms_nothing(
    kennel: Database, subtests: pytest.Subtests
) -> None:
    for wanted in NOTHING:
        with subtests.test(ascii(wanted[:20])):
            assert await _names(kennel, wanted) == []
            assert (await _names(kennel, "bo"))[0] == "Bo"


async def test_digits_are_those_that_numbers_are_stored_in(db: Database) -> None:
    async with db.session() as session:
        assert (await Question.of(session, "٣²７ 12-")).digits == "12"


async def test_an_asterisk_is_a_slip_of_the_pen_and_no_wildcard(kennel: Database) -> None:
    assert (await _names(kennel, "bella*rose"))[0] == "Bella Rose"
    assert "Bellatrix" not in await _names(kennel, "be*x")


async def test_the_score_says_how_sure_it_is(kennel: Database) -> None:
    async with kennel.session() as session:
        exact, words, *others = await search_pets(session, "bella")
        assert (exact.score, exact.matched) == (1.0, MatchedBy.NAME)
        assert NEAR < words.score < 1
        scores = [found.score for found in others]
        assert scores == sorted(scores, reverse=True)


async def test_whoever_writes_keeps_the_search_in_step(kennel: Database) -> None:
    async with kennel.transaction() as session:
        await session.execute(update(Pet).where(Pet.name == "Bo").values(name="Nepomuk"))
    assert await _names(kennel, "nepomuk") == ["Nepomuk"]
    assert "Bo" not in await _names(kennel, "bo")
    async with kennel.transaction() as session:
        await session.execute(text("UPDATE pets SET name = 'Sócrates' WHERE name = 'Nepomuk'"))
    assert await _names(kennel, "socrates") == ["Sócrates"]
    assert await _names(kennel, "nepomuk") == []
    async with kennel.transaction() as session:
        (animal,) = await session.scalars(select(Pet).where(Pet.name == "Sócrates"))
        animal.soft_delete()
    assert await _names(kennel, "socrates") == []


async def test_nothing_is_kept_of_a_name_that_nobody_bears_any_more(db: Database) -> None:
    ana, other = user(first_name="Ana", last_name="Silva", phone="+12065550123"), user()
    async with db.transaction() as session:
        session.add_all([ana, other])
    async with db.transaction() as session:
        await session.execute(
            update(User).where(User.id == ana.id).values(last_name="gone", phone=None)
        )
        await session.execute(update(User).where(User.id == other.id).values(last_name="gone"))
    if db.dialect == "sqlite":
        async with db.session() as session:
            listed = await session.scalars(text("SELECT first FROM search_names"))
            assert listed.all() == ["gone"]
            left = text("SELECT rowid FROM search_names_trigrams(:piece)")
            assert (await session.scalars(left, {"piece": '"sil"'})).all() == []
    async with db.session() as session:
        assert await search_owners(session, "Silva") == []
        assert await search_owners(session, "+12065550123") == []


WAYS = [
    ("985112003456789", MatchedBy.MICROCHIP),
    ("985 112 003 456 789", MatchedBy.MICROCHIP),
    ("985112003456798", MatchedBy.MICROCHIP),
    ("98511200345678", MatchedBy.MICROCHIP),
    ("S124529", MatchedBy.LICENSE_NUMBER),
    ("s124529", MatchedBy.LICENSE_NUMBER),
    ("s-124529", MatchedBy.LICENSE_NUMBER),
    ("S124592", MatchedBy.LICENSE_NUMBER),
    ("Ana Perez", MatchedBy.OWNER),
    ("perez, ana", MatchedBy.OWNER),
    ("perz", MatchedBy.OWNER),
    ("ANA.PEREZ@example.com", MatchedBy.OWNER),
    ("ana.peres@example.com", MatchedBy.OWNER),
    ("+1 206 555 0123", MatchedBy.OWNER),
    ("(206) 555-0123", MatchedBy.OWNER),
    ("555 0132", MatchedBy.OWNER),
]


async def test_a_pet_is_found_by_numbers_and_by_its_owner(
    db: Database, subtests: pytest.Subtests
) -> None:
    ana = user(
        first_name="Ana", last_name="Pérez", email="ana.perez@example.com", phone="+12065550123"
    )
    chipped = pet(
        ana,
        name="Nala",
        microchip="985112003456789",
        license_number="S124529",
        license_jurisdiction="US-WA-Seattle",
    )
    async with db.transaction() as session:
        session.add(ana)
        await session.flush()
        session.add_all([chipped, pet(name="Kiwi", microchip="985112009999999")])
    async with db.session() as session:
        for wanted, by in WAYS:
            with subtests.test(wanted):
                (found,) = await search_pets(session, wanted)
                assert (found.item.name, found.matched) == ("Nala", by)


@pytest.mark.parametrize("number", ["985112003456789", "977012345", "4A1B2C3D4E"])
async def test_a_microchip_of_every_length_is_known_for_certain(db: Database, number: str) -> None:
    """ISO numbers have fifteen digits; older chips nine, or ten characters."""
    async with db.transaction() as session:
        session.add(pet(name="Nala", microchip=number))
    async with db.session() as session:
        for written in (number, f"{number[:3]} {number[3:6]}-{number[6:]}", number.lower()):
            (found,) = await search_pets(session, written)
            assert (found.item.name, found.matched, found.score) == ("Nala", "microchip", 1)


async def test_a_pet_that_answers_in_several_ways_is_found_once(db: Database) -> None:
    luna, lee = user(first_name="Luna", last_name="Lee"), user(first_name="Kim", last_name="Lee")
    animals = [pet(luna, name="Luna"), pet(lee, name="Lee"), pet(luna, name="Rex"), pet(lee)]
    async with db.transaction() as session:
        session.add_all([luna, lee])
        await session.flush()
        session.add_all(animals)
        await session.flush()
        session.add(PetCoOwner(pet_id=animals[3].id, user_id=luna.id))
    for wanted, count in (("Lee", 4), ("Luna", 3), ("Luna Lee", 4)):
        async with db.session() as session:
            whole = [found.item.id for found in await search_pets(session, wanted)]
            assert len(whole) == len(set(whole)) >= count - 1
            assert await _walk(session, wanted, 1) == whole
            assert await _walk(session, wanted, 2) == whole


async def _walk(session: Any, wanted: str, limit: int) -> list[Any]:
    keys: list[Any] = []
    cursor: str | None = None
    while True:
        part = await search_pets(session, wanted, limit=limit, after=cursor)
        keys += [found.item.id for found in part]
        cursor = part.next_cursor
        if cursor is None:
            return keys


async def test_the_pages_of_a_search_together_are_the_search(kennel: Database) -> None:
    async with kennel.transaction() as session:
        session.add_all([pet(name=name) for name in ("Bella", "Bella", "Bela", "Belle", "Stella")])
    async with kennel.session() as session:
        whole = [found.item.id for found in await search_pets(session, "bella", limit=100)]
        assert len(whole) >= 7
        for limit in (1, 2, 3, len(whole)):
            assert await _walk(session, "bella", limit) == whole


async def test_a_cursor_of_another_search_is_refused(kennel: Database) -> None:
    async with kennel.session() as session:
        cursor = (await search_pets(session, "bella", limit=1)).next_cursor
        for search, wanted in ((search_pets, "rose"), (search_owners, "bella")):
            with pytest.raises(InvalidValue, match="is not a cursor of this list"):
                await search(session, wanted, after=cursor)
        with pytest.raises(InvalidValue, match="limit"):
            await search_pets(session, "bella", limit=0)


async def test_filters_restrict_a_search(db: Database) -> None:
    place, elsewhere, owner, friend, person = clinic(), clinic(), user(), user(), user()
    vet = veterinarian(person)
    mine, registered, seen, cat = (
        pet(owner, name="Bella"),
        pet(name="Bella", primary_clinic_id=place.id),
        pet(name="Bella"),
        pet(name="Bella", species=Species.CAT),
    )
    async with db.transaction() as session:
        session.add_all([place, elsewhere, owner, friend, person])
        await session.flush()
        session.add_all([vet, mine, registered, seen, cat])
        await session.flush()
        for_long = datetime(2100, 1, 1, tzinfo=UTC)
        session.add(appointment(place, vet, seen, patient_until=for_long))
        session.add(PetCoOwner(pet_id=mine.id, user_id=friend.id))
    async with db.session() as session:

        async def found(**filters: Any) -> set[Any]:
            return {each.item.id for each in await search_pets(session, "bela", **filters)}

        assert await found() == {mine.id, registered.id, seen.id, cat.id}
        assert await found(clinic_id=place.id) == {registered.id, seen.id}
        assert await found(clinic_id=elsewhere.id) == set()
        assert await found(owner_id=owner.id) == await found(owner_id=friend.id) == {mine.id}
        assert await found(species=Species.CAT) == {cat.id}
        assert await found(where=[visible(Pet, Actor(owner.id))]) == {mine.id}
        assert await found(where=[visible(Pet, Actor(person.id))]) == set()
        staff = Actor(person.id, memberships=frozenset({Membership(place.id, Role.RECEPTIONIST)}))
        assert await found(where=[visible(Pet, staff)]) == {registered.id, seen.id}


async def test_an_owner_who_may_not_be_seen_does_not_lead_to_their_pets(db: Database) -> None:
    owner, friend = user(email="secret@example.com"), user()
    animal = pet(owner, name="Kiwi")
    async with db.transaction() as session:
        session.add_all([owner, friend])
        await session.flush()
        session.add(animal)
        await session.flush()
        session.add(PetCoOwner(pet_id=animal.id, user_id=friend.id))
    actor = Actor(friend.id)
    async with db.session() as session:
        where = [visible(Pet, actor)]
        assert len(await search_pets(session, "kiwi", where=where)) == 1
        assert len(await search_pets(session, "secret@example.com", where=where)) == 1
        hidden = await search_pets(
            session, "secret@example.com", where=where, owner_where=[visible(User, actor)]
        )
        assert hidden == []


async def test_owners_are_found_by_name_in_any_order_and_by_contact(db: Database) -> None:
    ana = user(
        first_name="Ana María", last_name="Núñez", email="ana@example.com", phone="+442079460958"
    )
    bo = user(first_name="Bo", last_name="Li", role=Role.VETERINARIAN)
    ann = user(first_name="Ann", last_name="Nunes", role=Role.RECEPTIONIST)
    place = clinic()
    async with db.transaction() as session:
        session.add_all([ana, bo, ann, place])
        await session.flush()
        session.add_all([pet(ana, primary_clinic_id=place.id), pet(bo)])
    async with db.session() as session:

        async def first(wanted: str, **filters: Any) -> Any:
            found = await search_owners(session, wanted, **filters)
            return found[0].item.id if found else None

        for wanted in (
            "nunez",
            "Nuñez, Ana Maria",
            "ana maria nunez",
            "ana maria",
            "nunes ana maria",
        ):
            assert await first(wanted) == ana.id, wanted
        for wanted in ("ana@example.com", "+44 20 7946 0958", "020 7946 0958", "20 7946 0985"):
            assert await first(wanted) == ana.id, wanted
        assert await first("Bo Li") == await first("li") == bo.id
        assert await first("Ann Nunes") != ann.id
        assert await first("nunez", clinic_id=place.id) == ana.id
        assert await first("li", clinic_id=place.id) is None
        assert await first("nunez", where=[visible(User, Actor(bo.id))]) is None


async def test_veterinarians_are_found_by_name_and_licence(db: Database) -> None:
    ana, kim = user(first_name="Ana", last_name="Silva"), user(first_name="Kim", last_name="Silva")
    place = clinic()
    horses = veterinarian(kim, license_number="TX-99871", species_treated=(Species.HORSE,))
    anyone = veterinarian(ana, license_number="VT4711")
    async with db.transaction() as session:
        session.add_all([ana, kim, place, user(last_name="Silva")])
        await session.flush()
        session.add_all([horses, anyone])
        session.add_all([membership(ana, place), membership(kim, place, ends_on=date(2021, 1, 1))])
    async with db.session() as session:

        async def found(wanted: str, **filters: Any) -> list[Any]:
            return [each.item.id for each in await search_veterinarians(session, wanted, **filters)]

        assert set(await found("slva")) == {horses.id, anyone.id}
        assert (await found("kim silva"))[0] == horses.id
        assert await found("tx99871") == await found("TX-99871") == [horses.id]
        assert await found("vt4771") == [anyone.id]
        assert await found("silva", species=Species.CAT) == [anyone.id]
        assert await found("silva", clinic_id=place.id) == [anyone.id]


def test_what_is_found_says_so() -> None:
    found = Found("Bo", 1.0, MatchedBy.NAME)
    assert (found.item, found.score, found.matched) == ("Bo", 1.0, "name")
