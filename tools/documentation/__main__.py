"""``python -m tools.documentation`` writes the pages that are made from the code.

With ``--check`` it writes nothing, and exit code 1 means that a page is not what the code says.
"""

import sys
from pathlib import Path

from tools.documentation.pages import PAGES

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    """Write the pages, or look whether they are current."""
    made = {ROOT / path: make() for path, make in PAGES.items()}
    if "--check" not in sys.argv:
        for path, text in made.items():
            path.write_text(text)
        return 0
    stale = [path for path, text in made.items() if not path.is_file() or path.read_text() != text]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is stale: python -m tools.documentation", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
