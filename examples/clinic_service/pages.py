"""Lists, page by page: the body is the list, and the ``Link`` header says where it goes on."""

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

__all__ = ["PageQuery", "link_next"]


class _PageQuery(BaseModel):
    """Which page of a list."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    after: str | None = None
    """From the ``Link`` of the page before."""


PageQuery = Annotated[_PageQuery, Query()]


def link_next(request: Request, response: Response, next_cursor: str | None) -> None:
    """Say where the next page is, if there is one (RFC 8288)."""
    if next_cursor is not None:
        url = request.url.include_query_params(after=next_cursor)
        response.headers["Link"] = f'<{url}>; rel="next"'
