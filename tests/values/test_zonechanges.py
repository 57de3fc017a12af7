"""Every zone's clocks, rebuilt from the list of their changes."""

import itertools
from bisect import bisect_right
from datetime import UTC, datetime, timedelta

import pytest

from vetcore.values.zonechanges import ZoneChange, zone_changes
from vetcore.values.zones import zone_named, zone_names

FIRST, LAST = 2025, 2029
SECOND = timedelta(seconds=1)


def _offset(changes: tuple[ZoneChange, ...], at: datetime) -> timedelta:
    return changes[bisect_right(changes, at, key=lambda each: each.at) - 1].after


@pytest.mark.parametrize("letter", sorted({name[0] for name in zone_names()}))
def test_the_changes_of_a_zone_are_its_clocks(letter: str) -> None:
    fortnights = [datetime(FIRST, 1, 1, tzinfo=UTC) + timedelta(days=14 * n) for n in range(130)]
    for name in sorted(each for each in zone_names() if each.startswith(letter)):
        changes = zone_changes(name, FIRST, LAST)
        zone = zone_named(name)
        edges = [each.at + by for each in changes for by in (-SECOND, timedelta(), SECOND)]
        for at in (*fortnights, *edges[1:]):
            assert _offset(changes, at) == at.astimezone(zone).utcoffset(), (name, at)
        for before, after in itertools.pairwise(changes):
            assert before.at < after.at
            assert before.after == after.before


def test_clocks_that_the_law_sets_back_are_told_as_set_forward() -> None:
    """Ireland's standard time is that of its summer."""
    names = {each.name: each.is_daylight for each in zone_changes("Europe/Dublin", 2027, 2027)}
    assert names == {"GMT": False, "IST": True}


def test_half_an_hour_is_a_change() -> None:
    first, *changes = zone_changes("Australia/Lord_Howe", 2027, 2027)
    assert first.before == first.after == timedelta(hours=11)
    assert [str(each.onset) for each in changes] == ["2027-04-04 02:00:00", "2027-10-03 02:00:00"]
    assert [each.after - each.before for each in changes] == [
        timedelta(minutes=-30),
        timedelta(minutes=30),
    ]


def test_a_zone_without_changes_has_one_entry() -> None:
    (only,) = zone_changes("Asia/Tokyo", 2026, 2030)
    assert (only.before, only.after, only.name) == (timedelta(hours=9), timedelta(hours=9), "JST")
