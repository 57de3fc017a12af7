"""The assertions that others build their tests on must fail when they should."""

import pytest
from sqlalchemy import select, text

from tests.examples import NINE, appointment, pet, user, world
from vetcore import clock
from vetcore.clock import StoppedClock
from vetcore.database import Database
from vetcore.errors import InvalidValue, NotFound
from vetcore.models import User
from vetcore.scheduling import find_slots
from vetcore.testing import assert_no_overlap, count_statements, refused
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType


async def test_statements_are_counted_and_listed(db: Database) -> None:
    async with db.session() as session:
        with count_statements(session, exactly=2, at_most=2) as sent:
            await session.scalars(select(User))
            async with session.begin_nested():
                await session.scalars(select(User.id))
        assert len(sent) == 2
        assert "1. SELECT users." in str(sent)
        with (
            pytest.raises(AssertionError, match=r"1 statements instead of 2:\n1\. SELECT 1"),
            count_statements(session, exactly=2),
        ):
            await session.execute(text("SELECT 1"))
        with pytest.raises(AssertionError, match="more than 0"), count_statements(db, at_most=0):
            await session.execute(text("SELECT 1"))
        with count_statements(db, exactly=0):
            pass


async def test_statements_on_the_drivers_own_connection_count_too(db: Database) -> None:
    everything, place, *_ = world()
    async with db.transaction() as session:
        session.add_all(everything)
    with clock.frozen(NINE):
        async with db.session() as session:
            with count_statements(session) as sent:
                await find_slots(
                    session,
                    clinic_id=place.id,
                    service=ServiceType.WELLNESS_EXAM,
                    start=NINE,
                    end=NINE.replace(hour=23),
                    by=Capacity.STAFF,
                )
    assert len(sent) > 1


async def test_overlaps_are_found_where_a_database_let_them_in(db: Database) -> None:
    everything, place, vet, animal = world()
    other = pet()
    async with db.transaction() as session:
        session.add_all([*everything, other, user()])
    async with db.transaction() as session:
        session.add(appointment(place, vet, animal))
        await session.flush()
        await assert_no_overlap(session)
    async with db.transaction() as session:
        if db.dialect == "postgresql":
            for resource in ("practitioner", "pet"):
                constraint = f"ex_appointments_{resource}"
                await session.execute(
                    text(f"ALTER TABLE appointments DROP CONSTRAINT {constraint}")
                )
        else:
            triggers = await session.scalars(
                text(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger'"
                    " AND tbl_name = 'appointments'"
                )
            )
            for trigger in triggers.all():
                await session.execute(text(f"DROP TRIGGER {trigger}"))
        session.add(appointment(place, vet, other))
        await session.flush()
        with pytest.raises(AssertionError, match="appointments overlap"):
            await assert_no_overlap(session)


def test_a_refusal_must_be_the_one_that_was_named() -> None:
    with refused("not_found", entity="pet") as caught:
        raise NotFound(entity="pet", key="Rex")
    assert caught.error.message == "pet Rex was not found"
    with (
        pytest.raises(AssertionError, match="refused, but not as slot_taken"),
        refused("slot_taken"),
    ):
        raise NotFound(entity="pet", key="Rex")
    with (
        pytest.raises(AssertionError, match="refused, but not"),
        refused("not_found", entity="cat"),
    ):
        raise NotFound(entity="pet", key="Rex")
    with pytest.raises(AssertionError, match="nothing was refused"), refused("not_found"):
        pass
    with pytest.raises(ZeroDivisionError), refused("not_found"):
        raise ZeroDivisionError


def test_a_stopped_clock_refuses_naive_time() -> None:
    with pytest.raises(InvalidValue):
        StoppedClock(NINE.replace(tzinfo=None))
