"""Rules that loans must obey, one by one, person by person, lender by lender."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from exchange.matching.checker_form import Code, Violation
from exchange.matching.checker_reading import Reading


def each_loan(at: Reading) -> Iterator[Violation]:
    for path, who, need, shift in at.loans:
        house, start, end = at.houses[need["establishment"]], shift["start"], shift["end"]
        if not who["consent"]:
            yield Violation(Code.NO_CONSENT, path, "la personne n'accepte pas d'être sollicitée")
        if who["association"] == house["association"]:
            yield Violation(Code.SAME_EMPLOYER, path, "l'employeur est aussi l'accueillant")
        if not set(who["qualifications"]) & set(need["qualifications_any"]):
            yield Violation(Code.QUALIFICATION, path, "aucune qualification en commun")
        if house["bassin"] not in who["bassins"]:
            yield Violation(Code.HOST_BASSIN, path, f"bassin {house['bassin']} refusé")
        minutes = at.travel(who["commune"], need["establishment"])
        if minutes > who["max_travel_min"]:
            yield Violation(Code.LOAN_TRAVEL, path, f"{minutes} min pour {who['max_travel_min']} acceptées")
        if not any(opens <= start and end <= closes for opens, closes in who["availability"]):
            yield Violation(Code.AVAILABILITY, path, "la vacation ne tient dans aucune disponibilité")
        longest = 720 if who["night12h_derogation"] and start % 1440 >= 1140 else 600
        if end - start > longest:
            yield Violation(Code.SHIFT_LENGTH, path, f"{end - start} min pour {longest} permises")


def loans_together(at: Reading) -> Iterator[Violation]:
    of_person: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for _, who, _, shift in at.loans:
        of_person[who["id"]][shift["id"]] = (shift["start"], shift["end"])
    for person, loans in sorted(of_person.items()):
        who, periods = at.volunteers[person], sorted(loans.values())
        for index, (start, end) in enumerate(periods):
            for other_start, other_end in [*periods[index + 1 :], *who["own_shifts"]]:
                if other_start - end < 660 and start - other_end < 660:
                    detail = f"moins de 660 min entre {start}-{end} et {other_start}-{other_end}"
                    yield Violation(Code.REST, person, detail)
        weeks: Counter[int] = Counter()
        for start, end in periods:
            weeks[start // 10080] += end - start
        for week, minutes in sorted(weeks.items()):
            if minutes + who["week_minutes_done"][week] > 2880:
                total = minutes + who["week_minutes_done"][week]
                yield Violation(Code.WEEK_MINUTES, person, f"{total} min la semaine {week} pour 2880 permises")
        if sum(weeks.values()) > who["max_loan_minutes"]:
            yield Violation(Code.LOAN_MINUTES, person, f"{sum(weeks.values())} min pour {who['max_loan_minutes']}")


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
