"""``python -m trials NAME --count N --seed S``; ``--all`` makes what continuous integration does."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from trials.running import found, named, run

_SEED = 20261128


def main(arguments: Sequence[str]) -> int:
    """Run the trials that are named; the exit code is 0 when no attempt failed."""
    parser = argparse.ArgumentParser(
        prog="./dev trial",
        description="Random trials: what they try is said at the head of each file in trials/.",
        epilog="trials: " + ", ".join(found()),
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("name", nargs="?", choices=found(), metavar="name", help="which trial")
    which.add_argument("--all", action="store_true", help="each, with its own count")
    parser.add_argument("--count", type=int, help="how many attempts; the trial's own by default")
    parser.add_argument("--seed", type=int, default=_SEED, help="decides every attempt")
    parser.add_argument("--from", type=int, default=0, dest="first", help="go on at this number")
    parser.add_argument("--keep-going", action="store_true", help="also after one has failed")
    given = parser.parse_args(arguments)
    failed = False
    for name in found() if given.all else [given.name]:
        trial = named(name)
        count = trial.CI_COUNT if given.count is None else given.count
        verdict = asyncio.run(
            run(
                trial,
                seed=given.seed,
                count=count,
                first=given.first,
                keep_going=given.keep_going,
            )
        )
        print(verdict, flush=True)
        failed = failed or bool(verdict.failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
