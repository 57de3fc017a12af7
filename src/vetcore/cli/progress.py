"""Shows what is being done, and that it is done."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.text import Text

from vetcore.cli.context import Terminal
from vetcore.cli.voice import lines

__all__ = ["Step", "step"]


@dataclass(slots=True)
class Step:
    """A step of long work."""

    done: str
    """What is said at its end; the step may put figures into it."""


@contextmanager
def step(terminal: Terminal, doing: str) -> Generator[Step]:
    """Show what is being done: a spinner on a terminal, and a line when it is done."""
    result = Step(done=doing)
    if terminal.quiet or terminal.as_json:
        yield result
        return
    started = time.perf_counter()
    console = terminal.err
    if console.is_terminal:
        with console.status(f"{doing} …"):
            yield result
    else:
        yield result
    seconds = time.perf_counter() - started
    line = Text.assemble(("✓ ", "bold green"), result.done, (f"  {seconds:.1f} s", "dim"))
    for part in lines(line, console, hang=2):
        console.print(part, soft_wrap=True)
