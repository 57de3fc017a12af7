"""What a verification of signed records tells: what was looked at, and what is not as it was signed."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from vetcore.errors import InvalidValue

__all__ = ["ChainHead", "Fault", "Finding", "Verification"]


class Fault(StrEnum):
    """What is wrong with a record, an addendum or a chain."""

    CHANGED = "changed"
    """It is not what was signed."""
    REMOVED = "removed"
    """It was signed, and is gone, or no longer signed."""
    SLIPPED_IN = "slipped_in"
    """It is signed, and stands in no chain."""
    BROKEN = "broken"
    """The chain was changed, cut, or put into another order."""
    CUT_OFF = "cut_off"
    """A head that was kept elsewhere is not in the chain."""
    UNKNOWN_KEY = "unknown_key"
    """The key that signed is not among those at hand."""
    UNVOUCHED = "unvouched"
    """It is of the time before there were keys, and no seal by a key follows it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was signed."""

    fault: Fault
    clinic_id: UUID
    text: str
    number: int | None = None
    """The place in the clinic's chain."""
    record_id: UUID | None = None
    addendum: int | None = None


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last seal of a clinic: keep it elsewhere, and a chain that was cut off shows."""

    clinic_id: UUID
    number: int
    signature: str

    def __str__(self) -> str:
        return f"{self.clinic_id}:{self.number}:{self.signature}"

    @classmethod
    def parse(cls, text: str) -> "ChainHead":
        """Return the head that ``str()`` has written.

        Raises:
            InvalidValue: it is none.
        """
        parts = text.strip().split(":")
        try:
            clinic_id, number, signature = parts
            return cls(UUID(clinic_id), int(number), signature)
        except ValueError:
            raise InvalidValue(
                field="head", rule="is none", expected="CLINIC:NUMBER:SIGNATURE", value=text[:80]
            ) from None


@dataclass(slots=True)
class Verification:
    """What was looked at, and what was found."""

    records: int = 0
    """Signed records that were checked."""
    addenda: int = 0
    """Addenda that were checked."""
    seals: int = 0
    """Links of chains that were checked."""
    before_keys: int = 0
    """How many of the records were signed before there were keys."""
    heads: list[ChainHead] = field(default_factory=list[ChainHead])
    findings: list[Finding] = field(default_factory=list[Finding])

    @property
    def is_intact(self) -> bool:
        """Whether everything is as it was signed."""
        return not self.findings
