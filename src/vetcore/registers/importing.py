"""Imports a register: it is looked through, and then stored in bulk in one transaction."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.errors import InvalidValue
from vetcore.registers.checking import checked
from vetcore.registers.choosing import Chosen, Options, chosen_for
from vetcore.registers.cleaning import Cleaner, Entry
from vetcore.registers.layouts import Layout
from vetcore.registers.reading import Form, Rows, form_of, read_delimiter
from vetcore.registers.report import ImportReport, Recognized, Register, written_to
from vetcore.registers.sources import STDIN, Source, opened
from vetcore.registers.storing import Staging
from vetcore.registers.surveying import Survey, surveyed
from vetcore.registers.updating import take_over

__all__ = ["import_pets"]

_BATCH: Final = 2_000
_SHOWN: Final = 10

Progress = Callable[[int, int], None]
"""Told, after each batch, how many rows and how many bytes of the file have been read."""
Waiting = Callable[[str], None]
"""Told for what an import waits."""


async def import_pets(  # noqa: PLR0913
    session: AsyncSession,
    path: Path,
    *,
    layout: Layout | str | None = None,
    columns: Mapping[str, str] | None = None,
    given: Mapping[str, str] | None = None,
    jurisdiction: str | None = None,
    country: str | None = None,
    day_first: bool | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    update: bool = False,
    dry_run: bool = False,
    report_to: Path | None = None,
    progress: Progress | None = None,
    waiting: Waiting | None = None,
) -> ImportReport:
    """Bring the animals of a register in, each once by its licence number.

    The whole file goes in within the session's transaction, or nothing of it. What was imported
    before is left as it is: a clinic may have corrected it since, or deleted it. Running it twice
    changes nothing.

    The file is looked through before anything is stored. Delimiter, encoding, columns and the order
    of day and month are found in it where they are not given; ``report.recognized`` says what was
    found. Where no column numbers the animals, each is known by what the register says of it.

    Args:
        session: of a transaction.
        path: a CSV file with a heading, plain or compressed with gzip; ``-`` is standard input.
        layout: a known layout or its name; found by the headings if none is given.
        columns: from fields (:data:`vetcore.registers.layouts.FIELDS`) to headings, or to positions
            such as ``#3``; on top of the layout or in place of one.
        given: from fields to what is the same for all; where there is a column, it stands in for
            the blanks. Without a name given, an animal that has none is refused.
        jurisdiction: whose register it is, where the layout does not say.
        country: whose dates and postal codes these are; the one that the jurisdiction begins with
            if none is given.
        day_first: whether ``3/4/2026`` is the third of April; found by the dates themselves, or by
            the country, if it is not said.
        delimiter: what stands between values; found if none is given.
        encoding: of the file; found if none is given.
        update: take over what the register says otherwise of pets that nobody has claimed.
        dry_run: write nothing; the report says what would have been done.
        report_to: a CSV file for what was refused, superseded or adjusted, row by row; replaced
            when the import is done.
        progress: called after each batch.
        waiting: called when another import must end first.

    Raises:
        InvalidValue: the layout is not known, a column is missing or there are two, dates can be
            read in two ways, a mapping can have no effect, or the file cannot be read.
    """
    _keep_apart(path, report_to)
    options = Options(layout, columns, given, jurisdiction, country, day_first)
    with opened(path, encoding) as source:
        form = form_of(source, None if delimiter is None else read_delimiter(delimiter))
        survey = _surveyed(source, form, options)
        report = ImportReport(survey.chosen.layout.name, survey.chosen.layout.jurisdiction, dry_run)
        report.recognized = _recognized(source, form, survey)
        with written_to(report_to, report) as findings, source.text() as stream:
            cleaner = Cleaner(survey, findings.add, findings.count)
            rows = Rows(source, stream, form)
            batches = _batches(rows, cleaner, report, source, progress)
            await _store(session, report, findings, batches, update=update, waiting=waiting)
    return report


def _surveyed(source: Source, form: Form, options: Options) -> Survey:
    with ExitStack() as open_ones:

        def rows() -> Rows:
            open_ones.close()
            return Rows(source, open_ones.enter_context(source.text()), form)

        first = rows()
        return surveyed(checked(chosen_for(first.header, options)), first, rows)


def _recognized(source: Source, form: Form, survey: Survey) -> Recognized:
    chosen: Chosen = survey.chosen
    used = set(chosen.places.values())
    return Recognized(
        encoding=source.encoding,
        delimiter=form.delimiter,
        country=chosen.country,
        columns={name: chosen.header[place] for name, place in chosen.places.items()},
        given=chosen.given,
        dates=survey.reasons,
        unused=[each for place, each in enumerate(chosen.header) if place not in used],
        by_content=chosen.by_content,
    )


def _batches(
    rows: Rows, cleaner: Cleaner, report: ImportReport, source: Source, progress: Progress | None
) -> Iterator[list[Entry]]:
    read = iter(rows)
    while batch := list(islice(read, _BATCH)):
        report.read += len(batch)
        entries = [entry for line, row in batch if (entry := cleaner.entry(line, row)) is not None]
        if len(report.preview) < _SHOWN:
            report.preview += map(_as_shown, entries[: _SHOWN - len(report.preview)])
        yield entries
        if progress is not None:
            progress(report.read, source.position)


def _as_shown(entry: Entry) -> dict[str, Any]:
    shown = entry._asdict()
    return shown | {name: json.loads(shown[name]) for name in ("breeds", "vaccinations")}


def _keep_apart(path: Path, report_to: Path | None) -> None:
    if report_to is None or path == STDIN or not report_to.exists() or not path.exists():
        return
    if report_to.samefile(path):
        raise InvalidValue(field="report", rule="would overwrite the register", value=str(path))


async def _store(  # noqa: PLR0913
    session: AsyncSession,
    report: ImportReport,
    findings: Register,
    batches: Iterator[list[Entry]],
    *,
    update: bool,
    waiting: Waiting | None,
) -> None:
    async with Staging(session, report.jurisdiction, waiting) as staging:
        await staging.fill(batches)
        async for finding in staging.superseded():
            findings.add(finding)
        kept = report.read - report.refused - report.superseded
        report.updated = await take_over(staging, dry_run=report.dry_run) if update else 0
        report.inserted = await (staging.unknown() if report.dry_run else staging.insert())
        report.unchanged = kept - report.inserted - report.updated
