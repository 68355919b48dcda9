"""French sentences of the matcher's explanations: one per code, singular, about one candidate or one item."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from exchange.wording.reasons import ReasonUnknown

DAY_MINUTES = 1440
NO_BREAK = "\u00a0"
Parameters = Mapping[str, object]
Sentence = str | Callable[[Parameters], str]


def _travel(given: Parameters) -> str:
    if given.get("found") is None:
        return "le trajet dépasse ce qui est accepté"
    return f"{given['found']} min de trajet, pour {given['limit']} acceptées"


def _of_lines(words: str) -> Callable[[Parameters], str]:
    """The words, then the lines in the way."""
    return lambda given: f"{words} ({told})" if (told := lines_said(given)) else words


def _awaits_staff(given: Parameters) -> str:
    return f"places fermées tant que des renforts manquent ({_listed(given['shifts'])})"


REFUSALS: Mapping[str, Sentence] = {
    "same-employer": "son employeur est l'association d'accueil",
    "permanent-staff": "trop peu de permanents sur la vacation pour y faire venir un renfort",
    "qualification": "aucune des qualifications demandées",
    "shift-length": "la vacation dépasse la durée de travail permise",
    "rest-own-shifts": "il manquerait le repos dû avec son travail chez son employeur",
    "week-minutes": "sa semaine dépasserait la durée permise",
    "weekly-rest": "il lui manquerait son repos de la semaine",
    "days-in-row": "travaillerait trop de jours de suite",
    "average-week": "dépasserait la durée moyenne permise",
    "file-not-ready": "son dossier de mise à disposition n'est pas prêt",
    "no-consent": "ne souhaite pas être sollicité",
    "host-bassin": "n'accepte pas ce bassin de vie",
    "travel": _travel,
    "availability": "non disponible sur ces horaires",
    "loan-minutes": "dépasserait le plafond d'heures qu'il a fixé",
    "lend-cap": "retenu par l'effectif minimum de son établissement",
    "excluded-establishment": "lieu écarté pour cette situation",
    "age": "l'âge est hors de la tranche accueillie",
    "care-mode": "l'accueil avec hébergement et l'aide sans hébergement ne se remplacent pas",
    "profile": "n'accueille pas ce profil",
    "provision": "n'offre pas tout ce dont la personne a besoin",
    "zone": "n'intervient pas dans cette commune",
    "hours": "n'intervient pas à ces heures",
    "capacity": "pas de place sur toutes les dates demandées",
    "max-places": "cette situation n'admet aucun lieu",
    "group-not-whole": "ne peut pas recevoir tout le groupe à garder ensemble",
}
"""One rule refuses this candidate: codes of the matcher's refusals."""

OBSTACLES: Mapping[str, Sentence] = {
    "rest-other-loan": _of_lines("il manquerait le repos dû avec un autre renfort"),
    "week-with-loans": _of_lines("sa semaine est remplie par d'autres renforts"),
    "weekly-rest-with-loans": _of_lines("il lui manquerait son repos de la semaine, avec d'autres renforts"),
    "days-in-row-with-loans": _of_lines("travaillerait trop de jours de suite, avec d'autres renforts"),
    "average-week-with-loans": _of_lines("dépasserait la durée moyenne permise, avec d'autres renforts"),
    "loan-minutes-reached": _of_lines("son plafond d'heures est atteint par d'autres renforts"),
    "lend-cap-reached": _of_lines("son établissement ne peut laisser partir personne de plus ce jour-là"),
    "places-taken": _of_lines("complet : places prises par d'autres demandes"),
    "awaits-staff": _awaits_staff,
    "incompatible-present": _of_lines("une personne incompatible y est accueillie"),
    "max-places-reached": _of_lines("ce serait un lieu de trop pour cette personne"),
    "group-elsewhere": _of_lines("les personnes à garder ensemble ne seraient plus réunies"),
    "several-lines": "d'autres lignes du plan l'empêchent",
}
"""No rule refuses this candidate alone, but other lines of the plan stand in the way."""

SHORTAGES: Mapping[str, str] = {
    "structural": "pénurie : personne ni aucun lieu ne remplit toutes les conditions",
    "competition": "concurrence : ceux qui conviennent servent d'autres demandes",
    "awaits-staff": "les places qui conviennent attendent un renfort",
    "not-asked": "ce renfort n'est demandé à personne",
}
"""Why an item is unmet."""

USES: Mapping[str, str] = {
    "opens-places": "ce renfort ouvrirait une place dont une situation sans réponse a besoin",
    "opens-nothing-needed": (
        "ce renfort n'ouvrirait aucune place qui convienne à une situation encore sans réponse : "
        "personne n'est dérangé pour rien"
    ),
    "under-an-hour": "la recherche ne compte pas une vacation de moins d'une heure",
}
"""What covering a shift that weighs nothing would change."""

GROUNDS: Mapping[str, str] = {
    "already-accepted": "déjà accepté",
    "only-candidate": "seule possibilité, le reste du plan restant en place",
    "covers-more": "toute autre possibilité laisserait plus de besoins sans réponse",
    "asks-less": "toute autre possibilité demanderait plus de trajet, de changements ou d'efforts aux prêteurs",
    "as-good": "une autre possibilité ferait aussi bien",
    "better-known": "une autre possibilité ferait mieux : ce plan n'est pas le meilleur",
}
"""Why a line is in the plan."""

FAMILIES: Mapping[str, str] = {
    "law": "loi, contrat ou protection",
    "wish": "souhait de la personne",
    "means": "moyens du lieu ou du prêteur",
}
"""What kind of rule a refusal is."""


def _longer_travel(given: Parameters) -> str:
    who = f"situation {given['situation']}" if given.get("situation") else _person(given)
    if given.get("minutes") is None:
        return f"accepter un trajet plus long ({who})"
    return f"accepter {given['minutes']} min de trajet de plus ({who})"


def _more_availability(given: Parameters) -> str:
    if given.get("period") is None:
        return f"être disponible sur ces horaires ({_person(given)})"
    return f"être disponible {given['period']} ({_person(given)})"


def _one_more_person(given: Parameters) -> str:
    night = ", avec dérogation pour une nuit de 12 h" if given.get("night12h_derogation") else ""
    return f"une personne de plus ({given['posts']}{night}) pour {given['shift']}"


def _one_more_place(given: Parameters) -> str:
    return f"une place de plus, {given['place']} ({_listed(given['segments'])})"


CHANGES: Mapping[str, Sentence] = {
    "longer-travel": _longer_travel,
    "bassin-accepted": lambda given: f"accepter ce bassin de vie ({_person(given)})",
    "more-availability": _more_availability,
    "one-more-place": _one_more_place,
    "one-more-person": _one_more_person,
}
"""What somebody could accept.

`segments` and `period` come worded (`segments_said`, `period_said`), as do the `posts` that will do, and the `shift` or
the `place` where one more is asked.
"""

NEAR_MISSES: Mapping[str, str] = {
    "longer-travel": "seul le trajet fait obstacle",
    "bassin-accepted": "seul le bassin de vie fait obstacle",
    "more-availability": "seuls les horaires font obstacle",
    "one-more-place": "seul le nombre de places fait obstacle",
    "one-more-person": "il manque une personne",
}
"""A candidate that one negotiable rule alone refuses."""


def verdict_sentence(given: Parameters) -> str:
    """Return why one candidate does not serve, without capital or full stop. Raises `ReasonUnknown`."""
    code = str(given["code"])
    return _said(REFUSALS[code] if code in REFUSALS else _of(OBSTACLES, code), given)


def change_sentence(given: Parameters) -> str:
    """Return what somebody could accept. Raises `ReasonUnknown`."""
    return _said(_of(CHANGES, str(given["code"])), given)


def way_sentence(changes: Iterable[Parameters], brings: str = "") -> str:
    """Return what would suffice; `brings`: the lines that come with it, or the houses. Raises `ReasonUnknown`."""
    told = " et ".join(change_sentence(change) for change in changes)
    if not told:
        return f"{brings or 'une réponse existe'}, sans rien demander de plus : ce plan n'est pas le meilleur"
    return f"{told}, pour {brings}" if brings else told


def phrase_of(phrases: Mapping[str, str], code: str) -> str:
    """Return the phrase of a code that has no parameter. Raises `ReasonUnknown`."""
    if code not in phrases:
        raise ReasonUnknown(code)
    return phrases[code]


def cost_sentence(critical: int, other: int, burden: int) -> str:
    """Return what a change would add to each level; weights of unmet need are hours of the lowest urgency."""
    told = [
        f"{amount:+d} {level}"
        for amount, level in (
            (critical, "de besoin urgent sans réponse"),
            (other, "d'autre besoin sans réponse"),
            (burden, "de charge"),
        )
        if amount
    ]
    return ", ".join(told) if told else "sans rien changer aux totaux"


def line_said(line: Parameters) -> str:
    """Return one line of a plan: « v12 → s3 », or « ana/lundi → o1 »."""
    if "volunteer" in line:
        return f"{line['volunteer']} → {line['shift']}"
    part = " (une partie)" if line.get("segments") else ""
    return f"{line['situation']}/{line['block']} → {line['offer']}{part}"


def lines_said(given: Parameters) -> str:
    """Return the lines that a reason or an answer names, loans first; empty where it names none."""
    return ", ".join(line_said(line) for line in (*_lines(given.get("loans")), *_lines(given.get("placements"))))


def segment_name(horizon_start: str, segment: int) -> str:
    """Return « jour du 02/03 » or « nuit du 02/03 »; a night bears the date on which it starts."""
    return f"{'nuit' if segment % 2 else 'jour'} du {_day(horizon_start, segment // 2)}"


def segments_said(horizon_start: str, segments: Iterable[int]) -> list[str]:
    """Return days, then nights, each run of dates as one: « nuits du 02/03 au 05/03 »."""
    runs: list[list[int]] = []
    for segment in sorted(segments, key=lambda one: (one % 2, one)):
        if runs and segment == runs[-1][-1] + 2:
            runs[-1].append(segment)
        else:
            runs.append([segment])
    return [_run_said(horizon_start, run[0], run[-1]) for run in runs]


def _run_said(horizon_start: str, first: int, last: int) -> str:
    if first == last:
        return segment_name(horizon_start, first)
    what = "nuits" if first % 2 else "jours"
    return f"{what} du {_day(horizon_start, first // 2)} au {_day(horizon_start, last // 2)}"


def period_said(horizon_start: str, start: int, end: int) -> str:
    """Return « le 02/03 de 7 h à 14 h 30 », or « du 02/03 à 21 h au 03/03 à 7 h »; minutes from the horizon's start."""
    (first, began), (last, over) = divmod(start, DAY_MINUTES), divmod(end, DAY_MINUTES)
    if first == last:
        return f"le {_day(horizon_start, first)} de {_hour(began)} à {_hour(over)}"
    return f"du {_day(horizon_start, first)} à {_hour(began)} au {_day(horizon_start, last)} à {_hour(over)}"


def _hour(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours}{NO_BREAK}h{NO_BREAK}{rest:02d}" if rest else f"{hours}{NO_BREAK}h"


def _day(horizon_start: str, days: int) -> str:
    try:
        return f"{datetime.fromisoformat(horizon_start).date() + timedelta(days=days):%d/%m}"
    except OverflowError:
        # The calendar ends with the year 9999; a problem may still start there.
        return f"{days + 1}e jour"


def _person(given: Parameters) -> str:
    return str(given["volunteer"]) if given.get("volunteer") else "une personne d'un autre lieu"


def _said(sentence: Sentence, given: Parameters) -> str:
    return sentence if isinstance(sentence, str) else sentence(given)


def _of(sentences: Mapping[str, Sentence], code: str) -> Sentence:
    if code not in sentences:
        raise ReasonUnknown(code)
    return sentences[code]


def _texts(values: object) -> list[str]:
    return [str(value) for value in values] if isinstance(values, list | tuple) else []


def _listed(values: object) -> str:
    return ", ".join(_texts(values))


def _lines(values: object) -> list[Mapping[str, object]]:
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list | tuple) else []
