"""What leaves by mail, in French: one wording per template, rendered as text and as plain HTML.

Never a name, never a need code, never the person's commune, never an address; a sensitive site is named by its living
area (by whoever prepares the values). Every value below is text already fit to be read.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
WHAT = {"loan": "mise à disposition", "internal_move": "mouvement interne"}
FRAME = {
    "loan": "",
    "internal_move": "Mouvement interne : les deux lieux sont de la même association, sans dossier de prêt.",
}
"""By kind of loan: what it is called, and the line that tells it from a loan between two employers."""

STAYS_FREE = (
    "Vous restez libre de retirer votre accord, sans vous justifier et sans conséquence sur votre emploi : le lien"
    " ci-dessous est le vôtre, ne le transférez pas."
)
"""What a confirmed mission tells the professional alone: consent is theirs to take back."""

SIGNATURE = "Entraide, l'échange entre associations. Ce message est automatique ; danger immédiat : 15, 17, 112."


@dataclass(frozen=True, slots=True)
class Wording:
    """`subject` and `lines` are `str.format` templates over the values; `action` labels the link, if there is one."""

    subject: str
    lines: tuple[str, ...]
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message ready to be sent."""

    subject: str
    text: str
    html: str


MESSAGES: Mapping[str, Wording] = {
    "stay_requested": Wording(
        "Réponse attendue avant {until} : demande d'accueil {ref}",
        (
            "Un accueil est demandé à {site}, à partir de {first_day} : {age}, secteur {area} ({ref}).",
            "La place est gardée jusqu'à {until}. Votre réponse, oui ou non, est attendue avant.",
            "Vous verrez les besoins sur la page ; l'identité se transmet de vive voix, après votre accord.",
        ),
        "Répondre : je peux, ou je ne peux pas accueillir",
    ),
    "stay_accepted": Wording(
        "{ref} : accord de {site}, arrivée {first_day}",
        (
            "{site} accepte d'accueillir pour {ref}, arrivée {first_day}.",
            "Appelez le lieu pour transmettre l'identité et le traitement, de vive voix.",
            "Restent à recueillir l'accord de la personne ou de son représentant, et le cadre de l'accueil.",
        ),
        "Voir ce qui est sûr et ce qui manque",
    ),
    "stay_declined_next": Wording(
        "{ref} : {site} ne peut pas accueillir, suite engagée",
        (
            "{site} ne peut pas accueillir pour {ref}. Motif : {reason}.",
            "La solution suivante est sollicitée si la personne l'a acceptée ; sinon la recherche reprend.",
        ),
        "Suivre la situation",
    ),
    "stay_silent_next": Wording(
        "{ref} : {site} n'a pas répondu, suite engagée",
        (
            "{site} n'a pas répondu dans le délai pour {ref} : la place n'est plus gardée.",
            "La solution suivante est sollicitée si la personne l'a acceptée ; sinon la recherche reprend.",
        ),
        "Suivre la situation",
    ),
    "stay_confirmed": Wording(
        "{ref} : accueil confirmé à {site}, arrivée {first_day}",
        (
            "L'accueil de {ref} à {site} est confirmé : les trois accords sont recueillis.",
            "Arrivée prévue {first_day}. Confirmez l'arrivée dès que la personne est là.",
        ),
        "Voir ce qui manque avant l'arrivée",
    ),
    "arrival_seen": Wording(
        "{ref} : arrivée confirmée à {site}",
        ("La personne est bien arrivée à {site} ({ref}). {exit_line}",),
        "Ouvrir l'accueil",
    ),
    "stay_called_off": Wording(
        "{ref} : l'accueil à {site} n'aura pas lieu",
        (
            "L'accueil prévu pour {ref} à {site} est annulé, la personne n'étant pas arrivée.",
            "La recherche d'une autre solution est engagée si la situation est ouverte.",
        ),
        "Suivre la situation",
    ),
    "stay_at_risk": Wording(
        "{ref} : le renfort qui soutenait l'accueil à {site} manque",
        (
            "La personne est accueillie à {site} ({ref}), et un renfort dont dépend cette place n'est plus assuré.",
            "La personne reste ; un remplacement est recherché. Prévoyez l'effectif minimum de sécurité.",
        ),
        "Voir l'accueil",
    ),
    "exit_not_ready": Wording(
        "{ref} : sortie le {exit_day}, solution à confirmer",
        (
            "La sortie de {site} est prévue le {exit_day} pour {ref}.",
            "La solution de sortie n'est pas encore confirmée : merci de la préciser.",
        ),
        "Préciser la sortie",
    ),
    "emergency_limit": Wording(
        "{ref} : quinzième jour de l'admission d'urgence à {site}",
        (
            "La personne accueillie à {site} ({ref}) est à son quinzième jour.",
            "Une admission directe d'urgence s'arrête là.",
            "{exit_line}",
            "Pour rester plus longtemps, une décision d'accueil temporaire de la CDAPH est nécessaire.",
        ),
        "Préciser la sortie ou prolonger",
    ),
    "yearly_limit": Wording(
        "{ref} : quatre-vingt-dix jours d'accueil temporaire cette année",
        (
            "Avec les jours déjà déclarés, l'accueil à {site} ({ref}) atteint quatre-vingt-dix jours sur un an.",
            "{exit_line}",
            "Au-delà, une autre solution ou une décision de la CDAPH est nécessaire.",
        ),
        "Préciser la sortie ou prolonger",
    ),
    "places_to_confirm": Wording(
        "{site} : vos places, à confirmer",
        (
            "{places} pour {site} arrivent au bout de leur durée de validité.",
            "Rien n'a changé ? Un seul geste suffit.",
            "Sans réponse, ces places restent visibles mais ne sont plus proposées.",
        ),
        "Confirmer ou corriger mes places",
    ),
    "evening_question": Wording(
        "Ce soir : que pouvez-vous accueillir ? Une réponse pour {sites}",
        (
            "La question du soir, posée une seule fois pour {sites} : {names}.",
            "Rien n'a changé ? Un seul geste suffit pour tous vos lieux. Sinon : vert, orange ou rouge, une place de"
            " plus ou de moins.",
            "Votre réponse vaut jusqu'à {until}. Sans réponse, vos places restent visibles mais ne sont pas proposées"
            " cette nuit.",
        ),
        "Répondre pour ce soir",
    ),
    "loan_offered": Wording(
        "Renfort proposé {first_day} : vous restez libre de dire non",
        (
            "Un renfort est proposé : {qualification}, {first_day} {hours}, {commune}, {minutes} minutes de route.",
            "{more_shifts}",
            "{frame}",
            "Dites oui ou non, librement, avant {until}. Votre employeur ne voit pas les raisons d'un refus.",
        ),
        "Voir la proposition et répondre",
    ),
    "release_requested": Wording(
        "Accord demandé avant {until} : {what} {first_day}",
        (
            "Un renfort est demandé : {qualification}, {first_day} {hours}, {commune}.",
            "Un professionnel volontaire de {lender} convient, effectif minimum de sécurité tenu.",
            "{frame}",
            "Votre accord pour le libérer est attendu avant {until}.",
        ),
        "Accorder ou refuser ce renfort",
    ),
    "loan_to_accept": Wording(
        "Renfort possible {first_day} : votre accord avant {until}",
        (
            "Un renfort convient à votre demande : {qualification}, {first_day} {hours}, à {site}.",
            "{frame}",
            "Le professionnel et le lieu où il travaille sont sollicités ; votre accord est attendu avant {until}.",
        ),
        "Accepter ou refuser ce renfort",
    ),
    "loan_confirmed": Wording(
        "Renfort confirmé : {first_day}, {hours}, {site}",
        (
            "Le renfort est confirmé : {qualification}, {first_day} {hours}, {commune}.",
            "{more_shifts}",
            "{frame}",
            "Le professionnel sera accueilli sur place ; ses frais de route sont pris en charge.",
            "{stays_free}",
        ),
        "Voir la mission",
    ),
    "loan_called_off": Wording(
        "Renfort annulé : {first_day}, {hours}",
        ("Le renfort prévu {first_day} {hours}, {commune}, est annulé. Rien n'est à faire de votre part.",),
    ),
    "loan_not_possible": Wording(
        "Renfort du {first_day} : cette proposition n'aboutit pas",
        (
            "La proposition de renfort pour {first_day} {hours} n'aboutit pas.",
            "Une autre est recherchée aussitôt parmi les professionnels disponibles.",
        ),
        "Voir votre demande",
    ),
    "still_unanswered": Wording(
        "{ref} : toujours sans réponse",
        (
            "La situation {ref} ({urgency}) est sans réponse depuis {minutes} minutes.",
            "Danger immédiat : 15, 17, 112.",
        ),
        "Ouvrir la fiche",
    ),
    "outside_to_call": Wording(
        "URGENT {ref} : personne n'a répondu, un service extérieur est à appeler",
        (
            "Pour {ref} ({urgency}), les astreintes, le référent et la coordination ont été sollicités sans réponse.",
            "Appelez, de vive voix : {services}.",
            "Notez ensuite sur la fiche qui prend le relais ; l'alerte se répète jusque-là. Danger immédiat : 15, 17,"
            " 112.",
        ),
        "Noter le relais",
    ),
    "follow_asked": Wording(
        "{ref} : on vous demande de devenir référent",
        ("La situation {ref} ({urgency}) vous est proposée. Son référent le reste jusqu'à votre accord.",),
        "Lire la fiche et répondre",
    ),
    "follow_yours": Wording(
        "{ref} : vous êtes maintenant le référent",
        ("Vous êtes désormais le référent de la situation {ref} ({urgency}).",),
        "Ouvrir la fiche",
    ),
    "escalated": Wording(
        "URGENT {ref} : sans réponse, relais demandé",
        (
            "La situation {ref} ({urgency}) est sans réponse depuis {minutes} minutes.",
            "Prenez le relais, ou dites qui le prend. Danger immédiat : 15, 17, 112.",
        ),
        "Prendre le relais",
    ),
    "crisis_opened": Wording(
        "Organisation de crise ouverte par la communauté, jusqu'au {crisis_until}",
        (
            "{order}",
            "Référence de la demande : {reference}.",
            "Les délais sont plus courts : options, validité des places, points sur les situations. Une option déjà"
            " posée garde l'heure annoncée. Les règles du travail ne changent pas.",
        ),
        "Voir les délais en vigueur",
    ),
    "crisis_prolonged": Wording(
        "Organisation de crise prolongée jusqu'au {crisis_until}",
        ("{order}", "Référence de la demande : {reference}."),
        "Voir les délais en vigueur",
    ),
    "crisis_ended": Wording(
        "Fin de l'organisation de crise",
        (
            "L'organisation de crise ouverte par la communauté a pris fin : {crisis_over}.",
            "Les délais ordinaires s'appliquent de nouveau. Merci à chacun.",
        ),
        "Voir les délais en vigueur",
    ),
    "search_stopped": Wording(
        "La recherche de solutions s'est arrêtée ({lane})",
        (
            "Le calcul des propositions a échoué plusieurs fois de suite, la dernière à {at} : {why}.",
            "Les propositions affichées ne tiennent plus compte des derniers changements. La recherche reprendra au"
            " prochain ; en attendant, appelez les lieux.",
            "Pour qui dépanne l'application : calcul {run}.",
        ),
        "Voir où en est la recherche",
    ),
    "task_due": Wording(
        "À faire aujourd'hui : {task}{about}",
        (
            "Une tâche vous est confiée pour aujourd'hui, {day} : « {task} »{about}.",
            "Dès qu'elle est faite, notez-le : la coordination ne sera pas relancée.",
        ),
        "Voir mes tâches",
    ),
    "task_overdue": Wording(
        "En retard : {task}{about}",
        (
            "Une tâche attendue pour {day} n'est pas notée comme faite : « {task} »{about}.",
            "Faites le point avec qui en est chargé, ou confiez-la autrement.",
        ),
        "Voir les tâches en retard",
    ),
}


def render(template: str, values: Mapping[str, str], link: str | None) -> Rendered:
    """Return a message as text and HTML; empty lines are left out. Raises `KeyError` where a value is missing."""
    wording = MESSAGES[template]
    lines = [line for line in (part.format_map(values) for part in wording.lines) if line.strip()]
    subject = wording.subject.format_map(values)
    action = f"{wording.action} :\n{link}" if wording.action and link else None
    text = "\n\n".join(["Bonjour,", *lines, *([action] if action else []), "--\n" + SIGNATURE]) + "\n"
    return Rendered(subject=subject, text=text, html=_page(subject, lines, wording.action, link))


def _page(subject: str, lines: list[str], action: str | None, link: str | None) -> str:
    """Simple HTML that every reader shows: no image, no style sheet, nothing fetched from anywhere."""
    paragraphs = "".join(f"<p>{html.escape(line)}</p>\n" for line in ["Bonjour,", *lines])
    button = f'<p><a href="{html.escape(link, quote=True)}">{html.escape(action)}</a></p>\n' if action and link else ""
    return (
        f'<!doctype html>\n<html lang="fr"><head><meta charset="utf-8"><title>{html.escape(subject)}</title></head>\n'
        f"<body>\n{paragraphs}{button}<p><small>{html.escape(SIGNATURE)}</small></p>\n</body></html>\n"
    )


def spoken_day(on: date) -> str:
    """Return a date as it is said: « jeudi 26 novembre », « dimanche 1er mars »."""
    number = "1er" if on.day == 1 else str(on.day)
    return f"{_DAYS[on.weekday()]} {number} {_MONTHS[on.month - 1]}"


def spoken_hour(at: datetime) -> str:
    """Return a local wall time as it is written: « 17 h », « 17 h 05 »."""
    return f"{at.hour} h" if at.minute == 0 else f"{at.hour} h {at.minute:02}"


def spoken_hours(starts_at: datetime, ends_at: datetime) -> str:
    """Return a work period as it is written: « 21 h – 7 h »."""
    return f"{spoken_hour(starts_at)} – {spoken_hour(ends_at)}"


def spoken_instant(at: datetime, today: date) -> str:
    """Return a local instant, with its day unless it is today: « 22 h 30 », « jeudi 26 novembre à 10 h »."""
    return spoken_hour(at) if at.date() == today else f"{spoken_day(at.date())} à {spoken_hour(at)}"
