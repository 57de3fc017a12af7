"""Each state in which a database refuses is the error that it means, on each driver."""

import sqlite3
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from asyncpg.exceptions import PostgresError
from sqlalchemy import insert, text

from tests.examples import appointment, pet, world
from vetcore.database import Database
from vetcore.database.translation import translate
from vetcore.errors import (
    AlreadyExists,
    ConfigurationError,
    ConnectionFailed,
    ConstraintViolation,
    DatabaseError,
    Deadlock,
    LockTimeout,
    MigrationError,
    PermissionDenied,
    SerializationFailure,
    SlotTaken,
    StatementTimeout,
    StillReferenced,
    VetcoreError,
)
from vetcore.models import Appointment, Pet

STATES: dict[str, type[VetcoreError]] = {
    "08000": ConnectionFailed,
    "08006": ConnectionFailed,
    "22003": ConstraintViolation,
    "22021": ConstraintViolation,
    "22P02": ConstraintViolation,
    "23001": StillReferenced,
    "23502": ConstraintViolation,
    "23503": ConstraintViolation,
    "23505": AlreadyExists,
    "23514": ConstraintViolation,
    "23P01": AlreadyExists,
    "25P03": ConnectionFailed,
    "25P04": StatementTimeout,
    "28000": ConfigurationError,
    "28P01": ConfigurationError,
    "3D000": ConfigurationError,
    "3F000": ConfigurationError,
    "40001": SerializationFailure,
    "40P01": Deadlock,
    "42501": DatabaseError,
    "42601": DatabaseError,
    "42703": MigrationError,
    "42P01": MigrationError,
    "53300": ConnectionFailed,
    "55P03": LockTimeout,
    "57014": StatementTimeout,
    "57P01": ConnectionFailed,
    "57P02": ConnectionFailed,
    "57P03": ConnectionFailed,
    "57P05": ConnectionFailed,
    "XX000": DatabaseError,
}
RETRYABLE = {SerializationFailure, Deadlock, LockTimeout, ConnectionFailed}


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_postgresql_is_the_error_that_it_means(state: str) -> None:
    error = translate(PostgresError.new({"C": state, "M": f"state {state}"}))
    assert type(error) is STATES[state]
    assert error.retryable is (type(error) in RETRYABLE)
    if isinstance(error, DatabaseError | ConfigurationError):
        assert error.details["sqlstate"] == state


def test_a_row_that_row_security_refuses_is_a_permission_that_is_missing() -> None:
    refused = {"C": "42501", "M": 'new row violates row-level security policy for table "pets"'}
    assert isinstance(translate(PostgresError.new(refused)), PermissionDenied)


CODES: dict[str, type[VetcoreError]] = {
    "SQLITE_BUSY": LockTimeout,
    "SQLITE_BUSY_SNAPSHOT": SerializationFailure,
    "SQLITE_BUSY_TIMEOUT": LockTimeout,
    "SQLITE_LOCKED": LockTimeout,
    "SQLITE_LOCKED_SHAREDCACHE": LockTimeout,
    "SQLITE_INTERRUPT": StatementTimeout,
    "SQLITE_CANTOPEN": ConfigurationError,
    "SQLITE_CANTOPEN_ISDIR": ConfigurationError,
    "SQLITE_CORRUPT": DatabaseError,
    "SQLITE_FULL": DatabaseError,
}


@pytest.mark.parametrize("code", CODES)
def test_every_code_of_sqlite_is_the_error_that_it_means(code: str) -> None:
    original: Any = sqlite3.OperationalError("it did not go")
    original.sqlite_errorname = code
    error = translate(original)
    assert type(error) is CODES[code]
    assert error.retryable is (type(error) in RETRYABLE)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("UNIQUE constraint failed: pets.microchip", AlreadyExists),
        ("NOT NULL constraint failed: pets.name", ConstraintViolation),
        ("CHECK constraint failed: ck_pets_weight_kg", ConstraintViolation),
        ("FOREIGN KEY constraint failed", ConstraintViolation),
        ("no such table: nowhere", MigrationError),
        ("no such column: nothing", MigrationError),
        ("Cannot operate on a closed database.", ConnectionFailed),
    ],
)
def test_what_sqlite_says_in_words_is_understood(message: str, kind: type[VetcoreError]) -> None:
    constraint = "constraint failed" in message
    raised = sqlite3.IntegrityError if constraint else sqlite3.OperationalError
    assert type(translate(raised(message))) is kind


async def test_of_several_rows_the_error_is_about_the_one_that_was_refused(db: Database) -> None:
    rows, place, vet, animal = world()
    async with db.transaction() as session:
        session.add_all(rows)
        await session.flush()
        session.add(appointment(place, vet, animal))
    taken = appointment(place, vet, animal)
    later = [
        {
            column.key: getattr(taken, column.key)
            for column in Appointment.__mapper__.column_attrs
            if column.key in taken.__dict__
        }
        for _ in range(2)
    ]
    for place_, row in enumerate(later):
        row["id"] = uuid4()
        for name in ("starts_at", "ends_at", "occupied_from", "occupied_until"):
            row[name] += timedelta(days=1 - place_)
    with pytest.raises(SlotTaken) as refused:
        async with db.transaction() as session:
            await session.execute(insert(Appointment), later)
    details = refused.value.details
    assert details.get("start") in {None, later[1]["starts_at"].isoformat()}


async def test_of_several_rows_a_missing_parent_is_named(db: Database) -> None:
    owner = world()[0][1]
    async with db.transaction() as session:
        session.add(owner)
    good = {"name": "Rex", "species": "dog", "owner_id": owner.id}
    bad = {"name": "Bo", "species": "dog", "owner_id": pet().id}
    with pytest.raises(ConstraintViolation) as refused:
        async with db.transaction() as session:
            await session.execute(insert(Pet), [good, bad])
    assert refused.value.details["fields"] == ["owner_id"]
    async with db.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM pets")) == 0
