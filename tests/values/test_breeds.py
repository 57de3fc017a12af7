"""Breeds as people write them, and the one name that is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vetcore.values.animals import Species
from vetcore.values.breeds import BreedMatch, Recognition, canonical_breeds, recognize, search

SAMPLE = """
cat | American Curl | American Curl
dog | American Eskimo | American Eskimo Dog
dog | American Indian Dog | American Indian Dog
dog | American White Shepherd | American White Shepherd
cat | American Wirehair | American Wirehair
dog | Argentine Dogo | Dogo Argentino
dog | Armant | Armant
cat | Asian Shorthair | Asian
dog | Australian Shepherd, Miniature | Miniature American Shepherd
dog | Austrian Pinscher | Austrian Pinscher
cat | Balinese | Balinese
dog | Barbet | Barbet
dog | Beagle | Beagle
dog | Beauceron | Beauceron
dog | Belgian Sheepdog | Belgian Sheepdog
cat | Bengal | Bengal
dog | Bichon Frise | Bichon Frise
dog | Bloodhound | Bloodhound
dog | Bolognese | Bolognese
cat | Bombay | Bombay
dog | Bouvier des Ardennes | Bouvier des Ardennes
dog | Bulldog | Bulldog
dog | Bulldog, French | French Bulldog
dog | Canaan | Canaan Dog
dog | Cane Corso | Cane Corso
dog | Catahoula Leopard dog | Catahoula Leopard Dog
dog | Caucasian Mountain Dog | Caucasian Shepherd Dog
dog | Chihuahua, Long Coat | Chihuahua
dog | Chinese Crested | Chinese Crested
dog | Cirneco dell Etna | Cirneco dell'Etna
dog | Coonhound, Redbone | Redbone Coonhound
dog | Croatian Sheepdog | Croatian Sheepdog
dog | Dalmatian | Dalmatian
dog | Doberman Pinscher | Doberman Pinscher
cat | Domestic Shorthair | Domestic Shorthair
dog | Dutch Shepherd | Dutch Shepherd
cat | Egyptian Mau | Egyptian Mau
dog | Eurasier | Eurasier
cat | Exotic Longhair | Exotic Longhair
cat | Exotic Shorthair | Exotic Shorthair
dog | Finnish Spitz | Finnish Spitz
dog | Ibizan Hound | Ibizan Hound
dog | Icelandic Sheepdog | Icelandic Sheepdog
dog | Japanese Spitz | Japanese Spitz
dog | Keeshond | Keeshond
cat | Korat | Korat
dog | Lagotto Romagnolo | Lagotto Romagnolo
cat | Maine Coon | Maine Coon
dog | Mastiff | Mastiff
dog | McNab Herding Dog | McNab
cat | Mix | mixed
dog | Mix | mixed
dog | Munsterlander,Small | Small Munsterlander
dog | Newfoundland | Newfoundland
cat | Norwegian Forest | Norwegian Forest Cat
cat | Persian | Persian
dog | Peruvian Inca Orchid | Peruvian Inca Orchid
dog | Pharaoh Hound | Pharaoh Hound
dog | Pointer | Pointer
dog | Pomeranian | Pomeranian
dog | Poodle, Miniature | Miniature Poodle
dog | Poodle, Toy | Toy Poodle
dog | Poong-San Dog | Poongsan
dog | Pug | Pug
dog | Retriever, Chesapeake Bay | Chesapeake Bay Retriever
dog | Retriever, Golden | Golden Retriever
dog | Saarloos Wolfdog | Saarloos Wolfdog
dog | Samoyed | Samoyed
dog | Setter, Irish | Irish Setter
dog | Shetland Sheepdog | Shetland Sheepdog
dog | Shiba Inu | Shiba Inu
dog | Shiloh Shepherd | Shiloh Shepherd
cat | Siamese | Siamese
dog | Siberian Husky | Siberian Husky
cat | Singapura | Singapura
cat | Snowshoe | Snowshoe
dog | Spaniel, Boykin | Boykin Spaniel
dog | Spaniel, Clumber | Clumber Spaniel
dog | Spaniel, English Springer | English Springer Spaniel
dog | Spaniel, Field | Field Spaniel
dog | Spaniel, Irish Water | Irish Water Spaniel
cat | Sphynx | Sphynx
dog | Stabyhoun | Stabyhoun
dog | Swedish Vallhund | Swedish Vallhund
dog | Tahitian Bear Dog | Tahitian Bear Dog
dog | Terrier | Terrier
dog | Terrier, Airedale | Airedale Terrier
dog | Terrier, American Pit Bull | American Pit Bull Terrier
dog | Terrier, American Staffordshire | American Staffordshire Terrier
dog | Terrier, Black Russian | Black Russian Terrier
dog | Terrier, Bull | Bull Terrier
dog | Terrier, Cairn | Cairn Terrier
dog | Terrier, English Staffordshire | Staffordshire Bull Terrier
dog | Terrier, Fox, Smooth | Smooth Fox Terrier
dog | Terrier, Fox, Wire | Wire Fox Terrier
dog | Terrier, Glen of Imaal | Glen of Imaal Terrier
dog | Terrier, Kerry Blue | Kerry Blue Terrier
dog | Terrier, Lakeland | Lakeland Terrier
dog | Terrier, Norfolk | Norfolk Terrier
dog | Terrier, Pit Bull | American Pit Bull Terrier
dog | Terrier, Scottish | Scottish Terrier
dog | Terrier, Sealyham | Sealyham Terrier
dog | Terrier, Soft Coated Wheaten | Soft Coated Wheaten Terrier
dog | Thai Ridgeback | Thai Ridgeback
cat | Turkish Van | Turkish Van
dog | Vizsla, Smooth Haired | Vizsla
dog | Welsh Corgi, Cardigan | Cardigan Welsh Corgi
dog | Whippet | Whippet
dog | Xoloitzcuintli | Xoloitzcuintli
cat | York Chocolate | York Chocolate
dog | Affenpinscher | Affenpinscher
dog | Akita / Mix | Akita (mix)
dog | Basenji / Mix | Basenji (mix)
dog | Basenji / Rottweiler | Basenji + Rottweiler
dog | Basset Hound / Mix | Basset Hound (mix)
dog | Basset Hound / Terrier, American Pit Bull | Basset Hound + American Pit Bull Terrier
dog | Bloodhound / Mix | Bloodhound (mix)
dog | Boerboel / Terrier, Pit Bull | Boerboel + American Pit Bull Terrier
dog | Border Collie / Retriever, Labrador | Border Collie + Labrador Retriever
dog | Boxer / Beagle | Boxer + Beagle
dog | Boxer / Retriever | Boxer + Retriever
dog | Boxer / Terrier, American Staffordshire | Boxer + American Staffordshire Terrier
dog | Bulldog, American / Dalmatian | American Bulldog + Dalmatian
dog | Bulldog, American / Pointer | American Bulldog + Pointer
dog | Bulldog, American / Terrier, English Staffordshire | American Bulldog + Staffordshire Bull Terrier
dog | Bulldog, French / Mix | French Bulldog (mix)
dog | Catahoula Leopard dog / Mix | Catahoula Leopard Dog (mix)
dog | Chihuahua, Short Coat / Dachshund, Miniature Smooth Haired | Chihuahua + Miniature Dachshund
dog | Chihuahua, Short Coat / Terrier, Jack Russell | Chihuahua + Jack Russell Terrier
dog | Chow Chow / German Spitz | Chow Chow + German Spitz
dog | Chow Chow / Rottweiler | Chow Chow + Rottweiler
dog | Collie, Rough / Mix | Rough Collie (mix)
dog | Coonhound / Shepherd | Coonhound + Shepherd
dog | Cur, Mountain / Retriever, Labrador | Mountain Cur + Labrador Retriever
dog | Dachshund, Miniature Long Haired / Mix | Miniature Dachshund (mix)
dog | Dachshund, Miniature Smooth Haired | Miniature Dachshund
dog | Dachshund, Miniature Smooth Haired / Terrier, Yorkshire | Miniature Dachshund + Yorkshire Terrier
dog | Dachshund, Standard Long Haired / Mix | Standard Dachshund (mix)
dog | Dutch Sheepdog | Dutch Sheepdog
dog | English Mastiff | English Mastiff
dog | German Pinscher / Mix | German Pinscher (mix)
dog | German Shepherd / Akita | German Shepherd Dog + Akita
dog | German Shepherd / Boxer | German Shepherd Dog + Boxer
dog | Great Dane | Great Dane
dog | Greyhound / Retriever | Greyhound + Retriever
dog | Hound / Beagle | Hound + Beagle
dog | Hound / Retriever | Hound + Retriever
dog | Keeshond / Mix | Keeshond (mix)
dog | Kuvasz / Mix | Kuvasz (mix)
dog | Lagotto Romagnolo / Mix | Lagotto Romagnolo (mix)
dog | Maltese / Poodle, Toy | Maltese + Toy Poodle
dog | Mastiff / Mix | Mastiff (mix)
dog | Old English Sheepdog / Poodle, Standard | Old English Sheepdog + Standard Poodle
dog | Papillon / Chihuahua, Short Coat | Papillon + Chihuahua
dog | Papillon / Pomeranian | Papillon + Pomeranian
dog | Pharaoh Hound / Mix | Pharaoh Hound (mix)
dog | Pointer, German Shorthaired | German Shorthaired Pointer
dog | Pomeranian / Mix | Pomeranian (mix)
dog | Poodle, Miniature / Terrier, Yorkshire | Miniature Poodle + Yorkshire Terrier
dog | Poodle, Standard / Mix | Standard Poodle (mix)
dog | Poodle, Standard / Terrier | Standard Poodle + Terrier
dog | Retriever / Bullmastiff | Retriever + Bullmastiff
dog | Retriever / Chow Chow | Retriever + Chow Chow
dog | Retriever / Terrier | Retriever + Terrier
dog | Retriever, Flat-Coated | Flat-Coated Retriever
dog | Retriever, Labrador / Chow Chow | Labrador Retriever + Chow Chow
dog | Retriever, Labrador / Weimaraner | Labrador Retriever + Weimaraner
dog | Rottweiler | Rottweiler
dog | Schnauzer, Giant | Giant Schnauzer
dog | Setter, Irish / Retriever, Labrador | Irish Setter + Labrador Retriever
dog | Shepherd / Border Collie | Shepherd + Border Collie
dog | Shepherd / Plott Hound | Shepherd + Plott Hound
dog | Shepherd / Poodle, Miniature | Shepherd + Miniature Poodle
dog | Shetland Sheepdog / Beagle | Shetland Sheepdog + Beagle
dog | Shiba Inu / Bichon Frise | Shiba Inu + Bichon Frise
dog | Shih Tzu | Shih Tzu
dog | Shih Tzu / Maltese | Shih Tzu + Maltese
dog | Shih Tzu / Mix | Shih Tzu (mix)
dog | Shih Tzu / Shih Tzu | Shih Tzu
dog | Spaniel / Collie, Smooth | Spaniel + Smooth Collie
dog | Spaniel, American Cocker / Poodle, Miniature | American Cocker Spaniel + Miniature Poodle
dog | Spaniel, Cavalier King Charles / Mix | Cavalier King Charles Spaniel (mix)
dog | Spaniel, English Cocker / Poodle, Standard | English Cocker Spaniel + Standard Poodle
dog | Spaniel, English Springer / Mix | English Springer Spaniel (mix)
dog | Spaniel, Field / Mix | Field Spaniel (mix)
dog | Spanish Water Dog | Spanish Water Dog
dog | Spinone Italiano | Spinone Italiano
dog | Terrier / Bichon Frise | Terrier + Bichon Frise
dog | Terrier / Bulldog | Terrier + Bulldog
dog | Terrier, American Pit Bull / Bulldog, French | American Pit Bull Terrier + French Bulldog
dog | Terrier, American Pit Bull / Rottweiler | American Pit Bull Terrier + Rottweiler
dog | Terrier, Australian | Australian Terrier
dog | Terrier, Bull / Retriever, Labrador | Bull Terrier + Labrador Retriever
dog | Terrier, Fox, Toy / Dachshund, Miniature Long Haired | Toy Fox Terrier + Miniature Dachshund
dog | Terrier, Jack Russell / Poodle, Miniature | Jack Russell Terrier + Miniature Poodle
dog | Terrier, Manchester | Manchester Terrier
dog | Terrier, Patterdale / Mix | Patterdale Terrier (mix)
dog | Terrier, Pit Bull / Terrier, American Staffordshire | American Pit Bull Terrier + American Staffordshire Terrier
dog | Terrier, Russell | Russell Terrier
dog | Terrier, Scottish / Hound | Scottish Terrier + Hound
"""
"""Two hundred ways in which two municipal registers name a breed, drawn at random, judged by hand."""

ALL = [(species, name) for species in Species for name in canonical_breeds(species)]


@pytest.mark.parametrize("line", SAMPLE.strip().splitlines())
def test_none_of_two_hundred_is_taken_for_another(line: str) -> None:
    species, text, meant = (part.strip() for part in line.split("|"))
    match = recognize(text, Species(species))
    breeds = meant.removesuffix("(mix)").strip()
    assert " + ".join(match.breeds) == ("" if breeds == "mixed" else breeds)
    assert match.is_mixed is (meant == "mixed" or meant.endswith("(mix)") or "+" in meant)


@pytest.mark.parametrize(
    ("text", "breeds", "mixed", "how"),
    [
        ("LABRADOR RETR", ("Labrador Retriever",), False, Recognition.ALIAS),
        ("PIT BULL", ("American Pit Bull Terrier",), False, Recognition.ALIAS),
        ("GSD", ("German Shepherd Dog",), False, Recognition.ALIAS),
        ("Lab mix", ("Labrador Retriever",), True, Recognition.ALIAS),
        ("Beagle x Poodle", ("Beagle", "Poodle"), True, Recognition.EXACT),
        ("Chihuahua and Pug", ("Chihuahua", "Pug"), True, Recognition.EXACT),
        ("Coonhound, Black and Tan", ("Black and Tan Coonhound",), False, Recognition.EXACT),
        ("\u00a0Bichon\u00a0Fris\u00e9 ", ("Bichon Frise",), False, Recognition.EXACT),
        ("Goldn Retriever", ("Golden Retriever",), False, Recognition.CORRECTED),
        ("Rotweiler", ("Rottweiler",), False, Recognition.CORRECTED),
        ("Mixed Breed, Medium (up to 44 lbs fully grown)", (), True, Recognition.MIXED),
        ("mutt", (), True, Recognition.MIXED),
        ("Unknown", (), False, Recognition.UNKNOWN),
        ("", (), False, Recognition.UNKNOWN),
        (None, (), False, Recognition.UNKNOWN),
        ("Zorgle", (), False, Recognition.UNRECOGNIZED),
        ("Zorgle mix", (), True, Recognition.UNRECOGNIZED),
    ],
)
def test_what_people_write_about_dogs(
    text: str | None, breeds: tuple[str, ...], mixed: bool, how: Recognition
) -> None:
    assert recognize(text, Species.DOG) == BreedMatch(breeds, mixed, how)


@pytest.mark.parametrize(
    ("text", "breed"), [("DSH", "Domestic Shorthair"), ("dlh", "Domestic Longhair")]
)
def test_cats_have_abbreviations(text: str, breed: str) -> None:
    assert recognize(text, Species.CAT).breeds == (breed,)


def test_a_name_means_what_it_means_for_the_species() -> None:
    assert recognize("Havana", Species.CAT).breeds == ("Havana Brown",)
    assert recognize("Havana", Species.RABBIT).breeds == ("Havana Rabbit",)
    assert recognize("Beagle", Species.CAT).how is Recognition.UNRECOGNIZED


@pytest.mark.parametrize(("species", "name"), ALL, ids=str)
def test_a_canonical_name_is_itself(species: Species, name: str) -> None:
    assert recognize(name, species) == BreedMatch((name,), False, Recognition.EXACT)
    assert recognize(name.upper(), species).breeds == (name,)
    assert recognize(" ".join(reversed(name.split())), species).breeds == (name,)


@given(st.sampled_from(ALL), st.data())
def test_a_slip_of_one_letter_is_never_taken_for_another_breed(
    one: tuple[Species, str], data: st.DataObject
) -> None:
    species, name = one
    at = data.draw(st.integers(0, len(name) - 1))
    slipped = name[:at] + data.draw(st.sampled_from("aeiourstln")) + name[at + 1 :]
    match = recognize(slipped, species)
    if match.how is Recognition.CORRECTED:
        assert match.breeds == (name,) or _near(slipped, match.breeds[0])


def _near(text: str, name: str) -> bool:
    """At most two letters apart: the slip, and the one that was mended."""
    return (
        abs(len(text) - len(name)) <= 2
        or set(text.casefold().split()) & set(name.casefold().split()) != set()
    )


@given(st.text(max_size=60), st.sampled_from(Species))
def test_any_text_is_recognised_or_not_without_an_error(text: str, species: Species) -> None:
    match = recognize(text, species)
    assert set(match.breeds) <= set(canonical_breeds(species))
    assert all(recognize(breed, species).breeds == (breed,) for breed in match.breeds)


def test_a_form_completes_from_the_start_of_a_word() -> None:
    assert search("golden r", Species.DOG) == ("Golden Retriever",)
    assert "Jack Russell Terrier" in search("russ", Species.DOG)
    assert search("", Species.DOG) == ()
    assert len(search("a", Species.DOG, limit=3)) == 3


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Mixed-breed", "mixed"),
        ("Mixed Breed Dog", "mixed"),
        ("cross-breed", "mixed"),
        ("Small dog mix", "mixed"),
        ("Mixed (Lab)", "Labrador Retriever (mix)"),
        ("Lab - Maltese", "Labrador Retriever + Maltese"),
        ("Lab, Poodle", "Labrador Retriever + Poodle"),
        ("Border Collie, Lab", "Border Collie + Labrador Retriever"),
        ("Lab w/ Pit", "Labrador Retriever + American Pit Bull Terrier"),
        ("Zorgle / Pug", "Pug (mix)"),
        ("Pug / Unknown", "Pug"),
        ("Beagle / Harrier", "Beagle + Harrier"),
        ("Beagle Harrier", "Beagle Harrier"),
        ("Black & Tan Coonhound", "Black and Tan Coonhound"),
        ("German Shepard", "German Shepherd Dog"),
        ("AUST SHEPHERD", "Australian Shepherd"),
        ("Bernese Mtn Dog", "Bernese Mountain Dog"),
        ("French Bull Dog", "French Bulldog"),
        ("Cock-a-poo", "Cockapoo"),
        ("Mini Goldendoodle", "Goldendoodle"),
        ("Beagle (purebred)", "Beagle"),
        ("Belgian Shepherd", "Belgian Shepherd Dog"),
        ("Fox Terrier", "Fox Terrier"),
        ("Shorkie", "Shorkie"),
        ("Small Munsterlander mix", "Small Munsterlander (mix)"),
    ],
)
def test_what_forms_without_a_list_hold(text: str, meant: str) -> None:
    match = recognize(text, Species.DOG)
    breeds = "" if meant == "mixed" else meant.removesuffix("(mix)").strip()
    assert " + ".join(match.breeds) == breeds
    assert match.is_mixed is (meant == "mixed" or meant.endswith("(mix)") or "+" in meant)


def test_a_coat_is_no_breed() -> None:
    assert recognize("Orange tabby", Species.CAT).how is Recognition.UNKNOWN
    assert recognize("DSH/tabby", Species.CAT) == recognize("DSH", Species.CAT)


@pytest.mark.parametrize("text", ["Shepherd, Pug", "Dorgi", "Moodle", "Terrier Zorgle"])
def test_what_may_be_several_things_is_not_guessed(text: str) -> None:
    assert recognize(text, Species.DOG).how is Recognition.UNRECOGNIZED
    assert recognize(text, Species.CAT).how is Recognition.UNRECOGNIZED


@pytest.mark.parametrize("text", ["ab" * 50_000, "abcdefgh " * 300, "lab / " * 20_000])
def test_a_text_that_is_too_long_for_a_breed_is_not_compared(text: str) -> None:
    assert recognize(text, Species.DOG).how is Recognition.UNRECOGNIZED
