"""The words of licences and shelters for what became of an animal."""

from functools import lru_cache
from typing import Final

from vetcore.registers.words.folding import is_blank, plain
from vetcore.values.animals import PetStatus

__all__ = ["read_status"]

_CACHE: Final = 16_384

_PHRASES: Final[tuple[tuple[PetStatus, str], ...]] = (
    # A thing that is lost is no animal that is lost; whoever came home is not.
    (
        PetStatus.ACTIVE,
        """
        lost tag, tag lost, lost license, lost licence, lost card, not deceased, not dead, not lost,
        not missing, alive, living, no longer missing, found,
        am leben, en vida, in vita, in leven, nicht verstorben, non decede, no fallecido, non deceduto,
        niet overleden
        """,
    ),
    (
        PetStatus.DECEASED,
        """
        deceased, dead, died, death, dies, doa, d o a, euthanasia, euthanized, euthanised,
        euthanize, euthanise, euthanization, euth, pts, put to sleep, put down, destroyed,
        humanely destroyed, disposal, disposed, dispose, passed away, deceased animal,
        verstorben, gestorben, tot, totgeburt, tod, todesfall, eingeschlafert, eingeschlaefert,
        euthanasiert, verendet, ableben,
        decede, decedee, deces, mort, morte, euthanasie, euthanasiee, euthanasies,
        fallecido, fallecida, fallecimiento, muerto, muerta, muerte, murio, eutanasia, eutanasiado,
        eutanasiada, eutanasiados, sacrificado, sacrificada, defuncion,
        deceduto, deceduta, decesso, morto, morta, soppresso, soppressa, eutanasizzato,
        overleden, dood, gestorven, ingeslapen, geeuthanaseerd, geeuthaniseerd, overlijden
        """,
    ),
    (
        PetStatus.ACTIVE,
        """
        return to owner, returned to owner, rtos, return owner, rto, rto adopt, owner reclaim, reclaimed,
        reclaim, redeemed, redemption, claimed, return to field, rtf, tnr, snr, retour proprietaire, rendu au proprietaire, devuelto al propietario,
        restituito al proprietario, terug naar eigenaar, retour eigenaar, zuruck an halter
        """,
    ),
    (
        PetStatus.LOST,
        """
        missing, lost, stolen, theft, escaped, escape, strayed, runaway, ran away, absconded,
        entlaufen, vermisst, gestohlen, verloren, abgangig, entflogen, entwichen,
        perdu, perdue, vole, volee, disparu, disparue, fugue, egare, egaree,
        perdido, perdida, robado, robada, extraviado, extraviada, desaparecido, desaparecida,
        smarrito, smarrita, rubato, rubata, perso, persa, fuggito, fuggita, scomparso, scomparsa,
        vermist, gestolen, weggelopen, kwijt
        """,
    ),
    (
        PetStatus.ACTIVE,
        "foster, fostered, foster care, in foster, pflegestelle, famille d accueil, acogida",
    ),
    (
        PetStatus.REHOMED,
        """
        adoption, adopted, adopt, adoptions, rehomed, rehome, re homed, rehoming, transfer,
        transferred, transfers, transferred out, transfer out, rescue, rescued, new owner, sold,
        no longer owns, no longer owned, no longer own, changed owner, change of owner,
        change of ownership, ownership change, given away, gave away, surrender, surrendered,
        relinquished, moved away, exported, export, placed, placement, transport, transported,
        vermittelt, vermittlung, abgegeben, abgabe, verkauft, halterwechsel, besitzerwechsel,
        eigentumerwechsel, neuer halter, weitergegeben, exportiert, weggezogen,
        adopte, adoptee, cede, cedee, cession, vendu, vendue, changement de proprietaire,
        changement de detenteur, transfere, transferee, exporte,
        adoptado, adoptada, adopcion, cedido, cedida, vendido, vendida, transferido, transferida,
        cambio de propietario, cambio de titular, exportado,
        adottato, adottata, adozione, ceduto, ceduta, venduto, venduta, trasferito, trasferita,
        cambio proprietario, cambio di proprieta, passaggio di proprieta, esportato,
        geadopteerd, adoptie, verkocht, herplaatst, overgedragen, nieuwe eigenaar, geexporteerd
        """,
    ),
    (
        PetStatus.ACTIVE,
        """
        active, current, expired, expires, renewed, renewal, valid, issued, pending, licensed,
        unlicensed, registered, inactive, cancelled, canceled, lapsed, new, in shelter, in care,
        available, hold, on hold, returned, return, released, release, relocate, relocated,
        community, community cat, homefirst, vet, duplicate, hospital, quarantine, left jurisdiction, moved, home, ok, normal,
        stray, intake, impounded, under care, yes, y,
        aktiv, gultig, gueltig, abgelaufen, lebt, lebend, lebendig, angemeldet, abgemeldet,
        registriert, inaktiv, ruckgabe, im tierheim,
        actif, vivant, vivante, en vie, valide, expire, expiree, rendu, rendue, restitue, enregistre,
        activo, activa, vivo, viva, vigente, devuelto, devuelta, alta, baja, registrado, registrada,
        attivo, attiva, iscritto, iscritta, restituito, restituita, valido, scaduto, registrato,
        actief, levend, levende, leeft, geldig, verlopen, geregistreerd, teruggebracht
        """,
    ),
)
"""The first that fits counts: who died in a foster home is dead."""

_MEANT: Final = tuple(
    (status, tuple({f" {' '.join(phrase.split())} " for phrase in phrases.split(",")}))
    for status, phrases in _PHRASES
)


@lru_cache(maxsize=_CACHE)
def read_status(text: str) -> PetStatus | None:
    """Return what became of the animal, or None for an unknown word. An empty text means active.

    >>> [str(read_status(text)) for text in ("EUTHANIZE", "Lost tag", "ADOPTION", "vermisst")]
    ['deceased', 'active', 'rehomed', 'lost']
    """
    if is_blank(text):
        return PetStatus.ACTIVE
    words = f" {plain(text)} "
    for status, phrases in _MEANT:
        if any(phrase in words for phrase in phrases):
            return status
    return None
