"""What a page tells its reader to write, as files and as lines to add."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

__all__ = ["Place", "places"]


@dataclass(frozen=True)
class Place:
    """A new file, or lines that are added after others."""

    file: str
    text: str
    after: str | None = None
    """The lines after which they are added; None for a new file."""

    def apply(self, root: Path) -> None:
        """Do what the page says."""
        path = root / self.file
        if self.after is None:
            assert not path.exists(), f"{self.file} is there already"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.text)
            return
        text = path.read_text()
        assert text.count(self.after) == 1, f"{self.file} has this not just once: {self.after}"
        path.write_text(text.replace(self.after, self.after + self.text))


def places(page: Path) -> Iterator[Place]:
    """The blocks of a page that name a file."""
    for token in MarkdownIt().parse(page.read_text()):
        if token.type != "fence":
            continue
        first, _, rest = token.content.partition("\n")
        if token.info == "diff":
            before = [line[1:] for line in rest.splitlines() if line.startswith(" ")]
            added = [line[1:] for line in rest.splitlines() if line.startswith("+")]
            yield Place(first.removeprefix("--- "), _lines(added), _lines(before))
        elif named := re.fullmatch(r"# ((?:\w+/)+\w+\.py)", first):
            yield Place(named.group(1), rest)


def _lines(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
