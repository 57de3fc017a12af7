"""What ``./dev`` can do. Continuous integration runs these same sessions."""

import argparse
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.environment import ROOT, VENV, CannotSetUp, active, ready

SCRIPTS = ("dev", ".ci/sessions.py")
"""Python without the suffix that tells the tools so."""

STRESS_SECONDS = "60"
MOST_WORKERS = 8


class Failed(Exception):
    """What was run says no; it has said why."""


@dataclass(frozen=True)
class Session:
    """A word after ``./dev``."""

    run: Callable[[Sequence[str]], None]
    summary: str
    level: str = "dev"


def main(arguments: Sequence[str]) -> int:
    """Run the session that the arguments name; the exit code says whether it went well."""
    parser = argparse.ArgumentParser(
        prog="./dev",
        description="The workbench of vetcore. What a session needs is installed in .venv first.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(
            [
                "sessions:",
                *(f"  {name:<11} {session.summary}" for name, session in SESSIONS.items()),
                "",
                "What follows the session is passed on: ./dev test -k booking",
            ]
        ),
    )
    parser.add_argument("session", choices=SESSIONS, metavar="session")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    given = parser.parse_args(arguments)
    session = SESSIONS[given.session]
    try:
        ready(_level(session, given.arguments))
        session.run(given.arguments)
    except CannotSetUp as trouble:
        print(f"./dev: {trouble}", file=sys.stderr)
        return 1
    except Failed as failure:
        print(f"./dev {given.session}: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        _tell_cost(given.session)
    return 0


def _tell_cost(session: str) -> None:
    """Say what the session cost the processors, its children and theirs included."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(each.ru_utime + each.ru_stime for each in spent)
    print(f"./dev {session}: {seconds:.0f} CPU seconds", file=sys.stderr, flush=True)


def _level(session: Session, arguments: Sequence[str]) -> str:
    """Server binaries are fetched only for those who ask for PostgreSQL and name no server."""
    wants_postgresql = any(word.split("=")[-1] == "postgresql" for word in arguments)
    return "postgres" if session.level == "core" and wants_postgresql else session.level


def demo(arguments: Sequence[str]) -> None:
    """``vetcore demo``, in this process's place."""
    program = str(VENV / "bin" / "vetcore")
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(program, [program, "demo", *arguments], active())


def test(arguments: Sequence[str]) -> None:
    """The suite. A skipped test is a failed one: it would only seem to be green."""
    # Hypothesis' own profile "ci" gives the same answer on a slow machine and on a fast one.
    steady = ["-p", "tests.no_skips", "--hypothesis-profile=ci"]
    workers = str(max(2, min(os.cpu_count() or 2, MOST_WORKERS)))
    _python("-m", "pytest", *steady, "-n", workers, *arguments)


def coverage(arguments: Sequence[str]) -> None:
    """The suite in one process, with the lines and branches that it did not reach."""
    steady = ["-q", "-p", "tests.no_skips", "--hypothesis-profile=ci"]
    _all(
        [
            ["coverage", "run", "-m", "pytest", *steady, *arguments],
            ["coverage", "report"],
        ]
    )


def mutation(arguments: Sequence[str]) -> None:
    """A sample of mutants; it takes minutes, and is run by hand."""
    _python("-m", "pip", "install", "--quiet", "mutmut>=3.8,<3.9")
    _python("-m", "tools.mutation", *arguments)


def lint(arguments: Sequence[str]) -> None:
    """Every linter, also after one has complained."""
    fix = ["--fix"] if "--fix" in arguments else []
    checks = [
        ["ruff", "check", *fix, ".", *SCRIPTS],
        ["ruff", "format", *([] if fix else ["--check"]), ".", *SCRIPTS],
        ["codespell", *_spelled()],
        ["lint-imports", "--no-cache"],
        ["deptry", "src"],
        ["validate-pyproject", "pyproject.toml"],
        ["bandit", "-q", "-r", "-c", "pyproject.toml", "--severity-level", "medium", "src"],
    ]
    if (ROOT / ".github").is_dir():
        checks.append(["zizmor", "--offline", "--no-progress", ".github"])
        # Installing it fetches a program from elsewhere, which not every network allows.
        if actionlint := shutil.which("actionlint", path=active()["PATH"]):
            checks.append([actionlint])
    _all(checks)


def types(arguments: Sequence[str]) -> None:
    """Both type checkers, strict."""
    del arguments
    _all(
        [
            ["mypy"],
            ["mypy", "tools", "trials"],
            ["pyright"],
            # As its users see it: with its types as they are shipped, and with no plugin.
            ["mypy", "--config-file", "examples/pyproject.toml", "examples"],
            ["pyright", "--project", "examples"],
        ]
    )


def docs(arguments: Sequence[str]) -> None:
    """Every example, of README.md, of docs/ and of the docstrings; and the site, in ``site/``."""
    pages = [name for name in ("README.md", "docs") if (ROOT / name).exists()]
    plain = ["-m", "pytest", "-q", "-p", "tests.no_skips", "-p", "no:randomly"]
    with tempfile.TemporaryDirectory() as scratch:
        site = "site" if os.access(ROOT, os.W_OK) else scratch
        _all(
            [
                ["python", *plain, *pages, *arguments],
                ["python", *plain, "--doctest-modules", "src/vetcore", *arguments],
                ["python", "-m", "tools.documentation", "--check"],
                ["python", "-m", "sphinx", *_STRICTLY, "docs", site],
            ]
        )


def examples(arguments: Sequence[str]) -> None:
    """The tests of the programs in examples/, each a user of the package like any other."""
    steady = ["-q", "-n", "2", "-p", "tests.no_skips", "-p", "no:randomly"]
    _python("-m", "pytest", "-c", "examples/pyproject.toml", *steady, *(arguments or ["examples"]))


_STRICTLY = ("-b", "html", "-j", "2", "-q", "-E", "-W", "--keep-going")
"""A page that warns is a page that misleads: links that lead nowhere, names that are not there."""


def migrations(arguments: Sequence[str]) -> None:
    """The command line takes a new database up, down and up again; the models agree with it."""
    del arguments
    with tempfile.TemporaryDirectory() as directory:
        _migrate(f"sqlite:///{directory}/check.db")
    with _postgresql() as url:
        _migrate(url)


def _migrate(url: str) -> None:
    for step in (["upgrade"], ["check"], ["downgrade", "base", "--yes"], ["upgrade"], ["check"]):
        _run(["vetcore", "db", *step, "--url", url])


@contextmanager
def _postgresql() -> Generator[str]:
    """An empty PostgreSQL database, on a server of its own."""
    program = (
        "import sys\n"
        "from vetcore.embedded import running_postgresql\n"
        "with running_postgresql() as server:\n"
        "    print(server.url('postgres'), flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [str(VENV / "bin" / "python"), "-c", program],
        env=active(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        url = server.stdout.readline().strip() if server.stdout else ""
        if not url:
            raise Failed("no PostgreSQL could be started")
        yield url
        if server.stdin is not None:
            server.stdin.close()


def wheel(arguments: Sequence[str]) -> None:
    """The wheel, built from a copy and used where neither the copy nor this tree can be found."""
    from tools.wheel import check  # noqa: PLC0415 -- only this session needs it

    parser = argparse.ArgumentParser(prog="./dev wheel")
    parser.add_argument("--keep", type=Path, help="leave the wheel and the sdist there")
    try:
        check(parser.parse_args(arguments).keep)
    except subprocess.CalledProcessError as error:
        raise Failed(f"{shlex.join(map(str, error.cmd))} ended with {error.returncode}") from None


def migration(arguments: Sequence[str]) -> None:
    """The next revision of the schema, from what the models have and the migrations have not."""
    _python("-m", "tools.revision", *arguments)


def trial(arguments: Sequence[str]) -> None:
    """Random attempts against a slow reference, or against a promise, as many as one likes."""
    _python("-m", "trials", *arguments)


def bench(arguments: Sequence[str]) -> None:
    """The table of ratios."""
    _python("-m", "benchmarks", *arguments)


def stress(arguments: Sequence[str]) -> None:
    """Hundreds of bookers fight over few slots while the server is killed."""
    _python("-m", "benchmarks.stress", *(arguments or ["--seconds", STRESS_SECONDS]))


def every(arguments: Sequence[str]) -> None:
    """All that continuous integration does, with a verdict on each."""
    os.execv(sys.executable, [sys.executable, str(ROOT / ".ci" / "sessions.py"), *arguments])


SESSIONS = {
    "demo": Session(demo, "see vetcore at work (--engine postgresql: on PostgreSQL)", "core"),
    "test": Session(test, "the test suite, on SQLite and on a real PostgreSQL"),
    "lint": Session(
        lint, "ruff, codespell, import contracts, dependencies, workflows (--fix repairs)"
    ),
    "types": Session(types, "mypy and pyright, both strict"),
    "docs": Session(docs, "every example in README.md, docs/ and docstrings; the site, in site/"),
    "examples": Session(examples, "the programs in examples/, on both engines"),
    "migrations": Session(migrations, "up, down and up again, and no drift, on both engines"),
    "wheel": Session(wheel, "build the wheel and use it where only its dependencies are"),
    "coverage": Session(coverage, "the test suite, and what it does not reach"),
    "mutation": Session(mutation, "a sample of mutants of a package, and which no test notices"),
    "migration": Session(migration, 'write the next revision: ./dev migration "what changes"'),
    "trial": Session(trial, "random attempts: ./dev trial NAME --count N --seed S, or --all"),
    "bench": Session(bench, "the benchmarks, as a table of ratios"),
    "stress": Session(stress, "bookers against each other and a server that is killed"),
    "all": Session(every, "everything that continuous integration runs", "core"),
}


def _spelled() -> list[str]:
    pages = [page.name for page in sorted(ROOT.glob("*.md"))]
    places = ["docs", "src", "tests", "tools", "benchmarks", "trials", "examples", *SCRIPTS]
    return pages + [name for name in places if (ROOT / name).exists()]


def _python(*arguments: str) -> None:
    _run(["python", *arguments])


def _all(commands: Sequence[Sequence[str]]) -> None:
    failed = [command[0] for command in commands if _code(command) != 0]
    if failed:
        raise Failed(f"not clean: {', '.join(dict.fromkeys(failed))}")


def _run(command: Sequence[str]) -> None:
    code = _code(command)
    if code != 0:
        raise Failed(f"{command[0]} ended with {code}")


def _code(command: Sequence[str]) -> int:
    """Run a program of the environment, and say what is run and how long it took."""
    program = shutil.which(command[0], path=str(VENV / "bin"))
    if program is None:
        print(f"{command[0]} is not installed in {VENV}", file=sys.stderr)
        return 127
    print(f"$ {shlex.join(command)}", file=sys.stderr, flush=True)
    started = time.monotonic()
    done = subprocess.run([program, *command[1:]], cwd=ROOT, env=_quiet(), check=False)
    print(f"  {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)
    return done.returncode


def _quiet() -> dict[str, str]:
    variables = active()
    # Programs that tests start would compile all that they import, each anew.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    # Pyright's wrapper would ask a registry for newer versions of itself.
    return variables | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
