"""Imports registers of pets, from towns and shelters: they are read, cleaned and stored."""

from vetcore.registers.importing import import_pets
from vetcore.registers.layouts import LAYOUTS, Layout, layout_of
from vetcore.registers.report import Finding, ImportReport, Outcome, Recognized

__all__ = [
    "LAYOUTS",
    "Finding",
    "ImportReport",
    "Layout",
    "Outcome",
    "Recognized",
    "import_pets",
    "layout_of",
]
