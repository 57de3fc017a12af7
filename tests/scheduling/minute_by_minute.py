"""Generated practices, and a slow reading of the scheduling rules: minute by minute, by wall clock.

Nothing here calls the code under test. A :class:`Case` is written in plain numbers: minutes of a
local day for hours, minutes since the case's first for everything else. The reading asks of each
minute of some days what the wall clock shows, keeps sets of minutes as the bits of a whole number,
and looks at every minute that an appointment would touch.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

DAY = 24 * 60
BEFORE, AFTER = 4, 5
"""Days that a case knows before and after its special day."""
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")

SPECIAL_DAYS = [
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Europe/London", date(2026, 3, 29)),
    ("Europe/London", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Asia/Kathmandu", date(2026, 5, 1)),
    ("America/St_Johns", date(2026, 3, 8)),
    ("America/St_Johns", date(2026, 11, 1)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("UTC", date(2026, 3, 8)),
]
"""Days on which the clocks change, at midnight in one case, and a day that never was."""

Hours = tuple[tuple[int, int], ...]
"""Minutes of the local day at which a span opens and closes; above 1440 is the next day."""
Week = tuple[Hours, ...]


def text_of(hours: Hours) -> str:
    """The hours in OpenStreetMap's syntax."""
    return ",".join(
        f"{opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}"
        for opens, closes in hours
    )


def week_text(week: Week) -> str:
    """The week in OpenStreetMap's syntax."""
    rules = [f"{day} {text_of(hours)}" for day, hours in zip(DAYS, week, strict=True) if hours]
    return "; ".join(rules) or "off"


@dataclass(frozen=True)
class Taken:
    """An appointment that is there already, from and until with its buffers."""

    begin: int
    end: int
    vet: int
    pet: int
    room: int | None
    status: str
    expired: bool = False
    elsewhere: bool = False

    @property
    def kept_by_the_database(self) -> bool:
        return self.status not in {"cancelled", "no_show", "expired"}

    @property
    def counts(self) -> bool:
        return self.kept_by_the_database and not self.expired


@dataclass(frozen=True)
class Post:
    """From and until days of the case, and hours; without hours, whenever the clinic is open."""

    first: int
    last: int | None
    week: Week | None


@dataclass(frozen=True)
class Vet:
    """A veterinarian of a case."""

    posts: tuple[Post, ...]
    time_off: tuple[tuple[int, int], ...]
    treats_the_species: bool
    licensed: bool
    licensed_until: int | None
    """The last day of the case on which the licence is good."""


@dataclass(frozen=True)
class Case:
    """A practice, and the slots that are asked for."""

    seed: int
    zone: str
    special: date
    week: Week
    closures: tuple[tuple[int, int, Hours | None], ...]
    """First and last day of the case, and hours; None for closed."""
    vets: tuple[Vet, ...]
    rooms: int
    """The rooms of the kind that the service needs."""
    needs_room: bool
    taken: tuple[Taken, ...]
    duration: int
    before: int
    after: int
    step: int
    notice: int
    horizon: int
    now: int
    start: int
    end: int

    @property
    def origin(self) -> datetime:
        """The case's first minute."""
        return datetime.combine(self.special, time(), UTC) - timedelta(days=BEFORE)

    def at(self, minute: int) -> datetime:
        """A minute of the case as an instant."""
        return self.origin + timedelta(minutes=minute)

    def day(self, number: int) -> date:
        """A day of the case; 0 is the special one."""
        return self.special + timedelta(days=number)


# The reading ------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _clock(zone: str, special: date) -> tuple[list[date], list[datetime]]:
    """For each minute the day that the wall shows, and the furthest that it has come till then."""
    start = datetime.combine(special, time(), UTC) - timedelta(days=BEFORE)
    there = ZoneInfo(zone)
    shown = [
        (start + timedelta(minutes=number)).astimezone(there).replace(tzinfo=None)
        for number in range((BEFORE + AFTER) * DAY)
    ]
    return [moment.date() for moment in shown], list(accumulate(shown, max))


def _comes(case: Case, day: int, minute: int) -> int:
    """The first minute at which the clock shows that wall time, or has jumped over it."""
    wall = datetime.combine(case.day(day), time()) + timedelta(minutes=minute)
    return bisect_left(_clock(case.zone, case.special)[1], wall)


def _mask(begin: int, end: int) -> int:
    begin = max(begin, 0)
    return ((1 << (end - begin)) - 1) << begin if begin < end else 0


def _clinic_hours(case: Case, day: int) -> Hours:
    found = [hours for first, last, hours in case.closures if first <= day <= last]
    if None in found:
        return ()
    return found[0] or () if found else case.week[case.day(day).weekday()]


def _joined(hours: Hours) -> Hours:
    """Spans of one day that touch are one opening."""
    joined: list[tuple[int, int]] = []
    for opens, closes in hours:
        if joined and joined[-1][1] == opens:
            joined[-1] = (joined[-1][0], closes)
        else:
            joined.append((opens, closes))
    return tuple(joined)


def _openings(case: Case) -> list[tuple[int, int]]:
    return [
        (_comes(case, day, opens), _comes(case, day, closes))
        for day in range(-3, 4)
        for opens, closes in _joined(_clinic_hours(case, day))
    ]


def _union(spans: list[tuple[int, int]]) -> int:
    found = 0
    for begin, end in spans:
        found |= _mask(begin, end)
    return found


def _on_duty(case: Case, vet: Vet) -> int:
    open_ = _union(_openings(case))
    working = 0
    for post in vet.posts:
        for day in range(-3, 4):
            if post.first <= day and (post.last is None or day <= post.last):
                week = post.week
                hours = _clinic_hours(case, day) if week is None else week[case.day(day).weekday()]
                working |= _union(
                    [
                        (_comes(case, day, opens), _comes(case, day, closes))
                        for opens, closes in hours
                    ]
                )
    return working & open_ & ~_union(list(vet.time_off))


def expected(case: Case) -> set[tuple[int, int]]:
    """Every start, as minute and veterinarian, that the rules allow."""
    days = _clock(case.zone, case.special)[0]
    openings = _openings(case)
    length = (1 << case.duration) - 1
    whole = (1 << (case.before + case.duration + case.after)) - 1
    counting = [each for each in case.taken if each.counts]
    rooms = [
        _union([(each.begin, each.end) for each in counting if each.room == room])
        for room in range(case.rooms)
    ]
    pet = _union([(each.begin, each.end) for each in counting if each.pet == 0])
    found: set[tuple[int, int]] = set()
    for number, vet in enumerate(case.vets):
        if not (vet.treats_the_species and vet.licensed):
            continue
        on_duty = _on_duty(case, vet)
        busy = pet | _union([(each.begin, each.end) for each in counting if each.vet == number])
        for minute in range(case.start, case.end):
            if minute < case.now + case.notice or minute > case.now + case.horizon * DAY:
                continue
            if not any(
                opens <= minute < closes and (minute - opens) % case.step == 0
                for opens, closes in openings
            ):
                continue
            if (on_duty >> minute) & length != length:
                continue
            begin = minute - case.before
            if (busy >> begin) & whole:
                continue
            if case.needs_room and all((room >> begin) & whole for room in rooms):
                continue
            until = vet.licensed_until
            if until is not None and days[minute] > case.day(until):
                continue
            found.add((minute, number))
    return found


# The generator ----------------------------------------------------------------------------------


def _hours(random: Random) -> Hours:
    shape = random.choice(("day", "day", "breaks", "night", "whole", "whole", "gap", "closed"))
    if shape == "whole":
        return ((0, DAY),)
    if shape == "closed":
        return ()
    if shape == "gap":  # where clocks change: short spans in the small hours
        opens = 5 * random.randrange(0, 36)
        return ((opens, opens + 5 * random.randrange(1, 30)),)
    opens = 5 * random.randrange(5 * 12, 12 * 12)
    closes = opens + 5 * random.randrange(6, 10 * 12)
    if shape == "night":
        opens = 5 * random.randrange(17 * 12, 24 * 12)
        return ((opens, max(DAY + 5 * random.randrange(1, 10 * 12), opens + 5)),)
    if shape == "breaks":
        back = closes + 5 * random.randrange(0, 12)
        last = min(back + 5 * random.randrange(6, 48), DAY)
        return ((opens, closes), (back, last)) if back < last else ((opens, closes),)
    return ((opens, closes),)


def _week(random: Random) -> Week:
    if random.random() < 0.2:
        return (((0, DAY),),) * 7
    if random.random() < 0.3:
        return (_hours(random),) * 7
    return tuple(_hours(random) for _ in range(7))


def _posts(random: Random) -> tuple[Post, ...]:
    week = _week(random) if random.random() < 0.5 else None
    if random.random() < 0.8:
        return (Post(-400, None, week),)
    border = random.randrange(-1, 2)
    second = Post(border + 1, None, _week(random) if random.random() < 0.5 else None)
    return random.choice(
        [(Post(-400, border, week),), (Post(-400, border, week), second), (second,)]
    )


def _vet(random: Random) -> Vet:
    middle = BEFORE * DAY
    time_off = tuple(
        (begin, begin + random.randrange(1, DAY))
        for begin in (
            middle + random.randrange(-DAY, 2 * DAY) for _ in range(random.choice((0, 0, 1, 2)))
        )
    )
    return Vet(
        posts=_posts(random),
        time_off=time_off,
        treats_the_species=random.random() < 0.9,
        licensed=random.random() < 0.95,
        licensed_until=random.choice((None, None, None, None, 0, 1)),
    )


_STATUSES = (
    *("scheduled", "confirmed", "checked_in", "in_progress", "completed", "held") * 2,
    *("cancelled", "no_show", "expired"),
)


def _taken(random: Random, vets: int, rooms: int) -> tuple[Taken, ...]:
    """Appointments that a database would have let in, one after the other."""
    kept: list[Taken] = []
    for _ in range(random.choice((0, 4, 12, 25))):
        begin = (BEFORE - 1) * DAY + 5 * random.randrange(0, 3 * DAY // 5)
        status = random.choice(_STATUSES)
        new = Taken(
            begin=begin,
            end=begin + 5 * random.randrange(1, 30),
            vet=random.randrange(vets),
            pet=random.choice((0, 1, 2, 3)),
            room=random.choice((None, *range(rooms))) if rooms else None,
            status=status,
            expired=status == "held" and random.random() < 0.5,
            elsewhere=random.random() < 0.3,
        )
        if new.elsewhere and new.room is not None:
            continue
        collides = new.kept_by_the_database and any(
            other.kept_by_the_database
            and other.begin < new.end
            and new.begin < other.end
            and (
                other.vet == new.vet
                or other.pet == new.pet
                or (new.room is not None and other.room == new.room)
            )
            for other in kept
        )
        if not collides:
            kept.append(new)
    return tuple(kept)


def case(seed: int) -> Case:
    """The practice of that number: always the same."""
    random = Random(seed)
    zone, special = SPECIAL_DAYS[seed % len(SPECIAL_DAYS)]
    middle = BEFORE * DAY
    vets = tuple(_vet(random) for _ in range(random.choice((1, 2, 2, 3))))
    rooms = random.choice((0, 1, 2))
    start = middle + random.randrange(-DAY, DAY)
    closures = tuple(
        (first, first + random.choice((0, 0, 1)), random.choice((None, _hours(random))))
        for first in random.sample(range(-3, 4, 2), random.choice((0, 0, 1, 2)))
    )
    return Case(
        seed=seed,
        zone=zone,
        special=special,
        week=_week(random),
        # An exception needs hours: "no hours" would be a closure.
        closures=tuple((first, last, hours or None) for first, last, hours in closures),
        vets=vets,
        rooms=rooms,
        needs_room=rooms > 0 and random.random() < 0.7,
        taken=_taken(random, len(vets), rooms),
        duration=random.choice((5, 15, 20, 30, 30, 45, 60, 240)),
        before=random.choice((0, 0, 5, 15)),
        after=random.choice((0, 0, 10, 30)),
        step=random.choice((5, 10, 15, 20, 30, 60)),
        notice=random.choice((0, 0, 60, 7, 600)),
        horizon=random.choice((1, 2, 180, 180, 180)),
        now=start + random.choice((-DAY, -DAY, -300, 0, 77)),
        start=start,
        end=start + random.choice((1, 120, DAY, 30 * 60, 40 * 60)),
    )
