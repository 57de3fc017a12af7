"""The newest time-zone data count, wherever they are."""

import copy
import pickle
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import tzdata

from vetcore.errors import InvalidValue
from vetcore.values import zones
from vetcore.values.hours import OpeningHours
from vetcore.values.intervals import instant
from vetcore.values.zones import ZoneData, system_zone, zone_data, zone_named, zone_names


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A system's database without a word of its age, which has nothing but UTC."""
    (tmp_path / "UTC").write_bytes((Path(tzdata.__file__).parent / "zoneinfo/UTC").read_bytes())
    monkeypatch.setattr(zones, "TZPATH", (str(tmp_path),))
    caches = (zone_data, zone_named, zone_names)
    for each in caches:
        each.cache_clear()
    yield tmp_path
    for each in caches:
        each.cache_clear()


@pytest.mark.parametrize(
    ("package", "system", "uses_package"),
    [
        ("2026b", "2026a", True),
        ("2026a", "2026b", False),
        ("2026a", "2025z", True),
        ("2025z", "2026a", False),
        ("2026a", "2026a", True),  # built alike everywhere, unlike the system's
        ("2026a", None, True),
        (None, "2026a", False),
        (None, None, False),
        ("2026z", "2026za", False),  # the 27th release of a year
    ],
)
def test_the_newer_data_count(package: str | None, system: str | None, uses_package: bool) -> None:
    data = ZoneData(package, system)
    assert data.uses_package is uses_package
    assert data.version == (package if uses_package else system)


@pytest.mark.parametrize(
    ("name", "text", "version"),
    [
        ("tzdata.zi", "# version 2019c\n# This zic input file is in the public domain.\n", "2019c"),
        ("tzdata.zi", "# version 2019c-rearguard\n", "2019c"),
        ("+VERSION", "2019c\n", "2019c"),
        ("+VERSION", "", None),
        ("leapseconds", "2019c", None),
    ],
)
def test_the_system_tells_the_age_of_its_data(
    system: Path, name: str, text: str, version: str | None
) -> None:
    (system / name).write_text(text)
    assert zone_data().system == version
    assert zone_data().uses_package


def test_without_a_system_database_the_package_counts(
    system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zones, "TZPATH", ())
    assert zone_data() == ZoneData(tzdata.IANA_VERSION, None)
    assert zone_named("Europe/Berlin").key == "Europe/Berlin"
    assert system_zone("Europe/Berlin") is None


def test_british_columbia_stays_on_daylight_time_whatever_the_system_says(system: Path) -> None:
    """The package has had it since 2026b; a system of 2025 would say 17:00."""
    (system / "tzdata.zi").write_text("# version 2025b\n")
    (system / "America").mkdir()
    old = Path(tzdata.__file__).parent / "zoneinfo/America/Los_Angeles"
    (system / "America/Vancouver").write_bytes(old.read_bytes())
    hours = OpeningHours("Mo-Fr 09:00-17:00", "America/Vancouver")
    (span,) = hours.spans_on(date(2026, 12, 14))
    assert instant(span.start) == datetime(2026, 12, 14, 16, tzinfo=UTC)
    theirs = system_zone("America/Vancouver")
    assert theirs is not None
    assert instant(span.start).astimezone(theirs).hour == 8


def test_a_newer_system_counts(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (system / "tzdata.zi").write_text("# version 2999a\n")
    assert not zone_data().uses_package
    assert type(zone_named("Europe/Berlin")) is ZoneInfo


def test_zones_are_one_by_their_name_and_survive_copies() -> None:
    zone = zone_named("America/Vancouver")
    assert zone_named("America/Vancouver") is zone
    assert zone.key == str(zone) == "America/Vancouver"
    moment = datetime(2026, 12, 14, 9, tzinfo=zone)
    for again in (pickle.loads(pickle.dumps(moment)), copy.deepcopy(moment), copy.copy(moment)):  # noqa: S301
        assert again == moment
        assert again.tzinfo is zone


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../__init__.py", "/etc/localtime", "zones"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(InvalidValue, match="America/New_York"):
        zone_named(name)


def test_the_zone_of_a_host_is_no_zone_of_a_clinic() -> None:
    assert "localtime" not in zone_names()
    assert {"UTC", "Europe/London", "America/Vancouver"} <= zone_names()
    assert all(zone_named(name).key == name for name in sorted(zone_names())[::50])
