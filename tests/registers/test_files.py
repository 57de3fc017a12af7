"""What is wrong with a file is told with its place, and what is right is found."""

import gzip
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.registers.samples import Write, imported, pets
from vetcore.database import Database
from vetcore.errors import InvalidValue
from vetcore.registers.reading import Rows, form_of
from vetcore.registers.sources import Source, opened


def _read(raw: BytesIO, encoding: str | None = None) -> list[list[str]]:
    source = Source("register.csv", raw, encoding)
    form = form_of(source, None)
    with source.text() as stream:
        rows = Rows(source, stream, form)
        return [list(rows.header), *(list(row) for _, row in rows)]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("is_compressed", [False, True])
def test_an_encoding_is_found_with_its_mark_and_without(
    encoding: str, *, is_compressed: bool
) -> None:
    data = "number,name\r\n1,Rex\r\n".encode(encoding)
    raw = BytesIO(gzip.compress(data) if is_compressed else data)
    assert _read(raw) == [["number", "name"], ["1", "Rex"]]


@pytest.mark.parametrize("byte", [b"\x00", b"na\x00me"])
def test_what_has_a_zero_byte_in_its_heading_is_no_text(byte: bytes) -> None:
    with pytest.raises(InvalidValue, match=r"file: is no (text|CSV)"):
        _read(BytesIO(b"number," + byte + b"\r\n1,Rex\r\n"), "utf-8")


def test_quotation_marks_that_do_not_close_are_told_with_their_line() -> None:
    text = 'number,name\r\n1,Rex\r\n2,"Max"x\r\n'
    with pytest.raises(InvalidValue, match="file: is no CSV at line 3: "):
        _read(BytesIO(text.encode()))


def test_a_field_that_is_endless_makes_no_delimiter_fit() -> None:
    text = "number;name\r\n1;Rex\r\n" + "x" * 10
    assert form_of(Source("x", BytesIO(text.encode()), None), None).delimiter == ";"


@pytest.mark.parametrize("cut", [40, 60])
def test_a_gzip_file_that_was_cut_is_damaged(cut: int) -> None:
    whole = gzip.compress(b"number,name\r\n" + bytes(range(48, 58)) * 9_000)
    with pytest.raises(InvalidValue, match="file: is a damaged gzip file"):
        _read(BytesIO(whole[:cut]))


def test_a_file_that_stops_being_readable_is_told_with_its_line() -> None:
    class Failing(BytesIO):
        fails = False

        def read(self, size: int | None = -1, /) -> bytes:
            if self.fails:
                raise OSError(5, "Input/output error")
            return super().read(size)

        def read1(self, size: int | None = -1, /) -> bytes:
            return self.read(size)

        def readinto(self, buffer: Any, /) -> int:
            data = self.read(len(buffer))
            buffer[: len(data)] = data
            return len(data)

    raw = Failing(b"number,name\r\n" + b"1,Rex\r\n" * 40_000)
    source = Source("register.csv", raw, "utf-8")
    form = form_of(source, ",")
    with source.text() as stream:
        rows = Rows(source, stream, form)
        iterator = iter(rows)
        assert next(iterator)[0] == 2
        raw.fails = True
        with pytest.raises(InvalidValue, match=r"file: cannot be read on after line \d+: "):
            list(iterator)


def test_the_line_of_a_row_is_that_on_which_an_editor_shows_its_end() -> None:
    text = '\r\n\r\nnumber,name\r\n1,"Re\r\nx"\r\n\r\n2,Max\r\n'
    source = Source("register.csv", BytesIO(text.encode()), None)
    form = form_of(source, None)
    with source.text() as stream:
        rows = Rows(source, stream, form)
        assert [(line, row[0]) for line, row in rows] == [(5, "1"), (7, "2")]
    with source.text() as stream:
        rows = Rows(source, stream, form)
        assert rows.lines_of({0, 2}) == {0: 5, 2: 7}


def test_the_first_line_that_cannot_be_decoded_is_told() -> None:
    data = b"number,name\r\n1,Rex\r\n2,Zo\xeb\r\n"
    with pytest.raises(InvalidValue, match="is not utf-8 after line 2"):
        _read(BytesIO(data), "utf-8")
    source = Source("register.csv", BytesIO(data), "latin-1")
    assert source.lines_that_decode() == 0


def test_no_file_and_no_encoding_are_told_apart(tmp_path: Path) -> None:
    with (
        pytest.raises(InvalidValue, match="file: cannot be read: No such file"),
        opened(tmp_path / "none.csv", None),
    ):
        pass
    with (
        pytest.raises(InvalidValue, match="encoding: is not known"),
        opened(tmp_path / "none.csv", "utf-99"),
    ):
        pass


async def test_a_row_that_has_a_later_entry_is_told_with_its_line_and_day(
    db: Database, write: Write, tmp_path: Path
) -> None:
    where = tmp_path / "report.csv"
    path = write(
        "license_number,name,species,as_of", "A7,Rex,dog,2019-02-03", "B,Bo,dog,", "A7,Rex,dog,2020"
    )
    report = await imported(
        db, path, jurisdiction="US-X", columns={"as_of": "as_of"}, report_to=where
    )
    assert (report.superseded, report.inserted) == (1, 2)
    told = "2,A7,superseded,license_number,has a later entry in this file,2019-02-03"
    assert where.read_text(encoding="utf-8").splitlines()[1:] == [told]


async def test_a_short_row_before_the_first_date_is_refused_alone(
    db: Database, write: Write
) -> None:
    path = write(
        "license_number,name,species,born_on", "1,Rex", "2,Bo,dog,25/4/2020", "3,Al,dog,3/4/2020"
    )
    report = await imported(db, path, jurisdiction="US-X")
    assert (report.inserted, report.refused) == (2, 1)
    assert report.reasons == {"row: has 2 columns, not 4": 1}
    assert report.recognized is not None
    shown = "the day comes first, as '25/4/2020' (line 3) shows"
    assert report.recognized.dates == {"born_on": shown}


async def test_each_animals_dose_has_an_id_of_its_own_in_every_import(
    db: Database, write: Write
) -> None:
    path = write(
        "license_number,name,species,rabies date", "1,Rex,dog,2020-05-06", "2,Bo,dog,2020-05-06"
    )
    options: dict[str, Any] = {"jurisdiction": "US-X", "columns": {"vaccinated_on": "rabies date"}}
    await imported(db, path, **options)
    ids = {number: each.vaccinations[0].id for number, each in (await pets(db)).items()}
    assert len(set(ids.values())) == 2
    again = await imported(db, path, update=True, **options)
    assert (again.updated, again.unchanged) == (0, 2)
    assert {number: each.vaccinations[0].id for number, each in (await pets(db)).items()} == ids


@pytest.mark.parametrize(
    ("jurisdiction", "where"), [("DE-X", "DE"), ("the village", "any country")]
)
async def test_a_postal_code_that_is_none_is_told_with_the_country(
    db: Database, write: Write, jurisdiction: str, where: str
) -> None:
    path = write("license_number,name,species,zip", "1,Rex,dog,nowhere-7 (old)", "2,Bo,dog,10115")
    report = await imported(db, path, jurisdiction=jurisdiction)
    assert report.reasons == {f"postal_code: is not a postal code of {where}": 1}


@pytest.mark.parametrize(
    ("sex", "neutered", "read"),
    [
        ("", "Neutered", ("unknown", True)),
        ("", "Spayed", ("unknown", True)),
        ("Neutered", "", ("male", True)),
        ("Spayed", "", ("female", True)),
        ("F", "Neutered", ("female", True)),
        ("M", "no", ("male", False)),
        ("Spayed", "no", ("female", False)),
    ],
)
async def test_who_is_asked_for_neutering_says_nothing_of_the_sex(
    db: Database, write: Write, sex: str, neutered: str, read: tuple[str, bool]
) -> None:
    path = write(
        "license_number,name,species,sex,neutered", f"1,Rex,dog,{sex},{neutered}", "2,Bo,dog,M,Y"
    )
    await imported(db, path, jurisdiction="US-X")
    found = (await pets(db))["1"]
    assert (found.sex.value, found.is_neutered) == read


async def test_what_is_most_often_wrong_is_told_first(db: Database, write: Write) -> None:
    rows = ["1,,dog,", "2,Rex,dragon,", "3,Bo,dragon,", "4,Al,wyvern,"]
    report = await imported(
        db, write("license_number,name,species,zip", *rows), jurisdiction="US-X"
    )
    told = report.as_dict()
    reasons, unknown = told["reasons"], told["unknown"]
    assert isinstance(reasons, dict)
    assert isinstance(unknown, dict)
    assert list(reasons.values()) == sorted(reasons.values(), reverse=True) == [3, 1]
    assert list(unknown["species"].items()) == [("dragon", 2), ("wyvern", 1)]


async def test_a_preview_shows_lists_as_lists(db: Database, write: Write) -> None:
    path = write("license_number,name,species,breed,rabies date", "1,Rex,dog,Boxer,2020-05-06")
    columns = {"vaccinated_on": "rabies date"}
    report = await imported(db, path, jurisdiction="US-X", columns=columns, dry_run=True)
    (shown,) = report.preview
    assert [each["administered_on"] for each in shown["vaccinations"]] == ["2020-05-06"]
    assert len(shown["breeds"]) == 1


def test_the_size_of_a_file_is_what_progress_is_measured_by() -> None:
    data = b"number,name\r\n1,Rex\r\n"
    source = Source("x", BytesIO(data), None)
    assert (source.size, source.is_compressed) == (len(data), False)
    with source.text() as stream:
        stream.read()
        assert source.position == source.size
