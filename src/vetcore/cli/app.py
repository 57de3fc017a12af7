"""The root of the command line: which commands there are, and what an error looks like.

Exit codes, of every command:

====  ==========================================================================================
   0  done; or the answer is yes
   1  it failed: one sentence on standard error says why (with ``--json``: a problem document
      as of RFC 9457 on standard output)
   2  the command was not understood: its usage is shown
   3  it ran, and the answer is no: ``db check`` found differences, ``doctor`` found a fault
 130  interrupted with Ctrl-C; open transactions were rolled back
====  ==========================================================================================
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from vetcore.cli.context import Terminal, log_to_standard_error
from vetcore.errors import VetcoreError

__all__ = ["COMMANDS", "Command", "application"]


@dataclass(frozen=True, slots=True)
class Command:
    """A command and the module that defines it, which is imported when the command is used."""

    name: str
    module: str
    """It has a ``typer.Typer`` named ``app``."""
    summary: str
    """What ``vetcore --help`` says about it."""
    panel: str
    is_group: bool = False
    """Whether it has commands of its own."""


_START, _DATABASE, _PRACTICE = "Start here", "The database", "The practice"

COMMANDS = (
    Command(
        "demo",
        "vetcore.cli.demo",
        "See it work: a database with clinics, pets and a booked day.",
        _START,
    ),
    Command(
        "doctor",
        "vetcore.cli.doctor",
        "Examine configuration, connection, pool and schema.",
        _START,
    ),
    Command(
        "import",
        "vetcore.cli.importing",
        "Bring in data from other systems.",
        _DATABASE,
        is_group=True,
    ),
    Command(
        "db",
        "vetcore.cli.db",
        "Create, upgrade and check the schema.",
        _DATABASE,
        is_group=True,
    ),
    Command(
        "day",
        "vetcore.cli.day",
        "Show a clinic's day by veterinarian and room.",
        _PRACTICE,
    ),
    Command(
        "slots",
        "vetcore.cli.slots",
        "List a clinic's free slots.",
        _PRACTICE,
    ),
    Command(
        "book",
        "vetcore.cli.booking",
        "Book an appointment, or hear what is free instead.",
        _PRACTICE,
    ),
    Command(
        "reanchor",
        "vetcore.cli.reanchor",
        "Find visits that have left their wall time, and put them back.",
        _PRACTICE,
    ),
    Command(
        "nearby",
        "vetcore.cli.nearby",
        "List the clinics nearest to a place.",
        _PRACTICE,
    ),
    Command(
        "find",
        "vetcore.cli.find",
        "Find pets and owners by what you remember of them.",
        _PRACTICE,
    ),
    Command(
        "due",
        "vetcore.cli.due",
        "List the pets whose vaccinations are due.",
        _PRACTICE,
    ),
)
"""Every command, in the order in which ``vetcore --help`` lists them."""


class _Commands(TyperGroup):
    """Announces every command, and imports the one that is used."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for command in COMMANDS:
            self.add_command(_announcement(command), command.name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the arguments begin with."""
        for command in COMMANDS:
            if args and command.name == args[0]:
                self.add_command(_loaded(command), command.name)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an error of ours becomes one sentence and exit code 1."""
        try:
            return super().invoke(ctx)
        except VetcoreError as error:
            Terminal().fail(error)


def _announcement(command: Command) -> Any:
    stub = typer.Typer(rich_markup_mode="rich")
    stub.command(command.name, help=command.summary, rich_help_panel=command.panel)(_nothing)
    return get_command(stub)


def _nothing() -> None:
    """Stand in for a command that has not been imported."""


def _loaded(command: Command) -> Any:
    app: typer.Typer = import_module(command.module).app
    found: Any = get_group(app) if command.is_group else get_command(app)
    found.name = command.name
    return found


def application() -> typer.Typer:
    """The command line, ready to be called."""
    app = typer.Typer(
        cls=_Commands,
        no_args_is_help=True,
        rich_markup_mode="rich",
        # Typer's own tracebacks show local variables, and with them names, phones and passwords.
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        from vetcore import __version__  # noqa: PLC0415 -- only when it is asked for

        typer.echo(f"vetcore {__version__}")
        raise typer.Exit


def _root(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """The core of a veterinary-clinic platform, at work on a database.

    [bold]vetcore demo[/bold] shows what it does; [bold]vetcore COMMAND --help[/bold] explains each
    command. Every command takes [bold]--json[/bold] for output that a program can read.

    Exit codes: 0 done; 1 failed; 2 not understood; 3 the answer is no; 130 interrupted.
    """
    del version
    log_to_standard_error()
