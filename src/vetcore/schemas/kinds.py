"""The parts of the schemas' field types: annotations from which Pydantic builds its core schema."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Final, TypeAlias, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from vetcore.errors import InvalidValue

__all__ = ["Explained", "NotNull", "Text", "Weight"]

T = TypeVar("T")

_LINE: Final = r"^\P{Cc}*$"
# Printable ASCII without outer or double spaces is as tidy as text can be.
_PLAIN: Final = r"^[!-~]+(?: [!-~]+)*$"
_TENTH_OF_A_GRAM: Final = Decimal("0.0001")
_BEYOND_ANY_ANIMAL: Final = Decimal(100_000)


class Explained:
    """Replaces every error within a field by one that says the rule and what would be right."""

    def __init__(self, rule: str, *, expected: str) -> None:
        self.message = f"{rule} (expected {expected})"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return self.around(handler(source))

    def around(self, schema: CoreSchema) -> CoreSchema:
        """Return ``schema`` with its errors replaced by this one."""
        return core_schema.custom_error_schema(
            schema, custom_error_type="invalid_value", custom_error_message=self.message
        )


@dataclass(frozen=True)
class Text:
    """Text of 1 to ``longest`` characters. White space around it is removed."""

    longest: int
    example: str
    """What would be right, for the error."""
    rule: str | None = None
    """The error's own words, where those of any text will not do."""
    pattern: str = _LINE
    """The characters that it may have."""
    tidied: Callable[[str], str] | None = None
    """Makes the text right, or refuses it with a ValueError."""
    usual: str | None = _PLAIN
    """What is right already, and so is looked at once, in pydantic-core."""

    def __get_pydantic_core_schema__(self, _: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        schema: CoreSchema = core_schema.str_schema(
            min_length=1, max_length=self.longest, pattern=self.pattern, strip_whitespace=True
        )
        if self.tidied is not None:
            schema = core_schema.no_info_after_validator_function(self.tidied, schema)
        if self.usual is not None:
            schema = core_schema.union_schema(
                [core_schema.str_schema(pattern=self.usual, max_length=self.longest), schema],
                mode="left_to_right",
            )
        limits = f"must be text of 1 to {self.longest:,} characters, without control characters"
        return Explained(self.rule or limits, expected=self.example).around(schema)

    def __get_pydantic_json_schema__(
        self, _: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "minLength": 1, "maxLength": self.longest}


class Weight:
    """A weight in kilograms with at most four decimal places, however the number is written."""

    def __get_pydantic_core_schema__(self, _: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        # Core's own decimal_places takes longer than everything else about a pet's weight.
        written_out = core_schema.chain_schema(
            [
                core_schema.str_schema(pattern=r"^[0-9]{1,5}(?:\.[0-9]{1,4})?$"),
                core_schema.no_info_plain_validator_function(Decimal),
            ]
        )
        other = core_schema.no_info_after_validator_function(
            _to_the_tenth_of_a_gram, core_schema.decimal_schema()
        )
        rule = Explained(
            "must be a number of kilograms with at most four decimal places",
            expected="such as 24.5",
        )
        return rule.around(core_schema.union_schema([written_out, other], mode="left_to_right"))

    def __get_pydantic_json_schema__(
        self, _: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        number = {"type": "number", "exclusiveMinimum": 0, "maximum": 10_000}
        return {"anyOf": [number, {"type": "string", "pattern": r"^[0-9]{1,5}(\.[0-9]{1,4})?$"}]}


def _to_the_tenth_of_a_gram(value: Decimal) -> Decimal:
    # Beyond the bound the remainder would not be defined; the species' range refuses it anyway.
    if abs(value) < _BEYOND_ANY_ANIMAL and value % _TENTH_OF_A_GRAM:
        raise ValueError
    return value


class _Null:
    """Refuses null where the column has none, and says so."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.with_info_before_validator_function(_refuse_null, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        described = handler(schema)
        choices = [one for one in described.pop("anyOf") if one != {"type": "null"}]
        return described | (choices[0] if len(choices) == 1 else {"anyOf": choices})


def _refuse_null(value: object, info: ValidationInfo) -> object:
    if value is None:
        raise InvalidValue(
            field=info.field_name or "value",
            rule="may not be null",
            expected="a value; leave the field out to keep what is there",
        )
    return value


NotNull: TypeAlias = Annotated[T | None, _Null()]
"""For updates: leave it out, or give a value; null is refused, since the column needs one."""
