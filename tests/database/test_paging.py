"""Every list can be read page by page, whatever its order and whatever happens meanwhile."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, union_all
from sqlalchemy.orm import aliased, outerjoin

from tests.database.pages import many
from tests.examples import pet, user
from vetcore.database import Database, ReadSession
from vetcore.database.listing import select_for
from vetcore.database.paging import Page, page, read_page
from vetcore.errors import InvalidValue
from vetcore.models import Pet, User
from vetcore.schemas import PetSummary
from vetcore.schemas.paging import Page as Response

ORDERS: dict[str, Sequence[Any]] = {
    "nothing but the key": [],
    "a name": [Pet.name],
    "a name, backwards": [Pet.name.desc()],
    "what may be missing": [Pet.born_on],
    "what may be missing, backwards": [Pet.born_on.desc()],
    "what is missing first": [Pet.born_on.desc().nulls_first(), Pet.weight_kg.nulls_first()],
    "mixed directions": [Pet.species.desc(), Pet.weight_kg, Pet.name.desc()],
    "an expression": [func.lower(Pet.name), Pet.created_at.desc()],
    "the key itself, backwards": [Pet.id.desc()],
    "upwards, and said so": [Pet.name.asc(), Pet.species.asc()],
    "what has no name": [-Pet.weight_kg],
}


async def _walk(session: ReadSession, statement: Any, order_by: Any, limit: int) -> list[Any]:
    found: list[Any] = []
    cursor: str | None = None
    while True:
        part: Page[Any] = await page(
            session, statement, order_by=order_by, limit=limit, after=cursor
        )
        assert len(part) <= limit
        found += part
        cursor = part.next_cursor
        if cursor is None:
            return found
        assert len(part) == limit


@pytest.mark.parametrize("order", ORDERS)
async def test_the_pages_together_are_the_list(db: Database, order: str) -> None:
    async with db.transaction() as session:
        session.add_all(many())
    async with db.session() as session:
        whole = await page(session, select(Pet.id), order_by=ORDERS[order], limit=1000)
        assert whole.next_cursor is None
        assert len(set(whole)) == 40
        for limit in (1, 7, 39, 40):
            assert await _walk(session, select(Pet.id), ORDERS[order], limit) == whole


async def test_missing_values_come_last_unless_they_are_asked_for_first(db: Database) -> None:
    async with db.transaction() as session:
        session.add_all(many(9))
    async with db.session() as session:
        for order, first_missing in (
            (Pet.born_on, 6),
            (Pet.born_on.desc(), 6),
            (Pet.born_on.nulls_first(), 0),
        ):
            days = [animal.born_on for animal in await _walk(session, select(Pet), [order], 4)]
            assert [day is None for day in days].index(True) == first_missing


_births = st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 3))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    first=st.lists(st.tuples(st.sampled_from("ab"), _births), max_size=12),
    meanwhile=st.lists(st.tuples(st.sampled_from("ab"), _births), max_size=12),
    limit=st.integers(1, 5),
    directions=st.tuples(st.booleans(), st.booleans()),
)
async def test_rows_inserted_meanwhile_neither_repeat_nor_hide_others(
    db: Database, first: Any, meanwhile: Any, limit: int, directions: tuple[bool, bool]
) -> None:
    order = [
        column.desc() if down else column
        for column, down in zip((Pet.name, Pet.born_on), directions, strict=True)
    ]
    async with db.trial() as session:
        before = [pet(name=name, born_on=born) for name, born in first]
        session.add_all(before)
        await session.flush()
        coming = iter(meanwhile)
        seen: list[UUID] = []
        cursor: str | None = None
        while True:
            part = await page(session, select(Pet.id), order_by=order, limit=limit, after=cursor)
            seen += part
            cursor = part.next_cursor
            if cursor is None:
                break
            for name, born in (each for each, _ in zip(coming, range(3), strict=False)):
                session.add(pet(name=name, born_on=born))
            await session.flush()
        whole = await page(session, select(Pet.id), order_by=order, limit=1000)
        assert len(seen) == len(set(seen))
        assert {animal.id for animal in before} <= set(seen)
        assert seen == [each for each in whole if each in set(seen)]
        await session.rollback()


async def test_a_page_composes_with_filters_joins_and_aliases(db: Database) -> None:
    owner = user(last_name="Silva")
    async with db.transaction() as session:
        session.add(owner)
        await session.flush()
        session.add_all([pet(owner, name=name) for name in "edcba"] + [pet(name="stray")])
    async with db.session() as session:
        mine = aliased(Pet)
        statement = select(mine.name, User.last_name).join(User, User.id == mine.owner_id)
        found = await _walk(session, statement, [User.last_name, mine.name], 2)
        assert found == [(name, "Silva") for name in "abcde"]
        everyone = select(Pet.name).outerjoin(User, User.id == Pet.owner_id)
        names = await _walk(session, everyone, [User.last_name.nulls_last(), Pet.name], 2)
        assert names == [*"abcde", "stray"]


@pytest.fixture
async def households(db: Database) -> None:
    """Owners with none, one and several pets, some of one name, and strays."""
    people = [user(last_name=name) for name in ("Silva", "Silva", "Berg", "Ono", "Adams")]
    async with db.transaction() as session:
        session.add_all(people)
        await session.flush()
        session.add_all(
            [
                pet(people[owner] if owner is not None else None, name=name, born_on=born)
                for owner, name, born in (
                    (0, "Bo", None),
                    (0, "Bo", date(2020, 1, 1)),
                    (0, "Al", date(2020, 1, 1)),
                    (1, "Bo", date(2021, 1, 1)),
                    (2, "Cy", None),
                    (None, "Bo", None),
                    (None, "Al", date(2020, 1, 1)),
                )
            ]
        )


JOINED_ORDERS: dict[str, Sequence[Any]] = {
    "nothing": [],
    "what the join may leave empty": [Pet.name],
    "the same, backwards": [Pet.name.desc()],
    "the same, empty ones first": [Pet.name.nulls_first()],
    "mixed directions": [Pet.name.desc(), User.last_name],
    "both sides": [User.last_name, Pet.born_on.desc()],
    "an expression over both": [func.coalesce(Pet.name, User.last_name), Pet.id.desc()],
}


@pytest.mark.usefixtures("households")
@pytest.mark.parametrize("order", JOINED_ORDERS)
@pytest.mark.parametrize("way", ["inner", "outer", "full", "whole", "one side alone"])
async def test_a_joined_list_yields_each_row_once_at_every_size(
    db: Database, way: str, order: str
) -> None:
    both = select(User.id, Pet.id)
    owned = Pet.owner_id == User.id
    statement: Any = {
        "inner": both.join_from(User, Pet, owned),
        "outer": both.join_from(User, Pet, owned, isouter=True),
        "full": both.join_from(User, Pet, owned, full=True),
        "whole": both.select_from(outerjoin(User, Pet, owned)),
        "one side alone": select(User.id).join(Pet, owned, isouter=True),
    }[way]
    count = {"inner": 5, "full": 9}.get(way, 7)
    async with db.session() as session:
        whole = await page(session, statement, order_by=JOINED_ORDERS[order], limit=1000)
        assert len(whole) == count
        every = await session.execute(statement)
        width = len(statement.column_descriptions)
        expected = Counter(tuple(row) if width > 1 else row[0] for row in every)
        assert Counter(whole) == expected
        for limit in range(1, count + 2):
            assert await _walk(session, statement, JOINED_ORDERS[order], limit) == list(whole)


async def test_a_page_that_is_exactly_full_and_the_last_has_no_cursor(db: Database) -> None:
    async with db.transaction() as session:
        session.add_all(many(6))
    async with db.session() as session:
        first = await page(session, select(Pet), order_by=[Pet.name], limit=3)
        assert first.next_cursor is not None
        second = await page(
            session, select(Pet), order_by=[Pet.name], limit=3, after=first.next_cursor
        )
        assert len(second) == 3
        assert second.next_cursor is None


async def test_ties_run_in_the_direction_of_the_last_criterion(db: Database) -> None:
    async with db.transaction() as session:
        session.add_all([pet(name="Bo") for _ in range(5)])
    async with db.session() as session:
        upward = await _walk(session, select(Pet.id), [Pet.species.desc(), Pet.name], 2)
        assert upward == sorted(upward)
        downward = await _walk(session, select(Pet.id), [Pet.species, Pet.name.desc()], 2)
        assert downward == upward[::-1]


async def test_two_aliases_of_one_table_are_told_apart(db: Database) -> None:
    async with db.transaction() as session:
        session.add_all([pet(name="Bo") for _ in range(3)])
    one, other = aliased(Pet), aliased(Pet)
    statement = select(one.id, other.id).join_from(one, other, one.name == other.name)
    async with db.session() as session:
        for order in ([], [other.id], [one.id.desc()], [other.name, one.id]):
            found = await _walk(session, statement, order, 2)
            assert len(set(found)) == len(found) == 9


@pytest.mark.parametrize(
    ("statement", "order_by", "field"),
    [
        (select(Pet.name).distinct(), [Pet.name], "statement"),
        (select(Pet.species).group_by(Pet.species), [Pet.species], "statement"),
        (select(Pet).limit(3), [Pet.name], "statement"),
        (select(Pet).offset(3), [Pet.name], "statement"),
        (union_all(select(Pet.id), select(User.id)), [Pet.id], "statement"),
        (select(func.generate_series(1, 3).column_valued()), [], "statement"),
        (select(Pet), ["name"], "order_by"),
    ],
    ids=["distinct", "grouped", "limited", "offset", "union", "no key", "no column"],
)
async def test_what_cannot_be_paged_is_refused_by_name(
    db: Database, statement: Any, order_by: Any, field: str
) -> None:
    async with db.session() as session:
        with pytest.raises(InvalidValue) as refused:
            await page(session, statement, order_by=order_by)
    assert refused.value.details["field"] == field


async def test_tables_are_listed_as_entities_are(db: Database) -> None:
    owner = user(last_name="Silva")
    async with db.transaction() as session:
        session.add(owner)
        await session.flush()
        session.add_all([pet(owner, name=name) for name in "cba"])
    pets, users = Pet.__table__, User.__table__
    joined = pets.join(users, users.c.id == pets.c.owner_id)
    async with db.session() as session:
        statement = select(pets.c.name).select_from(joined)
        assert await _walk(session, statement, [pets.c.name], 2) == ["a", "b", "c"]
        by_key = await _walk(session, statement, [], 2)
        assert by_key == list(await session.scalars(statement.order_by(pets.c.id)))


async def test_summaries_come_in_pages_without_entities(db: Database) -> None:
    async with db.transaction() as session:
        session.add_all(many(5))
    async with db.session() as session:
        statement = select_for(Pet, PetSummary)
        first = await read_page(session, PetSummary, statement, order_by=[Pet.name], limit=3)
        rest = await read_page(
            session, PetSummary, statement, order_by=[Pet.name], limit=3, after=first.next_cursor
        )
        assert [each.name for each in (*first, *rest)] == sorted(p.name for p in many(5))
        assert all(isinstance(each, PetSummary) for each in first.items)


async def test_deleted_rows_are_on_no_page(db: Database) -> None:
    async with db.transaction() as session:
        animals = many(4)
        animals[1].soft_delete()
        session.add_all(animals)
    async with db.session() as session:
        assert len(await _walk(session, select(Pet), [Pet.name], 1)) == 3


@pytest.mark.parametrize("limit", [0, -1])
async def test_a_page_without_length_is_refused(db: Database, limit: int) -> None:
    async with db.session() as session:
        with pytest.raises(InvalidValue, match="must be positive"):
            await page(session, select(Pet), order_by=[Pet.name], limit=limit)


async def test_a_page_goes_out_as_a_schema(db: Database) -> None:
    async with db.transaction() as session:
        session.add_all(many(3))
    async with db.session() as session:
        found = await page(session, select(Pet), order_by=[Pet.name], limit=2)
        out = Response[PetSummary].of(found)
    assert [item.id for item in out.items] == [animal.id for animal in found]
    assert json.loads(out.model_dump_json())["next_cursor"] == found.next_cursor
