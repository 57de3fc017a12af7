"""How often an operation goes to the database: every row once, and no question twice."""

import re
from collections import Counter
from typing import Any

import pytest

from tests.operations.acts import ACTS
from tests.operations.counting import Sent, sent
from tests.operations.house import house_at
from vetcore import clock
from vetcore.database import Database

pytestmark = pytest.mark.usefixtures("on_a_friday")

AT_MOST = {
    "book": 4,
    "hold": 4,
    "confirm hold": 4,
    "confirm": 4,
    "move": 5,
    "move a hold": 5,
    "cancel": 3,
    "give a hold back": 3,
    "update": 3,
    "reinstate": 5,
    "check in": 4,
    "start": 3,
    "complete": 4,
    "no show": 3,
}
"""Statements of an act by staff, permissions included; BEGIN, COMMIT and SAVEPOINT are counted apart.

One tells who acts, one reads and locks the row with what they may do to it (of a booking, whether
the pet is theirs to book for), one reads what the rules ask of the clinic, one writes. A move takes
its turn as well, where that is needed.
"""

_TURNS = frozenset({"confirm hold", "confirm", "check in", "start", "complete"})
"""Acts that wait on PostgreSQL for moves of the same veterinarian, room or pet."""
_KEY = 1
_NOTICE = 1
"""An owner who cancels is held to the clinic's notice, which is read."""

_LIMITED = frozenset({"book", "hold", "confirm hold"})
_LIMITS = 2
"""What an owner may hold and book is limited: whose the pet is, a turn, and how many there are."""


async def _sent_by(db: Database, name: str, who: str, **given: Any) -> Sent:
    house = await house_at(db)
    act = ACTS[name]
    command = await act.command(db, house)
    with clock.frozen(act.moment), sent(db) as seen:
        async with db.transaction(house.acting(who)) as session:
            await act.operation(session, command, **given)
    print(  # noqa: T201 -- the figures, for ``pytest -s``
        f"{db.dialect}: {name} by {who}{', keyed' if given else ''}:"
        f" {len(seen.of_work)} + {len(seen.of_transactions)} of the transaction"
    )
    return seen


@pytest.mark.parametrize("keyed", [False, True], ids=["plain", "keyed"])
@pytest.mark.parametrize("who", ["staff", "owner", "system"])
@pytest.mark.parametrize("name", ACTS)
async def test_an_act_sends_no_more_statements_than_it_needs(
    db: Database, name: str, who: str, keyed: bool
) -> None:
    if who == "owner" and not ACTS[name].for_owners:
        return
    seen = await _sent_by(db, name, who, **({"key": "k"} if keyed else {}))
    allowed = AT_MOST[name] + keyed * _KEY
    allowed += who == "owner" and name == "cancel" and _NOTICE
    allowed += db.dialect == "postgresql" and name in _TURNS
    if name in {"book", "hold"}:
        assert allowed <= 5
    if who == "owner" and name in _LIMITED:
        allowed += _LIMITS + (db.dialect == "postgresql")
    if name.startswith("move"):
        assert allowed <= 6
    assert len(seen.of_work) <= allowed, str(seen)


@pytest.mark.parametrize("name", ACTS)
async def test_no_row_is_read_or_locked_twice(db: Database, name: str) -> None:
    seen = await _sent_by(db, name, "staff", key="k")
    texts = Counter(sql for sql, _ in seen.of_work)
    assert [sql for sql, times in texts.items() if times > 1] == []
    rows = [sql for sql, _ in seen.of_work if re.match(r"SELECT appointments\.id\b", sql)]
    assert len(rows) == (ACTS[name].found is not None), str(seen)
    locks = [sql for sql, _ in seen.of_work if "FOR NO KEY UPDATE" in sql or "FOR UPDATE" in sql]
    assert len(locks) <= 1, str(seen)


async def test_a_transaction_sends_nothing_to_begin_with(db: Database) -> None:
    """The first statement is work, also where it is sent on the driver's own connection."""
    seen = await _sent_by(db, "book", "staff")
    assert seen.of_work[0][0].startswith("SELECT CAST(users.role"), str(seen)
