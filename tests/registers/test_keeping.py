"""What an import must not do: lose what others know, or stop at one bad row."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from tests.examples import user
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import InvalidValue
from vetcore.medical import refresh_due_date
from vetcore.models import Pet
from vetcore.registers import ImportReport, import_pets
from vetcore.values.animals import PetStatus, Sex, Species
from vetcore.values.vaccination import Antigen, Vaccination

SEATTLE = (
    "license_issue_date,license_number,animal_name,species,primary_breed,secondary_breed,zip_code"
)
DC = (
    "animalN,name,DOB,species,breed,color,gender,licenseN,licenseStatus,expireD,"
    "rabiesVac,vacDate,reVacD"
)
REX = "A1,Rex,8/26/2010,Dog,Beagle,Tan,Yes / Male,1,Current,6/30/2013"
MAC = "2018-11-21,S1,Mac,Dog,Beagle,,98136"


@pytest.fixture(autouse=True)
def _in_2026() -> Iterator[None]:
    with clock.frozen(datetime(2026, 3, 9, tzinfo=UTC)):
        yield


@pytest.fixture
def register(tmp_path: Path) -> Any:
    def write(header: str, *rows: str) -> Path:
        path = tmp_path / f"{uuid4().hex}.csv"
        path.write_bytes("\r\n".join([header, *rows, ""]).encode())
        return path

    return write


async def _import(db: Database, path: Path, **options: Any) -> ImportReport:
    async with db.transaction() as session:
        return await import_pets(session, path, **options)


async def _change(db: Database, **changes: Any) -> None:
    async with db.transaction() as session:
        pet = (await session.scalars(select(Pet))).one()
        for name, value in changes.items():
            setattr(pet, name, value)


async def _only(db: Database) -> Pet:
    async with db.session() as session:
        return (await session.scalars(select(Pet))).one()


def _rabies(day: date) -> Vaccination:
    return Vaccination(antigens=(Antigen.RABIES,), administered_on=day)


async def test_an_update_adds_vaccinations_and_takes_none_away(db: Database, register: Any) -> None:
    without = register(DC, f"{REX},,,")
    await _import(db, without)
    given = _rabies(date(2015, 5, 1))
    await _change(db, vaccinations=(given,), next_vaccination_due_on=date(2018, 5, 1))
    assert (await _import(db, without, update=True)).updated == 0
    kept = await _only(db)
    assert (kept.vaccinations, kept.next_vaccination_due_on) == ((given,), date(2018, 5, 1))

    later = register(DC, f"{REX},LIC,6/1/2025,6/1/2026")
    assert (await _import(db, later, update=True)).updated == 1
    added = await _only(db)
    assert [dose.administered_on for dose in added.vaccinations] == [
        date(2015, 5, 1),
        date(2025, 6, 1),
    ]
    async with db.transaction() as session:
        assert await refresh_due_date(session, added.id) == added.next_vaccination_due_on
    assert (added.vaccinations[0], added.vaccinations[1].product) == (given, "LIC")
    assert added.vaccinations[1].valid_until == date(2026, 6, 1)
    assert (await _import(db, later, update=True)).updated == 0


async def test_a_dose_that_a_clinic_recorded_too_stays_the_clinics(
    db: Database, register: Any
) -> None:
    path = register(DC, f"{REX},,,")
    await _import(db, path)
    await _change(db, vaccinations=(_rabies(date(2025, 6, 1)),))
    path = register(DC, f"{REX},LIC,6/1/2025,6/1/2026")
    assert (await _import(db, path, update=True)).updated == 0
    (dose,) = (await _only(db)).vaccinations
    assert dose.product is None


async def test_a_register_that_corrects_a_dose_changes_that_dose(
    db: Database, register: Any
) -> None:
    await _import(db, register(DC, f"{REX},LIC,6/1/2025,6/1/2026"))
    corrected = register(DC, f"{REX},LIC,6/1/2025,6/1/2028")
    assert (await _import(db, corrected, update=True)).updated == 1
    rex = await _only(db)
    assert [dose.valid_until for dose in rex.vaccinations] == [date(2028, 6, 1)]
    assert rex.next_vaccination_due_on == date(2028, 6, 1)


async def test_an_update_leaves_alone_what_the_register_does_not_say(
    db: Database, register: Any
) -> None:
    path = register(SEATTLE, MAC)
    await _import(db, path)
    known = {"sex": Sex.MALE, "born_on": date(2015, 1, 1), "status": PetStatus.LOST, "color": "Tan"}
    await _change(db, **known)
    renamed = register(SEATTLE, MAC.replace("Mac", "Mack").replace("98136", ""))
    dry = await _import(db, renamed, update=True, dry_run=True)
    assert (dry.updated, (await _only(db)).name) == (1, "Mac")
    assert (await _import(db, renamed, update=True)).updated == 1
    mack = await _only(db)
    assert {name: getattr(mack, name) for name in known} == known
    assert (mack.name, mack.postal_code) == ("Mack", "98136")


async def test_a_pet_that_an_owner_has_claimed_is_the_owners(db: Database, register: Any) -> None:
    path = register(SEATTLE, MAC)
    await _import(db, path)
    owner = user()
    async with db.transaction() as session:
        session.add(owner)
    await _change(db, owner_id=owner.id, name="Mack")
    assert (await _import(db, path, update=True)).unchanged == 1
    assert (await _only(db)).name == "Mack"


async def test_a_pet_that_was_deleted_does_not_come_back(db: Database, register: Any) -> None:
    path = register(SEATTLE, MAC)
    await _import(db, path)
    async with db.transaction() as session:
        (await session.scalars(select(Pet))).one().soft_delete()
    for options in ({"dry_run": True}, {}, {"update": True}):
        report = await _import(db, path, **options)
        assert (report.inserted, report.updated, report.unchanged) == (0, 0, 1)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (f"{REX},,,".replace("Tan", "T\0an"), "color"),
        (f"{REX},,,".replace("Beagle", "Bea\x07gle"), "breed"),
        (f"{REX},,,".replace("Rex", "R\0ex"), "name"),
        (f"{REX},L\0IC,6/1/2013,6/1/2014", "vaccine"),
        (f"{REX},{'x' * 300},6/1/2013,6/1/2014", "vaccine"),
        (f"{REX},LIC,6/1/2013,12/31/9999", "vaccinated_until"),
    ],
)
async def test_one_bad_row_is_refused_and_the_others_come_in(
    db: Database, register: Any, row: str, field: str
) -> None:
    good = "A2,Ok,,Dog,Beagle,Tan,Yes / Male,1,Current,6/30/2013,,,"
    report = await _import(db, register(DC, row, good))
    assert (report.inserted, report.refused) == (1, 1)
    assert [reason.partition(":")[0] for reason in report.reasons] == [field]


@pytest.mark.parametrize("name", ["Fido\\Nick", "\\N", "a\\b\\t\\."])
async def test_backslashes_are_letters_like_others(db: Database, register: Any, name: str) -> None:
    await _import(db, register(SEATTLE, MAC.replace("Mac", name)))
    assert (await _only(db)).name == name


async def test_a_dose_without_a_due_date_is_due_as_the_guidelines_say(
    db: Database, register: Any
) -> None:
    await _import(db, register(DC, f"{REX},LIC,6/1/2013,"))
    rex = await _only(db)
    assert (rex.vaccinations[0].valid_until, rex.next_vaccination_due_on) == (
        None,
        date(2014, 6, 1),
    )


async def test_nothing_is_due_for_the_deceased(db: Database, register: Any) -> None:
    row = f"{REX},LIC,6/1/2013,6/1/2014".replace("Current", "Cancelled (Deceased)")
    await _import(db, register(DC, row))
    assert (await _only(db)).next_vaccination_due_on is None


async def test_a_report_never_overwrites_the_register(db: Database, register: Any) -> None:
    path = register(SEATTLE, MAC)
    before = path.read_bytes()
    with pytest.raises(InvalidValue, match="overwrite"):
        await _import(db, path, report_to=path)
    assert path.read_bytes() == before


async def test_a_failed_import_leaves_the_last_report_as_it_was(
    db: Database, register: Any, tmp_path: Path
) -> None:
    path = register(SEATTLE, MAC.replace("Mac", ""))
    rest = "2018-11-21,S2,Zoë,Dog,Beagle,,98136\r\n2018-11-21,S2,M".encode()
    path.write_bytes(path.read_bytes() + rest + b"\xffc,Dog,Beagle,,98136\r\n")
    report = tmp_path / "report.csv"
    report.write_text("the last one")
    with pytest.raises(InvalidValue, match="latin-1"):
        await _import(db, path, report_to=report)
    assert report.read_text() == "the last one"
    assert not [entry for entry in os.scandir(tmp_path) if entry.name.startswith(".")]


async def test_a_report_that_cannot_be_written_stops_the_import(
    db: Database, register: Any, tmp_path: Path
) -> None:
    nowhere = tmp_path / "nowhere" / "report.csv"
    with pytest.raises(InvalidValue, match="cannot be written"):
        await _import(db, register(SEATTLE, MAC), report_to=nowhere)
    async with db.session() as session:
        assert await session.scalar(select(func.count(Pet.id))) == 0


async def test_a_file_that_cannot_be_read_is_told_why(
    db: Database, register: Any, tmp_path: Path
) -> None:
    path = register(SEATTLE, MAC)
    with pytest.raises(InvalidValue, match="klingon"):
        await _import(db, path, encoding="klingon")
    with pytest.raises(InvalidValue, match="cannot be read"):
        await _import(db, tmp_path / "missing.csv")
    with pytest.raises(InvalidValue, match="seattle has zip_code too"):
        await _import(db, register(SEATTLE.removesuffix(",zip_code"), MAC.rpartition(",")[0]))
    path.write_bytes(path.read_text().encode("utf-16"))
    assert (await _import(db, path)).inserted == 1


async def test_a_second_run_over_many_animals_does_not_compare_each_with_each(
    db: Database, register: Any
) -> None:
    rows = [f"2018-11-21,S{number},Mac,Dog,Beagle,,98136" for number in range(20_000)]
    path = register(SEATTLE, *rows)
    assert (await _import(db, path)).inserted == 20_000
    # Comparing each with each would be 400 million comparisons, and run into the time limit.
    assert (await _import(db, path)).unchanged == 20_000
    async with db.session() as session:
        assert await session.scalar(select(func.count(Pet.id))) == 20_000


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_the_time_limit_of_statements_is_set_back(db: Database, register: Any) -> None:
    limit = text("SELECT current_setting('statement_timeout')")
    async with db.transaction() as session:
        before = await session.scalar(limit)
        await import_pets(session, register(SEATTLE, MAC))
        assert await session.scalar(limit) == before != "0"


async def test_animals_of_every_kind_in_real_registers_are_known(
    db: Database, register: Any
) -> None:
    await _import(db, register(SEATTLE, MAC.replace("Dog", " GOAT ")))
    assert (await _only(db)).species is Species.GOAT
