"""``python -m trials.rights [DEPTH]``: tries every act of everybody from every start.

It ends with 1 if a right stands that nobody has agreed to.
"""

import sys
import time
from collections.abc import Sequence

from trials.rights.searching import searched
from trials.rights.starts import STARTS

_DEPTH = 3


def main(arguments: Sequence[str]) -> int:
    """Search from each start, and print how many worlds were judged."""
    depth = int(arguments[0]) if arguments else _DEPTH
    states = 0
    began, failed = time.process_time(), False
    for number, start in enumerate(STARTS):
        result = searched(depth, starts=[start])
        states += result.states
        failed = failed or bool(result.found)
        print(f"start {number}: {result.states} worlds, {len(result.found)} self-made", flush=True)
        for found in result.found[:5]:
            print(f"  {found}", flush=True)
    seconds = time.process_time() - began
    print(f"{states} worlds within {depth} acts of {len(STARTS)} starts, {seconds:.0f} s of CPU")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
