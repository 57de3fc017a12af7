"""What a log never shows, whatever the name, the case, the nesting or the form."""

import dataclasses
import io
import json
import logging
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from vetcore.logging import configure, in_a_line, logger, redact, redacted
from vetcore.logging.naming import mask_of
from vetcore.logging.redaction import LARGEST_ENTRY, LONGEST_TEXT
from vetcore.settings import LoggingSettings

SECRET = "hunter2x"
NAMES = (
    *("accessToken", "clientSecret", "csrfToken", "refresh_token", "X-Api-Key", "APIKey", "apikey"),
    *("ACCESS_TOKEN", "AccessToken", "access-token", "access.token", "accesstoken", "idToken"),
    *(
        "password",
        "Password",
        "userPassword",
        "passwordConfirmation",
        "newPassword2",
        "password_hash",
    ),
    *(
        "db.password",
        "privateKey",
        "signing_key",
        "Authorization",
        "Proxy-Authorization",
        "Set-Cookie",
    ),
    *(
        "sessionId",
        "jwt",
        "otp",
        "verificationCode",
        "cvv",
        "cardNumber",
        "iban",
        "ssn",
        "deaNumber",
    ),
    *("motDePasse", "contraseña", "Kennwort", "wachtwoord", "code_verifier", "sshKey", "sig"),
    *("svix-signature", "aws_secret_access_key", "pwd", "clientSecretValue", "webhook_secrets"),
)
ORDINARY = (
    *("pet_id", "email_verified", "token_count", "idempotency_key", "key", "primary_key", "status"),
    *("passed", "compass", "author", "pinned", "sidecar", "secretary", "phone_verified", "ideas"),
    *("microchip", "birth_date", "cookie_policy_accepted", "authorized_parties", "cellar"),
)


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_secret_is_known_in_whatever_case(name: str) -> None:
    assert mask_of(name) == "[secret]"
    texts = [
        f"{name}={SECRET}",
        f"{name}: {SECRET} and more",
        f'{{"{name}": "{SECRET}", "a": 1}}',
        f"{{'{name}': '{SECRET}'}}",
        f"?page=2&{name}={SECRET}&x=1",
        json.dumps({"outer": json.dumps({name: SECRET})}),
        json.dumps(json.dumps(json.dumps({"a": [{name: SECRET}]}))),
        f"payload {json.dumps({'outer': json.dumps({name: SECRET})})} was refused",
        f"Thing({name}='{SECRET}')",
        f"[('{name}', '{SECRET}'), (b'{name}', b'{SECRET}')]",
        f"%22{name}%22%3A%22{SECRET}%22",
        f"GET /pets?filter={quote(json.dumps({name: SECRET}))}&page=2",
        f"GET /pets?filter={quote_plus(json.dumps({'a': json.dumps({name: SECRET})}))}",
        f"/sign-in?next={quote(f'/pets?{name}={SECRET}')}&x=1",
        f"/sign-in?next={quote('/pets?f=' + quote(json.dumps([{name: SECRET}])))}",
        json.dumps({name: SECRET}).replace('"', "\\u0022"),
        json.dumps({name: SECRET}).replace('"', "&quot;"),
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{SECRET}\r\n--x',
        f"<{name}>{SECRET}</{name}>",
        f"run --{name} {SECRET} --verbose",
        f"form[{name}]={SECRET}",
    ]
    for text in texts:
        assert SECRET not in redact(text), text
    for value in (
        {name: SECRET},
        [{"a": ({name: [SECRET]},)}],
        {name: {"deep": SECRET}},
        [(name, SECRET)],
    ):
        assert SECRET not in json.dumps(redacted(None, "info", {"event": "e", "value": value}))
    assert SECRET not in json.dumps(redacted(None, "info", {"event": "e", name: SECRET}))


@pytest.mark.parametrize(
    "text",
    [
        "GET /pets?name=Rex%20the%20dog&starts_at=2026-03-08T09%3A30%3A00%2B01%3A00",
        "50%25 of 100%20 LIKE '%%a%%' at 10%aa",
        "next=%2Fpets%3Fpage%3D2%26filter%3D%257B%2522name%2522%253A%2522Rex%2522%257D",
    ],
)
def test_what_is_coded_and_hides_nothing_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


def test_what_is_coded_again_and_again_is_not_shown() -> None:
    text = json.dumps({"accessToken": SECRET})
    for _ in range(9):
        text = quote(text)
        assert SECRET not in redact(f"GET /x?f={text}&a=1")


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_name_hides_nothing(name: str) -> None:
    assert mask_of(name) is None
    assert redact(f"{name}=ordinary") == f"{name}=ordinary"


@pytest.mark.parametrize(
    ("name", "mask"),
    [
        *(("emailAddress", "[email]"), ("userEmail", "[email]"), ("E-Mail", "[email]")),
        *(("phoneNumber", "[phone]"), ("owner.phone", "[phone]"), ("mobile_no", "[phone]")),
        *(("dob", "[birth date]"), ("dateOfBirth", "[birth date]")),
    ],
)
def test_how_people_are_reached_is_known_by_its_name(name: str, mask: str) -> None:
    assert redacted(None, "info", {name: "at home, 555 12"}) == {name: mask}
    assert "555 12" not in redact(f'{{"{name}": "at home, 555 12"}}')


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("pay 4111 1111 1111 1111 12/27", "pay [card] 12/27"),
        ("4111-1111-1111-1111,5555555555554444", "[card],[card]"),
        ("378282246310005 or 3782 822463 10005", "[card] or [card]"),
        ("6011111111111117 30569309025904", "[card] [card]"),
        ("DE89 3704 0044 0532 0130 00 was used", "[iban] was used"),
        ("to GB29NWBK60161331926819.", "to [iban]."),
        ("registered as AB1234563", "registered as [dea]"),
        ("sess_2abcDEF123", "[token]"),
        (
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,bm9ldHUjKzFo2VudXRob2VodWU=",
            "[token] [token]",
        ),
        ('"ann lee"@example.com', "[email]"),
        ("'ann@example.com'", "'[email]'"),
        (
            "Key (lower(email::text))=(ann (x) lee) already exists.",
            "Key (lower(email::text))=[secret] already exists.",
        ),
        ("Failing row contains (1, Ann\nLee, x).\nnext", "Failing row contains [secret].\nnext"),
        ("La ligne en échec contient (1, Ann).", "La ligne en échec contient [secret]."),
        (
            "[type=x, input_value='hunter2', input_type=str]",
            "[type=x, input_value=[secret], input_type=str]",
        ),
        (
            'invalid input syntax for type uuid: "Ann"',
            "invalid input syntax for type uuid: [secret]",
        ),
        ('Cookie: a="b"; c=d', "Cookie: [secret]"),
    ],
)
def test_what_is_private_is_known_by_its_form(text: str, clean: str) -> None:
    assert redact(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",  # no card: its check digit is wrong
        "985112345678903",
        "372098102345678",  # an Irish microchip
        "DE88370400440532013000",
        "AB1234564",
        "0198c0de-0000-7000-8000-000000000001",
        "2026-03-08T09:30:00.123456+00:00",
        "version v1, released",
        "http://localhost:8000/pets?page=2",
    ],
)
def test_what_is_not_private_stays(text: str) -> None:
    assert redact(text) == text


def test_objects_are_seen_through() -> None:
    @dataclasses.dataclass
    class Client:
        clientSecret: str  # noqa: N815 -- as other systems name it
        inner: object

    class Form(BaseModel):
        password: str
        token: SecretStr

    class Shown:
        def __repr__(self) -> str:
            return f"Shown(apiKey='{SECRET}')"

    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError

    loop: list[Any] = [SECRET and {"password": SECRET}]
    loop.append(loop)
    values: dict[str, Any] = {
        "dataclass": Client(SECRET, Form(password=SECRET, token=SecretStr(SECRET))),
        "set": {f"password={SECRET}"},
        "bytes": json.dumps({"password": SECRET}).encode(),
        "repr": Shown(),
        "broken": Broken(),
        "loop": loop,
        "key": {f"sk_live_{SECRET}": 1},
        "headers": [(b"authorization", SECRET.encode())],
        "har": {"name": "Authorization", "value": SECRET},
        "argv": ["login", "--password", SECRET],
        "issues": [{"type": "x", "loc": ("a",), "msg": "m", "input": SECRET}],
        "card": 4111111111111111,
    }
    text = json.dumps(redacted(None, "info", {"event": "e"} | values))
    assert SECRET not in text
    assert "4111" not in text


def test_an_error_is_told_with_what_it_came_from_and_without_secrets() -> None:
    try:
        try:
            raise ValueError(f"password={SECRET}")  # noqa: TRY301
        except ValueError as inner:
            raise KeyError("outer") from inner
    except KeyError as error:
        told = redacted(None, "error", {"event": "e", "error": error})["error"]
    assert told == "KeyError: 'outer' <- ValueError: password=[secret]"


def test_a_large_value_is_cut_before_it_is_looked_at() -> None:
    text = redact("ann@example.com " * 700_000)
    assert len(text) < LONGEST_TEXT + 100
    assert text.endswith("… [cut: 11,200,000 characters]")
    assert "ann" not in text
    many = redacted(None, "info", {"event": "e", "rows": [{"note": "x" * 90}] * 1_000_000})
    assert len(json.dumps(many)) < 2 * LARGEST_ENTRY


@pytest.mark.parametrize("place", range(LONGEST_TEXT - 40, LONGEST_TEXT + 5, 3))
def test_no_half_of_an_address_is_left_at_the_cut(place: int) -> None:
    assert "annabel" not in redact("x " * (place // 2) + "annabel.lee@example.com " + "y " * 5_000)


# Lines


CONTROLS = "\n\r\x1b\x07\x00\x7f\x85\x9b\u2028\u202e\u2066\u200b\ud800"


@pytest.fixture
def lines(untouched: None, request: pytest.FixtureRequest) -> io.StringIO:
    stream = io.StringIO()
    configure(LoggingSettings(format=getattr(request, "param", "console")), stream=stream)
    return stream


@pytest.fixture
def untouched() -> Any:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _stop_pytest_listening() -> None:
    """Its workers cannot send on half a character, which it would keep of the entries."""
    root = logging.getLogger()
    root.handlers[:] = [each for each in root.handlers if not hasattr(each, "records")]


@pytest.mark.parametrize("lines", ["console", "json"], indirect=True)
def test_nothing_ends_a_line_or_moves_the_cursor(lines: io.StringIO) -> None:
    _stop_pytest_listening()
    hostile = f"a{CONTROLS}2026-03-08 [info] forged"
    log = structlog.stdlib.get_logger("vetcore.test")
    log.warning(hostile, value=hostile, deep={hostile: [hostile]}, **{hostile: 1})
    logging.getLogger(f"other{CONTROLS}").warning("to %s", hostile)
    written = lines.getvalue()
    assert len(written.splitlines()) == 2
    assert not set(written.replace("\n", "")) & set(CONTROLS)
    assert r"\u202e" in written


def test_a_traceback_keeps_its_lines_but_none_passes_for_an_entry(lines: io.StringIO) -> None:
    try:
        raise ValueError("x\n2026-03-08T09:30:00 [info     ] forged\x1b[2J")  # noqa: TRY301
    except ValueError:
        structlog.stdlib.get_logger("vetcore.test").exception("failed")
    first, *rest = lines.getvalue().splitlines()
    assert "failed" in first
    assert any("forged" in line for line in rest)
    assert all(not line or line.startswith("    ") for line in rest)
    assert "\x1b" not in lines.getvalue()


@given(st.text(st.characters()))
def test_a_text_is_one_line_whatever_is_in_it(text: str) -> None:
    assert len(in_a_line(text).splitlines()) <= 1


def test_vetcores_own_entries_are_the_standard_librarys(caplog: pytest.LogCaptureFixture) -> None:
    logger("vetcore.test").warning("not usable", reason="gone")
    (entry,) = caplog.records
    assert (entry.name, entry.levelname, entry.message) == ("vetcore.test", "WARNING", "not usable")
    assert vars(entry)["reason"] == "gone"
    assert entry.filename == "test_logs.py"
