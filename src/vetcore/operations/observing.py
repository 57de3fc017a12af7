"""A span and a count for each operation, where OpenTelemetry's API is installed."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from vetcore.errors import VetcoreError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["instruments", "observed"]


@contextmanager
def observed(name: str) -> Generator[None]:
    """Tell OpenTelemetry of an operation: a span, and one more of its kind with how it ended.

    The counter is ``vetcore.operations``, with ``operation`` and ``outcome``: ``done``, the code of
    the error that refused it, or ``failed``.
    """
    made = instruments()
    if made is None:
        yield
        return
    tracer, counter = made
    outcome = "failed"
    span: AbstractContextManager[Any] = tracer.start_as_current_span(f"vetcore.{name}")
    with span:
        try:
            yield
            outcome = "done"
        except VetcoreError as error:
            outcome = error.code
            raise
        finally:
            counter.add(1, {"operation": name, "outcome": outcome})


@cache
def instruments() -> tuple[Any, Any] | None:
    """OpenTelemetry's tracer and counter of ours; None where its API is not installed."""
    try:
        from opentelemetry import metrics, trace  # noqa: PLC0415 -- an optional neighbour
    except ImportError:
        return None
    counter = metrics.get_meter("vetcore").create_counter(
        "vetcore.operations", description="Operations that were asked for, by how they ended"
    )
    return trace.get_tracer("vetcore"), counter
