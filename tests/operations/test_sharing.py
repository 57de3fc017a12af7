"""Whose a pet is: given to somebody else, and looked after together."""

import asyncio

import pytest

from tests.operations.scenes import Scene, fresh, scene, stored
from vetcore.database import Database
from vetcore.errors import ConcurrentUpdate, InvalidValue, NotFound, PermissionDenied
from vetcore.operations import (
    create_user,
    get_pet,
    list_co_owners,
    share_pet,
    transfer_pet,
    unshare_pet,
)
from vetcore.schemas import ById, PetShare, PetTransfer, UserCreate
from vetcore.values.appointments import AppointmentStatus


@pytest.fixture
async def made(db: Database) -> Scene:
    return await scene(db)


async def _shared(db: Database, made: Scene, *names: str) -> None:
    async with db.transaction(made.acting("owner")) as session:
        for name in names:
            await share_pet(session, PetShare(id=made.pet.id, user_id=made.who(name)))


async def _co_owners(db: Database, made: Scene) -> set[str]:
    names = {user.id: name for name, user in made.people.items()}
    async with db.session() as session:
        return {names[each.id] for each in await list_co_owners(session, ById(id=made.pet.id))}


async def test_a_co_owner_may_do_what_the_owner_may(db: Database, made: Scene) -> None:
    async with db.session(made.acting("co_owner")) as session:
        with pytest.raises(NotFound):
            await get_pet(session, ById(id=made.pet.id))
    await _shared(db, made, "co_owner")
    async with db.session(made.acting("co_owner")) as session:
        assert (await get_pet(session, ById(id=made.pet.id))).id == made.pet.id
        assert [each.id for each in await list_co_owners(session, ById(id=made.pet.id))] == [
            made.who("co_owner")
        ]


async def test_to_share_twice_shares_once(db: Database, made: Scene) -> None:
    async def share() -> None:
        async with db.transaction(made.acting("owner")) as session:
            await share_pet(session, PetShare(id=made.pet.id, user_id=made.who("co_owner")))

    await asyncio.gather(share(), share())
    assert await _co_owners(db, made) == {"co_owner"}


async def test_a_pet_is_not_shared_with_its_owner_nor_with_nobody(
    db: Database, made: Scene
) -> None:
    async with db.transaction(made.acting("owner")) as session:
        with pytest.raises(InvalidValue):
            await share_pet(session, PetShare(id=made.pet.id, user_id=made.who("owner")))
        with pytest.raises(NotFound):
            await share_pet(session, PetShare(id=made.pet.id, user_id=made.pet.id))


async def test_a_co_owner_may_leave(db: Database, made: Scene) -> None:
    await _shared(db, made, "co_owner", "stranger")
    async with db.transaction(made.acting("co_owner")) as session:
        await unshare_pet(session, PetShare(id=made.pet.id, user_id=made.who("co_owner")))
    assert await _co_owners(db, made) == {"stranger"}


async def test_staff_share_nothing(db: Database, made: Scene) -> None:
    async with db.transaction(made.acting("receptionist")) as session:
        with pytest.raises(PermissionDenied):
            await share_pet(session, PetShare(id=made.pet.id, user_id=made.who("receptionist")))


async def test_who_gave_a_pet_away_has_it_no_longer(db: Database, made: Scene) -> None:
    await _shared(db, made, "co_owner", "stranger")
    await stored(db, visit := made.visit())
    act = PetTransfer(id=made.pet.id, version=made.pet.version, owner_id=made.who("co_owner"))
    async with db.transaction(made.acting("manager")) as session:
        pet = await transfer_pet(session, act)
    assert pet.owner_id == made.who("co_owner")
    assert await _co_owners(db, made) == set()
    assert (await fresh(db, visit)).status is AppointmentStatus.SCHEDULED
    async with db.session(made.acting("owner")) as session:
        with pytest.raises(NotFound):
            await get_pet(session, ById(id=made.pet.id))


async def test_the_others_may_go_on_looking_after_it(db: Database, made: Scene) -> None:
    await _shared(db, made, "co_owner", "stranger")
    act = PetTransfer(id=made.pet.id, owner_id=made.who("co_owner"), keep_co_owners=True)
    async with db.transaction(made.acting("manager")) as session:
        await transfer_pet(session, act)
    assert await _co_owners(db, made) == {"stranger"}


async def test_a_pet_is_given_to_somebody_whom_one_knows(db: Database, made: Scene) -> None:
    async with db.transaction(made.acting("manager")) as session:
        with pytest.raises(NotFound):
            await transfer_pet(session, PetTransfer(id=made.pet.id, owner_id=made.who("stranger")))
        opened = await create_user(
            session, UserCreate(email="new@example.com", first_name="Nia", last_name="Okoro")
        )
        given = await transfer_pet(session, PetTransfer(id=made.pet.id, owner_id=opened.id))
        assert given.owner_id == opened.id


async def test_of_two_who_give_one_pet_away_one_is_told(db: Database, made: Scene) -> None:
    await _shared(db, made, "co_owner", "stranger")

    async def give(name: str) -> str:
        act = PetTransfer(id=made.pet.id, version=made.pet.version, owner_id=made.who(name))
        try:
            async with db.transaction(made.acting("admin")) as session:
                await transfer_pet(session, act)
        except ConcurrentUpdate:
            return "told"
        return "given"

    assert sorted(await asyncio.gather(give("co_owner"), give("stranger"))) == ["given", "told"]
