"""The base of the domain's documents: immutable values that are stored as JSON.

A document is stored in a typed JSON column, and appears in the same shape in requests and
responses. A document is never changed in place: :meth:`Document.replace` makes a validated copy. So
whoever holds the old document keeps it, and the ORM always sees that the column changed.

A test holds that every document comes back equal from JSON::

    type(document).model_validate_json(document.model_dump_json()) == document

No document checks whether a date lies in the future. The operation that records it does, since the
operation knows the clock and the clinic's zone. A document that was stored therefore stays
readable.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final, Self

import pydantic
from pydantic import BaseModel, ConfigDict, StringConstraints
from typing_extensions import Unpack, override

from vetcore.errors import InvalidInput

__all__ = ["STORED", "Document", "Label", "Prose"]

STORED: Final[Mapping[str, bool]] = MappingProxyType({"stored": True})
"""Pydantic's context for what comes from a database: tables of formats change from release to
release, and what was right when it was stored stays readable."""

Label = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\P{Cc}*$")]
"""A name or short text on one line: at most 200 characters, none of them a control character."""

Prose = Annotated[
    str, StringConstraints(min_length=1, max_length=10_000, pattern=r"^[\P{Cc}\t\n\r]*$")
]
"""Free text: at most 10,000 characters; line breaks and tabs are the only control characters.

PostgreSQL cannot keep a NUL in JSONB, and no other control character means anything in a note.
"""


class Document(BaseModel):
    """The base class of the values that are stored as JSON."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        str_strip_whitespace=True,
        allow_inf_nan=False,
        # What a process never validates is never built.
        defer_build=True,
    )

    def __init_subclass__(cls, **options: Unpack[ConfigDict]) -> None:
        super().__init_subclass__(**options)
        # Its parent has forgotten it, as it itself is about to.
        cls.model_config.setdefault("defer_build", True)

    @classmethod
    @override
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        # Whatever wraps it, as FastAPI does, builds it at once.
        cls.model_config.pop("defer_build", None)

    def replace(self, **changes: object) -> Self:
        """Return a copy with ``changes``. The copy is validated, unlike that of ``model_copy``.

        Raises:
            InvalidInput: the changed document breaks a rule, or a name is not a field.
        """
        # What a factory made, such as an id, is a part of the document, not a default to make anew.
        made = {name for name, field in type(self).model_fields.items() if field.default_factory}
        kept = {name: getattr(self, name) for name in self.model_fields_set | made}
        try:
            return self.model_validate(kept | changes)
        except pydantic.ValidationError as error:
            raise InvalidInput.from_pydantic(error) from error
