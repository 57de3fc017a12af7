"""The base of the package's errors: a code, a sentence, details and a problem document."""

from collections.abc import Iterable, Mapping
from datetime import date, time
from enum import Enum
from math import isfinite
from typing import ClassVar, Final, cast

__all__ = ["ConfigurationError", "VetcoreError", "plain", "shown"]


class VetcoreError(Exception):
    """The root of all errors that vetcore raises on purpose. Catch it to catch them all."""

    code: ClassVar[str] = "vetcore_error"
    title: ClassVar[str] = "vetcore could not do this"
    retryable: ClassVar[bool] = False
    for_operators: ClassVar[bool] = False
    """Whether its text is for those who run the service, since a database or a setting speaks."""

    def __init__(self, message: str, /, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, object] = {
            key: plain(value) for key, value in details.items() if value is not None
        }

    def problem(
        self, *, status: int | None = None, instance: str | None = None, for_operators: bool = False
    ) -> dict[str, object]:
        """Return the RFC 9457 problem document, ready for ``application/problem+json``.

        ``status`` and ``instance`` are the service's to give. ``code`` and ``details`` are
        extension members.

        What a database, a driver or a setting says is not for strangers: of an error that is
        ``for_operators``, and of any with a status of 500 or more, the document has the code and
        the title. The rest belongs in the log, or in a document made ``for_operators``.
        """
        withheld = self.for_operators or (status is not None and status >= _SERVER_ERROR)
        tell = for_operators or not withheld
        document: dict[str, object] = {
            "type": f"urn:vetcore:error:{self.code}",
            "title": self.title,
            "detail": self.message if tell else f"{self.title}; the log of the service says why",
            "code": self.code,
        }
        if status is not None:
            document["status"] = status
        if instance is not None:
            document["instance"] = instance
        if self.details and tell:
            document["details"] = self.details
        return document

    def __reduce__(self) -> tuple[object, ...]:
        # Typed keyword-only constructors do not survive pickling by themselves, and errors cross
        # process boundaries in worker pools.
        return _restore, (type(self), self.message, self.__dict__)


def _restore(cls: type[VetcoreError], message: str, state: dict[str, object]) -> VetcoreError:
    error = cls.__new__(cls, message)
    error.args = (message,)
    error.__dict__.update(state)
    return error


_SERVER_ERROR: Final = 500
_DEEPEST: Final = 20


def plain(value: object, depth: int = 0) -> object:  # noqa: PLR0911 -- a table of types
    """Return ``value`` as JSON can carry it."""
    if depth > _DEEPEST:
        return "…"
    match value:
        case Enum():
            return plain(value.value, depth + 1)
        case None | str() | bool() | int():
            return value
        case float():
            return value if isfinite(value) else str(value)
        case date() | time():
            return value.isoformat()
        case bytes() | bytearray():
            return value.decode("utf-8", "backslashreplace")
        case Mapping():
            entries = cast("Mapping[object, object]", value)
            return {str(plain(key)): plain(item, depth + 1) for key, item in entries.items()}
        case _ if hasattr(type(value), "model_fields"):
            return plain(vars(value), depth)
        case Iterable():
            return [plain(item, depth + 1) for item in cast("Iterable[object]", value)]
        case _:
            return str(value)


def shown(value: object) -> str:
    """Return ``value`` for a sentence: a member of an enum by its value, nothing by its repr."""
    return str(value.value if isinstance(value, Enum) else value)


class ConfigurationError(VetcoreError):
    """A setting is missing or wrong. The message names each, and what would be right."""

    code = "configuration"
    title = "The configuration is not usable"
    for_operators = True
