"""The files of the sample world, and the notations in them."""

import csv
import json
import re
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date, timedelta
from importlib.resources import as_file, files
from io import StringIO
from pathlib import Path
from typing import Any

from vetcore.errors import InvalidValue
from vetcore.values.dates import add_months

__all__ = ["PET_REGISTER", "ago", "document", "pet_register", "rows"]

PET_REGISTER = "pet_register.csv"
"""A municipal register of pet licences, as municipalities publish them: not tidy."""

_SPAN = re.compile(r"(?:(\d+)y)?(?:(\d+)m)?(?:(\d+)w)?(?:(\d+)d)?")
_DATA = files("vetcore.samples") / "data"


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file of the sample world."""
    return list(csv.DictReader(StringIO((_DATA / name).read_text("utf-8"))))


def document(name: str) -> Any:
    """Return a JSON file of the sample world."""
    return json.loads((_DATA / name).read_text("utf-8"))


@contextmanager
def pet_register() -> Generator[Path]:
    """Yield the sample register as a file, even if the package is a zip archive."""
    with as_file(_DATA / PET_REGISTER) as path:
        yield path


def ago(span: str, today: date) -> date:
    """Return the day that lies ``span`` before ``today``: years, months, weeks and days.

    >>> ago("1y6m", date(2026, 3, 9))
    datetime.date(2024, 9, 9)
    >>> ago("3w4d", date(2026, 3, 9))
    datetime.date(2026, 2, 12)

    Raises:
        InvalidValue: ``span`` is not such a span.
    """
    match = _SPAN.fullmatch(span)
    if match is None or not span:
        raise InvalidValue(
            field="span", rule="is not a span of time", expected="one such as 3y2m1w", value=span
        )
    years, months, weeks, days = (int(part or 0) for part in match.groups())
    return add_months(today, -12 * years - months) - timedelta(weeks=weeks, days=days)
