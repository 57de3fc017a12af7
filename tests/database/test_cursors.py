"""Cursors: what is refused, and what they carry."""

import base64
import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.database.pages import many
from tests.examples import pet, user
from vetcore.database import Database
from vetcore.database.cursors import cursor_after
from vetcore.database.paging import _keys, page
from vetcore.errors import InvalidValue
from vetcore.models import Pet, User


@pytest.mark.parametrize("name", [None, 7, True, Decimal(1), UUID(int=1)])
async def test_a_cursor_with_another_value_than_the_list_has_is_refused(
    db: Database, name: object
) -> None:
    list_name = ", ".join(key.name for key in _keys(select(Pet), [Pet.name]))
    async with db.session() as session:
        right = cursor_after(list_name, ["Bo", UUID(int=1)])
        assert await page(session, select(Pet), order_by=[Pet.name], after=right) == []
        wrong = cursor_after(list_name, [name, UUID(int=1)])
        with pytest.raises(InvalidValue, match="is not a cursor of this list"):
            await page(session, select(Pet), order_by=[Pet.name], after=wrong)


async def test_what_has_no_order_that_a_cursor_can_carry_is_no_order_of_a_list(
    db: Database,
) -> None:
    async with db.transaction() as session:
        session.add_all(many(3))
    async with db.session() as session:
        with pytest.raises(TypeError, match="cannot be paged"):
            await page(session, select(Pet), order_by=[Pet.vaccinations], limit=1)


def _tampered(cursor: str) -> list[str]:
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    other = raw[:9] + json.dumps(["zz", "x"]).encode()
    return [
        "",
        "x",
        "é",
        "\x00",
        cursor[:-1],
        cursor + "A",
        cursor + "=",
        cursor[:-2] + ("AA" if not cursor.endswith("AA") else "BB"),
        cursor[1:] + cursor[0],
        cursor[:4] + "\n" + cursor[4:],
        base64.urlsafe_b64encode(other).rstrip(b"=").decode(),
        "A" * 100_000,
    ]


async def test_a_cursor_that_was_changed_is_refused(db: Database) -> None:
    async with db.transaction() as session:
        session.add_all(many(3))
    async with db.session() as session:
        cursor = (await page(session, select(Pet), order_by=[Pet.name], limit=1)).next_cursor
        assert cursor is not None
        for changed in _tampered(cursor):
            with pytest.raises(InvalidValue, match="is not a cursor of this list") as caught:
                await page(session, select(Pet), order_by=[Pet.name], after=changed, field="page")
            assert caught.value.details["field"] == "page"


@pytest.mark.parametrize(
    "order_by", [[Pet.name.desc()], [Pet.born_on], [Pet.name, Pet.born_on], [], [User.last_name]]
)
async def test_a_cursor_of_another_list_is_refused(db: Database, order_by: Any) -> None:
    async with db.transaction() as session:
        session.add_all([*many(3), user(), user()])
    async with db.session() as session:
        statement = select(User) if order_by and order_by[0] is User.last_name else select(Pet)
        foreign = (await page(session, statement, order_by=order_by, limit=1)).next_cursor
        with pytest.raises(InvalidValue, match="is not a cursor of this list"):
            await page(session, select(Pet), order_by=[Pet.name], after=foreign)


async def test_a_cursor_fits_into_a_url(db: Database) -> None:
    async with db.transaction() as session:
        session.add_all([pet(name="Ünï ?&=/+ 小白"), pet(name="Ünï ?&=/+ 小白")])
    async with db.session() as session:
        first = await page(session, select(Pet), order_by=[Pet.name], limit=1)
        assert first.next_cursor is not None
        assert first.next_cursor.replace("-", "").replace("_", "").isalnum()
        assert (
            len(await page(session, select(Pet), order_by=[Pet.name], after=first.next_cursor)) == 1
        )
