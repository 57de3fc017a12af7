"""The steps of an appointment's life, taken by the clinic's staff where it matters who takes them."""

from collections.abc import Awaitable, Callable
from functools import partial
from inspect import signature
from typing import Any

from vetcore.values.capacity import Capacity

__all__ = ["by_staff"]


def by_staff(step: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The step, told that staff take it if it asks in what capacity it is taken."""
    return partial(step, by=Capacity.STAFF) if "by" in signature(step).parameters else step
