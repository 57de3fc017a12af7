"""Towns for invented people and clinics: what is true of each, and what is made up.

Telephone numbers are from the ranges that each country reserves for fiction. E-mail addresses end
in ``example.com``.
"""

from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

from vetcore.testing.factories.chance import chance
from vetcore.values.address import Address

__all__ = ["PLACES", "Place", "address_in", "email_of", "phone_in", "place"]


@dataclass(frozen=True, slots=True)
class Place:
    """A town. In ``phone``, each ``x`` stands for a digit that may be any."""

    country: str
    region: str | None
    city: str
    postal_codes: tuple[str, ...]
    timezone: str
    latitude: float
    longitude: float
    subdivision: str | None
    """Whose public holidays count there: ISO 3166-2, or None for the whole country's."""
    jurisdiction: str
    """Whose board licenses veterinarians there."""
    locale: str
    currency: str
    phone: str
    street: str
    """How a street and a number are written."""
    streets: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]


PLACES: Final = (
    Place(
        country="US",
        region="WA",
        city="Seattle",
        postal_codes=("98103", "98107", "98115", "98118", "98122"),
        timezone="America/Los_Angeles",
        latitude=47.6205,
        longitude=-122.3493,
        subdivision="US-WA",
        jurisdiction="US-WA",
        locale="en-US",
        currency="USD",
        phone="+120655501xx",
        street="{number} {street}",
        streets=("Alder Street", "Harbor Avenue", "Juniper Way", "Osprey Lane", "Tern Place"),
        first_names=("Abigail", "Darnell", "Grace", "Hector", "Keiko", "Maya", "Owen", "Rosa"),
        last_names=("Alvarez", "Bennett", "Castillo", "Hughes", "Nakamura", "Okoye", "Price"),
    ),
    Place(
        country="US",
        region="NY",
        city="Brooklyn",
        postal_codes=("11201", "11215", "11217", "11231", "11238"),
        timezone="America/New_York",
        latitude=40.6782,
        longitude=-73.9442,
        subdivision="US-NY",
        jurisdiction="US-NY",
        locale="en-US",
        currency="USD",
        phone="+171855501xx",
        street="{number} {street}",
        streets=("Cooper Street", "Ferry Avenue", "Linden Place", "Quarry Street", "Wren Court"),
        first_names=("Aaron", "Bianca", "Dmitri", "Esther", "Jamal", "Leah", "Nina", "Victor"),
        last_names=("Cohen", "Diaz", "Ferrante", "Goldberg", "Ivanov", "Morris", "Singh"),
    ),
    Place(
        country="GB",
        region=None,
        city="London",
        postal_codes=("E8 3DL", "N1 7GU", "NW5 2AA", "SE15 4QN", "SW9 8PR"),
        timezone="Europe/London",
        latitude=51.5226,
        longitude=-0.0815,
        subdivision="GB-ENG",
        jurisdiction="GB",
        locale="en-GB",
        currency="GBP",
        phone="+442079460xxx",
        street="{number} {street}",
        streets=("Barley Road", "Chandler Mews", "Fennel Close", "Plover Street", "Tanner Row"),
        first_names=("Aisha", "Callum", "Eleanor", "Imran", "Isla", "Oliver", "Rhys", "Zoë"),
        last_names=("Ahmed", "Barker", "Clarke", "Fletcher", "O'Neill", "Patel", "Whitfield"),
    ),
    Place(
        country="DE",
        region=None,
        city="Berlin",
        postal_codes=("10115", "10245", "10437", "10965", "12047"),
        timezone="Europe/Berlin",
        latitude=52.4934,
        longitude=13.4234,
        subdivision="DE-BE",
        jurisdiction="DE",
        locale="de-DE",
        currency="EUR",
        phone="+493023125xxx",
        street="{street} {number}",
        streets=("Ahornstraße", "Brückenweg", "Kranichstraße", "Mühlengasse", "Uferweg"),
        first_names=("Anke", "Emre", "Felix", "Hannelore", "Jürgen", "Lena", "Sabine", "Tarik"),
        last_names=("Bäcker", "Demir", "Fuchs", "Großmann", "Krüger", "Neumann", "Özdemir"),
    ),
    Place(
        country="FR",
        region=None,
        city="Lyon",
        postal_codes=("69001", "69003", "69004", "69006", "69007"),
        timezone="Europe/Paris",
        latitude=45.7578,
        longitude=4.8320,
        subdivision=None,
        jurisdiction="FR",
        locale="fr-FR",
        currency="EUR",
        phone="+3319900xxxx",
        street="{number} {street}",
        streets=("rue des Tilleuls", "quai du Héron", "rue du Lavoir", "montée des Genêts"),
        first_names=("Amélie", "Baptiste", "Chloé", "Élodie", "Loïc", "Mehdi", "Noémie", "Yann"),
        last_names=("Benali", "Chevalier", "Dubois", "Fournier", "Lefèvre", "Moreau", "Rossi"),
    ),
    Place(
        country="AU",
        region="VIC",
        city="Melbourne",
        postal_codes=("3000", "3053", "3065", "3121", "3182"),
        timezone="Australia/Melbourne",
        latitude=-37.8136,
        longitude=144.9631,
        subdivision="AU-VIC",
        jurisdiction="AU-VIC",
        locale="en-AU",
        currency="AUD",
        phone="+6135550xxxx",
        street="{number} {street}",
        streets=("Banksia Street", "Cockatoo Lane", "Heath Road", "Ironbark Court", "Wattle Grove"),
        first_names=("Bronwyn", "Cooper", "Hamish", "Jacinta", "Kiri", "Lachlan", "Mei", "Talia"),
        last_names=("Anderson", "Campbell", "Doyle", "Kelly", "Nguyen", "Papadopoulos", "Wu"),
    ),
)
"""Where the factories' people live."""


def place(*, country: str | None = None, timezone: str | None = None) -> Place:
    """Return a town of that country, or else of that time zone, or else any town."""
    fitting = [
        each
        for each in PLACES
        if (country is None or each.country == country)
        and (timezone is None or each.timezone == timezone)
    ]
    if not fitting and country is not None and timezone is not None:
        return place(country=country)
    return chance().choice(fitting or PLACES)


def address_in(there: Place) -> Address:
    """Return an address in that town that nobody has."""
    take = chance()
    number = take.random.randint(1, 240)
    return Address(
        line1=there.street.format(number=number, street=take.choice(there.streets)),
        city=there.city,
        region=there.region,
        postal_code=take.choice(there.postal_codes),
        country=there.country,
    )


def phone_in(there: Place) -> str:
    """Return a telephone number of that country, from its range for fiction, in E.164."""
    digits = chance().random
    return "".join(str(digits.randrange(10)) if sign == "x" else sign for sign in there.phone)


def email_of(first_name: str, last_name: str) -> str:
    """Return an e-mail address for a person of that name. Nobody else gets it."""
    plain = normalize("NFKD", f"{first_name}.{last_name}".casefold())
    letters = "".join(sign for sign in plain if sign.isascii() and (sign.isalnum() or sign == "."))
    return f"{letters.strip('.')}.{chance().number('email'):x}@example.com".lstrip(".")
