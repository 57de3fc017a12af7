"""The option ``--metadata``, which names tables of a service's own."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vetcore.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy import MetaData

__all__ = ["OwnTables", "metadata_of"]

OwnTables = Annotated[
    list[str] | None,
    typer.Option(
        "--metadata",
        metavar="MODULE:NAME",
        help="Tables of your own: mypackage.models:Base, or :Base.metadata. May be repeated.",
        show_default=False,
    ),
]


def metadata_of(places: list[str] | None) -> "list[MetaData]":
    """Return the MetaData at ``module:name``. The name may also be that of a declarative base.

    Raises:
        ConfigurationError: there is no such module or name, or it has no tables.
    """
    from sqlalchemy import MetaData  # noqa: PLC0415 -- `--help` needs no SQLAlchemy

    sys.path.insert(0, "")  # the working directory, as `python -m` has it
    found: list[MetaData] = []
    for place in places or ():
        module, _, name = place.partition(":")
        try:
            thing: Any = import_module(module)
            for part in name.split("."):
                thing = getattr(thing, part)
        except (ImportError, AttributeError, ValueError) as error:
            message = f"--metadata {place}: {error}; it is written as mypackage.models:Base"
            raise ConfigurationError(message, setting="--metadata") from error
        known = thing if isinstance(thing, MetaData) else getattr(thing, "metadata", None)
        if not isinstance(known, MetaData):
            message = f"--metadata {place}: it is neither a MetaData nor a declarative base"
            raise ConfigurationError(message, setting="--metadata")
        found.append(known)
    return found
