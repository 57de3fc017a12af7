"""The first and the last that an import takes: days, lengths, and how much a report keeps."""

import stat
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.registers.samples import Write, imported, pets
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import InvalidValue
from vetcore.registers import ImportReport
from vetcore.registers.animals import Refused, name_of
from vetcore.registers.days import born_at, day_first_in, read_day
from vetcore.registers.report import Register
from vetcore.registers.surveying import latest_of

TODAY = date(2026, 3, 9)
HEAD = "license_number,name,species,born_on,rabies date,rabies valid until,date of death"
X: dict[str, Any] = {
    "jurisdiction": "US-X",
    "columns": {"vaccinated_on": "rabies date", "vaccinated_until": "rabies valid until"},
}


@pytest.fixture(autouse=True)
def _in_2026() -> Iterator[None]:
    with clock.frozen(datetime(2026, 3, 9, 23, tzinfo=UTC)):
        yield


# Days


@pytest.mark.parametrize(
    ("cells", "is_taken"),
    [
        ("2026-03-09,,,2026-03-09", True),  # died today, on the day of its birth
        (",,,2026-03-10", False),
        ("2026-03-09,,,2026-03-08", False),
        ("2026-03-09,2026-03-09,,", True),  # vaccinated today, on the day of its birth
        (",2026-03-10,,", False),
        ("2026-03-09,2026-03-08,,", False),
        (",2026-03-09,2026-03-09,", True),  # valid on the day itself
        (",2026-03-09,2026-03-08,", False),
        ("2026-03-09,,,", True),
        ("2026-03-10,,,", False),
        ("1970-01-01,,,", True),
        ("1969-12-31,,,", False),
        (",2026-03-09,2199-12-31,", True),
    ],
)
async def test_a_day_may_be_the_first_or_the_last_that_can_be(
    db: Database, write: Write, cells: str, is_taken: bool
) -> None:
    report = await imported(db, write(HEAD, f"1,Rex,dog,{cells}"), **X)
    assert (report.inserted, report.refused) == ((1, 0) if is_taken else (0, 1)), report.reasons


def test_a_serial_counts_from_the_first_day_that_is_taken() -> None:
    found = {each: read_day(str(each), True, "2026-03-09") for each in (25_568, 25_569, 46_090)}
    assert {each: day and day.iso for each, day in found.items()} == {
        25_568: None,
        25_569: "1970-01-01",
        46_090: "2026-03-09",
    }


def test_a_year_of_two_digits_may_end_today() -> None:
    days = ("09/03/26", "10/03/26", "01/01/99")
    found = [read_day(each, True, "2026-03-09") for each in days]
    assert [day and day.iso for day in found] == ["2026-03-09", None, "1999-01-01"]


def test_nothing_is_older_than_two_hundred_years() -> None:
    assert born_at("200 years", "2020-03-04") == "1820-03-04"
    assert born_at("201 years", "2020-03-04") is None
    assert born_at("2401 months", "2020-03-04") is None


@pytest.mark.parametrize(
    "age", ["73200 days", "12345 years", "1.2345 years", "2020.03.04", "9,99999"]
)
def test_a_number_that_is_too_long_is_not_read_in_two(age: str) -> None:
    assert born_at(age, "2020-03-04") is None


def test_commas_and_points_stand_in_ages_as_people_write_them() -> None:
    for age in ("1 year,3 months", "1 year, 3 months", "1 Jahr 3 Monate", "1.25 years", "1,25 ans"):
        assert born_at(age, "2020-03-04") == "2018-12-04", age


def test_the_month_comes_first_where_it_does_and_is_not_known_where_both_are_usual() -> None:
    month_first = ("US", "PR", "GU", "VI", "AS", "MP", "UM", "FM", "MH", "PW", "PH", "BZ")
    either = ("CA", "CN", "JP", "KR", "KP", "TW", "HU", "LT", "MN", "IR", "KE", "GH", "PA")
    assert [day_first_in(each) for each in month_first] == [False] * len(month_first)
    assert [day_first_in(each) for each in (*either, None)] == [None] * (len(either) + 1)
    day_first = ("GB", "IE", "AU", "NZ", "DE", "AT", "CH", "FR", "ES", "IT", "NL", "BR", "IN")
    assert [day_first_in(each) for each in day_first] == [True] * len(day_first)


def test_a_year_of_two_digits_lies_twenty_years_ahead_at_most_and_no_birth_ahead() -> None:
    latest = {name: latest_of(name) for name in ("born_on", "died_on", "vaccinated_until")}
    assert latest == {
        "born_on": "2026-03-09",
        "died_on": "2026-03-09",
        "vaccinated_until": "2046-03-09",
    }


# Of two entries


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        (["2018-11-21,Later", ",Undated"], "Later"),
        ([",Undated", "2018-11-21,Later"], "Later"),
        ([",First", ",Last"], "Last"),
        (["2018-11-21,First", "2018-11-21,Last"], "Last"),
        (["2018-11-22,Later", "2018-11-21,Last"], "Later"),
    ],
)
async def test_of_two_entries_one_without_a_date_is_the_older(
    db: Database, write: Write, rows: list[str], kept: str
) -> None:
    path = write("as_of,name,license_number,species", *(f"{row},1,dog" for row in rows))
    report = await imported(db, path, jurisdiction="US-X", columns={"as_of": "as_of"})
    assert (report.inserted, report.superseded) == (1, 1)
    assert (await pets(db))["1"].name == kept


# Lengths


async def test_a_number_has_64_characters_at_most_and_a_text_200(
    db: Database, write: Write
) -> None:
    rows = [
        f"{'1' * 64},Rex,dog,{'c' * 200}",
        f"{'1' * 65},Rex,dog,tan",
        f"2,Rex,dog,{'c' * 201}",
    ]
    report = await imported(
        db, write("license_number,name,species,color", *rows), jurisdiction="US-X"
    )
    assert (report.inserted, report.refused) == (1, 2)
    assert report.reasons == {
        "license_number: is no number of a licence": 1,
        "color: is too long": 1,
    }
    assert list(await pets(db)) == ["1" * 64]


def test_of_very_many_words_the_first_ten_thousand_are_kept() -> None:
    report = ImportReport("x", "US-X", dry_run=True)
    register = Register(report, None)
    for number in range(10_001):
        register.count("species", f"word {number}")
    register.count("species", "word 7")
    words = report.unknown["species"]
    assert (len(words), words["word 7"], words["word 10000"]) == (10_000, 2, 0)


@pytest.mark.parametrize(("length", "is_taken"), [(32, True), (33, False)])
async def test_the_name_of_a_jurisdiction_has_32_characters_at_most(
    db: Database, write: Write, length: int, is_taken: bool
) -> None:
    path = write("license_number,name,species", "1,Rex,dog")
    place = "US-".ljust(length, "x")
    if is_taken:
        assert (await imported(db, path, jurisdiction=place)).inserted == 1
    else:
        with pytest.raises(InvalidValue, match="in 1 to 32 characters"):
            await imported(db, path, jurisdiction=place)


@pytest.mark.parametrize("word", ["NULL", "(null)", "N/A", "n/a", "#N/A", "NaN", "None", "nil"])
def test_what_programs_write_for_a_missing_name_is_no_name(word: str) -> None:
    with pytest.raises(Refused, match="is blank"):
        name_of(word, None)
    assert [name_of(each, None) for each in ("Nan", "Na", "Nil")] == ["Nan", "Na", "Nil"]


# The report


async def test_a_report_is_for_all_to_read_and_leaves_no_file_beside_it(
    db: Database, write: Write, tmp_path: Path
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    where = folder / "report.csv"
    await imported(db, write(HEAD, "1,,dog,,,,"), report_to=where, **X)
    assert stat.S_IMODE(where.stat().st_mode) == 0o644
    assert [each.name for each in folder.iterdir()] == ["report.csv"]


async def test_an_import_that_fails_leaves_no_part_of_a_report(
    db: Database, write: Write, tmp_path: Path
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    path = write(HEAD, "1,,dog,,,,")
    with pytest.raises(KeyboardInterrupt):
        await imported(db, path, report_to=folder / "report.csv", progress=stop, **X)
    assert list(folder.iterdir()) == []
