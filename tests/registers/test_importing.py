"""Importing a register as it is: every trap of the real ones, on both engines."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Text, cast, func, select, type_coerce

from vetcore import clock
from vetcore.database import Acting, Database
from vetcore.errors import InvalidValue
from vetcore.models import Pet
from vetcore.registers import ImportReport, Outcome, import_pets
from vetcore.samples import pet_register
from vetcore.values.animals import PetStatus, Sex, Species
from vetcore.values.vaccination import Antigen, VaccinationSource

SEATTLE = (
    "license_issue_date,license_number,animal_name,species,primary_breed,secondary_breed,zip_code"
)
DC = (
    "animalN,name,DOB,species,breed,color,gender,licenseN,licenseStatus,expireD,"
    "rabiesVac,vacDate,reVacD"
)


@pytest.fixture(autouse=True)
def _in_2026() -> Iterator[None]:
    with clock.frozen(datetime(2026, 3, 9, tzinfo=UTC)):
        yield


@pytest.fixture
def register(tmp_path: Path) -> Any:
    def write(header: str, *rows: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / f"{uuid4().hex}.csv"
        path.write_bytes("\r\n".join([header, *rows, ""]).encode(encoding))
        return path

    return write


async def _import(db: Database, path: Path, **options: Any) -> ImportReport:
    async with db.transaction() as session:
        return await import_pets(session, path, **options)


async def _pets(db: Database) -> dict[str, Pet]:
    async with db.session() as session:
        return {str(found.license_number): found for found in await session.scalars(select(Pet))}


async def test_a_row_becomes_a_pet(db: Database, register: Any) -> None:
    actor = uuid4()
    path = register(SEATTLE, '2018-11-21,903793,Mac,Dog,"Retriever, Labrador",,98136-1234')
    async with db.transaction(Acting(actor)) as session:
        report = await import_pets(session, path)
    assert (report.layout, report.read, report.inserted) == ("seattle", 1, 1)
    mac = (await _pets(db))["903793"]
    assert (mac.name, mac.species, mac.breeds) == ("Mac", Species.DOG, ("Labrador Retriever",))
    assert (mac.postal_code, mac.license_jurisdiction) == ("98136-1234", "US-WA-Seattle")
    assert mac.owner_id is None
    assert mac.status is PetStatus.ACTIVE
    assert (mac.version, mac.created_by_id, mac.updated_by_id) == (1, actor, actor)
    assert mac.created_at == datetime(2026, 3, 9, tzinfo=UTC)
    assert mac.vaccinations == ()


async def test_an_imported_pet_is_what_the_orm_would_have_written(
    db: Database, register: Any
) -> None:
    path = register(
        DC,
        'A1,"O\'Malley \\ \\N Zoë",8/26/2010,Dog,Bichon Frisé,White / Brown,Yes / Male,1,Current,'
        "6/30/2013,*Rabies é,6/25/2012,6/25/2015",
    )
    await _import(db, path)
    imported = (await _pets(db))["A1"]
    names = [
        column.key
        for column in Pet.__mapper__.column_attrs
        if column.key not in {"id", "license_number"}
    ]
    left_to_the_orm = {"version", "medical_history", "birth_date_is_estimate"}
    told = {name: getattr(imported, name) for name in names if name not in left_to_the_orm}
    twin = Pet(**told, license_number="A2")
    async with db.transaction() as session:
        session.add(twin)
    pets = await _pets(db)
    assert {name: getattr(pets["A1"], name) for name in names} == {
        name: getattr(pets["A2"], name) for name in names
    }
    columns = [Pet.__table__.c[name] for name in names]
    as_stored = [type_coerce(cast(column, Text), Text()).label(column.name) for column in columns]
    async with db.engine.connect() as connection:
        ours, orms = await connection.execute(select(*as_stored).order_by(Pet.license_number))
    assert ours == orms, "to the letter"
    if db.dialect == "sqlite":
        kinds = [func.typeof(type_coerce(column, Text())) for column in columns]
        async with db.engine.connect() as connection:
            ours, orms = await connection.execute(select(*kinds).order_by(Pet.license_number))
        assert ours == orms, "in the same storage classes"


async def test_dogs_of_dc_come_with_their_rabies_vaccination(db: Database, register: Any) -> None:
    path = register(
        DC,
        "A1,Jack,8/26/2003,Dog,Brittany / Border Collie,White / Brown,Yes / Male,3181,Expired,"
        "6/30/2013,LIC Rabies,6/25/2013,6/25/2016",
        "A2,Toco,,Dog,Beagle,,No / Female,3008,Cancelled (Deceased),6/30/2013,,,",
        "A3,Rex,,Dog,Beagle,,Yes / Unknown,3009,Cancelled (No longer owns),6/30/2013,,,",
    )
    report = await _import(db, path)
    assert report.inserted == 3
    pets = await _pets(db)
    jack = pets["A1"]
    assert set(jack.breeds) == {"Brittany", "Border Collie"}
    assert (jack.sex, jack.is_neutered, jack.born_on) == (Sex.MALE, True, date(2003, 8, 26))
    (given,) = jack.vaccinations
    assert given.antigens == (Antigen.RABIES,)
    assert (given.administered_on, given.valid_until) == (date(2013, 6, 25), date(2016, 6, 25))
    assert given.source is VaccinationSource.IMPORTED
    assert jack.next_vaccination_due_on == date(2016, 6, 25)
    assert (pets["A2"].status, pets["A2"].sex, pets["A2"].is_neutered) == (
        PetStatus.DECEASED,
        Sex.FEMALE,
        False,
    )
    assert (pets["A3"].status, pets["A3"].sex) == (PetStatus.REHOMED, Sex.UNKNOWN)


async def test_what_is_refused_is_reported_row_by_row(
    db: Database, register: Any, tmp_path: Path
) -> None:
    path = register(
        DC,
        "A1,,8/26/2003,Dog,Beagle,,Yes / Male,1,Current,6/30/2013,,,",
        "A2,Rex,8/26/2013,Dog,Beagle,,Yes / Male,1,Current,6/30/2013,Rabies,6/1/2013,6/1/2016",
        "A3,Rex,8/26/2003,Unicorn,Beagle,,Yes / Male,1,Current,6/30/2013,,,",
        "A4,Rex,2/30/2003,Dog,Beagle,,Yes / Male,1,Current,6/30/2013,,,",
        "A5,Rex,8/26/2027,Dog,Beagle,,Yes / Male,1,Current,6/30/2013,,,",
        ",Rex,8/26/2003,Dog,Beagle,,Yes / Male,1,Current,6/30/2013,,,",
        "A7,Rex,too few columns",
        "A8,Rex,8/26/2003,Dog,Beagle,,Yes / Male,1,Current,6/30/2013,Rabies,6/1/2013,6/1/2012",
        "A9,Good,8/26/2003,Dog,Beagle,,Yes / Male,1,Current,6/30/2013,,,",
    )
    where = tmp_path / "report.csv"
    report = await _import(db, path, report_to=where)
    assert (report.read, report.inserted, report.refused) == (9, 1, 8)
    with where.open(encoding="utf-8", newline="") as stream:
        found = {row["line"]: (row["field"], row["rule"]) for row in csv.DictReader(stream)}
    assert found == {
        "2": ("name", "is blank"),
        "3": ("vaccinated_on", "lies before the birth"),
        "4": ("species", "is not known"),
        "5": ("born_on", "is no date of 1970 to 2199"),
        "6": ("born_on", "lies in the future"),
        "7": ("license_number", "is missing"),
        "8": ("row", "has 3 columns, not 13"),
        "9": ("vaccinated_until", "lies before the vaccination"),
    }
    assert set(await _pets(db)) == {"A9"}
    json.dumps(report.as_dict())


async def test_of_two_entries_for_one_animal_the_later_counts(
    db: Database, register: Any, tmp_path: Path
) -> None:
    path = register(
        SEATTLE,
        "2018-11-21,S1,New,Dog,Beagle,,98136",
        "2016-01-01,S1,Old,Dog,Beagle,,98136",
        "2018-11-21,S1,Newest,Dog,Beagle,,98136",
    )
    where = tmp_path / "report.csv"
    report = await _import(db, path, report_to=where)
    assert (report.inserted, report.superseded) == (1, 2)
    assert (await _pets(db))["S1"].name == "Newest"
    assert where.read_text().count(Outcome.SUPERSEDED) == 2


async def test_names_and_postal_codes_are_put_in_order(db: Database, register: Any) -> None:
    path = register(
        SEATTLE,
        "2018-11-21,S1,\u00a0 Zoe\u0308 \u00a0 Ann ,Cat,Domestic Shorthair,,98115-4820",
        "2018-11-21,S2,Pepe,Goat,Goat,,",
        "2018-11-21,S3,Wilbur,Pig,Pot-Bellied,,4750",
    )
    report = await _import(db, path)
    assert (report.inserted, report.adjusted) == (3, 1)
    pets = await _pets(db)
    assert (pets["S1"].name, pets["S1"].postal_code) == ("Zoë Ann", "98115-4820")
    assert (pets["S2"].species, pets["S2"].postal_code) == (Species.GOAT, None)
    assert (pets["S3"].species, pets["S3"].postal_code) == (Species.PIG, None)


async def test_importing_twice_changes_nothing(db: Database) -> None:
    with pet_register() as path:
        first = await _import(db, path)
        before = {key: (found.id, found.version) for key, found in (await _pets(db)).items()}
        second = await _import(db, path)
        third = await _import(db, path, update=True)
    assert first.inserted > 100
    assert first.refused > 0
    assert (second.inserted, second.unchanged) == (0, first.inserted)
    assert (third.inserted, third.updated, third.unchanged) == (0, 0, first.inserted)
    after = {key: (found.id, found.version) for key, found in (await _pets(db)).items()}
    assert after == before


async def test_what_a_clinic_has_corrected_stays_unless_an_update_is_asked_for(
    db: Database, register: Any
) -> None:
    path = register(SEATTLE, "2018-11-21,S1,Mac,Dog,Beagle,,98136")
    await _import(db, path)
    async with db.transaction() as session:
        (await session.scalars(select(Pet))).one().name = "Mack"
    assert (await _import(db, path)).unchanged == 1
    assert (await _pets(db))["S1"].name == "Mack"
    assert (await _import(db, path, update=True)).updated == 1
    updated = (await _pets(db))["S1"]
    assert (updated.name, updated.version) == ("Mac", 3)


async def test_a_dry_run_reports_and_writes_nothing(db: Database) -> None:
    with pet_register() as path:
        dry = await _import(db, path, dry_run=True)
        assert await _pets(db) == {}
        wet = await _import(db, path)
    assert dry.as_dict() | {"dry_run": False} == wet.as_dict()


async def test_nothing_is_half_imported(db: Database, register: Any) -> None:
    rows = [f"2018-11-21,S{number},Mac,Dog,Beagle,,98136" for number in range(5000)]
    path = register(SEATTLE, *rows)
    broken = path.with_suffix(".broken.csv")
    rest = "2018-11-21,S9998,Zoë,Dog,Beagle,,98136\r\n2018-11-21,S9999,".encode()
    broken.write_bytes(path.read_bytes() + rest + b"Ma\xffc,Dog,Beagle,,98136\r\n")
    with pytest.raises(InvalidValue, match=r"after line \d+.*latin-1"):
        await _import(db, broken)
    async with db.session() as session:
        assert await session.scalar(select(func.count(Pet.id))) == 0
    assert (await _import(db, path)).inserted == 5000


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-8-sig"])
async def test_the_encoding_is_found_by_itself(db: Database, register: Any, encoding: str) -> None:
    path = register(SEATTLE, "2018-11-21,S1,Zoë,Dog,Beagle,,98136", encoding=encoding)
    await _import(db, path)
    assert (await _pets(db))["S1"].name == "Zoë"


async def test_another_encoding_may_be_named(db: Database, register: Any) -> None:
    path = register(SEATTLE, "2018-11-21,S1,Zoë,Dog,Beagle,,98136", encoding="cp850")
    await _import(db, path, encoding="cp850")
    assert (await _pets(db))["S1"].name == "Zoë"


async def test_a_byte_order_mark_and_line_breaks_in_values_do_no_harm(
    db: Database, tmp_path: Path
) -> None:
    path = tmp_path / "bom.csv"
    row = '2018-11-21,S1,"Big\nMac",Dog,Beagle,,98136'
    path.write_text(f"\ufeff{SEATTLE}\n{row}\n", encoding="utf-8")
    await _import(db, path)
    assert (await _pets(db))["S1"].name == "Big Mac"


async def test_any_register_can_be_mapped(db: Database, register: Any) -> None:
    path = register("Tag;no,Called,Kind,Born", "7,Rex,canine,03/04/2020")
    with pytest.raises(InvalidValue, match="--map"):
        await _import(db, path)
    columns = {"license_number": "Tag;no", "name": "Called", "species": "Kind", "born_on": "Born"}
    with pytest.raises(InvalidValue, match="jurisdiction"):
        await _import(db, path, columns=columns)
    await _import(db, path, columns=columns, jurisdiction="GB-London")
    rex = (await _pets(db))["7"]
    assert (rex.license_jurisdiction, rex.born_on) == ("GB-London", date(2020, 4, 3))


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"name": "no_such_column"}, "no_such_column"),
        ({"nickname": "animal_name"}, "nickname"),
        ({"species": ""}, "--map species="),
    ],
)
async def test_a_wrong_mapping_is_named(
    db: Database, register: Any, columns: dict[str, str], match: str
) -> None:
    path = register(SEATTLE, "2018-11-21,S1,Mac,Dog,Beagle,,98136")
    with pytest.raises(InvalidValue, match=match):
        await _import(db, path, layout="seattle", columns=columns)


async def test_an_unknown_layout_or_an_empty_file_is_named(
    db: Database, register: Any, tmp_path: Path
) -> None:
    path = register(SEATTLE)
    with pytest.raises(InvalidValue, match="seattle, dc"):
        await _import(db, path, layout="atlantis")
    assert (await _import(db, path)).read == 0
    empty = tmp_path / "empty.csv"
    empty.touch()
    with pytest.raises(InvalidValue, match="is empty"):
        await _import(db, empty)


async def test_two_imports_at_once_leave_each_animal_once(db: Database) -> None:
    import asyncio

    with pet_register() as path:
        reports = await asyncio.gather(*(_import(db, path) for _ in range(3)))
    counts = sorted(report.inserted for report in reports)
    assert counts[:2] == [0, 0]
    assert len(await _pets(db)) == counts[2]


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_a_register_can_be_imported_into_a_tenants_schema(
    empty_url: str, register: Any
) -> None:
    path = register(SEATTLE, "2018-11-21,S1,Mac,Dog,Beagle,,98136")
    async with Database(empty_url) as whole:
        tenant = whole.for_tenant("clinic_a")
        await tenant.migrate()
        assert (await _import(tenant, path)).inserted == 1
        assert (await _import(tenant, path, update=True)).unchanged == 1
        assert set(await _pets(tenant)) == {"S1"}


async def test_progress_is_told_as_rows_come_in(db: Database, register: Any) -> None:
    rows = [f"2018-11-21,S{number},Mac,Dog,Beagle,,98136" for number in range(4500)]
    seen: list[tuple[int, int]] = []
    path = register(SEATTLE, *rows)
    await _import(db, path, progress=lambda *at: seen.append(at))
    assert [count for count, _ in seen] == [2000, 4000, 4500]
    assert seen[-1][1] == path.stat().st_size
