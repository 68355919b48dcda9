"""The faults that the storm must see: each names the figures that fail with it. See `bench.storm.planted`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Plant:
    """`sql`: run by the owner on the throwaway database. What changes in the code is in `bench.storm.faults`."""

    title: str
    figures: tuple[str, ...]
    sql: tuple[str, ...] = ()


PLANTS: Final[dict[str, Plant]] = {
    "naive-check": Plant(
        "Regarder puis écrire, sans verrou et sans la contrainte derrière",
        ("F1", "F3"),
        ("ALTER TABLE offer_segments DROP CONSTRAINT ck_offer_segments_used_within_capacity",),
    ),
    "no-lock": Plant("Le verrou de l’offre retiré : les contraintes seules", ("F2",)),
    "no-retry": Plant("Une transaction qui cède n’est pas rejouée", ("retry",)),
    "stale-accepted": Plant("La validité n’est pas revue au moment de promettre", ("F6",)),
    "sender-accepts": Plant("La règle « seul l’accueil accepte » retirée", ("F13",)),
    "key-ignored": Plant("La clé d’unicité ignorée", ("F4",)),
    "history-rewritten": Plant("Une fiche récrit aussi ce que le tableau montrait avant elle", ("week",)),
    "consent-not-reread": Plant(
        "L’accord lu avant le verrou, cru après, sans la contrainte derrière",
        ("F14",),
        ("ALTER TABLE staff_loans DROP CONSTRAINT ck_staff_loans_three_agreements",),
    ),
    "release-forgotten": Plant("Un refus qui ne rend pas la place", ("F5",)),
    "claim-unchecked": Plant(
        "Compter une personne sans regarder s’il reste une place, sans la contrainte derrière",
        ("F5",),
        ("ALTER TABLE offer_segments DROP CONSTRAINT ck_offer_segments_used_within_capacity",),
    ),
    "way-added": Plant("Une transition de plus : annuler l’accueil de qui est déjà là", ("F5",)),
    "card-not-shown": Plant("La carte de la place n’est pas refaite avec celle de l’accueil", ("F5",)),
    "group-parted": Plant("Les personnes à ne pas séparer, retenues l’une sans l’autre", ("F5",)),
    "next-check-forgotten": Plant("La prochaine vérification n’est pas demandée", ("F5",)),
    "demand-forgotten": Plant("Une acceptation qui ne demande pas d’être annoncée", ("F20",)),
    "no-fence": Plant("Une tâche sonnée deux fois, prise par deux passages", ("F20",)),
    "done-when-rung": Plant("Une ligne dite faite dès qu’elle est sonnée", ("F20",)),
}
