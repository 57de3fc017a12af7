"""Run every benchmark, or those named, and print one table: ``python -m benchmarks [name …]``."""

import importlib
import pkgutil
import sys
from pathlib import Path

from benchmarks.report import Comparison, show


def main(names: list[str]) -> bool:
    """Run the modules that offer ``run()``; True if every bar is cleared."""
    here = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
    comparisons: list[Comparison] = []
    for name in here:
        if names and name not in names:
            continue
        module = importlib.import_module(f"benchmarks.{name}")
        if hasattr(module, "run"):
            comparisons.extend(module.run())
    return show(comparisons)


if __name__ == "__main__":
    sys.exit(not main(sys.argv[1:]))
