"""What all commands share: their options, their access to the database, and their output."""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncGenerator, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, Protocol, TypeVar
from uuid import UUID

import typer

from vetcore.cli.exits import ExitCode, exit_code_of
from vetcore.cli.voice import console, end_in_silence, lines, reads_unicode
from vetcore.errors import ConfigurationError, VetcoreError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from vetcore.cli.desk import Desk
    from vetcore.database import Database
    from vetcore.settings import Settings

__all__ = [
    "As",
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
As = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="EMAIL",
        help="Act as the person with that address, who may do what they may do anywhere; without "
        "it, as the system, which may do everything.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON for programs.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but results and errors.")]


_HINTS = {
    "connection_failed": "Is it running, and is the address right? `vetcore db wait` waits for it.",
    "migration": "`vetcore db check` names what differs; `vetcore db upgrade` brings it up to date.",
    "not_found": "`vetcore find` and `vetcore clinics` look for what is called something like it.",
    "configuration": "`vetcore doctor` shows each setting and where it comes from.",
}


class Outcome(Protocol):
    """How an act ended: it was done, or it was refused."""

    @property
    def well(self) -> bool:
        """Whether the act was done."""
        ...

    @property
    def sentence(self) -> "Text":
        """Return the outcome as a sentence for people."""
        ...

    @property
    def below(self) -> "Iterable[RenderableType]":
        """Return what is shown below the sentence."""
        ...

    def as_dict(self) -> dict[str, Any]:
        """Return the outcome for programs."""
        ...


@dataclass(frozen=True, slots=True)
class Terminal:
    """How a command was called, and where it writes: results on stdout, all else on stderr."""

    url: str | None = None
    tenant: str | None = None
    as_json: bool = False
    quiet: bool = False
    whom: str | None = None
    """The e-mail address of the person as whom the command acts."""

    # Speaking ----------------------------------------------------------------------------------

    @property
    def out(self) -> "Console":
        """The console for results that people read."""
        return console(stderr=False)

    @property
    def err(self) -> "Console":
        """The console for all that is no result."""
        return console(stderr=True)

    def show(self, *results: "RenderableType") -> None:
        """Show results to people. Nothing is shown with ``--json``."""
        if results and not self.as_json:
            self.out.print(*results, sep="\n")

    def tell(self, sentence: "Text | str") -> None:
        """Show a result that is a sentence. Nothing is shown with ``--json``."""
        if not self.as_json:
            self._say(self.out, sentence)

    def note(self, text: str, hang: int = 0) -> None:
        """Show a remark in rich markup. Nothing is shown with ``--quiet`` or ``--json``."""
        if not (self.quiet or self.as_json):
            from rich.text import Text  # noqa: PLC0415 -- costs what a machine need not pay

            self._say(self.err, Text.from_markup(text), hang)

    def complain(self, sentence: str) -> None:
        """Say what went wrong."""
        from rich.text import Text  # noqa: PLC0415 -- costs what a machine need not pay

        self._say(self.err, Text.assemble(("Error: ", "bold red"), sentence))

    def advise(self, sentence: str) -> None:
        """Say how to go on after an error."""
        from rich.text import Text  # noqa: PLC0415 -- costs what a machine need not pay

        self._say(self.err, Text(sentence, "dim"))

    def _say(self, where: "Console", sentence: "Text | str", hang: int = 0) -> None:
        from rich.text import Text  # noqa: PLC0415 -- costs what a machine need not pay

        told = Text(sentence) if isinstance(sentence, str) else sentence
        for line in lines(told, where, hang):
            where.print(line, soft_wrap=True)

    def answer(self, document: object) -> None:
        """Write the result for programs. Nothing is written without ``--json``."""
        if self.as_json:
            # Where the terminal has no Unicode, JSON's own escapes say the same.
            plain = not reads_unicode(sys.stdout)
            try:
                typer.echo(json.dumps(document, indent=2, ensure_ascii=plain, default=_plain))
            except BrokenPipeError:
                end_in_silence()

    def answer_list(self, items: Iterable[Any], next_cursor: str | None = None) -> None:
        """Write a list for programs. The lists of all commands have this form."""
        listed: list[Any] = [item if isinstance(item, dict) else asdict(item) for item in items]
        self.answer({"items": listed, "next_cursor": next_cursor})

    def more(self, cursor: str | None) -> None:
        """Say how to get the rest of a list, if there is more."""
        if cursor is not None:
            self.note(f"There are more: --after {cursor}")

    def finish(self, outcome: "Outcome") -> None:
        """Say how an act ended. An act that was refused ends the command."""
        self.answer(outcome.as_dict())
        self.tell(outcome.sentence)
        self.show(*outcome.below)
        if not outcome.well:
            raise typer.Exit(ExitCode.ANSWER_IS_NO)

    def fail(self, error: VetcoreError, zone: tzinfo = UTC) -> NoReturn:
        """Say what went wrong in one sentence, and how to go on. Then exit.

        Args:
            error: what went wrong.
            zone: the clinic's zone, if it is known; times are shown as its clocks show them.
        """
        if self.as_json:
            self.answer(error.problem(for_operators=True))
        else:
            from vetcore.cli.telling import candidates_told, error_told  # noqa: PLC0415

            self.complain(error_told(error, zone))
            for line in candidates_told(error):
                self._say(self.err, line, hang=4)
            if hint := _HINTS.get(error.code):
                self.advise(hint)
        raise typer.Exit(exit_code_of(error))

    # Working -----------------------------------------------------------------------------------

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do asynchronous work. An error of vetcore's ends the command."""
        try:
            return asyncio.run(work)
        except VetcoreError as error:
            self.fail(error)

    def settings(self) -> "Settings":
        """Return the settings of the environment, with the URL and the tenant that were given.

        Raises:
            ConfigurationError: some settings are missing or wrong; each is named.
        """
        from vetcore.settings import Settings  # noqa: PLC0415 -- `--help` needs no Pydantic

        given = {"url": self.url, "tenant": self.tenant}
        chosen = {name: value for name, value in given.items() if value is not None}
        return Settings(database=chosen) if chosen else Settings()

    @asynccontextmanager
    async def database(self, *, create: bool = False) -> "AsyncGenerator[Database]":
        """Connect to the database, and yield it.

        Args:
            create: whether a SQLite file that does not exist may be created.

        Raises:
            ConnectionFailed: the database does not answer; it is asked once.
            ConfigurationError: the settings are wrong, or the SQLite file does not exist.
        """
        db = self.open(create=create)
        try:
            await db.wait(timeout=0)
            yield db
        finally:
            await db.close()

    @asynccontextmanager
    async def desk(self) -> "AsyncGenerator[Desk]":
        """Connect to the database, and yield it with the actor on whose behalf the command acts.

        Raises:
            ConnectionFailed: the database does not answer; it is asked once.
            ConfigurationError: the settings are wrong, or the SQLite file does not exist.
            NotFound: nobody has the address that ``--as`` names.
        """
        from vetcore.cli.desk import Desk  # noqa: PLC0415 -- `--help` needs no SQLAlchemy

        async with self.database() as db:
            yield await Desk.of(db, self.whom)

    def open(self, *, create: bool = False) -> "Database":
        """Return the database, which is not connected yet. The caller closes it.

        Raises:
            ConfigurationError: the settings are wrong, or the SQLite file does not exist.
        """
        from vetcore.database import Database  # noqa: PLC0415 -- `--help` needs no SQLAlchemy
        from vetcore.values.signatures import SAMPLE_KEYS, Keyring  # noqa: PLC0415

        everything = self.settings()
        if everything.logging.format == "json":
            from vetcore.logging import configure  # noqa: PLC0415 -- where programs read the log

            configure(everything.logging)
        settings = everything.database
        keys = Keyring.of(everything.records)
        if not everything.environment.is_deployed:
            # What `vetcore demo` keeps can be verified; nothing is signed with it here.
            keys |= SAMPLE_KEYS
        db = Database(settings.url.get_secret_value(), settings=settings, keys=keys)
        if db.dialect == "sqlite" and not create:
            _require_file(db.url.database)
        return db


def _require_file(name: str | None) -> None:
    """SQLite would make an empty file of a misspelt name, and then lack every table."""
    if name and name != ":memory:" and not name.startswith("file:") and not Path(name).is_file():
        message = f"There is no database file {name}; `vetcore db upgrade` makes it"
        raise ConfigurationError(message, setting="VETCORE_DATABASE_URL")


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case UUID() | Decimal() | timedelta() | Path():
            return str(value)
        case _:
            message = f"{type(value).__name__} has no form in JSON"
            raise TypeError(message)


def log_to_standard_error() -> None:
    """Send warnings to stderr, away from results, unless logging is set up otherwise."""
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
