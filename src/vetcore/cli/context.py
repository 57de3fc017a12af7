"""What the commands share: their options, how they reach the database, and how they speak."""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar
from uuid import UUID

import typer

from vetcore.errors import ConfigurationError, VetcoreError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from vetcore.database import Database
    from vetcore.settings import Settings

__all__ = [
    "ExitCode",
    "Json",
    "Quiet",
    "Tenant",
    "Terminal",
    "Url",
    "log_to_standard_error",
]

T = TypeVar("T")

Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        help="The database: postgresql://… or sqlite:///file.db. "
        "Without it, VETCORE_DATABASE_URL or .env says which.",
        show_default=False,
    ),
]
Tenant = Annotated[
    str | None,
    typer.Option("--tenant", metavar="NAME", help="The PostgreSQL schema of the tenant."),
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON for programs.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but results and errors.")]


class ExitCode(IntEnum):
    """How the command ends; ``vetcore.cli.app`` explains each."""

    DONE = 0
    FAILED = 1
    NOT_UNDERSTOOD = 2
    ANSWER_IS_NO = 3


_HINTS = {
    "connection_failed": "Is it running, and is the address right? `vetcore db wait` waits for it.",
    "migration": "`vetcore db check` names what differs; `vetcore db upgrade` brings it up to date.",
    "configuration": "`vetcore doctor` shows each setting and where it comes from.",
}


@dataclass(frozen=True, slots=True)
class Terminal:
    """How one command was called, and its voice: results on stdout, all else on stderr."""

    url: str | None = None
    tenant: str | None = None
    as_json: bool = False
    quiet: bool = False

    # Speaking ----------------------------------------------------------------------------------

    @property
    def out(self) -> "Console":
        """For results that people read."""
        return _console(stderr=False)

    @property
    def err(self) -> "Console":
        """For what is said on the way."""
        return _console(stderr=True)

    def show(self, *results: "RenderableType") -> None:
        """Results for people; nothing with ``--json``."""
        if not self.as_json:
            self.out.print(*results, sep="\n")

    def note(self, text: str) -> None:
        """A remark on the way, in rich markup; nothing with ``--quiet`` or ``--json``."""
        if not (self.quiet or self.as_json):
            self.err.print(text, soft_wrap=True)

    def answer(self, document: object) -> None:
        """The result for programs; nothing without ``--json``."""
        if self.as_json:
            typer.echo(json.dumps(document, indent=2, ensure_ascii=False, default=_plain))

    def fail(self, error: VetcoreError) -> NoReturn:
        """Say what went wrong in one sentence, and how to go on; then exit."""
        if self.as_json:
            self.answer(error.problem(for_operators=True))
        else:
            from rich.text import Text  # noqa: PLC0415 -- costs what a machine need not pay

            self.err.print(Text.assemble(("Error: ", "bold red"), error.message), soft_wrap=True)
            if hint := _HINTS.get(error.code):
                self.err.print(Text(hint, "dim"), soft_wrap=True)
        raise typer.Exit(ExitCode.FAILED)

    # Working -----------------------------------------------------------------------------------

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do asynchronous work; an error of ours ends the command."""
        try:
            return asyncio.run(work)
        except VetcoreError as error:
            self.fail(error)

    def settings(self) -> "Settings":
        """The settings of the environment, with the URL and the tenant that were given.

        Raises:
            ConfigurationError: some are missing or wrong; each is named.
        """
        from vetcore.settings import Settings  # noqa: PLC0415 -- `--help` needs no Pydantic

        given = {"url": self.url, "tenant": self.tenant}
        chosen = {name: value for name, value in given.items() if value is not None}
        return Settings(database=chosen) if chosen else Settings()

    @asynccontextmanager
    async def database(self, *, create: bool = False) -> "AsyncGenerator[Database]":
        """The database, connected.

        Args:
            create: a SQLite file that is not there may be made.

        Raises:
            ConnectionFailed: it does not answer; it is asked once.
            ConfigurationError: the settings are wrong, or there is no such SQLite file.
        """
        db = self.open(create=create)
        try:
            await db.wait(timeout=0)
            yield db
        finally:
            await db.close()

    def open(self, *, create: bool = False) -> "Database":
        """The database, not yet connected; the caller closes it.

        Raises:
            ConfigurationError: the settings are wrong, or there is no such SQLite file.
        """
        from vetcore.database import Database  # noqa: PLC0415 -- `--help` needs no SQLAlchemy

        everything = self.settings()
        if everything.logging.format == "json":
            from vetcore.logging import configure  # noqa: PLC0415 -- where programs read the log

            configure(everything.logging)
        settings = everything.database
        db = Database(settings.url.get_secret_value(), settings=settings)
        if db.dialect == "sqlite" and not create:
            _require_file(db.url.database)
        # Who may run the command on the database acts on nobody's behalf.
        return db.without_row_security()


def _require_file(name: str | None) -> None:
    """SQLite would make an empty file of a misspelt name, and then lack every table."""
    if name and name != ":memory:" and not name.startswith("file:") and not Path(name).is_file():
        message = f"There is no database file {name}; `vetcore db upgrade` makes it"
        raise ConfigurationError(message, setting="VETCORE_DATABASE_URL")


def _console(*, stderr: bool) -> "Console":
    from rich.console import Console  # noqa: PLC0415 -- costs what a machine need not pay

    return Console(stderr=stderr, highlight=False)


def _plain(value: object) -> object:
    match value:
        case date():
            return value.isoformat()
        case UUID() | Decimal() | timedelta() | Path():
            return str(value)
        case _:
            message = f"{type(value).__name__} has no form in JSON"
            raise TypeError(message)


def log_to_standard_error() -> None:
    """Send warnings where they cannot mix with results, while logging is not set up otherwise."""
    ours = logging.getLogger("vetcore")
    if not any(isinstance(handler, _Sentences) for handler in ours.handlers):
        ours.addHandler(_Sentences(logging.WARNING))


class _Sentences(logging.Handler):
    """Entries as people read them: ``Warning: what happened (key: value, …)``."""

    def emit(self, record: logging.LogRecord) -> None:
        others = logging.getLogger().handlers
        if any(type(other).__module__.startswith("vetcore.logging.") for other in others):
            return  # vetcore.logging.configure was called in the meantime
        from vetcore.logging import in_a_line, redact  # noqa: PLC0415 -- when something is logged

        standard = vars(logging.makeLogRecord({})).keys() | {"message", "asctime"}
        details = ", ".join(
            f"{key.replace('_', ' ')}: {value}"
            for key, value in vars(record).items()
            if key not in standard
        )
        what = f"{record.levelname.capitalize()}: {record.getMessage()}"
        sentence = redact(f"{what} ({details})" if details else what)
        sys.stderr.write(f"{in_a_line(sentence)}\n")
