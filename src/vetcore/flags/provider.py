"""The built-in OpenFeature provider."""

import os
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from openfeature.evaluation_context import EvaluationContext  # pyright: ignore[reportMissingTypeStubs] -- typed inline
from openfeature.event import ProviderEventDetails
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType, Reason
from openfeature.provider import AbstractProvider, Metadata  # pyright: ignore[reportMissingTypeStubs] -- typed inline

from vetcore.errors import ConfigurationError
from vetcore.flags.rules import Flag, flags_of
from vetcore.logging import logger
from vetcore.settings import FlagsSettings

__all__ = ["BuiltinProvider"]

T = TypeVar("T")

log = logger("vetcore.flags")


class BuiltinProvider(AbstractProvider):
    """Answers from the settings and a JSON file, which it reads again when it changes.

    If a changed file is wrong, that is logged, and the earlier contents hold until it is corrected.

    Raises:
        ConfigurationError: the file cannot be read or is wrong from the start.
    """

    def __init__(self, settings: FlagsSettings) -> None:
        super().__init__()
        self._settings = settings
        self._reading = threading.Lock()
        self._looked_at = time.monotonic()
        self._stamp = _stamp(settings.file)
        self._flags = self._read()

    @property
    def flags(self) -> Mapping[str, Flag]:
        """Every flag as it stands, including those of the settings."""
        self._look()
        return MappingProxyType(self._flags)

    def get_metadata(self) -> Metadata:
        """Return the name of this provider."""
        return Metadata(name="vetcore")

    def resolve_boolean_details(
        self,
        flag_key: str,
        default_value: bool,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[bool]:
        """Decide a flag by its rules."""
        self._look()
        flag = self._flags.get(flag_key)
        if flag is None:
            return _unknown(flag_key, default_value)
        value, reason = flag.decide(flag_key, evaluation_context or EvaluationContext())
        return FlagResolutionDetails(value, reason=reason, variant="on" if value else "off")

    def resolve_string_details(
        self,
        flag_key: str,
        default_value: str,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[str]:
        """Refuse: flags here are on or off."""
        del evaluation_context
        return self._not_boolean(flag_key, default_value)

    def resolve_integer_details(
        self,
        flag_key: str,
        default_value: int,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[int]:
        """Refuse: flags here are on or off."""
        del evaluation_context
        return self._not_boolean(flag_key, default_value)

    def resolve_float_details(
        self,
        flag_key: str,
        default_value: float,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[float]:
        """Refuse: flags here are on or off."""
        del evaluation_context
        return self._not_boolean(flag_key, default_value)

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[FlagValueType] | Mapping[str, FlagValueType],
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Sequence[FlagValueType] | Mapping[str, FlagValueType]]:
        """Refuse: flags here are on or off."""
        del evaluation_context
        return self._not_boolean(flag_key, default_value)

    def _not_boolean(self, name: str, default: T) -> FlagResolutionDetails[T]:
        if name not in self.flags:
            return _unknown(name, default)
        message = f"{name} is on or off; ask for a boolean"
        return FlagResolutionDetails(default, ErrorCode.TYPE_MISMATCH, message, Reason.ERROR)

    def _look(self) -> None:
        """Read the file again if it has changed; at most once in the interval."""
        file, moment = self._settings.file, time.monotonic()
        if file is None or moment - self._looked_at < self._settings.reload_interval:
            return
        if not self._reading.acquire(blocking=False):
            return  # another thread is looking already
        try:
            self._looked_at = moment
            stamp = _stamp(file)
            if stamp != self._stamp:
                self._stamp = stamp
                self._replace()
        finally:
            self._reading.release()

    def _replace(self) -> None:
        before = self._flags
        try:
            self._flags = self._read()
        except ConfigurationError as error:
            log.warning("flag file is not usable, its last good state stands", reason=str(error))
            self.emit_provider_stale(ProviderEventDetails(message=str(error)))
            return
        names = before.keys() | self._flags.keys()
        changed = sorted(name for name in names if before.get(name) != self._flags.get(name))
        log.info("flag file read again", changed=changed)
        self.emit_provider_ready(ProviderEventDetails())
        self.emit_provider_configuration_changed(ProviderEventDetails(flags_changed=changed))

    def _read(self) -> dict[str, Flag]:
        settings = self._settings
        flags = {} if settings.file is None else flags_of(settings.file)
        flags |= dict.fromkeys(settings.enabled, Flag())
        return flags | dict.fromkeys(settings.disabled, Flag(enabled=False))


def _unknown(name: str, default: T) -> FlagResolutionDetails[T]:
    message = f"there is no flag named {name}"
    return FlagResolutionDetails(default, ErrorCode.FLAG_NOT_FOUND, message, Reason.ERROR)


_Stamp = tuple[int, int, int]


def _stamp(file: Path | None) -> _Stamp | None:
    """What tells one state of the file from another; None while there is none."""
    try:
        found = os.stat(file) if file is not None else None  # noqa: PTH116 -- quicker, and often
    except OSError:
        return None
    return None if found is None else (found.st_mtime_ns, found.st_size, found.st_ino)
