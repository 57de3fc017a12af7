"""Through which files of the package a piece of work goes."""

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import vetcore

__all__ = ["walked"]

_PACKAGE = Path(vetcore.__file__).parent


def _place(filename: str) -> str | None:
    path = Path(filename)
    return str(path.relative_to(_PACKAGE)) if path.is_relative_to(_PACKAGE) else None


@contextmanager
def walked() -> Generator[set[str]]:
    """Collect the files whose functions run, in every thread that starts meanwhile.

    What a module does as it is imported is left out; import everything first.
    """
    seen: dict[str, None] = {}

    def called(frame: FrameType, happened: str, _: Any) -> None:
        code = frame.f_code
        if happened == "call" and code.co_name != "<module>":
            seen[code.co_filename] = None

    files: set[str] = set()
    before, before_in_threads = sys.getprofile(), threading.getprofile()
    threading.setprofile(called)
    sys.setprofile(called)
    try:
        yield files
    finally:
        sys.setprofile(before)
        threading.setprofile(before_in_threads)  # type: ignore[arg-type]
        files.update(place for each in seen if (place := _place(each)) is not None)
