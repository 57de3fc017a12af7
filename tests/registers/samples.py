"""Registers that tests make up, and where those of real places are looked for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from vetcore.database import Database
from vetcore.models import Pet
from vetcore.registers import ImportReport, import_pets

__all__ = ["REAL", "Write", "imported", "pets"]

REAL = Path(__file__).parents[3] / "shared" / "data"
"""Real registers, which are not part of the repository."""

Write = Callable[..., Path]


async def imported(db: Database, path: Path, **options: Any) -> ImportReport:
    """The report of an import in a transaction of its own."""
    async with db.transaction() as session:
        return await import_pets(session, path, **options)


async def pets(db: Database) -> dict[str, Pet]:
    """What is stored, by licence number."""
    async with db.session() as session:
        return {str(each.license_number): each for each in await session.scalars(select(Pet))}
