"""``python -m import_job register.csv``, for cron or whatever runs things at night.

The exit code is 0 when the register was brought in, 3 when too much of it was refused and nothing
was stored, 1 for any other trouble.
"""

import argparse
import asyncio
import sys
from pathlib import Path

import structlog

from import_job.job import TooManyRefused, bring_in
from vetcore import Database, Settings, VetcoreError, logging

log = structlog.stdlib.get_logger(__name__)


async def main(settings: Settings, register: Path, reports: Path) -> None:
    """Bring the register in, once the database answers."""
    async with Database.from_settings(settings) as db:
        report = await bring_in(db, register, reports=reports)
    log.info("register brought in", **report.as_dict())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m import_job", description=__doc__)
    parser.add_argument("register", type=Path, help="the CSV file, as the town publishes it")
    parser.add_argument("--reports", type=Path, default=Path(), help="a directory for the reports")
    given = parser.parse_args()
    try:
        configured = Settings()
        logging.configure(configured.logging)
        asyncio.run(main(configured, given.register, given.reports))
    except VetcoreError as error:
        log.error("nothing was stored", code=error.code, reason=error.message)  # noqa: TRY400 -- a sentence says it
        sys.exit(3 if isinstance(error, TooManyRefused) else 1)
