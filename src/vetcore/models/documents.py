"""The column type of JSON documents."""

from functools import cache
from typing import Any

import pydantic
from pydantic import TypeAdapter
from sqlalchemy import JSON, Dialect, TypeDecorator
from sqlalchemy.types import TypeEngine
from typing_extensions import override

from vetcore.errors import InvalidInput
from vetcore.models.types import Written
from vetcore.values.documents import STORED

__all__ = ["TypedDocument"]


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


class TypedDocument(TypeDecorator[Any]):
    """The type of a column with JSON documents, which come out as values of ``shape``.

    ``shape`` is anything that Pydantic understands: a frozen model, or a tuple of models or enums.
    A document is validated when it is written.
    """

    impl = JSON
    cache_ok = True

    def __init__(self, shape: Any) -> None:
        super().__init__(none_as_null=True)
        self.shape = shape

    def in_migrations(self) -> Written:
        """Return the type as a revision writes it, and the imports that it needs there."""
        text = 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
        return text, ("from sqlalchemy.dialects import postgresql",)

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import JSONB  # noqa: PLC0415 -- loaded by now

            return dialect.type_descriptor(JSONB(none_as_null=True))
        return dialect.type_descriptor(JSON(none_as_null=True))

    def coerce(self, value: Any) -> Any:
        """Return ``value`` as a value of the shape.

        Raises:
            InvalidInput: ``value`` does not fit the shape; each issue is named.
        """
        try:
            return _adapter(self.shape).validate_python(value)
        except pydantic.ValidationError as error:
            raise InvalidInput.from_pydantic(error) from error

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        return _adapter(self.shape).dump_python(self.coerce(value), mode="json")

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        # What was validated on the way in is JSON by now: lax mode turns strings back into types.
        return (
            None if value is None else _adapter(self.shape).validate_python(value, context=STORED)
        )

    @override
    def compare_values(self, x: Any, y: Any) -> bool:
        return bool(x == y)
