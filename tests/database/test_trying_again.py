"""What is tried again and how often, and which addresses of databases are taken."""

import random
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from vetcore.database import retries
from vetcore.database.retries import commit_failed, replay, until_available
from vetcore.database.urls import async_url, masked
from vetcore.errors import (
    CommitOutcomeUnknown,
    ConfigurationError,
    ConnectionFailed,
    Deadlock,
    InvalidValue,
    PoolExhausted,
)


async def _failing(errors: list[Exception]) -> Callable[[], Awaitable[int]]:
    async def work() -> int:
        if errors:
            raise errors.pop(0)
        return 7

    return work


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "_FIRST_PAUSE", 0.0001)


LOST = ConnectionFailed("gone")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("errors", "options", "is_done"),
    [
        ([Deadlock("x")], {"attempts": 2}, True),
        ([Deadlock("x")], {"attempts": 1}, False),
        ([Deadlock("x")] * 2, {"attempts": 2}, False),
        ([ValueError("x")], {}, False),
        ([InvalidValue(field="a", rule="b")], {}, False),
        ([LOST] * 3, {"attempts": 1}, True),
        ([LOST], {"failover_wait": 0}, False),
        ([PoolExhausted("x")], {"attempts": 1}, False),
        ([LOST, PoolExhausted("x")], {"attempts": 1}, True),
        ([CommitOutcomeUnknown("x")], {}, False),
        ([CommitOutcomeUnknown("x")], {"idempotent": True}, True),
        ([CommitOutcomeUnknown("x", sent=False)], {}, True),
        ([LOST, Deadlock("x"), PoolExhausted("x")], {"attempts": 2}, False),
    ],
)
async def test_only_what_may_succeed_is_tried_again_and_only_so_often(
    errors: list[Exception], options: dict[str, Any], *, is_done: bool
) -> None:
    chosen: dict[str, Any] = {"attempts": 5, "failover_wait": 20, "idempotent": False} | options
    work = await _failing(list(errors))
    if is_done:
        assert await replay(work, **chosen) == 7
    else:
        with pytest.raises(type(errors[-1])):
            await replay(work, **chosen)


def test_a_commit_that_was_never_sent_is_told_from_one_that_may_have_been() -> None:
    unsent = commit_failed(ConnectionFailed("cannot: the underlying connection is closed"))
    assert unsent.details.get("sent") is False
    assert "nothing is stored" in str(unsent)
    sent = commit_failed(ConnectionFailed("reset by peer"))
    assert sent.details.get("sent") is not False
    assert "stored whole or not at all" in str(sent)


def test_pauses_grow_to_a_second_and_are_never_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    bounds: list[tuple[float, float]] = []

    def highest(low: float, high: float) -> float:
        bounds.append((low, high))
        return high

    monkeypatch.setattr(random, "uniform", highest)
    pauses = [retries._pause(number, 1.0) for number in (1, 2, 3, 40)]
    assert pauses == [0.02, 0.04, 0.08, 1.0]
    assert bounds == [(each / 2, each) for each in pauses]


async def test_waiting_for_a_database_ends_when_it_answers_or_the_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, slept = 100.0, []

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    monkeypatch.setattr(retries, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(retries, "asyncio", SimpleNamespace(sleep=sleep))
    monkeypatch.setattr(random, "uniform", lambda _low, high: high)
    left = 9

    async def ping() -> None:
        nonlocal left
        left -= 1
        if left >= 0:
            raise LOST

    await until_available(ping, seconds=60, database="here")
    assert slept == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0])
    left, began = 10_000, now
    slept.clear()
    with pytest.raises(ConnectionFailed):
        await until_available(ping, seconds=7, database="here")
    assert now - began == pytest.approx(7)


# Addresses


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ann@db/clinic",
        "no url",
        "postgresql://ann:p@ss@db/clinic",
        "postgresql://ann@db/cli@nic",
        "postgresql://ann@db/clinic?host=x@y",
        "postgresql://ann@db/clinic?colour=red",
        "postgresql://ann@db:port/clinic",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_its_secrets(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        async_url(url)
    assert refused.value.details["setting"] == "VETCORE_DATABASE_URL"
    assert "p@ss" not in str(refused.value)


def test_a_parameter_that_is_no_name_may_be_part_of_a_password_and_is_not_repeated() -> None:
    with pytest.raises(ConfigurationError, match="one that is no name") as refused:
        async_url("postgresql://ann@db/clinic?abc!s3cret=1&colour=red")
    assert "s3cret" not in str(refused.value)
    assert "colour" in str(refused.value)


def test_what_stands_in_the_query_goes_where_it_is_masked() -> None:
    url = async_url("postgres://db/clinic?user=ann&password=secret&sslmode=require")
    assert (url.username, url.password, dict(url.query)) == ("ann", "secret", {"ssl": "require"})
    assert masked(url) == "postgresql+asyncpg://ann:***@db/clinic?ssl=require"
    assert masked("sqlite:///clinic.db") == "sqlite+aiosqlite:///clinic.db"
