"""Places on the Earth."""

import math
from typing import Annotated, Final, NamedTuple, Self

from pydantic import Field

from vetcore.errors import InvalidValue
from vetcore.values.documents import Document

__all__ = ["Coordinates", "Ecef", "chord_to_arc"]

_SEMI_MAJOR_AXIS: Final = 6_378_137.0
_ECCENTRICITY_SQUARED: Final = 6.694_379_990_141_317e-3
_MEAN_RADIUS: Final = 6_371_008.771_4


class Ecef(NamedTuple):
    """Earth-centred, Earth-fixed metres on the WGS84 ellipsoid."""

    x: float
    y: float
    z: float


def chord_to_arc(chord: float) -> float:
    """The metres along the ground between two points that lie ``chord`` metres apart in space."""
    return 2 * _MEAN_RADIUS * math.asin(min(1.0, chord / (2 * _MEAN_RADIUS)))


class Coordinates(Document):
    """A place on the WGS84 ellipsoid, in degrees; north and east are positive."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]

    def ecef(self) -> Ecef:
        """The place in Earth-centred metres, at height zero."""
        latitude, longitude = math.radians(self.latitude), math.radians(self.longitude)
        normal = _SEMI_MAJOR_AXIS / math.sqrt(1 - _ECCENTRICITY_SQUARED * math.sin(latitude) ** 2)
        return Ecef(
            normal * math.cos(latitude) * math.cos(longitude),
            normal * math.cos(latitude) * math.sin(longitude),
            normal * (1 - _ECCENTRICITY_SQUARED) * math.sin(latitude),
        )

    def distance_to(self, other: "Coordinates") -> float:
        """The metres along the ground."""
        return chord_to_arc(math.dist(self.ecef(), other.ecef()))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``latitude, longitude`` in degrees."""
        try:
            latitude, longitude = (float(part) for part in text.split(","))
        except ValueError as error:
            raise InvalidValue(
                field="coordinates",
                rule="must be a latitude and a longitude",
                expected="47.6062, -122.3321",
                value=text,
            ) from error
        return cls(latitude=latitude, longitude=longitude)
