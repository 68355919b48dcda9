"""French sentences of what `placements` refuses, each with what to do next."""

from typing import Final

WORDING: Final[dict[str, tuple[str, str]]] = {
    "proposal-outdated": (
        "Cette proposition n'est plus à jour",
        "La situation ou la place a changé entre-temps. De nouvelles propositions arrivent dans quelques secondes.",
    ),
    "offer-to-confirm": (
        "Place à confirmer",
        "L'établissement n'a pas confirmé cette place récemment. Appelez-le, ou choisissez une autre proposition.",
    ),
    "answer-not-open": (
        "Rien à réserver",
        "Cette solution est déjà réservée ou a été remplacée. Rechargez la page pour voir où elle en est.",
    ),
    "answer-changed": (
        "La proposition a changé",
        "Une recherche plus récente propose d'autres lieux à ce rang. Relisez les propositions avant d'en choisir une.",
    ),
    "segments-already-served": (
        "Dates déjà couvertes",
        "Une autre place est déjà réservée pour ces jours ou ces nuits. Annulez-la d'abord pour en changer.",
    ),
    "group-incomplete": (
        "Personnes à ne pas séparer",
        "Cette solution n'accueille pas toutes les personnes à garder ensemble. Choisissez-en une autre.",
    ),
    "hold-over": (
        "Réservation terminée",
        "La place n'est plus gardée. Demandez à la coordination de la réserver à nouveau si elle est libre.",
    ),
    "yes-already-given": ("Accord déjà enregistré", "Cet accord est déjà noté, avec son auteur et son heure."),
    "agreement-not-theirs": (
        "Accord à demander à quelqu'un d'autre",
        "Le statut juridique de la personne confie cet accord à quelqu'un d'autre : représentant légal, ASE ou juge.",
    ),
    "spoken-with-required": (
        "Qui a répondu au téléphone ?",
        "Indiquez le nom et la fonction de la personne qui a donné l'accord.",
    ),
    "not-a-phone-yes": (
        "Accord donné par l'établissement",
        "Seul un accord noté par téléphone peut être contesté. Pour revenir sur le vôtre, indiquez un motif.",
    ),
    "arrival-too-early": (
        "L'accueil n'a pas commencé",
        "Les dates réservées commencent le {first_day} : l'arrivée se confirme à partir de ce jour-là, 8 h.",
    ),
    "exit-before-stay-ends": (
        "Date de sortie trop proche",
        "Les jours et les nuits réservés vont au-delà : indiquez le {earliest_day} ou une date plus tardive.",
    ),
    "exit-date-required": (
        "Date de sortie à indiquer",
        "Cet accueil est temporaire : indiquez la date de sortie prévue avant de confirmer l'arrivée.",
    ),
    "emergency-stay-too-long": (
        "Séjour trop long pour une admission d'urgence",
        "Une admission directe d'urgence dure moins de {most} jours : au-delà, il faut une décision de la CDAPH.",
    ),
    "lights-missing": (
        "Il manque encore quelque chose avant l'arrivée",
        "À faire d'abord : {lights}. Si la personne arrive malgré tout, dites pourquoi en quelques mots.",
    ),
    "light-not-needed": ("Pas nécessaire pour ce séjour", "Cette condition ne concerne pas cet accueil."),
    "cover-missing": (
        "Renfort manquant sur ces dates",
        "La place ne tient que si un renfort est assuré, et il ne l'est pas sur toutes ces dates.",
    ),
    "private-note-required": (
        "Motif à préciser",
        "Le motif « Autre » demande quelques mots. Ils ne sont lus que par vous et par la coordination.",
    ),
    "not-an-adult": (
        "Cette personne n'est pas un adulte maintenu",
        "Une place ne se libère ainsi que par le départ d'un adulte de vingt ans ou plus.",
    ),
}

RULES: Final[dict[str, str]] = {
    "plan-the-exit": "La sortie s'organise par sa date, sa solution et son référent.",
    "prolong-instead": "Pour une date plus tardive, prolongez le séjour : les accords sont demandés de nouveau.",
    "not-later": "Une prolongation porte la sortie à une date plus tardive.",
    "legal-basis-only": "La date de sortie s'indique avec le cadre de l'accueil, ou à l'arrivée.",
}
"""One sentence per rule of an `invalid-value` that this slice alone has."""
