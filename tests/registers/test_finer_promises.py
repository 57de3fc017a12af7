"""What else the registers promise, one by one: of words, days and ages."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.registers.samples import Write, imported, pets
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import InvalidValue
from vetcore.models import Pet
from vetcore.registers.days import born_at, order_of, read_day
from vetcore.registers.layouts import Layout, place_of
from vetcore.registers.reading import read_delimiter
from vetcore.registers.words.headings import known_headings
from vetcore.registers.words.sexes import read_both, read_neutered, read_sex
from vetcore.values.animals import Sex

HEAD = "license_number,name,species"
X: dict[str, Any] = {"jurisdiction": "US-X"}


@pytest.fixture(autouse=True)
def _in_2026() -> Iterator[None]:
    with clock.frozen(datetime(2026, 3, 9, 12, tzinfo=UTC)):
        yield


# What the caller says


async def test_an_owners_number_tells_nothing_beside_a_licence_number(
    db: Database, write: Write
) -> None:
    path = write(f"{HEAD},keeper", "1,Rex,dog,7")
    with pytest.raises(InvalidValue, match="owner_number: can have no effect beside license"):
        await imported(db, path, columns={"owner_number": "keeper"}, **X)


@pytest.mark.parametrize(
    ("of_layout", "said", "known"),
    [("FR", None, "FR"), ("FR", "uk", "GB"), (None, None, "DE"), (None, " at ", "AT")],
)
async def test_the_country_that_is_said_goes_before_the_layouts_and_that_before_the_jurisdictions(
    db: Database, write: Write, of_layout: str | None, said: str | None, known: str
) -> None:
    columns = {"license_number": "license_number", "name": "name", "species": "species"}
    layout = Layout(name="mine", jurisdiction="DE-X", columns=columns, country=of_layout)
    report = await imported(db, write(HEAD, "1,Rex,dog"), layout=layout, country=said)
    assert report.recognized is not None
    assert report.recognized.country == known


async def test_blanks_around_a_word_that_is_not_known_are_no_part_of_it(
    db: Database, write: Write
) -> None:
    path = write(
        f"{HEAD},status,age,as_of",
        "1,Rex,dog,  adrift ,  huge ,2020-01-01",
        "2,Bo,dog,dead,2 years,2020-01-01",
    )
    report = await imported(db, path, columns={"as_of": "as_of", "age": "age"}, **X)
    assert report.unknown == {"status": {"adrift": 1}, "age": {"huge": 1}}


def test_a_column_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(InvalidValue) as refused:
        place_of("Tag", "license_number", ["Name", "Kind"])
    assert refused.value.details["expected"] == "one of Name, Kind"
    for position in ("#0", "#3", "#-1"):
        with pytest.raises(InvalidValue, match="is no column of this file"):
            place_of(position, "name", ["Name", "Kind"])
    assert place_of("#2", "name", ["Name", "Kind"]) == 1


@pytest.mark.parametrize("bad", ["", ",,", "a", "7", '"', "\n", "\r", "commas"])
def test_a_delimiter_is_one_character_that_no_value_is_made_of(bad: str) -> None:
    with pytest.raises(InvalidValue, match="is not one character between values"):
        read_delimiter(bad)


def test_a_delimiter_may_be_named() -> None:
    named = {" Tab ": "\t", "\\t": "\t", "COMMA": ",", "semicolon": ";", "pipe": "|", "space": " "}
    assert {each: read_delimiter(each) for each in (*named, "~")} == named | {"~": "~"}


# Days and ages


@pytest.mark.parametrize(
    "text",
    [
        "123/4/2020",
        "1/2/345",
        "2020-1-123",
        "4th",
        "May 20",
        "May 5 6 2020",
        "31/4/2020",
        "May five 2020",
        "May 4 MMXX",
        "0/1/2020",
    ],
)
def test_what_is_nearly_a_day_is_none(text: str) -> None:
    assert read_day(text, True, "2026-03-09") is None


@pytest.mark.parametrize(
    ("text", "iso", "precision"),
    [
        ("1970", "1970-01-01", "year"),
        ("2199", "2199-01-01", "year"),
        ("1970-12", "1970-12-01", "month"),
        ("12/1970", "1970-12-01", "month"),
        ("2020 mai 4", "2020-05-04", "day"),
        ("Monday, 4th of May 2020", "2020-05-04", "day"),
        ("4th May 2020", "2020-05-04", "day"),
        ("May 4, 20", "2020-05-04", "day"),
        ("1er mai 2020", "2020-05-01", "day"),
        ("May 2020", "2020-05-01", "month"),
        ("20200504", "2020-05-04", "day"),
        ("4.5.99", "1999-05-04", "day"),
    ],
)
def test_a_day_says_how_much_of_it_is_known(text: str, iso: str, precision: str) -> None:
    assert read_day(text, True, "2026-03-09") == (iso, precision)


@pytest.mark.parametrize("text", ["1969", "2200", "31/12/1969"])
def test_no_day_lies_before_1970_or_after_2199(text: str) -> None:
    assert read_day(text, True, "2026-03-09") is None


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("13/12/2020", "day"),
        ("12/13/2020", "month"),
        ("12/12/2020", None),
        ("11/12/2020", "either"),
        ("11.12.2020", "either."),
        ("13/13/2020", None),
        ("0/12/2020", None),
        ("11/12/202", None),
        ("11/12/20", "either"),
        ("2020/11/12", None),
        ("  13/1/2020 ", "day"),
    ],
)
def test_only_a_number_above_twelve_shows_what_is_first(text: str, order: str | None) -> None:
    assert order_of(text) == order


@pytest.mark.parametrize(
    ("age", "born"),
    [
        ("under 2 years", "2019-03-04"),
        ("< 1 year", "2019-09-04"),
        ("less 2 weeks", "2020-02-26"),
        ("2-4 years", "2017-03-04"),
        ("2 to 4 years", "2017-03-04"),
        ("2 years to 4 years", "2017-03-04"),
        ("1 year 6 months", "2018-09-04"),
        ("0.5 years", "2019-09-04"),
        ("1.5 months", "2020-01-18"),
        ("10 days", "2020-02-23"),
        ("3", "2017-03-04"),
        ("about 3 years old", "2017-03-04"),
        ("2400 months", "1820-03-04"),
    ],
)
def test_an_age_is_counted_back_from_its_day(age: str, born: str) -> None:
    assert born_at(age, "2020-03-04") == born


@pytest.mark.parametrize("age", ["-2 years", "3 eggs", "senior", "", "n/a", "2 years or so"])
def test_what_is_no_age_says_nothing_of_the_birth(age: str) -> None:
    assert born_at(age, "2020-03-04") is None


def test_nobody_was_born_before_the_calendar_begins() -> None:
    assert born_at("300 weeks", "0001-02-03") is None
    assert born_at("2 years", "0001-02-03") is None


@pytest.mark.parametrize(
    ("heading", "born"),
    [
        ("Age (months)", date(2018, 3, 4)),
        ("Age in weeks", date(2019, 9, 18)),
        ("Age", date(1996, 3, 4)),
    ],
)
async def test_the_heading_says_what_an_age_counts_in(
    db: Database, write: Write, heading: str, born: date
) -> None:
    path = write(f"{HEAD},{heading},as_of", "1,Rex,dog,24,2020-03-04", "2,Bo,dog,,2020-03-04")
    report = await imported(db, path, columns={"age": heading, "as_of": "as_of"}, **X)
    found = await pets(db)
    assert (found["1"].born_on, found["1"].birth_date_is_estimate) == (born, True)
    assert (found["2"].born_on, found["2"].birth_date_is_estimate) == (None, False)
    assert (report.adjusted, report.refused) == (0, 0), "a blank is no age, and no fault"


async def test_a_date_of_birth_goes_before_an_age(db: Database, write: Write) -> None:
    path = write(f"{HEAD},born_on,age,as_of", "1,Rex,dog,2015-02-03,2 years,2020-03-04")
    await imported(db, path, columns={"as_of": "as_of"}, **X)
    assert (await pets(db))["1"].born_on == date(2015, 2, 3)


@pytest.mark.parametrize(
    ("said", "cell", "rule", "expected"),
    [
        (
            True,
            "4/25/2020",
            "does not have the day first: line 2 says '4/25/2020'",
            "--month-first",
        ),
        (
            False,
            "25/4/2020",
            "does not have the month first: line 2 says '25/4/2020'",
            "--day-first",
        ),
    ],
)
async def test_what_is_said_of_dates_that_show_otherwise_is_refused_with_what_would_be_right(  # noqa: PLR0913
    db: Database, write: Write, cell: str, rule: str, expected: str, *, said: bool
) -> None:
    path = write(f"{HEAD},born_on", f"1,Rex,dog,{cell}", "2,Bo,dog,3/4/2020")
    with pytest.raises(InvalidValue, match=re.escape(f"born_on: {rule}")) as refused:
        await imported(db, path, day_first=said, **X)
    assert refused.value.details["expected"] == expected
    report = await imported(db, path, day_first=not said, **X)
    assert (report.inserted, report.refused) == (2, 0)
    assert (await pets(db))["2"].born_on == (date(2020, 3, 4) if said else date(2020, 4, 3))


@pytest.mark.parametrize(
    ("until", "due_on"), [("2027-05-06", date(2027, 5, 6)), ("", date(2027, 1, 2))]
)
async def test_the_next_dose_is_due_when_the_register_or_else_the_guidelines_say(
    db: Database, write: Write, until: str, due_on: date
) -> None:
    columns = {"vaccinated_on": "rabies date", "vaccinated_until": "valid until"}
    path = write(
        f"{HEAD},born_on,rabies date,valid until", f"1,Rex,dog,2020-01-02,2026-01-02,{until}"
    )
    await imported(db, path, columns=columns, **X)
    found = (await pets(db))["1"]
    assert found.next_vaccination_due_on == due_on
    (dose,) = found.vaccinations
    assert dose.valid_until == (date(2027, 5, 6) if until else None)


async def test_what_a_register_does_not_say_is_not_known(db: Database, write: Write) -> None:
    await imported(db, write(HEAD, "1,Rex,dog"), **X)
    found = (await pets(db))["1"]
    assert (found.born_on, found.died_on, found.color, found.postal_code) == (None,) * 4
    assert (found.birth_date_is_estimate, found.is_neutered, found.sex) == (
        False,
        None,
        Sex.UNKNOWN,
    )
    assert (found.vaccinations, found.next_vaccination_due_on, found.breeds) == ((), None, ())


async def test_a_vaccination_of_some_day_of_a_year_is_none(db: Database, write: Write) -> None:
    path = write(f"{HEAD},rabies date", "1,Rex,dog,2020", "2,Bo,dog,2020-05")
    report = await imported(db, path, columns={"vaccinated_on": "rabies date"}, **X)
    assert report.reasons == {"vaccinated_on: does not say the day": 2}


async def test_a_birth_after_a_known_death_is_not_taken_over(db: Database, write: Write) -> None:
    await imported(db, write(HEAD, "1,Rex,dog"), **X)
    rex = (await pets(db))["1"]
    async with db.transaction() as session:
        (await session.get_one(Pet, rex.id)).died_on = date(2012, 1, 1)
    path = write(f"{HEAD},born_on", "1,Max,dog,2015")
    report = await imported(db, path, update=True, **X)
    found = (await pets(db))["1"]
    assert (report.updated, found.name, found.born_on) == (1, "Max", None)
    assert (found.died_on, found.birth_date_is_estimate) == (date(2012, 1, 1), False)


# Words


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("N° chip", "license_number"),
        ("DogName", "name"),
        ("AnimalName", "name"),
        ("BreedOfDog", None),
        ("Dog", None),
    ],
)
def test_a_heading_may_say_that_it_is_about_the_animal(heading: str, field: str | None) -> None:
    found = known_headings([heading])
    assert (field in found) if field else ("name" not in found and "breed" not in found)


@pytest.mark.parametrize("heading", ["Age", "Sex", "Gender"])
def test_beside_a_keepers_number_only_what_is_called_the_animals_is_its_own(heading: str) -> None:
    field = {"Gender": "sex"}.get(heading, heading.lower())
    assert field not in known_headings(["Owner ID", "DogName", heading])
    assert [
        place for _, place in known_headings(["Owner ID", heading, f"Dog {heading}"])[field]
    ] == [2]
    assert field in known_headings(["Owner ID", "Name", heading]), "nothing is called the animal's"
    assert field in known_headings(["DogName", heading])


@pytest.mark.parametrize(
    ("word", "sex", "neutered"),
    [
        ("Male true", Sex.MALE, True),
        ("fs", Sex.FEMALE, True),
        ("m/i", Sex.MALE, False),
        ("male and female", None, None),
        ("neutered male, not", Sex.MALE, False),
        ("not neutered", None, False),
        ("unknown whether spayed", None, None),
    ],
)
def test_what_a_sex_says_beside_itself(word: str, sex: Sex | None, neutered: bool | None) -> None:
    found = read_sex(word)
    assert (found.sex, found.neutered) == (sex, neutered)


@pytest.mark.parametrize(
    ("word", "neutered"),
    [
        ("2020-05-04", True),
        ("5 2020", None),
        ("Y", True),
        ("N", False),
        ("1", True),
        ("0", False),
        ("spayed", True),
        ("", None),
        ("unknown", None),
    ],
)
def test_a_day_of_neutering_is_a_yes(word: str, neutered: bool | None) -> None:
    assert read_neutered(word).neutered is neutered


@pytest.mark.parametrize(
    ("word", "sex", "neutered"),
    [
        ("Yes / Male", Sex.MALE, True),
        ("No / Female", Sex.FEMALE, False),
        ("/ Male", Sex.MALE, None),
        ("F/S", Sex.FEMALE, True),
        ("Yes / Intact Male", Sex.MALE, False),
    ],
)
def test_of_two_in_one_cell_the_sexes_own_word_goes_first(
    word: str, sex: Sex, neutered: bool | None
) -> None:
    found = read_both(word)
    assert (found.sex, found.neutered) == (sex, neutered)
