"""What a benchmark says: two measurements of one run, their ratio, and the bar it must clear."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from rich.console import Console
from rich.table import Table

__all__ = ["Comparison", "show", "timed"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Ours against a named reference, both measured in this run."""

    subject: str
    ours: float
    reference: float
    unit: str
    reference_name: str
    at_most: float | None = None
    """The bar for ours / reference, where less is better."""
    at_least: float | None = None
    """The bar for ours / reference, where more is better."""

    @property
    def ratio(self) -> float:
        return self.ours / self.reference

    @property
    def holds(self) -> bool:
        below = self.at_most is None or self.ratio <= self.at_most
        above = self.at_least is None or self.ratio >= self.at_least
        return below and above

    @property
    def bar(self) -> str:
        if self.at_most is not None:
            return f"≤ {self.at_most:g}"
        return f"≥ {self.at_least:g}" if self.at_least is not None else ""


def show(
    comparisons: list[Comparison], *, title: str = "Ours against the reference, in one run"
) -> bool:
    """Print the table; True if every bar is cleared."""
    table = Table(title=title)
    for heading in ("what", "ours", "reference", "unit", "against", "ratio", "bar", ""):
        numeric = heading in {"ours", "reference", "ratio", "bar"}
        table.add_column(heading, justify="right" if numeric else "left")
    for each in comparisons:
        table.add_row(
            each.subject,
            f"{each.ours:,.4g}",
            f"{each.reference:,.4g}",
            each.unit,
            each.reference_name,
            f"{each.ratio:.2f}",
            each.bar,
            "MISSED" if not each.holds else "ok" if each.bar else "",
        )
    Console(width=160).print(table)
    sys.stdout.flush()
    return all(each.holds for each in comparisons)


def timed(work: Callable[[], object], *, rounds: int = 7) -> float:
    """Median seconds of ``work()`` over ``rounds``, after one to warm up."""
    work()
    taken = []
    for _ in range(rounds):
        started = perf_counter()
        work()
        taken.append(perf_counter() - started)
    return median(taken)
