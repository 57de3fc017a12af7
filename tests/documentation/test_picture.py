"""The reference in Markdown, and the picture of a day: made by our own program."""

import re
from pathlib import Path

from tools.documentation.markdown import REFERENCE, described, to_markdown
from tools.documentation.names import canonical, public_names
from tools.documentation.picture import day_picture

STATIC = Path(__file__).resolve().parents[2] / "docs" / "_static"


def test_every_public_name_can_be_read_in_the_repository() -> None:
    pages = "\n".join(page.read_text() for page in REFERENCE.glob("*.md"))
    shown = set(re.findall(r"^### `(\w+)`$", pages, re.MULTILINE))
    assert {canonical(*each).rpartition(".")[2] for each in public_names()} <= shown


def test_nothing_of_the_sites_own_markup_is_left_in_them() -> None:
    for page in REFERENCE.glob("*.md"):
        text = page.read_text()
        assert not re.search(r":(?:py:)?(?:func|class|meth|mod|attr|data|exc|obj|doc):`", text), (
            page
        )
        assert ".. " not in re.findall(r"^\.\. ", text, re.MULTILINE), page


def test_a_docstring_becomes_sentences_lists_and_fences() -> None:
    said = """Book it.

    ::

        await book(session)

    Args:
        start: see :func:`~vetcore.scheduling.book`,
            on two lines.
    """
    assert list(described(said)) == [
        "Book it.",
        "",
        *("```text", "await book(session)", "```", ""),
        *("**Args**", "", "- `start`: see `book`,", "  on two lines.", ""),
    ]
    assert to_markdown("``a`` and :class:`Slot`") == "`a` and `Slot`"


def test_the_picture_of_a_day_shows_every_visit_and_is_the_one_on_the_site() -> None:
    drawn = day_picture()
    assert drawn == (STATIC / "day.svg").read_text()
    texts = re.sub(r"<[^>]*>", "", drawn)
    for told in ("Driftwood Animal Hospital", "Miriam Okafor", "Biscuit · wellness exam", "08:00"):
        assert told in texts
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", ""), "nothing is fetched"
