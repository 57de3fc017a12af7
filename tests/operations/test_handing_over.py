"""A clinic opens an account for a client, who takes it up by a link that only they get."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from tests.identity.own.people import AGREED, HOME, OTHER, PASSWORD, QUICK, form
from tests.operations.scenes import Scene, scene
from vetcore import operations, schemas
from vetcore.database import Acting, Database
from vetcore.errors import InvalidValue, NotFound, PermissionDenied
from vetcore.identity.own import Letter, SignedIn, sign_up, take_up_account
from vetcore.identity.own.errors import LinkRefused
from vetcore.models import User
from vetcore.values.accounts import LinkPurpose
from vetcore.values.people import UserStatus


@pytest.fixture
async def made(db: Database) -> Scene:
    return await scene(db)


async def _do(db: Database, who: UUID | None, name: str, command: Any) -> Any:
    async with db.transaction(Acting(who)) as session:
        return await getattr(operations, name)(session, command)


async def _client(db: Database, desk: UUID) -> User:
    wish = schemas.UserCreate(email="kim@example.com", first_name="Kim", last_name="Lee")
    client: User = await _do(db, desk, "create_user", wish)
    return client


async def _letter(db: Database, who: UUID | None, client: UUID) -> Letter:
    letter: Letter = await _do(
        db, who, "hand_over_account", schemas.AccountHandOver(user_id=client)
    )
    return letter


async def _take_up(db: Database, letter: Letter, password: str = PASSWORD) -> SignedIn:
    given = schemas.InvitationSignUp(
        token=letter.token, password=password, terms_accepted_at=AGREED, privacy_accepted_at=AGREED
    )
    return await take_up_account(db, given, where=HOME, settings=QUICK)


async def test_a_client_takes_up_the_account_that_the_desk_has_opened(
    db: Database, made: Scene
) -> None:
    desk = made.who("receptionist")
    client = await _client(db, desk)
    wish = schemas.PetCreate(
        name="Rex", species="dog", owner_id=client.id, primary_clinic_id=made.clinic.id
    )
    animal = await _do(db, desk, "create_pet", wish)
    told = await sign_up(db, form("kim@example.com"), where=HOME, settings=QUICK)
    assert (told.purpose, told.token) == (LinkPurpose.INVITE, None)

    first = await _letter(db, desk, client.id)
    letter = await _letter(db, desk, client.id)
    assert (letter.email, letter.purpose) == ("kim@example.com", LinkPurpose.INVITE)
    with pytest.raises(LinkRefused):
        await _take_up(db, first)
    taken = await _take_up(db, letter)
    assert taken.user_id == client.id
    assert (await _do(db, client.id, "get_pet", schemas.ById(id=animal.id))).name == "Rex"
    with pytest.raises(LinkRefused):
        await _take_up(db, letter, OTHER)
    with pytest.raises(InvalidValue, match="user_id: is no account to hand over"):
        await _letter(db, desk, client.id)


async def test_of_links_that_are_asked_for_at_once_one_hands_the_account_over(
    db: Database, made: Scene
) -> None:
    """Whoever had another would set the password of an account that is somebody's by then."""
    client = await _client(db, made.who("receptionist"))
    letters = await asyncio.gather(*(_letter(db, None, client.id) for _ in range(4)))
    taken = await asyncio.gather(
        *(_take_up(db, letter) for letter in letters), return_exceptions=True
    )
    kinds = sorted(type(each).__name__ for each in taken)
    assert kinds == ["LinkRefused", "LinkRefused", "LinkRefused", "SignedIn"]


async def test_nobody_hands_over_the_account_of_somebody_whom_they_do_not_know(
    db: Database, made: Scene
) -> None:
    client = await _client(db, made.who("receptionist"))
    for stranger in ("owner", "co_owner"):
        with pytest.raises(PermissionDenied):
            await _letter(db, made.who(stranger), client.id)
    with pytest.raises(NotFound):
        await _letter(db, made.who("manager"), client.id)
    assert (await _letter(db, None, client.id)).token is not None


@pytest.mark.parametrize("status", [UserStatus.SUSPENDED, UserStatus.INVITED])
async def test_an_account_that_may_not_be_used_is_not_handed_over(
    db: Database, made: Scene, status: UserStatus
) -> None:
    client = await _client(db, made.who("receptionist"))
    async with db.transaction() as session:
        await session.execute(update(User).where(User.id == client.id).values(status=status))
    with pytest.raises(InvalidValue):
        await _letter(db, None, client.id)


async def test_a_link_ends_when_the_address_changes(db: Database, made: Scene) -> None:
    desk = made.who("receptionist")
    client = await _client(db, desk)
    letter = await _letter(db, desk, client.id)
    await _do(db, None, "update_user", schemas.UserUpdate(id=client.id, email="kai@example.com"))
    with pytest.raises(LinkRefused):
        await _take_up(db, letter)
