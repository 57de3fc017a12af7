"""The tables as a drawing: self-contained SVG, in columns by what refers to what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from sqlalchemy import Column, Table

from tools.documentation.tables import depth, foreign_keys, tables

__all__ = ["drawing"]

WIDTH: Final = 214
GAP: Final = 62
HEADER: Final = 28
ROW: Final = 19
SPACE: Final = 26
MARGIN: Final = 14
HUES: Final = (205, 25, 140, 275, 350, 60, 180, 310)


@dataclass(frozen=True, slots=True)
class Box:
    """A table and where it stands."""

    table: Table
    x: float
    y: float

    @property
    def keys(self) -> list[Column[Any]]:
        """The columns that are shown: those that refer to another table."""
        return [column for column, _ in foreign_keys(self.table)]

    @property
    def height(self) -> float:
        """In pixels, the header included."""
        return HEADER + ROW * len(self.keys) + (4 if self.keys else 0)

    def row(self, column: Column[Any]) -> float:
        """The middle of a column's line."""
        return self.y + HEADER + ROW * (self.keys.index(column) + 0.5)


def drawing() -> str:
    """The whole diagram as one ``<svg>``; its colours follow the page's."""
    boxes = _placed(tables())
    width = max(box.x for box in boxes.values()) + WIDTH + MARGIN
    height = max(box.y + box.height for box in boxes.values()) + MARGIN
    start = (
        f'<svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img" '
        'aria-label="Tables and their relations" xmlns="http://www.w3.org/2000/svg" '
        'font-family="var(--font-stack--monospace, monospace)" font-size="14">'
    )
    parts = [
        start,
        *(line for box in boxes.values() for line in _lines(box, boxes)),
        *(part for box in boxes.values() for part in _box(box, boxes)),
        "</svg>",
    ]
    return "\n".join(parts)


def _placed(every: Sequence[Table]) -> Mapping[str, Box]:
    """Each table right of those that it refers to, and near their height."""
    columns: dict[int, list[Table]] = {}
    for table in every:
        columns.setdefault(depth(table), []).append(table)
    boxes: dict[str, Box] = {}
    for number, column in sorted(columns.items()):
        y = float(MARGIN)
        for table in sorted(column, key=lambda one: (_pull(one, boxes), one.name)):
            box = Box(table, MARGIN + number * (WIDTH + GAP), y)
            boxes[table.name] = box
            y += box.height + SPACE
    return boxes


def _pull(table: Table, boxes: Mapping[str, Box]) -> float:
    targets = [key.column.table.name for _, key in foreign_keys(table)]
    heights = [boxes[name].y for name in targets if name in boxes]
    return sum(heights) / len(heights) if heights else float(len(table.columns) < len(HUES))


def _hue(name: str, boxes: Mapping[str, Box]) -> str:
    return f"hsl({HUES[list(boxes).index(name) % len(HUES)]} 60% 45%)"


def _lines(box: Box, boxes: Mapping[str, Box]) -> Iterator[str]:
    for column, key in foreign_keys(box.table):
        target = boxes[key.column.table.name]
        x, y = box.x, box.row(column)
        dashes = ' stroke-dasharray="5 3"' if column.nullable else ""
        style = f'fill="none" stroke="{_hue(target.table.name, boxes)}" stroke-width="1.4"'
        if target is box:
            end = box.y + HEADER / 2
            yield f'<path d="M{x:g},{y:g} C{x - 40:g},{y:g} {x - 40:g},{end:g} {x:g},{end:g}" {style}{dashes}/>'
            continue
        right, middle = target.x + WIDTH, target.y + HEADER / 2
        bend = max(GAP * 0.7, (x - right) * 0.4)
        path = f"M{x:g},{y:g} C{x - bend:g},{y:g} {right + bend:g},{middle:g} {right:g},{middle:g}"
        yield f'<path d="{path}" {style}{dashes}/>'
        yield f'<path d="M{x:g},{y - 5:g} L{x - 9:g},{y:g} L{x:g},{y + 5:g}" {style}/>'


def _box(box: Box, boxes: Mapping[str, Box]) -> Iterator[str]:
    name, hue = escape(box.table.name), _hue(box.table.name, boxes)
    frame = f'x="{box.x:g}" y="{box.y:g}" width="{WIDTH}" height="{box.height:g}" rx="5"'
    background = "var(--color-background-secondary, #f8f9fb)"
    yield f'<a href="#{name.replace("_", "-")}"><rect {frame} fill="{background}" stroke="{hue}"/>'
    yield (
        f'<text x="{box.x + 10:g}" y="{box.y + 18:g}" font-weight="bold" fill="{hue}">{name}</text></a>'
    )
    for column in box.keys:
        optional = " ?" if column.nullable else ""
        yield (
            f'<text x="{box.x + 10:g}" y="{box.row(column) + 4:g}" fill="currentColor">'
            f"{escape(column.name)}{optional}</text>"
        )
