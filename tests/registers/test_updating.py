"""An update takes over what the register says otherwise: of every row, and with what follows."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from tests.examples import clinic
from tests.registers.samples import Write, imported, pets
from tests.scheduling.practice import practice
from vetcore import clock
from vetcore.database import Database
from vetcore.medical import refresh_due_date
from vetcore.models import Appointment, Pet, WaitlistEntry
from vetcore.registers import storing
from vetcore.scheduling import book, join_waitlist
from vetcore.schemas import AppointmentCreate, WaitlistEntryCreate
from vetcore.values.animals import PetStatus
from vetcore.values.appointments import AppointmentStatus, WaitlistStatus
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.vaccination import Antigen, Vaccination

HEAD = "license_number,name,species,born_on,status,rabies date,rabies valid until,date of death"
X: dict[str, Any] = {
    "jurisdiction": "US-X",
    "columns": {"vaccinated_on": "rabies date", "vaccinated_until": "rabies valid until"},
}


@pytest.fixture(autouse=True)
def _in_2026() -> Iterator[None]:
    with clock.frozen(datetime(2026, 3, 9, tzinfo=UTC)):
        yield


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(storing, "_PAGE", 3)
    return 3


def _rows(name: str, count: int) -> list[str]:
    return [f"{number},{name},dog,,,,," for number in range(count)]


@pytest.mark.parametrize("count", [2, 3, 4, 6, 7, 31])
async def test_an_update_of_more_rows_than_a_page_changes_all_of_them(
    db: Database, write: Write, small_pages: int, count: int
) -> None:
    await imported(db, write(HEAD, *_rows("Rex", count)), **X)
    report = await imported(db, write(HEAD, *_rows("Max", count)), update=True, **X)
    assert report.updated == count
    async with db.session() as session:
        named = select(func.count()).where(Pet.name == "Max")
        assert await session.scalar(named) == count


@pytest.mark.parametrize("count", [3, 4, 30, 31, 61])
async def test_no_row_is_lost_where_a_page_ends(
    db: Database, write: Write, small_pages: int, count: int
) -> None:
    later = [row.replace("Rex", "Max") for row in _rows("Rex", count)]
    report = await imported(db, write(HEAD, *_rows("Rex", count), *later), **X)
    assert (report.inserted, report.superseded) == (count, count)
    assert {pet.name for pet in (await pets(db)).values()} == {"Max"}
    assert len(await pets(db)) == count


async def test_an_update_to_deceased_clears_the_due_date(db: Database, write: Write) -> None:
    row = "1,Rex,dog,2015-01-01,{},2025-06-01,2028-06-01,{}"
    for number, (status, died_on) in enumerate([("Deceased", ""), ("", "2026-01-05")]):
        numbered = str(number) + row[1:]
        await imported(db, write(HEAD, numbered.format("", "")), **X)
        assert (await pets(db))[str(number)].next_vaccination_due_on == date(2028, 6, 1)
        dead = write(HEAD, numbered.format(status, died_on))
        assert (await imported(db, dead, update=True, **X)).updated == 1
        rex = (await pets(db))[str(number)]
        assert (rex.status, rex.next_vaccination_due_on) == (PetStatus.DECEASED, None)
        assert rex.died_on == (date.fromisoformat(died_on) if died_on else None)
        assert (await imported(db, dead, update=True, **X)).updated == 0


async def test_nothing_falls_due_for_an_animal_that_a_clinic_knows_is_dead(
    db: Database, write: Write
) -> None:
    await imported(db, write(HEAD, "1,Rex,dog,2015-01-01,,,,"), **X)
    await _change(db, status=PetStatus.DECEASED)
    told = write(HEAD, "1,Rex,dog,2015-01-01,,2025-06-01,2028-06-01,")
    assert (await imported(db, told, update=True, **X)).updated == 1
    rex = (await pets(db))["1"]
    assert (rex.status, rex.next_vaccination_due_on) == (PetStatus.DECEASED, None)


@pytest.mark.parametrize(
    "changed",
    [
        "1,Rex,dog,2015-01-01,,2025-06-01,2026-06-01,",
        "1,Rex,dog,2025-12-24,,,,",
        "1,Rex,cat,2015-01-01,,,,",
        "1,Rex,dog,2015-01-01,Deceased,,,",
    ],
)
@pytest.mark.parametrize("recorded", ["by a clinic", "at a clinic"])
async def test_after_an_update_the_due_date_is_what_refreshing_gives(
    db: Database, write: Write, changed: str, recorded: str
) -> None:
    await imported(db, write(HEAD, "1,Rex,dog,2015-01-01,,,,"), **X)
    dose = Vaccination(antigens=(Antigen.RABIES,), administered_on=date(2024, 5, 1))
    async with db.transaction() as session:
        pet = (await session.scalars(select(Pet))).one()
        if recorded == "by a clinic":
            pet.vaccinations = (dose,)
        else:
            place = clinic()
            session.add(place)
            await session.flush()
            pet.primary_clinic_id = place.id
        await session.flush()
        await refresh_due_date(session, pet.id)
    assert (await imported(db, write(HEAD, changed), update=True, **X)).updated == 1
    after = (await pets(db))["1"]
    async with db.transaction() as session:
        assert await refresh_due_date(session, after.id) == after.next_vaccination_due_on


async def test_an_estimate_takes_no_known_birth_away(db: Database, write: Write) -> None:
    head = "license_number,name,species,born_on"
    options = {"jurisdiction": "US-X", "update": True}
    born = "1,Rex,dog,{}".format
    await imported(db, write(head, born("2018")), jurisdiction="US-X")
    for told, stored, is_estimate, updated in (
        ("2019", date(2019, 1, 1), True, 1),
        ("2019-01-01", date(2019, 1, 1), False, 1),
        ("2018", date(2019, 1, 1), False, 0),
        ("2018-05-06", date(2018, 5, 6), False, 1),
        ("2018-05-06", date(2018, 5, 6), False, 0),
    ):
        report = await imported(db, write(head, born(told)), **options)
        rex = (await pets(db))["1"]
        assert (rex.born_on, rex.birth_date_is_estimate) == (stored, is_estimate)
        assert report.updated == updated


async def test_an_estimate_fills_in_a_birth_that_nobody_knew(db: Database, write: Write) -> None:
    head = "license_number,name,species,born_on"
    await imported(db, write(head, "1,Rex,dog,"), jurisdiction="US-X")
    assert (await pets(db))["1"].born_on is None
    report = await imported(db, write(head, "1,Rex,dog,2018"), jurisdiction="US-X", update=True)
    rex = (await pets(db))["1"]
    assert (rex.born_on, rex.birth_date_is_estimate) == (date(2018, 1, 1), True)
    assert report.updated == 1


async def test_a_death_before_the_birth_that_a_clinic_knows_is_left_out(
    db: Database, write: Write
) -> None:
    await imported(db, write(HEAD, "1,Rex,dog,,,,,"), **X)
    await _change(db, born_on=date(2025, 5, 1))
    dead = write(HEAD, "1,Rex,dog,,,,,2024-01-05")
    assert (await imported(db, dead, update=True, **X)).updated == 1
    rex = (await pets(db))["1"]
    assert (rex.status, rex.died_on, rex.born_on) == (PetStatus.DECEASED, None, date(2025, 5, 1))


async def test_a_death_before_the_birth_in_one_row_is_refused(db: Database, write: Write) -> None:
    path = write(HEAD, "1,Rex,dog,2020-01-02,,,,2020-01-01", "2,Max,dog,,,,,2027-01-01")
    report = await imported(db, path, **X)
    assert set(report.reasons) == {"died_on: lies before the birth", "died_on: lies in the future"}


async def _change(db: Database, **changes: Any) -> None:
    async with db.transaction() as session:
        await session.execute(update(Pet).values(**changes))


@pytest.mark.parametrize("status", ["deceased", "adopted"])
async def test_an_update_that_says_a_pet_is_gone_calls_off_its_visits_and_its_waiting(
    db: Database, write: Write, small_pages: int, status: str
) -> None:
    made = await practice(db)
    await imported(db, write(HEAD, *_rows("Rex", 7)), **X)
    registered = await pets(db)
    found = [registered[str(number)] for number in range(7)]
    later = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)
    async with db.transaction() as session:
        booked = []
        for number, each in enumerate(found[:6]):
            request = AppointmentCreate(
                clinic_id=made.clinic.id,
                service=ServiceType.WELLNESS_EXAM,
                pet_id=each.id,
                starts_at=later + number // 2 * timedelta(minutes=30),
            )
            booked.append((await book(session, request, by=Capacity.STAFF)).id)
        wish = WaitlistEntryCreate(
            clinic_id=made.clinic.id,
            service=ServiceType.WELLNESS_EXAM,
            pet_id=found[0].id,
            earliest_at=later,
            latest_at=later + timedelta(days=2),
        )
        entry = await join_waitlist(session, wish, by=Capacity.STAFF)
    gone = [f"{number},Rex,dog,,{status},,," for number in range(7)]
    await imported(db, write(HEAD, *gone), update=True, **X)
    async with db.session() as session:
        states = await session.scalars(select(Appointment.status).where(Appointment.id.in_(booked)))
        assert list(states) == [AppointmentStatus.CANCELLED] * 6
        left = await session.get_one(WaitlistEntry, entry.id)
        assert left.status is WaitlistStatus.WITHDRAWN
