"""Registers of other places, in the layouts that they have."""

import csv
import gzip
from collections import Counter
from pathlib import Path

import pytest

from tests.registers.samples import REAL, Write, imported, pets
from vetcore.database import Database
from vetcore.errors import InvalidValue
from vetcore.registers import Layout
from vetcore.registers.words.sexes import read_both
from vetcore.values.animals import PetStatus, Sex, Species

SHELTER = (
    "Name,Type,Breed,Color,Sex,Size,Date Of Birth,Animal ID,Intake Date,Outcome Date,Intake Type,Outcome Type,Outcome Condition,Outcome Zip Code",
    "PLUM,DOG,CHIHUAHUA SH/MIX,TAN,Spayed,SMALL,04/12/2019,A1,02/03/2023,02/09/2023,STRAY,ADOPTION,HEALTHY,95401",
    ",CAT,DOMESTIC SH,TABBY,Female,KITTN,05/01/2023,A2,05/20/2023,05/20/2023,STRAY,EUTHANIZE,SICK,",
    "*BUN,DOG,AM PIT BULL TER/LABRADOR RETR,BLUE,Neutered,LARGE,11/30/2020,A3,01/15/2023,,STRAY,RETURN TO OWNER,,95407",
    "JUNE,OTHER,RABBIT SH,WHITE,Unknown,SMALL,06/06/2022,A4,07/01/2022,07/30/2022,STRAY,TRANSFER,,94952",
    "REX,DOG,POODLE STND,APRICOT,Male,LARGE,02/29/2020,A5,02/28/2023,,STRAY,,PENDING,95403",
)
SWISS = (
    "HALTER_ID;ALTER;GESCHLECHT;STADTKREIS;RASSE1;RASSE1_MISCHLING;RASSE2;GEBURTSJAHR_HUND;GESCHLECHT_HUND;HUNDEFARBE",
    "126;61-70;m;9;Welsh Terrier;;;2011;w;schwarz/braun",
    "574;61-70;w;2;Mischling klein;;;2012;m;braun",
    "695;41-50;m;6;Französische Bulldogge;;;2020;w;beige",
    "695;41-50;m;6;Mops;Mischling;Chihuahua;2021;w;beige",
)
AUSTRALIAN = (
    "AnimalType,Name,SpecificBreed,PrimaryBreed,PrimaryColour,De-sexed,Gender,Date of Birth,Locality,Registration",
    "D         ,Rusty,POODLETOY ,POODLE,Grey      ,Y,F,03/04/2015,BAY,70001",
    "D         ,Bluey,AUSTCATTLE,CATTLE,Blue      ,N,M,25/12/2019,BAY,70002",
    "Cat       ,Tilly,DOMSHORTH ,DOMEST,Tabby     ,Y,F,07/11/2021,SHORE,70003",
)
TEXAN = (
    "Animal ID,Name,DateTime,MonthYear,Date of Birth,Outcome Type,Outcome Subtype,Animal Type,Sex upon Outcome,Age upon Outcome,Breed,Color",
    "A100,*Rex,05/08/2019 06:20:00 PM,May 2019,05/02/2017,Rto-Adopt,,Dog,Neutered Male,2 years,Chihuahua Shorthair Mix,Brown",
    "A101,,07/18/2018 04:02:00 PM,Jul 2018,,Adoption,Foster,Cat,Intact Female,3 weeks,Domestic Shorthair Mix,Black",
    "A102,Ada,08/16/2020 11:38:00 AM,Aug 2020,08/16/2019,Euthanasia,,Other,Unknown,1 year,Raccoon,Gray",
)
OF_NEW_YORK = (
    "AnimalName,AnimalGender,AnimalBirthYear,BreedName,ZipCode,LicenseIssuedDate,LicenseExpiredDate",
    "PAIGE,F,2014,American Pit Bull Mix / Pit Bull Mix,10035,09/12/2014,09/12/2017",
    "UNKNOWN,M,2020,Unknown,11201,02/11/2024,02/11/2025",
)


async def test_a_shelter_of_california(db: Database, write: Write) -> None:
    report = await imported(db, write(*SHELTER), jurisdiction="US-CA-X", given={"name": "Unnamed"})
    assert (report.inserted, report.refused, report.adjusted) == (5, 0, 0)
    found = await pets(db)
    assert {number: (pet.sex, pet.is_neutered, pet.status) for number, pet in found.items()} == {
        "A1": (Sex.FEMALE, True, PetStatus.REHOMED),
        "A2": (Sex.FEMALE, None, PetStatus.DECEASED),
        "A3": (Sex.MALE, True, PetStatus.ACTIVE),
        "A4": (Sex.UNKNOWN, None, PetStatus.REHOMED),
        "A5": (Sex.MALE, None, PetStatus.ACTIVE),
    }
    assert found["A3"].breeds == ("American Pit Bull Terrier", "Labrador Retriever")
    assert (found["A4"].species, found["A5"].breeds) == (Species.RABBIT, ("Standard Poodle",))
    assert (found["A2"].name, found["A3"].name) == ("Unnamed", "BUN")


async def test_the_dogs_of_a_swiss_city(db: Database, write: Write) -> None:
    given = {"species": "dog", "name": "Hund"}
    path = write(*SWISS)
    report = await imported(db, path, jurisdiction="CH-ZH-X", given=given)
    assert (report.inserted, report.adjusted) == (4, 0)
    found = list((await pets(db)).values())
    # The columns of age and sex without HUND are the keeper's.
    assert Counter(pet.sex for pet in found) == {Sex.FEMALE: 3, Sex.MALE: 1}
    assert {pet.birth_date_is_estimate for pet in found} == {True}
    assert ("Pug", "Chihuahua") in {pet.breeds for pet in found}
    assert (await imported(db, path, jurisdiction="CH-ZH-X", given=given)).unchanged == 4


async def test_an_australian_council(db: Database, write: Write) -> None:
    report = await imported(db, write(*AUSTRALIAN), jurisdiction="AU-X")
    assert (report.inserted, report.adjusted) == (3, 0)
    found = await pets(db)
    assert [(str(pet.born_on), pet.sex, pet.is_neutered) for _, pet in sorted(found.items())] == [
        ("2015-04-03", Sex.FEMALE, True),
        ("2019-12-25", Sex.MALE, False),
        ("2021-11-07", Sex.FEMALE, True),
    ]
    assert found["70001"].breeds == ("Toy Poodle",)


async def test_a_shelter_of_texas(db: Database, write: Write) -> None:
    report = await imported(db, write(*TEXAN), jurisdiction="US-TX-X", given={"name": "Unnamed"})
    found = await pets(db)
    assert report.refused == 0
    assert (found["A100"].sex, found["A100"].is_neutered) == (Sex.MALE, True)
    assert (found["A100"].status, found["A102"].status) == (PetStatus.ACTIVE, PetStatus.DECEASED)
    assert (str(found["A101"].born_on), found["A101"].birth_date_is_estimate) == (
        "2018-06-27",
        True,
    )
    assert (found["A101"].is_neutered, found["A100"].birth_date_is_estimate) == (False, False)


async def test_licences_of_new_york(db: Database, write: Write) -> None:
    report = await imported(
        db, write(*OF_NEW_YORK), jurisdiction="US-NY-NYC", given={"species": "dog"}
    )
    assert (report.inserted, report.adjusted) == (2, 0)
    names = {pet.name: str(pet.born_on) for pet in (await pets(db)).values()}
    assert names == {"PAIGE": "2014-01-01", "UNKNOWN": "2020-01-01"}


TWO_HEADINGS = ("id\tname\tspecies\tsex\tname", "1\tAna Silva\tdog\tFS\tRex")
OF_WASHINGTON = (
    "animalN,name,DOB,species,breed,color,gender,licenseN,licenseStatus,statusDT,licenseType,licenseIssuer,licenseCost,licenseLength,expireD,renewal,rabiesVac,vacDate,reVacD",
    "A1,Jack,8/26/2013,Dog,Brittany / Border Collie,White / Brown,No / Male,1,Expired,4/27/2016 1:00:00 AM,Dog License,Department,$50.00,,6/30/2014,No,,,",
    'A2,Toco,12/13/2013,Dog,"Poodle, Toy / Mix",Apricot,Yes / Male,2,Expired,4/27/2016 1:00:00 AM,Dog License,Department,$15.00,,6/30/2014,No,,,',
    "A3,Ada,2/1/2015,Dog,Beagle,Black,Yes / Female,3,Active,4/27/2016 1:00:00 AM,Dog License,Department,$15.00,,6/30/2017,No,RABIES,3/4/2016,3/4/2019",
    "A4,Bo,3/14/2015,Dog,Pug,Fawn,No / Female,4,Active,4/27/2016 1:00:00 AM,Dog License,Department,$50.00,,6/30/2017,No,RABIES,3/14/2016,3/14/2019",
)
OF_SEATTLE = (
    "rownames,license_issue_date,license_number,animal_name,species,primary_breed,secondary_breed,zip_code",
    '1,2018-11-16,8001,Wall-E,Dog,"Mixed Breed, Medium (up to 44 lbs fully grown)",Mix,98108',
    '2,2018-11-11,S1002,Andre,Dog,"Terrier, Jack Russell","Dachshund, Standard Wire Haired",98117',
    "3,2018-11-21,8003,Mochi,Cat,Domestic Shorthair,,98101",
)
SAMPLES = {
    "city_ch.csv": SWISS,
    "city_us_year.csv": OF_NEW_YORK,
    "council_au.csv": AUSTRALIAN,
    "shelter_us.csv": SHELTER,
    "two_headings.tsv": TWO_HEADINGS,
    "dc_dogs.csv": OF_WASHINGTON,
    "seattle_pets.csv": OF_SEATTLE,
}
"""What is read where the files of other places are not there: a few rows of the same layouts."""


def _lines(name: str) -> tuple[str, ...]:
    for path in (REAL / name, REAL / "layouts" / name):
        if path.exists():
            return tuple(path.read_text(encoding="utf-8-sig").splitlines())
    return SAMPLES[name]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("city_ch.csv", {"jurisdiction": "CH-X", "given": {"species": "dog", "name": "Hund"}}),
        ("city_us_year.csv", {"jurisdiction": "US-X", "given": {"species": "dog"}}),
        ("council_au.csv", {"jurisdiction": "AU-X"}),
        ("shelter_us.csv", {"jurisdiction": "US-X", "given": {"name": "Unnamed"}}),
        ("two_headings.tsv", {"jurisdiction": "GB-X", "columns": {"name": "#5"}}),
    ],
)
async def test_the_layouts_of_others_come_in_whole(
    db: Database, write: Write, name: str, options: dict[str, object]
) -> None:
    report = await imported(db, write(*_lines(name)), **options)
    assert (report.inserted, report.refused) == (report.read, 0)
    assert not {"sex", "neutered", "status", "species"} & report.unknown.keys()


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_sex_and_neutering_of_a_real_register_are_what_it_says(
    db: Database, write: Write
) -> None:
    path = write(*_lines("dc_dogs.csv"))
    report = await imported(db, path)
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert report.read == len(rows)
    said = {row["animalN"]: row["gender"] for row in rows}
    assert not {"sex", "neutered", "neutered_and_sex", "status"} & report.unknown.keys()
    for number, pet in (await pets(db)).items():
        neutered, _, sex = said[number].partition(" / ")
        assert (pet.sex, pet.is_neutered) == (sex.lower(), neutered == "Yes"), number
    assert {read_both(text).is_understood for text in said.values()} == {True}


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_a_large_real_register_is_hardly_changed(db: Database, tmp_path: Path) -> None:
    heading, *rows = _lines("seattle_pets.csv")
    some = rows[:: 1 + len(rows) // 5_000]  # one in eleven says what all of them say
    path = tmp_path / "seattle.csv.gz"
    path.write_bytes(gzip.compress("\n".join([heading, *some]).encode(), 1))
    report = await imported(db, path)
    assert report.read == len(some)
    assert report.recognized is not None
    assert report.recognized.dates == {"as_of": "each can be read in one way only"}
    assert set(report.unknown) <= {"breed"}
    assert report.unknown.get("breed", Counter[str]()).total() <= report.read * 0.03


async def test_a_layout_of_ones_own_needs_no_column_for_what_is_set(
    db: Database, write: Write
) -> None:
    town = Layout(
        name="town", jurisdiction="GB-X", columns={"license_number": "id", "name": "called"}
    )
    path = write("id,called", "1,Rex")
    report = await imported(db, path, layout=town, given={"species": "dog"})
    assert report.inserted == 1
    with pytest.raises(InvalidValue, match="species: is not mapped to a column"):
        await imported(db, path, layout=town)


async def test_a_column_that_is_said_goes_before_that_of_the_layout(
    db: Database, write: Write
) -> None:
    columns = {"license_number": "id", "name": "called", "species": "species"}
    town = Layout(name="town", jurisdiction="GB-X", columns=columns)
    path = write("id,called,species,nickname", "1,Rex,dog,Bo")
    await imported(db, path, layout=town, columns={"name": "nickname"})
    assert (await pets(db))["1"].name == "Bo"
