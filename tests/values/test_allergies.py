"""Which recorded allergies speak against a prescription."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vetcore.values.drugs import DrugClass, drug_classes, same_drug, words
from vetcore.values.medical import Allergy, AllergyKind
from vetcore.values.visits import Prescription, allergy_conflicts


def conflicts(drug: str, *substances: str, kind: AllergyKind = AllergyKind.MEDICATION) -> list[str]:
    prescription = Prescription(drug=drug, dose="1 tablet", frequency="every 12 hours")
    allergies = [Allergy(substance=substance, kind=kind) for substance in substances]
    return [allergy.substance for allergy in allergy_conflicts(prescription, allergies)]


@pytest.mark.parametrize(
    ("substance", "drug"),
    [
        ("Carprofen", "carprofen"),
        ("carprofen", "Carprofen 75 mg chewable tablets"),
        ("Amoxicillin/clavulanate", "amoxicillin"),
        ("Penicillin", "Amoxicillin trihydrate 250 mg"),
        ("penicillins", "Clavamox"),
        ("Amoxicillin", "Ampicillin"),
        ("Cephalexin", "Convenia"),
        ("cefalexin", "cephalexin"),
        ("Beta-lactams", "cefpodoxime"),
        ("Beta-lactams", "ampicillin"),
        ("Sulfa", "Trimethoprim/sulfamethoxazole"),
        ("sulfa drugs", "Albon"),
        ("Tetracycline", "doxycycline hyclate"),
        ("Enrofloxacin", "marbofloxacin"),
        ("NSAIDs", "Meloxicam 1.5 mg/mL"),
        ("non-steroidal anti-inflammatories", "Rimadyl"),
        ("Morphine", "Buprenorphine"),
        ("Ivermectin", "milbemycin oxime"),
        ("chicken", "Chewable tablet, chicken flavour"),
        ("Métronidazole", "metronidazole"),
    ],
)
def test_a_drug_that_is_contains_or_is_of_the_class_of_an_allergen_conflicts(
    substance: str, drug: str
) -> None:
    assert conflicts(drug, substance) == [substance]


@pytest.mark.parametrize(
    ("substance", "drug"),
    [
        ("Penicillin", "Cephalexin"),
        ("Penicillin", "Doxycycline"),
        ("cin", "Doxycycline"),
        ("Metronidazole", "Ketoconazole"),
        ("Sulfa", "Morphine sulfate"),
        ("Meloxicam", "Prednisolone"),
        ("pollen", "Maropitant"),
        ("---", "Maropitant"),
    ],
)
def test_other_drugs_do_not(substance: str, drug: str) -> None:
    assert conflicts(drug, substance) == []


def test_all_allergies_that_conflict_are_named_in_their_order() -> None:
    recorded = ("NSAIDs", "Penicillin", "carprofen", "Latex")
    assert conflicts("Rimadyl (carprofen)", *recorded) == ["NSAIDs", "carprofen"]


def test_a_food_is_no_class_of_drugs_but_may_be_in_one() -> None:
    assert conflicts("Prednisolone", "steroid-treated beef", kind=AllergyKind.FOOD) == []
    assert conflicts("Heartgard beef chewables", "Beef", kind=AllergyKind.FOOD) == ["Beef"]


@pytest.mark.parametrize("drug_class", DrugClass)
def test_every_class_knows_itself_by_name(drug_class: DrugClass) -> None:
    assert drug_class in drug_classes(drug_class.replace("_", " "))


@given(st.text(max_size=30), st.text(max_size=30))
def test_being_the_same_drug_is_mutual(one: str, other: str) -> None:
    assert same_drug(one, other) == same_drug(other, one)
    assert same_drug(one, one) == bool(words(one))
    assert drug_classes(one) <= drug_classes(f"{one} {other}")
