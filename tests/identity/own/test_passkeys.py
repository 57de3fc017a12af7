"""A passkey signs in whoever holds its device, and nobody else."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from vetcore import clock
from vetcore.clock import frozen
from vetcore.database import Acting, Database
from vetcore.errors import AlreadyExists, ConfigurationError, NotFound
from vetcore.identity.door import Credentials, OwnSessions, authenticate
from vetcore.identity.own import SignedIn
from vetcore.identity.own.errors import LinkRefused, SignInRefused, VerificationNeeded
from vetcore.identity.own.passkeys import (
    add_passkey,
    begin_passkey,
    begin_passkey_sign_in,
    passkeys_of,
    remove_passkey,
    sign_in_by_passkey,
    verify_by_passkey,
)
from vetcore.models import User
from vetcore.schemas import PasskeyAnswer
from vetcore.values.people import UserStatus

from .device import HOST, PRESENT, Device
from .people import HOME, QUICK, opened

SET_UP = QUICK.model_copy(update={"passkey_host": HOST})


async def _at_the_door(db: Database, made: SignedIn) -> Acting:
    return await authenticate(db, Credentials(token=made.token), OwnSessions(SET_UP))


async def _with_passkey(db: Database, device: Device) -> SignedIn:
    made = await opened(db)
    acting = await _at_the_door(db, made)
    asked = await begin_passkey(db, acting, settings=SET_UP)
    answer = PasskeyAnswer(token=asked.token, credential=device.make(asked.options), name="Phone")
    await add_passkey(db, acting, answer, settings=SET_UP)
    return made


async def _answer(db: Database, device: Device) -> PasskeyAnswer:
    asked = await begin_passkey_sign_in(db, where=HOME, settings=SET_UP)
    return PasskeyAnswer(token=asked.token, credential=device.answer(asked.options))


async def test_a_passkey_signs_in_its_holder(db: Database) -> None:
    device = Device()
    made = await _with_passkey(db, device)
    signed = await sign_in_by_passkey(db, await _answer(db, device), settings=SET_UP)
    assert signed.user_id == made.user_id
    async with db.session() as session:
        (row,) = await passkeys_of(session, made.user_id)
    assert (row.name, row.sign_count, row.used_at is None) == ("Phone", 1, False)


WRONG: list[dict[str, Any]] = [
    {"origin": "https://evil.example"},
    {"origin": "http://clinic.example.com"},
    {"host": "evil.example"},
    {"flags": PRESENT},
    {"flags": 0},
    {"key": Device().key},
    {"id": b"another credential"},
    {"count": 1},
]


@pytest.mark.parametrize("change", WRONG, ids="-".join)
async def test_an_answer_of_anything_else_is_refused(db: Database, change: dict[str, Any]) -> None:
    device = Device()
    await _with_passkey(db, device)
    for _ in range(3):
        await sign_in_by_passkey(db, await _answer(db, device), settings=SET_UP)
    with pytest.raises(SignInRefused):
        wrong = await _answer(db, replace(device, **change))
        await sign_in_by_passkey(db, wrong, settings=SET_UP)


async def test_an_answer_is_taken_once_and_in_time(db: Database) -> None:
    device = Device()
    with frozen(clock.now()) as stopped:
        await _with_passkey(db, device)
        answer = await _answer(db, device)
        await sign_in_by_passkey(db, answer, settings=SET_UP)
        with pytest.raises(LinkRefused):
            await sign_in_by_passkey(db, answer, settings=SET_UP)
        answer = await _answer(db, device)
        stopped.move(timedelta(minutes=5))
        with pytest.raises(LinkRefused):
            await sign_in_by_passkey(db, answer, settings=SET_UP)
        other = PasskeyAnswer(
            token=(await begin_passkey_sign_in(db, settings=SET_UP)).token,
            credential=answer.credential,
        )
        with pytest.raises(SignInRefused):
            await sign_in_by_passkey(db, other, settings=SET_UP)


async def test_a_passkey_is_one_person_s_and_shows_again_who_they_are(db: Database) -> None:
    device = Device()
    with frozen(clock.now()) as stopped:
        made = await _with_passkey(db, device)
        stopped.move(timedelta(hours=1))
        acting = await _at_the_door(db, made)
        with pytest.raises(VerificationNeeded):
            await begin_passkey(db, acting, settings=SET_UP)
        await verify_by_passkey(db, acting, await _answer(db, device), settings=SET_UP)
        acting = await _at_the_door(db, made)
        assert acting.fresh_until == clock.now() + timedelta(minutes=15)
        other = await _at_the_door(db, await opened(db, "bo@example.com"))
        with pytest.raises(SignInRefused):
            await verify_by_passkey(db, other, await _answer(db, device), settings=SET_UP)
        asked = await begin_passkey(db, other, settings=SET_UP)
        again = PasskeyAnswer(token=asked.token, credential=device.make(asked.options))
        with pytest.raises(LinkRefused):
            await add_passkey(db, acting, again, settings=SET_UP)
        with pytest.raises(AlreadyExists):
            await add_passkey(db, other, again, settings=SET_UP)


async def test_a_passkey_that_was_removed_or_whose_owner_is_suspended_opens_nothing(
    db: Database,
) -> None:
    device = Device()
    made = await _with_passkey(db, device)
    async with db.transaction() as session:
        (await session.get_one(User, made.user_id)).status = UserStatus.SUSPENDED
    with pytest.raises(SignInRefused):
        await sign_in_by_passkey(db, await _answer(db, device), settings=SET_UP)
    async with db.transaction() as session:
        (await session.get_one(User, made.user_id)).status = UserStatus.ACTIVE
        (row,) = await passkeys_of(session, made.user_id)
    other = await _at_the_door(db, await opened(db, "bo@example.com"))
    with pytest.raises(NotFound):
        await remove_passkey(db, other, row.id)
    await remove_passkey(db, await _at_the_door(db, made), row.id)
    with pytest.raises(SignInRefused):
        await sign_in_by_passkey(db, await _answer(db, device), settings=SET_UP)


async def test_passkeys_need_a_host(db: Database) -> None:
    with pytest.raises(ConfigurationError, match="host"):
        await begin_passkey_sign_in(db, settings=QUICK)
