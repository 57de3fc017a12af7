"""What the documentation says is there, and is what the code says."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from tools.documentation.advice import ADVICE, STATUS
from tools.documentation.diagram import drawing
from tools.documentation.names import canonical, modules, public_names, shown_in
from tools.documentation.pages import PAGES, every_error
from tools.documentation.rendering import module_text
from tools.documentation.tables import foreign_keys, tables

ROOT = Path(__file__).resolve().parent.parent.parent
REFERENCE = ROOT / "docs" / "reference"
RUN = {"python", "console"}
READ = {"diff", "text", "sql", "ini", "json", "toml", "yaml", "mermaid", "{toctree}", "{include}"}


def _documents() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _rooms() -> list[str]:
    pages = "\n".join(page.read_text() for page in REFERENCE.glob("*.rst"))
    return re.findall(r"^\.\. room:: (\S+)$", pages, re.MULTILINE)


def test_every_public_name_is_in_the_reference() -> None:
    """A new module needs a room on a page; a new name in ``__all__`` needs nothing more."""
    rooms = _rooms()
    missing: list[str] = []
    for module, name in public_names():
        home = canonical(module, name).rpartition(".")[0]
        roomed = any(home == room or home.startswith(f"{room}.") for room in rooms)
        if not roomed or name not in shown_in(home):
            missing.append(f"{module}.{name}")
    assert missing == []


def test_no_room_is_on_two_pages() -> None:
    rooms = _rooms()
    assert len(rooms) == len(set(rooms))
    assert not [
        one
        for one in rooms
        for other in rooms
        if one.startswith(f"{other}.") and other != "vetcore"
    ]


def test_what_is_shown_in_a_module_is_described() -> None:
    for module in modules():
        described = module_text(module)
        for name in shown_in(module):
            assert re.search(
                rf"^\.\. \S+:: ({re.escape(module)}\.)?{name}$", described, re.MULTILINE
            )


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_a_page_made_from_the_code_is_current(path: Path) -> None:
    """``python -m tools.documentation`` writes them."""
    assert (ROOT / path).read_text() == PAGES[path]()


def test_every_error_code_has_one_error_and_an_advice() -> None:
    codes = [error.code for error in every_error()]
    assert sorted(codes) == sorted(ADVICE)


def test_the_example_service_answers_with_the_status_that_the_page_says() -> None:
    source = (ROOT / "examples/clinic_service/problems.py").read_text()
    answered = next(
        node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "STATUS"
    )
    assert isinstance(answered, ast.Dict)
    pairs = zip(answered.keys, answered.values, strict=True)
    theirs = {ast.unparse(key): ast.unparse(value) for key, value in pairs if key is not None}
    ours = {
        error.__name__: f"HTTPStatus.{HTTPStatus(status).name}" for error, status in STATUS.items()
    }
    assert ours.items() <= theirs.items()


def test_the_drawing_has_every_table_and_every_relation() -> None:
    drawn = drawing()
    for table in tables():
        assert f">{table.name}</text>" in drawn
        for column, _ in foreign_keys(table):
            assert f">{column.name}" in drawn


def _fences(page: Path) -> Iterator[tuple[int, str]]:
    for token in MarkdownIt().parse(page.read_text()):
        if token.type == "fence" and token.map is not None:
            yield token.map[0] + 1, token.info


def test_every_block_of_code_is_run() -> None:
    collected = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--collect-only",
            "-q",
            "-p",
            "no:randomly",
            "README.md",
            "docs",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    run = set(re.findall(r"^(\S+\.md)::line:(\d+),", collected.stdout, re.MULTILINE))
    for page in _documents():
        name = page.relative_to(ROOT).as_posix()
        for line, language in _fences(page):
            assert language in RUN | READ or language.split()[0] in READ, (
                f"{name}:{line}: {language}"
            )
            if language in RUN:
                assert (name, str(line)) in run, f"{name}:{line} is not run"
        assert not re.search(r"<!-+\s*;?\s*skip", page.read_text()), f"{name} skips an example"


def test_every_benchmark_is_explained() -> None:
    page = (ROOT / "docs" / "measurements.md").read_text()
    measured = [
        module.stem
        for module in (ROOT / "benchmarks").glob("*.py")
        if re.search(r"^def run\(", module.read_text(), re.MULTILINE)
    ]
    assert [name for name in measured if f"| `{name}` |" not in page] == []


def _prose(page: Path) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.DOTALL)


def test_every_link_to_a_file_leads_to_one() -> None:
    """Sphinx looks at the links within the site; these are read on GitHub as well."""
    linked = [
        (page, target)
        for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", _prose(page))
    ]
    dead = [f"{page}: {target}" for page, target in linked if not (page.parent / target).exists()]
    assert dead == []
