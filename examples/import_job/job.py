"""The job: one transaction, a report of what was not taken as it is, and a limit to what is odd."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from vetcore import Acting, Database
from vetcore.errors import BusinessRuleError
from vetcore.registers import ImportReport, Layout, import_pets

__all__ = ["PORT_ALDER", "TooManyRefused", "bring_in"]

PORT_ALDER = Layout(
    name="port-alder",
    jurisdiction="US-WA-PortAlder",
    columns={
        "license_number": "Tag",
        "name": "Animal",
        "species": "Kind",
        "breed": "Breed",
        "neutered_and_sex": "Altered / Sex",
        "born_on": "Born",
        "color": "Colour",
        "postal_code": "ZIP",
        "status": "Status",
        "vaccine": "Rabies vaccine",
        "vaccinated_on": "Given on",
        "vaccinated_until": "Good until",
        "as_of": "Renewed",
    },
    statuses={"Died": "deceased", "Moved away": "rehomed"},
)
"""How the town of Port Alder, which we made up, lays its register out."""

JOB = Acting(via="job", reason="register of pets")

MOST_REFUSED = 0.05
"""The share of rows from which on the file itself is taken to be wrong."""


class TooManyRefused(BusinessRuleError):
    """So many rows break a rule that the file is not what it should be."""

    code = "too_many_refused"
    title = "The register is not usable"

    def __init__(self, report: ImportReport) -> None:
        super().__init__(
            f"{report.refused} of {report.read} rows were refused, so none was stored",
            report=report.as_dict(),
        )


async def bring_in(
    db: Database, register: Path, *, reports: Path, most_refused: float = MOST_REFUSED
) -> ImportReport:
    """Bring the register in, all of it or nothing; running it again changes nothing.

    Writes ``findings.csv`` (each row that was refused, superseded or adjusted, and why) and
    ``summary.json`` into ``reports``.

    Raises:
        TooManyRefused: more than ``most_refused`` of the rows; the reports say why.
        InvalidValue: the file cannot be read, or lacks a column.
    """
    async with _told(reports) as summary, db.transaction(JOB) as session:
        report = await import_pets(
            session, register, layout=PORT_ALDER, update=True, report_to=reports / "findings.csv"
        )
        summary.update(report.as_dict())
        if report.refused > report.read * most_refused:
            raise TooManyRefused(report)
    return report


@asynccontextmanager
async def _told(reports: Path) -> AsyncGenerator[dict[str, object]]:
    """A summary that is written in any case, and says whether what it tells of was stored."""
    summary: dict[str, object] = {"stored": False}
    try:
        yield summary
        summary["stored"] = True
    finally:
        text = json.dumps(summary, indent=2) + "\n"
        (reports / "summary.json").write_text(text, encoding="utf-8")
