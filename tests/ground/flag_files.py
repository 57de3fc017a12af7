"""A file of flags and its provider, for the tests of them."""

import json
import os
from pathlib import Path

from vetcore import flags
from vetcore.flags import BuiltinProvider
from vetcore.settings import FlagsSettings


class FlagFile:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.version = 0

    def write(self, content: object) -> None:
        self.write_text(json.dumps(content))

    def write_text(self, text: str) -> None:
        self.path.write_text(text)
        # Later than before by the clock of the file system, however quickly tests write.
        self.version += 1
        os.utime(self.path, (self.version, self.version))


def configured(file: FlagFile, content: object) -> BuiltinProvider:
    file.write(content)
    return flags.configure(FlagsSettings(file=file.path, reload_interval=0))
