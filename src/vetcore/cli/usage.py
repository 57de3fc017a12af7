"""Explains in plain words what is wrong with a call of the command."""

from typing import Any, NoReturn

import typer

from vetcore.cli.context import Terminal
from vetcore.cli.exits import ExitCode
from vetcore.errors import InvalidInput

__all__ = ["misunderstood"]


def misunderstood(terminal: Terminal, error: Any) -> NoReturn:
    """Say what is wrong with the call and how it is written, and exit.

    Args:
        terminal: how the command was called.
        error: what Typer found.
    """
    field, rule = _rule(error)
    context = getattr(error, "ctx", None)
    if terminal.as_json:
        issue = {"field": field, "rule": "usage", "message": rule}
        terminal.answer(InvalidInput([issue], subject="the call").problem())
    else:
        terminal.complain(f"{field}: {rule}" if field else rule)
        if context is not None:
            terminal.advise(context.get_usage().replace("{", "").replace("}", ""))
            terminal.advise(f"Try `{context.command_path} --help`.")
    raise typer.Exit(ExitCode.NOT_UNDERSTOOD)


def _rule(error: Any) -> tuple[str, str]:
    """The option or argument that is wrong, and the rule that it breaks."""
    field = _field(error)
    if type(error).__name__ == "MissingParameter":
        return field, "is required"
    cause = error.__cause__
    if cause is not None and callable(getattr(cause, "errors", None)):
        told = InvalidInput.from_pydantic(cause)
        issues: Any = told.details["issues"]
        return field, str(issues[0]["message"])
    if field:
        return field, str(error.message).rstrip(".")
    return "", str(error.format_message()).removeprefix("Invalid value: ").rstrip(".")


def _field(error: Any) -> str:
    hint, parameter = getattr(error, "param_hint", None), getattr(error, "param", None)
    if isinstance(hint, str):
        return hint
    if parameter is None:
        return ""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper()).strip("[]")
    return str(parameter.opts[0])
