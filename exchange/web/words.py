"""Dates, times and states as they are said on a page, in the community's zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date

from exchange.kernel.periods import date_of
from exchange.reference.code_lists import NeedFamily
from exchange.wording.labels import label_of

NO_BREAK: Final = "\u00a0"
TONIGHT: Final = "4"
_STILL_SEARCHED: Final = ("received", "searching")
_OF_EVERYBODY: Final = (NeedFamily.POPULATION.value, NeedFamily.FRAMEWORK.value)

STATES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "offer": {"published": "Publiée", "withdrawn": "Retirée", "ended": "Terminée"},
        "offer_kind": {
            "ordinary": "Place",
            "emergency_bed": "Accueil 24 h/24",
            "caseload": "File active",
            "conditional": "Place sous réserve de renfort",
        },
        "colour": {"green": "Vert", "orange": "Orange", "red": "Rouge"},
        "said_by": {
            "facility_manager": "la direction",
            "on_call_manager": "l'astreinte",
            "coordinator": "la coordination",
            "pathway_adviser": "le conseil en parcours",
            "system": "Entraide",
        },
        "horizon": {
            "now": "maintenant",
            "1h": "dans 1 h",
            "24h": "demain",
            "48h": "dans 2 jours",
            "7d": "dans 7 jours",
        },
        "need": {"open": "À pourvoir", "covered": "Pourvu", "closed": "Terminé", "cancelled": "Annulé"},
        "situation": {
            "received": "Recherche en cours",
            "searching": "Recherche en cours",
            "held": "Option posée",
            "confirmed": "Confirmée",
            "effective": "Personne arrivée",
            "closed": "Close",
        },
        "placement": {
            "proposed": "Proposition",
            "held": "Réponse attendue",
            "accepted": "Le lieu peut accueillir",
            "confirmed": "Confirmé",
            "admitted": "Personne arrivée",
            "ended": "Terminé",
            "refused": "Ne peut pas accueillir",
            "expired": "Sans réponse à temps",
            "cancelled": "Annulé",
            "superseded": "Remplacé par une autre proposition",
        },
        "loan": {
            "proposed": "Proposition",
            "agreed": "D'accord tous les trois",
            "signed": "Signée",
            "running": "En cours",
            "completed": "Terminée",
            "declined": "Non disponible",
            "expired": "Sans réponse à temps",
            "cancelled": "Annulée",
            "superseded": "Remplacée par une autre proposition",
        },
        "task": {"open": "À faire", "done": "Faite", "dropped": "Abandonnée"},
        "meeting": {"planned": "Prévue", "held": "Compte rendu arrêté", "cancelled": "Annulée"},
        "record": {"draft": "En préparation", "shared": "Transmise", "answered": "Réponse reçue", "closed": "Close"},
        "time": {"available": "Disponible", "released": "Temps libéré par l'employeur", "own_shift": "Travaille"},
        "repeat_places": {
            "opens": "sera ouverte",
            "exists": "existe déjà, reste comme elle est",
            "over": "déjà passée",
            "follows_week": "cette place suit une semaine type",
            "rests_on_shifts": "une place sous réserve se publie avec son renfort",
        },
        "repeat_times": {
            "states": "sera ajouté",
            "exists": "existe déjà",
            "overlaps": "non ajouté : chevauche un horaire déjà indiqué",
            "works": "non ajouté : la personne travaille à ces heures",
            "away": "non ajouté : non disponible ce jour-là",
            "begun": "non ajouté : heure passée, ou supprimée par le changement d'heure",
        },
        "week_exception": {
            "holidays": "Congés, fermeture annuelle",
            "staff_shortage": "Manque de personnel",
            "infection": "Risque infectieux",
            "works": "Travaux",
            "other": "Autre motif",
            "by_hand": "Saisi ou corrigé à la main",
        },
        "role": {
            "facility_manager": "Direction",
            "on_call_manager": "Astreinte",
            "coordinator": "Coordination",
            "pathway_adviser": "Conseil en parcours",
            "observer": "Observation",
            "loan_volunteer": "Professionnel volontaire",
            "system": "Entraide",
        },
        "hand_over": {
            "offered": "proposé",
            "accepted": "accepté",
            "declined": "décliné",
            "replaced": "remplacé",
            "imposed": "décidé, le référent n'étant plus là",
        },
        "legal_basis": {
            "cdaph_decision": "Décision de la CDAPH",
            "emergency_admission": "Admission directe d'urgence",
            "ase_agreement": "Accord de l'ASE",
            "court_order": "Ordonnance du juge ou du parquet",
        },
        "limit": {
            "emergency_admission": "Admission d'urgence",
            "temporary_care": "Accueil temporaire cette année",
        },
        "person_yes": {
            "person": "La personne",
            "guardian": "Son représentant légal",
            "ase": "L'ASE",
            "judge": "Le juge",
        },
    }
)


HAPPENED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "situation_received": "Situation enregistrée",
        "situation_moved": "La situation avance",
        "situation_closed": "Situation close",
        "situation_linked": "Situation reliée à une autre",
        "situation_checked": "Point fait : une réponse est en cours",
        "situation_check_brought_forward": "Prochain point avancé : organisation de crise",
        "situation_unanswered": "Toujours sans réponse : le référent est prévenu",
        "placement_proposed": "Une solution est proposée",
        "placement_held": "Option posée, le lieu est prévenu",
        "placement_accepted": "Le lieu peut accueillir",
        "agreement_recorded": "Un accord est enregistré",
        "placement_confirmed": "Accueil confirmé",
        "placement_refused": "Le lieu ne peut pas accueillir",
        "hold_expired": "Pas de réponse à temps, l'option est levée",
        "placement_cancelled": "Accueil annulé",
        "placement_at_risk": "Le renfort dont dépend la place est perdu",
        "person_admitted": "La personne est arrivée",
        "light_changed": "Ce qui manque avant l'arrivée est mis à jour",
        "exit_planned": "La sortie est organisée",
        "stay_prolonged": "Le séjour est prolongé",
        "stay_ended": "Le séjour est terminé",
        "situation_amended": "Demande complétée ou corrigée",
        "urgency_reviewed": "Urgence revue",
        "caller_identified": "La personne qui a appelé est identifiée",
        "level_changed": "Niveau changé",
        "no_solution_stated": "Sans solution à ce jour",
        "call_logged": "Appel noté",
        "call_back_planned": "Rappel prévu",
        "referent_offered": "Relais de référent proposé",
        "referent_declined": "Relais de référent décliné",
        "referent_changed": "Nouveau référent",
        "duplicate_joined": "Un doublon est rattaché, avec ses appels",
        "alert_started": "Personne n'a répondu à temps : le relais en cascade commence",
        "second_on_call_called": "Seconde astreinte sollicitée",
        "referent_called": "Référent sollicité",
        "coordinator_called": "Coordination sollicitée",
        "outside_service_due": "Un service extérieur est à appeler de vive voix",
        "alert_repeated": "Toujours personne : l'alerte se répète",
        "alert_stopped": "Fin de l'alerte",
        "outside_told_by_voice": "Relais pris de vive voix par un service extérieur",
        "answer_superseded": "Une proposition plus récente la remplace",
    }
)


def happened(kind: str) -> str:
    """The French words of an event; one that is not told on a sheet is called an update."""
    return HAPPENED.get(kind, "Mise à jour")


def state_label(kind: str, state: str) -> str:
    """The French words of a state or of another short list of the pages."""
    return STATES[kind][state]


def clock(instant: datetime, zone: ZoneInfo) -> str:
    """A local time: `17 h 05`, `10 h`."""
    local = instant.astimezone(zone)
    hours = f"{local.hour}{NO_BREAK}h"
    return hours if local.minute == 0 else f"{hours}{NO_BREAK}{local.minute:02d}"


def day(on: date, today: date) -> str:
    """A date near today by its name, any other in full: `demain`, `lundi 3 mars`."""
    match (on - today).days:
        case 0:
            return "aujourd'hui"
        case 1:
            return "demain"
        case -1:
            return "hier"
        case _:
            return _numbered(on) if on.year == today.year else f"{_numbered(on)} {on.year}"


def moment(instant: datetime, zone: ZoneInfo, now: datetime) -> str:
    """A local date and time: `demain 10 h`."""
    local = instant.astimezone(zone)
    return f"{day(local.date(), now.astimezone(zone).date())} {clock(instant, zone)}"


def stamp(instant: datetime, zone: ZoneInfo) -> str:
    """A local date and time in full, the same whenever it is read: `le mercredi 25 novembre 2026 à 14 h`."""
    local = instant.astimezone(zone)
    return f"le {format_date(local.date(), format='full', locale='fr')} à {clock(instant, zone)}"


def age(instant: datetime, now: datetime) -> str:
    """How long ago something was said: `il y a 12 min`, `il y a 3 h`, `il y a 4 jours`."""
    elapsed = int((now - instant).total_seconds()) // 60
    if elapsed < 1:
        return "à l'instant"
    if elapsed < 60:
        return f"il y a {elapsed}{NO_BREAK}min"
    if elapsed < 48 * 60:
        return f"il y a {elapsed // 60}{NO_BREAK}h"
    return f"il y a {elapsed // (24 * 60)}{NO_BREAK}jours"


def dated(on: date) -> str:
    """A date in full, which reads the same on any day: `mercredi 25 novembre 2026`."""
    return f"{_numbered(on)} {on.year}"


def period(starts_at: datetime, ends_at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """A period: `demain, de 21 h à 7 h`."""
    local = starts_at.astimezone(zone)
    named = day(local.date(), now.astimezone(zone).date())
    return f"{named}, de {clock(starts_at, zone)} à {clock(ends_at, zone)}"


def own_team(present: int | None, least: int | None) -> str:
    """The host's own team on a shift: `1 permanent prévu (il en faut 2)`."""
    told = _counted(present or 0, "permanent prévu", "permanents prévus") or "aucun permanent prévu"
    return f"{told} (il en faut {least})" if least else told


def progress(state: str, proposals: int) -> str:
    """Where a situation stands: while nothing is promised, how many proposals it has, or that they are searched for."""
    if state not in _STILL_SEARCHED or not proposals:
        return state_label("situation", state)
    return _counted(proposals, "proposition", "propositions")


def urgency(level: int, first: date | None, today: date) -> str:
    """The words of an urgency; the highest one is « Ce soir » only where tonight is wanted."""
    if str(level) == TONIGHT and first is not None and first > today:
        return "Urgent"
    return label_of("urgency", str(level))


def kept_families(families: Iterable[str]) -> str:
    """The families of needs that tell something: a public and a frame are there for everybody."""
    return ", ".join(label_of("need_family", family).lower() for family in families if family not in _OF_EVERYBODY)


def stays(segments: Iterable[int], today: date) -> str:
    """Segments as people say them: `3 nuits, du lundi 3 mars au mercredi 5 mars`; `la nuit d'aujourd'hui`."""
    wanted = sorted(segments)
    if not wanted:
        return "sans date"
    nights = sum(segment % 2 for segment in wanted)
    days = len(wanted) - nights
    first, last = date_of(wanted[0]), date_of(wanted[-1])
    if first == last:
        what = "jour et nuit" if nights and days else ("nuit" if nights else "journée")
        return f"{what}, {day(first, today)}"
    parts = [_counted(nights, "nuit", "nuits"), _counted(days, "journée", "journées")]
    whole = len({date_of(segment) for segment in wanted}) == (last - first).days + 1
    span = "du" if whole else "entre le"
    to = "au" if whole else "et le"
    return f"{' et '.join(part for part in parts if part)}, {span} {_numbered(first)} {to} {_numbered(last)}"


def left(duration: timedelta) -> str:
    """What is left until an hour, minutes rounded up: `23 min`, `1 h 30`, `2 j 4 h`; nothing less than a minute."""
    minutes_left = max(1, -(-int(duration.total_seconds()) // 60))
    if minutes_left < 24 * 60:
        return minutes(minutes_left)
    days, rest = divmod(minutes_left, 24 * 60)
    return f"{days} j {rest // 60} h" if rest >= 60 else f"{days} j"


def counted_days(most: int, first: int, today: int) -> str:
    """One day of a limit: `jour 12 sur 15`; before the stay begins, what it will count from."""
    if today < first:
        return f"à partir du jour {first} sur {most}"
    return f"jour {today} sur {most}" if today <= most else f"jour {today}, au-delà des {most}"


def minutes(count: int) -> str:
    """A length of time: `45 min`, `1 h 30`, `12 h`."""
    hours, rest = divmod(count, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d}" if rest else f"{hours} h"


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}" if count else ""


def _numbered(on: date) -> str:
    if on.day == 1:
        return format_date(on, "EEEE '1er' MMMM", locale="fr")
    return format_date(on, "EEEE d MMMM", locale="fr")
