"""The rules of the house, read from the source."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import vetcore

PACKAGE = Path(vetcore.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
ROOT = Path(__file__).resolve().parents[2]
WRITTEN = ("src", "tests", "benchmarks", "tools", "trials", "examples")
EVERYTHING = sorted(path for room in WRITTEN for path in (ROOT / room).rglob("*.py"))
FACES = {PACKAGE / room / "__init__.py" for room in ("operations", "schemas")}
"""Lists of names: nobody holds one in the head."""
LONGEST = 400


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def _nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text())))


@cache
def _calls(path: Path) -> list[tuple[str, ast.Call]]:
    return [(ast.unparse(node.func), node) for node in _nodes(path) if isinstance(node, ast.Call)]


def _found(paths: list[Path], *names: str) -> list[str]:
    return [
        f"{path.relative_to(PACKAGE)}:{call.lineno}: {name}"
        for path in paths
        for name, call in _calls(path)
        if any(name == wanted or name.endswith(f".{wanted}") for wanted in names)
    ]


@pytest.mark.parametrize(
    "path",
    [path for path in EVERYTHING if path not in FACES],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_file_can_be_held_in_the_head(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST


def test_only_the_database_commits() -> None:
    assert _found([path for path in SOURCES if _room(path) != "database"], "commit") == []


def test_only_the_clock_knows_what_time_it_is() -> None:
    others = [path for path in SOURCES if path.name != "clock.py"]
    assert _found(others, "datetime.now", "utcnow", "datetime.today", "date.today") == []


BATCHES = {
    "operations/invitation_codes.py": 1,
    "medical/reminders.py": 1,
    "scheduling/conflicts.py": 1,
    "scheduling/holds.py": 1,
    "scheduling/waitlist.py": 2,
}
"""Queries that pass over what others hold, in an order of their own: a batch takes what it gets."""


def test_rows_are_locked_in_one_place() -> None:
    """So that whoever locks several takes them in one order, and reads them as they are now."""
    locks = {
        str(path.relative_to(PACKAGE)): len(_found([path], "with_for_update"))
        for path in SOURCES
        if _room(path) != "database" and _found([path], "with_for_update")
    }
    assert locks == BATCHES
    for path in BATCHES:
        calls = [call for name, call in _calls(PACKAGE / path) if name.endswith("with_for_update")]
        assert all("skip_locked" in {each.arg for each in call.keywords} for call in calls)


PRIVATE = {
    "cli/app.py": 1,
    "database/anatomy.py": 17,
    "database/drift.py": 1,
    "database/driver.py": 4,
    "database/migrate.py": 2,
    "database/pool.py": 1,
    "database/sqlite_driver.py": 2,
    "database/translation.py": 1,
    "models/base.py": 1,
    "testing/connections.py": 18,
}
"""How often what others keep private is asked for, where nothing public serves; each says why."""

OURS = {"_asdict", "_bind", "_column", "_fields", "_identity", "_replace"}
"""Of named tuples, and of another object of the same class."""


def _reaches_into(path: Path) -> Iterator[str]:
    """The private names of other objects that a module asks for, also by ``getattr``."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            if ast.unparse(node.value) not in {"self", "cls", "super()"}:
                yield node.attr
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr":
            yield str(getattr(node.args[1], "value", ""))


def test_what_others_keep_private_is_asked_for_in_few_places() -> None:
    """A new release of a dependency may take it away: this is the list to look through."""
    asked: dict[str, int] = {}
    for path in SOURCES:
        place = str(path.relative_to(PACKAGE))
        names = [name for name in _reaches_into(path) if re.match("_[a-z]", name)]
        others = [name for name in names if name not in OURS]
        if others:
            asked[place] = len(others)
    assert asked == PRIVATE


def test_advisory_locks_are_taken_in_one_place() -> None:
    """Their numbers are one space for each database, so one function gives them out."""
    holders = {
        str(path.relative_to(PACKAGE)) for path in SOURCES if "_advisory" in path.read_text()
    }
    # A run of tests holds its locks in the maintenance database, on a connection of its own, as pairs
    # of numbers: which runs are alive is read from the first number.
    assert holders == {"database/locking.py", "testing/maintenance.py"}


def test_time_zones_are_made_in_one_place() -> None:
    """By the newest data that there are: a zone made elsewhere would be the system's."""
    others = [path for path in SOURCES if path != PACKAGE / "values" / "zones.py"]
    made = _found(others, "ZoneInfo", "from_file", "no_cache", "available_timezones", "gettz")
    assert made == []


def test_nothing_is_printed() -> None:
    printed = [str(path) for path in SOURCES for name, _ in _calls(path) if name == "print"]
    assert printed == []


def test_no_error_is_swallowed() -> None:
    silent = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in SOURCES
        for node in _nodes(path)
        if isinstance(node, ast.ExceptHandler)
        and all(isinstance(line, ast.Pass) for line in node.body)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
    ]
    assert silent == []


def _modules() -> list[str]:
    return [
        info.name
        for info in pkgutil.walk_packages([str(PACKAGE)], "vetcore.")
        if ".migrations." not in info.name
    ]


@pytest.mark.parametrize("name", _modules())
def test_the_public_names_of_a_module_are_listed_and_there(name: str) -> None:
    module = importlib.import_module(name)
    listed = getattr(module, "__all__", None)
    if listed is None:
        return
    assert list(listed) == sorted(listed, key=_order), "__all__ is sorted"
    for public in listed:
        assert hasattr(module, public), public


def _order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions: as the linter sorts ``__all__``."""
    kind = 0 if name.isupper() else 1 if name[:1].isupper() else 2
    return kind, name


def test_the_top_of_the_package_is_what_the_design_says() -> None:
    assert set(vetcore.__all__) >= {"Database", "Settings", "VetcoreError"}
    for name in vetcore.__all__:
        assert getattr(vetcore, name) is not None
    with pytest.raises(AttributeError, match="no_such_name"):
        vetcore.no_such_name  # noqa: B018 -- looking it up is the test
