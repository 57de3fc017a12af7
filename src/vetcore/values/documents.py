"""What the domain's documents share: frozen, exact, and the same again after a trip through JSON.

A document is stored in a typed JSON column and appears as it is in requests and responses. It is
never changed in place: :meth:`Document.replace` makes a validated copy, so that whoever keeps the
old one keeps it, and the ORM always sees that the column changed.

The law that every document keeps, and the tests hold::

    type(document).model_validate_json(document.model_dump_json()) == document

Dates that must not lie in the future are not checked here: which day it is depends on a clock and
a time zone, and what is stored must stay readable. The operations that write check it.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
)

__all__ = ["Document", "Instant", "Label", "Money", "Prose"]


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
"""An instant: any UTC offset comes in, UTC is kept; a naive datetime is refused."""

Label = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\P{Cc}*$")]
"""A name or short text on one line, without control characters."""

Prose = Annotated[
    str, StringConstraints(min_length=1, max_length=10_000, pattern=r"^[\P{Cc}\t\n\r]*$")
]
"""Free text of several lines; line breaks and tabs are the only control characters."""

Money = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=4)]
"""An amount in a currency that a field beside it names; kept exact."""


class Document(BaseModel):
    """The base of the values that are stored as JSON."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        str_strip_whitespace=True,
        allow_inf_nan=False,
    )

    def replace(self, **changes: object) -> Self:
        """A copy with ``changes``, validated as a whole (``model_copy`` does not validate).

        Raises:
            pydantic.ValidationError: the changed document breaks a rule.
        """
        kept = {name: getattr(self, name) for name in self.model_fields_set}
        return self.model_validate(kept | changes)
