"""The import of a register: one transaction, streamed, in bulk."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.errors import InvalidValue
from vetcore.registers.cleaning import Cleaner, Entry
from vetcore.registers.layouts import LAYOUTS, Layout, layout_of
from vetcore.registers.reading import Rows, opened
from vetcore.registers.report import ImportReport, Register, written_to
from vetcore.registers.storing import Staging
from vetcore.registers.updating import take_over

__all__ = ["import_pets"]

_BATCH: Final = 2_000
_LONGEST_JURISDICTION: Final = 32

Progress = Callable[[int, int], None]
"""Told, after each batch, how many rows and how many bytes of the file have been read."""


async def import_pets(  # noqa: PLR0913
    session: AsyncSession,
    path: Path,
    *,
    layout: Layout | str | None = None,
    columns: Mapping[str, str] | None = None,
    jurisdiction: str | None = None,
    update: bool = False,
    dry_run: bool = False,
    encoding: str = "utf-8-sig",
    report_to: Path | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Bring the animals of a register in, each once by its licence number.

    The whole file goes in within the session's transaction, or nothing of it. What was imported
    before is left as it is: a clinic may have corrected it since, or deleted it. Running it twice
    changes nothing.

    Args:
        session: of a transaction.
        path: a CSV file with a heading.
        layout: a known layout or its name; found by the heading if none is given.
        columns: from fields (:data:`vetcore.registers.layouts.FIELDS`) to headings, on top of the
            layout or in place of one.
        jurisdiction: whose register it is, where the layout does not say.
        update: take over what the register says otherwise of pets that nobody has claimed.
        dry_run: write nothing; the report says what would have been done.
        encoding: of the file.
        report_to: a CSV file for what was refused, superseded or adjusted, row by row; replaced
            when the import is done.
        progress: called after each batch.

    Raises:
        InvalidValue: the layout is not known, a column is missing, or the file cannot be read.
    """
    _keep_apart(path, report_to)
    with opened(path, encoding) as (raw, stream):
        rows = Rows(stream, encoding)
        chosen = _chosen(layout, columns, jurisdiction, rows)
        report = ImportReport(chosen.name, chosen.jurisdiction, dry_run)
        with written_to(report_to, report) as findings:
            cleaner = Cleaner(chosen, rows.header, findings.add)

            def batches() -> Iterator[list[Entry]]:
                read = iter(rows)
                while batch := list(islice(read, _BATCH)):
                    report.read += len(batch)
                    yield [
                        entry
                        for line, row in batch
                        if (entry := cleaner.entry(line, row)) is not None
                    ]
                    if progress is not None:
                        progress(report.read, raw.tell())

            await _store(session, report, findings, batches(), update=update)
    return report


def _keep_apart(path: Path, report_to: Path | None) -> None:
    if report_to is not None and report_to.resolve() == path.resolve():
        raise InvalidValue(field="report", rule="would overwrite the register", value=str(path))


def _chosen(
    layout: Layout | str | None,
    columns: Mapping[str, str] | None,
    jurisdiction: str | None,
    rows: Rows,
) -> Layout:
    if isinstance(layout, str):
        known = {each.name: each for each in LAYOUTS}
        if layout not in known:
            raise InvalidValue(
                field="layout", rule="is not known", expected=", ".join(known), value=layout
            )
        layout = known[layout]
    found = layout or layout_of(rows.header)
    if found is None and columns:
        found = Layout(name="own", jurisdiction=jurisdiction or "", columns={})
    if found is None:
        raise InvalidValue(
            field="layout",
            rule=f"is not known by these headings{_nearly(rows.header)}",
            expected="--map FIELD=COLUMN for license_number, name and species at least; "
            f"the columns are {', '.join(rows.header)}",
        )
    chosen = found.with_columns(columns or {}).checked(rows.header)
    chosen = replace(chosen, jurisdiction=jurisdiction or chosen.jurisdiction)
    if not 0 < len(chosen.jurisdiction) <= _LONGEST_JURISDICTION:
        raise InvalidValue(
            field="jurisdiction",
            rule="says whose register this is, in 1 to 32 characters",
            expected="such as US-WA-Seattle",
            value=chosen.jurisdiction or None,
        )
    return chosen


def _nearly(header: Sequence[str]) -> str:
    """Which known layout this would be but for some columns, if there is one."""
    for layout in LAYOUTS:
        lacking = [column for column in layout.columns.values() if column not in header]
        if len(lacking) < len(layout.columns) / 2:
            return f" ({layout.name} has {', '.join(lacking)} too)"
    return ""


async def _store(
    session: AsyncSession,
    report: ImportReport,
    findings: Register,
    batches: Iterator[list[Entry]],
    *,
    update: bool,
) -> None:
    async with Staging(session, report.jurisdiction) as staging:
        await staging.fill(batches)
        async for finding in staging.superseded():
            findings.add(finding)
        kept = report.read - report.refused - report.superseded
        report.updated = await take_over(staging, dry_run=report.dry_run) if update else 0
        report.inserted = await (staging.unknown() if report.dry_run else staging.insert())
        report.unchanged = kept - report.inserted - report.updated
