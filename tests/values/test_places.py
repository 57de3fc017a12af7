"""Places on the Earth: how they are read, and how far they lie apart."""

import math

import pytest
from geographiclib.geodesic import Geodesic  # type: ignore[import-untyped]  # has no types
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from vetcore.errors import InvalidInput, InvalidValue
from vetcore.values.address import Address
from vetcore.values.coordinates import Coordinates, chord_to_arc
from vetcore.values.countries import COUNTRIES, CountryCode

PLACES = st.builds(
    Coordinates, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180, allow_nan=False)
)


def _place(latitude: float, longitude: float) -> Coordinates:
    return Coordinates(latitude=latitude, longitude=longitude)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("47.6062, -122.3321", (47.6062, -122.3321)),
        ("47.6062 -122.3321", (47.6062, -122.3321)),
        ("47.6062;-122.3321", (47.6062, -122.3321)),
        ("+47.5,+8", (47.5, 8)),
        ("33.5 S 151.25 E", (-33.5, 151.25)),
        ("S33.5 E151.25", (-33.5, 151.25)),
        ("151.25E, 33.5S", (-33.5, 151.25)),
        ("51°30'0\"N 0°7'30\"W", (51.5, -0.125)),
        ("51°30\u20320\u2033N, 0°7\u203230\u2033W", (51.5, -0.125)),
        ("51d30'N 0d7.5'W", (51.5, -0.125)),
        ("geo:48.25,16.5", (48.25, 16.5)),
        ("GEO:48.25,16.5;crs=wgs84;u=40.5", (48.25, 16.5)),
        ("-0.5, -0.25", (-0.5, -0.25)),
    ],
)
def test_a_place_is_read_as_people_write_it(text: str, place: tuple[float, float]) -> None:
    assert Coordinates.parse(text) == _place(*place)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Seattle",
        "47.6062",
        "47.6062, north",
        "47 N 8 N",
        "47 E 8 W",
        "47 N, 8",
        "N47N 8E",
        "N-47 E8",
        "47°60'N 8°E",
        "47°30'60\"N 8°E",
        "47, 8, 9",
        "47.6, 8" + " " * 100,
    ],
)
def test_what_is_no_pair_of_angles_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="must be a latitude and a longitude"):
        Coordinates.parse(text)


@pytest.mark.parametrize(("text", "field"), [("91, 0", "latitude"), ("0, -180.5", "longitude")])
def test_an_angle_beyond_its_range_is_named(text: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Coordinates.parse(text)
    assert field in refused.value.message


@given(PLACES)
def test_what_is_written_as_a_pair_is_read_as_it_was(place: Coordinates) -> None:
    written = f"{place.latitude:.9f}, {place.longitude:.9f}"
    read = Coordinates.parse(written)
    assert read.latitude == pytest.approx(place.latitude, abs=1e-9)
    assert read.longitude == pytest.approx(place.longitude, abs=1e-9)


@pytest.mark.parametrize(
    ("place", "metres"),
    [
        ((0, 0), (6_378_137.0, 0, 0)),
        ((0, 90), (0, 6_378_137.0, 0)),
        ((0, 180), (-6_378_137.0, 0, 0)),
        ((90, 0), (0, 0, 6_356_752.314245)),
        ((-90, 33), (0, 0, -6_356_752.314245)),
    ],
)
def test_the_axes_of_the_ellipsoid_are_those_of_wgs84(
    place: tuple[float, float], metres: tuple[float, float, float]
) -> None:
    assert _place(*place).ecef() == pytest.approx(metres, abs=1e-5)


@given(PLACES)
def test_every_place_lies_on_the_ellipsoid(place: Coordinates) -> None:
    x, y, z = place.ecef()
    assert (x**2 + y**2) / 6_378_137**2 + z**2 / 6_356_752.314245**2 == pytest.approx(1, abs=1e-9)


@given(PLACES, PLACES)
def test_it_is_as_far_back_as_there(one: Coordinates, other: Coordinates) -> None:
    assert one.distance_to(other) == other.distance_to(one) >= 0
    assert one.distance_to(one) == 0


@given(PLACES, st.floats(0, 360), st.floats(1, 1_000_000))
def test_distances_are_as_exact_as_is_said(place: Coordinates, bearing: float, far: float) -> None:
    there = Geodesic.WGS84.Direct(place.latitude, place.longitude, bearing, far)
    measured = place.distance_to(_place(there["lat2"], there["lon2"]))
    allowed = 0.001 if far <= 10_000 else 0.02 if far <= 100_000 else 20
    assert measured == pytest.approx(far, abs=allowed)


@given(PLACES, PLACES)
def test_no_distance_is_wrong_by_more_than_is_said(one: Coordinates, other: Coordinates) -> None:
    line = Geodesic.WGS84.Inverse(one.latitude, one.longitude, other.latitude, other.longitude)
    assume(line["s12"] > 1)
    allowed = 0.002 if line["s12"] <= 10_000_000 else 0.043
    assert one.distance_to(other) == pytest.approx(line["s12"], rel=allowed)


@given(st.floats(0.001, 12_742_000), st.floats(0, 1_000))
@example(0.12441983578953794, 0)
def test_a_longer_chord_spans_no_shorter_arc(chord: float, more: float) -> None:
    assert chord <= chord_to_arc(chord) <= chord_to_arc(chord + more)


def test_no_arc_is_longer_than_half_the_way_round() -> None:
    assert chord_to_arc(13e6) == pytest.approx(math.pi * 6_371_008.7714)


@pytest.mark.parametrize("code", sorted(COUNTRIES))
def test_every_country_is_read_in_any_case(code: str) -> None:
    assert TypeAdapter(CountryCode).validate_python(f" {code.lower()} ") == code


@pytest.mark.parametrize("code", ["", "UK", "EU", "USA", "XK", "Narnia"])
def test_what_is_no_country_is_refused(code: str) -> None:
    with pytest.raises(ValidationError, match="is not an ISO 3166-1 country"):
        TypeAdapter(CountryCode).validate_python(code)


def test_there_are_249_countries() -> None:
    assert len(COUNTRIES) == 249


def test_what_a_form_left_blank_is_absent_from_an_address() -> None:
    form = {"line1": "1 High St", "city": "Bath", "country": "gb"}
    blank = Address.model_validate(form | {"line2": " ", "region": "", "postal_code": "\t"})
    assert blank == Address.model_validate(form)
    assert str(blank) == "1 High St, Bath, GB"


def test_an_address_on_one_line_has_all_its_parts_in_order() -> None:
    address = Address(
        line1="1 High St",
        line2="Flat 2",
        city="Bath",
        region="Somerset",
        postal_code="BA1 1AA",
        country="GB",
    )
    assert str(address) == "1 High St, Flat 2, Bath, Somerset BA1 1AA, GB"


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [
        ("us", "98109 0001", "98109-0001"),
        ("GB", "ba11aa", "BA1 1AA"),
        ("DE", "D-80331", "80331"),
        ("AM", " 0010 ", "0010"),
    ],
)
def test_a_postal_code_is_kept_as_its_country_writes_it(
    country: str, typed: str, kept: str
) -> None:
    # As a form sends it: the country may come last.
    form = {"line1": "1 High St", "city": "Bath", "postal_code": typed, "country": country}
    address = Address.model_validate(form)

    assert address.postal_code == kept
    assert Address.model_validate_json(address.model_dump_json()) == address


@pytest.mark.parametrize(("country", "code"), [("US", "9810"), ("GB", "98109"), ("AM", "-")])
def test_a_postal_code_of_another_country_is_refused_in_its_own_field(
    country: str, code: str
) -> None:
    home = Address(line1="1 High St", city="Bath", country=country)

    with pytest.raises(InvalidInput) as refusal:
        home.replace(postal_code=code)

    assert f"postal_code: is not a postal code of {country}" in str(refusal.value)


def test_a_move_to_another_country_asks_for_its_code() -> None:
    home = Address(line1="1 High St", city="Bath", postal_code="BA1 1AA", country="GB")

    with pytest.raises(InvalidInput, match="postal_code: is not a postal code of US"):
        home.replace(country="US")
    assert home.replace(country="US", postal_code=None).postal_code is None


def test_where_the_country_is_none_the_postal_code_is_not_blamed() -> None:
    form = {"line1": "1 High St", "city": "Bath", "postal_code": "BA1 1AA", "country": "UK"}

    with pytest.raises(ValidationError) as refusal:
        Address.model_validate(form)
    assert [one["loc"] for one in refusal.value.errors()] == [("country",)]


@pytest.mark.parametrize("field", ["line1", "city", "country"])
def test_an_address_without_street_city_or_country_is_none(field: str) -> None:
    form = {"line1": "1 High St", "city": "Bath", "country": "GB"}
    for broken in ({**form, field: " "}, {name: form[name] for name in form if name != field}):
        with pytest.raises(ValidationError, match=field):
            Address.model_validate(broken)
