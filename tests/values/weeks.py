"""Weeks of opening hours, drawn at random."""

from datetime import time

from hypothesis import strategies as st

from vetcore.values.weekly import OpenSpan, WeeklyHours

FIELDS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CLOCK = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 50]))
SPAN = st.builds(OpenSpan, opens=CLOCK, closes=CLOCK)


def apart(spans: list[OpenSpan]) -> tuple[OpenSpan, ...]:
    chosen: list[OpenSpan] = []
    for span in sorted(spans, key=lambda each: each.opens):
        if not chosen or chosen[-1].minutes[1] <= span.minutes[0]:
            chosen.append(span)
    return tuple(chosen)


DAY = st.lists(SPAN, max_size=3).map(apart)
WEEKS = st.builds(WeeklyHours, **dict.fromkeys(FIELDS, DAY))
