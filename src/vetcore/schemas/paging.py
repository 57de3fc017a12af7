"""A page of a list, as it goes out."""

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
    """Some items of a list, and the cursor to ask for the next ones.

    ``Page[PetSummary].of(page)`` makes it from what :func:`vetcore.database.paging.page` returned.
    """

    items: tuple[T, ...]
    next_cursor: str | None = None

    @classmethod
    def of(cls, page: _Paged) -> Self:
        """Return a page of responses, made from a page of entities or of similar objects."""
        items = cast("Iterable[object]", page.items)
        return cls.model_validate(
            {"items": tuple(items), "next_cursor": page.next_cursor}, from_attributes=True
        )
