"""Classes of drugs, for which an allergy to one drug speaks against another.

Substances have their international nonproprietary names, and some common names of veterinary
products are listed as well. The classes follow the ATCvet index of the WHO. A note at each class
says with which others it cross-reacts. The table does not know every product, so a missing warning
proves nothing.
"""

import re
from enum import StrEnum, unique
from functools import cache
from typing import Final
from unicodedata import combining, normalize

__all__ = ["DrugClass", "drug_classes", "same_drug", "words"]


@unique
class DrugClass(StrEnum):
    """A class of drugs to which an animal may react alike."""

    PENICILLIN = "penicillin"
    CEPHALOSPORIN = "cephalosporin"
    """Some animals that react to penicillins react to these: both are beta-lactams."""
    SULFONAMIDE = "sulfonamide"
    TETRACYCLINE = "tetracycline"
    FLUOROQUINOLONE = "fluoroquinolone"
    MACROLIDE = "macrolide"
    LINCOSAMIDE = "lincosamide"
    AMINOGLYCOSIDE = "aminoglycoside"
    NITROIMIDAZOLE = "nitroimidazole"
    PHENICOL = "phenicol"
    NSAID = "nsaid"
    OPIOID = "opioid"
    AVERMECTIN = "avermectin"
    """Macrocyclic lactones, the milbemycins included: dogs with the ABCB1 mutation."""
    ISOXAZOLINE = "isoxazoline"
    PYRETHROID = "pyrethroid"
    BARBITURATE = "barbiturate"
    BENZODIAZEPINE = "benzodiazepine"
    PHENOTHIAZINE = "phenothiazine"
    ALPHA_2_AGONIST = "alpha_2_agonist"
    CORTICOSTEROID = "corticosteroid"
    LOCAL_ANESTHETIC = "local_anesthetic"
    AZOLE = "azole"
    BENZIMIDAZOLE = "benzimidazole"


# The class's own names first, in the plural where it has another stem.
_MEMBERS: Final[dict[DrugClass, str]] = {
    DrugClass.PENICILLIN: """
        penicillin penicillins beta-lactam beta-lactams amoxicillin amoxycillin ampicillin
        benzylpenicillin carbenicillin cloxacillin co-amoxiclav dicloxacillin hetacillin nafcillin
        oxacillin phenoxymethylpenicillin piperacillin procaine-penicillin ticarcillin amoxi-tabs
        augmentin clavamox synulox
        """,
    DrugClass.CEPHALOSPORIN: """
        cephalosporin cephalosporins beta-lactam beta-lactams cefaclor cefadroxil cefalexin
        cefapirin cefazolin cefixime cefoperazone cefotaxime cefovecin cefoxitin cefpodoxime
        cefquinome ceftazidime ceftiofur ceftriaxone cefuroxime cephalexin cephapirin cephazolin
        convenia excede excenel naxcel rilexine simplicef
        """,
    DrugClass.SULFONAMIDE: """
        sulfonamide sulfonamides sulphonamide sulphonamides sulfa sulpha sulfas sulfadiazine
        sulfadimethoxine sulfadoxine sulfaguanidine sulfamethazine sulfadimidine sulfamethoxazole
        sulfaquinoxaline sulfasalazine sulfathiazole sulphadiazine sulphamethoxazole co-trimoxazole
        cotrimoxazole trimethoprim-sulfa tmps smz-tmp tmp-smx albon bactrim primor septra tribrissen
        """,
    DrugClass.TETRACYCLINE: """
        tetracycline tetracyclines chlortetracycline doxycycline minocycline oxytetracycline
        ronaxan terramycin vibramycin
        """,
    DrugClass.FLUOROQUINOLONE: """
        fluoroquinolone fluoroquinolones quinolone quinolones ciprofloxacin danofloxacin
        difloxacin enrofloxacin ibafloxacin levofloxacin marbofloxacin moxifloxacin ofloxacin
        orbifloxacin pradofloxacin sarafloxacin baytril marbocyl orbax veraflox zeniquin
        """,
    DrugClass.MACROLIDE: """
        macrolide macrolides azithromycin clarithromycin erythromycin gamithromycin tildipirosin
        tilmicosin tulathromycin tylosin tylvalosin draxxin tylan zithromax
        """,
    DrugClass.LINCOSAMIDE: """
        lincosamide lincosamides clindamycin lincomycin pirlimycin antirobe cleocin lincocin
        """,
    DrugClass.AMINOGLYCOSIDE: """
        aminoglycoside aminoglycosides amikacin apramycin dihydrostreptomycin framycetin
        gentamicin gentamycin kanamycin neomycin paromomycin spectinomycin streptomycin tobramycin
        """,
    DrugClass.NITROIMIDAZOLE: """
        nitroimidazole nitroimidazoles metronidazole ronidazole tinidazole dimetridazole flagyl
        """,
    DrugClass.PHENICOL: "phenicol phenicols chloramphenicol florfenicol thiamphenicol nuflor",
    DrugClass.NSAID: """
        nsaid nsaids non-steroidal-anti-inflammatory non-steroidal-anti-inflammatories acetylsalicylic-acid
        aspirin carprofen cimicoxib deracoxib diclofenac enflicoxib etodolac firocoxib flunixin
        grapiprant ibuprofen ketoprofen ketorolac mavacoxib meclofenamic-acid meloxicam naproxen
        phenylbutazone piroxicam robenacoxib tepoxalin tolfenamic-acid vedaprofen banamine bute
        deramaxx equioxx galliprant loxicom metacam novox onsior previcox rimadyl trocoxil
        """,
    DrugClass.OPIOID: """
        opioid opioids opiate opiates alfentanil buprenorphine butorphanol codeine
        fentanyl hydrocodone hydromorphone meperidine methadone morphine nalbuphine oxymorphone
        pethidine remifentanil sufentanil tramadol buprenex simbadol torbugesic zorbium
        """,
    DrugClass.AVERMECTIN: """
        avermectin avermectins macrocyclic-lactone macrocyclic-lactones milbemycin milbemycins
        abamectin doramectin emamectin eprinomectin ivermectin milbemycin-oxime moxidectin
        selamectin advocate dectomax heartgard interceptor ivomec milbemax proheart
        revolution stronghold
        """,
    DrugClass.ISOXAZOLINE: """
        isoxazoline isoxazolines afoxolaner esafoxolaner fluralaner lotilaner sarolaner bravecto
        credelio nexgard simparica
        """,
    DrugClass.PYRETHROID: """
        pyrethroid pyrethroids pyrethrin pyrethrins cyfluthrin cypermethrin cyphenothrin
        deltamethrin etofenprox flumethrin permethrin phenothrin advantix scalibor seresto
        """,
    DrugClass.BARBITURATE: """
        barbiturate barbiturates pentobarbital pentobarbitone phenobarbital phenobarbitone
        primidone thiopental thiopentone
        """,
    DrugClass.BENZODIAZEPINE: """
        benzodiazepine benzodiazepines alprazolam clonazepam clorazepate diazepam lorazepam
        midazolam oxazepam zolazepam telazol zoletil
        """,
    DrugClass.PHENOTHIAZINE: """
        phenothiazine phenothiazines acepromazine acetylpromazine chlorpromazine promethazine
        """,
    DrugClass.ALPHA_2_AGONIST: """
        alpha-2-agonist alpha-2-agonists clonidine detomidine dexmedetomidine medetomidine
        romifidine tasipimidine xylazine dexdomitor domitor sileo
        """,
    DrugClass.CORTICOSTEROID: """
        corticosteroid corticosteroids glucocorticoid glucocorticoids steroid steroids betamethasone
        budesonide dexamethasone fluticasone hydrocortisone isoflupredone methylprednisolone
        mometasone prednisolone prednisone triamcinolone depo-medrol
        """,
    DrugClass.LOCAL_ANESTHETIC: """
        local-anesthetic local-anesthetics local-anaesthetic local-anaesthetics bupivacaine
        lidocaine lignocaine mepivacaine proparacaine ropivacaine nocita
        """,
    DrugClass.AZOLE: """
        azole azoles azole-antifungal azole-antifungals clotrimazole enilconazole fluconazole
        itraconazole ketoconazole miconazole posaconazole voriconazole
        """,
    DrugClass.BENZIMIDAZOLE: """
        benzimidazole benzimidazoles albendazole febantel fenbendazole flubendazole mebendazole
        oxfendazole oxibendazole drontal-plus panacur
        """,
}


def words(text: str) -> tuple[str, ...]:
    """Return the words of a drug's name, without case, accents and punctuation.

    >>> words("Amoxicillin/clavulanic acid 250 mg")
    ('amoxicillin', 'clavulanic', 'acid', '250', 'mg')
    """
    plain = "".join(c for c in normalize("NFKD", text.casefold()) if not combining(c))
    return tuple(re.findall(r"[^\W_]+", plain))


def drug_classes(name: str) -> frozenset[DrugClass]:
    """Return the classes to which the drug ``name`` belongs. The name may also be that of a class.

    The result is empty if the drug is not known.

    >>> sorted(drug_classes("Clavamox 62.5 mg tablets"))
    [<DrugClass.PENICILLIN: 'penicillin'>]
    """
    text = words(name)
    return frozenset(
        found
        for length in range(1, _longest() + 1)
        for start in range(len(text) - length + 1)
        for found in _table().get(text[start : start + length], ())
    )


def same_drug(one: str, other: str) -> bool:
    """Return whether one name contains all words of the other, side by side.

    >>> same_drug("penicillin", "Penicillin G procaine"), same_drug("cin", "Penicillin G")
    (True, False)
    """
    short, long = sorted((words(one), words(other)), key=len)
    size = len(short)
    return bool(short) and any(
        long[start : start + size] == short for start in range(len(long) - size + 1)
    )


@cache
def _table() -> dict[tuple[str, ...], tuple[DrugClass, ...]]:
    table: dict[tuple[str, ...], tuple[DrugClass, ...]] = {}
    for drug_class, members in _MEMBERS.items():
        for member in members.split():
            key = words(member)
            table[key] = (*table.get(key, ()), drug_class)
    return table


@cache
def _longest() -> int:
    return max(len(key) for key in _table())
