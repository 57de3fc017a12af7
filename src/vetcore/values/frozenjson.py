"""JSON objects of any shape that cannot be changed in place."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, NoReturn, cast, final

from pydantic import GetCoreSchemaHandler, JsonValue, WithJsonSchema
from pydantic_core import CoreSchema, core_schema
from pydantic_core.core_schema import ValidatorFunctionWrapHandler

from vetcore.errors import InvalidValue

__all__ = ["FrozenDict", "FrozenJson"]

_DEEPEST: Final = 8
_LONGEST: Final = 16_384


@final
class FrozenDict(Mapping[str, object]):
    """A mapping that cannot be changed. It is hashable, as its values cannot be changed either.

    >>> FrozenDict({"theme": "dark"}) == {"theme": "dark"}
    True
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, object]) -> None:
        self._items = dict(items)

    def __getitem__(self, key: str) -> object:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"FrozenDict({self._items!r})"


def _refuse(rule: str) -> NoReturn:
    raise InvalidValue(
        field="extra",
        rule=rule,
        expected=f"JSON of at most {_LONGEST:,} characters, nested at most {_DEEPEST} deep",
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        _refuse("has a key that is not text")
    if "\0" in value or value.encode(errors="ignore").decode() != value:
        _refuse("holds a NUL or half a character, which no database can store")
    return value


def _thawed(value: object, depth: int = 0) -> JsonValue:
    """``value`` as plain lists and dictionaries, if it is JSON at all."""
    if depth > _DEEPEST:
        _refuse("is nested too deep")
    match value:
        case Mapping():
            entries = cast("Mapping[object, object]", value)
            return {_text(key): _thawed(item, depth + 1) for key, item in entries.items()}
        case list() | tuple():
            items = cast("Sequence[object]", value)
            return [_thawed(item, depth + 1) for item in items]
        case str():
            return _text(value)
        case bool() | int() | float() | None:
            return value
        case _:
            _refuse(f"holds a {type(value).__name__}, which is not JSON")


def _frozen(value: JsonValue) -> object:
    match value:
        case dict():
            return FrozenDict({key: _frozen(item) for key, item in value.items()})
        case list():
            return tuple(_frozen(item) for item in value)
        case _:
            return value


def _read(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    given = value  # which the test below does not narrow to a mapping of who knows what
    plain = handler(_thawed(given) if isinstance(value, Mapping) else value)
    try:
        length = len(json.dumps(plain, allow_nan=False))
    except ValueError:
        _refuse("holds a number that JSON cannot carry")
    if length > _LONGEST:
        _refuse("is too long")
    return _frozen(plain)


def _written(value: Mapping[str, object]) -> dict[str, JsonValue]:
    return {key: _thawed(item) for key, item in value.items()}


class _ReadAndWritten:
    """How Pydantic reads and writes such an object."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(
            _read,
            handler(source),
            serialization=core_schema.plain_serializer_function_ser_schema(
                _written, return_schema=handler.generate_schema(dict[str, JsonValue])
            ),
        )


FrozenJson = Annotated[
    Mapping[str, object],
    _ReadAndWritten,
    WithJsonSchema({"type": "object", "additionalProperties": True}),
]
"""A JSON object whose keys are its user's own: bounded in depth and length, and frozen.

Arrays in it are kept as tuples, objects as :class:`FrozenDict`.
"""
