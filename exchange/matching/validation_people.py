"""Contradictions in what a problem says of associations, establishments, volunteers and needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange.matching.errors import refuse
from exchange.matching.validation_terms import (
    DAY_MINUTES,
    WEEK_MINUTES,
    Ids,
    bassin_within,
    known,
    named,
    none_negative,
    not_negative,
    periods_in_order,
    unique,
    urgency_within,
    within,
)

if TYPE_CHECKING:
    from exchange.matching.problem import Need, Problem, Volunteer

WEEK_DAYS = 7
MOST_SEATS = 10_000


def organisations_agree(problem: Problem, ids: Ids) -> None:
    unique((association.id for association in problem.associations), "associations[{}].id")
    unique((establishment.id for establishment in problem.establishments), "establishments[{}].id")
    for index, establishment in enumerate(problem.establishments):
        path = f"establishments[{index}]"
        known(establishment.association, ids.associations, f"{path}.association", "associations")
        known(establishment.commune, ids.communes, f"{path}.commune", "communes")
        bassin_within(problem, establishment.bassin, f"{path}.bassin")
        if establishment.rules is not None:
            known(establishment.rules, ids.rules, f"{path}.rules", "rules")
    unique((volunteer.id for volunteer in problem.volunteers), "volunteers[{}].id")
    unique((need.id for need in problem.needs), "needs[{}].id")
    unique((offer.id for offer in problem.offers), "offers[{}].id")
    unique((situation.id for situation in problem.situations), "situations[{}].id")


def volunteer_agrees(problem: Problem, volunteer: Volunteer, path: str, ids: Ids) -> None:
    known(volunteer.association, ids.associations, f"{path}.association", "associations")
    known(volunteer.establishment, ids.establishments, f"{path}.establishment", "establishments")
    known(volunteer.commune, ids.communes, f"{path}.commune", "communes")
    unique((str(bassin) for bassin in volunteer.bassins), path + ".bassins[{}]")
    for index, bassin in enumerate(volunteer.bassins):
        bassin_within(problem, bassin, f"{path}.bassins[{index}]")
    periods_in_order(volunteer.availability, f"{path}.availability")
    periods_in_order(volunteer.own_shifts, f"{path}.own_shifts")
    for index, period in enumerate(volunteer.released):
        if period not in volunteer.own_shifts:
            refuse(f"{path}.released[{index}]", f"un temps libéré est une vacation de « own_shifts » ({list(period)})")
    weeks = -(-problem.days // WEEK_DAYS)
    if len(volunteer.week_minutes_done) != weeks:
        received = len(volunteer.week_minutes_done)
        refuse(f"{path}.week_minutes_done", f"une valeur par semaine entamée ({weeks}, reçu : {received})")
    none_negative(volunteer.week_minutes_done, f"{path}.week_minutes_done", "une durée travaillée")
    not_negative(volunteer.max_loan_minutes, f"{path}.max_loan_minutes", "un plafond de prêt")
    not_negative(volunteer.max_travel_min, f"{path}.max_travel_min", "une limite de trajet")
    if volunteer.rules is not None:
        known(volunteer.rules, ids.rules, f"{path}.rules", "rules")
    none_negative(volunteer.past_week_minutes, f"{path}.past_week_minutes", "une durée travaillée")


def lend_caps_agree(problem: Problem, ids: Ids) -> None:
    seen: dict[tuple[str, int], int] = {}
    for index, cap in enumerate(problem.lend_caps):
        path = f"lend_caps[{index}]"
        known(cap.establishment, ids.establishments, f"{path}.establishment", "establishments")
        if not 0 <= cap.day < problem.days:
            refuse(f"{path}.day", f"le jour est hors de l'horizon de {problem.days} jours (reçu : {cap.day})")
        not_negative(cap.max_out, f"{path}.max_out", "un plafond de sorties")
        first = seen.setdefault((cap.establishment, cap.day), index)
        if first != index:
            refuse(path, f"ce plafond d'établissement et de jour est déjà donné par lend_caps[{first}]")


def need_agrees(problem: Problem, need: Need, path: str, ids: Ids) -> None:
    known(need.establishment, ids.establishments, f"{path}.establishment", "establishments")
    urgency_within(need.urgency, f"{path}.urgency")
    for index, shift in enumerate(need.shifts):
        here = f"{path}.shifts[{index}]"
        if shift.end <= shift.start:
            refuse(f"{here}.end", f"une vacation finit après son début ({shift.start} → {shift.end})")
        if shift.end - shift.start > WEEK_MINUTES:
            refuse(f"{here}.end", f"une vacation dure au plus une semaine ({shift.start} → {shift.end})")
        if not 0 <= shift.start < problem.days * DAY_MINUTES:
            refuse(f"{here}.start", f"une vacation commence dans l'horizon (reçu : {shift.start})")
        within(shift.headcount, 0, MOST_SEATS, f"{here}.headcount", "un effectif demandé")
        if shift.permanent_staff is not None:
            not_negative(shift.permanent_staff, f"{here}.permanent_staff", "un effectif permanent")
        if shift.min_permanent_staff is not None:
            not_negative(shift.min_permanent_staff, f"{here}.min_permanent_staff", "un effectif permanent")
            if shift.permanent_staff is None:
                refuse(f"{here}.permanent_staff", "clé absente, que « min_permanent_staff » demande")


def shift_ids_are_unique(problem: Problem) -> None:
    seen: dict[str, str] = {}
    for need_index, need in enumerate(problem.needs):
        for index, shift in enumerate(need.shifts):
            path = f"needs[{need_index}].shifts[{index}].id"
            named(shift.id, path)
            first = seen.setdefault(shift.id, path)
            if first != path:
                refuse(path, f"l'identifiant « {shift.id} » est déjà celui de {first}")
