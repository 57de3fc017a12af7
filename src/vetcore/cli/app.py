"""The root of the command line: its commands, and the form of its errors.

:mod:`vetcore.cli.exits` explains the exit codes.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from vetcore.cli.context import Terminal, log_to_standard_error
from vetcore.cli.exits import MEANINGS
from vetcore.errors import VetcoreError

__all__ = ["COMMANDS", "Command", "application"]


_UsageError: Any = typer.BadParameter.__base__
"""Typer has classes of its own in some versions, and those of Click in others."""


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
        "Show a clinic's day by practitioner and room.",
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
        "move",
        "vetcore.cli.moving",
        "Move an appointment to another time.",
        _PRACTICE,
    ),
    Command(
        "cancel",
        "vetcore.cli.cancelling",
        "Cancel an appointment.",
        _PRACTICE,
    ),
    Command(
        "reinstate",
        "vetcore.cli.reinstating",
        "Undo a cancellation or a no-show.",
        _PRACTICE,
    ),
    Command(
        "clinics",
        "vetcore.cli.clinics",
        "List the clinics, and whether they are open.",
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
        "Find pets, owners and appointments by what you remember.",
        _PRACTICE,
    ),
    Command(
        "users",
        "vetcore.cli.users",
        "Invite people, appoint them, and end their sessions and keys.",
        _PRACTICE,
        is_group=True,
    ),
    Command(
        "records",
        "vetcore.cli.records",
        "Verify what is signed.",
        _PRACTICE,
        is_group=True,
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
    """Imports the command that is used; of the others it makes an announcement where one is read."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all commands, for the help and for completion."""
        self._announce()
        return super().list_commands(ctx)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the arguments begin with."""
        used = [command for command in COMMANDS if args and command.name == args[0]]
        for command in used:
            self.add_command(_loaded(command), command.name)
        if not used:
            self._announce()  # what is no command is told from those that are like it
        return super().resolve_command(ctx, args)

    def _announce(self) -> None:
        for command in COMMANDS:
            if command.name not in self.commands:
                self.add_command(_announcement(command), command.name)

    def make_context(
        self, info_name: Any, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Read the options before the command's name."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except _UsageError as error:
            _refuse(Terminal(as_json="--json" in args), error)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an error of ours becomes one sentence and an exit code."""
        # Older versions of Click keep the command's name apart.
        arguments = [*getattr(ctx, "_protected_args", ()), *ctx.args]
        terminal = Terminal(as_json="--json" in arguments)
        try:
            return super().invoke(ctx)
        except VetcoreError as error:
            terminal.fail(error)
        except _UsageError as error:
            _refuse(terminal, error)


def _refuse(terminal: Terminal, error: Any) -> NoReturn:
    if type(error).__name__ == "NoArgsIsHelpError":
        raise error
    from vetcore.cli.usage import misunderstood  # noqa: PLC0415 -- of no use otherwise

    misunderstood(terminal, error)


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
    for each in [found, *getattr(found, "commands", {}).values()]:
        # Completion is a matter of the whole command, whose help has these.
        each.params = [one for one in each.params if not str(one.name).endswith("_completion")]
    return found


def application() -> typer.Typer:
    """Return the command line, ready to be called."""
    app = typer.Typer(
        cls=_Commands,
        no_args_is_help=True,
        rich_markup_mode="rich",
        # Typer's own tracebacks show local variables, and with them names, phones and passwords.
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(help=_HELP)(_root)
    return app


_HELP = """The core of a veterinary-clinic platform, at work on a database.

[bold]vetcore demo[/bold] shows what it does; [bold]vetcore COMMAND --help[/bold] explains each
command. Every command takes [bold]--json[/bold] for output that a program can read.

Exit codes:
""" + "\n".join(f"{code:d}  {meaning}" for code, meaning in MEANINGS.items())


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
    """Announce what there is; :data:`_HELP` is what people read."""
    del version
    log_to_standard_error()
