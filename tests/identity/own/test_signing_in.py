"""Who signs in, who does not, and what it tells whom."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tests.examples import user
from vetcore import clock
from vetcore.clock import frozen
from vetcore.database import Database
from vetcore.errors import NotAuthenticated
from vetcore.identity.own import (
    Where,
    change_password,
    confirm_sign_up,
    request_reset,
    sign_up,
    verify_again,
)
from vetcore.identity.own.errors import (
    AddressNotVerified,
    LinkRefused,
    PasswordRefused,
    SessionOver,
    SignInRefused,
    TooManyAttempts,
)
from vetcore.identity.own.sessions import open_sessions, session_of
from vetcore.models import SignInLimit, User, UserCredential, UserSession
from vetcore.schemas import (
    PasswordChange,
    PasswordResetRequest,
    Reauthentication,
    SignUpConfirm,
)
from vetcore.values.accounts import LinkPurpose
from vetcore.values.people import Role, UserStatus

from .people import ELSEWHERE, HOME, OTHER, PASSWORD, QUICK, acting, form, opened, signed_in

# Opening ------------------------------------------------------------------------------------------


async def test_an_owner_opens_an_account_confirms_it_and_signs_in(db: Database) -> None:
    made = await opened(db)
    async with db.session() as session:
        row = await session.get_one(User, made.user_id)
    assert (row.email, row.email_verified, row.role) == ("ana@example.com", True, Role.PET_OWNER)
    assert (await signed_in(db)).user_id == made.user_id


async def test_nobody_signs_in_before_the_address_is_confirmed(db: Database) -> None:
    letter = await sign_up(db, form(), where=HOME, settings=QUICK)
    with pytest.raises(AddressNotVerified):
        await signed_in(db)
    with pytest.raises(SignInRefused):
        await signed_in(db, OTHER)
    wrong = SignUpConfirm(token=letter.token, password=OTHER)
    with pytest.raises(SignInRefused):
        await confirm_sign_up(db, wrong, settings=QUICK)
    await confirm_sign_up(db, SignUpConfirm(token=letter.token, password=PASSWORD), settings=QUICK)
    await signed_in(db)


async def test_whoever_signs_up_in_anothers_name_does_not_get_in_when_they_confirm(
    db: Database,
) -> None:
    strangers = await sign_up(db, form(password=OTHER), where=ELSEWHERE, settings=QUICK)
    owners = await sign_up(db, form(), where=HOME, settings=QUICK)
    again = await sign_up(db, form(password=OTHER), where=ELSEWHERE, settings=QUICK)
    for letter in (strangers, owners, again):
        with pytest.raises((LinkRefused, SignInRefused)):
            given = SignUpConfirm(token=letter.token, password=PASSWORD)
            await confirm_sign_up(db, given, settings=QUICK)
    mine = await sign_up(db, form(), where=HOME, settings=QUICK)
    await confirm_sign_up(db, SignUpConfirm(token=mine.token, password=PASSWORD), settings=QUICK)
    with pytest.raises(SignInRefused):
        await signed_in(db, OTHER)


async def test_opening_an_account_anew_offers_its_owner_another_password(db: Database) -> None:
    await opened(db)
    letter = await sign_up(db, form(password=OTHER), where=ELSEWHERE, settings=QUICK)
    assert letter.purpose is LinkPurpose.RESET
    with pytest.raises(SignInRefused):
        await signed_in(db, OTHER)
    await signed_in(db)


@pytest.mark.parametrize("is_verified", [True, False])
async def test_an_account_that_a_clinic_or_clerk_has_made_is_not_taken_by_signing_up(
    db: Database, *, is_verified: bool
) -> None:
    made = user(
        email="ana@example.com",
        email_verified=is_verified,
        clerk_user_id="user_1" if is_verified else None,
    )
    async with db.transaction() as session:
        session.add(made)
    letter = await sign_up(db, form(), where=HOME, settings=QUICK)
    assert letter.token is None
    with pytest.raises(SignInRefused):
        await signed_in(db)
    assert await request_reset(db, PasswordResetRequest(email="ana@example.com")) is None


async def test_two_who_open_an_account_at_once_get_one(db: Database) -> None:
    letters = await asyncio.gather(
        *(sign_up(db, form(), where=HOME, settings=QUICK) for _ in range(4))
    )
    worked = 0
    for letter in letters:
        given = SignUpConfirm(token=letter.token, password=PASSWORD)
        try:
            await confirm_sign_up(db, given, settings=QUICK)
        except LinkRefused:
            continue
        worked += 1
    assert worked == 1


# Who is refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [UserStatus.SUSPENDED, UserStatus.INVITED, UserStatus.DELETED])
async def test_an_account_that_may_not_be_used_opens_nothing(
    db: Database, status: UserStatus
) -> None:
    made = await opened(db)
    async with db.transaction() as session:
        (await session.get_one(User, made.user_id)).status = status
    with pytest.raises(SignInRefused):
        await signed_in(db)
    async with db.session() as session:
        with pytest.raises(SessionOver):
            await session_of(session, made.token, settings=QUICK)


async def test_whether_there_is_such_an_account_is_not_told(db: Database) -> None:
    await opened(db)
    told = set[str]()
    for email in ("ana@example.com", "nobody@example.com"):
        with pytest.raises(SignInRefused) as raised:
            await signed_in(db, OTHER, email=email)
        told.add(str(raised.value.problem()))
    assert len(told) == 1


async def test_nothing_in_the_database_is_a_password_or_a_token_that_works(db: Database) -> None:
    made = await opened(db)
    letter = await request_reset(db, PasswordResetRequest(email="ana@example.com"))
    assert letter is not None
    dumped: list[str] = []
    async with db.session() as session:
        for table in (
            "users",
            "user_credentials",
            "user_sessions",
            "account_links",
            "sign_in_limits",
        ):
            rows = await session.execute(text(f"SELECT * FROM {table}"))
            dumped.append(str(rows.all()))
    everything = " ".join(dumped)
    for secret in (PASSWORD, made.token, letter.token or ""):
        assert secret not in everything
        assert secret.partition("_")[2] not in everything or "_" not in secret
    assert "$argon2id$" in everything
    assert not any(secret in repr((made, letter)) for secret in (made.token, letter.token or ""))


async def test_a_hash_is_made_anew_when_the_parameters_rise(db: Database) -> None:
    await opened(db)
    async with db.session() as session:
        before = await session.scalar(select(UserCredential.password_hash))
    from vetcore.identity.own import sign_in
    from vetcore.schemas import SignIn

    stronger = QUICK.model_copy(update={"hash_rounds": 2})
    wish = SignIn(email="ana@example.com", password=PASSWORD)
    await sign_in(db, wish, where=HOME, settings=stronger)
    async with db.session() as session:
        after = await session.scalar(select(UserCredential.password_hash))
    assert before is not None
    assert after is not None
    assert "t=1" in before
    assert "t=2" in after
    await signed_in(db)


# Limits -------------------------------------------------------------------------------------------


async def _failures(db: Database, count: int, where: Where, email: str = "ana@example.com") -> int:
    compared = 0
    for _ in range(count):
        try:
            await signed_in(db, OTHER, email=email, where=where)
        except SignInRefused:
            compared += 1
        except TooManyAttempts:
            pass
    return compared


async def test_five_tries_a_quarter_of_an_hour_from_one_place_and_the_owner_gets_in_elsewhere(
    db: Database,
) -> None:
    with frozen(clock.now()) as stopped:
        await opened(db)
        assert await _failures(db, 8, ELSEWHERE) == 5
        with pytest.raises(TooManyAttempts) as raised:
            await signed_in(db, where=ELSEWHERE)
        assert "2" in str(raised.value.details["until"])
        await signed_in(db, where=HOME)
        stopped.move(timedelta(minutes=15))
        await signed_in(db, where=ELSEWHERE)


async def test_from_many_places_a_hundred_tries_an_hour_and_the_owner_is_not_kept_out(
    db: Database,
) -> None:
    await opened(db)
    compared = 0
    for number in range(30):
        compared += await _failures(db, 5, Where(f"203.0.113.{number}"))
    assert compared == 100
    with pytest.raises(TooManyAttempts):
        await signed_in(db, where=Where("203.0.113.200"))
    await signed_in(db, where=HOME)


async def test_from_one_place_a_hundred_tries_on_whatever_accounts(db: Database) -> None:
    compared = 0
    for number in range(30):
        compared += await _failures(db, 4, ELSEWHERE, f"nobody{number}@example.com")
    assert compared == 100
    await opened(db)
    await signed_in(db, where=HOME)


async def test_a_thousand_at_once_are_counted_one_by_one(db: Database) -> None:
    await opened(db)
    outcomes = await asyncio.gather(*(_failures(db, 1, ELSEWHERE) for _ in range(50)))
    assert sum(outcomes) == 5


async def test_who_signs_in_has_all_tries_again_but_not_those_on_others(db: Database) -> None:
    await opened(db)
    assert await _failures(db, 4, HOME) == 4
    await signed_in(db)
    assert await _failures(db, 4, HOME) == 4
    async with db.session() as session:
        tries = list(await session.scalars(select(SignInLimit.tries)))
    assert max(tries) == 9


# Sessions -----------------------------------------------------------------------------------------


async def test_a_session_ends_in_time_and_when_it_rests(db: Database) -> None:
    with frozen(clock.now()) as stopped:
        made = await opened(db)

        async def is_open() -> bool:
            async with db.session() as session:
                try:
                    await session_of(session, made.token, settings=QUICK)
                except SessionOver:
                    return False
            return True

        assert await is_open()
        stopped.move(timedelta(days=7) - timedelta(seconds=1))
        assert await is_open()
        stopped.move(timedelta(seconds=1))
        assert not await is_open()
        async with db.transaction() as session:
            row = await session.get_one(UserSession, made.session_id)
            row.used_at = clock.now() + timedelta(days=22)
        stopped.move(timedelta(days=23) - timedelta(seconds=1))
        assert await is_open()
        stopped.move(timedelta(seconds=1))
        assert not await is_open()


@pytest.mark.parametrize("token", ["", "vcs_", "vcs_" + "a" * 43, "vck_x", "Bearer"])
async def test_a_token_that_was_never_handed_out_opens_nothing(db: Database, token: str) -> None:
    await opened(db)
    async with db.session() as session:
        with pytest.raises(SessionOver):
            await session_of(session, token, settings=QUICK)


async def test_another_password_ends_the_other_sessions(db: Database) -> None:
    first = await opened(db)
    second = await signed_in(db)
    change = PasswordChange(current=PASSWORD, password=OTHER)
    await change_password(db, await acting(db, second), change, settings=QUICK)
    async with db.session() as session:
        left = await open_sessions(session, first.user_id)
    assert [row.id for row in left] == [second.session_id]
    with pytest.raises(SignInRefused):
        await signed_in(db)
    await signed_in(db, OTHER)


async def test_who_changes_a_password_shows_the_present_one(db: Database) -> None:
    made = await opened(db)
    who = await acting(db, made)
    with pytest.raises(SignInRefused):
        change = PasswordChange(current=OTHER, password=OTHER)
        await change_password(db, who, change, settings=QUICK)
    with pytest.raises(PasswordRefused):
        change = PasswordChange(current=PASSWORD, password="passwordpassword")
        await change_password(db, who, change, settings=QUICK)
    with pytest.raises(PasswordRefused, match="too short"):
        change = PasswordChange(current=PASSWORD, password="xK9#mQ2$vL")
        await change_password(db, who, change, settings=QUICK)
    from vetcore.database import Acting

    for nobody in (
        Acting(),
        Acting(made.user_id),
        Acting(made.user_id, session=made.session_id, impersonator=made.user_id),
    ):
        with pytest.raises(NotAuthenticated):
            change = PasswordChange(current=PASSWORD, password=OTHER)
            await change_password(db, nobody, change, settings=QUICK)


async def test_showing_again_who_one_is_is_noted_in_the_session(db: Database) -> None:
    with frozen(clock.now()) as stopped:
        made = await opened(db)
        stopped.move(timedelta(hours=1))
        with pytest.raises(SignInRefused):
            await verify_again(
                db, await acting(db, made), Reauthentication(password=OTHER), settings=QUICK
            )
        assert (await acting(db, made)).fresh_until == clock.now() - timedelta(hours=1)
        given = Reauthentication(password=PASSWORD)
        await verify_again(db, await acting(db, made), given, settings=QUICK)
        assert (await acting(db, made)).fresh_until == clock.now()
