"""``vetcore db clean`` removes for good what has been kept long enough."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from vetcore.cli.context import Json, Quiet, Tenant, Terminal, Url
from vetcore.cli.progress import step

if TYPE_CHECKING:
    from vetcore.database.cleaning import Cleaned

__all__ = ["clean"]


def _note(terminal: Terminal, part: "Cleaned") -> None:
    terminal.note(f"{part.table}: {part.rows:,} {part.kind}")


def clean(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what would go, and change nothing.")
    ] = False,
    deleted_days: Annotated[
        int | None,
        typer.Option(
            "--deleted-days",
            min=0,
            metavar="DAYS",
            help="Remove rows that were deleted longer ago; without it, "
            "VETCORE_RETENTION_DELETED_DAYS says, and without both they stay.",
            show_default=False,
        ),
    ] = None,
    batch: Annotated[
        int, typer.Option("--batch", min=1, help="Rows that go in one transaction.")
    ] = 500,
    url: Url = None,
    tenant: Tenant = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Remove for good what has been kept longer than VETCORE_RETENTION_… says.

    It removes deleted rows, expired holds, wishes on the waitlist whose time is over, the
    ledger of webhooks, sent reminders, and old idempotency keys. It keeps what is signed and what
    other rows refer to. You may stop it and start it again at any time.
    """
    terminal = Terminal(url, tenant, as_json, quiet)

    async def work() -> "list[Cleaned]":
        import vetcore.models  # noqa: F401, PLC0415 # pyright: ignore[reportUnusedImport] -- what there is to clean

        retention = terminal.settings().retention
        if deleted_days is not None:
            retention = retention.model_copy(update={"deleted_days": deleted_days})
        async with terminal.database() as db:
            doing = "Counting what would go" if dry_run else "Cleaning up"
            with step(terminal, doing) as doing_so:
                so_far = None if dry_run else partial(_note, terminal)
                cleaned = await db.clean(retention, dry_run=dry_run, batch=batch, progress=so_far)
                rows = sum(part.rows for part in cleaned)
                doing_so.done = f"{rows:,} rows would go" if dry_run else f"{rows:,} rows went"
            return cleaned

    cleaned = terminal.run(work())
    total = sum(part.rows for part in cleaned)
    terminal.answer(
        {
            "dry_run": dry_run,
            "rows": total,
            "cleaned": [
                {"table": part.table, "kind": part.kind, "rows": part.rows} for part in cleaned
            ],
        }
    )
    if as_json:
        return
    if not cleaned:
        terminal.show("There is nothing to clean up.")
        return
    from rich.table import Table  # noqa: PLC0415 -- used by this command alone

    table = Table(title=f"{total:,} rows would go" if dry_run else f"{total:,} rows are gone")
    table.add_column("table")
    table.add_column("what")
    table.add_column("rows", justify="right")
    for part in cleaned:
        table.add_row(part.table, part.kind, f"{part.rows:,}")
    terminal.show(table)
