"""The words for species in registers and shelters."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from vetcore.registers.words.folding import plain
from vetcore.values.animals import Species

__all__ = ["letters_of", "read_species"]

_CACHE: Final = 16_384

_WORDS: Final[dict[str, Species]] = {
    word.strip(): species
    for species, words in {
        Species.DOG: """
            dog, dogs, canine, canines, k9, puppy, puppies, doggie, hund, hunde, welpe, welpen,
            hundin, rude, chien, chiens, chienne, chiot, chiots, canin, canine, perro, perros,
            perra, canino, canina, cachorro, can, cane, cani, cagna, cagne, cucciolo,
            cuccioli, cagnolino, reu, teef, hond, honden, pup, cn, assistance dog,
            greyhound, dangerous dog
            """,
        Species.CAT: """
            cat, cats, feline, felines, kitten, kittens, kitty, katze, katzen, kater, katzin,
            chat, chats, chatte, chaton, chatons, felin, feline, gato, gatos, gata, felino, felina,
            gatto, gatti, gatta, gatte, gattino, micio, kat, katten, poes, kitten, ct, feral cat, community cat
            """,
        Species.RABBIT: """
            rabbit, rabbits, bunny, bunnies, lagomorph, kaninchen, zwergkaninchen, lapin, lapins,
            lapine, conejo, conejos, coneja, coniglio, conigli, coniglia, konijn, konijnen
            """,
        Species.GUINEA_PIG: """
            guinea pig, guinea pigs, cavy, meerschweinchen, cochon d inde, cochons d inde, cobaye,
            cobaya, conejillo de indias, cuy, porcellino d india, cavia, cavias
            """,
        Species.HAMSTER: "hamster, hamsters, criceto, criceti, goldhamster",
        Species.RAT: "rat, rats, ratte, ratten, rata, ratas, ratto, ratti",
        Species.MOUSE: "mouse, mice, maus, mause, souris, raton, ratones, topo, topi, muis, muizen",
        Species.CHINCHILLA: "chinchilla, chinchillas, cincilla",
        Species.FERRET: """
            ferret, ferrets, frettchen, furet, furets, huron, hurones, hurona, furetto, furetti, fret,
            fretten
            """,
        Species.BIRD: """
            bird, birds, avian, parrot, parakeet, cockatiel, finch, canary, pigeon, dove, vogel,
            vogel, papagei, wellensittich, oiseau, oiseaux, perroquet, ave, aves, pajaro, pajaros,
            loro, uccello, uccelli, pappagallo, vogels, papegaai, duck, ducks, goose, geese, ente,
            gans, turkey, budgie, budgerigar, cockatoo
            """,
        Species.CHICKEN: """
            chicken, chickens, hen, rooster, poultry, fowl, huhn, huhner, poule, poules, poulet,
            gallina, gallinas, gallo, pollo, galline, kip, kippen
            """,
        Species.TURTLE: """
            turtle, turtles, tortoise, tortoises, schildkrote, schildkroten, tortue, tortues,
            tortuga, tortugas, tartaruga, tartarughe, schildpad, schildpadden
            """,
        Species.LIZARD: """
            lizard, lizards, gecko, iguana, bearded dragon, echse, eidechse, lezard, lagarto,
            lucertola, hagedis
            """,
        Species.SNAKE: "snake, snakes, python, schlange, schlangen, serpent, serpiente, serpente, slang",
        Species.AMPHIBIAN: "amphibian, amphibians, frog, toad, salamander, frosch, grenouille, rana",
        Species.FISH: "fish, fishes, fisch, fische, poisson, poissons, pez, peces, pesce, pesci, vis",
        Species.HORSE: """
            horse, horses, equine, equines, pony, ponies, mare, gelding, stallion, foal, donkey,
            mule, pferd, pferde, esel, cheval, chevaux, poney, ane, caballo, caballos, equino,
            burro, cavallo, cavalli, asino, giumenta, yegua, jument, stute, hengst, wallach, paard, paarden, merrie, ezel
            """,
        Species.GOAT: """
            goat, goats, caprine, miniature goat, ziege, ziegen, chevre, chevres, cabra, cabras,
            capra, capre, geit, geiten
            """,
        Species.SHEEP: """
            sheep, ovine, lamb, lambs, schaf, schafe, mouton, moutons, brebis, oveja, ovejas,
            pecora, pecore, schaap, schapen
            """,
        Species.PIG: """
            pig, pigs, swine, porcine, hog, potbelly pig, pot bellied pig, potbellied pig, schwein,
            schweine, minischwein, porc, porcs, cochon, cerdo, cerdos, maiale, maiali, suino,
            varken, varkens
            """,
        Species.CATTLE: """
            cattle, cow, cows, bovine, calf, steer, bull, rind, rinder, kuh, vache, vaches, bovin,
            vaca, vacas, bovino, mucca, bovini, rund, koe, koeien
            """,
        Species.OTHER: """
            other, others, wildlife, wild, exotic, exotics, livestock, farm animal, farm animals,
            small animal, small animals, small mammal, small mammals, rodent, rodents, reptile,
            reptiles, mammal, pocket pet, misc, miscellaneous, raccoon, bat, opossum, squirrel,
            skunk, fox, coyote, deer, hedgehog, andere, anderes, sonstige, sonstiges, wildtier,
            kleintier, nager, autre, autres, nac, otro, otros, otra, altro, altri, overig, overige,
            anders
            """,
    }.items()
    for word in words.replace("\n", " ").split(",")
}
_MEANT: Final = {plain(word): species for word, species in _WORDS.items()} | {
    plain(species.value.replace("_", " ")): species for species in Species
}
_LETTERS: Final[tuple[tuple[str, Mapping[str, Species]], ...]] = (
    ("d", {"d": Species.DOG, "c": Species.CAT, "k": Species.CAT}),
    ("f", {"c": Species.DOG, "f": Species.CAT}),
    ("g", {"c": Species.DOG, "p": Species.DOG, "g": Species.CAT}),
    ("h", {"h": Species.DOG, "k": Species.CAT, "c": Species.CAT}),
    ("", {"c": Species.CAT, "k": Species.CAT}),
)


def letters_of(values: Iterable[str]) -> Mapping[str, Species]:
    """Return what single letters mean in a column: C is a cat beside D, and a dog beside F."""
    present = {word for value in values if len(word := plain(value)) == 1}
    return next(meant for letter, meant in _LETTERS if not letter or letter in present)


@lru_cache(maxsize=_CACHE)
def read_species(text: str) -> Species | None:
    """Return the species that a word or the last of several words name, or None.

    >>> read_species("Dogs"), read_species("KATZE"), read_species("Unicorn")
    (<Species.DOG: 'dog'>, <Species.CAT: 'cat'>, None)
    """
    words = plain(text)
    if found := _MEANT.get(words):
        return found
    parts = words.split()
    meant = {_MEANT[part] for part in parts if part in _MEANT and _MEANT[part] is not Species.OTHER}
    return meant.pop() if len(meant) == 1 and len(parts) > 1 else None
