"""The words of registers and shelters mean what they mean there, in six languages."""

from time import perf_counter

import pytest

from vetcore.registers.words.folding import is_blank
from vetcore.registers.words.headings import known_headings
from vetcore.registers.words.kinds import letters_of, read_species
from vetcore.registers.words.sexes import read_both, read_neutered, read_sex
from vetcore.registers.words.statuses import read_status
from vetcore.values.animals import PetStatus, Sex, Species

SEXES = {
    ("female", True): """
        Spayed; FS; SF; F/S; Spayed Female; Female Spayed; FEMALE (SPAYED); S; F-S; Desexed Female;
        Female - De-sexed; weiblich kastriert; Hündin, kastriert; wk; stérilisée; femelle stérilisée;
        castrée; esterilizada; hembra esterilizada; castrada; sterilizzata; femmina sterilizzata;
        teef, gesteriliseerd; vrouwelijk gecastreerd; femelle castrée; Female Altered; F/N; kastrierte Hündin;
        gesteriliseerde teef; femelle stérilisé(e); feminin castrado(a); ♀ kastriert
        """,
    ("male", True): """
        Neutered; NM; MN; MC; M/N; Neutered Male; Male Neutered; Male (castrated); N; gelding;
        männlich kastriert; Rüde (kastriert); mk; castré; mâle castré; stérilisé; esterilizado;
        macho castrado; castrato; maschio sterilizzato; reu gecastreerd; mannelijk gesteriliseerd;
        Male Desexed; Wallach; gecastreerde reu; kastrierter Kater; mâle stérilisé(e); ♂ neutered
        """,
    ("female", False): """
        Intact Female; Female Intact; F/I; IF; Female - Entire; female, not spayed; Unspayed Female;
        weiblich, nicht kastriert; Hündin unkastriert; femelle non stérilisée; femelle entière;
        hembra no esterilizada; hembra sin esterilizar; femmina intera; femmina non sterilizzata;
        teef niet gesteriliseerd; No / Female
        """,
    ("male", False): """
        Intact Male; Male Entire; M/I; MI; Male Unneutered; Male - not desexed; männlich intakt;
        Rüde nicht kastriert; mâle entier; mâle non castré; macho entero; macho no castrado;
        maschio intero; maschio non castrato; reu, ongecastreerd; No / Male
        """,
    ("female", None): """
        F; Female; f; w; weiblich; Weibl.; W; Hündin; femelle; Femelle; hembra; H; femmina; teef;
        vrouwelijk; V; poes; bitch; queen; mare; Female / Unknown; féminin; femenino; ♀
        """,
    ("male", None): """
        M; Male; m; männlich; maennlich; masculin; masculino; varón; maschile; ♂; Rüde; Kater; mâle; macho; maschio; reu; mannelijk; Dog; tom
        """,
    ("unknown", True): "Desexed; Altered; kastriert; gecastreerd; gesteriliseerd; sterilisiert",
    ("unknown", False): "Entire; Intact; nicht kastriert; Unaltered; ongecastreerd",
    (
        "unknown",
        None,
    ): "Unknown; U; ; -; N/A; unbekannt; inconnu; desconocido; sconosciuto; onbekend",
}
ALL_SEXES = [
    (word.strip(), sex, neutered)
    for (sex, neutered), words in SEXES.items()
    for word in words.replace("\n", " ").split(";")
]


@pytest.mark.parametrize(("word", "sex", "neutered"), ALL_SEXES)
def test_a_word_of_sexes_says_sex_and_neutering(word: str, sex: str, neutered: bool | None) -> None:
    found = read_sex(word)
    assert (found.sex or found.likely_sex or Sex.UNKNOWN) == sex
    assert found.neutered is neutered
    assert found.is_understood


@pytest.mark.parametrize(
    ("text", "neutered"),
    [
        ("unknown spayed", None),
        ("male, possibly neutered", None),
        ("female unknown intact", None),
        ("not intact", True),
        ("nicht intakt", True),
        ("male not entire", True),
    ],
)
def test_doubt_leaves_neutering_open_and_not_intact_is_neutered(
    text: str, neutered: bool | None
) -> None:
    assert read_sex(text).neutered is neutered


@pytest.mark.parametrize("word", ["Xyz", "Male zorgle", "3", "purple"])
def test_a_word_that_is_not_known_is_not_understood(word: str) -> None:
    assert not read_sex(word).is_understood


@pytest.mark.parametrize(
    ("words", "neutered"),
    [
        (
            "Y; Yes; TRUE; 1; X; ja; J; oui; O; sí; Sì; S; desexed; Spayed; kastriert; 12/03/2019",
            True,
        ),
        ("N; No; FALSE; 0; nein; non; nee; not desexed; Intact; entire; F", False),
        ("; Unknown; U; N/A; -; unbekannt", None),
    ],
)
def test_a_column_that_asks_for_neutering_is_answered(words: str, neutered: bool | None) -> None:
    for word in words.split(";"):
        assert read_neutered(word).neutered is neutered, word
        assert read_neutered(word).is_understood, word


@pytest.mark.parametrize(
    ("text", "sex", "neutered"),
    [
        ("Yes / Male", Sex.MALE, True),
        ("No / Female", Sex.FEMALE, False),
        ("N/M", Sex.MALE, False),
        ("Y/F", Sex.FEMALE, True),
        ("Yes / Unknown", None, True),
        (" / Male", Sex.MALE, None),
        ("M/N", Sex.MALE, True),
        ("F/S", Sex.FEMALE, True),
        ("S/F", Sex.FEMALE, True),
    ],
)
def test_a_column_of_both_has_neutering_first(
    text: str, sex: Sex | None, neutered: bool | None
) -> None:
    assert read_both(text)[:2] == (sex, neutered)


STATUSES = {
    PetStatus.DECEASED: """
        EUTHANIZE; Euthanasia; EUTH; Euthanized - Medical; DIED; Died in Foster; DEAD; DISPOSAL; DOA;
        Deceased; Cancelled (Deceased); put to sleep; PTS; verstorben; eingeschläfert; gestorben; tot;
        décédé; euthanasié; morte; fallecido; muerta; eutanasia; deceduto; soppresso; overleden; ingeslapen
        """,
    PetStatus.LOST: """
        MISSING; Stolen; Lost; ESCAPED; Missing in Foster; entlaufen; vermisst; gestohlen; perdu; volé;
        disparu; perdida; robado; smarrito; rubato; vermist; gestolen; weggelopen
        """,
    PetStatus.REHOMED: """
        ADOPTION; Adopted; TRANSFER; Transferred Out; RESCUE; Cancelled (No longer owns); sold;
        New owner; vermittelt; abgegeben; verkauft; Halterwechsel; adopté; cédée; vendu; adoptada;
        cedido; adottato; ceduto; geadopteerd; verkocht; Adoption (Off-site)
        """,
    PetStatus.ACTIVE: """
        ; RETURN TO OWNER; RTO; Rto-Adopt; FOSTER; Current; Expired; Active; Renewed; Inactive;
        Cancelled (Lost tag); Lost licence; not deceased; alive; Released; RTF; SNR; N/A; aktiv; lebend;
        vivant; vivo; actief; in leven; en vida; in vita; am Leben; Baja; Cancelled (Left jurisdiction); Cancelled
        """,
}


@pytest.mark.parametrize(
    ("word", "status"),
    [
        (word.strip(), status)
        for status, words in STATUSES.items()
        for word in words.replace("\n", " ").split(";")
    ],
)
def test_a_word_says_what_became_of_the_animal(word: str, status: PetStatus) -> None:
    assert read_status(word) is status


def test_a_word_that_says_nothing_of_the_animal_is_not_known() -> None:
    assert read_status("Zorgled") is None


SPECIES = {
    Species.DOG: "D; Dog; DOGS; Canine; Hund; Hunde; chien; perro; cane; hond; K9; PUPPY; D   ; Canino; cagna; teef; reu",
    Species.CAT: "C; Cat; Cats; FELINE; Katze; Katzen; chat; gato; gatto; kat; kitten; Felino; Feral Cat",
    Species.RABBIT: "Rabbit; RABBIT SH; Kaninchen; lapin; conejo; coniglio; konijn; BUNNY",
    Species.GUINEA_PIG: "Guinea Pig; Meerschweinchen; cochon d'Inde; GUINEA_PIG; Cavy",
    Species.FERRET: "Frettchen; furet; hurón; Ferret",
    Species.BIRD: "Bird; Vogel; oiseau; Parrot",
    Species.GOAT: "Goat; Ziege; Miniature Goat",
    Species.PIG: "Potbelly Pig; Pig; Pot-bellied pig; Schwein",
    Species.OTHER: "Other; OTHER; Wildlife; Livestock; Reptile; NAC; andere; Small Animal",
}


@pytest.mark.parametrize(
    ("word", "species"),
    [(word, species) for species, words in SPECIES.items() for word in words.split("; ")],
)
def test_species_are_known_by_their_names(word: str, species: Species) -> None:
    found = letters_of(["D", "C"]).get(word.strip().lower()) or read_species(word)
    assert found is species


@pytest.mark.parametrize(
    ("letters", "meant"),
    [
        ("D C", {"d": Species.DOG, "c": Species.CAT}),
        ("C F", {"c": Species.DOG, "f": Species.CAT}),
        ("H K", {"h": Species.DOG, "k": Species.CAT}),
        ("P G", {"p": Species.DOG, "g": Species.CAT}),
    ],
)
def test_a_letter_means_what_it_means_beside_the_others(
    letters: str, meant: dict[str, Species]
) -> None:
    found = letters_of(letters.split())
    assert {letter: found[letter] for letter in meant} == meant


HEADINGS = {
    "license_number": "Animal ID; ANIMAL_ID; AnimalID; animal id ; Licence Number; Chip-Nr.; Hundemarke; Tag; N° de puce; Nº registro; Nr. Chip; Hundesteuernummer",
    "name": "Name; AnimalName; Animal Name; pet_name; HUNDENAME; Nom; Nombre; Nome; Naam; Tiername",
    "species": "Species; Type; Animal Type; Tierart; Espèce; Especie; Specie; Diersoort; ANIMAL_TYPE",
    "breed": "Breed; BreedName; Primary Breed; RASSE1; Rasse; Race; Raza; Razza; Ras",
    "second_breed": "Secondary Breed; RASSE2; breed_2",
    "sex": "Sex; Gender; AnimalGender; Sex upon Intake; GESCHLECHT_HUND; SexHundLang; Geschlecht; Sexe; Sexo; Sesso; Geslacht",
    "neutered": "Desexed; De-sexed; Neutered; Spayed/Neutered; Kastriert; Stérilisé; Esterilizado; Sterilizzato; Gecastreerd",
    "born_on": "DOB; Date of Birth; Date Of Birth; AnimalBirthYear; GEBURTSJAHR_HUND; Geburtsdatum; Date de naissance; Fecha de nacimiento; Data di nascita; Geboortedatum",
    "age": "Age; Age upon Intake; Alter; Leeftijd; Edad",
    "color": "Color; Colour; PrimaryColour; HUNDEFARBE; Farbe; Couleur; Colore; Kleur; Fellfarbe",
    "postal_code": "ZipCode; Zip Code; PLZ; Postcode; Code postal; Postleitzahl; zip",
    "status": "Outcome Type; Status; OUTCOME; License Status; Statut; Estado; Stato",
    "as_of": "Intake Date; LicenseIssuedDate; DateTime; license_issue_date",
    "died_on": "Date of Death; Todesdatum; Date de décès; Fecha de muerte",
    "owner_number": "HALTER_ID; Owner ID",
}


@pytest.mark.parametrize(
    ("heading", "field"),
    [(heading, field) for field, some in HEADINGS.items() for heading in some.split("; ")],
)
def test_a_heading_says_what_a_column_holds(heading: str, field: str) -> None:
    assert list(known_headings([heading])) == [field]


def test_what_is_called_the_animals_comes_before_what_may_be_the_keepers() -> None:
    found = known_headings(["HalterId", "SexCd", "SexLang", "SexHundCd", "SexHundLang"])
    assert {place for _, place in found["sex"]} == {3, 4}
    header = ["HALTER_ID", "ALTER", "GESCHLECHT", "RASSE1", "GEBURTSJAHR_HUND", "GESCHLECHT_HUND"]
    found = known_headings(header)
    assert [place for _, place in found["sex"]] == [5]
    assert "age" not in found


@pytest.mark.parametrize(
    "text",
    ["NULL", "null", "N/A", "n/a", "-", "--", "?", " ", "unknown", "0000-00-00", "#N/A", "None"],
)
def test_what_stands_for_nothing_is_nothing(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["No", "0", "00123", "Nora", "N", "never"])
def test_what_says_something_is_no_blank(text: str) -> None:
    assert not is_blank(text)


@pytest.mark.parametrize("read", [read_sex, read_neutered, read_both, read_status, read_species])
def test_a_long_text_is_read_in_no_time(read: object) -> None:
    assert callable(read)
    started = perf_counter()
    for text in ("not " * 50_000, "a" * 200_000, "/" * 200_000, " " * 200_000 + "x"):
        read(text)
    assert perf_counter() - started < 1


@pytest.mark.parametrize(
    ("text", "sex", "neutered"),
    [
        ("unknown if spayed", None, None),
        ("Female, im Tierheim kastriert", Sex.FEMALE, True),
        ("IF", Sex.FEMALE, False),
        ("F/I", Sex.FEMALE, False),
        ("Male (MI)", Sex.MALE, False),
    ],
)
def test_a_word_of_a_sentence_is_no_code(text: str, sex: Sex | None, neutered: bool | None) -> None:
    assert read_sex(text)[:2] == (sex, neutered)
