"""Hypothesis strategies: entities, Create schemas, opening hours, time zones, instants, scenarios.

The only module of vetcore that needs Hypothesis. ::

    from hypothesis import given
    from vetcore.testing import strategies as vets


    @given(vets.pets(species=Species.CAT))
    def test_a_cat_fits_on_a_card(cat: Pet) -> None: ...

Overrides may be strategies themselves. What is drawn is made by the factories from a drawn seed, so
that examples shrink and are replayed, on any day on which the clock says the same. Two draws may
have one seed, and then what is unique is the same in both: for several in one database draw
:func:`scenarios`, or ``st.lists(vets.pets(), unique_by=lambda pet: pet.id)``.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final, TypeVar, cast

from hypothesis import strategies as st

from vetcore import clock
from vetcore.models import Appointment, Base, Clinic, Pet, User, Veterinarian
from vetcore.schemas.base import Create
from vetcore.testing.factories import (
    MOST_SEEDS,
    make_appointment,
    make_clinic,
    make_create,
    make_pet,
    make_user,
    make_veterinarian,
    seeded,
)
from vetcore.testing.scenario import Scenario
from vetcore.values.animals import Species
from vetcore.values.weekly import OpenSpan, WeeklyHours
from vetcore.values.zones import zone_named, zone_names

__all__ = [
    "appointments",
    "clinics",
    "clock_changes",
    "creates",
    "entities",
    "instants",
    "instants_near_clock_changes",
    "opening_hours",
    "pets",
    "scenarios",
    "seeds",
    "time_zones",
    "users",
    "veterinarians",
    "weekly_hours",
]

EntityT = TypeVar("EntityT", bound=Base)
CreateT = TypeVar("CreateT", bound=Create)

_FIELDS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_REMARKABLE: Final = (
    *("UTC", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Europe/London"),
    # At midnight, by half an hour, at odd offsets, across the date line, in the south.
    *("Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"),
    *("Pacific/Apia", "Pacific/Chatham", "Australia/Melbourne"),
)
_GROUPS: Final = (
    {"license_number", "license_jurisdiction"},
    {"latitude", "longitude"},
    {"died_on", "status"},
    {"estimated_cost", "actual_cost", "currency"},
)
"""Fields that mean something together only."""


def seeds() -> st.SearchStrategy[int]:
    """Draw seeds for :func:`vetcore.testing.seeded`."""
    return st.integers(0, MOST_SEEDS - 1)


def entities(make: Callable[..., EntityT], **overrides: Any) -> st.SearchStrategy[EntityT]:
    """Draw entities in memory as a factory makes them: ``entities(make_room)``."""

    def made(seed: int, given: dict[str, Any]) -> EntityT:
        with seeded(seed):
            return make(**given)

    return st.builds(made, seeds(), _drawn(overrides))


def _drawn(overrides: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({name: _strategy(value) for name, value in overrides.items()})


def _strategy(value: Any) -> st.SearchStrategy[Any]:
    if isinstance(value, st.SearchStrategy):
        # Pyright does not know what it draws, and mypy needs not be told.
        return cast("st.SearchStrategy[Any]", value)  # type: ignore[redundant-cast]
    return st.just(value)


def users(**overrides: Any) -> st.SearchStrategy[User]:
    """Draw people with an account. Half of them lack an address or a telephone number."""
    usual = {"address": None, "phone": None}
    return st.sampled_from([{}, usual]).flatmap(
        lambda cleared: entities(make_user, **cleared | overrides)
    )


def clinics(**overrides: Any) -> st.SearchStrategy[Clinic]:
    """Draw clinics with any opening hours, in any of the :func:`time_zones`."""
    usual = {"opening_hours": opening_hours(), "timezone": time_zones()}
    return entities(make_clinic, **usual | overrides)


def veterinarians(**overrides: Any) -> st.SearchStrategy[Veterinarian]:
    """Draw veterinarians with a valid licence. Some licences do not expire."""
    days = st.integers(0, 1000).map(lambda ahead: clock.now().date() + timedelta(days=ahead))
    usual = {"license_expires_on": st.none() | days}
    return entities(make_veterinarian, **usual | overrides)


def pets(**overrides: Any) -> st.SearchStrategy[Pet]:
    """Draw animals of every species, with any plausible weight and age, known or unknown."""

    def of(species: Species) -> st.SearchStrategy[Pet]:
        likely = species.weight_range
        weights = st.decimals(likely.minimum, likely.maximum, places=4).filter(Decimal(0).__lt__)
        ages = st.integers(0, 9000).map(lambda days: clock.now().date() - timedelta(days=days))
        usual: dict[str, Any] = {
            "species": species,
            "weight_kg": st.none() | weights,
            "born_on": st.none() | ages,
        }
        return entities(make_pet, **usual | overrides | {"species": species})

    return _strategy(overrides.get("species", st.sampled_from(Species))).flatmap(of)


def appointments(**overrides: Any) -> st.SearchStrategy[Appointment]:
    """Draw appointments in the opening hours of a clinic of their own."""
    return entities(make_appointment, **overrides)


@st.composite
def creates(draw: st.DrawFn, /, schema: type[CreateT], **overrides: Any) -> CreateT:
    """Draw Create schemas, with all fields or with some of the optional ones left out."""
    with seeded(draw(seeds())):
        whole = make_create(schema, **draw(_drawn(overrides)))
    optional = sorted(
        name
        for name, field in schema.model_fields.items()
        if not field.is_required() and name not in overrides and name in whole.model_fields_set
    )
    dropped: set[str] = set()
    if optional:
        dropped = draw(st.sets(st.sampled_from(optional)))
    for group in _GROUPS:
        if not dropped.isdisjoint(group):
            dropped |= group - set(overrides)
    return schema(
        **{name: getattr(whole, name) for name in whole.model_fields_set if name not in dropped}
    )


def _clock(step: int) -> st.SearchStrategy[time]:
    return st.integers(0, 1440 // step - 1).map(
        lambda number: time(number * step // 60, number * step % 60)
    )


def _apart(spans: Sequence[OpenSpan]) -> tuple[OpenSpan, ...]:
    chosen: list[OpenSpan] = []
    for span in sorted(spans, key=lambda each: each.opens):
        if not chosen or chosen[-1].minutes[1] <= span.minutes[0]:
            chosen.append(span)
    return tuple(chosen)


def weekly_hours(*, step_minutes: int = 5) -> st.SearchStrategy[WeeklyHours]:
    """Draw weeks of hours: with breaks, nights, holidays, always open or always closed.

    Args:
        step_minutes: the distance of the times on the clock; it divides 60.
    """
    wall = _clock(step_minutes)
    spans = st.builds(OpenSpan, opens=wall, closes=wall)
    day = st.lists(spans, max_size=3).map(_apart)
    alike = day.map(lambda hours: dict.fromkeys(_FIELDS, hours))
    different = st.fixed_dictionaries(dict.fromkeys(_FIELDS, day))
    return st.builds(_week, alike | different, st.none() | day)


def _week(
    days: dict[str, tuple[OpenSpan, ...]], holidays: tuple[OpenSpan, ...] | None
) -> WeeklyHours:
    return WeeklyHours(**days, public_holidays=holidays)


@st.composite
def _seasonal(draw: st.DrawFn) -> str:
    """Long days in summer, short ones in winter, as OpenStreetMap writes it."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    first = draw(st.integers(1, 9))
    last = draw(st.integers(first, 10))
    opens = draw(st.integers(5, 10))
    summer = f"{months[first]}-{months[last]} Mo-Sa {opens:02d}:00-{draw(st.integers(16, 22))}:00"
    winter = f"{months[last + 1]}-{months[first - 1]} Mo-Fr {opens:02d}:30-16:00"
    return f"{summer}; {winter}{draw(st.sampled_from(['', '; PH off']))}"


def opening_hours() -> st.SearchStrategy[str]:
    """Draw opening hours in OpenStreetMap's syntax, of every kind that a clinic may have.

    They are plain weeks, breaks, nights, seasons, public holidays, around the clock, and never.
    """
    usual = st.sampled_from(
        ("Mo-Fr 08:00-18:00", "24/7", "Mo-Fr 08:00-12:00,13:00-18:00; Sa 09:00-13:00; PH off")
    )
    weeks = weekly_hours().map(lambda week: week.text)
    return usual | weeks | _seasonal()


def time_zones() -> st.SearchStrategy[str]:
    """Draw names of time zones: often unusual ones, at times any of the IANA database."""
    every = sorted(zone_names() - {"Factory"})
    return st.sampled_from(_REMARKABLE) | st.sampled_from(every)


@cache
def clock_changes(zone: str, year: int) -> tuple[datetime, ...]:
    """Return the instants of that year, in UTC, at which the clocks of the zone change."""
    place = zone_named(zone)
    start = datetime(year, 1, 1, tzinfo=UTC)
    found: list[datetime] = []
    for number in range((date(year + 1, 1, 1) - date(year, 1, 1)).days):
        before = start + timedelta(days=number)
        after = before + timedelta(days=1)
        if before.astimezone(place).utcoffset() == after.astimezone(place).utcoffset():
            continue
        while after - before > timedelta(seconds=1):
            middle = before + (after - before) // 2
            same = middle.astimezone(place).utcoffset() == before.astimezone(place).utcoffset()
            before, after = (middle, after) if same else (before, middle)
        found.append(after.replace(microsecond=0))
    return tuple(found)


def instants(*, years: tuple[int, int] = (2000, 2040)) -> st.SearchStrategy[datetime]:
    """Draw instants in UTC, to the millisecond, from the first to the last year, both included."""
    first, last = years
    start = datetime(first, 1, 1, tzinfo=UTC)
    seconds = int((datetime(last + 1, 1, 1, tzinfo=UTC) - start).total_seconds())
    return st.integers(0, seconds * 1000 - 1).map(
        lambda passed: start + timedelta(milliseconds=passed)
    )


@st.composite
def instants_near_clock_changes(
    draw: st.DrawFn, zone: str | None = None, *, years: tuple[int, int] = (2000, 2037)
) -> datetime:
    """Draw instants in UTC, in whole minutes, within a day and a half of a clock change.

    Args:
        draw: given by Hypothesis.
        zone: whose clocks; None for any of the :func:`time_zones`. Where a zone does not change its
            clocks in the year that is drawn, the instant is near that year's beginning.
        years: the first and the last.
    """
    name = zone or draw(time_zones())
    year = draw(st.integers(*years))
    changes = clock_changes(name, year) or (datetime(year, 1, 1, tzinfo=UTC),)
    near = draw(st.sampled_from(changes))
    return near + timedelta(minutes=draw(st.integers(-2160, 2160)))


@st.composite
def scenarios(draw: st.DrawFn, /, **overrides: Any) -> Scenario:
    """Draw descriptions of worlds with a clinic. ``await scenario.create(session)`` makes one.

    Args:
        draw: given by Hypothesis.
        overrides: of the clinic, as for :meth:`vetcore.testing.Scenario.clinic`; the values may be
            strategies.
    """
    usual = {
        "veterinarians": st.integers(0, 3),
        "rooms": st.integers(0, 3),
        "timezone": time_zones(),
        "opening_hours": opening_hours(),
    }
    scenario = Scenario(draw(seeds())).clinic(**draw(_drawn(usual | overrides)))
    return scenario.owners(draw(st.integers(0, 3)), pets=draw(st.integers(0, 2)))
