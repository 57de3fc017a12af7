"""What a release needs to be true: ``python -m tools.release v1.2.3``.

The tag, the package's version and the newest entry of the changelog name the same version. Prints
``version=1.2.3``, or with ``--notes`` what the changelog says of it.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.environment import ROOT

_HEADING = re.compile(
    r"^## \[?(?P<version>[^\]\s]+)\]? - (?P<date>\d{4}-\d{2}-\d{2})$", re.MULTILINE
)


class NotReleasable(Exception):
    """The tag, the version and the changelog do not agree."""


def check(tag: str, root: Path = ROOT) -> tuple[str, str]:
    """The version, and the changelog's text on it.

    Raises:
        NotReleasable: they do not agree; the message says which.
    """
    version = _version(root)
    if tag != f"v{version}":
        raise NotReleasable(f"the tag is {tag}, but src/vetcore/_version.py says {version}")
    changelog = (root / "CHANGELOG.md").read_text()
    headings = list(_HEADING.finditer(changelog))
    if not headings or headings[0]["version"] != version:
        newest = headings[0]["version"] if headings else "nothing"
        raise NotReleasable(f"the newest release in CHANGELOG.md is {newest}, not {version}")
    end = headings[1].start() if len(headings) > 1 else len(changelog)
    notes = changelog[headings[0].end() : end].strip()
    if not notes:
        raise NotReleasable(f"CHANGELOG.md has nothing to say about {version}")
    return version, notes


def _version(root: Path) -> str:
    text = (root / "src" / "vetcore" / "_version.py").read_text()
    found = re.search(r'^__version__\s*(?::[^=]+)?=\s*"([^"]+)"', text, re.MULTILINE)
    if found is None:
        raise NotReleasable("src/vetcore/_version.py has no __version__")
    return found[1]


def main(arguments: Sequence[str]) -> int:
    """Print what was asked for; the exit code says whether a release may be made."""
    parser = argparse.ArgumentParser(prog="python -m tools.release")
    parser.add_argument("tag")
    parser.add_argument("--notes", action="store_true")
    given = parser.parse_args(arguments)
    try:
        version, notes = check(given.tag)
    except (NotReleasable, FileNotFoundError) as trouble:
        print(f"not releasable: {trouble}", file=sys.stderr)
        return 1
    print(notes if given.notes else f"version={version}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
