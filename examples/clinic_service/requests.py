"""One line of log for each request, and its id in every line that is logged on the way."""

from time import perf_counter
from typing import Final
from uuid import UUID, uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vetcore.logging import bind

__all__ = ["RequestLog", "instance_of"]

HEADER: Final = "x-request-id"
log = structlog.stdlib.get_logger(__name__)


class RequestLog:
    """Middleware; a proxy's ``X-Request-ID`` is taken over if it is a UUID."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope.setdefault("state", {})["request_id"] = _request_id(Headers(scope=scope))
        started, status = perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        with bind(request_id=request_id):
            try:
                await self._app(scope, receive, noted)
            finally:
                log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    milliseconds=round((perf_counter() - started) * 1000, 1),
                )


def instance_of(scope: Scope) -> str:
    """The request as the ``instance`` of a problem: what a user quotes, the log knows."""
    return f"urn:uuid:{scope['state']['request_id']}"


def _request_id(headers: Headers) -> str:
    try:
        return str(UUID(headers[HEADER]))
    except (KeyError, ValueError):
        return str(uuid4())
