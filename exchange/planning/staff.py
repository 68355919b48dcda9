"""The staff side of a problem: associations and their sites, who may be lent, the shifts asked for. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from exchange.matching import problem as matching
from exchange.planning.calendar import DAY_MINUTES, WEEK_MINUTES, Horizon
from exchange.planning.ground import Ground, SeenNeed, SeenVolunteer
from exchange.planning.promises import Promises
from exchange.planning.titles import Titles


class Places:
    """Living areas as the matcher's numbers; the last one stands for "in none"."""

    def __init__(self, ground: Ground, area_index: dict[UUID, int]) -> None:
        self.area_index = area_index
        self.by_commune = {
            **{one.commune_code: one.living_area_id for one in ground.situations.values()},
            **{site.commune_code: site.living_area_id for site in ground.facilities.values()},
        }

    def area(self, living_area_id: UUID | None) -> int:
        return len(self.area_index) if living_area_id is None else self.area_index[living_area_id]

    def area_of_commune(self, code: str) -> int:
        return self.area(self.by_commune.get(code))


def associations(ground: Ground) -> tuple[matching.Association, ...]:
    return tuple(
        matching.Association(str(operator), ground.ledger_minutes.get(operator, 0) // 60)
        for operator in sorted({site.operator_id for site in ground.facilities.values()})
    )


def establishments(ground: Ground, places: Places) -> tuple[matching.Establishment, ...]:
    return tuple(
        matching.Establishment(
            id=str(site.id),
            association=str(site.operator_id),
            bassin=places.area(site.living_area_id),
            commune=site.commune_code,
            public=site.association_is_public,
            rules=site.rule_set,
        )
        for site in ground.facilities.values()
    )


def lend_caps(ground: Ground, horizon: Horizon) -> tuple[matching.LendCap, ...]:
    return tuple(
        matching.LendCap(str(site.id), day, site.lends_at_most_per_day)
        for site in ground.facilities.values()
        if site.lends_at_most_per_day is not None
        for day in range(horizon.days)
    )


def lendable(ground: Ground, promises: Promises, needs: Iterable[SeenNeed]) -> list[SeenVolunteer]:
    """Those who agree, ready or not (the plan says which), and whoever is promised.

    The staff of a public association are not lent: they are there where one of its other sites asks for somebody.
    """
    busy = {who for who, _ in promises.seats}
    asking: dict[UUID, set[UUID]] = defaultdict(set)
    for need in needs:
        asking[ground.facilities[need.facility_id].operator_id].add(need.facility_id)

    def may_serve(one: SeenVolunteer) -> bool:
        home = ground.facilities[one.facility_id]
        return one.agrees and (not home.association_is_public or bool(asking[home.operator_id] - {home.id}))

    return [one for one in ground.volunteers.values() if may_serve(one) or one.id in busy]


def need_of(need: SeenNeed, horizon: Horizon, titles: Titles) -> matching.Need:
    return matching.Need(
        id=str(need.id),
        establishment=str(need.facility_id),
        qualifications_any=titles.asked(need),
        urgency=need.urgency,
        created=need.created_at.isoformat(),
        coupled=need.is_coupled,
        shifts=tuple(
            matching.Shift(
                str(shift.id),
                *horizon.period(shift.slot),
                shift.headcount,
                permanent_staff=shift.permanent_staff,
                min_permanent_staff=shift.min_permanent_staff,
            )
            for shift in need.shifts
            if horizon.holds(shift.slot[0])
        ),
    )


def volunteer_of(
    one: SeenVolunteer, ground: Ground, horizon: Horizon, places: Places, titles: Titles
) -> matching.Volunteer:
    own_shifts = tuple(horizon.period(slot) for slot in one.own_shifts)
    done = [0] * horizon.weeks
    for start, end in own_shifts:
        if 0 <= start < horizon.days * DAY_MINUTES:
            done[start // WEEK_MINUTES] += end - start
    return matching.Volunteer(
        id=str(one.id),
        association=str(ground.facilities[one.facility_id].operator_id),
        establishment=str(one.facility_id),
        commune=one.commune_code,
        qualifications=titles.held(one),
        bassins=tuple(sorted(places.area(area) for area in one.living_area_ids if area in places.area_index)),
        availability=tuple(horizon.period(slot) for slot in one.free),
        own_shifts=own_shifts,
        week_minutes_done=tuple(done),
        max_loan_minutes=one.max_loan_minutes,
        max_travel_min=one.max_travel_minutes,
        night12h_derogation=one.night12h_derogation,
        consent=one.agrees,
        internal_moves=True,
        ready_from=None if one.is_ready else horizon.days * DAY_MINUTES,
        released=tuple(horizon.period(slot) for slot in one.released),
        past_week_minutes=one.past_week_minutes,
    )
