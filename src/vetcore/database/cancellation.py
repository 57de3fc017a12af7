"""Protects work that a cancellation must not leave half done, such as the end of a transaction."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["undisturbed"]

T = TypeVar("T")

_PATIENCE = 5.0
"""Seconds that work may go on after its waiter was cancelled; a dead server must not hang a task."""


async def undisturbed(work: Coroutine[Any, Any, T], *, patience: float = _PATIENCE) -> T:
    """Await ``work`` to its end, even if the current task is cancelled meanwhile.

    A cancellation is raised after the work has ended. The work itself is cancelled only if it goes
    on for ``patience`` seconds after the cancellation.
    """
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)
    cancellation: asyncio.CancelledError | None = None
    until: float | None = None
    while not task.done():
        left = None if until is None else max(0.0, until - loop.time())
        try:
            await asyncio.wait([task], timeout=left)
        except asyncio.CancelledError as error:
            cancellation = cancellation or error
            until = until or loop.time() + patience
        if until is not None and loop.time() >= until:
            task.cancel()
            until = loop.time() + patience
    if cancellation is None:
        return task.result()
    if not task.cancelled():
        task.exception()  # looked at, so that asyncio does not log it as never retrieved
    raise cancellation
