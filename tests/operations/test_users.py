"""Opening, changing, suspending, deleting and finding accounts."""

import pytest

from tests.operations.scenes import Scene, fresh, scene, stored
from vetcore.database import Database
from vetcore.errors import (
    AlreadyExists,
    ConcurrentUpdate,
    InvalidTransition,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
)
from vetcore.operations import (
    create_user,
    delete_user,
    get_user,
    list_users,
    reactivate_user,
    restore_user,
    search_owners,
    suspend_user,
    update_user,
)
from vetcore.schemas import ById, UserCreate, UserQuery, UserSearch, UserUpdate
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.people import Role, UserStatus


@pytest.fixture
async def made(db: Database) -> Scene:
    return await scene(db)


def _new(**given: object) -> UserCreate:
    values = {"email": "new@example.com", "first_name": "Nia", "last_name": "Okoro"}
    return UserCreate(**values | given)


async def test_staff_open_an_account_for_a_client(db: Database, made: Scene) -> None:
    async with db.transaction(made.acting("receptionist")) as session:
        opened = await create_user(session, _new(), key="desk-1")
        again = await create_user(session, _new(), key="desk-1")
    assert opened.id == again.id
    assert (opened.role, opened.created_by_id) == (Role.PET_OWNER, made.who("receptionist"))
    with pytest.raises(AlreadyExists):
        async with db.transaction(made.acting("receptionist")) as session:
            await create_user(session, _new())


async def test_an_owner_opens_no_account_for_others(db: Database, made: Scene) -> None:
    async with db.transaction(made.acting("owner")) as session:
        with pytest.raises(PermissionDenied):
            await create_user(session, _new())


@pytest.mark.parametrize(
    "given", [{"role": "platform_admin"}, {"email_verified": True}, {"clerk_user_id": "user_1"}]
)
async def test_roles_and_what_is_vouched_for_are_for_administrators(
    db: Database, made: Scene, given: dict[str, object]
) -> None:
    async with db.transaction(made.acting("manager")) as session:
        with pytest.raises(PermissionDenied, match=next(iter(given))):
            await create_user(session, _new(**given))
    mine = UserUpdate(**{"id": made.who("owner"), "first_name": "Ann"} | given)
    async with db.transaction(made.acting("owner")) as session:
        with pytest.raises(PermissionDenied, match=next(iter(given))):
            await update_user(session, mine)
    assert (await fresh(db, made.people["owner"])).first_name == "Owner"
    async with db.transaction(made.acting("admin")) as session:
        user = await update_user(session, mine)
        assert getattr(user, next(iter(given))) == next(iter(given.values()))


async def test_an_address_that_changes_is_not_verified_any_more(db: Database, made: Scene) -> None:
    owner = made.who("owner")
    verified = UserUpdate(id=owner, phone="+12065550100", email_verified=True, phone_verified=True)
    async with db.transaction(made.acting("admin")) as session:
        assert (await update_user(session, verified)).phone_verified
    async with db.transaction(made.acting("owner")) as session:
        user = await update_user(session, UserUpdate(id=owner, first_name="Ann"))
        assert (user.email_verified, user.phone_verified) == (True, True)
        user = await update_user(session, UserUpdate(id=owner, email="ann@example.com"))
        assert (user.email_verified, user.phone_verified) == (False, True)
        user = await update_user(session, UserUpdate(id=owner, phone=None))
        assert (user.email_verified, user.phone_verified) == (False, False)


async def test_a_change_is_made_to_the_version_that_it_was_made_for(
    db: Database, made: Scene
) -> None:
    owner = made.people["owner"]
    change = UserUpdate(id=owner.id, version=owner.version, first_name="Ann")
    async with db.transaction(made.acting("owner")) as session:
        await update_user(session, change)
    with pytest.raises(ConcurrentUpdate):
        async with db.transaction(made.acting("owner")) as session:
            await update_user(session, change)


async def test_nobody_changes_somebody_elses_account(db: Database, made: Scene) -> None:
    change = UserUpdate(id=made.who("owner"), first_name="Ann")
    for name, error in (("manager", PermissionDenied), ("stranger", NotFound)):
        async with db.transaction(made.acting(name)) as session:
            with pytest.raises(error):
                await update_user(session, change)


async def test_nobody_acts_by_a_suspended_account(db: Database, made: Scene) -> None:
    act = ById(id=made.who("owner"))
    async with db.transaction(made.acting("admin")) as session:
        await suspend_user(session, act)
    async with db.session(made.acting("owner")) as session:
        with pytest.raises(NotAuthenticated):
            await get_user(session, act)
    async with db.transaction(made.acting("admin")) as session:
        assert (await reactivate_user(session, act)).status is UserStatus.ACTIVE
    async with db.session(made.acting("owner")) as session:
        assert (await get_user(session, act)).id == made.who("owner")


async def test_who_was_anonymised_stays_so(db: Database, made: Scene) -> None:
    async with db.transaction() as session:
        user = await session.get_one(type(made.people["owner"]), made.who("owner"))
        user.status = UserStatus.DELETED
    async with db.transaction(made.acting("admin")) as session:
        with pytest.raises(InvalidTransition):
            await reactivate_user(session, ById(id=made.who("owner")))


async def test_what_is_open_ends_with_an_account(db: Database, made: Scene) -> None:
    await stored(db, visit := made.visit(), wish := made.wish(made.twin))
    async with db.transaction(made.acting("owner")) as session:
        done = await delete_user(session, ById(id=made.who("owner")))
    assert [each.id for each in done.appointments] == [visit.id]
    assert [each.id for each in done.entries] == [wish.id]
    assert (await fresh(db, visit)).status is AppointmentStatus.CANCELLED
    async with db.transaction(made.acting("admin")) as session:
        assert not (await restore_user(session, ById(id=made.who("owner")))).is_deleted
    assert (await fresh(db, visit)).status is AppointmentStatus.CANCELLED


async def test_visits_with_a_veterinarian_end_with_their_account(db: Database, made: Scene) -> None:
    await stored(db, visit := made.visit())
    async with db.transaction(made.acting("veterinarian")) as session:
        done = await delete_user(session, ById(id=made.who("veterinarian")))
    assert [each.id for each in done.appointments] == [visit.id]


async def test_an_account_is_not_brought_back_beside_one_with_its_address(
    db: Database, made: Scene
) -> None:
    owner = made.people["owner"]
    async with db.transaction(made.acting("admin")) as session:
        await delete_user(session, ById(id=owner.id))
        await create_user(session, _new(email=owner.email))
    with pytest.raises(AlreadyExists):
        async with db.transaction(made.acting("admin")) as session:
            await restore_user(session, ById(id=owner.id))


async def test_lists_and_searches_find_whom_one_may_see(db: Database, made: Scene) -> None:
    async with db.session(made.acting("receptionist")) as session:
        listed = await list_users(session, UserQuery(role=Role.PET_OWNER))
        found = await search_owners(session, UserSearch(text="Owner", clinic_id=made.clinic.id))
    assert [user.id for user in listed] == [made.who("owner")]
    assert [each.item.id for each in found] == [made.who("owner")]
    async with db.session(made.acting("stranger")) as session:
        assert [user.id for user in await list_users(session, UserQuery())] == [
            made.who("stranger")
        ]
