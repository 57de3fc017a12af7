"""The headings by which columns are known, the preferred ones first."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from vetcore.registers.words.folding import one_word, plain

__all__ = ["known_headings", "looks_like_a_number"]

_HEADINGS: Final[Mapping[str, str]] = {
    "license_number": """
        animal id, animal number, animal no, animal num, animal n, animal key, pet id, pet number,
        dog id, hund id, tier id, tiernummer, id animal, identification, numero identification,
        registration number, registration no, registration id, registration, rego number,
        license number, license no, license num, license n, license id, license, licence number,
        licence no, licence id, licence, licencenummer, tag number, tag no, tag id, tag,
        dog license number, permit number, permit no,
        hundesteuernummer, hundesteuermarke, steuermarke, reg nr, kennzeichen,
        hundenummer, hundemarke, hundemarkennummer, markennummer, marke, registernummer,
        registriernummer, registrierungsnummer, steuernummer hund, amicus id, amicus nummer,
        numero d enregistrement, numero enregistrement, no enregistrement, numero de licence,
        numero licence, matricule, numero de tatouage, no licence,
        numero de registro, numero registro, n registro, num registro, numero de licencia,
        codigo animal, numero censo,
        numero di registrazione, numero registrazione, numero iscrizione, codice animale,
        registratienummer, penningnummer, diernummer, licentienummer,
        record id, record number, reference, ref, id, number, nr, no,
        microchip, microchip number, microchip no, microchip id, chip number, chip no, chip id, chip,
        chipnummer, chip nr, transponder, transpondernummer, transponder nr, mikrochip, numero de puce,
        puce, numero puce, numero chip, numero transponder, numero registre, numero registration, numero de microchip, numero microchip
        """,
    "name": """
        animal name, pet name, dog name, cat name, name of animal, name of pet, name of dog,
        hundename, hunde name, tiername, katzenname, name des hundes, name des tieres, rufname,
        nom de l animal, nom animal, nom du chien, nom du chat, nombre del animal, nombre animal,
        nombre mascota, nombre de la mascota, nome animale, nome dell animale, nome del cane,
        naam dier, naam hond, naam van het dier, naam huisdier, dierennaam,
        name, call name, nom, nombre, nome, naam
        """,
    "species": """
        species, animal species, animal type, pet type, type of animal, animal kind, kind of animal,
        kind, type, tierart, tiergattung, gattung, spezies, art, espece, type d animal,
        especie, tipo de animal, tipo animal, specie, tipo di animale, diersoort, soort,
        soort dier, species name
        """,
    "breed": """
        specific breed, primary breed, breed 1, breed1, breed, breed name, breeds, breed description, rasse1 text, rasse 1 text,
        animal breed, rasse 1, rasse1, rasse, hunderasse, rassename, rassebezeichnung, race 1, race,
        race du chien, raza 1, raza, razza 1, razza, ras 1, ras, hondenras, breed type
        """,
    "second_breed": """
        secondary breed, second breed, breed 2, breed2, rasse 2, rasse2, zweite rasse, race 2,
        raza 2, razza 2, ras 2, breed secondary,
        rasse2 text, rasse 2 text
        """,
    "neutered_and_sex": """
        neutered and sex, altered and sex, altered sex, s n sex, sex altered, sex and status
        """,
    "sex": """
        sex, animal sex, gender, animal gender, pet gender, dog gender, sex upon intake,
        sex upon outcome, sex on intake, intake sex, sex at intake, sex name, sex code,
        geschlecht, geschlecht hund, hundegeschlecht, geschlecht des hundes, sex hund lang, sex hund cd, sexe, sexe animal,
        sexe du chien, sexo, sesso, geslacht, geslacht dier
        """,
    "neutered": """
        neutered, is neutered, desexed, de sexed, is desexed, spayed neutered, spayed or neutered,
        spay neuter, neutered spayed, neuter status, neutered status, desexed status, sterilized,
        sterilised, sterilization, sterilisation, is sterilized, altered, is altered, fixed,
        spayed, castrated, s n, spay neuter status, spayed or castrated, desexed yn, sterilised yn,
        kastriert, kastriert ja nein, ist kastriert, kastration, sterilisiert, kastrationsstatus,
        sterilise, sterilisee, castre, esterilizado, esterilizada, castrado, esterilizacion,
        sterilizzato, sterilizzata, sterilizzazione, castrato, gecastreerd, gesteriliseerd,
        castratie, sterilisatie
        """,
    "born_on": """
        date of birth, birth date, dob, birthday, animal date of birth, animal dob, born, born on,
        birth dt, animal birth year, animal birth month, birth year, year of birth, yob,
        geburtsdatum, geburtstag, geburtsdatum hund, geburtsjahr hund, geb dat hund jahr, geburtsjahr, geboren,
        geboren am, jahrgang, gebdatum, wurfdatum, date de naissance, date naissance,
        annee de naissance, annee naissance, ne le, nee le, fecha de nacimiento, fecha nacimiento,
        ano de nacimiento, ano nacimiento, anyo nacimiento, f nacimiento, data di nascita,
        data nascita, anno di nascita, anno nascita, nato il, geboortedatum, geboortejaar,
        geboren op
        """,
    "age": """
        age, animal age, age upon intake, age upon outcome, age at intake, age on intake,
        intake age, age years, age in years, age in months, age months, age yrs, dog age, pet age,
        alter, alter hund, alter des hundes, alter in jahren, edad, eta, leeftijd, edad anos
        """,
    "color": """
        color, colour, primary color, primary colour, animal color, animal colour, coat color,
        coat colour, colour 1, color 1, colors, colours, hundefarbe, hundefarbe text, farbe, fellfarbe, farbe hund,
        couleur, robe, pelage, couleur robe, capa, pelo, colore, mantello, colore mantello, kleur,
        vachtkleur
        """,
    "postal_code": """
        zip code, zip, postal code, postcode, post code, zipcode, owner zip, owner zip code,
        outcome zip code, plz, postleitzahl, code postal, codigo postal, cp, cap, npa, eircode
        """,
    "status": """
        outcome type, outcome, animal status, pet status, license status, licence status, status,
        outcome status, disposition, final disposition, registration status, outcome category,
        tierstatus, zustand, verbleib, abgangsgrund, abgang, statut, etat, issue, sortie,
        motif de sortie, estado, situacion, motivo baja, destino, stato, esito, destinazione,
        uitkomst, reden uitschrijving
        """,
    "died_on": """
        date of death, death date, died on, dod, deceased date, date deceased, todesdatum, todestag,
        sterbedatum, gestorben am, date de deces, date deces, date du deces, decede le,
        fecha de muerte, fecha muerte, fecha de fallecimiento, fecha de defuncion,
        data di morte, data morte, data decesso, data di decesso, overlijdensdatum, overleden op,
        datum overlijden
        """,
    "vaccine": """
        rabies vaccine, rabies vac, vaccine, rabies vaccine name, tollwutimpfstoff
        """,
    "vaccinated_on": """
        rabies vaccination date, rabies date, date of rabies vaccination, vac date, vaccination date,
        rabies vaccine date, rabies vaccinated on, tollwutimpfung, tollwutimpfung am,
        date vaccination rage, fecha vacuna rabia, fecha de vacunacion antirrabica,
        data vaccinazione antirabbica, datum rabiesvaccinatie
        """,
    "vaccinated_until": """
        rabies expiration date, rabies expiration, rabies expires, rabies exp date, rabies due date,
        re vac d, revaccination date, rabies vaccination expiration, rabies valid until,
        tollwutimpfung gultig bis
        """,
    "as_of": """
        intake date, date of intake, intake date time, intake datetime, intake time, in date,
        date in, date time, datetime, license issue date, license issued date, licence issue date,
        issue date, issued date, issued on, date issued, registration date, date registered,
        registered on, registered, aufnahmedatum, eingangsdatum, anmeldedatum, registrierdatum,
        registriert am, date d entree, date entree, date d enregistrement, date enregistrement,
        fecha de ingreso, fecha ingreso, fecha de alta, fecha alta, fecha de registro,
        fecha registro, data di ingresso, data ingresso, data iscrizione, data di registrazione,
        data registrazione, datum binnenkomst, registratiedatum, datum registratie, outcome date,
        valid date, date
        """,
    "owner_number": """
        owner id, owner number, owner no, keeper id, keeper number, halter id, halter nr,
        halternummer, halter nummer, besitzer id, proprietaire id, id proprietaire, id propietario,
        id proprietario, eigenaar id, id eigenaar
        """,
}
_OF_ANIMALS: Final = (
    *("animal", "animals", "pet", "dog", "cat", "hunde", "hund", "hundes", "tier", "katze"),
    *("chien", "perro", "cane", "hond", "dier", "mascota", "animale"),
)
_NUMBERS: Final = frozenset(
    [
        "id",
        "ids",
        "no",
        "nr",
        "num",
        "number",
        "numero",
        "nummer",
        "tag",
        "chip",
        "microchip",
        "transponder",
        "licence",
        "license",
        "permit",
        "registration",
        "ref",
        "reference",
        "key",
        "code",
        "codigo",
        "codice",
        "puce",
        "marke",
        "identifier",
        "uid",
        "uuid",
    ]
)
_KEEPERS: Final = frozenset(
    [
        "owner",
        "keeper",
        "halter",
        "besitzer",
        "proprietaire",
        "propietario",
        "proprietario",
        "eigenaar",
        "person",
        "customer",
        "zip",
        "postal",
        "post",
        "phone",
        "area",
        "district",
    ]
)


_BEGIN_A_NUMBER: Final = frozenset(["n", "no", "nr", "nro", "num"])


@cache
def _known() -> dict[str, tuple[str, int]]:
    return {
        one_word(heading): (field, rank)
        for field, headings in reversed(list(_HEADINGS.items()))
        for rank, heading in enumerate(headings.replace("\n", " ").split(","))
    }


_UNSPECIFIC: Final = 1_000


def known_headings(header: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    """Return for each field the columns that may hold it, as (rank, place), the best first.

    A heading that says that it is about the animal (``GESCHLECHT_HUND``) goes before one that does
    not (``GESCHLECHT``, which may be about the keeper).
    """
    found: dict[str, list[tuple[int, int]]] = {}
    for place, heading in enumerate(header):
        if known := _meaning(one_word(heading)) or _meaning(_written_out(heading)):
            field, rank = known
            found.setdefault(field, []).append((rank, place))
    for places in found.values():
        places.sort()
    if "owner_number" in found:
        _leave_the_keepers(found)
    return found


def _written_out(heading: str) -> str:
    """``N° de puce``, ``Nº registro`` and ``Nr. chip`` as if they began with ``numero``."""
    first, *others = plain(heading).split() or [""]
    return "numero" + "".join(others) if others and first in _BEGIN_A_NUMBER else ""


def _meaning(word: str) -> tuple[str, int] | None:
    if known := _known().get(word):
        is_animals = any(each in word for each in _OF_ANIMALS)
        return known if is_animals else (known[0], known[1] + _UNSPECIFIC)
    for each in _OF_ANIMALS:
        bare = (
            word.removeprefix(each)
            if word.startswith(each)
            else word.removesuffix(each)
            if word.endswith(each)
            else ""
        )
        if bare and bare in _known():
            return _known()[bare]
    return None


def _leave_the_keepers(found: dict[str, list[tuple[int, int]]]) -> None:
    """Beside a keeper's number, an age or a sex that is not called the animal's is the keeper's."""
    specific = any(
        rank < _UNSPECIFIC
        for field, places in found.items()
        if field != "owner_number"
        for rank, _ in places
    )
    if not specific:
        return
    for field in ("age", "sex"):
        kept = [each for each in found.get(field, ()) if each[0] < _UNSPECIFIC]
        if kept:
            found[field] = kept
        else:
            found.pop(field, None)


def looks_like_a_number(heading: str) -> bool:
    """Return whether a heading sounds as if it told one animal from another."""
    words = set(plain(heading).split())
    return bool(words & _NUMBERS) and not words & _KEEPERS
