"""Finding things: the clinics near a place."""

from vetcore.directory.clinics import NearbyClinic, nearest_clinics, open_clinics

__all__ = ["NearbyClinic", "nearest_clinics", "open_clinics"]
