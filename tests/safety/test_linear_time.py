"""No text takes more than linear time, whoever sent it: neither a pattern nor a parser."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

import vetcore
from tests.safety.growth import superlinear
from vetcore.cli.times import moment_in
from vetcore.database.cursors import position_of
from vetcore.directory.ranking import position_after
from vetcore.identity.webhooks import verify_webhook
from vetcore.medical.findings import ChainHead
from vetcore.values import breeds
from vetcore.values.animals import Species
from vetcore.values.coordinates import Coordinates
from vetcore.values.drugs import same_drug
from vetcore.values.hours import OpeningHours
from vetcore.values.matching import likeness
from vetcore.values.microchip import Microchip
from vetcore.values.recurrence import Recurrence
from vetcore.values.signatures import Keyring
from vetcore.values.walltime import AgreedTime, zone_named

MODULES: Final = [
    importlib.import_module(info.name)
    for info in pkgutil.walk_packages(vetcore.__path__, "vetcore.")
    if not info.name.startswith(("vetcore.migrations.", "vetcore.testing", "vetcore.samples"))
]
NOON: Final = datetime(2026, 12, 1, 12, tzinfo=UTC)
OPERATIONS: Final = ("search", "match", "fullmatch", "sub", "split", "findall", "finditer")


# Patterns -----------------------------------------------------------------------------------------


def _patterns(value: object) -> Iterator[re.Pattern[Any]]:
    """The patterns that a module's variable holds, in tables too."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Mapping):
        yield from _patterns(list(value.values()))
    elif isinstance(value, list | tuple | frozenset):
        for each in sorted(value, key=repr) if isinstance(value, frozenset) else value:
            yield from _patterns(each)
    elif isinstance(pattern := getattr(value, "pattern", None), re.Pattern):
        yield pattern


def _uses(source: str, name: str) -> set[str]:
    """How the module uses the pattern; one in a table is taken for matched as a whole."""
    used = set(re.findall(rf"\b{name}\.({'|'.join(OPERATIONS)})\(", source))
    return used or {"fullmatch"}


def _found() -> Iterator[tuple[str, str, re.Pattern[str]]]:
    seen: set[str] = set()
    for module in MODULES:
        source = Path(str(module.__file__)).read_text()
        for name, value in vars(module).items():
            patterns = [*_patterns(value)]
            if not patterns or not re.search(rf"^{re.escape(name)}\b.*=", source, re.MULTILINE):
                continue  # the others are imported
            for pattern in patterns:
                for operation in sorted(_uses(source, name)):
                    key = f"{operation} {pattern.pattern} {pattern.flags}"
                    if isinstance(pattern.pattern, str) and key not in seen:
                        seen.add(key)
                        yield f"{module.__name__}.{name}", operation, pattern


def _calls() -> Iterator[tuple[ModuleType, ast.Call]]:
    """Where functions of ``re`` are called with a pattern, inside functions of ours."""
    for module in MODULES:
        source = Path(str(module.__file__)).read_text()
        if not re.search(r"\bimport re\b", source):
            continue  # to read it would take long
        for node in ast.walk(ast.parse(source)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.func.attr in OPERATIONS
            ):
                yield module, node


def _text_of(module: ModuleType, given: ast.expr) -> str | None:
    """The pattern as it stands there, or at the top of the module under that name."""
    if isinstance(given, ast.Constant):
        return str(given.value)
    named = getattr(module, given.id, None) if isinstance(given, ast.Name) else None
    return named if isinstance(named, str) else None


def _literal() -> Iterator[tuple[str, str, re.Pattern[str]]]:
    for module, call in _calls():
        text = _text_of(module, call.args[0])
        if text is not None and isinstance(call.func, ast.Attribute):
            pattern = re.compile(text)
            yield f"{module.__name__}:{call.lineno}", call.func.attr, pattern


PATTERNS: Final = [*_found(), *_literal()]


@pytest.mark.parametrize(
    ("operation", "pattern"),
    [case[1:] for case in PATTERNS],
    ids=[f"{case[0].removeprefix('vetcore.')}-{case[1]}" for case in PATTERNS],
)
def test_a_pattern_takes_linear_time(operation: str, pattern: re.Pattern[str]) -> None:
    assert superlinear(_applied(pattern, operation)) == []


def _applied(pattern: re.Pattern[str], operation: str) -> Callable[[str], object]:
    if operation == "sub":
        return lambda text: pattern.sub("", text)
    if operation == "finditer":
        return lambda text: sum(1 for _ in pattern.finditer(text))
    return getattr(pattern, operation)  # type: ignore[no-any-return]


def test_patterns_stand_where_the_test_finds_them() -> None:
    """At the top of a module, or as literals where they are used."""
    unseen = [
        f"{module.__name__}: {ast.unparse(call)}"
        for module, call in _calls()
        if _text_of(module, call.args[0]) is None
    ]
    assert unseen == []


# Parsers ------------------------------------------------------------------------------------------

LARGER: Final[Mapping[str, Callable[[str], object]]] = {
    "vetcore.cli.times.moment_in": lambda text: moment_in(zone_named("UTC"), text, now=NOON),
    "vetcore.database.cursors.position_of": lambda text: position_of("pets", text, kinds=[str]),
    "vetcore.directory.ranking.position_after": lambda text: position_after("near", text),
    "vetcore.identity.webhooks.verify_webhook": lambda text: verify_webhook(
        text.encode("utf-8", "replace"),
        {"svix-id": text, "svix-timestamp": text, "svix-signature": text},
        secrets=["whsec_" + "a" * 40],
    ),
    "vetcore.medical.findings.ChainHead.parse": ChainHead.parse,
    "vetcore.values.signatures.Keyring.parse": Keyring.parse,
    "vetcore.values.breeds.recognize": lambda text: breeds.recognize(text, Species.DOG),
    "vetcore.values.breeds.search": lambda text: breeds.search(text, Species.DOG),
    "vetcore.values.recurrence.Recurrence.parse": Recurrence.parse,
    "vetcore.values.walltime.AgreedTime.parse": AgreedTime.parse,
    "vetcore.values.coordinates.Coordinates.parse": Coordinates.parse,
    "vetcore.values.microchip.Microchip.parse": Microchip.parse,
    "vetcore.values.drugs.same_drug": lambda text: same_drug(text, text),
    "vetcore.values.hours.OpeningHours": lambda text: OpeningHours(text, "UTC"),
    "vetcore.values.matching.likeness": lambda text: likeness(text, text),
}
"""Parsers that are classes or methods, or that must be told more than the text."""
TRIED_AS_ANOTHER: Final = {"vetcore.logging.patterns.masked"}
"""What a public function is made of."""


def _public() -> Iterator[tuple[str, Callable[..., object]]]:
    for module in MODULES:
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            if inspect.isfunction(value) and value.__module__ == module.__name__:
                yield f"{module.__name__}.{name}", value


def _parsers() -> Mapping[str, Callable[[str], object]]:
    found = dict(LARGER)
    for name, function in _public():
        parameters = list(inspect.signature(function).parameters.values())
        if (
            parameters
            and name not in TRIED_AS_ANOTHER
            and parameters[0].annotation in {str, bytes, "str", "bytes", "str | None"}
            and all(each.default is not each.empty for each in parameters[1:])
            and not inspect.iscoroutinefunction(function)
        ):
            of_bytes = parameters[0].annotation in {bytes, "bytes"}
            found[name] = _on_bytes(function) if of_bytes else function
    return found


def _on_bytes(function: Callable[..., object]) -> Callable[[str], object]:
    return lambda text: function(text.encode("utf-8", "replace"))


PARSERS: Final = _parsers()


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_takes_linear_time(name: str) -> None:
    parse = PARSERS[name]

    def run(text: str) -> None:
        try:
            parse(text)
        except (ValueError, vetcore.VetcoreError):
            return

    assert superlinear(run) == []


def test_every_parser_of_the_house_is_tried() -> None:
    """Whoever adds a parser that takes more than a text adds it to the table."""
    words = "parse|redact|normalize|sanitize|plain_text|recognize|search$|fold|moment_in|position_"
    named = {
        name
        for name, function in _public()
        if re.match(rf"({words})", name.split(".")[-1]) and _takes_text(function)
    }
    assert named - set(PARSERS) - TRIED_AS_ANOTHER == set()
    methods = {
        f"{module.__name__}.{name}.parse"
        for module in MODULES
        for name in getattr(module, "__all__", ())
        if inspect.isclass(value := getattr(module, name))
        and value.__module__ == module.__name__
        and "parse" in vars(value)
    }
    assert methods - set(PARSERS) == set()


def _takes_text(function: Callable[..., object]) -> bool:
    first = next(iter(inspect.signature(function).parameters.values()), None)
    return first is not None and first.annotation in {str, bytes, "str | None"}
