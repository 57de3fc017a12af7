"""A password shows itself to nobody, and only one that would keep somebody out is taken."""

import copy
import json
import logging
import pickle
import time
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from vetcore.errors import InvalidInput, InvalidValue
from vetcore.identity.own.errors import PasswordRefused
from vetcore.identity.own.strength import require_good
from vetcore.schemas import (
    InvitationSignUp,
    PasswordChange,
    PasswordReset,
    SignIn,
    SignUpConfirm,
    UserSignUp,
)
from vetcore.values.passwords import LONGEST, Password

from .people import AGREED, PASSWORD

SECRET = "hunter2 hunter2 hunter2"
ANA = SimpleNamespace(
    email="ana.silva@example.com", first_name="Ana", last_name="Silva", phone="+12065550123"
)


# It shows itself to nobody ------------------------------------------------------------------------


def test_a_password_is_in_no_text_that_is_made_of_it() -> None:
    password = Password(SECRET)
    for text in (
        repr(password),
        str(password),
        f"{password}",
        f"{password!r:>40}",
        f"{[password]}",
    ):
        assert SECRET not in text
    assert password.reveal() == SECRET
    assert not hasattr(password, "__dict__")
    for write in (pickle.dumps, copy.deepcopy, hash):
        with pytest.raises(TypeError):
            write(password)  # type: ignore[operator]


def test_a_command_with_a_password_shows_it_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    wish = SignIn(email="ana@example.com", password=SECRET, code="123456")
    with caplog.at_level(logging.INFO):
        logging.getLogger("vetcore").info("wish %s %r", wish, wish)
    told = [repr(wish), str(wish.model_dump()), wish.model_dump_json(), caplog.text]
    told.append(json.dumps(wish.model_dump(mode="json")))
    assert not any(SECRET in each or "123456" in each for each in told)
    assert wish.password == Password(SECRET)


WRONG: list[tuple[type[Any], dict[str, Any]]] = [
    (SignIn, {"email": "no address", "password": SECRET}),
    (SignIn, {"password": SECRET}),
    (SignIn, {"email": "ana@example.com", "password": SECRET, "more": SECRET}),
    (SignIn, {"email": "ana@example.com", "password": SECRET + "\x00"}),
    (SignIn, {"email": "ana@example.com", "password": [SECRET]}),
    (SignIn, {"email": "ana@example.com", "password": SECRET, "code": SECRET}),
    (UserSignUp, {"email": "ana@example.com", "password": SECRET[:14]}),
    (SignUpConfirm, {"token": SECRET * 20, "password": SECRET}),
    (InvitationSignUp, {"token": "vcl_x", "password": SECRET}),
    (PasswordChange, {"current": SECRET, "password": SECRET * 20}),
    (PasswordReset, {"token": [SECRET], "password": SECRET}),
]


@pytest.mark.parametrize(("schema", "given"), WRONG)
def test_no_error_of_a_command_repeats_what_is_secret(
    schema: type[Any], given: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError) as raised:
        schema.model_validate(given)
    error = raised.value
    ours = InvalidInput.from_pydantic(error)
    told = [str(error), repr(error), error.json(), repr(error.errors())]
    told += [str(ours), repr(ours.details), json.dumps(ours.problem())]
    assert [each for each in told if SECRET[:14] in each] == []


def test_secrets_of_other_libraries_are_taken() -> None:
    assert SignIn(email="a@example.com", password=SecretStr(SECRET)).password.reveal() == SECRET
    assert SignIn(email="a@example.com", password=Password(SECRET)).password.reveal() == SECRET


# What is taken ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["ﬁsh e\u0301clair", "fish éclair"])
def test_it_is_the_same_from_every_keyboard(text: str) -> None:
    assert Password(text).reveal() == "fish éclair"


def test_characters_count_and_not_bytes() -> None:
    assert len(Password("🐈" * 15)) == 15
    assert len(Password("a" * LONGEST)) == LONGEST == 256
    for bad in ("", "a" * 257, "tab\there", "nul\x00", "\x7f", "\ud800"):
        with pytest.raises(InvalidValue) as raised:
            Password(bad)
        assert bad not in str(raised.value) or not bad


@pytest.mark.parametrize(
    "text",
    [
        "lowercase only words here",
        "                 x y z q",
        "ÄÖÜ ÄÖÜ straße maß",
        "🐈🐕🐇🦔🐢🦎🐍🦜🐠🦋🐝🐞🕷🦂🐌",
    ],
)
async def test_no_kind_of_character_is_asked_for(text: str) -> None:
    await require_good(Password(text), ANA, beside_another=False)


@pytest.mark.parametrize(
    ("text", "beside_another"),
    [
        ("xK9#mQ2$vL5!pR", False),  # 14 characters
        ("xK9#mQ2", True),  # 7
    ],
)
async def test_a_short_one_is_refused(text: str, *, beside_another: bool) -> None:
    with pytest.raises(PasswordRefused, match="too short"):
        await require_good(Password(text), ANA, beside_another=beside_another)
    await require_good(Password(f"{text}7"), ANA, beside_another=beside_another)


@pytest.mark.parametrize(
    "text",
    [
        "passwordpassword",
        "qwertyuiopasdfgh",
        "1234567890123456",
        "aaaaaaaaaaaaaaaaaaaa",
        "a" * 200,
        "letmein letmein letmein",
        "ana.silva@example.com",
        "anasilvaanasilva",
        "AvliSanA12065550123",
        "Silva Silva Silva 1",
        "example.com silva",
        "vetcore vetcore1",
        "P@ssw0rdP@ssw0rd",
    ],
)
async def test_one_that_is_common_or_made_of_what_is_known_is_refused(text: str) -> None:
    with pytest.raises(PasswordRefused, match="easy to guess") as raised:
        await require_good(Password(text), ANA, beside_another=False)
    assert text not in str(raised.value)


async def test_the_words_of_a_service_count_as_known() -> None:
    text = Password("ballardballard98107")
    with pytest.raises(PasswordRefused):
        await require_good(text, ANA, beside_another=False, words=["Ballard", "98107"])


async def test_what_is_strong_after_a_weak_beginning_is_strong() -> None:
    await require_good(Password("a" * 80 + PASSWORD), ANA, beside_another=False)


async def test_looking_at_a_password_takes_no_longer_for_a_long_one() -> None:
    spent: list[float] = []
    for length in (72, 128, 256):
        text = Password(("l33t5p3a|<Pa55w0rd" * 20)[:length])
        started = time.process_time()
        try:
            await require_good(text, ANA, beside_another=False)
        except PasswordRefused:
            spent.append(time.process_time() - started)
        else:
            spent.append(time.process_time() - started)
    assert all(later < 4 * earlier + 0.1 for earlier, later in pairwise(spent))


def test_by_role_the_forms_have_what_is_theirs_and_refuse_the_rest() -> None:
    owner = {"email": "a@example.com", "first_name": "A", "last_name": "B", "password": PASSWORD}
    dates = {"terms_accepted_at": AGREED, "privacy_accepted_at": AGREED}
    UserSignUp(**owner, **dates)  # type: ignore[arg-type]
    for field in ("role", "status", "email_verified", "clerk_user_id"):
        with pytest.raises(ValidationError, match="extra_forbidden"):
            UserSignUp(**owner, **dates, **{field: "x"})  # type: ignore[arg-type]
    InvitationSignUp(token="vcl_x", password=PASSWORD, **dates)
    for field in ("role", "email", "first_name"):
        with pytest.raises(ValidationError):
            InvitationSignUp(token="vcl_x", password=PASSWORD, **dates, **{field: "x"})
