"""Whatever a file holds, each of its rows is imported or refused, and the accounts add up."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.registers.test_importing import DC, SEATTLE
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import InvalidValue
from vetcore.models import Pet
from vetcore.registers import ImportReport, import_pets

FEW = settings(
    max_examples=40,
    deadline=None,
    # What an example has imported is rolled back.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
CELLS = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    [
        *("", " ", "\u00a0", "Dog", "Cat", "Goat", "Yes / Male", "No / Female", "Bella", "\x00"),
        *("2018-11-21", "02/30/2020", "12/31/1899", "2999-01-01", "98136-1234", "9813", "é"),
        *('"', "'; DROP TABLE pets; --", "Terrier, Jack Russell", "x" * 300, "S1", "1e400"),
    ]
)

ROWS = {
    SEATTLE: ["2018-11-21", "903793", "Mac", "Dog", "Beagle", "", "98136"],
    DC: [
        *("A1", "Rex", "2019-05-01", "Dog", "Beagle", "Brown", "Yes / Male", "D-1", "Active"),
        *("2027-05-01", "Rabies", "2025-05-01", "2028-05-01"),
    ],
}


@st.composite
def registers(draw: st.DrawFn) -> list[list[str]]:
    """A heading, and rows that were right before a few cells went wrong."""
    header = draw(st.sampled_from([SEATTLE, DC]))
    rows = [list(ROWS[header]) for _ in range(draw(st.integers(0, 8)))]
    for row in rows:
        for place in draw(st.lists(st.integers(0, len(row) - 1), max_size=3)):
            row[place] = draw(CELLS)
        if draw(st.booleans()):
            row[header.split(",").index("license_number" if header == SEATTLE else "licenseN")] = (
                draw(st.sampled_from(["1", "2", "3"]))
            )
        row.extend(draw(st.sampled_from([[], [], [], [""]])))
    return [header.split(","), *rows]


async def _imported(db: Database, path: Path, *, again: bool = False) -> list[ImportReport]:
    """The reports of an import, and of a second one, that leave nothing behind."""
    with clock.frozen(datetime(2026, 3, 9, tzinfo=UTC)):
        async with db.transaction() as session:
            reports = [await import_pets(session, path) for _ in range(1 + again)]
            stored = await session.scalar(select(func.count()).select_from(Pet))
            assert stored == reports[0].inserted
            await session.rollback()
            return reports


@FEW
@given(lines=registers())
async def test_any_cells_are_taken_or_refused_row_by_row(
    db: Database, tmp_path: Path, lines: list[list[str]]
) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(lines)
    path = tmp_path / "register.csv"
    path.write_bytes(file.getvalue().encode())

    first, second = await _imported(db, path, again=True)

    assert first.read == first.inserted + first.unchanged + first.superseded + first.refused
    assert (second.inserted, second.updated) == (0, 0)
    assert second.unchanged == first.inserted
    assert second.refused == first.refused


@FEW
@given(body=st.binary(max_size=200), header=st.sampled_from([SEATTLE.encode() + b"\n", b""]))
async def test_any_bytes_are_a_register_or_are_none(
    db: Database, tmp_path: Path, body: bytes, header: bytes
) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(header + body)
    try:
        (report,) = await _imported(db, path)
    except InvalidValue as error:
        assert error.details["field"] in {"file", "layout", "encoding"}  # noqa: PT017
    else:
        assert report.read == report.inserted + report.superseded + report.refused
