"""``vetcore import pets``, as it is called."""

import csv
import json
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
