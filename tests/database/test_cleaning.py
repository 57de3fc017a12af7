"""What has been kept long enough goes for good; what is signed or needed never does."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Column, ForeignKey, MetaData, Table, func, insert, select, text
from typer.testing import CliRunner

from tests.examples import NINE, appointment, pet, user, world
from tests.medical.signed import sign_by_hand
from vetcore import clock
from vetcore.cli.app import application
from vetcore.database import Database
from vetcore.database.cleaning import Cleaned
from vetcore.errors import InvalidValue
from vetcore.medical import ReleaseReason, released
from vetcore.models import (
    Appointment,
    CommandKey,
    MedicalRecord,
    Pet,
    PetCoOwner,
    User,
    VaccinationReminder,
    WaitlistEntry,
    WebhookDelivery,
)
from vetcore.models.types import Identifier
from vetcore.settings import RetentionSettings
from vetcore.values.appointments import AppointmentStatus, WaitlistStatus
from vetcore.values.clinics import ServiceType

LONG_AGO = clock.now() - timedelta(days=4000)
LATELY = clock.now() - timedelta(days=1)
A_YEAR = RetentionSettings(deleted_days=365)


async def _count(db: Database, entity: Any) -> int:
    async with db.session(include_deleted=True) as session:
        return int(await session.scalar(select(func.count()).select_from(entity)) or 0)


def _rows(cleaned: list[Cleaned]) -> dict[tuple[str, str], int]:
    return {(part.table, part.kind): part.rows for part in cleaned}


async def test_rows_that_were_deleted_long_ago_go_with_all_that_hung_on_them(db: Database) -> None:
    owner, friend = user(deleted_at=LONG_AGO), user()
    animals = [pet(owner, deleted_at=LONG_AGO) for _ in range(7)]
    recent, kept = pet(friend, deleted_at=LATELY), pet(friend)
    async with db.transaction() as session:
        session.add_all([owner, friend])
        await session.flush()
        session.add_all([*animals, recent, kept])
        await session.flush()
        session.add(PetCoOwner(pet_id=animals[0].id, user_id=friend.id))
    expected = {("pets", "deleted rows"): 7, ("users", "deleted rows"): 1}
    assert _rows(await db.clean(A_YEAR, dry_run=True)) == expected
    assert await _count(db, Pet) == 9, "a trial changes nothing"
    assert _rows(await db.clean(A_YEAR, batch=3)) == expected
    assert await db.clean(A_YEAR) == []
    assert (await _count(db, Pet), await _count(db, User)) == (2, 1)


async def test_deleted_rows_stay_for_ever_unless_a_retention_is_set(db: Database) -> None:
    async with db.transaction() as session:
        session.add(pet(deleted_at=LONG_AGO))
    assert await db.clean() == []
    assert await _count(db, Pet) == 1


async def test_what_is_signed_stays_and_so_does_all_that_it_refers_to(db: Database) -> None:
    rows, place, vet, animal = world()
    async with db.transaction() as session:
        session.add_all(rows)
        await session.flush()
        visit = appointment(place, vet, animal, status=AppointmentStatus.COMPLETED)
        session.add(visit)
        await session.flush()
        common = {"pet_id": animal.id, "clinic_id": place.id, "veterinarian_id": vet.id}
        signed = MedicalRecord(**common, visited_at=NINE, appointment_id=visit.id)
        session.add_all([signed, MedicalRecord(**common, visited_at=NINE, deleted_at=LONG_AGO)])
        await session.flush()
        await sign_by_hand(session, signed)
        # As a database had it that is older than the lock.
        async with released(session, reason=ReleaseReason.MIGRATION):
            signed.deleted_at = LONG_AGO
        for row in [*rows, visit]:
            row.deleted_at = LONG_AGO
    cleaned = _rows(await db.clean(A_YEAR))
    assert cleaned.pop(("medical_records", "deleted rows")) == 1, "the draft"
    assert await _count(db, MedicalRecord) == 1
    assert await _count(db, Appointment) == 1
    assert await _count(db, Pet) == 1
    assert not {"pets", "veterinarians", "clinics", "appointments"} & {name for name, _ in cleaned}


async def test_rows_that_refer_to_their_own_table_go_from_the_last_to_the_first(
    db: Database,
) -> None:
    rows, place, vet, animal = world()
    async with db.transaction() as session:
        session.add_all(rows)
        await session.flush()
        before: Any = None
        for number in range(4):
            visit = appointment(
                place,
                vet,
                animal,
                NINE + timedelta(days=number),
                follow_up_of_id=before and before.id,
                deleted_at=LONG_AGO,
            )
            session.add(visit)
            await session.flush()
            before = visit
    assert _rows(await db.clean(A_YEAR, batch=1)) == {("appointments", "deleted rows"): 4}


async def test_a_row_to_which_a_services_own_table_refers_stays(db: Database) -> None:
    animal = pet(deleted_at=LONG_AGO)
    own = MetaData()
    users = Table("pets", own, Column("id", Identifier, primary_key=True))
    notes = Table(
        "own_notes",
        own,
        Column("id", Identifier, primary_key=True),
        Column("pet_id", ForeignKey(users.c.id, ondelete="CASCADE")),
    )
    async with db.engine.begin() as connection:
        await connection.run_sync(notes.create)
    async with db.transaction() as session:
        session.add(animal)
        await session.flush()
        await session.execute(insert(notes).values(id=uuid4(), pet_id=animal.id))
    try:
        assert await db.clean(A_YEAR) == []
        assert await _count(db, Pet) == 1
        assert await _count(db, notes) == 1
    finally:
        async with db.engine.begin() as connection:
            await connection.run_sync(notes.drop)


async def test_what_has_served_its_time_goes_by_kind(db: Database) -> None:
    rows, place, vet, animal = world()
    due, other = (clock.now() + timedelta(days=9)).date(), LONG_AGO.date()
    async with db.transaction() as session:
        session.add_all(rows)
        await session.flush()
        animal.next_vaccination_due_on = due
        held = {"status": AppointmentStatus.HELD, "hold_expires_at": LONG_AGO}
        hold = appointment(place, vet, animal, **held)
        hold.starts_at = hold.occupied_from = LONG_AGO
        hold.ends_at = hold.occupied_until = LONG_AGO + timedelta(hours=1)
        over = appointment(place, vet, animal, status=AppointmentStatus.COMPLETED)
        over.starts_at = over.occupied_from = LONG_AGO - timedelta(days=1)
        over.ends_at = over.occupied_until = LONG_AGO - timedelta(hours=23)
        to_come = appointment(place, vet, animal)
        to_come.starts_at = to_come.occupied_from = clock.now() + timedelta(days=1)
        to_come.ends_at = to_come.occupied_until = clock.now() + timedelta(days=1, hours=1)
        session.add_all([hold, over, to_come])
        await session.flush()
        session.add_all(
            [
                *(
                    CommandKey(
                        actor_id=UUID(int=0),
                        key=str(at),
                        operation="book_appointment",
                        fingerprint="",
                        result_id=to_come.id,
                        created_at=at,
                    )
                    for at in (LONG_AGO, clock.now())
                ),
                WaitlistEntry(
                    clinic_id=place.id,
                    pet_id=animal.id,
                    service=ServiceType.WELLNESS_EXAM,
                    status=WaitlistStatus.OFFERED,
                    offered_appointment_id=hold.id,
                    earliest_at=LONG_AGO,
                    latest_at=LONG_AGO + timedelta(hours=1),
                ),
                *(
                    WebhookDelivery(
                        source="clerk",
                        delivery_id=str(at),
                        event_type="user.updated",
                        received_at=at,
                    )
                    for at in (LONG_AGO, LATELY)
                ),
                *(
                    VaccinationReminder(
                        pet_id=animal.id,
                        due_on=day,
                        claimed_by="worker",
                        claimed_until=LONG_AGO,
                        sent_at=LONG_AGO,
                    )
                    for day in (due, other)
                ),
            ]
        )
    expected = {
        ("waitlist_entries", "waitlist entries"): 1,
        ("appointments", "expired holds"): 1,
        ("command_keys", "keys of commands"): 1,
        ("webhook_deliveries", "webhook deliveries"): 1,
        ("vaccination_reminders", "sent reminders"): 1,
    }
    found = _rows(await db.clean(dry_run=True))
    assert found.items() <= expected.items()
    cleaned = _rows(await db.clean())
    assert cleaned == expected
    async with db.session() as session:
        versions = {row.id: row.version for row in await session.scalars(select(Appointment))}
        assert versions == {over.id: 1, to_come.id: 1}, "nobody's change is disturbed"
        left = (await session.scalars(select(VaccinationReminder.due_on))).all()
        assert left == [due], "or it would be sent once more"


async def test_a_run_that_is_stopped_is_gone_on_with(db: Database) -> None:
    async with db.transaction() as session:
        session.add_all([pet(deleted_at=LONG_AGO) for _ in range(10)])

    def stop(_: Cleaned) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await db.clean(A_YEAR, batch=4, progress=stop)
    assert await _count(db, Pet) == 6
    told: list[int] = []
    await db.clean(A_YEAR, batch=4, progress=lambda part: told.append(part.rows))
    assert told == [4, 6]
    assert await _count(db, Pet) == 0


async def test_a_batch_has_rows(db: Database) -> None:
    with pytest.raises(InvalidValue, match="batch"):
        await db.clean(batch=0)


async def test_the_command_tells_what_would_go_and_what_went(database_url: str) -> None:
    async with Database(database_url) as db, db.transaction() as session:
        await session.execute(text("SELECT 1"))
        session.add(pet(deleted_at=LONG_AGO))

    def ran(*options: str) -> Any:
        with ThreadPoolExecutor(1) as pool:
            arguments = ["db", "clean", "--url", database_url, "--json", *options]
            result = pool.submit(CliRunner().invoke, application(), arguments).result()
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    one = [{"table": "pets", "kind": "deleted rows", "rows": 1}]
    assert ran()["cleaned"] == []
    assert ran("--dry-run", "--deleted-days", "365")["cleaned"] == one
    assert ran("--deleted-days", "365") == {"dry_run": False, "rows": 1, "cleaned": one}
    assert ran("--deleted-days", "365")["rows"] == 0
