"""``vetcore db copy`` copies a database to another one, of the same or of the other engine."""

from typing import TYPE_CHECKING, Annotated

import typer

from vetcore.cli.context import Json, Quiet, Terminal, Url
from vetcore.cli.metadata import OwnTables, metadata_of
from vetcore.cli.progress import step

if TYPE_CHECKING:
    from vetcore.database import Database

__all__ = ["copy"]


def copy(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="The database to copy: sqlite:///file.db, say.")
    ],
    *,
    metadata: OwnTables = None,
    url: Url = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Copy every row of SOURCE into the database of --url, which must be migrated and empty.

    Keys, deleted rows, audit stamps and versions stay as they are. If the copy fails, the target
    stays empty. --metadata names tables of your own, which are copied as well. If such tables have
    rows and are not named, nothing is copied. A SQLite file is locked against writers during the
    copy.
    """
    terminal = Terminal(url, None, as_json, quiet)

    async def work() -> dict[str, int]:
        import vetcore.models  # noqa: F401, PLC0415 # pyright: ignore[reportUnusedImport] -- what there is to copy
        from vetcore.database.copying import copy_database  # noqa: PLC0415

        also = metadata_of(metadata)
        async with Terminal(source).database() as old, terminal.database() as new:
            with step(terminal, _between(old, new)) as doing:
                copied = await copy_database(old, new, also=also)
                doing.done = f"Copied {sum(copied.values()):,} rows"
            return copied

    copied = terminal.run(work())
    terminal.answer({"tables": copied, "rows": sum(copied.values())})
    if not as_json:
        from rich.table import Table  # noqa: PLC0415 -- used by this command alone

        table = Table(title=f"{sum(copied.values()):,} rows were copied")
        table.add_column("table")
        table.add_column("rows", justify="right")
        for name, rows in copied.items():
            table.add_row(name, f"{rows:,}")
        terminal.show(table)


def _between(old: "Database", new: "Database") -> str:
    return f"Copying {old!r} to {new!r}"
