"""How many mutants the tests notice: a random sample, each judged in a process of its own.

mutmut makes the mutants. Its own runner forks, and so neither computes again what a module computes
when it is imported, nor what a cache holds: it would let such mutants live.

Mistakes that somebody has thought of are tried by ``--slips FILE``, each against the tests that reach
its line. FILE is TOML, with a table ``[[slip]]`` for each: ``path``, ``line``, ``old`` and ``new``. Which
tests reach which lines is collected once::

    VETCORE_REACHING=DIRECTORY python -m pytest -p tools.reaching -p no:randomly -n 2 tests/…
    python -m tools.mutation --slips FILE --reached DIRECTORY
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import NamedTuple

from tools.reaching import Reached

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = (".git", ".venv", "site", "mutants", "__pycache__")
CONFIGURATION = """
[tool.mutmut]
source_paths = ["src/vetcore"]
only_mutate = ["src/vetcore/{package}/*"]
do_not_mutate = ["src/vetcore/values/breed_names/*"]
also_copy = ["README.md", "conftest.py", "docs", "examples", "tests", "tools"]
"""
GENERATE = """
from pathlib import Path
from mutmut import __main__ as mutmut
if __name__ == "__main__":
    mutmut.set_mutant_under_test("mutant_generation")
    Path("mutants").mkdir()
    mutmut.copy_src_dir()
    mutmut.copy_also_copy_files()
    mutmut.setup_source_paths()
    mutmut.create_mutants(2)
"""
LONGEST_SECONDS = 600
STEADY = ("-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--hypothesis-profile=ci")
TESTS = {
    "values": ("tests/values", "tests/directory", "--doctest-modules", "src/vetcore/values"),
    "access": ("tests/access",),
    "scheduling": ("tests/scheduling",),
}


def main() -> int:
    """Print each mutant that lives, and the share of those that were noticed."""
    parser = argparse.ArgumentParser(prog="./dev mutation", description=__doc__)
    parser.add_argument("package", choices=TESTS, nargs="?")
    parser.add_argument("number", type=int, nargs="?", default=100, help="of mutants")
    parser.add_argument("--seed", type=int, default=20261123, help="another sample by another")
    parser.add_argument("--slips", type=Path, metavar="FILE", help="mistakes made by hand")
    parser.add_argument("--reached", type=Path, metavar="DIRECTORY", help="what tests reach")
    given = parser.parse_args()
    if given.slips and given.reached:
        return _try_slips(given.slips, Reached(given.reached))
    if given.package is None or given.slips or given.reached:
        parser.error("give a package, or both --slips and --reached")
    with tempfile.TemporaryDirectory(prefix="vetcore-mutants-") as scratch:
        tree = _mutated(Path(scratch), given.package)
        names = _names(tree)
        dice = random.Random(given.seed)  # noqa: S311 -- a sample, no secret
        chosen = dice.sample(names, min(given.number, len(names)))
        lived = [name for name in chosen if not _noticed(tree, given.package, name)]
        for name in lived:
            print(_run(["mutmut", "show", name], tree.parent).stdout, flush=True)
    killed = len(chosen) - len(lived)
    print(f"{given.package}: {killed} of {len(chosen)} noticed, {killed / len(chosen):.1%}")
    return 0


class Slip(NamedTuple):
    """A mistake in one line."""

    path: str
    line: int
    old: str
    new: str

    def put_into(self, text: str) -> str:
        """The text of the file with the mistake in it."""
        lines = text.splitlines(keepends=True)
        right = lines[self.line - 1]
        if right.count(self.old) != 1:
            sys.exit(f"{self.path}:{self.line} does not have {self.old!r} once")
        lines[self.line - 1] = right.replace(self.old, self.new)
        return "".join(lines)


def _try_slips(file: Path, reached: Reached) -> int:
    slips = [Slip(**each) for each in tomllib.loads(file.read_text())["slip"]]
    noticed = 0
    with tempfile.TemporaryDirectory(prefix="vetcore-slips-") as scratch:
        tree = Path(scratch) / "vetcore"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*LEFT_OUT))
        for slip in slips:
            tests = reached.by(tree / slip.path, slip.line)
            told = f"{slip.path}:{slip.line} {slip.old} -> {slip.new} ({len(tests)} tests)"
            if not tests:
                print("UNREACHED", told, flush=True)
                continue
            right = (tree / slip.path).read_text()
            (tree / slip.path).write_text(slip.put_into(right))
            passed = _passes_all(tree, tests)
            (tree / slip.path).write_text(right)
            noticed += not passed
            print("LIVES    " if passed else "noticed  ", told, flush=True)
    print(f"{noticed} of {len(slips)} noticed, {noticed / len(slips):.1%}")
    return 0


def _mutated(scratch: Path, package: str) -> Path:
    copy = scratch / "vetcore"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    with (copy / "pyproject.toml").open("a") as file:
        file.write(CONFIGURATION.format(package=package))
    script = scratch / "generate.py"
    script.write_text(GENERATE)
    done = _run([sys.executable, str(script)], copy)
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    if not _passes(copy / "mutants", package, ""):
        sys.exit("the tests fail without a mutant, too")
    return copy / "mutants"


def _names(tree: Path) -> list[str]:
    kept = (json.loads(path.read_text()) for path in tree.rglob("*.meta"))
    return sorted(name for each in kept for name in each["exit_code_by_key"])


def _noticed(tree: Path, package: str, name: str) -> bool:
    noticed = not _passes(tree, package, name)
    print("noticed" if noticed else "LIVES  ", name, flush=True)
    return noticed


def _passes_all(tree: Path, tests: list[str]) -> bool:
    named = tree / "tests-of-a-slip"
    named.write_text("\n".join(tests))
    try:
        return _run(["pytest", *STEADY, f"@{named}"], tree).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _passes(tree: Path, package: str, mutant: str) -> bool:
    command = ["pytest", *STEADY, *TESTS[package]]
    try:
        return _run(command, tree, MUTANT_UNDER_TEST=mutant).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _run(command: list[str], where: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(where / "src")} | variables
    return subprocess.run(
        command,
        cwd=where,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
