"""A part of a list, as it goes out."""

from collections.abc import Iterable, Sequence
from typing import Generic, Protocol, Self, TypeVar, cast

from pydantic import BaseModel

from vetcore.schemas.base import Schema

__all__ = ["Page"]

T = TypeVar("T", bound=BaseModel)


class _Paged(Protocol):
    @property
    def next_cursor(self) -> str | None: ...

    @property
    def items(self) -> Sequence[object]: ...


class Page(Schema, Generic[T]):
    """Some items of a list, and what to ask with for the next ones: for everybody.

    ``Page[PetSummary].of(page)`` makes it of what :func:`vetcore.database.paging.page` returned.
    """

    items: tuple[T, ...]
    next_cursor: str | None = None

    @classmethod
    def of(cls, page: _Paged) -> Self:
        """Of a page of entities, or of anything with the attributes that the items need."""
        items = cast("Iterable[object]", page.items)
        return cls.model_validate(
            {"items": tuple(items), "next_cursor": page.next_cursor}, from_attributes=True
        )
