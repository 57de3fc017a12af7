"""The revision that moves keys into a ledger keeps every row, up and down, and what it knows."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import column, insert, inspect, select, table, text

from tests.examples import membership, pet, user, veterinarian, world
from vetcore.database import Database
from vetcore.models import Appointment, CommandKey, Veterinarian, WaitlistEntry
from vetcore.models.types import Identifier
from vetcore.values.appointments import AppointmentPriority, AppointmentStatus, WaitlistStatus
from vetcore.values.clinics import ServiceType

BEFORE, AFTER = "0005", "0006"
NINE = datetime(2030, 3, 11, 9, tzinfo=UTC)
NOBODY = UUID(int=0)
CREATED = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def _table(model: Any, *more: Any) -> Any:
    """The model's table as a statement names it: without defaults that are newer than the rows."""
    return table(
        model.__tablename__, *(column(each.name, each.type) for each in model.__table__.c), *more
    )


APPOINTMENTS = _table(Appointment, column("idempotency_key"), column("veterinarian_id", Identifier))
WISHES = _table(
    WaitlistEntry, column("veterinarian_id", Identifier), column("performer_id", Identifier)
)
KEYS = _table(CommandKey)


class _Old:
    """What there was before: rows of each kind that the revision treats in its own way."""

    def __init__(self) -> None:
        self.everything, self.place, self.vet, self.animal = world()
        self.staff = user()
        self.gone = user()
        self.gone_vet = veterinarian(self.gone)
        self.second = pet()
        self.entries = {name: uuid4() for name in ("offered", "deleted", "anybody", "gone")}
        self.visits: list[dict[str, Any]] = []
        self.keyed = {
            "form-1": self._visit("form-1", created_by_id=self.staff.id),
            "form-2": self._visit("form-2"),
            "form-3": self._visit("form-3", deleted_at=CREATED, created_by_id=self.staff.id),
            "form-4": self._visit("form-4", status=AppointmentStatus.CANCELLED),
            "k" * 100: self._visit("k" * 100, created_by_id=self.staff.id),
        }
        self.held = {"hold-1": self._visit("hold-1", hold_expires_at=NINE)}
        self._visit(None)
        self._visit(f"series:{uuid4()}:0")
        self.offers = [NINE + timedelta(days=50), NINE + timedelta(days=51, hours=1)]
        self.last_offer = [
            self._visit(
                f"waitlist:{self.entries['offered']}:{int(start.timestamp())}",
                starts_at=start,
                status=AppointmentStatus.EXPIRED,
                created_at=CREATED + timedelta(seconds=number),
            )
            for number, start in enumerate(self.offers)
        ][-1]
        self.deleted_offer = NINE + timedelta(days=60)
        self._visit(
            f"waitlist:{self.entries['deleted']}:{int(self.deleted_offer.timestamp())}",
            starts_at=self.deleted_offer,
            status=AppointmentStatus.CANCELLED,
        )

    def _visit(self, key: str | None, **given: Any) -> UUID:
        start = given.get("starts_at", NINE + timedelta(days=len(self.visits)))
        row = {
            "id": uuid4(),
            "clinic_id": self.place.id,
            "veterinarian_id": self.vet.id,
            "pet_id": self.animal.id,
            "service": ServiceType.WELLNESS_EXAM,
            "status": AppointmentStatus.SCHEDULED,
            "starts_at": start,
            "ends_at": start + timedelta(minutes=30),
            "occupied_from": start,
            "occupied_until": start + timedelta(minutes=30),
            "idempotency_key": key,
            "created_at": CREATED,
            "created_by_id": None,
            "hold_expires_at": None,
            "deleted_at": None,
        }
        self.visits.append(row | given)
        return self.visits[-1]["id"]  # type: ignore[no-any-return]

    def wishes(self) -> list[dict[str, Any]]:
        common = {
            "clinic_id": self.place.id,
            "service": ServiceType.WELLNESS_EXAM,
            "priority": AppointmentPriority.ROUTINE,
            "earliest_at": NINE,
            "latest_at": NINE + timedelta(days=90),
            "notes": "mornings",
            "version": 3,
        }
        mine = {"pet_id": self.animal.id, "veterinarian_id": self.vet.id}
        anybodys = {"pet_id": self.second.id, "veterinarian_id": None}
        offered = {
            "status": WaitlistStatus.OFFERED,
            "offered_appointment_id": self.last_offer,
            "deleted_at": None,
        }
        over = {"status": WaitlistStatus.EXPIRED, "offered_appointment_id": None}
        return [
            common | mine | offered | {"id": self.entries["offered"]},
            common | mine | over | {"id": self.entries["deleted"], "deleted_at": CREATED},
            common | anybodys | over | {"id": self.entries["anybody"], "deleted_at": None},
            common
            | {"pet_id": self.second.id, "veterinarian_id": self.gone_vet.id}
            | over
            | {"id": self.entries["gone"], "deleted_at": None},
        ]

    async def store(self, db: Database) -> None:
        async with db.transaction() as session:
            session.add_all([*self.everything, self.staff, self.gone, self.second])
            await session.flush()
            session.add_all([self.gone_vet, membership(self.gone, self.place)])
            await session.flush()
            self.gone_vet.soft_delete()
        await db.downgrade(BEFORE)
        async with db.transaction() as session:
            await session.execute(insert(APPOINTMENTS), self.visits)
            await session.execute(insert(WISHES), self.wishes())


async def _rows(db: Database, source: Any, *names: str) -> dict[Any, tuple[Any, ...]]:
    """Columns of all rows, deleted ones too, by the first."""
    query = select(*(source.c[name] for name in names))
    async with db.session(include_deleted=True) as session:
        return {row[0]: tuple(row[1:]) for row in await session.execute(query)}


async def _indexes(db: Database) -> set[str]:
    async with db.engine.connect() as connection:

        def read(sync: Any) -> set[str]:
            inspector = inspect(sync)
            tables = {"appointments", "waitlist_entries", "command_keys"}
            found = tables & set(inspector.get_table_names())
            return {str(each["name"]) for name in found for each in inspector.get_indexes(name)} | {
                str(each["name"]) for name in found for each in inspector.get_foreign_keys(name)
            }

        return await connection.run_sync(read)


@pytest.fixture
def old() -> _Old:
    return _Old()


VISIT = ("id", "pet_id", "veterinarian_id", "status", "starts_at", "created_at", "deleted_at")
WISH = ("id", "pet_id", "status", "offered_appointment_id", "earliest_at", "latest_at", "notes")
LEDGER = ("key", "actor_id", "operation", "fingerprint", "result_id", "created_at")


async def test_keys_and_offers_and_people_are_where_they_belong_and_no_row_is_lost(
    empty_url: str, old: _Old
) -> None:
    async with Database(empty_url) as db:
        await db.migrate()
        await old.store(db)
        visits, wishes = await _rows(db, APPOINTMENTS, *VISIT), await _rows(db, WISHES, *WISH)
        assert (len(visits), len(wishes)) == (len(old.visits), 4)
        assert "uq_appointments_idempotency_key" in await _indexes(db)

        await db.migrate(AFTER)
        assert await _rows(db, APPOINTMENTS, *VISIT) == visits
        assert await _rows(db, WISHES, *WISH, "version", "deleted_at") == {
            row["id"]: (*wishes[row["id"]], 3, row["deleted_at"]) for row in old.wishes()
        }
        owners = {row["id"]: row["created_by_id"] or NOBODY for row in old.visits}
        booked = {
            key: (owners[made], "book_appointment", "", made, CREATED)
            for key, made in old.keyed.items()
        }
        held = {
            key: (owners[made], "hold_appointment", "", made, CREATED)
            for key, made in old.held.items()
        }
        assert await _rows(db, KEYS, *LEDGER) == booked | held
        assert await _rows(db, WISHES, "id", "performer_id", "offered_starts") == {
            old.entries["offered"]: (old.vet.user_id, tuple(old.offers)),
            old.entries["deleted"]: (old.vet.user_id, (old.deleted_offer,)),
            old.entries["anybody"]: (None, ()),
            old.entries["gone"]: (old.gone.id, ()),
        }
        names = await _indexes(db)
        assert {
            "ix_command_keys_created_at",
            "ix_waitlist_entries_performer_id",
            "fk_waitlist_entries_performer_id",
        } <= names
        assert (
            not {
                "uq_appointments_idempotency_key",
                "ix_waitlist_entries_veterinarian_id",
                "fk_waitlist_entries_veterinarian_id",
            }
            & names
        )

        await db.downgrade(BEFORE)
        assert await _rows(db, APPOINTMENTS, *VISIT) == visits
        assert await _rows(db, WISHES, *WISH) == wishes
        names = await _indexes(db)
        assert {
            "uq_appointments_idempotency_key",
            "ix_waitlist_entries_veterinarian_id",
            "fk_waitlist_entries_veterinarian_id",
        } <= names
        given_back = await _rows(db, APPOINTMENTS, "id", "idempotency_key")
        wanted = {made: key for key, made in (old.keyed | old.held).items()}
        assert given_back == {row["id"]: (wanted.get(row["id"]),) for row in old.visits}
        assert await _rows(db, WISHES, "id", "veterinarian_id") == {
            row["id"]: (row["veterinarian_id"],) for row in old.wishes()
        }

        await db.migrate()
        assert await _rows(db, KEYS, *LEDGER) == booked | held
        assert await db.check() == []


async def test_a_key_of_two_users_is_given_to_neither(empty_url: str, old: _Old) -> None:
    """Before, a key was the whole platform's."""
    async with Database(empty_url) as db:
        await db.migrate()
        await old.store(db)
        await db.migrate(AFTER)
        async with db.transaction() as session:
            await session.execute(
                insert(KEYS).values(
                    actor_id=old.gone.id,
                    key="form-1",
                    operation="book_appointment",
                    fingerprint="f",
                    result_id=old.keyed["form-2"],
                    created_at=CREATED,
                )
            )
        await db.downgrade(BEFORE)
        given_back = await _rows(db, APPOINTMENTS, "id", "idempotency_key")
    assert given_back[old.keyed["form-1"]] == (None,)
    assert given_back[old.keyed["form-2"]] == ("form-2",)


async def test_a_wish_for_a_person_who_is_no_veterinarian_is_one_for_anybody_before(
    empty_url: str, old: _Old
) -> None:
    async with Database(empty_url) as db:
        await db.migrate()
        await old.store(db)
        await db.migrate(AFTER)
        async with db.transaction() as session:
            await session.execute(
                WISHES.update()
                .where(WISHES.c.id == old.entries["anybody"])
                .values(performer_id=old.staff.id)
            )
        await db.downgrade(BEFORE)
        assert (await _rows(db, WISHES, "id", "veterinarian_id"))[old.entries["anybody"]] == (None,)
        async with db.session() as session:
            assert await session.scalar(text("SELECT count(*) FROM waitlist_entries")) == 4
            assert await session.get(Veterinarian, old.vet.id) is not None
