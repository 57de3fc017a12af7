"""Whose a pet is: given to somebody else, and looked after together."""

import asyncio

import pytest

from tests.examples import pet
from tests.operations.scenes import Scene, accepted, fresh, scene, share, stored
from vetcore.database import Database
from vetcore.errors import InvalidTransition, InvalidValue, NotFound, PermissionDenied
from vetcore.operations import (
    get_pet,
    get_user,
    list_co_owners,
    share_pet,
    transfer_pet,
    unshare_pet,
)
from vetcore.schemas import ById, PetShare, PetTransfer, PetUnshare
from vetcore.values.appointments import AppointmentStatus


@pytest.fixture
async def made(db: Database) -> Scene:
    return await scene(db)


async def _shared(db: Database, made: Scene, *names: str) -> None:
    for name in names:
        await share(db, made, made.pet, name)


async def _co_owners(db: Database, made: Scene) -> set[str]:
    names = {user.id: name for name, user in made.people.items()}
    async with db.session() as session:
        return {names[each.id] for each in await list_co_owners(session, ById(id=made.pet.id))}


async def test_a_co_owner_may_do_what_the_owner_may(db: Database, made: Scene) -> None:
    async with db.transaction(made.acting("owner")) as session:
        asked = await share_pet(session, PetShare(id=made.pet.id, user_id=made.who("co_owner")))
    async with db.session(made.acting("co_owner")) as session:
        with pytest.raises(NotFound):
            await get_pet(session, ById(id=made.pet.id))
    await accepted(db, made, "co_owner", asked)
    async with db.session(made.acting("co_owner")) as session:
        assert (await get_pet(session, ById(id=made.pet.id))).id == made.pet.id
        assert [each.id for each in await list_co_owners(session, ById(id=made.pet.id))] == [
            made.who("co_owner")
        ]


async def test_to_accept_twice_shares_once(db: Database, made: Scene) -> None:
    async with db.transaction(made.acting("owner")) as session:
        wish = PetShare(id=made.pet.id, user_id=made.who("co_owner"))
        invitations = [await share_pet(session, wish) for _ in range(2)]
    await asyncio.gather(*(accepted(db, made, "co_owner", each) for each in invitations))
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
        await unshare_pet(session, PetUnshare(id=made.pet.id, user_id=made.who("co_owner")))
    assert await _co_owners(db, made) == {"stranger"}


async def test_staff_share_nothing(db: Database, made: Scene) -> None:
    async with db.transaction(made.acting("receptionist")) as session:
        with pytest.raises(PermissionDenied):
            await share_pet(session, PetShare(id=made.pet.id, user_id=made.who("receptionist")))


@pytest.mark.parametrize("keep", [False, True])
async def test_who_gave_a_pet_away_has_it_no_longer(db: Database, made: Scene, keep: bool) -> None:
    await _shared(db, made, "co_owner", "stranger")
    await stored(db, visit := made.visit())
    act = PetTransfer(
        id=made.pet.id,
        version=made.pet.version,
        owner_id=made.who("co_owner"),
        keep_co_owners=keep,
    )
    async with db.transaction(made.acting("owner")) as session:
        offer = await transfer_pet(session, act)
    assert (await fresh(db, made.pet)).owner_id == made.who("owner")
    await accepted(db, made, "co_owner", offer)
    assert (await fresh(db, made.pet)).owner_id == made.who("co_owner")
    assert await _co_owners(db, made) == ({"stranger"} if keep else set())
    assert (await fresh(db, visit)).status is AppointmentStatus.SCHEDULED
    async with db.session(made.acting("owner")) as session:
        with pytest.raises(NotFound):
            await get_pet(session, ById(id=made.pet.id))


async def test_the_clinics_of_a_pet_stay_only_where_the_new_owner_says_so(
    db: Database, made: Scene
) -> None:
    async with db.transaction(made.acting("owner")) as session:
        offer = await transfer_pet(
            session, PetTransfer(id=made.pet.id, owner_id=made.who("stranger"))
        )
    await accepted(db, made, "stranger", offer, keep_clinics=False)
    async with db.session(made.acting("receptionist")) as session:
        with pytest.raises(NotFound):
            await get_pet(session, ById(id=made.pet.id))
        with pytest.raises(NotFound):
            await get_user(session, ById(id=made.who("stranger")))


@pytest.mark.parametrize("who", ["receptionist", "manager", "co_owner"])
async def test_nobody_gives_away_what_is_another_s(db: Database, made: Scene, who: str) -> None:
    await _shared(db, made, "co_owner")
    async with db.transaction(made.acting(who)) as session:
        with pytest.raises(PermissionDenied):
            await transfer_pet(session, PetTransfer(id=made.pet.id, owner_id=made.who("stranger")))


async def test_a_clinic_gives_away_a_pet_that_nobody_owns(db: Database, made: Scene) -> None:
    stray = pet(name="Stray", primary_clinic_id=made.clinic.id)
    await stored(db, stray)
    async with db.transaction(made.acting("manager")) as session:
        offer = await transfer_pet(session, PetTransfer(id=stray.id, owner_id=made.who("stranger")))
    assert (await fresh(db, stray)).owner_id is None
    await accepted(db, made, "stranger", offer)
    assert (await fresh(db, stray)).owner_id == made.who("stranger")


async def test_of_two_who_accept_one_pet_one_has_it(db: Database, made: Scene) -> None:
    """The offer ends with the ownership of whoever made it."""
    async with db.transaction(made.acting("owner")) as session:
        offers = {
            name: await transfer_pet(session, PetTransfer(id=made.pet.id, owner_id=made.who(name)))
            for name in ("co_owner", "stranger")
        }

    async def accept(name: str) -> str:
        try:
            await accepted(db, made, name, offers[name])
        except InvalidTransition:
            return "told"
        return "owner"

    assert sorted(await asyncio.gather(*map(accept, offers))) == ["owner", "told"]
