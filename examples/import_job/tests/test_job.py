import asyncio
import csv
import json
import os
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from import_job.job import PORT_ALDER, TooManyRefused, bring_in
from vetcore import Database
from vetcore.errors import InvalidValue
from vetcore.models import Pet
from vetcore.values.animals import PetStatus

EXAMPLES = Path(__file__).parents[2]
REGISTER = EXAMPLES / "import_job" / "register.csv"


async def _pets(db: Database) -> int:
    async with db.session() as session:
        return await session.scalar(select(func.count()).select_from(Pet)) or 0


async def test_each_animal_is_there_once_and_each_odd_row_is_told(
    db: Database, tmp_path: Path
) -> None:
    report = await bring_in(db, REGISTER, reports=tmp_path)
    figures = (report.read, report.inserted, report.refused, report.superseded, report.adjusted)
    assert figures == (61, 58, 2, 1, 1)
    assert await _pets(db) == 58
    with (tmp_path / "findings.csv").open(newline="") as file:
        told = {(row["outcome"], row["field"]) for row in csv.DictReader(file)}
    assert {("refused", "species"), ("adjusted", "postal_code")} <= told
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert (summary["inserted"], summary["stored"]) == (58, True)


async def test_what_the_register_says_last_counts(db: Database, tmp_path: Path) -> None:
    await bring_in(db, REGISTER, reports=tmp_path)
    async with db.session() as session:
        pet = (await session.scalars(select(Pet).where(Pet.license_number == "PA-10203"))).one()
    assert (pet.license_jurisdiction, pet.status) == (PORT_ALDER.jurisdiction, PetStatus.DECEASED)


async def test_the_next_night_changes_what_changed(db: Database, tmp_path: Path) -> None:
    await bring_in(db, REGISTER, reports=tmp_path)
    unchanged = await bring_in(db, REGISTER, reports=tmp_path)
    assert (unchanged.inserted, unchanged.updated, unchanged.unchanged) == (0, 0, 58)
    tomorrow = tmp_path / "tomorrow.csv"
    text = REGISTER.read_text().replace("PA-10200,Biscuit", "PA-10200,Captain Biscuit")
    tomorrow.write_text(text)
    changed = await bring_in(db, tomorrow, reports=tmp_path)
    assert (changed.inserted, changed.updated) == (0, 1)


async def test_a_file_that_is_mostly_wrong_leaves_everything_as_it_was(
    db: Database, tmp_path: Path
) -> None:
    await bring_in(db, REGISTER, reports=tmp_path)
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(REGISTER.read_text().replace(",Dog,", ",Hound,").replace("Biscuit", "Changed"))
    with pytest.raises(TooManyRefused, match="none was stored"):
        await bring_in(db, wrong, reports=tmp_path)
    async with db.session() as session:
        assert (await session.scalars(select(Pet).where(Pet.name == "Changed"))).all() == []
    assert json.loads((tmp_path / "summary.json").read_text())["stored"] is False


async def test_a_column_that_was_renamed_is_named(db: Database, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text(REGISTER.read_text().replace("Tag,", "Licence,", 1))
    with pytest.raises(InvalidValue, match="Tag"):
        await bring_in(db, other, reports=tmp_path)


async def test_it_runs_as_a_command(database_url: str, tmp_path: Path) -> None:
    inherited = {key: text for key, text in os.environ.items() if not key.startswith("VETCORE_")}
    given = {"VETCORE_DATABASE_URL": database_url, "VETCORE_LOGGING_FORMAT": "json"}

    async def run(register: Path) -> tuple[int | None, dict[str, object]]:
        job = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "import_job", str(register), "--reports", str(tmp_path)),
            cwd=EXAMPLES,
            env=inherited | given,
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await asyncio.wait_for(job.communicate(), 60)
        return job.returncode, json.loads(said.splitlines()[-1])

    code, told = await run(REGISTER)
    assert (code, told["event"], told["inserted"]) == (0, "register brought in", 58)
    code, told = await run(tmp_path / "none.csv")
    assert (code, told["event"]) == (1, "nothing was stored")
