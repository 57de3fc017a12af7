"""The base classes of the schemas: for what comes in, what is changed, and what goes out."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Final, Protocol, TypeVar
from uuid import UUID

import pydantic
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, core_schema
from typing_extensions import Unpack, override

from vetcore.errors import ConcurrentUpdate, InvalidValue
from vetcore.schemas.fields import Version

__all__ = [
    "ById",
    "Create",
    "ListQuery",
    "OfClinic",
    "Response",
    "Ruled",
    "Rules",
    "Schema",
    "SearchQuery",
    "Summary",
    "Update",
    "Upkeep",
]


T = TypeVar("T")
Ruled_contra = TypeVar("Ruled_contra", contravariant=True)


class Rules(Protocol[Ruled_contra]):
    """The rules that tie the fields of a schema together.

    Create and Update share the rules, and an update checks them against its row as well. So the
    rules take a protocol of the fields that they read::

        class _Days(Protocol):
            @property
            def first_on(self) -> date | None: ...
            @property
            def last_on(self) -> date | None: ...


        class ClosureCreate(Create):
            rules: ClassVar[Rules["ClosureCreate"] | None] = days_in_order

    If ``whole`` is false, the thing is a change, in which None may mean that a field is not given.
    Then only contradictions between given values count.

    Raises:
        InvalidValue: a rule is broken; its field is the one to correct.
    """

    def __call__(self, thing: Ruled_contra, whole: bool, /) -> None: ...  # noqa: D102


class Schema(BaseModel):
    """The base of every schema. Its values cannot be changed, and unknown fields are refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        # What a process never validates is never built.
        defer_build=True,
        # Else a bare number would be read as seconds since 1970, and 20217600 as a day of that year.
        val_temporal_unit="milliseconds",
    )

    def __init_subclass__(cls, **options: Unpack[ConfigDict]) -> None:
        super().__init_subclass__(**options)
        # Its parent has forgotten it, as it itself is about to.
        cls.model_config.setdefault("defer_build", True)

    @classmethod
    @override
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        # Whatever wraps it, as FastAPI does, builds it at once.
        if cls.__module__ != __name__:
            cls.model_config.pop("defer_build", None)


class Ruled(Schema):
    """A schema whose fields must fit together."""

    rules: ClassVar[Rules[Any] | None] = None
    whole: ClassVar[bool] = True

    @classmethod
    @override
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler, /
    ) -> CoreSchema:
        schema = handler(source)
        rules, whole = cls.rules, cls.whole
        if rules is None:
            return schema

        def fit_together(made: Schema) -> Schema:
            try:
                rules(made, whole)
            except InvalidValue as error:
                raise _located(cls.__name__, error, made) from error
            return made

        return core_schema.no_info_after_validator_function(fit_together, schema)

    @classmethod
    @override
    def __pydantic_on_complete__(cls) -> None:
        for name, validate in _SHORTCUTS.items():
            defined = _defined(cls, name)
            if isinstance(defined, _Shortcut) or defined is vars(BaseModel)[name]:
                setattr(cls, name, _Shortcut(cls, name, validate))


_SHORTCUTS: Final = {"model_validate": "validate_python", "model_validate_json": "validate_json"}


class _Shortcut:
    """What a method of Pydantic's does for one class, without its frame: a tenth of a pet's time.

    A class below, and what calls it through ``super()``, has Pydantic's own method.
    """

    __slots__ = ("_name", "_of", "_validate")

    def __init__(self, of: type[BaseModel], name: str, validate: str) -> None:
        self._of = of
        self._name = name
        self._validate: Any = getattr(of.__pydantic_validator__, validate)

    def __get__(self, _instance: object, owner: type[Any]) -> Any:
        if owner is self._of:
            return self._validate
        return vars(BaseModel)[self._name].__get__(None, owner)


def _defined(cls: type[BaseModel], name: str) -> object:
    """The attribute ``name`` of the class, or of its nearest parent that has it."""
    return next(vars(each)[name] for each in cls.__mro__ if name in vars(each))


def _located(title: str, error: InvalidValue, made: Schema) -> pydantic.ValidationError:
    """The broken rule as that field's own error, in the form of any other."""
    field = str(error.details["field"])
    return pydantic.ValidationError.from_exception_data(
        title,
        [
            InitErrorDetails(
                type="value_error",
                loc=(field,),
                input=getattr(made, field, None),
                ctx={"error": error},
            )
        ],
    )


class ById(Schema):
    """A row to act on, named by its id. The act needs nothing else."""

    id: UUID
    """Which row."""
    version: Version | None = None
    """The version that the act was decided for; a row that has moved on is then left alone."""


class OfClinic(Schema):
    """A clinic to act on or to ask about. Every clinic is meant if none is named."""

    clinic_id: UUID | None = None


class Upkeep(Schema):
    """How much of the regular work a job does in one run."""

    limit: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """The most rows."""


class ListQuery(Schema):
    """Which part of a list to return."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 50
    """The most rows."""
    after: Annotated[str, Field(max_length=2000)] | None = None
    """The ``next_cursor`` of the part before."""


class SearchQuery(ListQuery):
    """What somebody remembers, and which part of the matches to return."""

    text: Annotated[str, Field(max_length=500)]
    limit: Annotated[int, Field(ge=1, le=1000)] = 20


class Create(Ruled):
    """What a new row is made of: ``PetCreate(...).make(Pet)``.

    Fields that the server manages are not in it: identity, version, audit stamps, derived columns.
    """

    beside: ClassVar[frozenset[str]] = frozenset()
    """Fields that the row has no columns for: the service makes other values of them."""

    def make(self, model: Callable[..., T], **more: Any) -> T:
        """Return a new row with every field of this schema that is a column. Nothing is written.

        ::

            pet = PetCreate(name="Rex", species="dog").make(Pet)

        Args:
            model: the entity's model.
            more: what the service says of the row itself; it goes before a field of that name.
        """
        fields = [name for name in type(self).model_fields if name not in self.beside]
        given = {name: getattr(self, name) for name in fields}
        return model(**given | more)


_OF_THE_COMMAND: Final = frozenset({"id", "version"})


class Update(Ruled):
    """A change. A field that is not given stays as it is, and null clears a field that may be null.

    A field that is not given reads as None. :meth:`changes` tells it from a field that is null.
    """

    whole = False

    id: UUID | None = None
    """Which row; an operation needs it, and :meth:`apply_to` is given the row."""
    version: Version | None = None
    """The version that the change was made for; a row that has moved on is then left alone."""

    def changes(self) -> dict[str, Any]:
        """Return the given fields with their values, null included, in the order of the fields."""
        named = self.model_fields_set
        return {
            name: getattr(self, name)
            for name in type(self).model_fields
            if name in named and name not in _OF_THE_COMMAND
        }

    def apply_to(self, entity: Any) -> frozenset[str]:
        """Change the row as this update says. A change that does not fit the row changes nothing.

        Returns:
            The names of the fields that now have another value.

        Raises:
            ConcurrentUpdate: the row is no longer at the version that the change was made for.
            InvalidValue: together with the row's other values the change breaks a rule.
        """
        if self.version is not None and self.version != entity.version:
            message = (
                f"{type(entity).__name__} {entity.id} is at version {entity.version}, and the "
                f"change was made for version {self.version}; read it again and decide anew"
            )
            raise ConcurrentUpdate(message, table=getattr(entity, "__tablename__", None))
        changes = self.changes()
        # Taken from the class: from the instance it would be a method.
        if (rules := type(self).rules) is not None and changes:
            rules(_Merged(entity, changes), True)
        changed = {name for name, value in changes.items() if getattr(entity, name) != value}
        for name in changed:
            setattr(entity, name, changes[name])
        return frozenset(changed)

    @classmethod
    @override
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> JsonSchemaValue:
        described = handler(schema)
        for field in handler.resolve_ref_schema(described).get("properties", {}).values():
            # Absent is not null: a default would say that it is.
            field.pop("default", None)
        return described


class _Merged:
    """A row as it would be after the changes."""

    def __init__(self, entity: Any, changes: Mapping[str, Any]) -> None:
        self.__entity = entity
        self.__dict__.update(changes)

    def __getattr__(self, name: str) -> Any:
        """What the changes do not say."""
        return getattr(self.__entity, name)


class Response(Schema):
    """The base of what goes out. ``model_validate(row)`` makes it from a row.

    It reads columns only, so no query runs unnoticed.
    """

    model_config = ConfigDict(from_attributes=True)


class Summary(Response):
    """What a list shows of each row: few columns, none of which is costly to read."""
