"""Many pets, to be read page by page."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from tests.examples import NINE, pet
from vetcore.models import Pet
from vetcore.values.animals import Species


def many(count: int = 40) -> list[Pet]:
    return [
        pet(
            id=UUID(int=(number * 7919) % 1009 + 1),
            name=("Bo", "bo", "Zoë", "Max")[number % 4],
            species=(Species.DOG, Species.CAT)[number % 2],
            born_on=None if number % 3 == 0 else date(2020, 1, 1 + number % 5),
            weight_kg=None if number % 5 == 0 else Decimal(number % 3 + 1) / 8,
            created_at=NINE + timedelta(microseconds=number % 6),
        )
        for number in range(count)
    ]
