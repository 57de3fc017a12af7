"""Small promises of the database room: what is refused, how it is told, and what comes back as it was."""

import asyncio
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import TypeAdapter
from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tests.examples import clinic, pet, user
from vetcore.database import Acting, Database
from vetcore.database.activity import Activity
from vetcore.database.cursors import Page, cursor_after, position_of, require_limit
from vetcore.database.inserting import attached, new_row
from vetcore.database.locking import locked, turn_key
from vetcore.database.paging import page
from vetcore.database.registry import schema
from vetcore.database.statements import JsonArray, Now, SecondsDown, SecondsUp
from vetcore.database.translation import translate
from vetcore.errors import (
    ConnectionFailed,
    DatabaseError,
    InvalidValue,
    NotFound,
    PoolExhausted,
)
from vetcore.models import Clinic, Pet, PetCoOwner, User
from vetcore.settings import DatabaseSettings
from vetcore.values.animals import Species

# Who acts


@pytest.mark.parametrize("via", ["api", "web", "command", "job", "migration", "code"])
def test_each_way_in_is_taken(via: Any) -> None:
    assert Acting(via=via).via == via


def test_another_way_in_is_told_with_those_that_there_are() -> None:
    nowhere: Any = "post"
    with pytest.raises(InvalidValue) as refused:
        Acting(via=nowhere)
    assert refused.value.details["expected"] == "api, web, command, job, migration, code"


def test_only_somebody_can_be_impersonated() -> None:
    with pytest.raises(InvalidValue, match="impersonator: needs somebody who is impersonated"):
        Acting(impersonator=uuid4())
    acting = Acting(uuid4(), impersonator=uuid4())
    assert not acting.is_system
    assert Acting().is_system


# Closing


async def test_closing_waits_for_the_last_of_those_at_work_and_lets_nobody_begin() -> None:
    activity = Activity()
    first, second = activity, activity
    with first:
        with second:
            assert activity.count == 2
        draining = asyncio.create_task(activity.drain(60))
        await asyncio.sleep(0.01)
        assert not draining.done()
        with pytest.raises(DatabaseError, match="closed or closing"):
            activity.__enter__()
    await asyncio.wait_for(draining, 1)
    assert activity.count == 0


# Cursors and pages


class _Kind(StrEnum):
    ONE = "one"


VALUES: list[tuple[Any, Any]] = [
    (datetime(2026, 3, 9, 12, 0, 0, 5, tzinfo=UTC), datetime),
    (date(2026, 3, 9), date),
    (UUID(int=7), UUID),
    (Decimal("1.50"), Decimal),
    (Decimal("12345678901234567.89"), Decimal),
    (0.1, float),
    (_Kind.ONE, _Kind),
    (None, str),
    (True, bool),
    (7, int),
    ("Rex", str),
    ("Rex", None),
]


@pytest.mark.parametrize(("value", "kind"), VALUES)
def test_a_cursor_gives_back_what_was_put_into_it(value: Any, kind: Any) -> None:
    cursor = cursor_after("pets", [value])
    (found,) = position_of("pets", cursor, kinds=[kind])
    assert (found, type(found)) == (value, type(value))
    for name, kinds in (("owners", [kind]), ("pets", [kind, kind]), ("pets", [])):
        with pytest.raises(InvalidValue) as refused:
            position_of(name, cursor, kinds=kinds)
        expected = "the next_cursor of a page of the same list, unchanged"
        assert refused.value.details["expected"] == expected
        assert refused.value.details["field"] == "after"


@pytest.mark.parametrize(("value", "kind"), [("Rex", int), (7, str), (0.5, Decimal), ("one", UUID)])
def test_a_cursor_with_something_else_than_the_list_is_ordered_by_is_refused(
    value: Any, kind: Any
) -> None:
    with pytest.raises(InvalidValue):
        position_of("pets", cursor_after("pets", [value]), kinds=[kind])


def test_a_page_has_at_least_one_row() -> None:
    require_limit(1)
    with pytest.raises(InvalidValue) as refused:
        require_limit(0)
    assert refused.value.details["expected"] == "1 or more"


def test_a_page_in_json_has_its_items_and_where_it_goes_on() -> None:
    adapter = TypeAdapter(Page[int])
    given = Page([1, 2], "next")
    document = {"items": [1, 2], "next_cursor": "next"}
    assert adapter.dump_python(given) == document
    for each in (given, document):
        read = adapter.validate_python(each)
        assert (read, read.items, read.next_cursor) == ([1, 2], [1, 2], "next")
        assert type(read) is Page


async def test_a_page_over_joins_in_brackets_lists_each_row_once(db: Database) -> None:
    """Who has no partner misses every value of it, and comes last."""
    owners = [user(last_name=f"Xu {letter}") for letter in "abc"]
    pets = [pet(owners[0], name="Bo"), pet(owners[0], name="Al"), pet(owners[1], name="Cy")]
    async with db.transaction() as session:
        for each in (*owners, *pets):
            session.add(each)
            await session.flush()
    shared = pets[0]
    async with db.transaction() as session:
        session.add(PetCoOwner(pet_id=shared.id, user_id=owners[2].id))
    both = Pet.__table__.join(PetCoOwner.__table__, Pet.id == PetCoOwner.pet_id)
    statement = select(User).outerjoin_from(User, both, Pet.owner_id == User.id)
    found, cursor = [], None
    async with db.session() as session:
        for _ in range(4):
            part = await page(
                session, statement, order_by=[Pet.name, User.last_name], limit=1, after=cursor
            )
            found += [each.last_name for each in part]
            cursor = part.next_cursor
            if cursor is None:
                break
    assert found == ["Xu a", "Xu b", "Xu c"]


async def test_what_cannot_be_paged_is_told_with_what_can(db: Database) -> None:
    both: Any = select(Pet.id).union(select(User.id))
    async with db.session() as session:
        for statement, rule, expected in (
            (both, "is no SELECT", "select(…), of a subquery where it is a union"),
            (select(Pet).limit(3), "has LIMIT", "the list alone: page() cuts it into pages"),
            (select(Pet).distinct(), "has DISTINCT", "the list alone: page() cuts it into pages"),
        ):
            with pytest.raises(InvalidValue, match=f"statement: {rule}") as refused:
                await page(session, statement, order_by=[Pet.id])
            assert refused.value.details["expected"] == expected


async def test_a_list_that_is_ordered_downwards_breaks_ties_downwards(db: Database) -> None:
    async with db.transaction() as session:
        session.add_all([pet(name="Rex") for _ in range(5)])
    for order in (Pet.name, Pet.name.desc()):
        keys: list[UUID] = []
        cursor = None
        async with db.session() as session:
            while True:
                part = await page(session, select(Pet), order_by=[order], limit=2, after=cursor)
                keys += [each.id for each in part]
                cursor = part.next_cursor
                if cursor is None:
                    break
        assert keys == sorted(keys, reverse=order is not Pet.name)
        assert len(keys) == 5


# Rows


async def test_a_row_that_is_not_there_is_told_by_its_key(db: Database) -> None:
    key = uuid4()
    with pytest.raises(NotFound) as missing:
        async with db.transaction() as session:
            await session.execute(update(Pet), [{"id": key, "name": "Max"}])
    assert str(missing.value.details["key"]) == str(key)
    with pytest.raises(InvalidValue, match="id: is missing"):
        async with db.transaction() as session:
            await session.execute(update(Pet), [{"id": None, "name": "Max"}])


async def test_a_condition_and_the_fresh_row_count_when_a_row_is_locked(db: Database) -> None:
    rex = pet(name="Rex")
    async with db.transaction() as session:
        session.add(rex)
    async with db.transaction() as session:
        assert await locked(session, Pet, rex.id) is await locked(session, Pet, rex.id)
        for wrong in ((Pet.name == "Max",), (Pet.species == Species.CAT, Pet.name == "Rex")):
            with pytest.raises(NotFound):
                await locked(session, Pet, rex.id, *wrong)
        assert (await locked(session, Pet, rex.id, Pet.name == "Rex")).name == "Rex"
        with pytest.raises(NotFound):
            await locked(session, Pet, uuid4())


async def test_a_new_row_has_what_is_given_and_every_default(db: Database) -> None:
    actor = user()
    async with db.transaction() as session:
        session.add(actor)
    async with db.transaction(Acting(actor.id)) as session:
        key = uuid4()
        row = new_row(session, Pet, {"id": key, "name": "Rex", "species": Species.DOG})
        assert (row["id"], row["name"], row["created_by_id"]) == (key, "Rex", actor.id)
        assert "search_name" not in row, "the database makes it"
        with pytest.raises(TypeError, match="Pet has no column colour"):
            new_row(session, Pet, {"colour": "tan"})
        await session.execute(insert(Pet).values(**row))
        held = attached(session, Pet, row)
        held.name = "Max"
    async with db.session() as session:
        found = await session.get_one(Pet, key)
        assert (found.name, found.created_by_id) == ("Max", actor.id)


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_sqlite_has_one_writer_and_who_waits_too_long_is_told(database_url: str) -> None:
    settings = DatabaseSettings(pool_timeout=0.05, pool_size=5, max_overflow=5)
    async with Database(database_url, settings=settings) as db:
        async with db.transaction() as session:
            await session.execute(select(1))
            began = time.monotonic()
            with pytest.raises(PoolExhausted):
                async with db.transaction() as second:
                    await second.execute(select(1))
            assert time.monotonic() - began < 3, "as long as was said, and no longer"
            async with db.session() as reader:
                assert await reader.scalar(select(1)) == 1
        async with db.transaction() as session:
            assert await session.scalar(select(1)) == 1


async def test_a_deleted_row_comes_with_no_other_unless_deleted_rows_are_asked_for(
    db: Database,
) -> None:
    from sqlalchemy.orm import selectinload

    owner = user()
    rex = pet(owner)
    async with db.transaction() as session:
        session.add(owner)
        await session.flush()
        session.add(rex)
    async with db.transaction() as session:
        (await session.get_one(User, owner.id)).soft_delete()
    async with db.session() as session:
        found = await session.scalar(select(Pet).options(selectinload(Pet.owner)))
        assert found is not None
        assert found.owner is None
        assert await session.get(User, owner.id) is None
    async with db.session(include_deleted=True) as session:
        found = await session.scalar(select(Pet).options(selectinload(Pet.owner)))
        assert found is not None
        assert found.owner is not None


# Turns


def test_a_turn_has_one_number_and_no_other_turn_has_it() -> None:
    turns = [(None, "a", "b"), ("a", "b", "c"), ("b", "a", "c"), ("ab", "", "c"), ("a", "bc", "")]
    numbers = {turn_key(*turn) for turn in turns}
    assert len(numbers) == len(turns)
    assert turn_key("a", "b", "c") == turn_key("a", "b", "c")
    assert turn_key(None, "a", 1) == turn_key("", "a", "1")
    assert all(-(2**63) <= number < 2**63 for number in numbers)
    assert any(turn_key(None, "a", n) < 0 for n in range(50))


# What is known of the schema, and of errors


def test_a_rule_is_known_by_its_name_within_its_table() -> None:
    assert schema.table("pets") is Pet.__table__
    assert schema.table("nowhere") is None
    assert schema.table(None) is None
    rule = next(each for each in schema._rules("pets") if each.name)
    assert schema.rule(rule.name) == schema.rule(rule.name, "pets") == rule
    assert schema.rule(rule.name, "clinics") is None
    assert schema.unique_over("pets", ("id",)) is not None
    assert schema.unique_over("users", ("nowhere",)) is None


def test_what_cannot_be_read_is_told_with_its_table() -> None:
    error = translate(OverflowError("date value out of range"))
    assert isinstance(error, DatabaseError)
    assert "beyond the years 1 to 9999" in str(error)
    assert translate(InvalidValue(field="a", rule="b")) is None
    assert translate(KeyError("x")) is None
    for lost in (OSError("reset"), TimeoutError("late"), RuntimeError("connection is closed")):
        assert isinstance(translate(lost), ConnectionFailed), lost


def test_each_construct_is_written_as_its_engine_has_it() -> None:
    written = {
        kind.__name__: [
            str(kind(*given).compile(dialect=dialect()))
            for dialect in (postgresql.dialect, sqlite.dialect)
        ]
        for kind, given in (
            (SecondsDown, (Clinic.created_at,)),
            (SecondsUp, (Clinic.created_at,)),
            (Now, ()),
        )
    }
    assert (
        written["SecondsDown"][0] == "CAST(floor(date_part('epoch', clinics.created_at)) AS BIGINT)"
    )
    assert "+0.999 seconds" in written["SecondsUp"][1]
    assert written["Now"][0] == "clock_timestamp()"
    assert str(JsonArray(Clinic.name, Clinic.timezone)).startswith("json_array_of(clinics.name")
    assert str(select(SecondsDown(func.now()))).startswith("SELECT seconds_down(")


async def test_seconds_are_rounded_down_and_up(db: Database) -> None:
    place = clinic(created_at=datetime(2026, 3, 9, 12, 0, 0, 300_000, tzinfo=UTC))
    async with db.transaction() as session:
        session.add(place)
    whole = int(datetime(2026, 3, 9, 12, tzinfo=UTC).timestamp())
    async with db.session() as session:
        down, up = SecondsDown(Clinic.created_at), SecondsUp(Clinic.created_at)
        assert (await session.execute(select(down, up))).one() == (whole, whole + 1)
