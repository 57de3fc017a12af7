"""Logging through structlog: for programs in JSON, for people in lines, with nothing private in it.

vetcore logs through the standard library's loggers ``vetcore.…`` and configures nothing when it is
imported: a service calls :func:`configure` once when it starts, or puts :func:`redacted` into a
configuration of its own.

E-mail addresses, phone numbers, tokens, keys and passwords are masked in messages, values and
tracebacks, in entries of every library. A phone number in running text is known by ``+``, ``00`` or
``0`` before it, or by its North American form; under a key such as ``phone`` any is masked.

>>> redact("ann@example.com rang from +1 415-555-2671, see postgresql://vet:s3cret@db/clinic")
'[email] rang from [phone], see postgresql://vet:[password]@db/clinic'
>>> redact("pet 985112345678903 seen at 2026-03-08T09:30:00Z for 1250.00")
'pet 985112345678903 seen at 2026-03-08T09:30:00Z for 1250.00'
"""

import json
import logging
import re
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Final, TextIO, cast
from uuid import UUID

import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.stdlib import BoundLogger, ExtraAdder, LoggerFactory, ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from vetcore.clock import now
from vetcore.settings import LoggingSettings

__all__ = ["bind", "configure", "redact", "redacted"]


# Configuration ------------------------------------------------------------------------------------


def configure(settings: LoggingSettings, *, stream: TextIO | None = None) -> None:
    """Send everything that is logged to ``stream``: structlog's entries and the standard library's.

    It takes the place of what ``logging.basicConfig`` or an earlier call set up; handlers of other
    kinds stay. Call it once, when the process starts.

    Args:
        settings: the level below which nothing is logged, and the form.
        stream: standard error where it is not given, since results belong on standard output.
    """
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
                _renderer(settings, target),
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


def _renderer(settings: LoggingSettings, stream: TextIO) -> Processor:
    if settings.format == "json":
        return structlog.processors.JSONRenderer(serializer=json.dumps, ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def _without_leavings(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # Formatters of other handlers leave these on the record, where they look like extra values.
    for name in ("message", "asctime"):
        event.pop(name, None)
    return event


def _stamped(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["timestamp"] = now().isoformat(timespec="milliseconds")
    return event


@contextmanager
def bind(**values: object) -> Generator[None]:
    """Add ``values`` to every entry of this block and of the tasks that are started in it.

    What was bound before under the same names is back when the block ends::

        with bind(request_id=request_id, actor=user_id):
            ...
    """
    with bound_contextvars(**values):
        yield


# Redaction ----------------------------------------------------------------------------------------


def redacted(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask what is private in an entry: a structlog processor, to be put before the renderer.

    Values become plain text, numbers, lists and dictionaries on the way.
    """
    return {
        key: value if key in _SAFE_KEYS else _clean(key, value, depth=0)
        for key, value in event.items()
    }


def redact(text: str) -> str:
    """Mask e-mail addresses, phone numbers, tokens, keys and passwords in a text.

    UUIDs, dates and times, amounts and 15-digit microchip numbers stay as they are.
    """
    if "://" in text:
        text = _CREDENTIALS_IN_URL.sub(_without_password, text)
    lowered = text.lower()
    if any(word in lowered for word in _WORDS):
        text = _NAMED_SECRET.sub(r"\g<name>[secret]", text)
    if _TOKEN_LIKE.search(text):
        text = _TOKEN.sub("[token]", text)
    if "@" in text or "%40" in text:
        text = _EMAIL.sub("[email]", text)
    if _SEVEN_DIGITS.search(text):
        text = _NUMBER.sub(lambda match: match["kept"] or "[phone]", text)
    return text


_CREDENTIALS_IN_URL: Final = re.compile(
    r"""(?P<scheme>[a-z][a-z0-9+.\-]*)://
    (?P<user>[^\s/?\#@:"'<>]*)
    # A password may hold an @ or a slash; what is a port and a path is none.
    (?P<password>:(?!\d{1,5}(?:[/?\#"',\s]|$))\S*)?@""",
    re.IGNORECASE | re.VERBOSE,
)


def _without_password(match: re.Match[str]) -> str:
    scheme, user, password = match["scheme"], match["user"], match["password"]
    if password is None and scheme.lower().startswith("http"):
        user = "[secret]"  # an access token takes a user's place there
    return f"{scheme}://{user}{':[password]' if password else ''}@"


_WORDS: Final = (
    *("pass", "pwd", "secret", "token", "credential", "signature", "key", "authorization"),
    *("bearer", "cookie", "parameters", "contains"),
)
"""In lower case; what has none of them has no secret that goes by a name."""
_MASKS: Final = r"\[(?:secret|token|email|phone|password)\]"
_NAMED_SECRET: Final = re.compile(
    rf"""(?P<name>
        (?: (?:pass(?:word|wd|phrase)|pwd|secret|token|credentials?|signature
              |(?:api|private|signing|access|secret)[_\-]?key)["']? \s*[:=]\s* )
        | (?: authorization["']?\s*[:=]\s*["']? (?:[a-z]+\s+)? )
        | (?: bearer\s+ (?=[\w.~+/=\-]{{8}}) )
        | (?: cookie["']?\s*[:=]\s* (?=[^\s"']) )
        # What databases and drivers repeat of the values they refuse.
        | (?: \[parameters:\s (?=[^\n]*\]) ) | (?: Failing\srow\scontains\s ) | (?: \bKey\s\([^\n)]*\)= )
    )
    (?!{_MASKS})
    (?: (?<=parameters:\s) [^\n]*(?=\])
      | (?<=contains\s) \([^\n]*\)
      | (?<=\)=) \([^\n)]*\)
      | (?<=cookie:\s) [^\n"']+
      | "[^"\n]*" | '[^'\n]*' | [^\s"',;&)}}\]]+ )""",
    re.IGNORECASE | re.VERBOSE,
)

_TOKEN_LIKE: Final = re.compile(r"eyJ|_|-----|sk-|xox|AKIA|AIza|SG\.")
_TOKEN: Final = re.compile(
    r"""eyJ[\w\-]{5,}\.[\w\-]{5,}(?:\.[\w\-]*){1,3}
    | (?<![a-zA-Z0-9])(?:
        (?:sk|pk|rk)_(?:live|test)_\w{8,} | whsec_[\w+/=\-]{8,} | sk-[\w\-]{16,}
        | gh[a-z]_\w{16,} | github_pat_\w{16,} | glpat-[\w\-]{16,} | xox[a-z]-[\w\-]{8,}
        | AKIA[A-Z0-9]{16} | AIza[\w\-]{30,} | SG\.[\w\-]{8,}\.[\w\-]{8,} )
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----.*?(?:-----END\ [A-Z ]*-----|\Z)""",
    re.VERBOSE | re.DOTALL,
)

_LOCAL: Final = r"\w.!#$%*+^~\-"
_EMAIL: Final = re.compile(
    rf"(?<![{_LOCAL}])(?<!://)[{_LOCAL}][{_LOCAL}'`]*(?:@|%40)(?:[\w\-]+(?:\.[\w\-]+)+|\[[^\]\s]+\])"
)

_BETWEEN: Final = r"[ ().\-/\u00a0\u202f\u2010-\u2013]"
_SEVEN_DIGITS: Final = re.compile(rf"(?:\d{_BETWEEN}{{0,3}}){{6}}\d")
_NUMBER: Final = re.compile(
    rf"""(?P<kept>
        (?<!\w)[0-9a-f]{{8}}-(?:[0-9a-f]{{4}}-){{3}}[0-9a-f]{{12}}(?!\w)
        | (?<!\w)(?:19|20|21)\d\d-[01]\d-[0-3]\d(?!\d)
    )
    | (?: (?<!\d)\+ | %2B ) [1-9](?:{_BETWEEN}{{0,2}}\d){{6,14}}(?!\d)
    | (?<!\w)(?<!\d\.)(?:
        00[1-9](?:{_BETWEEN}{{0,2}}\d){{7,13}}
        | 0[1-9](?:{_BETWEEN}{{0,2}}\d){{7,11}}
        | \(0\d{{1,5}}\)(?:{_BETWEEN}?\d){{4,10}}
        | (?:1{_BETWEEN})?(?:\([2-9]\d\d\){_BETWEEN}?|[2-9]\d\d{_BETWEEN})[2-9]\d\d{_BETWEEN}\d{{4}}
        | 1?[2-9]\d\d[2-9]\d{{6}}
    )(?!\w)(?![\-.:/]\d)""",
    re.IGNORECASE | re.VERBOSE,
)

_SAFE_KEYS: Final = frozenset({"timestamp", "level", "logger"})
_DEEPEST: Final = 8

_SECRET_KEYS: Final = re.compile(
    r"(?:^|[_\-. ])(?:pass(?:word|wd|phrase)|pwd|secrets?|tokens?|jwt|authorization|cookies?"
    r"|credentials?|api[_\-]?keys?|(?:private|signing|access|secret|encryption)[_\-]?keys?"
    r"|svix[_\-]signature)$",
    re.IGNORECASE,
)
_EMAIL_KEYS: Final = re.compile(
    r"(?:^|[_\-. ])e?[_\-]?mail(?:[_\-]address(?:es)?)?s?$", re.IGNORECASE
)
_PHONE_KEYS: Final = re.compile(
    r"(?:^|[_\-. ])(?:(?:tele)?phone|mobile|cell|fax|sms|whatsapp)(?:[_\-]?numbers?)?s?$",
    re.IGNORECASE,
)
_IDENTIFIER_KEYS: Final = re.compile(r"(?:^|[_\-. ])(?:ids?|microchip|chip)$", re.IGNORECASE)


def _clean(key: str, value: object, *, depth: int) -> object:
    if value is None or isinstance(value, bool):
        return value
    if _SECRET_KEYS.search(key):
        return "[secret]"
    return _contact(key, value) or _content(key, value, depth=depth)


def _contact(key: str, value: object) -> str | None:
    if isinstance(value, str | int) and value != "":
        if _EMAIL_KEYS.search(key):
            return "[email]"
        if _PHONE_KEYS.search(key):
            return "[phone]"
    return None


def _content(key: str, value: object, *, depth: int) -> object:
    match value:
        case Mapping() if depth < _DEEPEST:
            items = cast("Mapping[object, object]", value).items()
            return {
                redact(str(name)): _clean(str(name), item, depth=depth + 1) for name, item in items
            }
        case list() | tuple() | set() | frozenset() if depth < _DEEPEST:
            members = cast("list[object]", value)
            return [_clean(key, item, depth=depth + 1) for item in members]
        case str() if value.isalnum() and _IDENTIFIER_KEYS.search(key):
            return value
        case Enum():
            return _content(key, value.value, depth=depth)
        case int() | float():
            return value if isfinite(value) else str(value)  # JSON has no infinities
        case UUID():
            return str(value)
        case _:
            return redact(_text(value))


def _text(value: object) -> str:
    match value:
        case str() | Decimal():
            return str(value)
        case date():
            return value.isoformat()
        case BaseException():
            return f"{type(value).__name__}: {value}"
        case _:
            return repr(value)
