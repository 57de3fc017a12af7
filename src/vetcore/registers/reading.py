"""Reading a register: row by row, in batches, with errors that say where."""

import codecs
import csv
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

from vetcore.errors import InvalidValue

__all__ = ["Rows", "opened"]

_LARGEST_FIELD = 1_000_000


@contextmanager
def opened(path: Path, encoding: str) -> Generator[tuple[BinaryIO, TextIO]]:
    """The file as bytes, whose position tells how far it has been read, and as text.

    Raises:
        InvalidValue: it cannot be opened, or there is no such encoding.
    """
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise InvalidValue(
            field="encoding",
            rule="is not known",
            expected="such as utf-8, latin-1 or cp1252",
            value=encoding,
        ) from error
    try:
        raw = path.open("rb")
    except OSError as error:
        raise InvalidValue(
            field="file", rule=f"cannot be read: {error.strerror}", value=str(path)
        ) from error
    with raw:
        mark = raw.read(2)
        raw.seek(0)
        utf_8 = encoding.lower().replace("_", "-").startswith("utf-8")
        if utf_8 and mark in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
            raise InvalidValue(field="file", rule="is UTF-16", expected="--encoding utf-16")
        with TextIOWrapper(raw, encoding=encoding, newline="") as stream:
            yield raw, stream


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
