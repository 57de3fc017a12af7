"""Links work once, and codes are taken once."""

import asyncio
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from vetcore import clock
from vetcore.clock import frozen
from vetcore.database import Database
from vetcore.identity.own import (
    begin_codes,
    change_password,
    confirm_codes,
    confirm_sign_up,
    end_codes,
    request_confirmation,
    request_reset,
    reset_password,
    sign_up,
)
from vetcore.identity.own.errors import (
    AddressNotVerified,
    LinkRefused,
    PasswordRefused,
    SecondFactorNeeded,
    SignInRefused,
    TooManyAttempts,
)
from vetcore.identity.own.forgetting import forget_sign_in
from vetcore.identity.own.sessions import open_sessions
from vetcore.models import AccountLink, User, UserCredential, UserSession
from vetcore.schemas import (
    PasswordChange,
    PasswordReset,
    PasswordResetRequest,
    Reauthentication,
    SignIn,
    SignUpConfirm,
)

from .people import ELSEWHERE, HOME, OTHER, PASSWORD, QUICK, acting, form, opened, signed_in

# Links --------------------------------------------------------------------------------------------


async def test_a_reset_works_once_and_ends_every_session(db: Database) -> None:
    made = await opened(db)
    letter = await request_reset(db, PasswordResetRequest(email="ANA@example.com"), where=HOME)
    assert letter is not None
    wish = PasswordReset(token=letter.token, password=OTHER)
    outcomes = await asyncio.gather(
        *(reset_password(db, wish, settings=QUICK) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["LinkRefused"] * 2 + ["NoneType"]
    async with db.session() as session:
        assert not await open_sessions(session, made.user_id)
    await signed_in(db, OTHER)


async def test_a_link_expires_is_replaced_and_is_good_for_one_thing(db: Database) -> None:
    with frozen(clock.now()) as stopped:
        await opened(db)
        first = await request_reset(db, PasswordResetRequest(email="ana@example.com"))
        second = await request_reset(db, PasswordResetRequest(email="ana@example.com"))
        assert first is not None
        assert second is not None
        with pytest.raises(LinkRefused):
            await reset_password(
                db, PasswordReset(token=first.token, password=OTHER), settings=QUICK
            )
        with pytest.raises(LinkRefused):
            given = SignUpConfirm(token=second.token, password=PASSWORD)
            await confirm_sign_up(db, given, settings=QUICK)
        stopped.move(timedelta(minutes=30))
        with pytest.raises(LinkRefused):
            await reset_password(
                db, PasswordReset(token=second.token, password=OTHER), settings=QUICK
            )


async def test_of_links_that_are_asked_for_at_once_one_works(db: Database) -> None:
    await opened(db)
    wish = PasswordResetRequest(email="ana@example.com")
    letters = await asyncio.gather(*(request_reset(db, wish, where=HOME) for _ in range(4)))
    outcomes: list[str] = []
    for letter in letters:
        assert letter is not None
        try:
            given = PasswordReset(token=letter.token, password=OTHER)
            await reset_password(db, given, settings=QUICK)
        except LinkRefused:
            outcomes.append("refused")
        else:
            outcomes.append("done")
    assert sorted(outcomes) == ["done", "refused", "refused", "refused"]


async def test_a_link_that_went_to_an_address_of_before_is_worth_nothing(db: Database) -> None:
    made = await opened(db)
    letter = await request_reset(db, PasswordResetRequest(email="ana@example.com"))
    assert letter is not None
    async with db.transaction() as session:
        (await session.get_one(User, made.user_id)).email = "new@example.com"
    with pytest.raises(LinkRefused):
        await reset_password(db, PasswordReset(token=letter.token, password=OTHER), settings=QUICK)


async def test_an_address_that_was_mistyped_opens_the_account_to_nobody_else(db: Database) -> None:
    """Whoever reads the mail of an address that an owner has changed to by a slip gets nothing."""
    made = await opened(db)
    async with db.transaction() as session:
        (await session.get_one(User, made.user_id)).email = "slip@example.com"
    wish = PasswordResetRequest(email="slip@example.com")
    assert await request_reset(db, wish, where=ELSEWHERE) is None
    letter = await sign_up(db, form("slip@example.com", OTHER), where=ELSEWHERE, settings=QUICK)
    assert letter.token is None
    with pytest.raises(SignInRefused):
        await signed_in(db, OTHER, email="slip@example.com")


async def test_an_address_that_changed_is_confirmed_by_its_owner(db: Database) -> None:
    made = await opened(db)
    async with db.transaction() as session:
        (await session.get_one(User, made.user_id)).email = "new@example.com"
    with pytest.raises(AddressNotVerified):
        await signed_in(db, email="new@example.com")
    for email, password in (("new@example.com", OTHER), ("nobody@example.com", PASSWORD)):
        with pytest.raises(SignInRefused):
            wish = SignIn(email=email, password=password)
            await request_confirmation(db, wish, where=HOME, settings=QUICK)
    wish = SignIn(email="new@example.com", password=PASSWORD)
    letter = await request_confirmation(db, wish, where=HOME, settings=QUICK)
    given = SignUpConfirm(token=letter.token, password=PASSWORD)
    await confirm_sign_up(db, given, settings=QUICK)
    assert (await signed_in(db, email="new@example.com")).user_id == made.user_id


async def test_who_is_anonymised_leaves_no_way_in(db: Database) -> None:
    made = await opened(db)
    async with db.transaction() as session:
        await forget_sign_in(session, made.user_id)
    with pytest.raises(SignInRefused):
        await signed_in(db)
    async with db.session() as session:
        for entity in (UserCredential, UserSession, AccountLink):
            assert await session.scalar(select(entity)) is None


async def test_letters_are_limited(db: Database) -> None:
    await opened(db)
    wish = PasswordResetRequest(email="ana@example.com")
    sent = 0
    with pytest.raises(TooManyAttempts):
        for _ in range(10):
            sent += await request_reset(db, wish, where=ELSEWHERE) is not None
    assert sent == 4  # the fifth of this hour was the one that confirmed the account
    async with db.session() as session:
        rows = list(await session.scalars(select(AccountLink).where(AccountLink.used_at.is_(None))))
    assert len(rows) == 1


# Codes --------------------------------------------------------------------------------------------


async def test_a_code_is_asked_for_and_taken_once(db: Database) -> None:
    with frozen(clock.now()) as stopped:
        made = await opened(db)
        who = await acting(db, made)
        setup = await begin_codes(db, who, Reauthentication(password=PASSWORD), settings=QUICK)
        assert setup.address.startswith("otpauth://totp/")
        assert setup.secret not in repr(setup)
        app = pyotp.TOTP(setup.secret)
        await signed_in(db)  # it does not count yet
        with pytest.raises(SignInRefused):
            await confirm_codes(db, who, "000000")
        await confirm_codes(db, who, app.at(clock.now()))
        with pytest.raises(SecondFactorNeeded):
            await signed_in(db)
        with pytest.raises(SignInRefused):
            await signed_in(db, OTHER)  # of a wrong password nothing more is told
        with pytest.raises(SignInRefused):
            await signed_in(db, code=app.at(clock.now()))
        stopped.move(timedelta(seconds=30))
        code = app.at(clock.now())
        assert (await acting(db, await signed_in(db, code=code))).session
        with pytest.raises(SignInRefused):
            await signed_in(db, code=code)
        stopped.move(timedelta(seconds=90))
        late = app.at(clock.now() - timedelta(seconds=60))
        with pytest.raises(SignInRefused):
            await signed_in(db, code=late)
        soon = app.at(clock.now() + timedelta(seconds=30))
        await signed_in(db, code=soon)


async def test_beside_a_code_eight_characters_do_and_without_it_they_do_not(db: Database) -> None:
    with frozen(clock.now()) as stopped:
        made = await opened(db)
        who = await acting(db, made)
        setup = await begin_codes(db, who, Reauthentication(password=PASSWORD), settings=QUICK)
        app = pyotp.TOTP(setup.secret)
        await confirm_codes(db, who, app.at(clock.now()))
        stopped.move(timedelta(seconds=30))
        short = "xK9#mQ2$"
        change = PasswordChange(current=PASSWORD, password=short, code=app.at(clock.now()))
        await change_password(db, who, change, settings=QUICK)
        stopped.move(timedelta(seconds=30))
        with pytest.raises(PasswordRefused, match="15 characters"):
            shown = Reauthentication(password=short, code=app.at(clock.now()))
            await end_codes(db, who, shown, settings=QUICK)


async def test_a_reset_does_not_take_the_second_factor_away(db: Database) -> None:
    with frozen(clock.now()):
        made = await opened(db)
        who = await acting(db, made)
        setup = await begin_codes(db, who, Reauthentication(password=PASSWORD), settings=QUICK)
        await confirm_codes(db, who, pyotp.TOTP(setup.secret).at(clock.now()))
        letter = await request_reset(db, PasswordResetRequest(email="ana@example.com"))
        assert letter is not None
        await reset_password(db, PasswordReset(token=letter.token, password=OTHER), settings=QUICK)
        with pytest.raises(SecondFactorNeeded):
            await signed_in(db, OTHER)
