"""Run every benchmark, or those named: ``python -m benchmarks [name …]``.

Each table is printed when it is measured. A benchmark that fails is told and takes nothing of the
others with it; the exit code is 1 where one failed or a bar was missed.
"""

import importlib
import pkgutil
import sys
import traceback
from pathlib import Path

from benchmarks.report import Comparison, show


def main(names: list[str]) -> int:
    """Run the modules that offer ``run()``, and say at the end which did not hold."""
    here = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
    if unknown := sorted(set(names) - set(here)):
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(here)}")
        return 2
    missed: list[Comparison] = []
    failed: list[str] = []
    for name in names or here:
        module = importlib.import_module(f"benchmarks.{name}")
        if not hasattr(module, "run"):
            continue
        try:
            comparisons = module.run()
        except Exception:  # noqa: BLE001 -- the others are still to be measured
            traceback.print_exc()
            failed.append(name)
            continue
        show(comparisons, title=name)
        missed += [each for each in comparisons if not each.holds]
    if missed:
        show(missed, title="bars that were missed")
    for name in failed:
        print(f"{name} failed; its error is above")
    return 1 if missed or failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
