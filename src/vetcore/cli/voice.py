# ruff: noqa: RUF001 -- signs that look alike are what this is about
"""How the command writes on terminals of every width and encoding.

Sentences are wrapped between words, and never within a time such as ``Wed 2 Dec 11:30``. On a
terminal without Unicode, other characters replace the signs. If the reader closes the output, the
command ends without a message.
"""

import codecs
import os
import re
import sys
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NoReturn, TextIO
from unicodedata import combining, normalize

from vetcore.cli.exits import ExitCode

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

__all__ = ["console", "end_in_silence", "lines", "reads_unicode", "speak_plainly"]

_STAND_INS: Final = {
    **dict.fromkeys("✓", "+"),
    **dict.fromkeys("✗", "x"),
    **dict.fromkeys("█", "#"),
    **dict.fromkeys("·", "."),
    **dict.fromkeys("─━", "-"),
    **dict.fromkeys("│┃", "|"),
    **dict.fromkeys("╭╮╰╯┌┐└┘├┤", "+"),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("“”", '"'),
    "…": "...",
    "–": "-",
    "—": "-",
    "\xa0": " ",
}
_PLAIN: Final = "vetcore.plain"
_NO_BREAK: Final = "\xa0"
_TOGETHER: Final = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{1,2} [A-Z][a-z]{2}(?: \d{4})?"
    r"(?: \d\d:\d\d(?:-\d\d:\d\d)?(?: [A-Z]{3,5}\b)?)?"
    r"|`[^`]{1,40}`"
)
"""A time, or a command to be copied: no line ends within it."""
_NARROWEST: Final = 20


def reads_unicode(stream: TextIO) -> bool:
    """Return whether a stream accepts every character."""
    return (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")


def speak_plainly() -> None:
    """Replace characters that the terminal's encoding lacks, so that no output fails."""
    codecs.register_error(_PLAIN, _plainly)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=_PLAIN)


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    refused = error.object[error.start : error.end]
    return "".join(_stand_in(each, error.encoding) for each in refused), error.end


def _stand_in(sign: str, encoding: str) -> str:
    if sign in _STAND_INS:
        return _STAND_INS[sign]
    bare = "".join(part for part in normalize("NFKD", sign) if not combining(part))
    try:
        bare.encode(encoding)
    except UnicodeEncodeError:
        return "?"
    return bare


def console(*, stderr: bool) -> "Console":
    """Return a console for results on stdout, or for other messages on stderr."""
    from rich.console import Console  # noqa: PLC0415 -- costs what a machine need not pay

    class Ours(Console):
        def on_broken_pipe(self) -> None:
            self.quiet = True
            end_in_silence()

    return Ours(stderr=stderr, highlight=False)


def end_in_silence() -> NoReturn:
    """End the command because its output was closed, without Python's own last message."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(nowhere, stream.fileno())
    raise SystemExit(ExitCode.NOBODY_READS)


def lines(told: "Text", where: "Console", hang: int = 0) -> "Iterator[Text]":
    """Return a sentence as lines that fit the terminal.

    It is a single line if neither a terminal nor COLUMNS says a width.

    Args:
        told: the sentence.
        where: the console on which it will be printed.
        hang: how far the second and later lines are indented.
    """
    if not (where.is_terminal or "COLUMNS" in os.environ):
        yield told
        return
    protected = _TOGETHER.sub(lambda found: found[0].replace(" ", _NO_BREAK), told.plain)
    start = 0
    for number, line in enumerate(
        textwrap.wrap(
            protected,
            max(where.width, _NARROWEST),
            subsequent_indent=" " * hang,
            break_on_hyphens=False,
            break_long_words=False,
            replace_whitespace=False,
            drop_whitespace=True,
        )
    ):
        text = line if number == 0 else line[hang:]
        start = protected.index(text, start)
        part = told[start : start + len(text)]
        part.pad_left(0 if number == 0 else hang)
        yield part
        start += len(text)
