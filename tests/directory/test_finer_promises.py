"""What else a search and the nearest clinics promise: words in any order, parts, places and limits."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.examples import clinic, membership, pet, user, veterinarian
from vetcore import clock
from vetcore.database import Database
from vetcore.directory import (
    MatchedBy,
    nearest_clinics,
    search_owners,
    search_pets,
    search_veterinarians,
)
from vetcore.errors import InvalidInput, InvalidValue
from vetcore.models import ClinicClosure, Pet, PetCoOwner, User, Veterinarian
from vetcore.values.animals import Species
from vetcore.values.clinics import ServiceType
from vetcore.values.matching import NEAR
from vetcore.values.people import Role
from vetcore.values.services import ServiceCatalog, ServiceOffering

HERE = (47.6062, -122.3321)


async def _store(db: Database, *rows: Any) -> None:
    async with db.transaction() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def _names(db: Database, wanted: str, **options: Any) -> list[str]:
    async with db.session() as session:
        return [each.item.last_name for each in await search_owners(session, wanted, **options)]


# Searching


async def test_a_name_is_found_in_either_order_and_with_a_comma(db: Database) -> None:
    await _store(db, user(first_name="Ana Maria", last_name="Silva"))
    for wanted in (
        "Ana Maria Silva",
        "Silva Ana Maria",
        "Silva, Ana Maria",
        "  silva  ",
        "ánà maria",
    ):
        async with db.session() as session:
            found = await search_owners(session, wanted)
        assert [each.item.last_name for each in found] == ["Silva"], wanted
        assert found[0].matched is MatchedBy.NAME


@pytest.mark.parametrize(
    ("wanted", "matched", "is_near"),
    [
        ("ana.silva@example.com", MatchedBy.EMAIL, True),
        ("ANA.SILVA@EXAMPLE.COM", MatchedBy.EMAIL, True),
        ("ana.silvo@example.com", MatchedBy.EMAIL, True),
        ("silva@exam", MatchedBy.EMAIL, False),
        ("a.silva", MatchedBy.EMAIL, False),
        ("+1 (206) 555-0123", MatchedBy.PHONE, True),
        ("2065550123", MatchedBy.PHONE, True),
        ("2065550124", MatchedBy.PHONE, True),
        ("555-01", MatchedBy.PHONE, False),
    ],
)
async def test_a_person_is_found_by_the_whole_and_by_a_part(
    db: Database, wanted: str, matched: MatchedBy, *, is_near: bool
) -> None:
    person = user(email="ana.silva@example.com", phone="+12065550123", last_name="Xu")
    await _store(db, person, user(last_name="Qi", phone="+493012345678"))
    async with db.session() as session:
        (found,) = await search_owners(session, wanted)
    assert (found.item.last_name, found.matched) == ("Xu", matched)
    assert (found.score >= NEAR) is is_near
    assert found.score <= 1


@pytest.mark.parametrize("wanted", ["", "   ", "%", "*", '"', "\x00", "x" * 421, "Xu" + " " * 900])
async def test_what_names_nobody_finds_nobody(db: Database, wanted: str) -> None:
    await _store(db, user(last_name="Xu"), pet(name="Rex"))
    async with db.session() as session:
        for search in (search_pets, search_owners, search_veterinarians):
            assert await search(session, wanted) == []


@pytest.mark.parametrize("wanted", ["a_silva", "a%a", "a\\\\.silva", "a/.silva"])
async def test_no_character_of_a_part_stands_for_another(db: Database, wanted: str) -> None:
    await _store(db, user(email="ana.silva@example.com", last_name="Xu"))
    await _store(db, pet(name="Rex", license_number="ana.silva1", license_jurisdiction="US-X"))
    async with db.session() as session:
        assert await search_owners(session, wanted) == []
        assert await search_pets(session, f"{wanted}1") == []


async def test_a_part_that_is_more_of_a_number_scores_more(db: Database) -> None:
    await _store(
        db,
        pet(name="Rex", license_number="K5551", license_jurisdiction="US-X"),
        pet(name="Bo", license_number="K55512345", license_jurisdiction="US-X"),
    )
    async with db.session() as session:
        found = await search_pets(session, "555")
        assert [each.item.name for each in found] == ["Rex", "Bo"]
        assert 0.5 < found[1].score < found[0].score < NEAR


async def test_who_has_no_pet_is_an_owner_by_role_only(db: Database) -> None:
    owner, vet, keeper = (
        user(last_name="Xu A", role=Role.PET_OWNER),
        user(last_name="Xu B", role=Role.VETERINARIAN),
        user(last_name="Xu C", role=Role.VETERINARIAN),
    )
    place = clinic()
    await _store(db, owner, vet, keeper, place, pet(keeper, primary_clinic_id=place.id))
    assert await _names(db, "Xu") == ["Xu A", "Xu C"]
    assert await _names(db, "Xu", clinic_id=place.id) == ["Xu C"]
    assert await _names(db, "Xu", where=[User.last_name != "Xu A"]) == ["Xu C"]


async def test_conditions_and_a_co_owner_count_in_a_search_of_pets(db: Database) -> None:
    owner, other, stranger = user(), user(), user()
    rex, cat = pet(owner, name="Rex"), pet(stranger, name="Rex", species=Species.CAT)
    await _store(db, owner, other, stranger, rex, cat)
    await _store(db, PetCoOwner(pet_id=rex.id, user_id=other.id))
    async with db.session() as session:
        for options, wanted in (
            ({}, {rex.id, cat.id}),
            ({"owner_id": owner.id}, {rex.id}),
            ({"owner_id": other.id}, {rex.id}),
            ({"owner_id": stranger.id}, {cat.id}),
            ({"species": Species.CAT}, {cat.id}),
            ({"where": [Pet.species == Species.DOG]}, {rex.id}),
        ):
            found = await search_pets(session, "Rex", **options)  # type: ignore[arg-type]
            assert {each.item.id for each in found} == wanted, options


async def test_whoever_must_not_see_an_owner_finds_no_pet_by_them(db: Database) -> None:
    owner = user(first_name="Owena", last_name="Xu")
    await _store(db, owner, pet(owner, name="Max"))
    async with db.session() as session:
        assert len(await search_pets(session, "Owena Xu")) == 1
        hidden = [User.id != owner.id]
        assert await search_pets(session, "Owena Xu", owner_where=hidden) == []


async def test_an_owner_who_is_merely_alike_leads_to_a_pet_where_nobody_is_nearer(
    db: Database,
) -> None:
    owner = user(first_name="Ana", last_name="Silverton")
    await _store(db, owner, pet(owner, name="Max"))
    async with db.session() as session:
        (found,) = await search_pets(session, "Ana Silveira")
        assert (found.item.name, found.matched) == ("Max", MatchedBy.OWNER)
        (same,) = await search_pets(session, "Ana Silverton")
        assert found.score < same.score < NEAR


async def test_a_veterinarian_is_found_by_person_and_by_licence(db: Database) -> None:
    person, other = user(first_name="Vera", last_name="Xu"), user(last_name="Qi")
    place = clinic()
    vet = veterinarian(person, license_number="VT12345", species_treated=(Species.CAT,))
    every = veterinarian(other, license_number="ZZ99999")
    await _store(db, person, other, place, vet, every, membership(person, place))
    async with db.session() as session:
        for wanted, matched in (
            ("Vera Xu", MatchedBy.NAME),
            (str(person.email), MatchedBy.EMAIL),
            ("VT12345", MatchedBy.LICENSE_NUMBER),
            ("vt12345", MatchedBy.LICENSE_NUMBER),
            ("T1234", MatchedBy.LICENSE_NUMBER),
        ):
            (found,) = await search_veterinarians(session, wanted)
            assert (found.item.id, found.matched) == (vet.id, matched), wanted
        for options, count in (
            ({"species": Species.CAT}, 1),
            ({"species": Species.DOG}, 0),
            ({"clinic_id": place.id}, 1),
            ({"where": [Veterinarian.id != vet.id]}, 0),
        ):
            assert len(await search_veterinarians(session, "Vera Xu", **options)) == count, options  # type: ignore[arg-type]
        (qi,) = await search_veterinarians(session, "ZZ99999", species=Species.DOG)
        assert qi.item.id == every.id, "who names no species treats them all"
        assert await search_veterinarians(session, "ZZ99999", clinic_id=place.id) == []


async def test_every_page_of_mixed_matches_together_is_the_whole(db: Database) -> None:
    owner = user(first_name="Bella", last_name="Bella")
    animals = [pet(name=name) for name in ("Bella", "Bella", "Bela", "Bellas", "Belladonna")]
    owned = [pet(owner, name="Bella"), pet(owner, name="Max")]
    await _store(db, owner, *animals, *owned)
    async with db.session() as session:
        whole = [each.item.id for each in await search_pets(session, "Bella")]
        assert len(whole) == len(set(whole)) >= 6
        for limit in (1, 2, 5):
            keys: list[object] = []
            cursor = None
            for _ in range(10):
                part = await search_pets(session, "Bella", limit=limit, after=cursor)
                keys += [each.item.id for each in part]
                cursor = part.next_cursor
                if cursor is None:
                    break
            assert keys == whole, limit
        for search in (search_owners, search_veterinarians):
            first = await search_pets(session, "Bella", limit=1)
            with pytest.raises(InvalidValue, match="after"):
                await search(session, "Bella", after=first.next_cursor)
        with pytest.raises(InvalidValue, match="limit: must be positive"):
            await search_pets(session, "Bella", limit=0)


# Clinics


async def _near(db: Database, **options: Any) -> list[str]:
    async with db.session() as session:
        return [each.clinic.name for each in await nearest_clinics(session, *HERE, **options)]


def _north(metres: float, **given: Any) -> Any:
    return clinic(latitude=HERE[0] + metres / 111_170, longitude=HERE[1], **given)


async def test_ten_clinics_are_told_unless_it_is_said_and_none_where_none_is_wanted(
    db: Database,
) -> None:
    await _store(db, *(_north(100 * n, name=f"{n:02}") for n in range(12)))
    assert await _near(db) == [f"{n:02}" for n in range(10)]
    assert await _near(db, limit=0) == []
    assert await _near(db, limit=12) == [f"{n:02}" for n in range(12)]
    async with db.session() as session:
        exact = await nearest_clinics(session, *HERE, limit=12)
        assert exact.next_cursor is None
        assert (await nearest_clinics(session, *HERE, limit=11)).next_cursor is not None
        assert (await nearest_clinics(session, *HERE, limit=0)).next_cursor is None
        assert exact[0].distance_m < 0.001
        assert exact[1].distance_m == pytest.approx(100, abs=1)


@pytest.mark.parametrize(
    ("within", "names"),
    [
        (0, ["0"]),
        (1, ["0"]),
        (5_000, ["0", "1"]),
        (200_000, ["0", "1", "2"]),
        (3e7, ["0", "1", "2", "3"]),
    ],
)
async def test_a_clinic_is_found_however_far_it_lies_within_what_was_said(
    db: Database, within: float, names: list[str]
) -> None:
    await _store(
        db,
        _north(0, name="0"),
        _north(3_000, name="1"),
        _north(150_000, name="2"),
        clinic(latitude=-47.6, longitude=57.6, name="3"),
    )
    assert await _near(db, within_m=within) == names
    assert await _near(db) == ["0", "1", "2", "3"]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"limit": -1}, "limit"),
        ({"within_m": -1}, "within_m"),
        ({"within_m": float("nan")}, "within_m"),
        ({"open_at": datetime(2026, 3, 9)}, "open_at"),  # noqa: DTZ001 -- refused for it
        ({"after": "x"}, "after"),
    ],
)
async def test_a_wrong_question_about_clinics_is_told_by_its_field(
    db: Database, options: dict[str, Any], field: str
) -> None:
    async with db.session() as session:
        with pytest.raises(InvalidValue) as refused:
            await nearest_clinics(session, *HERE, **options)
        assert refused.value.details["field"] == field
        with pytest.raises(InvalidInput):
            await nearest_clinics(session, 90.1, 0)


async def test_what_a_clinic_offers_must_be_for_the_species(db: Database) -> None:
    exam, surgery = ServiceType.WELLNESS_EXAM, ServiceType.SURGERY
    of_cats = ServiceOffering(service=exam, duration_minutes=30, species=(Species.CAT,))
    of_all = ServiceOffering(service=exam, duration_minutes=30)
    await _store(
        db,
        _north(1, name="cats", services=ServiceCatalog(offerings=(of_cats,))),
        _north(2, name="all", services=ServiceCatalog(offerings=(of_all,))),
        _north(
            3,
            name="only dogs",
            services=ServiceCatalog(offerings=(of_all,)),
            species_treated=(Species.DOG,),
        ),
        _north(4, name="none", services=ServiceCatalog(offerings=())),
    )
    assert await _near(db, service=exam) == ["cats", "all", "only dogs"]
    assert await _near(db, service=exam, species=Species.CAT) == ["cats", "all"]
    assert await _near(db, service=exam, species=Species.DOG) == ["all", "only dogs"]
    assert await _near(db, species=Species.CAT) == ["cats", "all", "none"]
    assert await _near(db, service=surgery) == []


async def test_every_closure_of_a_clinic_counts_whoever_else_closes_in_between(
    db: Database,
) -> None:
    monday = datetime(2026, 3, 9, 18, tzinfo=UTC)
    first, second = (_north(n, name=str(n), opening_hours="Mo-Fr 08:00-18:00") for n in (1, 2))
    await _store(db, first, second)
    for place, day in ((first, 9), (second, 10), (first, 11)):
        on = date(2026, 3, day)
        closed = ClinicClosure(clinic_id=place.id, first_on=on, last_on=on, reason="repairs")
        await _store(db, closed)
    assert await _near(db, open_at=monday) == ["2"]


async def test_an_open_clinic_is_found_behind_shut_ones_and_by_pages(db: Database) -> None:
    monday = datetime(2026, 3, 9, 18, tzinfo=UTC)  # eleven in the morning there
    rows = [
        _north(
            n, name=f"{n:02}", opening_hours="Mo-Fr 08:00-18:00" if n % 4 == 3 else "Sa 08:00-12:00"
        )
        for n in range(16)
    ]
    await _store(db, *rows)
    shut = ClinicClosure(
        clinic_id=rows[3].id, first_on=date(2026, 3, 9), last_on=date(2026, 3, 9), reason="repairs"
    )
    await _store(db, shut)
    with clock.frozen(monday):
        assert await _near(db, open_at=monday) == ["07", "11", "15"]
        assert await _near(db, open_at=monday, limit=1) == ["07"]
        async with db.session() as session:
            first = await nearest_clinics(session, *HERE, open_at=monday, limit=2)
            rest = await nearest_clinics(
                session, *HERE, open_at=monday, limit=2, after=first.next_cursor
            )
        assert [each.clinic.name for each in (*first, *rest)] == ["07", "11", "15"]
        assert rest.next_cursor is None


@pytest.mark.parametrize("asked", ["4A1B2C3D4F", "4a1b2c3d4f", "4A1B 2C3D-4EE", "4a1b2c3de4"])
async def test_a_chip_is_found_by_one_misread_letter_in_any_case(db: Database, asked: str) -> None:
    await _store(db, pet(name="Nala", microchip="4A1B2C3D4E"))
    async with db.session() as session:
        (found,) = await search_pets(session, asked)
    assert (found.item.name, found.matched) == ("Nala", MatchedBy.MICROCHIP)


async def test_an_address_is_found_as_it_is_written_and_with_one_slip(db: Database) -> None:
    await _store(db, user(last_name="Perez", email="ana.perez@bücher.example"))
    for asked in (
        "ana.perez@bücher.example",
        "ana.peres@bücher.example",
        "ana.perez@bücer.example",
    ):
        assert await _names(db, asked) == ["Perez"]
