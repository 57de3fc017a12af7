"""Every operation, for everybody in every relation: the table of permissions is what happens."""

from typing import Any

import pytest

from tests.operations.cases import CASES, LISTS
from tests.operations.worlds import MEMBERSHIPS, World, world
from vetcore.access import GRANTS, Permission
from vetcore.database import Database
from vetcore.errors import NotFound, PermissionDenied, VetcoreError
from vetcore.operations import OPERATIONS


def _expected(name: str, permission: Permission, own: frozenset[str], *, anywhere: bool) -> bool:
    """Straight from the table, by what the world says of each person."""
    grant = GRANTS[permission]
    if name == "system" or grant.anyone or (grant.admin and name == "admin"):
        return True
    held = {"elsewhere": "veterinarian", "manager_elsewhere": "manager"} if anywhere else {}
    role = MEMBERSHIPS.get(held.get(name, name))
    return role in grant.roles or (grant.own and name in own)


async def _allowed(db: Database, made: World, name: str, operation: str, command: Any) -> bool:
    """Whether somebody gets as far as the act, which may refuse for its own reasons."""
    asked: Any = OPERATIONS[operation]
    begun = db.session if asked.reads else db.trial
    async with begun(made.acting(name)) as session:
        try:
            await asked(session, command)
        except (PermissionDenied, NotFound):
            return False
        except VetcoreError:
            await session.rollback()
    return True


async def test_everybody_may_do_just_what_the_table_says(
    db: Database, subtests: pytest.Subtests
) -> None:
    made = await world(db)
    for operation, case in CASES.items():
        permission, command = OPERATIONS[operation].permission, case.command(made)
        names = ["system", *made.people]
        found = {name: await _allowed(db, made, name, operation, command) for name in names}
        with subtests.test(operation):
            wanted = {
                name: _expected(name, permission, case.own, anywhere=case.anywhere)
                for name in names
            }
            assert found == wanted


async def test_everybody_finds_just_what_they_may_see(
    db: Database, subtests: pytest.Subtests
) -> None:
    made = await world(db)
    for operation, (question, table, own) in LISTS.items():
        asked: Any = OPERATIONS[operation]
        for name in ("system", *made.people):
            async with db.session(made.acting(name)) as session:
                rows = [getattr(each, "item", each) for each in await asked(session, question)]
            seen = made.id(table) in {row.id for row in rows}
            with subtests.test(operation, name=name):
                assert seen is _expected(name, asked.permission, own, anywhere=False)


def test_every_operation_is_tried_here() -> None:
    assert sorted(OPERATIONS) == sorted([*CASES, *LISTS])
