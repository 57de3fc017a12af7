"""The schema's history: Alembic's environment and versions, shipped in the package.

Revisions take ``op`` from here. Alembic's own is one for the whole process, so that of two databases
that are migrated at once each would send its statements to the other's connection.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from alembic.operations import Operations

__all__ = ["op", "operations_on"]

_current: ContextVar[Operations] = ContextVar("vetcore_operations")


class _Current:
    """The operations of the migration that this task, or thread, is running."""

    def __getattr__(self, name: str) -> Any:
        operations = _current.get(None)
        if operations is None:
            message = f"op.{name} is there only while a migration runs"
            raise AttributeError(message)
        return getattr(operations, name)


op = cast("Operations", _Current())


@contextmanager
def operations_on(operations: Operations) -> Generator[None]:
    """Let ``op`` mean these operations within this task or thread."""
    token = _current.set(operations)
    try:
        yield
    finally:
        _current.reset(token)
