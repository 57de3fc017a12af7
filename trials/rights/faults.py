"""Rules as they were, or as somebody might write them who does not think of an attacker."""

from enum import StrEnum, auto, unique

__all__ = ["Fault", "Faults"]


@unique
class Fault(StrEnum):
    """One rule that is broken on purpose."""

    ANY_VISIT_MAKES_A_PATIENT = auto()
    """A visit counts for ever, whoever has booked it."""
    STAFF_BOOK_FOR_ANY_PET = auto()
    """Staff need not see the pet for which they book, and the visit counts until its day is over."""
    MEMBERSHIP_NEEDS_NO_ANSWER = auto()
    """A manager lets somebody work at the clinic without asking them."""
    MEMBERSHIP_GROWS = auto()
    """A manager lets a membership last longer than its holder accepted."""
    FORMER_COLLEAGUES_COUNT = auto()
    """A membership counts after its last day, and before its first."""
    FORMER_MANAGERS_INVITE = auto()
    """A colleague's invitation stands when whoever sent it is no manager any more."""
    EVERY_ENTRY_COUNTS_FOR_THE_OWNER = auto()
    """A pet that the clinic has entered makes its owner a client."""
    ANY_OWNER_IS_NAMED = auto()
    """Whoever enters a pet names whom they like, as somebody whose account they opened."""
    OPENED_ONCE_IS_OPENED_ANYWHERE = auto()
    """Whoever opened an account may name its holder at other clinics, too."""
    TRANSFER_NEEDS_NO_ANSWER = auto()
    """A pet that is given away has another owner at once."""
    SHARE_NEEDS_NO_ANSWER = auto()
    """Whoever is named is a co-owner at once."""
    OLD_OFFERS_STAND = auto()
    """An offer counts when whoever made it has nothing to do with the pet any more."""
    STAFF_GIVE_AWAY_OWNED_PETS = auto()
    """A manager gives a patient to somebody else, whoever owns it."""
    ACCEPTED_ONCE_IS_ACCEPTED_EVERYWHERE = auto()
    """Who accepts one clinic's invitation agrees to every clinic that has entered the pet."""
    END_FORGETS_VISITS = auto()
    """When the owner ends a clinic's care, its visits go on counting."""
    SLOT_OFFERS_COUNT = auto()
    """A slot that the clinic offers from its waitlist counts like one that the owner has booked."""
    CANCELLED_VISITS_COUNT = auto()
    """What the owner has cancelled lets the clinic's own visits count."""
    MISSED_VISITS_COUNT = auto()
    """Staff say of a visit whose day is over that it takes place now."""
    MERGE_KEEPS_ENTRIES = auto()
    """What the clinic entered itself holds for the row with which it is merged."""
    PRIMARY_CLINIC_IS_A_RIGHT = auto()
    """Staff register a pet at a clinic by naming it as the one that cares for the pet."""


Faults = frozenset[Fault]
