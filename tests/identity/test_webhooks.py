from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from svix.webhooks import Webhook

from vetcore.clock import frozen
from vetcore.errors import AccessError, ConfigurationError, NotAuthenticated
from vetcore.identity.clerk import Delivery, verify_webhook
from vetcore.identity.errors import (
    WebhookFromFuture,
    WebhookHeaderMalformed,
    WebhookHeaderMissing,
    WebhookRefused,
    WebhookSignatureMismatch,
    WebhookStale,
)

SENT_AT = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
ID = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"
BODY = '{"type":"user.created","data":{"first_name":"Zoë"}}'.encode()
SECRET = "whsec_" + b64encode(bytes(range(24))).decode()
OTHER_SECRET = "whsec_" + b64encode(bytes(range(100, 132))).decode()


def signed(
    body: bytes = BODY,
    *,
    secret: str = SECRET,
    delivery_id: str = ID,
    sent_at: datetime = SENT_AT,
) -> dict[str, str]:
    """The headers that the official library of the sender makes."""
    return {
        "svix-id": delivery_id,
        "svix-timestamp": str(int(sent_at.timestamp())),
        "svix-signature": Webhook(secret).sign(delivery_id, sent_at, body.decode()),
    }


def verified(
    headers: dict[str, str],
    body: bytes = BODY,
    *,
    at: datetime = SENT_AT,
    secrets: tuple[str, ...] = (SECRET,),
) -> Delivery:
    with frozen(at):
        return verify_webhook(body, headers, secrets=secrets)


def test_what_the_official_library_signs_is_accepted_with_its_raw_body() -> None:
    delivery = verified(signed())

    assert delivery == Delivery(id=ID, sent_at=SENT_AT, payload=BODY)


@given(
    body=st.text(st.characters(codec="utf-8")),
    delivery_id=st.text("abcXYZ019_-", min_size=1, max_size=60),
    key=st.binary(min_size=24, max_size=64),
    sent_at=st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_every_message_that_the_official_library_signs_is_accepted(
    body: str, delivery_id: str, key: bytes, sent_at: datetime
) -> None:
    sent_at = sent_at.replace(microsecond=0)
    secret = "whsec_" + b64encode(key).decode()
    headers = signed(body.encode(), secret=secret, delivery_id=delivery_id, sent_at=sent_at)

    delivery = verified(headers, body.encode(), at=sent_at, secrets=(secret,))

    assert delivery == Delivery(id=delivery_id, sent_at=sent_at, payload=body.encode())


def test_a_body_that_is_not_text_is_verified_as_the_bytes_it_is() -> None:
    with pytest.raises(WebhookSignatureMismatch):
        verified(signed(), b"\xff\xfe\x00")


def test_header_names_are_found_in_any_case() -> None:
    headers = {name.title(): value for name, value in signed().items()}

    assert verified(headers).id == ID


@pytest.mark.parametrize("secrets", [(SECRET, OTHER_SECRET), (OTHER_SECRET, SECRET)])
def test_during_rotation_a_signature_by_either_secret_is_accepted(secrets: tuple[str, ...]) -> None:
    assert verified(signed(), secrets=secrets).id == ID
    assert verified(signed(secret=OTHER_SECRET), secrets=secrets).id == ID


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_signatures_any_may_match(order: int) -> None:
    headers = signed()
    signatures = [
        signed(secret=OTHER_SECRET)["svix-signature"],
        "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZ",
        "nonsense",
        headers["svix-signature"],
    ]
    headers["svix-signature"] = " ".join(signatures[::order])

    assert verified(headers).id == ID


def test_a_signature_of_another_version_does_not_count() -> None:
    headers = signed()
    headers["svix-signature"] = headers["svix-signature"].replace("v1,", "v2,")

    with pytest.raises(WebhookSignatureMismatch):
        verified(headers)


def test_a_secret_works_without_its_prefix_and_without_padding() -> None:
    bare = SECRET.removeprefix("whsec_")
    unpadded = OTHER_SECRET.rstrip("=")
    assert unpadded != OTHER_SECRET

    assert verified(signed(), secrets=(bare,)).id == ID
    assert verified(signed(secret=OTHER_SECRET), secrets=(unpadded,)).id == ID


@pytest.mark.parametrize("missing", ["svix-id", "svix-timestamp", "svix-signature"])
@pytest.mark.parametrize("blank", [True, False])
def test_a_missing_or_empty_header_is_named(missing: str, *, blank: bool) -> None:
    headers = signed()
    del headers[missing]
    if blank:
        headers[missing] = ""

    with pytest.raises(WebhookHeaderMissing) as refusal:
        verified(headers)

    assert refusal.value.details == {"header": missing}
    assert refusal.value.code == "webhook_header_missing"


def test_a_header_given_twice_with_different_values_is_refused() -> None:
    with pytest.raises(WebhookHeaderMalformed) as refusal:
        verified({**signed(), "Svix-Id": "msg_other"})

    assert refusal.value.details["header"] == "svix-id"


@pytest.mark.parametrize(
    "timestamp",
    ["now", "-1", "0", "1e9", "1772962200.0", "01772962200", " 1772962200", "+1772962200",
     "١٧٧٢٩٦٢٢٠٠", "9" * 12, "9" * 5000, "1772962200\n"],
)  # fmt: skip
def test_a_timestamp_that_is_not_whole_seconds_is_malformed(timestamp: str) -> None:
    with pytest.raises(WebhookHeaderMalformed) as refusal:
        verified({**signed(), "svix-timestamp": timestamp})

    assert refusal.value.code == "webhook_header_malformed"
    assert refusal.value.details["header"] == "svix-timestamp"


def test_part_of_an_id_cannot_pass_for_the_timestamp() -> None:
    """The signed text is the same, split at another full stop."""
    headers = signed(b"1772962200.{}", delivery_id="msg_1")
    headers["svix-id"] = f"msg_1.{headers['svix-timestamp']}"
    headers["svix-timestamp"] = "1772962200"

    with pytest.raises(WebhookHeaderMalformed):
        verified(headers, b"{}")


@pytest.mark.parametrize(
    ("drift", "refusal"),
    [
        (timedelta(minutes=5), None),
        (timedelta(minutes=5, seconds=1), WebhookStale),
        (timedelta(minutes=-5), None),
        (timedelta(minutes=-5, seconds=-1), WebhookFromFuture),
    ],
)
def test_five_minutes_either_way_are_tolerated(
    drift: timedelta, refusal: type[WebhookRefused] | None
) -> None:
    if refusal is None:
        assert verified(signed(), at=SENT_AT + drift).sent_at == SENT_AT
        return
    with pytest.raises(refusal) as caught:
        verified(signed(), at=SENT_AT + drift)
    assert caught.value.code in {"webhook_stale", "webhook_from_future"}
    assert caught.value.details["sent_at"] == SENT_AT.isoformat()


def test_the_tolerance_can_be_set() -> None:
    with frozen(SENT_AT + timedelta(seconds=11)), pytest.raises(WebhookStale):
        verify_webhook(BODY, signed(), secrets=[SECRET], tolerance=timedelta(seconds=10))


def test_a_forgery_is_called_a_forgery_even_when_it_is_old() -> None:
    with pytest.raises(WebhookSignatureMismatch):
        verified(signed(secret=OTHER_SECRET), at=SENT_AT + timedelta(days=1))


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "whsec_!!!!", "whsec_é", "not base64 at all", SECRET + "!", "whsec_" + b64encode(b"short").decode()],
)  # fmt: skip
def test_a_malformed_secret_is_a_fault_of_the_configuration_and_is_not_shown(secret: str) -> None:
    with pytest.raises(ConfigurationError, match="webhook signing secret 2") as fault:
        verified(signed(), secrets=(SECRET, secret))

    hidden = secret.removeprefix("whsec_")
    assert not hidden or hidden not in str(fault.value)


@pytest.mark.parametrize("secrets", [(), SECRET])
def test_no_secret_or_one_that_is_not_in_a_sequence_is_refused(secrets: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError):
        verified(signed(), secrets=secrets)


def test_the_payload_is_kept_out_of_logs() -> None:
    assert "Zo" not in repr(verified(signed()))


# --- forgery ------------------------------------------------------------------------------------

characters = st.characters(max_codepoint=0x2FF, exclude_categories=[]) | st.sampled_from(
    ["\ud800", "\U0001f436", "٣", "\x00", "\n", ".", ",", " ", "=", "+", "/", "_"]
)


@st.composite
def mutations(draw: st.DrawFn, text: str) -> str:
    """``text`` with one character changed, added or removed, cut off, or replaced as a whole."""
    place = draw(st.integers(0, len(text) - 1))
    character = draw(characters)
    return draw(
        st.sampled_from(
            [
                text[:place] + character + text[place + 1 :],
                text[:place] + character + text[place:],
                text[:place] + text[place + 1 :],
                text[:place],
                text.swapcase(),
                text + character,
            ]
        )
        | st.text(characters, max_size=80)
    )


def refused(headers: dict[str, str], body: bytes = BODY) -> None:
    """Refused, as an AccessError and as nothing else, and without giving anything away."""
    with pytest.raises(AccessError) as refusal:
        verified(headers, body)
    assert isinstance(refusal.value, NotAuthenticated)
    right = b64encode(b64decode(signed()["svix-signature"].removeprefix("v1,"))).decode()
    assert right not in str(refusal.value.problem())
    assert SECRET not in str(refusal.value.problem())


@given(mutations(ID))
def test_no_mutation_of_the_id_is_accepted(mutation: str) -> None:
    assume(mutation != ID)
    refused({**signed(), "svix-id": mutation})


@given(mutations(signed()["svix-timestamp"]))
def test_no_mutation_of_the_timestamp_is_accepted(mutation: str) -> None:
    assume(mutation != signed()["svix-timestamp"])
    refused({**signed(), "svix-timestamp": mutation})


@given(mutations(signed()["svix-signature"]))
@example(signed()["svix-signature"].rstrip("="))
@example(signed()["svix-signature"] + "=")
@example(signed()["svix-signature"].replace("v1,", "v1,!"))
@example(signed()["svix-signature"].replace("v1,", ","))
@example("v1," + signed(secret=OTHER_SECRET)["svix-signature"])
def test_no_mutation_of_the_signature_is_accepted(mutation: str) -> None:
    assume(signed()["svix-signature"] not in mutation.split(" "))
    refused({**signed(), "svix-signature": mutation})


def test_base64_that_decodes_to_the_same_bytes_is_still_another_signature() -> None:
    signature = signed()["svix-signature"]
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".index(signature[-2])
    twin = signature[:-2] + (
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[last ^ 1] + "="
    )
    assert b64decode(twin[3:]) == b64decode(signature[3:])

    refused({**signed(), "svix-signature": twin})


@given(st.binary(max_size=80) | st.binary(max_size=5).map(lambda junk: BODY + junk))
@example(BODY + b" ")
@example(BODY.lower())
def test_no_other_body_is_accepted(body: bytes) -> None:
    assume(body != BODY)
    refused(signed(), body)


@given(
    st.dictionaries(
        st.sampled_from(["svix-id", "svix-timestamp", "svix-signature", "SVIX-ID", "host"]),
        st.text(characters, max_size=60),
    )
)
def test_arbitrary_headers_are_refused_and_nothing_else(headers: dict[str, str]) -> None:
    refused(headers)


@pytest.mark.parametrize(
    "make",
    [
        lambda: WebhookHeaderMissing("svix-id"),
        lambda: WebhookHeaderMalformed("svix-id", expected="one value"),
        WebhookSignatureMismatch,
        lambda: WebhookStale(sent_at=SENT_AT, received_at=SENT_AT),
        lambda: WebhookFromFuture(sent_at=SENT_AT, received_at=SENT_AT),
    ],
)
def test_every_refusal_has_its_own_code(make: Callable[[], WebhookRefused]) -> None:
    assert make().code != WebhookRefused.code
    assert make().problem()["code"] == make().code
