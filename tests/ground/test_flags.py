"""Feature flags: who gets them, how a roll-out grows, and what happens when the file changes."""

import asyncio
import hashlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfeature import api
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagResolutionDetails, Reason
from openfeature.provider import FeatureProvider
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider
from openfeature.provider.no_op_provider import NoOpProvider

from tests.ground.flag_files import FlagFile, configured
from vetcore import flags
from vetcore.flags import BuiltinProvider, Flag, bucket
from vetcore.settings import FlagsSettings

CLINIC, USER = uuid4(), uuid4()


@pytest.fixture(autouse=True)
def no_provider() -> Iterator[None]:
    """Every test begins, and leaves the process, without a provider."""
    api.set_provider(NoOpProvider(), domain=flags.DOMAIN)
    yield
    api.set_provider(NoOpProvider(), domain=flags.DOMAIN)


@pytest.fixture
def file(tmp_path: Path) -> FlagFile:
    return FlagFile(tmp_path / "flags.json")


def decided(rules: Mapping[str, Any], **who: UUID) -> bool:
    context = EvaluationContext(attributes={name: str(value) for name, value in who.items()})
    value, _ = Flag.model_validate(dict(rules)).decide("waitlist", context)
    return value


# Who gets it


def test_the_default_answers_where_no_provider_is_installed() -> None:
    assert not flags.is_enabled("waitlist")
    assert flags.is_enabled("waitlist", default=True)


def test_the_default_answers_for_a_flag_that_nobody_defined(file: FlagFile) -> None:
    configured(file, {"other": True})
    assert not flags.is_enabled("waitlist")
    assert flags.is_enabled("waitlist", default=True)


async def test_flags_are_on_or_off_or_by_rules(file: FlagFile) -> None:
    configured(file, {"yes": True, "no": False, "some": {"clinics": [str(CLINIC)]}})
    assert flags.is_enabled("yes")
    assert not flags.is_enabled("no", default=True)
    assert not flags.is_enabled("some")
    assert flags.is_enabled("some", clinic_id=CLINIC)
    assert not flags.is_enabled("some", clinic_id=uuid4())
    assert await flags.is_enabled_async("some", clinic_id=CLINIC)
    assert not await flags.is_enabled_async("some", user_id=CLINIC)
    assert await flags.is_enabled_async("unknown", default=True)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, True),
        ({"enabled": False}, False),
        ({"enabled": False, "users": [str(USER)]}, False),
        ({"users": [str(USER)]}, True),
        ({"users": [str(uuid4())]}, False),
        ({"clinics": [str(CLINIC)]}, True),
        ({"clinics": [str(CLINIC)], "except_users": [str(USER)]}, False),
        ({"users": [str(USER)], "except_clinics": [str(CLINIC)]}, False),
        ({"except_users": [str(uuid4())]}, True),
        ({"rollout": 0, "users": [str(USER)]}, True),
        ({"rollout": 100, "except_users": [str(USER)]}, False),
        ({"rollout": 0}, False),
        ({"rollout": 100}, True),
        ({"users": [str(uuid4())], "rollout": 100}, True),
    ],
)
def test_the_first_rule_that_applies_decides(rules: dict[str, Any], expected: bool) -> None:
    assert decided(rules, clinic_id=CLINIC, user_id=USER) is expected


def test_settings_go_before_the_file_and_off_before_on(file: FlagFile) -> None:
    file.write({"a": False, "b": True, "c": True})
    flags.configure(
        FlagsSettings(
            file=file.path, enabled=frozenset({"a", "d", "e"}), disabled=frozenset({"b", "e"})
        )
    )
    assert [name for name in "abcde" if flags.is_enabled(name)] == ["a", "c", "d"]


# Roll-out

NAMES = st.from_regex(r"[a-z][a-z_]{0,20}", fullmatch=True)


PERCENT = st.floats(0, 100)


@given(name=NAMES, key=st.uuids(), low=PERCENT, high=PERCENT)
def test_raising_the_percentage_never_takes_a_flag_from_anyone(
    name: str, key: UUID, low: float, high: float
) -> None:
    low, high = sorted((low, high))
    context = EvaluationContext(attributes={"user_id": str(key)})
    before, _ = Flag(rollout=low).decide(name, context)
    after, _ = Flag(rollout=high).decide(name, context)
    assert after or not before


@given(name=NAMES, key=st.uuids())
def test_nobody_has_it_at_0_and_everybody_at_100(name: str, key: UUID) -> None:
    context = EvaluationContext(attributes={"clinic_id": str(key)})
    assert Flag(rollout=0).decide(name, context) == (False, Reason.SPLIT)
    assert Flag(rollout=100).decide(name, context) == (True, Reason.SPLIT)
    assert 0 <= bucket(name, str(key)) < 100


def test_a_key_stands_where_the_documented_hash_puts_it_for_ever() -> None:
    digest = hashlib.sha256(b"waitlist:0198c0de-0000-7000-8000-000000000001").hexdigest()
    expected = int(digest, 16) / 2**256 * 100
    assert bucket("waitlist", "0198c0de-0000-7000-8000-000000000001") == pytest.approx(expected)
    assert round(bucket("waitlist", "rex"), 6) == 25.006686


def test_a_roll_out_reaches_about_as_many_as_it_says() -> None:
    """10,000 keys in ten tenths: each within five standard deviations (30) of 1,000."""
    tenths = [0] * 10
    for number in range(10_000):
        tenths[int(bucket("waitlist", str(UUID(int=number))) // 10)] += 1
    assert all(850 <= count <= 1150 for count in tenths), tenths


def test_two_flags_choose_independently() -> None:
    keys = [str(UUID(int=number)) for number in range(10_000)]
    both = sum(bucket("a", key) < 50 and bucket("b", key) < 50 for key in keys)
    assert 2250 <= both <= 2750


def test_the_key_is_the_user_else_the_clinic_unless_the_flag_says() -> None:
    users = [uuid4() for _ in range(200)]
    by_user = {decided({"rollout": 50}, user_id=each, clinic_id=CLINIC) for each in users}
    by_clinic = {
        decided({"rollout": 50, "by": "clinic"}, user_id=each, clinic_id=CLINIC) for each in users
    }
    assert by_user == {True, False}
    assert len(by_clinic) == 1
    expected = bucket("waitlist", str(CLINIC)) < 50
    assert by_clinic == {expected}
    assert decided({"rollout": 50}, clinic_id=CLINIC) is expected


def test_who_has_no_key_gets_it_when_everyone_does() -> None:
    assert not decided({"rollout": 99.9})
    assert not decided({"rollout": 99.9, "by": "clinic"}, user_id=USER)
    assert decided({"rollout": 100})


def test_a_key_that_is_no_uuid_is_rolled_out_by_its_text_and_never_targeted() -> None:
    context = EvaluationContext(targeting_key="rex", attributes={"user_id": "rex"})
    assert Flag(users=frozenset({USER})).decide("waitlist", context)[0] is False
    assert Flag(rollout=25.1).decide("waitlist", context) == (True, Reason.SPLIT)
    assert Flag(rollout=25.0).decide("waitlist", context) == (False, Reason.SPLIT)


# Overrides


async def test_an_override_goes_before_every_provider_and_restores_itself(file: FlagFile) -> None:
    configured(file, {"waitlist": False, "new-calendar": True})
    with flags.override(waitlist=True):
        assert flags.is_enabled("waitlist")
        assert await flags.is_enabled_async("waitlist")
        with flags.override({"new-calendar": False}, waitlist=False):
            assert not flags.is_enabled("waitlist")
            assert not flags.is_enabled("new-calendar")
        assert flags.is_enabled("waitlist")
        assert flags.is_enabled("new-calendar")
    assert not flags.is_enabled("waitlist")


def test_it_restores_itself_after_an_error_too() -> None:
    with pytest.raises(RuntimeError), flags.override(waitlist=True):
        raise RuntimeError
    assert not flags.is_enabled("waitlist")


async def test_an_override_is_seen_by_its_own_tasks_alone() -> None:
    inside, done = asyncio.Event(), asyncio.Event()

    async def overriding() -> bool:
        with flags.override(waitlist=True):
            inside.set()
            await done.wait()
            return await asyncio.create_task(flags.is_enabled_async("waitlist"))

    task = asyncio.create_task(overriding())
    await inside.wait()
    assert not flags.is_enabled("waitlist")
    done.set()
    assert await task


# Other providers


def test_any_openfeature_provider_may_answer() -> None:
    seen: list[EvaluationContext] = []

    def decide(flag: InMemoryFlag[bool], context: EvaluationContext) -> FlagResolutionDetails[bool]:
        seen.append(context)
        return FlagResolutionDetails(value=True)

    flag = InMemoryFlag("off", {"on": True, "off": False}, context_evaluator=decide)
    flags.use(InMemoryProvider({"waitlist": flag}))
    assert flags.is_enabled("waitlist", clinic_id=CLINIC, user_id=USER)
    (context,) = seen
    assert context.targeting_key == str(USER)
    assert context.attributes == {"clinic_id": str(CLINIC), "user_id": str(USER)}


async def test_a_provider_that_says_something_else_than_yes_or_no_is_not_believed() -> None:
    flags.use(InMemoryProvider({"waitlist": InMemoryFlag("a", {"a": "yes"})}))
    assert flags.is_enabled("waitlist") is False
    assert await flags.is_enabled_async("waitlist") is False


async def test_a_provider_that_fails_leaves_the_default() -> None:
    class Failing(BuiltinProvider):
        def resolve_boolean_details(self, *_: object, **__: object) -> Any:
            raise ConnectionError

    flags.use(Failing(FlagsSettings()))
    assert flags.is_enabled("waitlist", default=True)
    assert await flags.is_enabled_async("waitlist", default=True)


def test_the_providers_of_others_are_left_alone(file: FlagFile) -> None:
    theirs: FeatureProvider = InMemoryProvider({"theirs": InMemoryFlag("on", {"on": True})})
    api.set_provider(theirs)
    try:
        configured(file, {"waitlist": True})
        assert api.get_client().get_boolean_value("theirs", default_value=False)
        assert not api.get_client().get_boolean_value("waitlist", default_value=False)
    finally:
        api.set_provider(NoOpProvider())


def test_the_built_in_provider_says_why(file: FlagFile) -> None:
    configured(file, {"waitlist": {"users": [str(USER)]}, "off": False})
    client = api.get_client(flags.DOMAIN)
    context = EvaluationContext(attributes={"user_id": str(USER)})
    details = client.get_boolean_details("waitlist", False, context)
    assert (details.value, details.reason, details.variant) == (
        True,
        Reason.TARGETING_MATCH,
        "on",
    )
    assert client.get_boolean_details("off", True).reason == Reason.DISABLED
    assert client.get_boolean_details("none", True).error_code == ErrorCode.FLAG_NOT_FOUND


@pytest.mark.parametrize(
    ("kind", "default"), [("string", "x"), ("integer", 1), ("float", 1.5), ("object", {"a": 1})]
)
def test_flags_of_the_built_in_provider_are_on_or_off_and_nothing_else(
    file: FlagFile, kind: str, default: object
) -> None:
    configured(file, {"waitlist": True})
    ask = getattr(api.get_client(flags.DOMAIN), f"get_{kind}_details")
    assert ask("waitlist", default).error_code == ErrorCode.TYPE_MISMATCH
    assert ask("waitlist", default).value == default
    assert ask("none", default).error_code == ErrorCode.FLAG_NOT_FOUND


def test_importing_the_flags_installs_no_provider() -> None:
    code = (
        "import vetcore.flags\n"
        "from openfeature import api\n"
        "assert api.get_provider_metadata('vetcore').name == 'No-op Provider'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
