"""Column types that behave alike on both engines."""

import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NoReturn, Protocol, Self
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Dialect,
    Numeric,
    String,
    Text,
    TypeDecorator,
    Uuid,
    event,
)
from sqlalchemy.pool import Pool
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeEngine, UserDefinedType
from typing_extensions import override

from vetcore.clock import require_aware
from vetcore.errors import DatabaseError, InvalidValue

__all__ = [
    "BoundedText",
    "Cube",
    "Day",
    "ExactDecimal",
    "FreeText",
    "Identifier",
    "NormalText",
    "Normalize",
    "UtcDateTime",
]


class Cube(UserDefinedType[str]):
    """PostgreSQL's type ``cube``, which holds a point in space here."""

    cache_ok = True

    @override
    def get_col_spec(self, **_: Any) -> str:
        return "cube"


@event.listens_for(Pool, "first_connect")
def _reflect_cubes(*_: object) -> None:
    """Make the type known to reflection, and so to anybody's autogenerate."""
    # Who reflects a database has connected to it, and who has connected has loaded its dialect.
    dialect = sys.modules.get("sqlalchemy.dialects.postgresql.base")
    if dialect is not None:
        dialect.ischema_names["cube"] = Cube


_reflect_cubes()  # a pool may have connected before


Written = tuple[str, tuple[str, ...]]
"""A type as Python, and the imports that it needs."""


class _Named(TypeDecorator[Any]):
    """A type that knows which column it belongs to, so that its refusals can name the field."""

    __abstract__ = True
    _column: Any = None
    _read_from_text = False

    def _set_parent(self, parent: Any, outer: bool = False, **options: Any) -> None:
        super()._set_parent(parent, outer, **options)
        # Its name is not known yet: the mapper gives it later.
        self._column = parent

    def in_migrations(self) -> Written:
        """Return the type as a revision writes it, and the imports that this needs."""
        raise NotImplementedError

    def unreadable(self, value: object, error: Exception) -> NoReturn:
        """Say where a value is that no program of ours has written.

        Raises:
            DatabaseError: always.
        """
        table = getattr(getattr(self._column, "table", None), "name", None)
        place = f"{table}.{self.field}" if table else self.field
        message = (
            f"{place} holds {value!r}, which is no {type(self).__name__} that can be read: another "
            f"program has written it. Look for the rows in which {self.field} is {value!r}"
        )
        raise DatabaseError(message, table=table, column=self.field) from error

    @override
    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Read a stored value. SQLite stores anything, so an unreadable value is refused by name."""
        read: Any = super().result_processor(dialect, coltype)
        if read is None or dialect.name != "sqlite" or not self._read_from_text:
            return read

        def named(value: Any) -> Any:
            try:
                return read(value)
            except (ValueError, TypeError, OverflowError) as error:
                self.unreadable(value, error)

        return named

    @property
    def field(self) -> str:
        """The column's name."""
        return str(getattr(self._column, "name", None) or "value")

    def of(self, column: Any) -> Self:
        """The same type, of another column."""
        copied = self.copy()
        copied._column = column  # noqa: SLF001 -- of its own kind
        return copied

    def refuse(self, rule: str, *, expected: str, value: object) -> NoReturn:
        raise InvalidValue(field=self.field, rule=rule, expected=expected, value=value)


class UtcDateTime(_Named):
    """An instant. A naive datetime is refused. Values come out aware and in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True
    _read_from_text = True

    @override
    def in_migrations(self) -> Written:
        return "sa.DateTime(timezone=True)", ()

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        given: object = value
        if not isinstance(given, datetime):
            self.refuse("is no instant", expected="an aware datetime", value=given)
        instant = require_aware(given, field=self.field).astimezone(UTC)
        # SQLite has no time zones: UTC is written without an offset, so that text order is time order.
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Day(_Named):
    """A calendar day. An instant is refused, because its day depends on the place."""

    impl = Date
    cache_ok = True
    _read_from_text = True

    @override
    def in_migrations(self) -> Written:
        return "sa.Date()", ()

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> date | None:
        given: object = value
        if given is not None and (not isinstance(given, date) or isinstance(given, datetime)):
            self.refuse("is no day", expected="a date", value=given)
        return given


class Identifier(_Named):
    """A UUID. It may also be given as text."""

    impl = Uuid
    cache_ok = True

    @override
    def in_migrations(self) -> Written:
        return "sa.Uuid()", ()

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> UUID | None:
        if value is None or isinstance(value, UUID):
            return value
        try:
            return UUID(value)
        except (ValueError, TypeError, AttributeError):
            self.refuse("is no UUID", expected="32 hexadecimal digits", value=value)


class _CheckedText(_Named):
    """Text without NUL, which SQLite would take, and without halves of characters, which none takes."""

    __abstract__ = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is not None and "\0" in value:
            self.refuse("holds a NUL character", expected="text", value=value.replace("\0", "␀"))
        try:
            if value is not None and not value.isascii():
                value.encode()
        except UnicodeEncodeError:
            self.refuse("holds half a character", expected="Unicode text", value=ascii(value))
        return value


class FreeText(_CheckedText):
    """Text of any length."""

    impl = Text
    cache_ok = True

    @override
    def in_migrations(self) -> Written:
        return "sa.Text()", ()


class BoundedText(_CheckedText):
    """Text of at most ``length`` characters, on SQLite as well, which has no such limit itself."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    @override
    def in_migrations(self) -> Written:
        return f"sa.String(length={self.length})", ()

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is not None and len(value) > self.length:
            self.refuse("is too long", expected=f"at most {self.length} characters", value=value)
        return super().process_bind_param(value, dialect)


class Normalize(Protocol):
    """Converts text to the form that is stored, or raises ``InvalidValue`` for ``field``."""

    def __call__(self, text: str, *, field: str) -> str:
        """``text`` in that form."""
        ...


class NormalText(BoundedText):
    """Text that is stored in a single form, whichever way it comes in.

    A value to search for is converted to that form as well. Text without such a form is refused
    when it is written, and is not found when it is searched for.
    """

    cache_ok = True

    def __init__(self, length: int, normalize: Normalize) -> None:
        super().__init__(length)
        self.normalize = normalize

    def coerce(self, value: str) -> str:
        """Return ``value`` in the form that is stored.

        Raises:
            InvalidValue: ``value`` has no such form.
        """
        return self.normalize(value, field=self.field)

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        given: object = value
        if given is None:
            return None
        if not isinstance(given, str):
            self.refuse("is no text", expected="text", value=given)
        return super().process_bind_param(self.coerce(given), dialect)

    @override
    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        return _Sought(self.normalize) if op in _EQUALITY else FreeText()


class _Sought(_CheckedText):
    """A value that such a column is compared with, in the column's form."""

    impl = Text
    cache_ok = True

    def __init__(self, normalize: Normalize) -> None:
        super().__init__()
        self.normalize = normalize

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            return super().process_bind_param(self.normalize(value, field="value"), dialect)
        except InvalidValue:
            return super().process_bind_param(value, dialect)


_EQUALITY = frozenset(
    {
        operators.eq,
        operators.ne,
        operators.in_op,
        operators.not_in_op,
        operators.is_distinct_from,
        operators.is_not_distinct_from,
    }
)


class ExactDecimal(_Named):
    """A decimal with ``scale`` places: NUMERIC on PostgreSQL, a whole number of units on SQLite.

    SQLite would store a float. Whole numbers of the smallest unit stay exact and keep their order.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__(precision, scale)
        self.precision = precision
        self.scale = scale

    @override
    def in_migrations(self) -> Written:
        exact = f"sa.Numeric({self.precision}, {self.scale})"
        return f'{exact}.with_variant(sa.BigInteger(), "sqlite")', ()

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(Numeric(self.precision, self.scale))

    @override
    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        exact = Decimal(value)
        whole_digits = self.precision - self.scale
        if not exact.is_finite() or abs(round(exact, self.scale)) >= 10**whole_digits:
            self.refuse("is out of range", expected=f"below 10^{whole_digits}", value=value)
        if dialect.name != "sqlite":
            return exact
        return int(round(exact, self.scale).scaleb(self.scale))

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None or dialect.name != "sqlite":
            return value  # type: ignore[no-any-return]
        return Decimal(value).scaleb(-self.scale)
