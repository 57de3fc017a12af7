"""How the time that a function takes grows with its input."""

import time
from collections.abc import Callable, Iterator
from typing import Final

UNITS: Final = (
    *(" ", "\t", "\n", "\u00a0", "\u2003", "a", "Z", "1", "0", "9", "é", "٣", "_", "-", ".", ","),
    *(";", ":", "/", "\\", '"', "'", "(", ")", "[", "{", "<", ">", "&", "#", "@", "%40", "="),
    *(
        "1 ",
        "1,",
        "1-",
        "1.",
        "a ",
        "a.",
        "a-",
        "a'",
        "a@",
        'a"',
        "aA",
        "a, ",
        "A1",
        "- ",
        " ,",
        "& ",
    ),
    *("eyJ", "eyJ.", "x://", "x://:", "://u:", "Key (", ")=(", "[parameters: ", "row contains ("),
    *("token=", 'token="', 'token=\\"', "token=[", "Cookie: a", "authorization: x ", "--token "),
    *("input_value=", "-----BEGIN ", "v1,", "sk_live_", "00", "+1", "0 ", "12:00-13:00,", "Mo "),
    *("Mo-Su 10:00-12:00; ", "PH off; ", "|| ", "<p>", "</p", "<br ", "&amp", "&#", "<!--", "NO. "),
    *(
        "1h",
        "2020-01-01 ",
        "4 ",
        "DE00",
        "((",
        "\\u0040",
        "%22",
        "\u202e",
        "=\n",
        "(a)=(\n",
        '{"a":',
    ),
    *("geo:", "°", "1° ", "'' ", "N ", "-a", "mix ", " x ", " / ", "or ", "\r", "$", "~"),
)
"""What hostile texts consist of: the same, over and over."""

FRAMES: Final = (("", "!"), ("1", "!"), ("/x://", ""))
"""What stands before and after it."""

BEGINNINGS: Final = (
    *(
        "<br",
        "</p",
        "<a",
        "token=",
        "token",
        'token="',
        "authorization:",
        "authorization: a",
        "bearer",
    ),
    *(
        "cookie:",
        "eyJa",
        "eyJa.b",
        "NO.",
        "N",
        "Mo",
        "Mo-Fr 10:00",
        "(",
        "(1",
        "a,",
        "http://",
        "0",
        "+1",
    ),
    *(
        "a'",
        '"',
        "x://u:",
        "1.",
        "1°",
        "-----BEGIN",
        "-----BEGIN A",
        "-----BEGIN PRIVATE KEY-----",
        "&",
    ),
    *(
        "&a",
        "&#",
        "&#x",
        "mix",
        "tan and",
        "--token",
        "<token",
        "%",
        "Key (a)=(",
        "DE89",
        "4111 1111",
    ),
)
"""What stands before a run of one character, where a pattern waits for the run to end."""
RUNS: Final = (" ", "a", "1", ".", "-")

_LENGTHS: Final = (24, 96, 384, 1536)
_LINEAR: Final = 9.0
"""Of a text four times as long: linear time is 4 times, quadratic 16 times as much."""
_AT_ONCE: Final = 150.0
"""Beyond any threshold that a length may pass."""
_RESOLUTION: Final = 400_000
"""In nanoseconds: what takes less is not compared, since chance is a part of it."""


def _kinds() -> Iterator[tuple[str, str, str]]:
    for unit in UNITS:
        for before, after in FRAMES:
            yield before, unit, after
    for before in BEGINNINGS:
        for unit in RUNS:
            yield before, unit, "!"


KINDS: Final = tuple(_kinds())


def superlinear(run: Callable[[str], object]) -> list[str]:
    """The kinds of text on which ``run`` takes more than linear time, which is none."""
    return [
        f"{before!r} {unit!r}… {after!r}"
        for before, unit, after in KINDS
        if _grows(run, before, unit, after)
    ]


def _grows(run: Callable[[str], object], before: str, unit: str, after: str) -> bool:
    def taken(length: int, repeats: int = 1) -> int:
        return _least(run, before + unit * (length // len(unit)) + after, repeats)

    shorter, steep = 0, 0
    for length in _LENGTHS:
        longer = taken(length)
        ratio = longer / shorter if shorter and longer > _RESOLUTION else 0
        if ratio > _LINEAR:  # it may have been the machine: look again, more than once
            longer = taken(length, 5)
            ratio = longer / taken(length // 4, 5)
        # A single step may be a threshold: of two in a row, one may not.
        steep = steep + 1 if ratio > _LINEAR else 0
        if steep > 1 or ratio > _AT_ONCE or (steep and length == _LENGTHS[-1]):
            return True
        shorter = longer
    return False


def _least(run: Callable[[str], object], text: str, repeats: int) -> int:
    """CPU time of this thread in nanoseconds: other programs do not count."""
    taken: list[int] = []
    for _ in range(repeats):
        started = time.thread_time_ns()
        run(text)
        taken.append(time.thread_time_ns() - started)
    return max(1, min(taken))
