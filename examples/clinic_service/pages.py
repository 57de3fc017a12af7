"""Lists, page by page."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

__all__ = ["PageQuery"]


class _PageQuery(BaseModel):
    """Which page of a list."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    after: str | None = None
    """The ``next_cursor`` of the page before."""


PageQuery = Annotated[_PageQuery, Query()]
