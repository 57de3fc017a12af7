"""The exit codes of the command: what each means, and which error ends with which."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from vetcore.errors import (
    AccessError,
    BusinessRuleError,
    ConstraintViolation,
    NotFound,
    ValidationError,
    VetcoreError,
)

__all__ = ["MEANINGS", "ExitCode", "exit_code_of"]


class ExitCode(IntEnum):
    """A code with which the command ends."""

    DONE = 0
    FAILED = 1
    NOT_UNDERSTOOD = 2
    ANSWER_IS_NO = 3
    INTERRUPTED = 130
    NOBODY_READS = 141


MEANINGS: Final[Mapping[ExitCode, str]] = {
    ExitCode.DONE: "It is done; or the answer is yes.",
    ExitCode.FAILED: "It could not be done, for the configuration, the database or a file.",
    ExitCode.NOT_UNDERSTOOD: "Not understood: an option, a value, a name of nobody or of several.",
    ExitCode.ANSWER_IS_NO: "The answer is no: a rule refuses it, or a check found faults.",
    ExitCode.INTERRUPTED: "Interrupted with Ctrl-C; open transactions were rolled back.",
    ExitCode.NOBODY_READS: "Whoever read the output stopped reading, as `head` does.",
}
"""The meaning of each code, for ``--help`` and the documentation."""


def exit_code_of(error: VetcoreError) -> ExitCode:
    """Return the exit code with which ``error`` ends the command."""
    match error:
        case ConstraintViolation():
            return ExitCode.FAILED
        case ValidationError() | NotFound():
            return ExitCode.NOT_UNDERSTOOD
        case BusinessRuleError() | AccessError():
            return ExitCode.ANSWER_IS_NO
        case _:
            return ExitCode.FAILED
