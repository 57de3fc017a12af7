"""``vetcore db copy``: from a file to a server, or to another file."""

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_a_copied_database_is_as_good_as_the_old_one(
    vetcore: Run, tmp_path: Path, database_url: str
) -> None:
    source = f"sqlite:///{tmp_path}/clinic.db"
    vetcore("demo", "--quiet", "--keep", f"{tmp_path}/clinic.db")
    said = json.loads(vetcore("db", "copy", source, "--json", url=database_url).stdout)
    assert said["rows"] == sum(said["tables"].values())
    assert said["tables"]["pets"] > 200
    assert vetcore("db", "check", url=database_url).exit_code == 0
    again = vetcore("db", "copy", source, url=database_url)
    assert again.exit_code == 1
    assert "has rows in" in again.stderr


def test_the_rows_are_told_by_table(vetcore: Run, tmp_path: Path, database_url: str) -> None:
    source = f"sqlite:///{tmp_path}/empty.db"
    vetcore("db", "upgrade", url=source)
    assert "0 rows were copied" in vetcore("db", "copy", source, url=database_url).stdout


def test_a_file_that_is_not_there_is_not_made(vetcore: Run, database_url: str) -> None:
    refused = vetcore("db", "copy", "sqlite:///nowhere.db", url=database_url)
    assert refused.exit_code == 1
    assert "no database file nowhere.db" in refused.stderr
