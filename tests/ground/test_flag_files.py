"""The file of flags: when it is read again, what stands while it is wrong, and what is said of it."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from openfeature import api
from openfeature.provider.no_op_provider import NoOpProvider

from tests.ground.flag_files import FlagFile, configured
from vetcore import flags
from vetcore.errors import ConfigurationError
from vetcore.settings import FlagsSettings


@pytest.fixture(autouse=True)
def no_provider() -> Iterator[None]:
    """Every test begins, and leaves the process, without a provider."""
    api.set_provider(NoOpProvider(), domain=flags.DOMAIN)
    yield
    api.set_provider(NoOpProvider(), domain=flags.DOMAIN)


@pytest.fixture
def file(tmp_path: Path) -> FlagFile:
    return FlagFile(tmp_path / "flags.json")


def test_a_changed_file_is_read_again(file: FlagFile, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="vetcore.flags")
    provider = configured(file, {"waitlist": False})
    assert not flags.is_enabled("waitlist")
    file.write({"waitlist": True, "other": True})
    assert flags.is_enabled("waitlist")
    (entry,) = caplog.records
    assert (entry.message, entry.levelname) == ("flag file read again", "INFO")
    assert vars(entry)["changed"] == ["other", "waitlist"]
    assert set(provider.flags) == {"waitlist", "other"}


def test_it_is_not_looked_at_before_the_interval_is_over(file: FlagFile) -> None:
    file.write({"waitlist": False})
    flags.configure(FlagsSettings(file=file.path, reload_interval=3600))
    file.write({"waitlist": True})
    assert not flags.is_enabled("waitlist")


@pytest.mark.parametrize("broken", ["{", '{"waitlist": {"rollout": 101}}', ""])
def test_the_last_good_state_stands_while_a_changed_file_is_wrong(
    file: FlagFile, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    configured(file, {"waitlist": True})
    file.write_text(broken)
    assert flags.is_enabled("waitlist")
    assert flags.is_enabled("waitlist")
    (entry,) = caplog.records
    assert entry.message == "flag file is not usable, its last good state stands"
    assert entry.levelname == "WARNING"
    file.write({"waitlist": False})
    assert not flags.is_enabled("waitlist", default=True)


def test_the_last_good_state_stands_while_the_file_is_gone(file: FlagFile) -> None:
    configured(file, {"waitlist": True})
    file.path.unlink()
    assert flags.is_enabled("waitlist")
    file.write({"waitlist": False})
    assert not flags.is_enabled("waitlist", default=True)


def test_threads_that_ask_while_the_file_changes_get_an_answer_of_one_state(file: FlagFile) -> None:
    configured(file, {"waitlist": True})
    answers: list[bool] = []

    def ask() -> None:
        answers.extend(flags.is_enabled("waitlist") for _ in range(200))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(20):
        file.write({"waitlist": True, f"other_{number}": True})
    for thread in threads:
        thread.join()
    assert answers == [True] * 800


@pytest.mark.parametrize(
    ("text", "flag", "field", "message"),
    [
        ("{", None, None, "is not JSON"),
        ("[]", None, None, "should be an object that names flags"),
        ('{"a": true, "a": false}', None, None, "'a' is there twice"),
        ('{"a": 1}', "a", None, "should be true, false or an object with rules"),
        ('{"1 a": true}', "1 a", None, "should be named by a letter"),
        ('{"a": {"rollout": 101}}', "a", "rollout", "less than or equal to 100"),
        ('{"a": {"rollout": "25"}}', "a", "rollout", "should be a valid number"),
        ('{"a": {"rollout": NaN}}', "a", "rollout", "less than or equal to 100"),
        ('{"a": {"enabled": "no"}}', "a", "enabled", "should be a valid boolean"),
        ('{"a": {"users": ["ann"]}}', "a", "users.0", "should be a valid UUID"),
        ('{"a": {"by": "pet"}}', "a", "by", "should be 'user' or 'clinic'"),
        ('{"a": {"roll_out": 5}}', "a", "roll_out", "is not a rule; did you mean 'rollout'?"),
        ('{"a": {"zzz": 5}}', "a", "zzz", "is not a rule"),
    ],
)
def test_a_wrong_file_is_refused_by_flag_and_field(
    file: FlagFile, text: str, flag: str | None, field: str | None, message: str
) -> None:
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        flags.configure(FlagsSettings(file=file.path))
    (issue,) = _issues(caught.value)
    assert (issue["flag"], issue["field"]) == (flag, field)
    assert message in str(issue["message"])
    assert str(file.path) in str(caught.value)
    assert message in str(caught.value)


def _issues(error: ConfigurationError) -> Sequence[Mapping[str, object]]:
    issues = error.details["flags"]
    assert isinstance(issues, list)
    return issues


def test_every_fault_of_a_file_is_named_at_once(file: FlagFile) -> None:
    file.write({"a": {"rollout": -1, "by": "pet"}, "b": "yes"})
    with pytest.raises(ConfigurationError) as caught:
        flags.configure(FlagsSettings(file=file.path))
    found = {(issue["flag"], issue["field"]) for issue in _issues(caught.value)}
    assert found == {("a", "rollout"), ("a", "by"), ("b", None)}


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        flags.configure(FlagsSettings(file=tmp_path / "none.json"))
