"""The page on adding an entity: what it says is done to a copy of the package, and works."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.documentation.pages import places
from vetcore.testing import ScratchDatabases

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "contributing" / "adding-an-entity.md"
MOST_PLACES = 12

pytestmark = pytest.mark.timeout(600)  # a copy of the package runs tests of its own
MIGRATION = "Keep claims"

AGREE = """
import asyncio, sys
import vetcore.models
from vetcore import Database

async def main():
    for url in sys.argv[1:]:
        async with Database(url) as db:
            await db.migrate()
            assert await db.check() == [], url

asyncio.run(main())
"""
TESTS = (
    "tests/operations/test_claims.py",
    "tests/architecture/test_models.py",
    "tests/testing/test_factories.py::test_each_model_has_a_factory",
    "tests/operations/test_declarations.py",
    "tests/operations/test_who_may.py::test_every_operation_is_tried_here",
    "tests/schemas/test_response.py",
    "tests/schemas/test_shape.py::test_every_entity_has_all_four",
    "tests/schemas/test_shape.py::test_the_complete_form_of_each_entity_is_complete",
    "tests/access/test_matrix.py::test_everybody_may_do_just_what_the_table_says",
)


@pytest.fixture
async def empty_postgresql(databases: ScratchDatabases) -> AsyncIterator[str]:
    """A PostgreSQL database without a table."""
    url = await databases.empty("postgresql")
    yield url
    await databases.drop(url)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, its tools and its tests, with the places of the page applied."""
    root = tmp_path_factory.mktemp("package")
    for source in ("src", "tests", "tools"):
        # With its byte code, which would take longer to make than the tests to run.
        shutil.copytree(ROOT / source, root / source)
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    for place in places(PAGE):
        place.apply(root)
    _ran(root, "-m", "tools.faces")
    _ran(root, "-m", "tools.revision", MIGRATION)
    return root


def _ran(root: Path, *arguments: str, **variables: str) -> str:
    path = os.pathsep.join([str(root / "src"), str(root)])
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=os.environ | {"PYTHONPATH": path} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{arguments}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_the_page_names_every_place_and_there_are_twelve() -> None:
    numbered = [
        int(number) for number in re.findall(r"^\*\*(\d+)\.\*\*", PAGE.read_text(), re.MULTILINE)
    ]
    assert numbered == list(range(1, len(numbered) + 1))
    # The last one is the migration, which a command writes.
    assert len([*places(PAGE)]) == len(numbered) - 1
    assert len(numbered) <= MOST_PLACES


def test_nothing_else_is_touched(copy: Path) -> None:
    named = {place.file for place in places(PAGE)}
    written = {f"src/vetcore/{room}/__init__.py" for room in ("models", "operations", "schemas")}
    written |= {"src/vetcore/testing/__init__.py", "src/vetcore/testing/factories/__init__.py"}
    written |= {"src/vetcore/operations/homes.py", "src/vetcore/schemas/homes.py"}
    changed = {
        path.relative_to(copy).as_posix()
        for source in ("src", "tests", "tools")
        for path in (copy / source).rglob("*.py")
        if not (there := ROOT / path.relative_to(copy)).exists()
        or there.read_bytes() != path.read_bytes()
    }
    migrations = {name for name in changed if name.startswith("src/vetcore/migrations/versions/")}
    assert len(migrations) == 1
    assert changed - migrations == named | written


def test_models_and_migration_agree_on_both_engines(
    copy: Path, tmp_path: Path, empty_postgresql: str
) -> None:
    _ran(copy, "-c", AGREE, f"sqlite:///{tmp_path}/new.db", empty_postgresql)


def test_its_tests_and_those_of_every_entity_pass(copy: Path, postgresql_server: str) -> None:
    """Staff, owner and stranger do what the table says, on both engines."""
    _ran(
        copy,
        *("-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-n0", *TESTS),
        VETCORE_TEST_POSTGRESQL_URL=postgresql_server,
    )


def test_it_is_written_as_the_house_is(copy: Path) -> None:
    named = [place.file for place in places(PAGE)]
    _ran(copy, "-m", "ruff", "check", "--quiet", *named)
    _ran(copy, "-m", "ruff", "format", "--check", "--quiet", *named)
