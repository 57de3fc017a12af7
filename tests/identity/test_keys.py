import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from vetcore.clock import frozen
from vetcore.errors import AccessError, ConfigurationError, NotAuthenticated
from vetcore.identity.clerk import KeyCachePolicy, SessionClaims, SessionVerifier
from vetcore.identity.errors import SigningKeysUnavailable, TokenKeyUnknown
from vetcore.identity.keys import KeyCache

from .clerk_instance import ISSUER, NOON, PARTY, Issuer, jwk, key_set, token

POLICY = KeyCachePolicy(
    ttl=timedelta(minutes=10),
    refetch_interval=timedelta(seconds=30),
    stale_for=timedelta(hours=1),
    timeout=timedelta(seconds=5),
)


def verifier(issuer: Issuer, **settings: Any) -> SessionVerifier:
    return SessionVerifier(
        issuer=ISSUER,
        authorized_parties={PARTY},
        jwks_url=issuer.url,
        # Tokens of noon must serve throughout: these tests are about the age of keys.
        leeway=timedelta(days=30),
        **{"cache": POLICY, **settings},
    )


async def verify(
    subject: SessionVerifier, key: str = "first", *, after: timedelta = timedelta()
) -> SessionClaims:
    with frozen(NOON + after):
        return await subject.verify(token(key))


async def settled() -> None:
    """Let the fetches that run in the background come to their end."""
    mine = asyncio.current_task()
    while fetches := [
        task
        for task in asyncio.all_tasks()
        if task is not mine and "KeyCache" in task.get_coro().__qualname__  # type: ignore[union-attr]
    ]:
        await asyncio.wait(fetches)


async def test_keys_are_fetched_once_and_serve_until_their_time_is_over(issuer: Issuer) -> None:
    subject = verifier(issuer)

    for seconds in (0, 1, 300, 599):
        await verify(subject, after=timedelta(seconds=seconds))
    assert issuer.requests == 1

    await verify(subject, after=timedelta(seconds=600))
    assert issuer.requests == 2


async def test_a_hundred_verifications_at_once_trigger_exactly_one_fetch(issuer: Issuer) -> None:
    issuer.delay = timedelta(milliseconds=50)
    subject = verifier(issuer)

    await asyncio.gather(*(verify(subject) for _ in range(100)))

    assert issuer.requests == 1


async def test_a_hundred_unknown_keys_at_once_trigger_exactly_one_more_fetch(
    issuer: Issuer,
) -> None:
    subject = verifier(issuer)
    await verify(subject)

    async def forged(number: int) -> None:
        text = token("second", header={"kid": f"invented {number}"})
        with frozen(NOON + timedelta(minutes=1)), pytest.raises(TokenKeyUnknown):
            await subject.verify(text)

    await asyncio.gather(*(forged(number) for number in range(100)))
    await asyncio.gather(*(forged(number) for number in range(100)))

    assert issuer.requests == 2


async def test_an_unknown_key_asks_the_issuer_again_only_once_an_interval(issuer: Issuer) -> None:
    subject = verifier(issuer)
    await verify(subject)
    for seconds in range(1, 91):
        with pytest.raises(TokenKeyUnknown):
            await verify(subject, "second", after=timedelta(seconds=seconds))

    assert issuer.requests == 1 + 3


async def test_a_new_key_is_found_when_a_token_names_it(issuer: Issuer) -> None:
    subject = verifier(issuer)
    await verify(subject)
    issuer.publish("first", "second")

    await verify(subject, "second", after=timedelta(seconds=30))
    await verify(subject, "first", after=timedelta(seconds=30))

    assert issuer.requests == 2


async def test_a_key_that_is_withdrawn_is_refused_from_the_next_fetch_on(issuer: Issuer) -> None:
    subject = verifier(issuer)
    await verify(subject)
    issuer.publish("second")

    await verify(subject, after=timedelta(minutes=9))
    with pytest.raises(TokenKeyUnknown):
        await verify(subject, after=timedelta(minutes=10))


async def test_a_token_in_another_algorithm_never_causes_a_fetch(issuer: Issuer) -> None:
    with pytest.raises(NotAuthenticated):
        await verifier(issuer).verify("eyJhbGciOiJub25lIiwia2lkIjoieCJ9.e30.")

    assert issuer.requests == 0


# --- when the issuer is out of reach ------------------------------------------------------------

BROKEN = [
    pytest.param({"status": 500}, id="server error"),
    pytest.param({"status": 302}, id="redirect"),
    pytest.param({"document": b"<html>"}, id="not JSON"),
    pytest.param({"document": []}, id="not a key set"),
    pytest.param({"document": {"keys": []}}, id="no keys"),
    pytest.param({"document": {"keys": [jwk("first", kty="EC")]}}, id="no usable key"),
]


@pytest.mark.parametrize("fault", BROKEN)
async def test_cached_keys_serve_for_a_while_when_the_issuer_fails(
    issuer: Issuer, fault: Mapping[str, Any]
) -> None:
    subject = verifier(issuer)
    await verify(subject)
    for name, value in fault.items():
        setattr(issuer, name, value)

    await verify(subject, after=timedelta(minutes=11))
    await verify(subject, after=timedelta(minutes=69, seconds=59))
    await settled()
    with pytest.raises(SigningKeysUnavailable) as refusal:
        await verify(subject, after=timedelta(minutes=71))

    assert refusal.value.retryable
    assert not isinstance(refusal.value, NotAuthenticated)
    assert refusal.value.__cause__ is not None
    return refusal.value.__cause__


async def test_an_issuer_that_comes_back_is_believed_again(issuer: Issuer) -> None:
    subject = verifier(issuer)
    await verify(subject)
    issuer.status = 500
    await verify(subject, after=timedelta(minutes=11))
    issuer.publish("second")

    await verify(subject, after=timedelta(minutes=12))  # asks behind the scenes
    await settled()

    await verify(subject, "second", after=timedelta(minutes=12))
    with pytest.raises(TokenKeyUnknown):
        await verify(subject, "first", after=timedelta(minutes=12))


async def test_while_the_issuer_fails_it_is_asked_once_an_interval(issuer: Issuer) -> None:
    subject = verifier(issuer)
    await verify(subject)
    issuer.status = 500

    for seconds in range(90):
        await verify(subject, after=timedelta(minutes=11, seconds=seconds))
        await settled()

    assert issuer.requests == 1 + 3


async def test_while_the_issuer_hangs_only_the_first_verification_waits() -> None:
    answers = asyncio.Event()
    begun = ended = 0

    async def fetch(url: str) -> object:
        nonlocal begun, ended
        assert url
        begun += 1
        try:
            await answers.wait()
        finally:
            ended += 1
        return key_set("first")

    cache = KeyCachePolicy(stale_for=timedelta(hours=1), timeout=timedelta(milliseconds=50))
    subject = SessionVerifier(
        issuer=ISSUER,
        authorized_parties={PARTY},
        leeway=timedelta(days=30),
        fetch=fetch,
        cache=cache,
    )
    answers.set()
    await verify(subject)
    answers.clear()

    await verify(subject, after=timedelta(minutes=11))
    assert (begun, ended) == (2, 2)
    await verify(subject, after=timedelta(minutes=12))
    assert ended == 2
    await settled()
    assert (begun, ended) == (3, 3)

    with pytest.raises(SigningKeysUnavailable) as refusal:
        await verify(subject, after=timedelta(minutes=71))
    assert isinstance(refusal.value.__cause__, TimeoutError)


async def test_an_unknown_key_is_not_called_unknown_while_the_issuer_cannot_be_asked(
    issuer: Issuer,
) -> None:
    subject = verifier(issuer)
    await verify(subject)
    issuer.status = 500

    with pytest.raises(SigningKeysUnavailable):
        await verify(subject, "second", after=timedelta(minutes=1))
    with pytest.raises(SigningKeysUnavailable):
        await verify(subject, "second", after=timedelta(minutes=1, seconds=1))
    assert issuer.requests == 2


async def test_before_the_first_keys_arrive_the_issuer_is_asked_again_after_a_second(
    issuer: Issuer,
) -> None:
    issuer.status = 500
    subject = verifier(issuer)
    for milliseconds in (0, 500, 999):
        with pytest.raises(SigningKeysUnavailable):
            await verify(subject, after=timedelta(milliseconds=milliseconds))
    assert issuer.requests == 1
    issuer.publish("first")

    await verify(subject, after=timedelta(seconds=1))

    assert issuer.requests == 2


async def test_a_clock_that_is_set_back_does_not_keep_keys_for_ever(issuer: Issuer) -> None:
    subject = verifier(issuer)
    await verify(subject, after=timedelta(days=1))

    await verify(subject)

    assert issuer.requests == 2


# --- the cache itself ---------------------------------------------------------------------------


async def test_a_caller_who_gives_up_does_not_take_the_fetch_from_the_others() -> None:
    gate = asyncio.Event()
    fetches = 0

    async def load() -> Mapping[str, int]:
        nonlocal fetches
        fetches += 1
        await gate.wait()
        return {"a": 1}

    keys = KeyCache(load, policy=POLICY)
    impatient = asyncio.create_task(keys.get("a"))
    patient = asyncio.create_task(keys.get("a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    impatient.cancel()
    gate.set()

    assert await patient == 1
    assert impatient.cancelled()
    assert fetches == 1


@pytest.mark.parametrize("error", [RuntimeError("bug"), OSError("network"), KeyError("keys")])
async def test_whatever_a_custom_fetch_raises_means_that_keys_are_not_available(
    error: Exception,
) -> None:
    async def fetch(url: str) -> object:
        assert url
        raise error

    subject = SessionVerifier(issuer=ISSUER, authorized_parties=None, fetch=fetch)
    with pytest.raises(AccessError) as refusal:
        await subject.verify(token())

    assert refusal.value.code == "signing_keys_unavailable"
    assert refusal.value.__cause__ is error


async def test_a_custom_fetch_that_hangs_is_given_up() -> None:
    async def fetch(url: str) -> object:
        await asyncio.sleep(3600)
        return url

    cache = KeyCachePolicy(timeout=timedelta(milliseconds=50))
    subject = SessionVerifier(issuer=ISSUER, authorized_parties=None, fetch=fetch, cache=cache)

    async with asyncio.timeout(5):
        with pytest.raises(SigningKeysUnavailable):
            await subject.verify(token())


def test_a_verifier_serves_one_event_loop_after_another() -> None:
    async def hang(url: str) -> object:
        assert url
        await asyncio.sleep(3600)
        return key_set("first")

    async def answer(url: str) -> object:
        assert url
        return key_set("first")

    fetches = iter([hang, answer])

    async def fetch(url: str) -> object:
        return await next(fetches)(url)

    subject = SessionVerifier(issuer=ISSUER, authorized_parties={PARTY}, fetch=fetch)

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await verify(subject)

    abandoned = asyncio.new_event_loop()
    abandoned.run_until_complete(give_up())

    assert asyncio.run(verify(subject)).clerk_user_id == "user_2abc"

    for task in asyncio.all_tasks(abandoned):
        task.cancel()
        abandoned.run_until_complete(asyncio.gather(task, return_exceptions=True))
    abandoned.close()


@pytest.mark.parametrize(
    "durations",
    [
        {"ttl": timedelta()},
        {"refetch_interval": timedelta()},
        {"timeout": timedelta()},
        {"stale_for": timedelta(seconds=-1)},
        {"ttl": timedelta(seconds=10), "refetch_interval": timedelta(seconds=11)},
    ],
)
def test_a_policy_that_cannot_work_is_refused(durations: dict[str, timedelta]) -> None:
    with pytest.raises(ConfigurationError, match="key cache"):
        KeyCachePolicy(**durations)
