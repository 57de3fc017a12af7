"""Masks what is private: in texts, in JSON within texts, and in all values of an entry."""

import dataclasses
import json
from collections.abc import Iterable, Mapping, MutableMapping
from datetime import date, time
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any, Final, cast
from uuid import UUID

from vetcore.logging.naming import is_identifier, mask_of

__all__ = ["LONGEST_TEXT", "redact", "redacted"]

LONGEST_TEXT: Final = 32_768
"""In characters. A longer text is cut, and the entry says so."""
LARGEST_ENTRY: Final = 262_144
"""The most characters that all texts of an entry may have together; the rest is left out."""
_MARGIN: Final = 2_048
"""Looked at beyond the cut, so that no half of an address or a token is left before it."""
_DEEPEST: Final = 12
_TOO_DEEP: Final = "[too deep]"
_LEFT_OUT: Final = "[left out]"
_SAFE_KEYS: Final = frozenset({"timestamp", "level", "logger"})
_SMALLEST_CARD: Final = 10**12


def redacted(_logger: object, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """Mask what is private in an entry: a structlog processor, to be put before the renderer.

    Values become plain text, numbers, lists and dictionaries on the way.
    """
    cleaning = _Cleaning()
    return {
        _masked(str(key)): value if key in _SAFE_KEYS else cleaning.named(str(key), value, depth=0)
        for key, value in event.items()
    }


def redact(text: str) -> str:
    """Mask e-mail addresses, telephone and card numbers, tokens, keys and passwords in a text.

    What has more than :data:`LONGEST_TEXT` characters is cut. UUIDs, dates and times, amounts and
    15-digit microchip numbers stay as they are.
    """
    return _Cleaning().text(text, depth=0)


class _Cleaning:
    """One entry on its way to the log."""

    def __init__(self) -> None:
        self._room = LARGEST_ENTRY
        self._within: set[int] = set()

    def named(self, name: str, value: object, *, depth: int) -> object:
        """``value``, of which its name may say all that one needs to know."""
        if value is None or isinstance(value, bool):
            return value
        mask = mask_of(name)
        if mask == "[secret]" or (
            mask is not None
            and isinstance(value, str | int | date | bytes)
            and value not in {"", b""}
        ):
            return mask
        return self.value(name, value, depth=depth)

    def value(self, name: str, value: object, *, depth: int) -> object:  # noqa: PLR0911 -- a table
        """``value`` as plain data; ``name`` is its own or that of the list in which it is."""
        if self._room <= 0:
            return _LEFT_OUT
        self._room -= 8
        match value:
            case None | bool():
                return value
            case Enum():
                return self.value(name, value.value, depth=depth)
            case int():
                found = _masked(str(value)) if abs(value) >= _SMALLEST_CARD else ""
                return found if found.startswith("[card") else value
            case float():
                return value if isfinite(value) else str(value)  # JSON has no infinities
            case str():
                return self.text(value, depth=depth, numbers=not _keeps_numbers(name, value))
            case bytes() | bytearray() | memoryview():
                some = bytes(cast("bytes", value)[: LONGEST_TEXT + _MARGIN])
                return self.text(some.decode("utf-8", "backslashreplace"), depth=depth)
            case UUID():
                return str(value)
            case _:
                return self._composed(name, value, depth=depth)

    def _composed(self, name: str, value: object, *, depth: int) -> object:
        fields = _fields(value)
        members = None if fields is not None else _members(value)
        if fields is None and members is None:
            return self.text(_described(value), depth=depth)
        if depth >= _DEEPEST or id(value) in self._within:
            return _TOO_DEEP
        self._within.add(id(value))
        try:
            if fields is not None:
                return self._mapping(fields, depth=depth + 1)
            return self._list(name, members or (), depth=depth + 1)
        finally:
            self._within.discard(id(value))

    def _mapping(self, fields: Mapping[object, object], *, depth: int) -> dict[str, object]:
        clean: dict[str, object] = {}
        # {"name": "Authorization", "value": …}, as some write headers
        named = mask_of(_plain(fields["name"])) if "name" in fields and "value" in fields else None
        is_issue = "loc" in fields and "type" in fields  # of Pydantic, which repeats the input
        for key, item in fields.items():
            if self._room <= 0:
                clean[_LEFT_OUT] = f"{len(fields) - len(clean)} more"
                break
            name = _plain(key)
            if (named and name == "value") or (is_issue and name == "input"):
                clean[name] = named or "[secret]"
            else:
                clean[self.text(name, depth=depth)] = self.named(name, item, depth=depth)
        return clean

    def _list(self, name: str, members: Iterable[object], *, depth: int) -> list[object]:
        clean: list[object] = []
        before = ""
        for item in members:
            if self._room <= 0:
                clean.append(_LEFT_OUT)
                break
            # A pair such as a header, or an option of a command line and its value.
            follows = len(clean) == 1 or before.startswith("-")
            mask = mask_of(before) if follows and before else None
            clean.append(
                mask
                if mask == "[secret]" and item is not None
                else self.named(name, item, depth=depth)
            )
            before = _plain(item) if isinstance(item, str | bytes) else ""
        return clean

    def text(self, text: str, *, depth: int, numbers: bool = True) -> str:
        """A text, cut and masked; if it is JSON, its values are masked one by one."""
        whole = len(text)
        if whole > LONGEST_TEXT:
            clean = _masked(text[: LONGEST_TEXT + _MARGIN], numbers=numbers)[:-_MARGIN]
            clean += f"… [cut: {whole:,} characters]"
        else:
            clean = self._json(text, depth=depth) or _masked(text, numbers=numbers)
        self._room -= len(clean)
        return clean

    def _json(self, text: str, *, depth: int) -> str | None:
        bare = text.strip()
        if bare[:1] + bare[-1:] not in {"{}", "[]", '""'} or len(bare) <= 2 or depth >= _DEEPEST:  # noqa: PLR2004
            return None
        try:
            given = json.loads(bare)
        except (ValueError, RecursionError):
            return None
        clean = self.value("", given, depth=depth + 1)
        return None if clean == given else json.dumps(clean, ensure_ascii=False)


def _masked(text: str, *, numbers: bool = True) -> str:
    # The patterns take longer to compile than the rest of vetcore.logging to load.
    from vetcore.logging.patterns import masked  # noqa: PLC0415

    return masked(text, numbers=numbers)


def _keeps_numbers(name: str, value: str) -> bool:
    return value.isalnum() and is_identifier(name)


def _plain(name: object) -> str:
    if isinstance(name, bytes):
        return name.decode("utf-8", "backslashreplace")
    return str(name.value if isinstance(name, Enum) else name)


def _fields(value: object) -> Mapping[object, object] | None:
    """What a mapping, a dataclass, a named tuple or a Pydantic model consists of."""
    if isinstance(value, Mapping):
        return cast("Mapping[object, object]", value)
    names = _names(type(value))
    return None if names is None else {name: getattr(value, name, None) for name in names}


def _names(kind: Any) -> list[str] | None:
    if dataclasses.is_dataclass(kind):
        return [field.name for field in dataclasses.fields(kind) if field.repr]
    if tuple in kind.__mro__:
        return list(getattr(kind, "_fields", ())) or None
    fields: Mapping[str, Any] | None = getattr(kind, "__pydantic_fields__", None)
    return [name for name, field in fields.items() if field.repr] if fields else None


def _members(value: object) -> Iterable[object] | None:
    if isinstance(value, list | tuple | set | frozenset):
        return cast("Iterable[object]", value)
    return None


def _described(value: object) -> str:
    try:
        match value:
            case Decimal():
                return str(value)
            case date() | time():
                return value.isoformat()
            case BaseException():
                return _with_causes(value)
            case _:
                return repr(value)
    except Exception as error:  # noqa: BLE001 -- no value may keep an entry from being logged
        return f"<{type(value).__name__}, whose repr fails: {type(error).__name__}>"


def _with_causes(error: BaseException) -> str:
    """An error and what it came from, innermost last."""
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen and len(lines) < _DEEPEST:
        seen.add(id(current))
        lines.append(f"{type(current).__name__}: {current}")
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    return " <- ".join(lines)
