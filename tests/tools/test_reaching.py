"""Which tests reach a line is kept by the blocks of functions, and found by any line in them."""

import json
from pathlib import Path

import pytest
from tools.mutation import Slip
from tools.reaching import Reached

SOURCE = '''"""A module."""

LIMIT = 3


def first(number: int) -> int:
    """Doubles what is small."""
    if number < LIMIT:
        doubled = number * 2
        return doubled
    return number
'''


@pytest.fixture
def reached(tmp_path: Path) -> Reached:
    kept = [
        ["test_small", [["vetcore.room", 7], ["vetcore.room", 9]]],
        ["test_large", [["vetcore.room", 7]]],
    ]
    (tmp_path / "worker.reached").write_text("\n".join(map(json.dumps, kept)))
    return Reached(tmp_path)


@pytest.mark.parametrize(
    ("line", "tests"),
    [
        (3, []),
        (8, ["test_small", "test_large"]),
        (9, ["test_small"]),
        (10, ["test_small"]),
        (11, ["test_small", "test_large"]),
    ],
)
def test_a_line_is_reached_by_the_tests_that_enter_its_block(
    tmp_path: Path, reached: Reached, line: int, tests: list[str]
) -> None:
    path = tmp_path / "vetcore" / "room.py"
    path.parent.mkdir()
    path.write_text(SOURCE)
    assert reached.by(path, line) == tests


def test_a_slip_changes_its_line_alone() -> None:
    wrong = Slip("room.py", 8, "<", "<=").put_into(SOURCE)
    assert wrong == SOURCE.replace("number < LIMIT", "number <= LIMIT")
    with pytest.raises(SystemExit, match="does not have"):
        Slip("room.py", 9, "<", "<=").put_into(SOURCE)
