"""Every order in which Clerk's events come leaves the same accounts."""

import json
from collections.abc import Callable, Iterable, Mapping
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from tests.examples import user
from vetcore.database import Database
from vetcore.identity.clerk import (
    apply_event,
    parse_event,
)
from vetcore.models import User

from .clerk_events import accounts, at, created, deleted, updated, visible

Event = Mapping[str, Any]


Story = Callable[[str], list[Event]]


async def _add(db: Database, *people: User) -> None:
    async with db.transaction() as session:
        session.add_all(people)


# --- any order ----------------------------------------------------------------------------------


def _life(x: str) -> list[Event]:
    return [
        created(f"{x}a", 1, email=f"{x}@example.com", first_name="One"),
        updated(f"{x}a", 1, email=f"{x}@example.com", first_name="Two"),
        updated(f"{x}a", 2, email=f"{x}2@example.com", phone="+12065550123", banned=True),
        updated(f"{x}a", 3, email=f"{x}2@example.com", first_name=None),
    ]


def _death(x: str) -> list[Event]:
    mine = {"email": f"{x}@example.com"}
    return [created(f"{x}a", 1, **mine), updated(f"{x}a", 2, **mine), deleted(f"{x}a", 3)]


def _return(x: str) -> list[Event]:
    mine = {"email": f"{x}@example.com"}
    return [
        created(f"{x}a", 1, **mine),
        deleted(f"{x}a", 2),
        created(f"{x}b", 3, **mine, verified=False),
        updated(f"{x}b", 4, **mine),
    ]


def _handing_over(x: str) -> list[Event]:
    """Two accounts swap their addresses by way of a third."""
    one, two, third = (f"{x}{name}@example.com" for name in ("one", "two", "third"))
    return [
        created(f"{x}a", 1, email=one),
        created(f"{x}b", 2, email=two),
        updated(f"{x}a", 3, email=third),
        updated(f"{x}b", 4, email=one),
        updated(f"{x}a", 5, email=two),
    ]


def _local(x: str) -> list[Event]:
    mine = {"email": f"{x}local@example.com"}
    return [
        created(f"{x}a", 1, **mine, verified=False),
        updated(f"{x}a", 2, **mine),
        updated(f"{x}a", 3, **mine, public_metadata={"role": "receptionist"}),
    ]


def _local_death(x: str) -> list[Event]:
    mine = {"email": f"{x}local@example.com"}
    return [
        created(f"{x}a", 1, **mine, verified=False),
        updated(f"{x}a", 2, **mine),
        deleted(f"{x}a", 3),
    ]


STORIES = [_life, _death, _return, _handing_over, _local, _local_death]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__.strip("_"))
async def test_every_order_of_events_leaves_the_same(db: Database, story: Story) -> None:
    orders = list(permutations(range(len(story("")))))
    if db.dialect == "postgresql":  # the orders are the law's, not the engine's
        orders = orders[:: len(orders) // 24 or 1]
    await _add(
        db,
        *(
            user(email=f"o{number}local@example.com", email_verified=True, created_at=at(0))
            for number in range(len(orders))
        ),
    )
    locals_ = {each.id for each in await accounts(db)}

    for number, order in enumerate(orders):
        events = story(f"o{number}")
        async with db.transaction() as session:
            for place in order:
                event = parse_event(json.dumps(events[place]).encode())
                assert event is not None
                await apply_event(session, event)
                session.expunge_all()

    everybody = await accounts(db)
    left = [_named_alike(everybody, f"o{number}", locals_) for number in range(len(orders))]

    assert left == [left[0]] * len(orders)
    assert left[0]


def _named_alike(everybody: Iterable[User], name: str, locals_: set[UUID]) -> list[str]:
    """The accounts of the story ``name``, as if it were called by the empty name."""
    return sorted(
        str((each.id in locals_, sorted(visible(each).items()))).replace(f"'{name}", "'")
        for each in everybody
        if each.clerk_user_id in {f"{name}a", f"{name}b"}
        or each.email == f"{name}local@example.com"
    )
