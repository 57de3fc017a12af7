"""Finds clinics near a place, and pets and people by what somebody remembers of them."""

from vetcore.directory.clinics import NearbyClinic, nearest_clinics, open_clinics
from vetcore.directory.ranking import Found, MatchedBy
from vetcore.directory.search import search_owners, search_pets, search_veterinarians

__all__ = [
    "Found",
    "MatchedBy",
    "NearbyClinic",
    "nearest_clinics",
    "open_clinics",
    "search_owners",
    "search_pets",
    "search_veterinarians",
]
