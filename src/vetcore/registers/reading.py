"""Reading a register: row by row, in batches, with errors that say where."""

import csv
from collections.abc import Iterator, Sequence
from typing import TextIO

from vetcore.errors import InvalidValue

__all__ = ["Rows"]

_LARGEST_FIELD = 1_000_000


class Rows:
    """The rows of an open CSV file, after its heading."""

    def __init__(self, stream: TextIO, encoding: str) -> None:
        csv.field_size_limit(_LARGEST_FIELD)
        self._reader = csv.reader(stream, strict=True)
        self._encoding = encoding
        self.header: Sequence[str] = next(self._each(), (0, ()))[1]
        if not self.header:
            raise InvalidValue(field="file", rule="is empty", expected="a CSV file with a heading")

    def __iter__(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Each row with the line on which it ends; blank lines are passed over."""
        return ((line, row) for line, row in self._each() if row)

    def _each(self) -> Iterator[tuple[int, Sequence[str]]]:
        try:
            for row in self._reader:
                yield self._reader.line_num, row
        except UnicodeDecodeError as error:
            raise InvalidValue(
                field="file",
                rule=f"is not {self._encoding} after line {self._reader.line_num}",
                expected="another --encoding, such as latin-1 or cp1252",
            ) from error
        except csv.Error as error:
            raise InvalidValue(
                field="file",
                rule=f"is no CSV at line {self._reader.line_num}: {error}",
                expected="values with quotation marks around them where they hold commas",
            ) from error
