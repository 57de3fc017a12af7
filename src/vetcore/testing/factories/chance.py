"""The source of the factories' random choices, and of values that must be unique.

A source gives out random choices and numbers. Its numbers are its own: 20 bits say whose they are
and 18 count. A seed is the first part of its numbers, so two seeds never give the same one; the
process's own source takes a part that no seed has, and that no other worker of the test run has.
"""

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import Any, Final, TypeVar
from uuid import UUID
from zlib import crc32

from vetcore import clock
from vetcore.errors import InvalidValue

__all__ = ["MOST_SEEDS", "Chance", "chance", "go_together", "parent", "seeded"]

MOST_SEEDS: Final = 2**19
"""Seeds are 0 and up, below this."""

_COUNTED_BITS: Final = 18
_WORKERS: Final = 128

T = TypeVar("T")


class Chance:
    """A source of random choices, and of numbers that no other source gives.

    Args:
        random: what the choices come from.
        part: the numbers' first 20 bits.
    """

    def __init__(self, random: Random, part: int) -> None:
        self.random = random
        self.occupied_until: dict[UUID, datetime] = {}
        """Until when the appointments that were made occupy a clinic, a veterinarian, a pet."""
        self.occupied_before: dict[UUID, datetime] = {}
        """The same of the appointments that were made in the past."""
        self._part = part
        self._counted: dict[str, count[int]] = {}
        self._ids = count()

    def choice(self, options: Sequence[T]) -> T:
        """Return one of the values."""
        return self.random.choice(options)

    def one_in(self, number: int) -> bool:
        """Return True with a chance of one in so many."""
        return self.random.randrange(number) == 0

    def number(self, kind: str) -> int:
        """Return a number of 38 bits that is given once for each kind.

        Raises:
            OverflowError: the source has given 262,144 of that kind, which is all that it has.
        """
        number = next(self._counted.setdefault(kind, count()))
        if number >= 2**_COUNTED_BITS:
            message = f"this source has no more numbers for {kind}: take another seed"
            raise OverflowError(message)
        return self._part << _COUNTED_BITS | number

    def uuid(self) -> UUID:
        """Return a UUIDv7 of today. UUIDs of a source sort in the order in which they were made."""
        bits = self.random.getrandbits(62)
        moment = int(datetime.combine(self.today(), time(), UTC).timestamp() * 1000)
        number = next(self._ids)
        return UUID(
            int=(moment + (number >> 12)) << 80 | 7 << 76 | (number & 0xFFF) << 64 | 2 << 62 | bits
        )

    def row(self) -> dict[str, Any]:
        """Return the columns that every entity has, for an entity that is not stored yet.

        A Response can then be made of it.
        """
        now = clock.now()
        return {"id": self.uuid(), "created_at": now, "updated_at": now, "version": 1}

    def today(self) -> date:
        """Return the present day in UTC."""
        return clock.now().astimezone(UTC).date()

    def days_ago(self, least: int, most: int) -> date:
        """Return the day so many days ago, in UTC."""
        return self.today() - timedelta(days=self.random.randint(least, most))


def _of_this_process() -> Chance:
    """The source that is taken where no seed is given."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if run and worker.isdigit():
        # Workers of one run share the first bits and differ in the others.
        own = crc32(run.encode()) % (MOST_SEEDS // _WORKERS) * _WORKERS + int(worker) % _WORKERS
    else:
        own = int.from_bytes(os.urandom(4)) % MOST_SEEDS
    return Chance(Random(os.urandom(16)), MOST_SEEDS + own)  # noqa: S311 -- invented data


_seeded: ContextVar[Chance | None] = ContextVar("vetcore_testing_chance", default=None)
_own: list[tuple[int, Chance]] = []


def chance() -> Chance:
    """Return the source of the factories: that of the seed around them, or the process's own."""
    found = _seeded.get()
    if found is not None:
        return found
    if not _own or _own[0][0] != os.getpid():
        # A forked child must not go on with its parent's numbers.
        _own[:] = [(os.getpid(), _of_this_process())]
    return _own[0][1]


@contextmanager
def seeded(seed: int) -> Generator[None]:
    """Make the factories produce the same things each time within the block.

    Dates and instants count from :func:`vetcore.clock.now`, so under a stopped clock every field is
    the same. What must be unique differs between seeds: two of them may fill one database, one and
    the same may not fill it twice. ::

        with seeded(7):
            pet = make_pet()

    Args:
        seed: from 0 to 524,287.

    Raises:
        InvalidValue: there is no such seed.
    """
    if not 0 <= seed < MOST_SEEDS:
        raise InvalidValue(
            field="seed",
            rule="is no seed",
            expected=f"a whole number from 0 to {MOST_SEEDS - 1}",
            value=seed,
        )
    token = _seeded.set(Chance(Random(seed), seed))  # noqa: S311 -- invented data
    try:
        yield
    finally:
        _seeded.reset(token)


def parent(given: dict[str, Any], name: str, make: Callable[..., T], **about: Any) -> T | None:
    """Return the entity to which another belongs: the given one, or a new one.

    The result is None if only its key was given. ``given`` then has the relation and its key.
    """
    key = f"{name}_id"
    if name not in given:
        if key in given:
            return None
        given[name] = make(**about)
    found: T | None = given[name]
    given.setdefault(key, getattr(found, "id", None))
    if found is None:
        del given[name]
    return found


def go_together(usual: dict[str, Any], given: Mapping[str, Any], one: str, other: str) -> None:
    """Set both fields to None if one of them is, because they mean something only together."""
    for name, partner in ((one, other), (other, one)):
        if name in given and given[name] is None:
            usual[partner] = None
