"""Finds the trials, and makes their attempts."""

import importlib
import pkgutil
import random
import sys
import time
import traceback
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

__all__ = ["Trial", "Verdict", "found", "named", "run"]

_OURS = {"__main__", "running"}
_SECONDS_BETWEEN_REPORTS = 10.0


class Trial(Protocol):
    """What a module of this package offers."""

    __name__: str
    CI_COUNT: int

    def prepared(self) -> AbstractAsyncContextManager[Any]:
        """What all attempts share: databases, pools."""
        ...

    async def attempt(self, prepared: Any, chance: random.Random) -> None:
        """Make one attempt; an AssertionError says what came and what should have come."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a trial."""

    name: str
    seed: int
    first: int
    made: int
    failed: tuple[int, ...]
    seconds: float

    def __str__(self) -> str:
        result = f"{len(self.failed)} failed" if self.failed else "none failed"
        return (
            f"{self.name}: {self.made} attempts from number {self.first} with seed {self.seed}, "
            f"{result}, {self.seconds:.0f} s"
        )


def found() -> list[str]:
    """The names of all trials."""
    here = pkgutil.iter_modules([str(Path(__file__).parent)])
    return sorted(module.name for module in here if module.name not in _OURS)


def named(name: str) -> Trial:
    """The trial of that name."""
    return cast("Trial", importlib.import_module(f"trials.{name}"))


async def run(
    trial: Trial, *, seed: int, count: int, first: int = 0, keep_going: bool = False
) -> Verdict:
    """Make ``count`` attempts, and say on stderr how far it is and what failed.

    Each attempt has a chance of its own, made of the seed and its number: it can be made alone.

    Args:
        trial: which.
        seed: decides all attempts.
        count: how many.
        first: the number of the first.
        keep_going: do not end with the first that fails.
    """
    name = trial.__name__.rpartition(".")[2]
    failed: list[int] = []
    started = reported = time.monotonic()
    number = first
    try:
        async with trial.prepared() as prepared:
            for number in range(first, first + count):
                try:
                    await trial.attempt(prepared, random.Random(f"{name} {seed} {number}"))
                except Exception:  # noqa: BLE001 -- whatever it raises is told, with how to see it again
                    failed.append(number)
                    _tell_failure(name, seed, number)
                    if not keep_going:
                        break
                now = time.monotonic()
                if now - reported >= _SECONDS_BETWEEN_REPORTS:
                    reported = now
                    print(f"{name}: {number + 1 - first} of {count}", file=sys.stderr, flush=True)
    except BaseException:
        left = first + count - number
        print(
            f"\n{name}: ended before attempt {number}; go on with\n"
            f"  ./dev trial {name} --seed {seed} --from {number} --count {left}",
            file=sys.stderr,
            flush=True,
        )
        raise
    made = number + 1 - first if count else 0
    return Verdict(name, seed, first, made, tuple(failed), time.monotonic() - started)


def _tell_failure(name: str, seed: int, number: int) -> None:
    traceback.print_exc()
    print(
        f"{name}: attempt {number} failed; see it again with\n"
        f"  ./dev trial {name} --seed {seed} --from {number} --count 1",
        file=sys.stderr,
        flush=True,
    )
