"""The worlds from which the search begins: four people, at most three pets, two clinics.

Each begins with people who work at clinics and have agreed to it, and goes on by acts that are played
before the search, so that what was agreed is known.
"""

from collections.abc import Sequence
from typing import Final

import trials.rights.visits  # noqa: F401  # pyright: ignore[reportUnusedImport] -- it has acts
from trials.rights.acts import Act
from trials.rights.agreed import NOTHING_AGREED, Agreed, agreed_by
from trials.rights.offers import VALID
from trials.rights.world import NEVER, NOBODY, Account, Job, World
from vetcore.values.people import Role

__all__ = ["LONG", "PRELUDES", "STARTS", "beginning", "played"]

ANN, BEN, CLEO, DAN = range(4)
HERE, THERE = range(2)
FIRST: Final = 0


def beginning(jobs: Sequence[Job], *, without: int = NOBODY) -> tuple[World, Agreed]:
    """A world in which people work at clinics, and nothing has happened yet."""
    accounts = tuple(
        Account(exists=person != without, claimed=person != without) for person in range(4)
    )
    work = frozenset((job.person, job.clinic, job.first, job.last) for job in jobs)
    return World(FIRST, accounts, jobs=tuple(jobs)), NOTHING_AGREED._replace(work=work)


def played(world: World, agreed: Agreed, steps: Sequence[Act]) -> tuple[World, Agreed]:
    """What becomes of a world by acts that are done; one that is refused is a mistake here."""
    for step in steps:
        after = step.on(world)
        if after is None:
            message = f"{step} is refused in {world}"
            raise AssertionError(message)
        agreed = agreed_by(agreed, step, world, after)
        world = after
    return world, agreed


_MANAGERS: Final = (
    Job(BEN, HERE, Role.CLINIC_MANAGER, FIRST),
    Job(CLEO, THERE, Role.CLINIC_MANAGER, FIRST),
)
_DESK: Final = (
    Job(BEN, HERE, Role.CLINIC_MANAGER, FIRST),
    Job(CLEO, HERE, Role.RECEPTIONIST, FIRST),
    Job(CLEO, THERE, Role.RECEPTIONIST, FIRST + 3),
)
_BOTH: Final = (
    Job(BEN, HERE, Role.CLINIC_MANAGER, FIRST),
    Job(BEN, THERE, Role.CLINIC_MANAGER, FIRST),
    Job(DAN, HERE, Role.VETERINARY_TECHNICIAN, FIRST, FIRST + 5),
)
_OWN_PET: Final = Act("create_pet", ANN, (NOBODY, NOBODY))
_ENTERED: Final = Act("create_pet", BEN, (NOBODY, HERE))

PRELUDES: Final = (
    # Somebody who has agreed to nothing, and a pet that the clinic has entered.
    (_MANAGERS, NOBODY, (_OWN_PET, _ENTERED)),
    # A colleague for a few days, for whom a pet was entered.
    (_BOTH, NOBODY, (_OWN_PET, Act("create_pet", BEN, (DAN, HERE)), _ENTERED)),
    # An account that the desk has opened, with a pet.
    (
        _DESK,
        DAN,
        (_OWN_PET, Act("create_user", CLEO, (DAN,)), Act("create_pet", CLEO, (DAN, HERE))),
    ),
    # A visit that an owner has booked, beside a pet that the clinic has entered.
    (_MANAGERS, NOBODY, (_OWN_PET, Act("book", ANN, (0, HERE)), _ENTERED)),
    # A wish for a slot of somebody who has gone to another clinic.
    (
        _MANAGERS,
        NOBODY,
        (
            _OWN_PET,
            Act("register_patient", ANN, (0, HERE)),
            Act("join_waitlist", ANN, (0, HERE)),
            Act("register_patient", ANN, (0, THERE)),
        ),
    ),
    # A pet that is shared, and is offered to others.
    (
        _MANAGERS,
        NOBODY,
        (
            _OWN_PET,
            Act("share_pet", ANN, (0, DAN)),
            Act("accept_invitation", DAN, (0, NOBODY, True)),
            Act("register_patient", DAN, (0, HERE)),
            Act("transfer_pet", ANN, (0, CLEO, True)),
        ),
    ),
    # A pet that two clinics have entered, and an invitation of one of them.
    (
        _BOTH,
        NOBODY,
        (
            _ENTERED,
            Act("create_pet", BEN, (NOBODY, THERE)),
            Act("merge_pets", BEN, (0, 1)),
            Act("invite_patient", BEN, (HERE, ANN, 0)),
        ),
    ),
    # A visit that took place, once.
    (
        _MANAGERS,
        NOBODY,
        (
            _OWN_PET,
            Act("book", ANN, (0, HERE)),
            Act("take_place", BEN, (0,)),
            Act("create_pet", DAN, (NOBODY, HERE)),
        ),
    ),
    # Invitations to work, from a manager who leaves.
    (
        _DESK,
        NOBODY,
        (
            _OWN_PET,
            Act("invite_colleague", BEN, (HERE, ANN, (Role.RECEPTIONIST, FIRST, FIRST + 5))),
            Act("accept_invitation", ANN, (0, NOBODY, True)),
            Act("invite_colleague", BEN, (HERE, DAN, (Role.CLINIC_MANAGER, FIRST, NEVER))),
        ),
    ),
)


STARTS: Final = tuple(
    played(*beginning(jobs, without=without), steps) for jobs, without, steps in PRELUDES
)
"""Each world from which the search begins, with what was agreed by then."""

LONG: Final = max(VALID, 800)
"""So many days that every retention is over."""
