"""Opens a register: a file or a pipe, compressed or not, in some encoding."""

import codecs
import gzip
import re
import sys
import zlib
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from io import TextIOWrapper
from pathlib import Path
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Final, TextIO, cast

from vetcore.errors import InvalidValue

__all__ = ["STDIN", "Source", "opened"]

STDIN: Final = Path("-")
_CHUNK: Final = 1 << 20
_IN_MEMORY: Final = 64 << 20
_HEAD: Final = 4096
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_AS_CSV: Final = "a CSV file: in the spreadsheet, save it as CSV (UTF-8)"
_OTHER_FORMATS: Final = (
    (b"PK\x03\x04", "is a ZIP archive or an Excel workbook (xlsx)", _AS_CSV),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook (xls)", _AS_CSV),
    (b"%PDF", "is a PDF", "the CSV file that it was made of"),
    (b"BZh", "is compressed with bzip2", "a CSV file, plain or compressed with gzip"),
    (b"\xfd7zXZ", "is compressed with xz", "a CSV file, plain or compressed with gzip"),
    (b"(\xb5/\xfd", "is compressed with zstd", "a CSV file, plain or compressed with gzip"),
    (b"SQLite format 3", "is a SQLite database", "a CSV file"),
    (b"PAR1", "is a Parquet file", "a CSV file"),
)
_MARKUP: Final = re.compile(rb"\s*(?:<(?:!doctype|html|\?xml)|[\[{]\s*[\[{\"])", re.IGNORECASE)
_READ_AS_UTF_8: Final = re.compile("[^\x00-\x7f\udc80-\udcff]")
_DAMAGED: Final = (gzip.BadGzipFile, zlib.error, EOFError)


class Source:
    """An open register, which can be read from its beginning more than once."""

    def __init__(self, name: str, raw: BinaryIO, encoding: str | None) -> None:
        self.name = name
        self.raw = raw
        self.size = raw.seek(0, 2)
        raw.seek(0)
        self.is_compressed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        self._data: Any = gzip.GzipFile(fileobj=raw, mode="rb") if self.is_compressed else raw
        self._refuse_other_formats()
        self.encoding = encoding or self._found_encoding()

    @contextmanager
    def text(self, errors: str = "strict") -> Generator[TextIO]:
        """Yield the register as text, from its beginning."""
        self._data.seek(0)
        stream = TextIOWrapper(self._data, encoding=self.encoding, errors=errors, newline="")
        try:
            yield stream
        finally:
            # Closing the text would close the file under it, which is read once more.
            stream.detach()

    @property
    def position(self) -> int:
        """How many bytes have been read."""
        return self.raw.tell()

    def lines_that_decode(self) -> int:
        """Return how many lines there are before the first that is not in the encoding."""
        self._data.seek(0)
        for number, line in enumerate(self._data):
            try:
                line.decode(self.encoding)
            except UnicodeError:
                return number
        return 0

    def _head(self) -> bytes:
        self._data.seek(0)
        try:
            head: bytes = self._data.read(_HEAD)
        except _DAMAGED as error:
            raise InvalidValue(field="file", rule="is a damaged gzip file") from error
        return head

    def _refuse_other_formats(self) -> None:
        head = self._head()
        for magic, rule, expected in _OTHER_FORMATS:
            if head.startswith(magic):
                raise InvalidValue(field="file", rule=rule, expected=expected)
        if _MARKUP.match(head.removeprefix(codecs.BOM_UTF8)):
            raise InvalidValue(
                field="file", rule="is a web page, XML or JSON", expected="a CSV file"
            )

    def _found_encoding(self) -> str:
        """The encoding that the file tells: by its mark, or by what its bytes can be."""
        head = self._head()
        for mark, encoding in _MARKS:
            if head.startswith(mark):
                return encoding
        if len(head) > 3 and not any(head[1:64:2]) and all(head[:64:2]):  # noqa: PLR2004
            return "utf-16-le"
        if len(head) > 3 and not any(head[:64:2]) and all(head[1:64:2]):  # noqa: PLR2004
            return "utf-16-be"
        if self._decodes("utf-8"):
            return "utf-8"
        # Some of it is UTF-8 and some is not: it is damaged, and read otherwise nothing is right.
        return "utf-8" if self._has_utf_8() or not self._decodes("cp1252") else "cp1252"

    def _decodes(self, encoding: str) -> bool:
        try:
            for _ in self._decoded(encoding, "strict"):
                pass
        except UnicodeDecodeError:
            return False
        return True

    def _has_utf_8(self) -> bool:
        return any(
            _READ_AS_UTF_8.search(chunk) for chunk in self._decoded("utf-8", "surrogateescape")
        )

    def _decoded(self, encoding: str, errors: str) -> Generator[str]:
        self._data.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)(errors)
        try:
            while chunk := self._data.read(_CHUNK):
                yield decoder.decode(chunk)
        except _DAMAGED as error:
            raise InvalidValue(field="file", rule="is a damaged gzip file") from error
        yield decoder.decode(b"", final=True)


@contextmanager
def opened(path: Path, encoding: str | None) -> Generator[Source]:
    """Open the register at ``path``, or standard input for ``-``. A pipe is copied first.

    Raises:
        InvalidValue: the register cannot be opened, is in another format, or there is no such encoding.
    """
    if encoding is not None:
        _require_encoding(encoding)
    with ExitStack() as stack:
        try:
            if path == STDIN:
                raw = cast("BinaryIO", sys.stdin.buffer)
            else:
                raw = stack.enter_context(path.open("rb"))
            if not raw.seekable():
                spool = stack.enter_context(SpooledTemporaryFile(max_size=_IN_MEMORY))
                copyfileobj(raw, spool, _CHUNK)
                raw = cast("BinaryIO", spool)
            source = Source(str(path), raw, encoding)
        except OSError as error:
            raise InvalidValue(
                field="file", rule=f"cannot be read: {error.strerror or error}", value=str(path)
            ) from error
        yield source


def _require_encoding(encoding: str) -> None:
    try:
        "".encode(encoding)
        codecs.getincrementaldecoder(encoding)
    except LookupError as error:
        raise InvalidValue(
            field="encoding",
            rule="is not known",
            expected="such as utf-8, latin-1 or cp1252",
            value=encoding,
        ) from error
