"""A register comes as people have it: other delimiters, encodings, pipes, compressed."""

import csv
import gzip
import os
import threading
from io import StringIO
from pathlib import Path

import pytest

from tests.registers.samples import Write, imported, pets
from vetcore.database import Database
from vetcore.errors import InvalidValue

HEAD = ("license_number", "name", "species")
ROW = ("1", "Zoë", "dog")
X = {"jurisdiction": "CH-X"}


def _text(*rows: tuple[str, ...], delimiter: str = ",") -> str:
    stream = StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue()


async def _is_read(db: Database, path: Path, **options: object) -> None:
    report = await imported(db, path, **X, **options)
    assert (report.read, report.inserted) == (1, 1)
    assert (await pets(db))["1"].name == "Zoë"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
async def test_the_delimiter_is_found_by_itself(
    db: Database, tmp_path: Path, delimiter: str
) -> None:
    path = tmp_path / "register.csv"
    path.write_text(_text(HEAD, ROW, delimiter=delimiter), encoding="utf-8", newline="")
    await _is_read(db, path)


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "\r\n\r\nsep=;"])
async def test_a_first_line_may_say_the_delimiter(db: Database, tmp_path: Path, first: str) -> None:
    path = tmp_path / "register.csv"
    text = f"\ufeff{first}\r\n" + _text(
        HEAD, ("1", "Zoë", "dog"), ("", "Max", "dog"), delimiter=";"
    )
    path.write_text(text, encoding="utf-8", newline="")
    report_to = tmp_path / "report.csv"
    report = await imported(db, path, report_to=report_to, **X)
    assert (report.inserted, report.refused) == (1, 1)
    (row,) = csv.DictReader(StringIO(report_to.read_text(encoding="utf-8")))
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[int(row["line"]) - 1].startswith(";Max"), "the line as an editor counts it"


async def test_the_delimiter_that_fits_the_rows_is_taken(db: Database, write: Write) -> None:
    path = write("license_number;name, as called;species", "1;Zoë;dog", "2;Max, the second;dog")
    columns = {"name": "name, as called"}
    await imported(db, path, columns=columns, **X)
    assert (await pets(db))["2"].name == "Max, the second"


@pytest.mark.parametrize("named", ["^", "\t", "tab", "semicolon"])
async def test_a_delimiter_may_be_named(db: Database, tmp_path: Path, named: str) -> None:
    path = tmp_path / "register.csv"
    delimiter = {"tab": "\t", "semicolon": ";"}.get(named, named)
    path.write_text(_text(HEAD, ROW, delimiter=delimiter), encoding="utf-8", newline="")
    await _is_read(db, path, delimiter=named)
    with pytest.raises(InvalidValue, match="delimiter"):
        await imported(db, path, delimiter="::", **X)


async def test_a_compressed_register_is_known_by_its_content(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(gzip.compress(_text(HEAD, ROW).encode()))
    await _is_read(db, path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InvalidValue, match="damaged gzip"):
        await imported(db, path, **X)


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
async def test_a_pipe_is_read(db: Database, tmp_path: Path, compress: object) -> None:
    assert callable(compress)
    path = tmp_path / "pipe"
    os.mkfifo(path)
    content = compress(_text(HEAD, ROW).encode())
    writer = threading.Thread(target=path.write_bytes, args=(content,))
    writer.start()
    await _is_read(db, path)
    writer.join()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"\r\n\r\n", "is empty"),
        (b"PK\x03\x04" + b"\x00" * 60, r"Excel workbook \(xlsx\).*save it as CSV"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 60, r"Excel workbook \(xls\)"),
        (b"%PDF-1.7\n", "PDF"),
        (b"<!DOCTYPE html>\n<html>", "web page"),
        (b'[{"name": "Rex"}]', "JSON"),
        (b"\x7fELF\x02\x01\x01" + bytes(range(256)), "file"),
    ],
)
async def test_what_is_no_register_is_said_to_be_what_it_is(
    db: Database, tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidValue, match=told):
        await imported(db, path, **X)


async def test_a_directory_is_no_register(db: Database, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="cannot be read: Is a directory"):
        await imported(db, tmp_path, **X)


async def test_a_heading_without_rows_is_a_register_of_none(db: Database, write: Write) -> None:
    assert (await imported(db, write(",".join(HEAD)), **X)).read == 0


@pytest.mark.parametrize(
    "heading",
    ["License_Number", "LICENSE NUMBER", " license  number ", "LicenseNumber", "Licénse-Number"],
)
async def test_case_spaces_and_accents_of_a_heading_do_not_matter(
    db: Database, write: Write, heading: str
) -> None:
    path = write(f"{heading},Name,SPECIES", "1,Zoë,dog")
    await _is_read(db, path)
    mapped = {"license_number": "license number"}
    assert (await imported(db, path, columns=mapped, **X)).unchanged == 1


async def test_a_row_with_a_cell_too_many_or_too_few_is_refused(db: Database, write: Write) -> None:
    path = write(",".join(HEAD), "1,Zoë,dog", "2,Max,dog,more", "3,Ada", "4,Bo,dog,")
    report = await imported(db, path, **X)
    assert set(await pets(db)) == {"1"}
    assert dict(report.reasons) == {
        "row: has 4 columns, not 3": 2,
        "row: has 2 columns, not 3": 1,
    }


async def test_a_file_that_is_half_utf_8_is_not_read_as_something_else(
    db: Database, tmp_path: Path
) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes("license_number,name,species\r\n1,Zoë,dog\r\n2,Zo".encode() + b"\xeb,dog\r\n")
    with pytest.raises(InvalidValue, match="is not utf-8 after line 2"):
        await imported(db, path, **X)


async def test_a_compressed_register_that_was_cut_off_is_damaged(
    db: Database, tmp_path: Path
) -> None:
    path = tmp_path / "register.csv.gz"
    rows = ((str(number), f"{number * 7919 % 10007:x}", "dog") for number in range(20_000))
    whole = gzip.compress(_text(HEAD, *rows).encode())
    for end in (len(whole) - 1, len(whole) - 9, len(whole) // 2):
        path.write_bytes(whole[:end])
        with pytest.raises(InvalidValue, match="is a damaged gzip file"):
            await imported(db, path, **X)
    assert await pets(db) == {}


async def test_a_blank_for_a_postal_code_is_no_wrong_one(db: Database, write: Write) -> None:
    head = ",".join((*HEAD, "zip"))
    path = write(head, "1,Rex,dog,N/A", "2,Max,dog,NULL", "3,Bo,dog,", "4,Ada,dog,zq")
    report = await imported(db, path, jurisdiction="US-X")
    assert (report.inserted, report.adjusted) == (4, 1)
    assert {each.postal_code for each in (await pets(db)).values()} == {None}
