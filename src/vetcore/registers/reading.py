"""Reads a register row by row, with errors that say where."""

import csv
import re
import zlib
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from itertools import islice
from typing import Final, NamedTuple, TextIO

from vetcore.errors import InvalidValue
from vetcore.registers.sources import Source

__all__ = ["Form", "Rows", "form_of", "read_delimiter"]

_LARGEST_FIELD: Final = 1_000_000
_SAMPLE: Final = 64 << 10
_SAMPLE_ROWS: Final = 50
_DELIMITERS: Final = (",", ";", "\t", "|")
_NAMED: Final = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "\\t": "\t",
    "pipe": "|",
    "space": " ",
}
_SAYS_SEPARATOR: Final = re.compile(r'"?sep=(.)"?[,;]*', re.IGNORECASE | re.DOTALL)


class Form(NamedTuple):
    """The form of a register's text: delimiter, quotes and encoding."""

    delimiter: str
    lines_before: int
    """Lines before the heading: blank ones, and one that says ``sep=;``."""


def read_delimiter(text: str) -> str:
    """Return the delimiter that somebody names, such as ``;``, ``tab`` or ``semicolon``.

    Raises:
        InvalidValue: the text names no delimiter.
    """
    found = _NAMED.get(text.strip().casefold(), text)
    if len(found) != 1 or found in '"\r\n' or found.isalnum():
        raise InvalidValue(
            field="delimiter",
            rule="is not one character between values",
            expected="such as , or ; or tab",
            value=text,
        )
    return found


def form_of(source: Source, delimiter: str | None) -> Form:
    """Return the form of a register. The delimiter is found if it is not given.

    The chosen delimiter gives the rows as many values as the heading, and the most values.
    """
    sample = _sample(source)
    lines = sample.splitlines(keepends=True)
    before = next((number for number, line in enumerate(lines) if line.strip("\r\n\t ,;")), 0)
    said = (
        _SAYS_SEPARATOR.fullmatch(lines[before].lstrip("\ufeff").rstrip("\r\n")) if lines else None
    )
    if said is not None:
        return Form(delimiter or said[1], before + 1)
    if delimiter is not None:
        return Form(delimiter, before)
    text = "".join(lines[before:])
    return Form(max(_DELIMITERS, key=lambda each: _fitness(text, each)), before)


def _sample(source: Source) -> str:
    # What cannot be decoded is told later, with its line.
    with source.text("replace") as stream, _told(source, lambda: 0):
        sample = stream.read(_SAMPLE)
        whole = not stream.read(1)
    # What is cut in two would count as a row of its own.
    return sample if whole else sample[: sample.rfind("\n") + 1] or sample


def _fitness(text: str, delimiter: str) -> tuple[bool, float, int]:
    widths: list[int] = []
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
            if row:
                widths.append(len(row))
            if len(widths) > _SAMPLE_ROWS:
                break
    except csv.Error:
        return False, 0.0, 0
    if not widths or widths[0] == 1:
        return False, 0.0, 0
    rows = widths[1:]
    fitting = sum(width == widths[0] for width in rows) / len(rows) if rows else 1.0
    return True, fitting, widths[0]


class Rows:
    """The rows of a register from its heading on."""

    def __init__(self, source: Source, stream: TextIO, form: Form) -> None:
        csv.field_size_limit(_LARGEST_FIELD)
        self._source = source
        self._before = form.lines_before
        with _told(source, lambda: 0):
            for _ in range(form.lines_before):
                stream.readline()
        self._reader = csv.reader(stream, delimiter=form.delimiter, strict=True)
        heading = next(iter(self), (0, ()))[1]
        self.header: Sequence[str] = [cell.strip().lstrip("\ufeff") for cell in heading]
        if not any(self.header):
            raise InvalidValue(field="file", rule="is empty", expected="a CSV file with a heading")
        if any(not cell.isprintable() and "\x00" in cell for cell in self.header):
            raise InvalidValue(field="file", rule="is no text", expected="a CSV file")

    def __iter__(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Each row with the line on which it ends; blank lines are passed over."""
        reader, before = self._reader, self._before
        with _told(self._source, self._line):
            for row in reader:
                if row:
                    yield before + reader.line_num, row

    def batches(self, size: int) -> Iterator[list[list[str]]]:
        """Yield the rows, blank ones too, without their line numbers. It is twice as fast."""
        with _told(self._source, self._line):
            while batch := list(islice(self._reader, size)):
                yield batch

    def lines_of(self, places: Collection[int]) -> dict[int, int]:
        """Return the lines on which the rows at these places end, counted from 0."""
        found: dict[int, int] = {}
        with _told(self._source, self._line):
            for place, _ in enumerate(islice(self._reader, max(places, default=-1) + 1)):
                if place in places:
                    found[place] = self._line()
        return found

    def _line(self) -> int:
        return self._before + self._reader.line_num


@contextmanager
def _told(source: Source, line: Callable[[], int]) -> Generator[None]:
    """Say what is wrong with a file, and where."""
    try:
        yield
    except UnicodeError as error:
        raise InvalidValue(
            field="file",
            rule=f"is not {source.encoding} after line {source.lines_that_decode()}",
            expected="another --encoding, such as latin-1 or cp1252",
        ) from error
    except csv.Error as error:
        raise InvalidValue(
            field="file",
            rule=f"is no CSV at line {line()}: {error}",
            expected="values with quotation marks around them where they hold commas",
        ) from error
    except (zlib.error, EOFError) as error:
        raise InvalidValue(field="file", rule="is a damaged gzip file") from error
    except OSError as error:
        raise InvalidValue(
            field="file", rule=f"cannot be read on after line {line()}: {error}"
        ) from error
