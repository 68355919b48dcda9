"""The staff that follows: the house's own shifts, asked for where its residents go, solved once the hosts are known.

Pure. Working time, rest, road and consent are the matcher's own rules; what a host may not take stays unfilled.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import UUID, uuid5

from exchange.kernel.periods import ends_at, starts_at
from exchange.matching.plan import Plan
from exchange.planning.drills.terms import AskDrill
from exchange.planning.ground import Ground, SeenLoan, SeenNeed, SeenShift, SeenVolunteer, Slot
from exchange.reference.code_lists import Urgency


def following_ground(
    copy: Ground,
    asked: AskDrill,
    drill_id: UUID,
    plan: Plan,
    guests: Mapping[UUID, int],
    resting: Collection[UUID],
) -> Ground:
    """Return a ground of staff alone: for each host, the shifts of the closed house in proportion to its guests.

    `guests`: residents by host. `resting`: the shifts on which their places rest, whose loans stay as the plan has
    them.
    """
    lent = _lent(copy, plan, drill_id, resting)
    busy = {loan.volunteer_id for loan in lent}
    people = {
        one.id: one if one.facility_id == asked.facility_id else replace(one, agrees=False)
        for one in copy.volunteers.values()
        if one.facility_id == asked.facility_id or one.id in busy
    }
    kept = {loan.need_id for loan in lent}
    return replace(
        copy,
        offers={},
        situations={},
        placements=(),
        volunteers=people,
        needs={
            **{need.id: need for need in copy.needs.values() if need.id in kept},
            **{need.id: need for need in _asked_by_hosts(copy, asked, drill_id, guests)},
        },
        loans=lent,
    )


def _lent(copy: Ground, plan: Plan, drill_id: UUID, resting: Collection[UUID]) -> tuple[SeenLoan, ...]:
    """The loans already promised, and those that open a resident's place, as promises of the second solve."""
    owners = {shift.id: need for need in copy.needs.values() for shift in need.shifts}
    known = {(loan.volunteer_id, shift) for loan in copy.loans for shift in loan.shift_ids}
    added: dict[tuple[UUID, UUID], list[UUID]] = defaultdict(list)
    for line in plan.loans:
        seat = (UUID(line.volunteer), UUID(line.shift))
        if seat not in known and seat[1] in resting:
            added[seat[0], owners[seat[1]].id].append(seat[1])
    return copy.loans + tuple(
        SeenLoan(
            id=uuid5(drill_id, f"loan {volunteer} {need}"),
            volunteer_id=volunteer,
            need_id=need,
            is_promised=True,
            is_internal=_same_house(copy, volunteer, need),
            shift_ids=tuple(sorted(shifts)),
        )
        for (volunteer, need), shifts in sorted(added.items())
    )


def _same_house(copy: Ground, volunteer_id: UUID, need_id: UUID) -> bool:
    home = copy.facilities[copy.volunteers[volunteer_id].facility_id]
    return home.operator_id == copy.facilities[copy.needs[need_id].facility_id].operator_id


def _asked_by_hosts(copy: Ground, asked: AskDrill, drill_id: UUID, guests: Mapping[UUID, int]) -> list[SeenNeed]:
    working = _working(copy, asked)
    everyone = sum(guests.values())
    found = []
    for host, count in sorted(guests.items()):
        for titles, slots in sorted(working.items(), key=lambda each: sorted(each[0])):
            name = f"{host} {'+'.join(sorted(titles))}"
            shifts = tuple(
                SeenShift(
                    id=uuid5(drill_id, f"shift {name} {slot[0].isoformat()} {slot[1].isoformat()}"),
                    slot=slot,
                    headcount=max(1, round(people * count / everyone)),
                    is_covered=False,
                    permanent_staff=None,
                    min_permanent_staff=None,
                )
                for slot, people in sorted(slots.items())
            )
            found.append(
                SeenNeed(
                    id=uuid5(drill_id, f"need {name}"),
                    facility_id=host,
                    qualifications_any=titles,
                    urgency=Urgency.TONIGHT.value,
                    is_coupled=False,
                    created_at=copy.at,
                    terms_version=1,
                    shifts=shifts,
                )
            )
    return found


def _working(copy: Ground, asked: AskDrill) -> dict[frozenset[str], Counter[Slot]]:
    """How many people of the house work each slot of the window yet to start, by what they are qualified for."""
    working: dict[frozenset[str], Counter[Slot]] = defaultdict(Counter)
    for one in house_staff(copy, asked):
        for slot in window_shifts(one, copy, asked):
            working[one.qualifications][slot] += 1
    return working


def house_staff(copy: Ground, asked: AskDrill) -> list[SeenVolunteer]:
    """Return the people of the closed house whom Entraide knows."""
    return [one for one in copy.volunteers.values() if one.facility_id == asked.facility_id]


def window_shifts(one: SeenVolunteer, copy: Ground, asked: AskDrill) -> list[Slot]:
    """Return a person's own shifts of the window that have not started."""
    since, until = starts_at(asked.first_segment, copy.zone), ends_at(asked.last_segment, copy.zone)
    return [slot for slot in one.own_shifts if since <= slot[0] < until and slot[0] > copy.at]
