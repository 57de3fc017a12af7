"""Places on the Earth, and the distances between them."""

import math
import re
from typing import Annotated, Final, NamedTuple, Self

import pydantic
from pydantic import Field

from vetcore.errors import InvalidInput, InvalidValue
from vetcore.values.documents import Document

__all__ = ["Coordinates", "Ecef", "chord_to_arc"]

# WGS84: NGA.STND.0036, table 3.1 and 3.4.
_SEMI_MAJOR_AXIS: Final = 6_378_137.0
_ECCENTRICITY_SQUARED: Final = 6.694_379_990_141e-3
# The mean radius of the ellipsoid, (2a + b) / 3.
_MEAN_RADIUS: Final = 6_371_008.771_4

# White space is single when this is matched, and a number is taken whole: there is one way to read
# a text, so that one that is no place is refused as fast as one that is.
_ANGLE = r"""
    (?P<{name}_before>[NSEW])?[ ]?
    (?P<{name}_sign>[+-])?[ ]?
    (?P<{name}_degrees>\d{{1,3}}+(?:\.\d++)?+)(?:[ ]?[°d])?+
    (?:[ ]?(?P<{name}_minutes>\d{{1,2}}+(?:\.\d++)?+)[ ]?['\u2032\u2019](?!'))?+
    (?:[ ]?(?P<{name}_seconds>\d{{1,2}}+(?:\.\d++)?+)[ ]?(?:["\u2033\u201d]|''))?+
    (?:[ ]?(?P<{name}_after>[NSEW])(?![\w.]))?
"""
_PAIR: Final = re.compile(
    rf"(?:geo:[ ]?)?{_ANGLE.format(name='latitude')}(?:[ ]?[,;][ ]?|[ ])"
    rf"{_ANGLE.format(name='longitude')}[ ]?(?:;(?:crs=wgs84|u=[\d.]++))*+",
    re.VERBOSE | re.IGNORECASE,
)

_LONGEST_TEXT: Final = 100


class Ecef(NamedTuple):
    """A point in space, in metres from the Earth's centre along axes that turn with the Earth.

    ``x`` points towards 0°N 0°E, ``y`` towards 0°N 90°E, and ``z`` to the north pole.
    """

    x: float
    y: float
    z: float


def chord_to_arc(chord: float) -> float:
    """Return the metres along the ground between points that lie ``chord`` metres apart in space.

    The result is the arc over that chord on a sphere of the Earth's mean radius. The error against
    the geodesic on the WGS84 ellipsoid is below 1 mm at 10 km, 2 cm at 100 km, 20 m at 1,000 km and
    0.2 % at 10,000 km. The largest error is 4.3 %, from pole to pole. Short distances depend little
    on the radius, since chord and arc are nearly the same length.
    """
    arc = 2 * _MEAN_RADIUS * math.asin(min(1.0, chord / (2 * _MEAN_RADIUS)))
    return max(chord, arc)  # of a few metres, rounding alone could make it shorter


class Coordinates(Document):
    """A place on the WGS84 ellipsoid, in degrees. North and east are positive."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]

    def ecef(self) -> Ecef:
        """The place as a point in space, in metres from the Earth's centre, at height zero.

        >>> [round(metres) for metres in Coordinates(latitude=0, longitude=90).ecef()]
        [0, 6378137, 0]
        """
        latitude, longitude = math.radians(self.latitude), math.radians(self.longitude)
        normal = _SEMI_MAJOR_AXIS / math.sqrt(1 - _ECCENTRICITY_SQUARED * math.sin(latitude) ** 2)
        return Ecef(
            normal * math.cos(latitude) * math.cos(longitude),
            normal * math.cos(latitude) * math.sin(longitude),
            normal * (1 - _ECCENTRICITY_SQUARED) * math.sin(latitude),
        )

    def distance_to(self, other: "Coordinates") -> float:
        """Return the metres along the ground to ``other``, as exact as :func:`chord_to_arc` says.

        >>> seattle = Coordinates(latitude=47.6062, longitude=-122.3321)
        >>> portland = Coordinates(latitude=45.5152, longitude=-122.6784)
        >>> round(seattle.distance_to(portland) / 1000, 1)
        234.0
        """
        return chord_to_arc(math.dist(self.ecef(), other.ecef()))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a place as people and programs write it: latitude first, WGS84.

        >>> Coordinates.parse("47.6062, -122.3321")
        Coordinates(latitude=47.6062, longitude=-122.3321)
        >>> Coordinates.parse("33.8688 S 151.2093 E")
        Coordinates(latitude=-33.8688, longitude=151.2093)
        >>> Coordinates.parse("geo:48.2010,16.3695;u=40")
        Coordinates(latitude=48.201, longitude=16.3695)

        Degrees, minutes and seconds are read too (``51°28'38"N 0°0'5"W``), and ``geo:`` URIs as in
        RFC 5870. Hemisphere letters may change the order of the two.

        Raises:
            InvalidValue: the text is not a pair of angles.
            InvalidInput: an angle is out of range.
        """
        match = _PAIR.fullmatch(" ".join(text.split())) if len(text) <= _LONGEST_TEXT else None
        angles = None if match is None else _angles(match)
        if angles is None:
            raise InvalidValue(
                field="coordinates",
                rule="must be a latitude and a longitude",
                expected="degrees such as 47.6062, -122.3321",
                value=text,
            )
        latitude, longitude = angles
        try:
            return cls(latitude=latitude, longitude=longitude)
        except pydantic.ValidationError as error:
            raise InvalidInput.from_pydantic(error) from error


def _angles(match: re.Match[str]) -> tuple[float, float] | None:
    """Latitude and longitude, or None where letters, signs and minutes contradict each other."""
    first, second = (_angle(match, name) for name in ("latitude", "longitude"))
    if first is None or second is None:
        return None
    (one, axis), (other, other_axis) = first, second
    match axis, other_axis:
        case ("NS", "EW") | ("", ""):
            return one, other
        case ("EW", "NS"):
            return other, one
        case _:
            return None


def _angle(match: re.Match[str], name: str) -> tuple[float, str] | None:
    before, after = match[f"{name}_before"], match[f"{name}_after"]
    minutes, seconds = (float(match[f"{name}_{part}"] or 0) for part in ("minutes", "seconds"))
    if (before and after) or max(minutes, seconds) >= 60:  # noqa: PLR2004
        return None
    letter = (before or after or "").upper()
    sign = match[f"{name}_sign"]
    if letter and sign:
        return None
    size = float(match[f"{name}_degrees"]) + minutes / 60 + seconds / 3600
    negative = sign == "-" or letter in {"S", "W"}
    axis = "" if not letter else ("NS" if letter in "NS" else "EW")
    return (-size if negative else size), axis
