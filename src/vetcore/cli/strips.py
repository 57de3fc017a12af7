"""A day as strips of quarter hours, one for each practitioner and room.

The letters in a strip say which service is performed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from rich.columns import Columns
from rich.table import Table
from rich.text import Text

from vetcore.cli.telling import words
from vetcore.cli.views import plain_table
from vetcore.values.clinics import ServiceType
from vetcore.values.intervals import Interval

__all__ = ["Block", "legend", "sign_of", "strip_table"]

_QUARTER: Final = timedelta(minutes=15)
_BESIDE: Final = 28
"""The text beside a strip: the name, and how much of the day is used."""
_STEPS: Final = (1, 2, 4)
"""Quarters of an hour that a cell may stand for; the first with which a day fits is taken."""
_TAKEN, _FREE = "█", "·"
_SIGNS: Final[Mapping[ServiceType, tuple[str, str]]] = {
    ServiceType.WELLNESS_EXAM: ("W", "green"),
    ServiceType.SICK_VISIT: ("K", "yellow"),
    ServiceType.VACCINATION: ("V", "cyan"),
    ServiceType.FOLLOW_UP: ("F", "blue"),
    ServiceType.SURGERY: ("S", "magenta"),
    ServiceType.SPAY_NEUTER: ("N", "magenta"),
    ServiceType.DENTAL_CLEANING: ("D", "bright_blue"),
    ServiceType.LABORATORY: ("L", "bright_yellow"),
    ServiceType.DIAGNOSTIC_IMAGING: ("I", "bright_magenta"),
    ServiceType.EMERGENCY: ("E", "bold red"),
    ServiceType.MICROCHIPPING: ("M", "bright_cyan"),
    ServiceType.GROOMING: ("G", "bright_green"),
    ServiceType.BEHAVIOR_CONSULTATION: ("B", "bright_green"),
    ServiceType.TELEHEALTH: ("T", "bright_blue"),
    ServiceType.EUTHANASIA: ("U", "white"),
}


class Block(NamedTuple):
    """A visit that occupies a part of a strip."""

    when: Interval
    sign: str = _TAKEN
    style: str = "cyan"


def sign_of(service: ServiceType) -> tuple[str, str]:
    """Return the letter and the colour of a service."""
    return _SIGNS[service]


def legend(services: Iterable[ServiceType]) -> Columns:
    """Return the meaning of each letter that is used."""
    told = [Text.assemble(sign_of(each), f" {words(each)}") for each in sorted(set(services))]
    return Columns(told, padding=(0, 2, 0, 0))


def strip_table(  # noqa: PLR0913 -- a keyword for each thing that is shown
    title: str,
    heading: str,
    rows: Mapping[str, Sequence[Block]],
    zone: ZoneInfo,
    *,
    width: int,
    opening: Sequence[Interval] = (),
) -> Table:
    """Return a table of how each practitioner or room is used over a day.

    Args:
        title: the line above the table.
        heading: the heading of the column of names.
        rows: what occupies each practitioner or room, by name, in the order of the table.
        zone: the clinic's time zone.
        width: the width of the terminal in characters.
        opening: the hours of the day that the table shows, even if nobody comes.
    """
    spans = [*opening, *(block.when for used in rows.values() for block in used)]
    table = plain_table(title)
    table.add_column(heading, no_wrap=True, max_width=18)
    if not spans:
        return table
    first = min(span.start for span in spans).replace(minute=0, second=0, microsecond=0)
    last = max(span.end for span in spans)
    room = max(width - _BESIDE, 1) * _QUARTER
    cell = next((n for n in _STEPS if last - first <= n * room), _STEPS[-1]) * _QUARTER
    cells = [first + n * cell for n in range(-(-(last - first) // cell))]
    table.add_column(_hours(cells, zone), no_wrap=True)
    table.add_column("Used", justify="right", no_wrap=True)
    for name, used in rows.items():
        strip, before, taken = Text(), None, 0
        for at in cells:
            block = next((b for b in used if b.when.start < at + cell and at < b.when.end), None)
            if block is None:
                strip.append(_FREE, "dim")
            else:
                # A capital begins each visit, so that one is told from the next of its kind.
                begins = before is None or before.when != block.when
                strip.append(block.sign if begins else block.sign.lower(), block.style)
                taken += 1
            before = block
        table.add_row(Text(name), strip, f"{taken / len(cells):.0%}")
    return table


def _hours(cells: Sequence[datetime], zone: ZoneInfo) -> str:
    """The full hours of the wall time, each above the cell in which it begins."""
    line = [" "] * (len(cells) + 1)
    free_from = 0
    for position, moment in enumerate(cells):
        there = moment.astimezone(zone)
        if there.minute == 0 and position >= free_from:
            line[position : position + 2] = f"{there:%H}"
            free_from = position + 3
    return "".join(line)
