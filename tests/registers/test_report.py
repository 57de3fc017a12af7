"""The report of an import: safe to open, complete or not there at all."""

import csv
import errno
import os
import stat
from io import BufferedWriter, RawIOBase, StringIO, TextIOWrapper
from pathlib import Path

import pytest

from tests.registers.samples import Write, imported, pets
from vetcore.database import Database
from vetcore.errors import InvalidValue
from vetcore.registers import report as reports

HEAD = "license_number,name,species,born_on"
X = {"jurisdiction": "US-X"}
FORMULAS = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", " =1", "＝1"]  # noqa: RUF001


@pytest.mark.parametrize("formula", FORMULAS)
async def test_no_cell_of_a_report_is_run_by_a_spreadsheet(
    db: Database, write: Write, tmp_path: Path, formula: str
) -> None:
    where = tmp_path / "report.csv"
    rows = [f'"{formula.strip()}7",Rex,"{formula}",', f'"{formula.strip()}8",Max,dog,"{formula}"']
    report = await imported(db, write(HEAD, *rows), report_to=where, **X)
    assert report.refused == 2
    for row in csv.reader(StringIO(where.read_text(encoding="utf-8"))):
        for cell in row:
            assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝")), cell  # noqa: RUF001


@pytest.mark.parametrize("rows", [1, 20_000])
async def test_a_disk_that_is_full_stops_the_import_with_a_sentence(
    db: Database, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    def on_a_full_disk(*_: object, **options: object) -> object:
        stream = TextIOWrapper(BufferedWriter(_Full()), encoding="utf-8")
        unfinished = tmp_path / ".unfinished"
        unfinished.touch()
        return _Named(stream, str(unfinished))

    monkeypatch.setattr(reports, "NamedTemporaryFile", on_a_full_disk)
    path = write(HEAD, "1,Rex,dog,", *(f"{number},,dog," for number in range(2, rows + 2)))
    where = tmp_path / "report.csv"
    with pytest.raises(InvalidValue, match="report: cannot be written: No space left on device"):
        await imported(db, path, report_to=where, **X)
    assert await pets(db) == {}
    assert not where.exists()
    assert not (tmp_path / ".unfinished").exists()


class _Full(RawIOBase):
    """A file on a disk without room, on every system: ``/dev/full`` is Linux's alone."""

    def writable(self) -> bool:
        return True

    def write(self, _: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class _Named:
    """A stream with a name, as temporary files have."""

    def __init__(self, stream: object, name: str) -> None:
        self.stream, self.name = stream, name

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)


async def test_a_report_takes_the_place_of_no_device(
    db: Database, write: Write, tmp_path: Path
) -> None:
    where = tmp_path / "pipe"
    os.mkfifo(where)
    with pytest.raises(InvalidValue, match="no ordinary file"):
        await imported(db, write(HEAD, "1,Rex,dog,"), report_to=where, **X)
    assert stat.S_ISFIFO(os.stat(where).st_mode)  # noqa: PTH116


async def test_a_report_that_is_the_register_by_another_name_is_refused(
    db: Database, write: Write, tmp_path: Path
) -> None:
    path = write(HEAD, "1,Rex,dog,")
    other = tmp_path / "other.csv"
    other.hardlink_to(path)
    with pytest.raises(InvalidValue, match="overwrite"):
        await imported(db, path, report_to=other, **X)


async def test_a_preview_shows_the_first_ten_as_they_land(db: Database, write: Write) -> None:
    path = write(HEAD, *(f"{number},Rex,dog,2020" for number in range(1, 21)))
    report = await imported(db, path, **X)
    assert [row["license_number"] for row in report.preview] == [str(n) for n in range(1, 11)]
    first = report.preview[0]
    assert (first["born_on"], first["birth_date_is_estimate"]) == ("2020-01-01", True)
    assert report.as_dict()["preview"] == report.preview


async def test_what_was_set_is_told_as_it_was_set(db: Database, write: Write) -> None:
    report = await imported(db, write("id,name", "1,Rex"), given={"species": "dog"}, **X)
    recognized = report.as_dict()["recognized"]
    assert isinstance(recognized, dict)
    assert recognized["given"] == {"species": "dog"}
    assert recognized["columns"] == {"license_number": "id", "name": "name"}


@pytest.mark.parametrize("column", ["license_number", "species", "born_on", "zip", "name"])
async def test_of_a_long_cell_the_report_shows_eighty_characters_at_most(
    db: Database, write: Write, tmp_path: Path, column: str
) -> None:
    row = {"license_number": "1", "name": "Rex", "species": "dog", "born_on": "", "zip": ""}
    where = tmp_path / "report.csv"
    known = ["2", "Max", "dog", "2020-05-06", "10001"]
    path = write(",".join(row), ",".join((row | {column: "zq" * 120}).values()), ",".join(known))
    await imported(db, path, report_to=where, **X)
    (finding,) = csv.DictReader(StringIO(where.read_text(encoding="utf-8")))
    assert finding["value"] == "zq" * 40
