"""What an actor may do at a clinic, whatever the row; and who is an actor at all."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from tests.access.worlds import post
from tests.examples import clinic, user
from vetcore import clock
from vetcore.access import GRANTS, Actor, Membership, Permission, has_permission, load_actor
from vetcore.database import Database
from vetcore.errors import NotAuthenticated
from vetcore.values.people import Role

HERE, THERE = uuid4(), uuid4()


@pytest.mark.parametrize("permission", Permission)
def test_a_permission_at_a_clinic_is_what_the_table_gives_to_a_role_held_there(
    permission: Permission,
) -> None:
    grant = GRANTS[permission]
    for role in set(Role) - {Role.PLATFORM_ADMIN}:
        actor = Actor(uuid4(), memberships=frozenset({Membership(HERE, role)}))
        assert has_permission(actor, permission, HERE) is (grant.anyone or role in grant.roles)
        assert has_permission(actor, permission, THERE) is grant.anyone


@pytest.mark.parametrize("permission", Permission)
def test_an_administrator_needs_no_membership(permission: Permission) -> None:
    grant = GRANTS[permission]
    actor = Actor(uuid4(), Role.PLATFORM_ADMIN)
    assert has_permission(actor, permission, HERE) is (grant.anyone or grant.admin)


def test_one_role_does_not_hide_another() -> None:
    both = Actor(
        uuid4(),
        memberships=frozenset(
            {Membership(HERE, Role.RECEPTIONIST), Membership(THERE, Role.CLINIC_MANAGER)}
        ),
    )
    assert both.clinics([Role.CLINIC_MANAGER]) == {THERE}
    assert both.clinics([Role.RECEPTIONIST, Role.CLINIC_MANAGER]) == {HERE, THERE}


async def test_nobody_acts_without_an_account(db: Database) -> None:
    async with db.session() as session:
        with pytest.raises(NotAuthenticated, match="no such account"):
            await load_actor(session, uuid4())


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "held"),
    [
        (date(2026, 3, 8), date(2026, 3, 8), True),
        (date(2026, 3, 8), None, True),
        (date(2026, 3, 1), date(2026, 3, 8), True),
        (date(2026, 3, 9), None, False),
        (date(2026, 3, 1), date(2026, 3, 7), False),
    ],
)
async def test_a_post_is_held_from_its_first_to_its_last_day_by_the_clinics_calendar(
    db: Database, starts_on: date, ends_on: date | None, held: bool
) -> None:
    seattle, person = clinic(timezone="America/Los_Angeles"), user()
    async with db.transaction() as session:
        session.add_all([seattle, person])
        await session.flush()
        session.add(post(person, seattle, Role.VETERINARIAN, starts_on=starts_on, ends_on=ends_on))
    # In Seattle it is still the eighth, or already.
    for now in (datetime(2026, 3, 9, 6, 59, tzinfo=UTC), datetime(2026, 3, 8, 8, 1, tzinfo=UTC)):
        with clock.frozen(now):
            async with db.session() as session:
                actor = await load_actor(session, person.id)
        assert actor.memberships == ({Membership(seattle.id, Role.VETERINARIAN)} if held else set())
