"""Cursors: text that names where in a list a page ended, and fits into a URL.

A cursor names its list and carries a check value. So a cursor that was cut, changed, or given out
by another list is refused. It is no secret and grants nothing: the list's own filters decide what
is seen.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from hashlib import blake2b
from typing import Any, Final, NoReturn, TypeVar, get_args
from uuid import UUID

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from vetcore.errors import InvalidValue

__all__ = ["Page", "cursor_after", "position_of", "refuse_cursor", "require_limit"]

T = TypeVar("T")

_CHECK: Final = 9
_LONGEST: Final = 16_384


class Page(list[T]):
    """A part of a list, in the list's order, and where the list goes on.

    ::

        found = await page(session, select(Pet), order_by=[Pet.name])
        while found.next_cursor is not None:
            found = await page(session, select(Pet), order_by=[Pet.name], after=found.next_cursor)
    """

    __slots__ = ("next_cursor",)

    def __init__(self, items: Sequence[T] = (), next_cursor: str | None = None) -> None:
        super().__init__(items)
        self.next_cursor = next_cursor
        """What to hand in as ``after`` for the next page; None if this is the last."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """In JSON it is what :class:`vetcore.schemas.paging.Page` is: an object with its items."""
        (item,) = get_args(source) or (Any,)
        document = core_schema.typed_dict_schema(
            {
                "items": core_schema.typed_dict_field(
                    core_schema.list_schema(handler.generate_schema(item))
                ),
                "next_cursor": core_schema.typed_dict_field(
                    core_schema.nullable_schema(core_schema.str_schema())
                ),
            },
        )
        return core_schema.no_info_wrap_validator_function(
            lambda value, read: cls(**read(_as_document(value) if type(value) is cls else value)),
            document,
            serialization=core_schema.plain_serializer_function_ser_schema(
                _as_document, return_schema=document
            ),
        )

    @property
    def items(self) -> list[T]:
        """The items of the page, without the cursor."""
        return list(self)


_READ: Final[Mapping[str, Callable[[str], object]]] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "u": UUID,
    "n": Decimal,
    "f": float.fromhex,
}


def _written(value: object) -> object:
    match value:
        case Enum():
            return _written(value.value)
        case datetime():
            return ["t", value.isoformat()]
        case date():
            return ["d", value.isoformat()]
        case UUID():
            return ["u", value.hex]
        case Decimal():
            return ["n", str(value)]
        case float():
            return ["f", value.hex()]
        case None | bool() | int() | str():
            return value
        case _:
            message = f"A list cannot be paged by values of type {type(value).__name__}"
            raise TypeError(message)


def _read(value: Any) -> Any:
    if isinstance(value, list):
        kind, text = value  # pyright: ignore[reportUnknownVariableType]
        return _READ[str(kind)](str(text))  # pyright: ignore[reportUnknownArgumentType]
    return value


def _as_document(page: Page[Any]) -> dict[str, Any]:
    return {"items": page.items, "next_cursor": page.next_cursor}


def cursor_after(name: str, position: Sequence[object]) -> str:
    """Return the cursor for the part of a list after a position.

    Args:
        name: what tells the list from others; it is not in the cursor, but checked against it.
        position: the values by which the list is ordered, of the last item of a page.
    """
    text = json.dumps([_written(value) for value in position], separators=(",", ":"))
    payload = text.encode()
    return _encoded(_check(name, payload) + payload)


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def position_of(name: str, cursor: str, *, kinds: Sequence[Any], field: str = "after") -> list[Any]:
    """Return the position that :func:`cursor_after` put into a cursor of this list.

    Args:
        name: of the list.
        cursor: from a caller.
        kinds: the Python type of each value of the position; None where it may be any.
        field: the name that an error gives the cursor.

    Raises:
        InvalidValue: the text is no cursor, was changed, or belongs to another list.
    """
    try:
        raw = cursor.encode("ascii")
        if len(raw) > _LONGEST:
            refuse_cursor(field)
        decoded = urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))
        check, payload = decoded[:_CHECK], decoded[_CHECK:]
        # What was skipped while decoding shows when it is encoded again.
        if check != _check(name, payload) or _encoded(decoded) != cursor:
            refuse_cursor(field)
        values = [_read(value) for value in json.loads(payload)]
        return [_as(kind, value) for kind, value in zip(kinds, values, strict=True)]
    except (ValueError, LookupError, ArithmeticError, TypeError, AttributeError) as error:
        if isinstance(error, InvalidValue):
            raise
        refuse_cursor(field, error)


def _as(kind: Any, value: Any) -> Any:
    if value is None or kind is None:
        return value
    if issubclass(kind, Enum):
        return kind(value)
    if type(value) is not kind and not isinstance(value, kind):
        message = f"{type(value).__name__} where {kind.__name__} belongs"
        raise TypeError(message)
    return value


def _check(name: str, payload: bytes) -> bytes:
    return blake2b(
        payload, digest_size=_CHECK, key=blake2b(name.encode(), digest_size=32).digest()
    ).digest()


def refuse_cursor(field: str = "after", cause: Exception | None = None) -> NoReturn:
    """Raise the error for a cursor that does not belong to the list.

    Raises:
        InvalidValue: always.
    """
    raise InvalidValue(
        field=field,
        rule="is not a cursor of this list",
        expected="the next_cursor of a page of the same list, unchanged",
    ) from cause


def require_limit(limit: int) -> None:
    """Refuse a page length that is not positive.

    Raises:
        InvalidValue: the length is not positive.
    """
    if limit < 1:
        raise InvalidValue(
            field="limit", rule="must be positive", expected="1 or more", value=limit
        )
