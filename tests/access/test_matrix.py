"""Every permission, over every kind of row, for everybody: the table is what happens."""

from uuid import UUID

import pytest
from sqlalchemy import select, text

from tests.access.restricting import enabled
from tests.access.worlds import Platform, platform
from vetcore.access import (
    GRANTS,
    Permission,
    disable_row_level_security,
    enable_row_level_security,
    has_permission,
    load_actor,
    may,
    require,
    visible,
)
from vetcore.access.entities import ACCESS
from vetcore.database import Acting, Database
from vetcore.errors import ConfigurationError, NotAuthenticated, PermissionDenied
from vetcore.models import Appointment, Pet, User
from vetcore.operations import shown
from vetcore.operations.showing import _RESPONSES as RESPONSES
from vetcore.values.medical import MedicalAlerts
from vetcore.values.people import Role, UserStatus

ROLES = {
    "receptionist": Role.RECEPTIONIST,
    "technician": Role.VETERINARY_TECHNICIAN,
    "veterinarian": Role.VETERINARIAN,
    "manager": Role.CLINIC_MANAGER,
}
TABLES = {access.read.partition(":")[0]: entity.__tablename__ for entity, access in ACCESS.items()}
TABLES["health"] = "pets"
"""Of which table the rows are that a permission is about, by its first word."""

OWNED = {
    access.read.partition(":")[0]
    for entity, access in ACCESS.items()
    if entity in {User, Pet} or "pet_id" in entity.__table__.columns
}
OWNED.add("health")
"""What belongs to the pet's owner; the rest of what can be one's own is the veterinarian's."""

OF_NO_ROW = {
    Permission.SYSTEM_RUN,
    Permission.AUDIT_READ,
    Permission.AUDIT_READ_DELETED,
    Permission.ACCOUNT_READ,
    Permission.ACCOUNT_WRITE,
}
"""What ``tests/operations/test_who_may.py`` and ``test_showing.py`` ask for."""


@pytest.fixture
async def made(db: Database) -> Platform:
    return await platform(db)


def _expected(name: str, permission: Permission) -> bool:
    """Straight from the table, by what the fixture says of each person."""
    grant = GRANTS[permission]
    kind = permission.partition(":")[0]
    if grant.anyone or (grant.admin and name == "admin"):
        return True
    if name in ROLES and ROLES[name] in grant.roles:
        return True
    if not grant.own:
        return False
    if kind in OWNED:
        # The row of the table of users is the owner's own.
        return name == "owner" or (name == "co_owner" and kind != "user")
    return name == "veterinarian"


async def test_everybody_may_do_just_what_the_table_says(
    db: Database, made: Platform, subtests: pytest.Subtests
) -> None:
    for permission in set(Permission) - OF_NO_ROW:
        thing = made.rows[TABLES[permission.partition(":")[0]]]
        async with db.session() as session:
            found = {
                name: await may(session, actor, permission, thing)
                for name, actor in made.actors.items()
            }
        with subtests.test(permission.value):
            assert found == {name: _expected(name, permission) for name in made.actors}


async def test_what_is_for_every_clinic_at_once_is_for_administrators(
    db: Database, made: Platform
) -> None:
    place = made.rows["clinics"].id
    allowed = {
        name
        for name, actor in made.actors.items()
        if has_permission(actor, Permission.SYSTEM_RUN, place)
    }
    assert allowed == {"admin"}
    assert not GRANTS[Permission.SYSTEM_RUN].roles


async def test_require_names_permission_and_row(db: Database, made: Platform) -> None:
    animal = made.rows["pets"]
    async with db.session() as session:
        await require(session, made.actors["owner"], Permission.PET_WRITE, animal)
        with pytest.raises(PermissionDenied) as caught:
            await require(session, made.actors["stranger"], Permission.PET_WRITE, animal)
    assert caught.value.details == {"permission": "pet:write", "subject": f"Pet {animal.id}"}


async def test_memberships_count_in_their_period_only(db: Database, made: Platform) -> None:
    async with db.session() as session:
        for name, actor in made.actors.items():
            loaded = await load_actor(session, actor.user_id)
            assert loaded == actor, name
    assert not made.actors["former"].memberships
    assert not made.actors["future"].memberships


@pytest.mark.parametrize("status", [UserStatus.SUSPENDED, UserStatus.DELETED, UserStatus.INVITED])
async def test_an_account_that_may_not_be_used_is_nobody(
    db: Database, made: Platform, status: UserStatus
) -> None:
    owner = made.actors["owner"].user_id
    async with db.transaction() as session:
        (await session.get_one(User, owner)).status = status
    async with db.session() as session:
        with pytest.raises(NotAuthenticated):
            await load_actor(session, owner)


async def test_the_filter_leaves_what_the_check_allows(
    db: Database, made: Platform, subtests: pytest.Subtests
) -> None:
    for entity in ACCESS:
        async with db.session() as session:
            rows = list(await session.scalars(select(entity)))
            for name, actor in made.actors.items():
                seen = set(await session.scalars(select(entity.id).where(visible(entity, actor))))
                allowed = {
                    row.id for row in rows if await may(session, actor, ACCESS[entity].read, row)
                }
                with subtests.test(f"{entity.__tablename__}, {name}"):
                    assert seen == allowed


async def test_the_filter_works_in_joins_and_with_other_conditions(
    db: Database, made: Platform
) -> None:
    query = (
        select(Appointment.id)
        .join(Pet, Pet.id == Appointment.pet_id)
        .where(visible(Appointment, made.actors["owner"]), Pet.name == "Rex")
    )
    async with db.session() as session:
        assert len((await session.scalars(query)).all()) == 1


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_a_restricted_session_leaves_the_same_rows_to_a_query_without_a_filter(
    db: Database, made: Platform
) -> None:
    async with await enabled(db) as service:
        for name, actor in made.actors.items():
            async with db.session() as session, service.restricted(Acting(actor.user_id)) as seen:
                for entity in ACCESS:
                    wanted = select(entity.id).where(visible(entity, actor))
                    rows = set(await seen.scalars(select(entity.id)))
                    assert rows == set(await session.scalars(wanted)), (name, entity)


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_a_restricted_session_shows_the_columns_that_the_permissions_allow(
    db: Database, made: Platform
) -> None:
    async with await enabled(db) as service:
        for name, actor in made.actors.items():
            async with db.session() as session, service.restricted(Acting(actor.user_id)) as seen:
                for entity, access in ACCESS.items():
                    for part in access.parts:
                        columns = [entity.__table__.c[each] for each in sorted(part.columns)]
                        rows = {
                            row.id: row[1:]
                            for row in await seen.execute(select(entity.id, *columns))
                        }
                        allowed = set[UUID]()
                        if part.permission is not None:
                            query = select(entity.id).where(visible(entity, actor, part.permission))
                            allowed = set(await session.scalars(query))
                        stored = {
                            row.id: row[1:]
                            for row in await session.execute(select(entity.id, *columns))
                        }
                        for key, values in rows.items():
                            case = (name, entity, part.columns)
                            if key in allowed:
                                assert values == stored[key], case
                            elif not part.kept:
                                assert set(values) == {None}, case


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_a_restricted_session_shows_the_fields_of_the_response_for_each_person(
    db: Database, made: Platform
) -> None:
    asked = 0
    async with await enabled(db) as service:
        for actor in made.actors.values():
            acting = Acting(actor.user_id)
            async with db.session(acting) as session, service.restricted(acting) as seen:
                for entity, responses in RESPONSES.items():
                    told_to_somebody = {name for each in responses for name in each.model_fields}
                    for row in await seen.scalars(select(entity)):
                        stored = await session.get_one(entity, row.id)
                        response = await shown(session, stored)
                        fields = type(response).model_fields
                        for column in entity.__table__.columns:
                            value = getattr(row, column.name)
                            if column.name in fields:
                                told = getattr(response, column.name)
                                if isinstance(told, MedicalAlerts):
                                    value = MedicalAlerts(allergies=value.allergies)
                                assert value == told, column
                            elif column.name in told_to_somebody:
                                assert value is None, column
                            asked += 1
    assert asked > 1000


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_restricted_sessions_can_be_switched_on_twice_and_off(
    db: Database, made: Platform
) -> None:
    for _ in range(2):
        await enabled(db)
    assert await db.check() == []
    await disable_row_level_security(db)
    async with db.session() as session:
        left = text("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'vetcore%'")
        assert await session.scalar(left) == 0


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_sqlite_has_no_row_level_security(db: Database) -> None:
    with pytest.raises(ConfigurationError, match="PostgreSQL"):
        await enable_row_level_security(db)
