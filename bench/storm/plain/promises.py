"""Placements: proposed, held, the three yeses, arrival, and every way in which they end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from bench.storm.plain.calendar import day_of, first_exit, kept_until, running
from bench.storm.plain.places import attest, is_fresh, is_said, move
from bench.storm.plain.world import ALLOWED, CLAIMING, YESES, Broken, Person, Placement, Plain

ADVANCE = ("searching", "held", "confirmed", "effective")
MAKES = {"held": 1, "accepted": 1, "confirmed": 2, "admitted": 3, "ended": 3}
TAKES_UNITS_OFF = frozenset({"no_place_on_dates", "place_promised_elsewhere"})
NEVER_AGAIN = frozenset({"premises_unsuitable"})
MOST_PLACES = 3


def side(plain: Plain, person: Person, placement: str, *sides: str) -> Broken:
    """Whose word the act is; nobody else's facility may even know of it."""
    facility = plain.offers[plain.placements[placement].offer].facility
    if person.kind == "system":
        mine = "clock"
    elif person.coordinates:
        mine = "coordination"
    elif person.kind == "manager" and facility in person.speaks_for:
        mine = "receiver"
    else:
        return frozenset({"not-found"})
    return ALLOWED if mine in sides else frozenset({"act-forbidden"})


def follow(plain: Plain, situation: str, now: datetime, *, arrives: bool = False) -> None:
    """A situation's state is that of its least advanced half of a date."""
    one = plain.situations[situation]
    if one.state == "closed":
        return
    placements = plain.of_situation(situation, *MAKES).values()
    told = [
        max((MAKES[each.state] for each in placements if number in each.segments), default=0)
        for block in one.blocks
        for number in block
    ]
    state = ADVANCE[min(told)]
    one.arrived = one.arrived or arrives or state == "effective"
    if state != one.state:
        move(one, state, now)


def is_declined(plain: Plain, situation: str, offer: str) -> bool:
    """A refusal keeps the pair apart: for ever, until terms move, or not at all once the offer was corrected."""
    for one in plain.of_situation(situation, "refused").values():
        same_house = plain.offers[one.offer].facility == plain.offers[offer].facility
        if one.reason in NEVER_AGAIN and same_house:
            return True
        unmoved = (
            one.situation_terms == plain.situations[situation].terms and one.offer_terms == plain.offers[offer].terms
        )
        if one.reason not in TAKES_UNITS_OFF and one.offer == offer and unmoved:
            return True
    return False


def may_stand(plain: Plain, line: Placement, now: datetime) -> bool:
    """Whether a line of a plan still holds when it is recorded."""
    situation, offer = plain.situations[line.situation], plain.offers[line.offer]
    return (
        situation.state != "closed"
        and (situation.terms, offer.terms) == (line.situation_terms, line.offer_terms)
        and offer.state == "published"
        and is_said(offer, line.segments, now)
        and line.segments <= offer.counters.keys()
        and not is_declined(plain, line.situation, line.offer)
    )


def put_forward(plain: Plain, line: Placement, now: datetime) -> bool:
    """A plan of one line: what it no longer makes gives way; return whether the line is a new placement."""
    stands = may_stand(plain, line, now)
    same = None
    for one in plain.of_situation(line.situation, "proposed", *CLAIMING).values():
        if (one.offer, one.blocks) == (line.offer, line.blocks):
            same = one
            if one.state == "proposed" and stands:
                one.rank, one.situation_terms, one.offer_terms = line.rank, line.situation_terms, line.offer_terms
                continue
        if one.state == "proposed" and (one.rank > 1) == (line.rank > 1):
            one.state = "superseded"
    return stands and same is None


def end(plain: Plain, placement: Placement, state: str) -> None:
    """Give the halves back where they were claimed."""
    if placement.state in CLAIMING:
        for number in placement.segments:
            plain.offers[placement.offer].counters[number].used -= 1
    placement.state = state


def expire_overdue(plain: Plain, offers: Iterable[str], now: datetime) -> None:
    """Whoever wants a place first releases the holds that have run out on it."""
    wanted = set(offers)
    for one in plain.placements.values():
        if one.offer in wanted and one.state == "held" and one.held_until is not None and one.held_until <= now:
            end(plain, one, "expired")


def overdue_offers(plain: Plain, group: Iterable[str], now: datetime) -> set[str]:
    return {
        one.offer
        for key in group
        for one in plain.of_situation(key, "held").values()
        if one.held_until is not None and one.held_until <= now
    }


def hold_all(plain: Plain, lines: Iterable[Placement], until: datetime, now: datetime) -> Broken:
    """Count every line, or leave nothing: the caller keeps a copy to come back to."""
    broken: set[str] = set()
    for one in lines:
        situation, offer = plain.situations[one.situation], plain.offers[one.offer]
        if (situation.terms, offer.terms) != (one.situation_terms, one.offer_terms) or offer.state != "published":
            broken.add("proposal-outdated")
        if not is_said(offer, one.segments, now):
            broken.add("offer-to-confirm")
        if one.segments & plain.served(one.situation):
            broken.add("segments-already-served")
        for number in one.segments:
            counter = offer.counters[number]
            counter.used += 1
            if counter.used > counter.capacity + counter.over:
                broken.add("place-already-held")
        one.state, one.held_until = "held", until
    return frozenset(broken)


def hold_end(plain: Plain, group: Iterable[str], now: datetime) -> datetime:
    return kept_until(max(plain.situations[key].urgency for key in group), now)


def hold(plain: Plain, person: Person, situation: str, rank: int, now: datetime) -> Broken:
    """Reserve every placement of an answer, or none; persons kept together are held together."""
    if not person.coordinates and person.kind != "system":
        return frozenset({"act-forbidden"})
    if plain.situations[situation].state == "closed":
        return frozenset({"illegal-transition"})
    group = plain.group(situation)
    lines = [one for key in group for one in plain.of_situation(key, "proposed").values() if one.rank == rank]
    if not any(one.situation == situation for one in lines):
        return frozenset({"answer-not-open"})
    expire_overdue(plain, {one.offer for one in lines} | overdue_offers(plain, group, now), now)
    broken = set()
    for key in group:
        if not any(one.situation == key for one in lines) and not plain.of_situation(key, *CLAIMING):
            broken.add("group-incomplete")
    broken |= hold_all(plain, lines, hold_end(plain, group, now), now)
    if not broken:
        for key in group:
            follow(plain, key, now)
    return frozenset(broken)


def accept(plain: Plain, person: Person, placement: str, now: datetime, *, by_phone: bool) -> Broken:
    """The receiver's own word on a live hold of a fresh offer; by phone, the coordination records whose word."""
    one = plain.placements[placement]
    offer = plain.offers[one.offer]
    broken = set(side(plain, person, placement, "coordination" if by_phone else "receiver"))
    if plain.situations[one.situation].state == "closed" or one.state != "held":
        broken.add("illegal-transition")
    if one.held_until is None or one.held_until <= now:
        broken.add("hold-over")
    if offer.state != "published":
        broken.add("proposal-outdated")
    if not is_fresh(offer, now):
        broken.add("offer-to-confirm")
    if not broken:
        one.state, one.by_phone = "accepted", by_phone
        one.yeses.add("receiver")
        settle(plain, placement, now)
    return frozenset(broken)


WHO_AGREES = {"none": {"person"}, "guardianship": {"person", "guardian"}, "ase_entrusted": {"ase", "judge"}}


def agree_for_person(plain: Plain, person: Person, placement: str, given_by: str, now: datetime) -> Broken:
    broken = set(_yes(plain, person, placement, "person"))
    if given_by not in WHO_AGREES[plain.situations[plain.placements[placement].situation].legal_status]:
        broken.add("agreement-not-theirs")
    return _keep_yes(plain, placement, "person", broken, now)


def give_legal_basis(plain: Plain, person: Person, placement: str, now: datetime) -> Broken:
    return _keep_yes(plain, placement, "legal_basis", set(_yes(plain, person, placement, "legal_basis")), now)


def _yes(plain: Plain, person: Person, placement: str, party: str) -> Broken:
    one = plain.placements[placement]
    broken = set(side(plain, person, placement, "coordination"))
    if plain.situations[one.situation].state == "closed" or one.state not in ("proposed", "held", "accepted"):
        broken.add("illegal-transition")
    if party in one.yeses:
        broken.add("yes-already-given")
    return frozenset(broken)


def _keep_yes(plain: Plain, placement: str, party: str, broken: set[str], now: datetime) -> Broken:
    if not broken:
        plain.placements[placement].yeses.add(party)
        settle(plain, placement, now)
    return frozenset(broken)


def settle(plain: Plain, placement: str, now: datetime) -> bool:
    """Three yeses on an accepted place whose shifts are all covered: confirmed."""
    one = plain.placements[placement]
    required = plain.offers[one.offer].requires
    if one.state != "accepted" or one.yeses != YESES or not all(plain.shifts[shift].is_covered for shift in required):
        return False
    one.state, one.rests_on = "confirmed", required
    follow(plain, one.situation, now)
    return True


def refuse(plain: Plain, person: Person, placement: str, reason: str, now: datetime, *, with_note: bool) -> Broken:
    """The receiver's no; « pas de place » also takes the spare units of these dates off the offer."""
    one = plain.placements[placement]
    broken = set(side(plain, person, placement, "receiver"))
    if one.state not in ("held", "accepted", "confirmed"):
        broken.add("illegal-transition")
    if reason == "other" and not with_note:
        broken.add("private-note-required")
    if broken:
        return frozenset(broken)
    end(plain, one, "refused")
    one.reason = reason
    offer = plain.offers[one.offer]
    if reason in TAKES_UNITS_OFF and offer.state == "published":
        spare = set()
        for number in one.segments:
            counter = offer.counters[number]
            units = counter.capacity - counter.used
            if number >= running(now) and units > 0:
                spare.add(units)
                counter.capacity = counter.used
        offer.terms += len(spare)
        if spare:
            attest(offer, now)
    return ALLOWED


def contest(plain: Plain, person: Person, placement: str) -> Broken:
    """A yes by phone may be contested by the facility until arrival."""
    one = plain.placements[placement]
    broken = set(side(plain, person, placement, "receiver"))
    if one.state not in ("accepted", "confirmed"):
        broken.add("illegal-transition")
    if not one.by_phone:
        broken.add("not-a-phone-yes")
    if not broken:
        end(plain, one, "cancelled")
    return frozenset(broken)


def call_off(plain: Plain, person: Person, placement: str) -> Broken:
    one = plain.placements[placement]
    broken = set(side(plain, person, placement, "coordination", "clock"))
    if one.state not in ("held", "accepted", "confirmed"):
        broken.add("illegal-transition")
    if not broken:
        end(plain, one, "cancelled")
    return frozenset(broken)


def arrive(plain: Plain, person: Person, placement: str, exit_on: date | None, now: datetime) -> Broken:
    """Not before the first date; with an exit date; proposals for the same halves give way."""
    one = plain.placements[placement]
    broken = set(side(plain, person, placement, "coordination", "receiver"))
    if plain.situations[one.situation].state == "closed" or one.state != "confirmed":
        broken.add("illegal-transition")
    today, begins = day_of(running(now)), day_of(min(one.segments))
    if today < begins:
        broken.add("arrival-too-early")
    leaves = exit_on or one.exit_on
    if leaves is None:
        broken.add("exit-date-required")
    elif leaves < first_exit(one.segments):
        broken.add("exit-before-stay-ends")
    elif leaves < today:
        broken.add("invalid-value")
    if broken:
        return frozenset(broken)
    one.state, one.exit_on = "admitted", leaves
    for other in plain.of_situation(one.situation, "proposed").values():
        if other.segments & one.segments:
            other.state = "superseded"
    follow(plain, one.situation, now, arrives=True)
    return ALLOWED


def leave(plain: Plain, person: Person, placement: str) -> Broken:
    one = plain.placements[placement]
    broken = set(side(plain, person, placement, "coordination", "receiver"))
    if one.state != "admitted":
        broken.add("illegal-transition")
    if not broken:
        end(plain, one, "ended")
    return frozenset(broken)
