"""Nobody makes a right for themselves: every act of everybody is tried, in worlds without a database.

What counts as agreed is said in ``trials.rights.agreed``. The whole search, three acts from every
start, is ``python -m trials.rights``; here it is two acts from every start and three from some.
"""

import random

import pytest
from trials.rights import sequence
from trials.rights.acts import Act
from trials.rights.agreed import self_made
from trials.rights.faults import Fault
from trials.rights.playing import play
from trials.rights.searching import searched
from trials.rights.starts import STARTS, played

from vetcore.database import Database

_AT_ONCE = 40
_SHORT_START = 2
"""The one with the fewest worlds at three acts."""
_ANN, _BEN, _DAN = 0, 1, 3
_NEEDS_THREE = {
    Fault.CANCELLED_VISITS_COUNT: (3, Act("cancel", _ANN, (0,))),
    Fault.FORMER_MANAGERS_INVITE: (8, Act("end_membership", _BEN, (0,))),
    Fault.OLD_OFFERS_STAND: (5, Act("share_pet", _DAN, (0, _BEN))),
}
"""Faults that two acts do not show, and the start from which three do, of which the first is this."""


@pytest.mark.parametrize("start", range(len(STARTS)))
def test_nobody_makes_a_right_with_two_acts(start: int) -> None:
    found = searched(2, starts=[STARTS[start]])
    assert found.states > 1000
    assert found.found == ()


def test_nobody_makes_a_right_with_three_acts() -> None:
    found = searched(3, starts=[STARTS[_SHORT_START]])
    assert found.states > 50_000
    assert found.found == ()


def test_no_start_has_a_right_that_nobody_agreed_to() -> None:
    assert [list(self_made(*start)) for start in STARTS] == [[] for _ in STARTS]


@pytest.mark.parametrize("fault", Fault)
def test_a_rule_that_is_broken_on_purpose_is_found(fault: Fault) -> None:
    if fault in _NEEDS_THREE:
        start, first = _NEEDS_THREE[fault]
        found = searched(2, frozenset({fault}), [played(*STARTS[start], [first])], most=1)
    else:
        found = searched(2, frozenset({fault}), most=1)
    assert found.found


@pytest.mark.parametrize("part", range(2))
async def test_the_operations_do_what_the_rules_say(db: Database, part: int) -> None:
    for number in range(part * _AT_ONCE // 4, (part + 1) * _AT_ONCE // 4):
        await play(db, *sequence(random.Random(f"rights in CI {number}")))
