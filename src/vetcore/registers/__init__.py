"""Municipal registers of pets: read as they are, cleaned, and stored in bulk."""

from vetcore.registers.importing import import_pets
from vetcore.registers.layouts import LAYOUTS, Layout, layout_of
from vetcore.registers.report import Finding, ImportReport, Outcome

__all__ = [
    "LAYOUTS",
    "Finding",
    "ImportReport",
    "Layout",
    "Outcome",
    "import_pets",
    "layout_of",
]
