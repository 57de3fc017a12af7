"""The lists of names at the faces of rooms."""

from pathlib import Path

import pytest
from tools.faces import FACES, PACKAGE, texts

WRITTEN = list(texts())


@pytest.mark.parametrize(
    ("path", "text"), WRITTEN, ids=[str(path.relative_to(PACKAGE)) for path, _ in WRITTEN]
)
def test_a_face_lists_what_its_modules_offer(path: Path, text: str) -> None:
    """``python -m tools.faces`` writes it."""
    assert path.read_text() == text


def test_the_rooms_of_entities_have_one() -> None:
    assert {"models", "operations", "schemas", "testing"} <= {face.room for face in FACES}
