"""Dates: how they are written is found in the column itself, and never guessed in silence."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from time import perf_counter

import pytest

from tests.registers.samples import Write, imported, pets
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import InvalidValue
from vetcore.registers.days import born_at, order_of, read_day

HEAD = "license_number,name,species,born_on"


@pytest.fixture(autouse=True)
def _in_2026() -> Iterator[None]:
    with clock.frozen(datetime(2026, 3, 9, tzinfo=UTC)):
        yield


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2.1.2020", "2020-01-02"),
        ("2. 1. 2020", "2020-01-02"),
        ("1/2/20", "2020-02-01"),
        ("01-02-2020", "2020-02-01"),
        ("2020/1/2", "2020-01-02"),
        ("2020-1-2", "2020-01-02"),
        ("20200102", "2020-01-02"),
        ("2020-01-02T23:30:00Z", "2020-01-02"),
        ("2020-01-02 00:00:00.000", "2020-01-02"),
        ("2020-01-02T00:00:00+02:00", "2020-01-02"),
        ("2/1/2020 1:00:00 AM", "2020-01-02"),
        ("2020 Jan 02 12:00:00", "2020-01-02"),
        ("January 2, 2020", "2020-01-02"),
        ("Thursday, January 2nd, 2020", "2020-01-02"),
        ("2. Jänner 2020", "2020-01-02"),
        ("2 février 2020", "2020-02-02"),
        ("1er août 2020", "2020-08-01"),
        ("2 de enero de 2020", "2020-01-02"),
        ("2 gennaio 2020", "2020-01-02"),
        ("2 mrt 2020", "2020-03-02"),
        ("2-Jan-20", "2020-01-02"),
        ("43831", "2020-01-01"),
        ("43831.0", "2020-01-01"),
        ("43831.75", "2020-01-01"),
    ],
)
def test_a_day_is_read_however_it_is_written(text: str, day: str) -> None:
    found = read_day(text, day_first=True, latest="2026-03-09")
    assert found is not None
    assert (found.iso, found.precision) == (day, "day")


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("2018", "2018-01-01", "year"),
        ("2018.0", "2018-01-01", "year"),
        ("2018-04", "2018-04-01", "month"),
        ("04/2018", "2018-04-01", "month"),
        ("Apr 2018", "2018-04-01", "month"),
    ],
)
def test_a_year_or_a_month_is_less_than_a_day(text: str, day: str, precision: str) -> None:
    found = read_day(text, day_first=True, latest="2026-03-09")
    assert found is not None
    assert tuple(found) == (day, precision)


@pytest.mark.parametrize(
    "text",
    [
        "30/2/2020",
        "31.4.2020",
        "2020-13-01",
        "5012",
        "1/2/3",
        "1/2/202",
        "99999999",
        "soon",
        "13/13/2020",
        "1/2/2020x",
    ],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert read_day(text, day_first=True, latest="2026-03-09") is None


@pytest.mark.parametrize(("text", "day"), [("9/3/26", "2026-03-09"), ("1/2/99", "1999-02-01")])
def test_a_year_of_two_digits_is_no_birth_to_come(text: str, day: str) -> None:
    found = read_day(text, day_first=True, latest="2026-03-09")
    assert found is not None
    assert found.iso == day
    # Tomorrow's date is one of a hundred years ago: too old for an animal, so it is none.
    assert read_day("10/3/26", day_first=True, latest="2026-03-09") is None


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("25/04/2020", "day"),
        ("4/25/20", "month"),
        ("3/4/2020", "either"),
        ("3.4.2020", "either."),
        ("3/3/2020", None),
        ("2020-04-03", None),
        ("April 3, 2020", None),
    ],
)
def test_a_date_shows_the_order_of_day_and_month_or_does_not(text: str, order: str | None) -> None:
    assert order_of(text) == order


@pytest.mark.parametrize(
    ("age", "born"),
    [
        ("2 years", "2018-03-04"),
        ("1 YEAR OLD", "2019-03-04"),
        ("3 weeks", "2020-02-12"),
        ("2 years 3 months", "2017-12-04"),
        ("2Y 3M", "2017-12-04"),
        ("5 Monate", "2019-10-04"),
        ("1,5 Jahre", "2018-09-04"),
        ("2 ans", "2018-03-04"),
        ("2 años", "2018-03-04"),
        ("3 mesi", "2019-12-04"),
        ("4 jaar", "2016-03-04"),
        ("4 days", "2020-02-29"),
        ("2-4 years", "2017-03-04"),
        ("0 years", "2020-03-04"),
        ("7", "2013-03-04"),
    ],
)
def test_an_age_on_a_day_is_about_a_day_of_birth(age: str, born: str) -> None:
    assert born_at(age, "2020-03-04") == born


@pytest.mark.parametrize("age", ["-1 years", "adult", "", "N/A", "999 years", "2 moons"])
def test_what_is_no_age_is_none(age: str) -> None:
    assert born_at(age, "2020-03-04") is None


@pytest.mark.parametrize(
    "text",
    ["1" * 100_000, "1/" * 50_000, "1 " * 50_000, "2020-01-02 " + "1" * 100_000, " " * 99_999],
)
def test_dates_and_ages_are_read_in_time_that_grows_with_their_length(text: str) -> None:
    started = perf_counter()
    read_day(text, day_first=True, latest="2026-03-09")
    order_of(text)
    born_at(text, "2020-03-04")
    assert perf_counter() - started < 0.5


@pytest.mark.parametrize(
    ("options", "born_on"),
    [
        ({"jurisdiction": "GB-X"}, date(2020, 4, 3)),
        ({"jurisdiction": "DE-X"}, date(2020, 4, 3)),
        ({"jurisdiction": "US-X"}, date(2020, 3, 4)),
        ({"jurisdiction": "X", "country": "AU"}, date(2020, 4, 3)),
        ({"jurisdiction": "X", "country": "us"}, date(2020, 3, 4)),
        ({"jurisdiction": "US-X", "country": "NZ"}, date(2020, 4, 3)),
        ({"jurisdiction": "US-X", "day_first": True}, date(2020, 4, 3)),
        ({"jurisdiction": "GB-X", "day_first": False}, date(2020, 3, 4)),
        ({"jurisdiction": "CA-X", "day_first": True}, date(2020, 4, 3)),
    ],
)
async def test_three_four_is_read_as_the_country_or_the_caller_says(
    db: Database, write: Write, options: dict[str, object], born_on: date
) -> None:
    report = await imported(db, write(HEAD, "1,Rex,dog,03/04/2020"), **options)
    assert (await pets(db))["1"].born_on == born_on
    assert report.recognized is not None
    assert "comes first" in report.recognized.dates["born_on"]


@pytest.mark.parametrize(
    ("shown", "born_on"), [("25/04/2020", date(2020, 4, 3)), ("4/25/2020", date(2020, 3, 4))]
)
@pytest.mark.parametrize("jurisdiction", ["GB-X", "US-X", "CA-X"])
async def test_any_row_of_a_column_shows_how_all_of_it_is_read(
    db: Database, write: Write, shown: str, born_on: date, jurisdiction: str
) -> None:
    many = [f"{number},Rex,dog,03/04/2020" for number in range(1, 6001)]
    path = write(HEAD, *many, f"9999,Max,dog,{shown}")
    report = await imported(db, path, jurisdiction=jurisdiction)
    assert (report.inserted, report.refused) == (6001, 0)
    assert (await pets(db))["1"].born_on == born_on
    assert report.recognized is not None
    assert f"'{shown}' (line 6002)" in report.recognized.dates["born_on"]


async def test_a_column_that_contradicts_itself_is_refused_with_both_rows(
    db: Database, write: Write
) -> None:
    path = write(HEAD, "1,Rex,dog,25/04/2020", "2,Max,dog,01/02/2020", "3,Ada,dog,04/25/2020")
    with pytest.raises(InvalidValue) as refused:
        await imported(db, path, jurisdiction="GB-X")
    for told in ("born_on", "'25/04/2020' (line 2)", "'04/25/2020' (line 4)", "--day-first"):
        assert told in str(refused.value)
    assert await pets(db) == {}
    said = await imported(db, path, jurisdiction="GB-X", day_first=True)
    assert (said.inserted, said.refused) == (2, 1)


async def test_what_is_said_against_the_column_is_refused(db: Database, write: Write) -> None:
    path = write(HEAD, "1,Rex,dog,03/04/2020", "2,Max,dog,04/25/2020")
    with pytest.raises(InvalidValue, match=r"line 3 says '04/25/2020'.*--month-first"):
        await imported(db, path, jurisdiction="GB-X", day_first=True)


async def test_what_nothing_decides_is_not_guessed(db: Database, write: Write) -> None:
    path = write(HEAD, "1,Rex,dog,03/04/2020")
    for jurisdiction in ("Atlantis", "CA-ON"):
        with pytest.raises(InvalidValue, match=r"two ways.*'03/04/2020' \(line 2\).*--day-first"):
            await imported(db, path, jurisdiction=jurisdiction)
    assert await pets(db) == {}
    await imported(db, write(HEAD, "1,Rex,dog,03.04.2020"), jurisdiction="Atlantis")
    assert (await pets(db))["1"].born_on == date(2020, 4, 3)


async def test_another_column_of_the_file_shows_it_too(db: Database, write: Write) -> None:
    path = write(f"{HEAD},date of death", "1,Rex,dog,03/04/2020,25/12/2024")
    await imported(db, path, jurisdiction="Atlantis")
    rex = (await pets(db))["1"]
    assert (rex.born_on, rex.died_on, rex.status) == (
        date(2020, 4, 3),
        date(2024, 12, 25),
        "deceased",
    )


async def test_each_column_is_read_by_its_own_dates(db: Database, write: Write) -> None:
    path = write(
        f"{HEAD},date of death",
        "1,Rex,dog,03/04/2020,12/25/2024",
        "2,Max,dog,25/04/2020,03/04/2024",
    )
    await imported(db, path, jurisdiction="GB-X")
    found = await pets(db)
    assert (found["1"].born_on, found["2"].died_on) == (date(2020, 4, 3), date(2024, 3, 4))


async def test_a_year_alone_is_an_estimate_and_a_day_is_none(db: Database, write: Write) -> None:
    path = write("id;name;species;Geburtsjahr", "1;Rex;Hund;2018", "2;Max;Hund;3.4.2019")
    await imported(db, path, jurisdiction="CH-ZH")
    found = await pets(db)
    assert (found["1"].born_on, found["1"].birth_date_is_estimate) == (date(2018, 1, 1), True)
    assert (found["2"].born_on, found["2"].birth_date_is_estimate) == (date(2019, 4, 3), False)


async def test_an_age_with_a_day_of_intake_is_an_estimate(db: Database, write: Write) -> None:
    path = write(
        "Animal ID,Name,Animal Type,Sex upon Intake,Age upon Intake,DateTime",
        "A1,Rex,Dog,Neutered Male,2 years,01/31/2020 10:00:00 AM",
        "A2,Ada,Cat,Intact Female,3 weeks,02/01/2020 11:00:00 AM",
        "A3,Bo,Cat,Unknown,old,02/01/2020 11:00:00 AM",
    )
    report = await imported(db, path, jurisdiction="US-TX-Austin")
    found = await pets(db)
    assert (found["A1"].born_on, found["A1"].birth_date_is_estimate) == (date(2018, 1, 31), True)
    assert found["A2"].born_on == date(2020, 1, 11)
    assert (found["A3"].born_on, report.adjusted) == (None, 1)
    assert report.unknown == {"age": {"old": 1}}


async def test_an_animal_born_today_is_taken_and_one_of_tomorrow_is_not(
    db: Database, write: Write
) -> None:
    path = write(HEAD, "1,Rex,dog,2026-03-09", "2,Max,dog,2026-03-10")
    report = await imported(db, path, jurisdiction="US-X")
    assert set(await pets(db)) == {"1"}
    assert dict(report.reasons) == {"born_on: lies in the future": 1}


@pytest.mark.parametrize("blank", ["NULL", "N/A", "-", "unknown", "0000-00-00", "00/00/0000", " "])
async def test_a_date_that_is_not_there_costs_no_animal(
    db: Database, write: Write, blank: str
) -> None:
    report = await imported(db, write(HEAD, f"1,Rex,dog,{blank}"), jurisdiction="US-X")
    assert (report.inserted, report.adjusted) == (1, 0)
    assert (await pets(db))["1"].born_on is None


async def test_where_the_other_dates_disagree_the_country_says_how_one_is_read(
    db: Database, write: Write
) -> None:
    head = "license_number,name,species,born_on,issued,died"
    columns = {"as_of": "issued", "died_on": "died"}
    path = write(head, "1,Rex,dog,03/04/2020,25/04/2021,", "2,Max,dog,03/04/2020,,04/25/2021")
    await imported(db, path, jurisdiction="GB-X", columns=columns)
    assert {each.born_on for each in (await pets(db)).values()} == {date(2020, 4, 3)}
    with pytest.raises(InvalidValue, match="may be read in two ways"):
        await imported(db, path, jurisdiction="Townsville", columns=columns)
