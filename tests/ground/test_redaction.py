"""What is private never reaches a log; what is not stays readable."""

import json
import uuid
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vetcore.logging import redact, redacted
from vetcore.settings import Environment

WORDS = st.text("abc xyz,;é\n", max_size=20)
LOCAL = st.from_regex(r"[a-z0-9][a-z0-9._+\-]{0,20}[a-z0-9]", fullmatch=True)
DOMAINS = st.from_regex(r"[a-z0-9]{1,12}(\.[a-z0-9]{2,8}){1,2}", fullmatch=True)
EMAILS = st.builds("{}@{}".format, LOCAL, DOMAINS)
REGIONS = ("US", "GB", "FR", "DE", "NP", "AU", "BR", "JP", "ZA", "NZ")
SECRETS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", min_size=20)


@st.composite
def phones(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(REGIONS))
    kind = draw(
        st.sampled_from(
            [phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.TOLL_FREE]
        )
    )
    example = phonenumbers.example_number_for_type(region, kind)
    assert example is not None
    form = draw(
        st.sampled_from(
            [
                phonenumbers.PhoneNumberFormat.E164,
                phonenumbers.PhoneNumberFormat.INTERNATIONAL,
                phonenumbers.PhoneNumberFormat.RFC3966,
            ]
        )
    )
    return phonenumbers.format_number(example, form).removeprefix("tel:")


@st.composite
def jwts(draw: st.DrawFn) -> str:
    parts = draw(st.lists(SECRETS, min_size=2, max_size=2))
    return "eyJ" + ".".join(["hbGciOiJSUzI1NiJ9", *parts])


KEYS = st.one_of(
    st.builds("whsec_{}".format, SECRETS),
    st.builds("sk_live_{}".format, st.from_regex(r"[A-Za-z0-9]{24}", fullmatch=True)),
    st.builds("ghp_{}".format, st.from_regex(r"[A-Za-z0-9]{36}", fullmatch=True)),
)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001 -- given a zone below
PLANTS = st.one_of(EMAILS, phones(), jwts(), KEYS)


@given(before=WORDS, plant=PLANTS, after=WORDS)
def test_no_planted_address_number_or_token_survives_in_a_text(
    before: str, plant: str, after: str
) -> None:
    assert plant not in redact(f"{before} {plant} {after}")
    assert plant not in redact(f'{before}="{plant}",{after}')


@given(plants=st.lists(PLANTS, min_size=2, max_size=5), words=WORDS)
def test_none_of_several_survives(plants: list[str], words: str) -> None:
    clean = redact(f" {words} ".join(plants))
    assert [plant for plant in plants if plant in clean] == []


VALUES = st.recursive(
    st.one_of(PLANTS, st.integers(), st.none(), st.booleans(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(PLANTS, st.just("note")), inner, max_size=3),
        st.tuples(inner),
    ),
    max_leaves=8,
)


@given(value=VALUES, plant=PLANTS)
def test_nothing_survives_however_deep_a_value_holds_it(value: object, plant: str) -> None:
    entry = redacted(None, "info", {"event": f"see {plant}", "value": [value, {plant: plant}]})
    text = json.dumps(entry)
    assert plant not in text
    for leaf in _strings(value):
        assert leaf == "note" or json.dumps(leaf)[1:-1] not in text


def _strings(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for pair in value.items() for each in pair for text in _strings(each)]
        case list() | tuple():
            return [text for each in value for text in _strings(each)]
    return []


@given(
    user=st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    password=st.from_regex(r"[A-Za-z0-9!%&*._~\-]{6,20}[A-Za-z]", fullmatch=True),
    scheme=st.sampled_from(["postgresql", "postgresql+asyncpg", "https", "redis", "amqp"]),
)
def test_the_password_of_a_url_goes_and_its_host_stays(
    user: str, password: str, scheme: str
) -> None:
    clean = redact(
        f"cannot reach {scheme}://{user}:{password}@db.example.com:5432/clinic, retrying"
    )
    assert clean == (
        f"cannot reach {scheme}://{user}:[password]@db.example.com:5432/clinic, retrying"
    )


@pytest.mark.parametrize("password", ["p@ss", "p@ss/word", "p:w", "a#b?c", "[secret]x"])
def test_an_unescaped_password_goes_too(password: str) -> None:
    assert redact(f"postgres://u:{password}@h/db") == "postgres://u:[password]@h/db"


@given(
    st.one_of(
        st.uuids().map(str),
        TIMES.map(lambda naive: naive.replace(tzinfo=UTC).isoformat()),
        st.builds(
            lambda naive, minutes: str(naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))),
            TIMES,
            st.integers(-720, 840),
        ),
        st.decimals(0, 99999, places=2).map(str),
        st.from_regex(r"(9[0-9]{2}|[1-8][0-9]{2}|0[1-9][0-9])[01][0-9]{11}", fullmatch=True),
        st.integers(946684800, 1999999999).map(str),
        st.integers(946684800000, 1999999999999).map(str),
        st.integers(0, 999_999_999).map(str),
        st.floats(0, 10_000).map(str),
    )
)
def test_identifiers_times_amounts_and_microchips_survive(value: str) -> None:
    for text in (value, f"it was {value} then", f"({value})", f"value={value}, next"):
        assert redact(text) == text


@given(st.uuids(version=None), st.uuids())
def test_ids_survive_as_values_of_any_key(first: uuid.UUID, second: uuid.UUID) -> None:
    entry = {
        "event": "booked",
        "clinic_id": first,
        "pet_id": str(second),
        "amount": Decimal("12.50"),
    }
    assert redacted(None, "info", dict(entry)) == {
        "event": "booked",
        "clinic_id": str(first),
        "pet_id": str(second),
        "amount": "12.50",
    }


@pytest.mark.parametrize(
    "phone",
    [
        "+14155552671",
        "+44 (0)20 7946 0958",
        "0044 20 7946 0958",
        "020 7946 0958",
        "06 12 34 56 78",
        "(030) 1234567",
        "(415) 555-2671",
        "415.555.2671",
        "1-415-555-2671",
        "4155552671",
        "%2B14155552671",
    ],
)
def test_phone_numbers_are_known_in_the_forms_people_write(phone: str) -> None:
    assert redact(f"call {phone}.") == "call [phone]."


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("password=hunter2 host=db", "password=[secret] host=db"),
        ("{'api_key': 'two words', 'n': 1}", "{'api_key': [secret], 'n': 1}"),
        ("Authorization: Basic dmV0OnB3", "Authorization: Basic [secret]"),
        ("got bearer abc.def-123 today", "got bearer [secret] today"),
        ("Cookie: a=b; __session=c", "Cookie: [secret]"),
        ("https://0123abcd@sentry.example/1", "https://[secret]@sentry.example/1"),
        ("?access_token=abc&page=2", "?access_token=[secret]&page=2"),
        ("[parameters: ('Ann', 'Lee [x]')]\n(more)", "[parameters: [secret]]\n(more)"),
        ("Key (email)=(Ann) already exists.", "Key (email)=[secret] already exists."),
        ("Failing row contains (1, Ann).", "Failing row contains [secret]."),
        ("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\nx", "[token]\nx"),
        ("postgresql://postgres@db.example.com/x", "postgresql://postgres@db.example.com/x"),
        ("http://localhost:8000/pets?page=2", "http://localhost:8000/pets?page=2"),
    ],
)
def test_secrets_are_known_by_their_names_and_places(text: str, clean: str) -> None:
    assert redact(text) == clean


@pytest.mark.parametrize(
    ("key", "value", "clean"),
    [
        ("password", "x", "[secret]"),
        ("x-api-key", "x", "[secret]"),
        ("refresh_token", ["x"], "[secret]"),
        ("phone", "555 0100", "[phone]"),
        ("owner_phone_number", 5550100, "[phone]"),
        ("emails", ["Ann at home"], ["[email]"]),
        ("email_verified", True, True),
        ("idempotency_key", "visit-17", "visit-17"),
        ("microchip", "4155552671", "4155552671"),
        ("ratio", float("inf"), "inf"),
        ("environment", Environment.TEST, "test"),
        ("starts_at", datetime(2026, 3, 8, 9, 30, tzinfo=UTC), "2026-03-08T09:30:00+00:00"),
        ("error", ValueError("ann@example.com"), "ValueError: [email]"),
    ],
)
def test_a_key_says_what_its_value_is(key: str, value: object, clean: object) -> None:
    assert redacted(None, "info", {key: value}) == {key: clean}


@given(PLANTS)
def test_what_is_masked_stays_as_it_is_when_masked_again(plant: str) -> None:
    tight = plant.replace(" ", "")
    once = redact(f"password={plant} and {plant}, postgres://u:{tight}@h/d")
    assert redact(once) == once


def test_a_value_that_holds_itself_ends() -> None:
    loop: dict[str, object] = {"email": "ann@example.com"}
    loop["again"] = loop
    assert "ann@" not in json.dumps(redacted(None, "info", {"loop": loop}))


def test_a_password_that_begins_like_a_port_is_masked_and_a_port_is_none() -> None:
    assert redact("postgresql://vet:5432/zq@wxj@h:1/db") == "postgresql://vet:[password]@h:1/db"
    assert redact("postgresql://localhost:5432/db") == "postgresql://localhost:5432/db"
    assert redact("http://localhost:8000/@me") == "http://localhost:8000/@me"
