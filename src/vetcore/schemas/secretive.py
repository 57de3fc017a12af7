"""Schemas of what is secret: neither their errors nor what they are written as repeat it."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SecretStr,
    ValidationError,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import (
    CoreSchema,
    InitErrorDetails,
    PydanticCustomError,
    PydanticKnownError,
    core_schema,
)
from typing_extensions import override

from vetcore.schemas.base import Schema
from vetcore.values.passwords import LONGEST, SHORTEST, SHORTEST_ALONE, Password

__all__ = ["GivenPassword", "LonePassword", "NewPassword", "OneTimeCode", "Secretive", "Token"]

_MASK: Final = "**********"


class _PasswordField:
    """A password of at least ``shortest`` characters."""

    def __init__(self, shortest: int) -> None:
        self._shortest = shortest

    def __get_pydantic_core_schema__(self, _: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._made, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    def __get_pydantic_json_schema__(
        self, _: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "type": "string",
            "format": "password",
            "writeOnly": True,
            "minLength": self._shortest,
            "maxLength": LONGEST,
        }

    def _made(self, value: object) -> Password:
        wrong = PydanticCustomError(
            "password",
            "must be text of {shortest} to {longest} characters, without control characters",
            {"shortest": self._shortest, "longest": LONGEST},
        )
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        if not isinstance(value, str | Password):
            raise wrong
        try:
            password = value if isinstance(value, Password) else Password(value)
        except ValueError:
            raise wrong from None
        if len(password) < self._shortest:
            raise wrong
        return password


GivenPassword = Annotated[Password, _PasswordField(1)]
"""A password that is compared with the one that is known."""

NewPassword = Annotated[Password, _PasswordField(SHORTEST)]
"""A password to be set. Whether 8 characters are enough depends on the account's second factor."""

LonePassword = Annotated[Password, _PasswordField(SHORTEST_ALONE)]
"""A password to be set where there is no second factor yet."""


def _plain(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if not text.isascii() or not text.isprintable():
        message = "is none of ours"
        raise ValueError(message)
    return secret


Token = Annotated[SecretStr, Field(min_length=1, max_length=200), AfterValidator(_plain)]
"""A token that this package has handed out."""

OneTimeCode = Annotated[SecretStr, Field(min_length=6, max_length=6), AfterValidator(_plain)]
"""The six digits that an authenticator app shows."""


class Secretive(Schema):
    """A schema with a secret in it: its errors show no input at all."""

    @classmethod
    @override
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler, /
    ) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(_without_input, handler(source))


def _without_input(value: Any, handler: core_schema.ValidatorFunctionWrapHandler) -> Any:
    """Validate; an error that tells of a missing field would have all the others in it."""
    try:
        return handler(value)
    except ValidationError as error:
        issues = [_masked(each) for each in error.errors(include_url=False)]
        raise ValidationError.from_exception_data(error.title, issues) from None


def _masked(issue: Mapping[str, Any]) -> InitErrorDetails:
    kind: Any = issue["type"]
    context: dict[str, Any] = issue.get("ctx") or {}
    try:
        PydanticKnownError(kind, context)
    except KeyError:
        # The sentence has no place for anything else, so no brace of it stands for a value.
        told: Any = issue["msg"].replace("{", "(")
        kind, context = PydanticCustomError(kind, told), {}
    return InitErrorDetails(type=kind, loc=issue["loc"], input=_MASK, ctx=context)
