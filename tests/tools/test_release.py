"""A release is made only where the tag, the version and the changelog agree."""

from pathlib import Path

import pytest
from tools.release import NotReleasable, check

CHANGELOG = """\
# Changelog

## [Unreleased]

## [1.2.0] - 2026-11-23

### Added

- A calendar feed.

## [1.1.0] - 2026-10-01

- Older.
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src" / "vetcore").mkdir(parents=True)
    (tmp_path / "src" / "vetcore" / "_version.py").write_text('"""…"""\n\n__version__ = "1.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    return tmp_path


def test_a_release_has_the_notes_of_its_own_version(root: Path) -> None:
    assert check("v1.2.0", root) == ("1.2.0", "### Added\n\n- A calendar feed.")


@pytest.mark.parametrize("tag", ["v1.2.1", "1.2.0", "v1.2.0rc1"])
def test_a_tag_that_is_not_the_version_is_refused(root: Path, tag: str) -> None:
    with pytest.raises(NotReleasable, match=r"_version\.py says 1\.2\.0"):
        check(tag, root)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("1.2.0", "1.3.0", "newest release in CHANGELOG.md is 1.3.0"),
        ("## [1.2.0] - 2026-11-23", "## [1.2.0] - soon", "newest .* is 1.1.0"),
        ("### Added\n\n- A calendar feed.\n", "", "nothing to say"),
    ],
)
def test_a_changelog_that_does_not_know_the_version_is_refused(
    root: Path, before: str, after: str, says: str
) -> None:
    (root / "CHANGELOG.md").write_text(CHANGELOG.replace(before, after))
    with pytest.raises(NotReleasable, match=says):
        check("v1.2.0", root)
