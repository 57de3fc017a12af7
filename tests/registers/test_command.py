"""``vetcore import pets``, as it is called."""

import csv
import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from vetcore.cli.app import application
from vetcore.samples import pet_register


def _vetcore(*arguments: str) -> Result:
    result = CliRunner().invoke(application(), arguments, prog_name="vetcore")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'clinic.db'}"
    assert _vetcore("db", "upgrade", "--url", address, "--quiet").exit_code == 0
    return address


def test_a_register_comes_in_with_a_report_and_only_once(url: str, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    with pet_register() as register:
        common = ("import", "pets", str(register), "--url", url, "--json")
        dry, first, second = (
            json.loads(_vetcore(*common, *more).stdout)
            for more in (("--dry-run",), ("--report", str(report)), ())
        )
    assert dry == first | {"dry_run": True}
    assert first["inserted"] > 100
    assert (second["inserted"], second["unchanged"]) == (0, first["inserted"])
    with report.open(encoding="utf-8", newline="") as stream:
        told = [row["outcome"] for row in csv.DictReader(stream)]
    for outcome in ("refused", "superseded", "adjusted"):
        assert told.count(outcome) == first[outcome]


def test_people_see_what_became_of_the_rows_and_why(url: str) -> None:
    with pet_register() as register:
        shown = _vetcore("import", "pets", str(register), "--url", url, "--quiet")
    assert shown.exit_code == 0
    assert "refused" in shown.stdout
    assert "name: is blank" in shown.stdout


def test_a_register_of_no_known_layout_is_told_how_to_map_it(url: str, tmp_path: Path) -> None:
    register = tmp_path / "other.csv"
    register.write_text("Tag,Called,Kind\n7,Rex,canine\n")
    call = ("import", "pets", str(register), "--url", url)
    refused = _vetcore(*call, "--json")
    assert refused.exit_code == 2
    assert "--map" in json.loads(refused.stdout)["detail"]
    mapped = ("--map", "license_number=Tag", "--map", "name=Called", "--map", "species=Kind")
    done = _vetcore(*call, *mapped, "--jurisdiction", "GB-London", "--json")
    assert (done.exit_code, json.loads(done.stdout)["inserted"]) == (0, 1)


def test_a_mapping_without_a_column_is_not_understood(url: str, tmp_path: Path) -> None:
    register = tmp_path / "other.csv"
    register.write_text("Tag,Called,Kind\n7,Rex,canine\n")
    assert _vetcore("import", "pets", str(register), "--url", url, "--map", "name").exit_code == 2


SHELTER = """Name,Type,Sex,DOB,Animal ID,Outcome Type
,DOG,Spayed,03/04/2019,A1,ADOPTION
REX,DOG,zig,25/04/2020,A2,DIED
"""


def test_a_dry_run_shows_what_was_recognised_and_how_rows_land(url: str, tmp_path: Path) -> None:
    register = tmp_path / "shelter.csv"
    register.write_text(SHELTER)
    call = ("import", "pets", str(register), "--url", url, "--jurisdiction", "GB-X")
    shown = _vetcore(*call, "--dry-run", "--quiet", "--set", "name=Unnamed").stdout
    words = " ".join(shown.replace("│", " ").split())
    for told in (
        "values between commas",
        "Name; Unnamed where it is blank",
        "the day comes first, as '25/04/2020' (line 3)",
        "neutered female",
        "2019-04-03",
        "rehomed",
        "deceased",
        "unused no column",
        "zig",
    ):
        assert told in words, told
    assert max(map(len, shown.splitlines())) <= 80
    kept = json.loads(_vetcore(*call, "--json").stdout)
    assert (kept["inserted"], kept["refused"]) == (1, 1), "the dry run had stored nothing"
    assert kept["recognized"]["columns"]["status"] == "Outcome Type"
    assert kept["unknown"] == {"sex": {"zig": 1}}


def test_options_say_country_order_delimiter_and_what_is_the_same_for_all(
    url: str, tmp_path: Path
) -> None:
    register = tmp_path / "shelter.csv"
    register.write_text("id^name^born_on\n1^Rex^03/04/2020\n")
    common = ("import", "pets", str(register), "--url", url, "--jurisdiction", "X", "--json")
    call = (*common, "--dry-run", "--delimiter", "^", "--set", "species=dog")

    def born_on(*more: str) -> str:
        return str(json.loads(_vetcore(*call, *more).stdout)["preview"][0]["born_on"])

    assert born_on("--country", "GB") == born_on("--day-first") == "2020-04-03"
    assert born_on("--country", "US") == born_on("--month-first") == "2020-03-04"
    assert _vetcore(*call).exit_code == 2
    assert "--day-first" in json.loads(_vetcore(*call).stdout)["detail"]
    assert _vetcore(*call, "--country", "XX").exit_code == 2


def test_a_file_of_which_every_row_is_refused_says_so_and_ends_with_code_3(
    url: str, tmp_path: Path
) -> None:
    register = tmp_path / "shelter.csv"
    register.write_text("id,name,species\n1,,dog\n2,,dog\n")
    call = ("import", "pets", str(register), "--url", url, "--jurisdiction", "US-X")
    refused = _vetcore(*call, "--quiet")
    assert refused.exit_code == 3
    assert "Every one of 2 rows was refused, so nothing was stored." in refused.stdout
    assert "--set name=Unknown" in refused.stdout
    assert _vetcore(*call, "--json").exit_code == 3
    assert _vetcore(*call, "--quiet", "--set", "name=Unknown").exit_code == 0
    register.write_text("id,name,species\n")
    empty = _vetcore(*call, "--quiet")
    assert (empty.exit_code, "a heading and no rows" in empty.stdout) == (0, True)


def test_standard_input_is_read(url: str) -> None:
    call = ("import", "pets", "-", "--url", url, "--jurisdiction", "US-X", "--json")
    vetcore = Path(sys.executable).with_name("vetcore")
    done = subprocess.run(
        [vetcore, *call],
        input=gzip.compress(b"id\tname\tspecies\n1\tRex\tdog\n"),
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["inserted"] == 1


@pytest.mark.parametrize("option", ["--set", "--map"])
@pytest.mark.parametrize("said", [["name"], ["=x"], ["name=a", "name=b"]])
def test_what_is_set_or_mapped_is_said_once_and_whole(
    url: str, tmp_path: Path, option: str, said: list[str]
) -> None:
    register = tmp_path / "other.csv"
    register.write_text("id,name,species\n1,Rex,dog\n")
    options = [word for each in said for word in (option, each)]
    assert _vetcore("import", "pets", str(register), "--url", url, *options).exit_code == 2


def test_the_help_tells_the_exit_codes() -> None:
    told = " ".join(_vetcore("import", "pets", "--help").stdout.split())
    assert "3 every row was refused" in told
