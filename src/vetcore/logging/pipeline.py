"""Sends log entries to their place, and decides their form and contents."""

import json
import logging
import sys
from typing import Final, TextIO, cast

import structlog
from structlog.contextvars import merge_contextvars
from structlog.stdlib import BoundLogger, ExtraAdder, LoggerFactory, ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from vetcore.clock import now
from vetcore.logging.escaping import escaped, escaped_json
from vetcore.logging.redaction import redacted
from vetcore.settings import LoggingSettings

__all__ = ["install"]


def install(settings: LoggingSettings, stream: TextIO | None) -> None:
    """Do the work of :func:`vetcore.logging.configure`."""
    target = sys.stderr if stream is None else stream
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            merge_contextvars,
            structlog.stdlib.PositionalArgumentsFormatter(),
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=LoggerFactory(),
        wrapper_class=BoundLogger,
    )
    handler = _Handler(target)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[merge_contextvars, ExtraAdder(), _without_leavings],
            processors=[
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
                _stamped,
                structlog.processors.StackInfoRenderer(),
                structlog.processors.format_exc_info,
                ProcessorFormatter.remove_processors_meta,
                redacted,
                *_renderers(settings, target),
            ],
        )
    )
    root = logging.getLogger()
    for other in list(root.handlers):
        if type(other) in {logging.StreamHandler, _Handler}:
            root.removeHandler(other)
    root.addHandler(handler)
    root.setLevel(settings.level)


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, so that it is known when logging is configured again."""


def _without_leavings(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # Formatters of other handlers leave these on the record, where they look like extra values.
    for name in ("message", "asctime"):
        event.pop(name, None)
    return event


def _stamped(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["timestamp"] = now().isoformat(timespec="milliseconds")
    return event


# Renderers ----------------------------------------------------------------------------------------

_TRACES: Final = ("exception", "stack")
"""Texts of several lines, which people read as such."""


def _renderers(settings: LoggingSettings, stream: TextIO) -> list[Processor]:
    if settings.format == "json":
        return [structlog.processors.JSONRenderer(serializer=_json)]
    console = structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    return [_on_one_line, console]


def _json(event: object, **options: object) -> str:
    return escaped_json(json.dumps(event, ensure_ascii=False, default=options.get("default")))  # type: ignore[arg-type]


def _on_one_line(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The entry with nothing in it that a terminal obeys; only tracebacks keep their lines.

    These are indented, so that no line of theirs can pass for an entry.
    """
    return {
        escaped(key): _lines(str(value)) if key in _TRACES else _visible(value)
        for key, value in event.items()
    }


def _lines(text: str) -> str:
    return "\n".join(f"    {escaped(line)}" for line in text.split("\n"))


def _visible(value: object) -> object:
    match value:
        case str():
            return escaped(value)
        case dict():
            entries = cast("dict[str, object]", value)
            return {escaped(key): _visible(item) for key, item in entries.items()}
        case list():
            return [_visible(item) for item in cast("list[object]", value)]
        case _:
            return value
