"""The steps of the demonstration, and the result that it shows at the end."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from rich.markup import escape

from vetcore.cli.context import Terminal
from vetcore.cli.demo.day import book_visits, collide, free_starts, timetable
from vetcore.cli.demo.practising import practise
from vetcore.cli.demo.recurring import recurring
from vetcore.cli.demo.show import day_shown
from vetcore.cli.progress import step
from vetcore.cli.queries import day_entries, due_entries, nearby_entries
from vetcore.cli.telling import error_told
from vetcore.cli.views import DueEntry, due_table, nearby_table
from vetcore.clock import now
from vetcore.database import Database
from vetcore.registers import import_pets
from vetcore.samples import CLINIC_OF_THE_DAY, load, pet_register
from vetcore.values.clinics import ServiceType
from vetcore.values.walltime import zone_named

__all__ = ["perform"]

_WATERFRONT = {"latitude": 47.6062, "longitude": -122.3425}
_NEAREST, _SHOWN = 6, 5
_DUE_WITHIN = timedelta(days=30)
_SERVICE = ServiceType.WELLNESS_EXAM


async def perform(terminal: Terminal, db: Database, title: str) -> dict[str, Any]:
    """Set everything up, book a day, collide, and show the result. Return it for programs."""
    with step(terminal, f"Migrating {title}") as done:
        await db.migrate()
        done.done = f"Migrated {title} to revision {await db.current_revision()}"
    with step(terminal, "Loading the sample world") as done:
        async with db.transaction() as session:
            world = await load(session, today=now().date())
        rows = world.counts()
        done.done = "Loaded " + ", ".join(
            f"{rows[kind]} {kind}" for kind in ("clinics", "rooms", "users", "pets")
        )
    clinic = world.clinics[CLINIC_OF_THE_DAY]
    today = now().astimezone(zone_named(clinic.timezone)).date()
    with step(terminal, "Importing a register of pet licences") as done, pet_register() as path:
        async with db.transaction() as session:
            register = await import_pets(session, path)
        done.done = (
            f"Imported {register.inserted} pets of {register.jurisdiction}; "
            f"{register.refused} rows refused, {register.superseded} superseded"
        )
    table = await timetable(db, world)
    with step(terminal, f"Booking a day at {clinic.name}") as done:
        await book_visits(db, world, table)
        done.done = f"Booked {len(table.booked)} appointments at {clinic.name}"
    with step(terminal, "Trying what cannot be") as done:
        refusals = await collide(db, world, table)
        done.done = f"Tried what cannot be; each of {len(refusals)} was refused:"
    for refusal in refusals:
        why = error_told(refusal.error, table.zone)
        terminal.note(f"  [red]✗[/red] {escape(refusal.attempt)}: {escape(why)}", hang=4)
    with step(terminal, "Booking a series, and moving it") as done:
        series = await recurring(db, world, table)
        done.done = (
            "Booked no series: the weeks ahead are full" if series is None else series.told()
        )
    with step(terminal, "Booking as practices work") as done:
        practised = await practise(db, world, table)
        done.done = f"Booked {len(practised)} appointments of other kinds:"
    for each in practised:
        terminal.note(f"  [green]+[/green] {escape(each.told())}", hang=4)
    async with db.session() as session:
        entries = await day_entries(session, clinic, table.day)
        near = await nearby_entries(session, **_WATERFRONT, limit=_NEAREST)
        due = await due_entries(session, clinic.id, today=today, within=_DUE_WITHIN)
    free = await free_starts(db, world, table, _SERVICE)
    terminal.show(
        "",
        *day_shown(clinic, table, entries, free, width=terminal.out.width),
        "",
        nearby_table("Nearest to Seattle's waterfront, and open now?", near[:_SHOWN]),
        due_table(_title(due, clinic.name), due[:_SHOWN]),
    )
    return {
        "rows": rows,
        "imported": register.as_dict(),
        "clinic": {"id": clinic.id, "name": clinic.name, "timezone": clinic.timezone},
        "day": table.day,
        "appointments": [asdict(entry) for entry in entries],
        "refused": [
            {"attempt": refusal.attempt, "error": refusal.error.problem(for_operators=True)}
            for refusal in refusals
        ],
        "practised": [asdict(each) for each in practised],
        "series": series and series.as_dict(),
        "free": free,
        "nearest": [asdict(entry) for entry in near],
        "due": [asdict(entry) for entry in due],
    }


def _title(due: list[DueEntry], clinic: str) -> str:
    shown = f"{_SHOWN} of {len(due)}" if len(due) > _SHOWN else f"{len(due)}"
    return f"Vaccinations due at {clinic} within {_DUE_WITHIN.days} days: {shown}"
