"""Keys that sign: what they make, what they refuse, and that they are never shown."""

import base64
import pickle
from typing import Any

import pytest

from vetcore.database import Database
from vetcore.errors import ConfigurationError
from vetcore.settings import Settings
from vetcore.settings.signing import SAMPLE_KEY, TEST_KEY
from vetcore.values.signatures import SAMPLE_KEYS, Keyring, Verdict, digest

SECRET = base64.b64encode(bytes(range(32))).decode()
CONTENT = {"a": 1, "b": "猫"}
BOTH = [f"k:{algorithm}:{SECRET}" for algorithm in ("hmac-sha256", "ed25519")]


def _public() -> str:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()
    return base64.b64encode(key.public_bytes_raw()).decode()


@pytest.mark.parametrize("key", BOTH)
def test_a_signature_holds_for_its_content_and_no_other(key: str) -> None:
    ring = Keyring.parse(key)
    made = ring.sign(CONTENT)
    assert made.startswith("v1.k.")
    assert ring.judge(CONTENT, made) is Verdict.GOOD
    assert ring.judge({"b": "猫", "a": 1}, made) is Verdict.GOOD, "in whatever order"
    assert ring.judge({**CONTENT, "a": 2}, made) is Verdict.FORGED
    assert ring.judge(CONTENT, made[:-2] + ("AA" if made[-2:] != "AA" else "BB")) is Verdict.FORGED
    assert Keyring.parse(f"other:hmac-sha256:{SECRET}").judge(CONTENT, made) is Verdict.UNKNOWN_KEY


@pytest.mark.parametrize("made", [None, "", "v1.k.", "v2.k.AAAA", "v1.k.A", "v1..AAAA", "x" * 5000])
def test_what_is_no_signature_is_forged(made: str | None) -> None:
    assert Keyring.parse(BOTH[0]).judge(CONTENT, made) is Verdict.FORGED


def test_a_key_of_another_algorithm_under_the_same_id_does_not_verify() -> None:
    made = Keyring.parse(BOTH[0]).sign(CONTENT)
    assert Keyring.parse(BOTH[1]).judge(CONTENT, made) is Verdict.FORGED


def test_a_public_key_verifies_and_does_not_sign() -> None:
    public = Keyring.parse(f"k:ed25519-public:{_public()}")
    assert public.judge(CONTENT, Keyring.parse(BOTH[1]).sign(CONTENT)) is Verdict.GOOD
    with pytest.raises(ConfigurationError, match="VETCORE_RECORDS_KEYS"):
        public.sign(CONTENT)


def test_a_plain_hash_is_told_apart() -> None:
    ring = Keyring()
    assert ring.judge(CONTENT, digest(CONTENT)) is Verdict.UNKEYED
    assert ring.judge({**CONTENT, "a": 2}, digest(CONTENT)) is Verdict.FORGED


def test_rotation_adds_a_key_and_makes_it_active() -> None:
    old = Keyring.parse(f"old:hmac-sha256:{SECRET}")
    new = Keyring.parse(f"old:hmac-sha256:{SECRET}", f"new:hmac-sha256:{SECRET}", active="new")
    assert new.judge(CONTENT, old.sign(CONTENT)) is Verdict.GOOD
    assert new.sign(CONTENT).startswith("v1.new.")
    assert (new | SAMPLE_KEYS).sign(CONTENT).startswith("v1.new.")
    assert (Keyring() | SAMPLE_KEYS).active is None
    with pytest.raises(ConfigurationError, match="later"):
        Keyring.parse(*BOTH[:1], active="later")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "k",
        f"K:hmac-sha256:{SECRET}",
        "k:hmac-sha256:c2hvcnQ=",
        f"k:rsa:{SECRET}",
        "k:ed25519:!",
    ],
)
def test_what_is_no_key_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Keyring.parse(key)
    assert SECRET not in str(caught.value)
    with pytest.raises(ConfigurationError) as caught:
        Settings.load({"VETCORE_RECORDS_KEYS": key or ","}, env_file=None, records={"keys": [key]})
    assert SECRET not in str(caught.value)


def test_a_key_is_never_shown() -> None:
    settings = Settings.load({"VETCORE_RECORDS_KEYS": BOTH[0]}, env_file=None)
    ring = Keyring.of(settings.records)
    db = Database("sqlite://", keys=ring)
    shown = [settings, settings.sources(), ring, ring.require(), db, vars(db)["keys"]]
    assert SECRET not in " ".join(map(repr, shown))
    for each in (ring.require(), ring):
        with pytest.raises(TypeError):
            pickle.dumps(each)


def _settings(**given: str) -> Settings:
    url = {"VETCORE_DATABASE_URL": "postgresql://localhost/x"}
    environ = {f"VETCORE_{name}": value for name, value in given.items()}
    return Settings.load({**url, **environ}, env_file=None)


@pytest.mark.parametrize("environment", ["production", "staging"])
@pytest.mark.parametrize("key", [SAMPLE_KEY, TEST_KEY, "own:" + TEST_KEY.partition(":")[2]])
def test_what_is_deployed_refuses_the_keys_that_everybody_knows(environment: str, key: str) -> None:
    with pytest.raises(
        ConfigurationError, match="VETCORE_RECORDS_KEYS has a key that is published"
    ):
        _settings(ENVIRONMENT=environment, RECORDS_KEYS=key)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"RECORDS_KEYS": f"{BOTH[0]},{BOTH[0]}"}, "once"),
        ({"RECORDS_KEYS": f"{BOTH[0]},b{BOTH[0]}"}, "VETCORE_RECORDS_ACTIVE is required: one of k"),
        ({"RECORDS_KEYS": BOTH[0], "RECORDS_ACTIVE": "x"}, "the id of a key that signs"),
    ],
)
def test_settings_that_contradict_each_other_are_named(given: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        _settings(**given)


def test_one_key_is_the_active_one() -> None:
    ring = Keyring.of(_settings(RECORDS_KEYS=BOTH[1]).records)
    assert (ring.active, ring.require().algorithm) == ("k", "ed25519")
