"""Needs and loans: three agreements, one person at one place at once, and what a withdrawal undoes."""

from __future__ import annotations

from datetime import datetime, timedelta

from bench.storm.plain.calendar import ZONE
from bench.storm.plain.places import cancel, speak
from bench.storm.plain.world import AGREEMENTS, ALLOWED, Broken, Loan, Person, Plain

BINDING = frozenset({"agreed"})
OVER = frozenset({"declined", "expired", "cancelled", "superseded"})


def cancel_need(plain: Plain, person: Person, need: str) -> Broken:
    one = plain.needs[need]
    broken = set(speak(person, one.facility))
    if one.state not in ("open", "covered"):
        broken.add("illegal-transition")
    if any(plain.shifts[shift].seats for shift in one.shifts):
        broken.add("need-has-agreed-loans")
    if not broken:
        cancel(plain, need)
    return frozenset(broken)


def sides(plain: Plain, person: Person, loan: str) -> frozenset[str]:
    """For whom somebody may speak about a loan."""
    one = plain.loans[loan]
    mine = set()
    if person.kind == "system":
        mine.add("clock")
    if person.kind == "coordinator":
        mine.add("coordination")
    if person.kind == "manager":
        if plain.volunteers[one.volunteer].facility in person.speaks_for:
            mine.add("lender")
        if plain.needs[one.need].facility in person.speaks_for:
            mine.add("host")
    if person.kind == "volunteer" and person.volunteer == one.volunteer:
        mine.add("person")
    return frozenset(mine)


def side(plain: Plain, person: Person, loan: str, *wanted: str) -> Broken:
    mine = sides(plain, person, loan)
    if not mine and not person.coordinates:
        return frozenset({"not-found"})
    return ALLOWED if mine & set(wanted) else frozenset({"act-forbidden"})


def is_silenced(plain: Plain, volunteer: str, shift: str) -> bool:
    """A no, a silence or a withdrawal: the person is not asked again for that shift."""
    return any(
        one.volunteer == volunteer and shift in one.shifts and one.asked and one.state in OVER - {"superseded"}
        for one in plain.loans.values()
    )


def put_forward(plain: Plain, line: Loan) -> bool:
    """A plan of one line for its need; return whether the loan is new."""
    volunteer, need = plain.volunteers[line.volunteer], plain.needs[line.need]
    stands = (
        volunteer.terms == line.volunteer_terms
        and need.state == "open"
        and need.terms == line.need_terms
        and not any(is_silenced(plain, line.volunteer, shift) for shift in line.shifts)
    )
    same = False
    for one in plain.loans.values():
        is_the_line = (one.volunteer, one.shifts) == (line.volunteer, line.shifts)
        same = same or (is_the_line and one.state not in OVER)
        if one.need == line.need and one.state == "proposed" and not one.asked:
            if is_the_line and stands:
                one.volunteer_terms, one.need_terms = line.volunteer_terms, line.need_terms
            else:
                one.state = "superseded"
    return stands and not same


def ask(plain: Plain, person: Person, loan: str, now: datetime) -> Broken:
    """Ask the three; asking again changes nothing."""
    one = plain.loans[loan]
    broken = set(side(plain, person, loan, "host", "coordination"))
    if one.state == "proposed" and one.asked:
        return frozenset(broken)
    if one.state != "proposed":
        broken.add("illegal-transition")
    volunteer, need = plain.volunteers[one.volunteer], plain.needs[one.need]
    if need.state != "open":
        broken.add("need-no-longer-open")
    ready = one.is_internal or volunteer.ready_until > now
    if (volunteer.terms, need.terms) != (one.volunteer_terms, one.need_terms) or not ready:
        broken.add("loan-outdated")
    leaves_at = min(plain.shifts[shift].starts_at for shift in one.shifts) - timedelta(minutes=one.travel_minutes)
    answer_by = min(now + timedelta(hours=72), leaves_at)
    if answer_by <= now:
        broken.add("loan-too-late")
    if not broken:
        one.asked, one.answer_by = True, answer_by
    return frozenset(broken)


def agree(plain: Plain, person: Person, loan: str, party: str, now: datetime) -> Broken:
    """One party's own word; the third binds, or nothing of it is kept."""
    one = plain.loans[loan]
    broken = set(side(plain, person, loan, party))
    if one.state != "proposed":
        broken.add("illegal-transition")
    if one.answer_by is None:
        broken.add("loan-not-asked")
    elif one.answer_by <= now:
        broken.add("loan-answer-too-late")
    if party in one.agreed:
        broken.add("agreement-already-given")
    words = {party}
    if one.is_internal and party != "person" and {"lender", "host"} <= sides(plain, person, loan):
        words = {"lender", "host"}
    binds = one.agreed | words == AGREEMENTS
    if binds:
        broken |= _may_bind(plain, loan)
    if broken:
        return frozenset(broken)
    one.agreed |= words
    if binds:
        one.state = "agreed"
        _count(plain, one, 1)
    return ALLOWED


def _may_bind(plain: Plain, loan: str) -> set[str]:
    one = plain.loans[loan]
    broken = set()
    if plain.needs[one.need].state == "cancelled":
        broken.add("need-no-longer-open")
    wanted = [plain.shifts[shift] for shift in one.shifts]
    for other in plain.loans.values():
        if other.state not in BINDING or other is one:
            continue
        lent = [plain.shifts[shift] for shift in other.shifts]
        way = timedelta(minutes=one.travel_minutes + other.travel_minutes)
        meets = any(a.starts_at < b.ends_at + way and b.starts_at < a.ends_at + way for a in wanted for b in lent)
        if other.volunteer == one.volunteer and meets:
            # Two hours of one date: the judgement of working time may speak first.
            broken |= {"volunteer-already-lent", "working-time-breached"}
    lender = plain.volunteers[one.volunteer].facility
    if lender in plain.lends_at_most:
        lent_on = [
            plain.shifts[shift].starts_at.astimezone(ZONE).date()
            for other in plain.loans.values()
            if other.state in BINDING and plain.volunteers[other.volunteer].facility == lender
            for shift in other.shifts
        ]
        asked_on = [shift.starts_at.astimezone(ZONE).date() for shift in wanted]
        if any(lent_on.count(on) + asked_on.count(on) > plain.lends_at_most[lender] for on in asked_on):
            broken.add("lend-cap-reached")
    if any(shift.is_covered for shift in wanted):
        broken.add("seats-already-taken")
    return broken


def _count(plain: Plain, loan: Loan, change: int) -> None:
    for shift in loan.shifts:
        plain.shifts[shift].seats += change
    need = plain.needs[loan.need]
    if need.state in ("open", "covered"):
        need.state = "covered" if all(plain.shifts[shift].is_covered for shift in need.shifts) else "open"


def end(plain: Plain, loan: Loan, state: str) -> None:
    if loan.state in BINDING:
        _count(plain, loan, -1)
    loan.state = state


def decline(plain: Plain, person: Person, loan: str, party: str) -> Broken:
    one = plain.loans[loan]
    broken = set(side(plain, person, loan, party))
    if not one.asked:
        broken.add("loan-not-asked")
    if one.state != "proposed":
        broken.add("illegal-transition")
    if not broken:
        end(plain, one, "declined")
    return frozenset(broken)


def withdraw_consent(plain: Plain, person: Person, loan: str) -> Broken:
    """At any time, and nothing blocks it; what is over stays as it was."""
    one = plain.loans[loan]
    broken = side(plain, person, loan, "person")
    if not broken and one.state not in OVER:
        end(plain, one, "declined" if one.state == "proposed" else "cancelled")
        one.agreed.discard("person")
    return broken


def call_off(plain: Plain, person: Person, loan: str) -> Broken:
    one = plain.loans[loan]
    broken = set(side(plain, person, loan, "lender", "host", "coordination", "clock"))
    if one.state not in ("proposed", "agreed"):
        broken.add("illegal-transition")
    if not broken:
        end(plain, one, "cancelled")
    return frozenset(broken)
