"""Rules that loans must obey, one by one, person by person, lender by lender."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from exchange.matching.checker_figures import Limits, limits_of
from exchange.matching.checker_form import Code, Violation
from exchange.matching.checker_reading import Reading


def each_loan(at: Reading) -> Iterator[Violation]:
    for path, who, need, shift in at.loans:
        house, start, end = at.houses[need["establishment"]], shift["start"], shift["end"]
        if not who["consent"]:
            yield Violation(Code.NO_CONSENT, path, "la personne n'accepte pas d'être sollicitée")
        moves = who.get("internal_moves") and who["establishment"] != need["establishment"]
        if who["association"] == house["association"] and not moves:
            yield Violation(Code.SAME_EMPLOYER, path, "l'employeur est aussi l'accueillant")
        ready_from = who.get("ready_from")
        if who["association"] != house["association"] and ready_from is not None and start < ready_from:
            yield Violation(Code.FILE_NOT_READY, path, f"début à {start}, dossier prêt à {ready_from}")
        permanent, least = shift.get("permanent_staff") or 0, shift.get("min_permanent_staff") or 0
        if permanent < least:
            yield Violation(Code.PERMANENT_STAFF, path, f"{permanent} permanents pour {least} demandés")
        if not set(who["qualifications"]) & set(need["qualifications_any"]):
            yield Violation(Code.QUALIFICATION, path, "aucune qualification en commun")
        if house["bassin"] not in who["bassins"]:
            yield Violation(Code.HOST_BASSIN, path, f"bassin {house['bassin']} refusé")
        minutes = at.travel(who["commune"], need["establishment"])
        if minutes > who["max_travel_min"]:
            yield Violation(Code.LOAN_TRAVEL, path, f"{minutes} min pour {who['max_travel_min']} acceptées")
        windows = [*who["availability"], *(who.get("released") or ())]
        if not any(opens <= start and end <= closes for opens, closes in windows):
            yield Violation(Code.AVAILABILITY, path, "la vacation ne tient dans aucune disponibilité")
        limits = limits_of(at, who, need)
        by_night = who["night12h_derogation"] and start % 1440 >= limits.night_from
        longest = limits.night if by_night else limits.shift
        if end - start > longest:
            yield Violation(Code.SHIFT_LENGTH, path, f"{end - start} min pour {longest} permises")


class _Loan(NamedTuple):
    path: str
    start: int
    end: int
    limits: Limits


def loans_together(at: Reading) -> Iterator[Violation]:
    """What the loans of one person must obey together, and with the person's own shifts."""
    of_person: dict[str, list[_Loan]] = defaultdict(list)
    for path, who, need, shift in at.loans:
        of_person[who["id"]].append(_Loan(path, shift["start"], shift["end"], limits_of(at, who, need)))
    for person, loans in sorted(of_person.items()):
        for rule in (_rest, _weeks, _weekly_rest, _days_in_row, _averages, _loan_minutes):
            yield from rule(at.volunteers[person], sorted(loans, key=lambda loan: (loan.start, loan.end, loan.path)))


def _inside(loan: _Loan, opens: int, closes: int) -> bool:
    return bool(opens <= loan.start and loan.end <= closes)


def _counted(who: Any, loan: _Loan) -> int:
    """A loan in time that the lender frees is in the minutes done already."""
    freed = any(_inside(loan, opens, closes) for opens, closes in who.get("released") or ())
    return 0 if freed else loan.end - loan.start


def _rest(who: Any, loans: list[_Loan]) -> Iterator[Violation]:
    for index, loan in enumerate(loans):
        others = [(other.start, other.end, max(loan.limits.rest, other.limits.rest)) for other in loans[index + 1 :]]
        freed = [[opens, closes] for opens, closes in who.get("released") or () if _inside(loan, opens, closes)]
        others += [(*own, loan.limits.rest) for own in who["own_shifts"] if list(own) not in freed]
        for start, end, due in others:
            if start - loan.end < due and loan.start - end < due:
                detail = f"moins de {due} min entre {loan.start}-{loan.end} et {start}-{end}"
                yield Violation(Code.REST, who["id"], detail)


def _weeks(who: Any, loans: list[_Loan]) -> Iterator[Violation]:
    for week, done in enumerate(who["week_minutes_done"]):
        lent = [loan for loan in loans if loan.start // 10080 == week]
        total = done + sum(_counted(who, loan) for loan in lent)
        most = min((loan.limits.week for loan in lent), default=total)
        if total > most:
            yield Violation(Code.WEEK_MINUTES, who["id"], f"{total} min la semaine {week} pour {most} permises")


def _weekly_rest(who: Any, loans: list[_Loan]) -> Iterator[Violation]:
    work = sorted([*((loan.start, loan.end) for loan in loans), *map(tuple, who["own_shifts"])])
    for week in sorted({loan.start // 10080 for loan in loans}):
        due = max(loan.limits.weekly_rest for loan in loans if loan.start // 10080 == week)
        opens, closes = week * 10080, (week + 1) * 10080
        # A free period that could be longer starts with the week, or where some work ends.
        starts = [opens, *(end for _, end in work if opens < end < closes)]
        free = max(min([closes, *(b for b, e in work if e > since and b < closes)]) - since for since in starts)
        if due and free < due:
            yield Violation(Code.WEEKLY_REST, who["id"], f"{max(free, 0)} min de suite la semaine {week} pour {due}")


def _days_in_row(who: Any, loans: list[_Loan]) -> Iterator[Violation]:
    dates = sorted({start // 1440 for start in (*(loan.start for loan in loans), *(s for s, _ in who["own_shifts"]))})
    runs: list[list[int]] = []
    for date in dates:
        if runs and date == runs[-1][-1] + 1:
            runs[-1].append(date)
        else:
            runs.append([date])
    for run in runs:
        limits = [loan.limits.days for loan in loans if loan.start // 1440 in run and loan.limits.days]
        if limits and len(run) > min(limits):
            detail = f"{len(run)} jours de suite du jour {run[0]} au jour {run[-1]}, pour {min(limits)} permis"
            yield Violation(Code.DAYS_IN_ROW, who["id"], detail)


def _averages(who: Any, loans: list[_Loan]) -> Iterator[Violation]:
    done = dict(enumerate(who["week_minutes_done"]))
    past = who.get("past_week_minutes") or []
    done |= {position - len(past): minutes for position, minutes in enumerate(past)}
    asked = sorted({average for loan in loans for average in loan.limits.averages})
    for weeks, most in asked:
        for last in range(len(who["week_minutes_done"])):
            window = range(last - weeks + 1, last + 1)
            lent = [loan for loan in loans if loan.start // 10080 in window]
            total = sum(done.get(week, 0) for week in window) + sum(_counted(who, loan) for loan in lent)
            if total > most and any((weeks, most) in loan.limits.averages for loan in lent):
                detail = f"{total} min en {weeks} semaines jusqu'à la semaine {last}, pour {most} permises"
                yield Violation(Code.AVERAGE_WEEK, who["id"], detail)


def _loan_minutes(who: Any, loans: list[_Loan]) -> Iterator[Violation]:
    total = sum(loan.end - loan.start for loan in loans)
    if total > who["max_loan_minutes"]:
        yield Violation(Code.LOAN_MINUTES, who["id"], f"{total} min pour {who['max_loan_minutes']}")


def lenders_and_seats(at: Reading) -> Iterator[Violation]:
    leaving = Counter((who["establishment"], shift["start"] // 1440) for _, who, _, shift in at.loans)
    for cap in at.problem["lend_caps"]:
        out = leaving[cap["establishment"], cap["day"]]
        if out > cap["max_out"]:
            detail = f"jour {cap['day']} : {out} départs pour {cap['max_out']}"
            yield Violation(Code.LEND_CAP, cap["establishment"], detail)
    for shift, taken in sorted(Counter(shift["id"] for _, _, _, shift in at.loans).items()):
        asked = at.shifts[shift][1]["headcount"]
        if taken > asked:
            yield Violation(Code.HEADCOUNT, shift, f"{taken} personnes pour {asked} demandées")
