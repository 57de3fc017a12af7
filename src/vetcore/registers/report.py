"""What became of each row of a register."""

import csv
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum, unique
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, NamedTuple

from vetcore.errors import InvalidValue

__all__ = ["Finding", "ImportReport", "Outcome", "Register", "written_to"]


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
    """One thing to know about one row."""

    line: int
    """The line of the file on which the row ends; the heading is on line 1."""
    license_number: str
    outcome: Outcome
    field: str
    rule: str
    value: str


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

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
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
        return figures | {"reasons": dict(self.reasons.most_common())}


class Register:
    """Counts findings, and writes each to a file as it comes: memory stays flat."""

    def __init__(self, report: ImportReport, stream: IO[str] | None) -> None:
        self.report = report
        self._writer = None if stream is None else csv.writer(stream)
        if self._writer is not None:
            self._writer.writerow(Finding._fields)

    def add(self, finding: Finding) -> None:
        """Count a finding, and write it."""
        name = finding.outcome.value
        setattr(self.report, name, getattr(self.report, name) + 1)
        self.report.reasons[f"{finding.field}: {finding.rule}"] += 1
        if self._writer is not None:
            self._writer.writerow(finding)


@contextmanager
def written_to(path: Path | None, report: ImportReport) -> Generator[Register]:
    """A register of findings that writes to ``path``, or counts only.

    The file appears under its name when it is complete: what was there before stays until then,
    and for good where the import fails.

    Raises:
        InvalidValue: it cannot be written there.
    """
    if path is None:
        yield Register(report, None)
        return
    try:
        stream = NamedTemporaryFile(  # noqa: SIM115 -- closed below, before it is renamed
            "w",
            encoding="utf-8",
            newline="",
            dir=path.parent,
            prefix=f".{path.name}.",
            delete=False,
        )
    except OSError as error:
        raise InvalidValue(
            field="report", rule=f"cannot be written: {error.strerror}", value=str(path)
        ) from error
    unfinished = Path(stream.name)
    try:
        with stream:
            yield Register(report, stream)
        unfinished.chmod(0o644)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
