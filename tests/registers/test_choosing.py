"""Which column holds what: found, said, and refused where it could have no effect."""

from datetime import date

import pytest

from tests.registers.samples import Write, imported, pets
from vetcore.database import Database
from vetcore.errors import InvalidValue
from vetcore.registers import Layout, layout_of
from vetcore.values.animals import PetStatus, Sex, Species

HEAD = "id,name,species"
X = {"jurisdiction": "GB-X"}


async def test_two_columns_of_one_heading_are_refused_with_both_positions(
    db: Database, write: Write
) -> None:
    path = write("id,name,species,sex,Name", "1,Ana Silva,dog,FS,Rex")
    for options in ({}, {"columns": {"name": "NAME"}}):
        with pytest.raises(InvalidValue, match=r"columns 2 and 5.*--map name=#2 or --map name=#5"):
            await imported(db, path, **X, **options)
    await imported(db, path, columns={"name": "#5"}, **X)
    assert (await pets(db))["1"].name == "Rex"


async def test_two_columns_that_nobody_uses_may_share_a_heading(db: Database, write: Write) -> None:
    report = await imported(db, write(f"{HEAD},note,note", "1,Rex,dog,a,b"), **X)
    assert report.recognized is not None
    assert (report.inserted, report.recognized.unused) == (1, ["note", "note"])


@pytest.mark.parametrize("position", ["#0", "#4", "#x", "#-1"])
async def test_a_position_that_there_is_not_is_named(
    db: Database, write: Write, position: str
) -> None:
    with pytest.raises(InvalidValue, match=position):
        await imported(db, write(HEAD, "1,Rex,dog"), columns={"name": position}, **X)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("EUTHANIZE", PetStatus.DECEASED),
        ("DISPOSAL", PetStatus.DECEASED),
        ("ADOPTION", PetStatus.REHOMED),
        ("RETURN TO OWNER", PetStatus.ACTIVE),
        ("MISSING", PetStatus.LOST),
    ],
)
async def test_a_mapped_status_has_its_effect(
    db: Database, write: Write, word: str, status: PetStatus
) -> None:
    path = write(
        f"{HEAD},OUTCOME,given,until",
        f"1,Rex,dog,{word},2025-06-01,2028-06-01",
        "2,Max,dog,,2025-06-01,2028-06-01",
    )
    columns = {"status": "OUTCOME", "vaccinated_on": "given", "vaccinated_until": "until"}
    await imported(db, path, columns=columns, **X)
    found = await pets(db)
    assert found["1"].status is status
    due_on = None if status is PetStatus.DECEASED else date(2028, 6, 1)
    assert found["1"].next_vaccination_due_on == due_on
    assert found["2"].status is PetStatus.ACTIVE


@pytest.mark.parametrize("field", ["status", "sex", "neutered", "neutered_and_sex", "species"])
async def test_a_mapping_of_which_no_word_is_known_is_refused(
    db: Database, write: Write, field: str
) -> None:
    path = write(f"{HEAD},zorgs", "1,Rex,dog,zig", "2,Max,dog,zag")
    with pytest.raises(InvalidValue, match=rf"{field}: is mapped to zorgs.*zag, zig"):
        await imported(db, path, columns={field: "zorgs"}, **X)
    assert await pets(db) == {}


async def test_a_mapping_of_dates_without_a_date_is_refused(db: Database, write: Write) -> None:
    path = write(f"{HEAD},zorgs", "1,Rex,dog,zig", "2,Max,dog,")
    with pytest.raises(InvalidValue, match=r"born_on: is mapped to a column that has no date.*zig"):
        await imported(db, path, columns={"born_on": "zorgs"}, **X)


@pytest.mark.parametrize(
    ("field", "needed"),
    [("vaccine", "vaccinated_on"), ("vaccinated_until", "vaccinated_on"), ("age", "as_of")],
)
async def test_a_mapping_that_says_nothing_alone_is_refused(
    db: Database, write: Write, field: str, needed: str
) -> None:
    path = write(f"{HEAD},zorgs", "1,Rex,dog,3")
    with pytest.raises(InvalidValue, match=f"{field}: can have no effect without {needed}"):
        await imported(db, path, columns={field: "zorgs"}, **X)


async def test_words_that_are_not_known_are_counted_by_value(db: Database, write: Write) -> None:
    path = write(
        f"{HEAD},sex,breed,status",
        "1,Rex,dog,zig,Beagle,Active",
        "2,Max,dog,zig,Zorgle,zag",
        "3,Ada,dog,F,Beagle / Zorgle,Active",
        "4,Bo,dragon,F,,",
    )
    report = await imported(db, path, **X)
    assert report.unknown == {
        "sex": {"zig": 2},
        "breed": {"Zorgle": 2},
        "status": {"zag": 1},
        "species": {"dragon": 1},
    }
    assert (report.inserted, report.refused) == (3, 1)
    assert report.adjusted == 5
    assert report.as_dict()["unknown"] == {
        key: dict(value) for key, value in report.unknown.items()
    }


async def test_what_is_set_is_the_same_for_all_or_fills_the_blanks(
    db: Database, write: Write
) -> None:
    path = write("id,name,sex", "1,Rex,M", "2,,F", "3,NULL,", "4,NO NAME,M")
    given = {"species": "Hund", "name": "Unnamed", "sex": "weiblich", "born_on": "2020-05-01"}
    report = await imported(db, path, given=given, **X)
    found = await pets(db)
    assert report.inserted == 4
    assert [found[each].name for each in "1234"] == ["Rex", "Unnamed", "Unnamed", "Unnamed"]
    assert {each.species for each in found.values()} == {Species.DOG}
    assert {each.born_on for each in found.values()} == {date(2020, 5, 1)}
    assert (found["1"].sex, found["3"].sex) == (Sex.MALE, Sex.FEMALE)


async def test_blanks_around_what_is_set_are_no_part_of_it(db: Database, write: Write) -> None:
    given = {"species": " Hund ", "name": "\tUnnamed "}
    report = await imported(db, write("id,name", "1,", "2,Rex"), given=given, **X)
    assert report.recognized is not None
    assert report.recognized.given == {"species": "Hund", "name": "Unnamed"}
    found = await pets(db)
    assert (found["1"].name, found["2"].name) == ("Unnamed", "Rex")


async def test_a_column_of_species_none_of_which_is_known_is_not_passed_over(
    db: Database, write: Write
) -> None:
    report = await imported(db, write(HEAD, "1,Rex,dragon", "2,Bo,griffin"), **X)
    assert dict(report.reasons) == {"species: is not known": 2}
    assert dict(report.unknown["species"]) == {"dragon": 1, "griffin": 1}


async def test_without_a_name_set_an_animal_without_one_is_refused(
    db: Database, write: Write
) -> None:
    path = write(
        HEAD, "1,,dog", "2,NULL,dog", "3,-,dog", "4,*BISCUIT,dog", "5,UNKNOWN,dog", "6,Nan,dog"
    )
    report = await imported(db, path, **X)
    assert dict(report.reasons) == {"name: is blank": 3}
    assert {pet.name for pet in (await pets(db)).values()} == {"BISCUIT", "UNKNOWN", "Nan"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"species": "dragon"}, "species: is set to a word that is not known"),
        ({"status": "zig"}, "status: is set to a word"),
        ({"sex": "zig"}, "sex: is set to a word"),
        ({"neutered": "zig"}, "neutered: is set to a word"),
        ({"neutered_and_sex": "zig"}, "neutered_and_sex: is set to a word"),
        ({"age": "zig", "as_of": "2026-03-08"}, "age: is set to a word"),
        ({"born_on": "3/4/2020"}, "born_on: is set to"),
        ({"born_on": "zig"}, "born_on: is set to what is no date"),
        ({"born_on": "2026-02-30"}, "born_on: is set to what is no date"),
        ({"nickname": "x"}, "nickname"),
        ({"license_number": "7"}, "license_number"),
        ({"name": " "}, "name: is set to nothing"),
    ],
)
async def test_what_is_set_must_be_known(
    db: Database, write: Write, given: dict[str, str], told: str
) -> None:
    with pytest.raises(InvalidValue, match=told):
        await imported(db, write(HEAD, "1,Rex,dog"), given=given, **X)


async def test_a_register_without_species_or_names_says_how_to_give_them(
    db: Database, write: Write
) -> None:
    with pytest.raises(InvalidValue, match=r"--set name=Unknown or --set species=dog"):
        await imported(db, write("id,colour", "1,brown"), **X)


async def test_animals_without_a_number_are_known_by_what_is_said_of_them(
    db: Database, write: Write
) -> None:
    rows = ("Rex,M,2019,Beagle", "Rex,M,2019,Beagle", "Ada,F,2020,Pug")
    path = write("AnimalName,AnimalGender,AnimalBirthYear,BreedName", *rows)
    given = {"species": "dog"}
    first = await imported(db, path, given=given, **X)
    assert (first.inserted, first.superseded) == (3, 0)
    assert first.recognized is not None
    assert first.recognized.by_content
    more = write("AnimalName,AnimalGender,AnimalBirthYear,BreedName", "Bo,M,2021,Boxer", *rows)
    second = await imported(db, more, given=given, **X)
    assert (second.inserted, second.unchanged) == (1, 3)


async def test_a_column_that_may_number_the_animals_is_asked_for(
    db: Database, write: Write
) -> None:
    with pytest.raises(InvalidValue, match="--map license_number='Dossier Nr'"):
        await imported(db, write("Dossier Nr,name,species", "1,Rex,dog"), **X)


async def test_a_letter_means_a_species_beside_the_others(db: Database, write: Write) -> None:
    await imported(db, write(HEAD, "1,Rex,C", "2,Ada,F"), **X)
    found = await pets(db)
    assert (found["1"].species, found["2"].species) == (Species.DOG, Species.CAT)
    await imported(db, write(HEAD, "3,Rex,D   ", "4,Ada,C"), jurisdiction="GB-Y")
    found = await pets(db)
    assert (found["3"].species, found["4"].species) == (Species.DOG, Species.CAT)


async def test_sex_and_neutering_of_two_columns_are_put_together(
    db: Database, write: Write
) -> None:
    path = write(
        f"{HEAD},Gender,De-sexed",
        *(
            "1,Rex,dog,M,Y",
            "2,Ada,dog,F,N",
            "3,Bo,dog,Spayed,",
            "4,Cy,dog,Unknown,Y",
            "5,Di,dog,F,",
        ),
    )
    await imported(db, path, **X)
    found = await pets(db)
    assert [(found[each].sex, found[each].is_neutered) for each in "12345"] == [
        (Sex.MALE, True),
        (Sex.FEMALE, False),
        (Sex.FEMALE, True),
        (Sex.UNKNOWN, True),
        (Sex.FEMALE, None),
    ]


async def test_a_status_column_whose_words_say_something_else_is_left_unused(
    db: Database, write: Write
) -> None:
    report = await imported(db, write(f"{HEAD},Stato", "1,Rex,dog,Toscana"), jurisdiction="IT-X")
    assert report.recognized is not None
    assert (report.adjusted, report.recognized.unused) == (0, ["Stato"])


def test_a_known_layout_is_known_in_other_letters() -> None:
    header = (
        "License Issue Date,LICENSE_NUMBER,Animal Name,Species,Primary Breed,Secondary Breed,Zip"
    )
    assert layout_of(f"{header} Code".split(",")) is not None
    assert layout_of(header.split(",")) is None


async def test_a_layout_of_ones_own_may_say_the_order_of_its_dates(
    db: Database, write: Write
) -> None:
    layout = Layout(
        name="mine",
        jurisdiction="CA-X",
        columns={"license_number": "tag", "name": "called", "species": "kind", "born_on": "born"},
        day_first=True,
    )
    await imported(db, write("Tag,Called,Kind,Born", "1,Rex,dog,3/4/2020"), layout=layout)
    assert (await pets(db))["1"].born_on == date(2020, 4, 3)
