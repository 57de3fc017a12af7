"""How many mutants the tests notice: a random sample, each judged in a process of its own.

mutmut makes the mutants. Its own runner forks, and so neither computes again what a module computes
when it is imported, nor what a cache holds: it would let such mutants live.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

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
TESTS = {
    "values": ("tests/values", "tests/directory", "--doctest-modules", "src/vetcore/values"),
    "access": ("tests/access",),
    "scheduling": ("tests/scheduling",),
}


def main() -> int:
    """Print each mutant that lives, and the share of those that were noticed."""
    parser = argparse.ArgumentParser(prog="./dev mutation", description=__doc__)
    parser.add_argument("package", choices=TESTS)
    parser.add_argument("number", type=int, nargs="?", default=100, help="of mutants")
    parser.add_argument("--seed", type=int, default=20261123, help="another sample by another")
    given = parser.parse_args()
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


def _passes(tree: Path, package: str, mutant: str) -> bool:
    steady = ["-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
    command = ["pytest", *steady, "--hypothesis-profile=ci", *TESTS[package]]
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
