"""Reports what became of each row of a register."""

import csv
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum, unique
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, Final, NamedTuple

from vetcore.errors import InvalidValue

__all__ = ["Finding", "ImportReport", "Outcome", "Recognized", "Register", "written_to"]

_MOST_WORDS: Final = 10_000
_RUN_BY_SPREADSHEETS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


@unique
class Outcome(StrEnum):
    """Why a row is in the report."""

    REFUSED = "refused"
    """It breaks a rule; nothing of it was stored."""
    SUPERSEDED = "superseded"
    """A later entry for the same animal is in the file; that one counts."""
    ADJUSTED = "adjusted"
    """Stored, without the value that is named."""


class Finding(NamedTuple):
    """A remark about a row."""

    line: int
    """The line of the file on which the row ends; the heading is on line 1."""
    license_number: str
    outcome: Outcome
    field: str
    rule: str
    value: str


@dataclass(frozen=True, slots=True)
class Recognized:
    """What was found out about a register before anything of it was stored."""

    encoding: str
    delimiter: str
    country: str | None
    """Whose dates and postal codes these are, where it is known."""
    columns: Mapping[str, str]
    """From fields to the headings that they come from."""
    given: Mapping[str, str]
    """What stands in for blanks, or is the same for all."""
    dates: Mapping[str, str]
    """From columns of dates to how they are read, and why."""
    unused: Sequence[str]
    """The headings of columns of which nothing is stored."""
    by_content: bool
    """Whether no column numbers the animals: they are known by what the register says of them."""


@dataclass(slots=True)
class ImportReport:
    """What an import did."""

    layout: str
    jurisdiction: str
    dry_run: bool
    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    superseded: int = 0
    refused: int = 0
    adjusted: int = 0
    reasons: Counter[str] = field(default_factory=Counter[str])
    """How often each rule refused or adjusted a row."""
    unknown: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    """By field, the words that are not known, and in how many rows each stands."""
    recognized: Recognized | None = None
    preview: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """The first ten animals as they are stored."""

    @property
    def nothing_taken(self) -> bool:
        """Whether the register had rows, and every one was refused."""
        return 0 < self.read == self.refused

    def as_dict(self) -> dict[str, object]:
        """Return the report as a dictionary, for JSON."""
        names = (
            "layout",
            "jurisdiction",
            "dry_run",
            "read",
            "inserted",
            "updated",
            "unchanged",
            "superseded",
            "refused",
            "adjusted",
        )
        figures: dict[str, object] = {name: getattr(self, name) for name in names}
        known = self.recognized
        return figures | {
            "reasons": dict(self.reasons.most_common()),
            "unknown": {name: dict(words.most_common()) for name, words in self.unknown.items()},
            "recognized": None
            if known is None
            else {
                "encoding": known.encoding,
                "delimiter": known.delimiter,
                "country": known.country,
                "columns": dict(known.columns),
                "given": dict(known.given),
                "dates": dict(known.dates),
                "unused": list(known.unused),
                "by_content": known.by_content,
            },
            "preview": self.preview,
        }


class Register:
    """Counts findings and writes each to a file as it comes, so that memory stays small."""

    def __init__(self, report: ImportReport, stream: IO[str] | None) -> None:
        self.report = report
        self._writer = None if stream is None else csv.writer(stream)
        if self._writer is not None:
            self._writer.writerow(Finding._fields)

    def add(self, finding: Finding) -> None:
        """Count a finding, and write it.

        Raises:
            InvalidValue: the finding cannot be written, on a full disk say.
        """
        name = finding.outcome.value
        setattr(self.report, name, getattr(self.report, name) + 1)
        self.report.reasons[f"{finding.field}: {finding.rule}"] += 1
        if self._writer is not None:
            with _written():
                self._writer.writerow(map(_defused, finding))

    def count(self, field_: str, word: str) -> None:
        """Count a word that is not known. If very many differ, only the first are kept."""
        words = self.report.unknown.setdefault(field_, Counter())
        if word in words or len(words) < _MOST_WORDS:
            words[word] += 1


def _defused(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(cell, str) and cell.lstrip(" \u00a0").startswith(_RUN_BY_SPREADSHEETS):
        return f"'{cell}"
    return cell


@contextmanager
def written_to(path: Path | None, report: ImportReport) -> Generator[Register]:
    """Yield a register of findings that writes to ``path``, or only counts them.

    The file appears under its name when it is complete: what was there before stays until then,
    and for good where the import fails.

    Raises:
        InvalidValue: the file cannot be written there.
    """
    if path is None:
        yield Register(report, None)
        return
    if path.exists() and not path.is_file():
        raise InvalidValue(
            field="report", rule="is no ordinary file", expected="the name of a file", value=path
        )
    with _written():
        stream = NamedTemporaryFile(  # noqa: SIM115 -- closed below, before it is renamed
            "w",
            encoding="utf-8",
            newline="",
            dir=path.parent,
            prefix=f".{path.name}.",
            delete=False,
        )
    unfinished = Path(stream.name)
    try:
        try:
            with _written():
                register = Register(report, stream)
            yield register
            with _written():
                stream.flush()
        finally:
            _close(stream)
        with _written():
            unfinished.chmod(0o644)
            unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _close(stream: IO[str]) -> None:
    try:
        stream.close()
    except OSError:
        # What could not be written has been told, or another error is on its way.
        return


@contextmanager
def _written() -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise InvalidValue(
            field="report", rule=f"cannot be written: {error.strerror or error}"
        ) from error
