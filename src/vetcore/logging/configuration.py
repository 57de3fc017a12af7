"""Configures logging in a process. structlog is loaded by the first call."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from vetcore.settings import LoggingSettings

__all__ = ["Logger", "bind", "configure", "logger"]


def configure(settings: "LoggingSettings", *, stream: TextIO | None = None) -> None:
    """Send everything that is logged to ``stream``: structlog's entries and the standard library's.

    It takes the place of what ``logging.basicConfig`` or an earlier call set up; handlers of other
    kinds stay. Call it once, when the process starts.

    Args:
        settings: the level below which nothing is logged, and the form.
        stream: standard error where it is not given, since results belong on standard output.
    """
    from vetcore.logging.pipeline import install  # noqa: PLC0415 -- structlog is slow to import

    install(settings, stream)


@contextmanager
def bind(**values: object) -> Generator[None]:
    """Add ``values`` to every entry of this block and of the tasks that are started in it.

    When the block ends, earlier values of the same names are back::

        with bind(request_id=request_id, actor=user_id):
            ...
    """
    from structlog.contextvars import bound_contextvars  # noqa: PLC0415 -- slow to import

    with bound_contextvars(**values):
        yield


class Logger:
    """A logger of the standard library whose entries have values beside their text."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def info(self, event: str, **values: object) -> None:
        """Log that something happened."""
        self._log(logging.INFO, event, values)

    def warning(self, event: str, **values: object) -> None:
        """Log that something happened that somebody should look at."""
        self._log(logging.WARNING, event, values)

    def _log(self, level: int, event: str, values: dict[str, object]) -> None:
        self._logger.log(level, event, extra=values, stacklevel=3)


def logger(name: str) -> Logger:
    """Return the logger ``name``.

    For example: ``logger("vetcore.flags").warning("not usable", reason=reason)``.
    """
    return Logger(name)
