"""Offers and situations: the acts that need nobody's promise."""

from __future__ import annotations

from datetime import datetime

from bench.storm.plain.calendar import at, day_of, looked_at_again, running, valid_until
from bench.storm.plain.world import ALLOWED, Broken, Offer, Person, Plain, Situation


def speak(person: Person, facility: str) -> Broken:
    """Places and needs are told by who gives that facility's word, nobody else."""
    return ALLOWED if facility in person.speaks_for else frozenset({"act-forbidden"})


def _on_offer(plain: Plain, person: Person, offer: str) -> set[str]:
    one = plain.offers[offer]
    broken = set(speak(person, one.facility))
    if one.state != "published":
        broken.add("illegal-transition")
    return broken


def reconfirm(plain: Plain, person: Person, offer: str, now: datetime) -> Broken:
    broken = _on_offer(plain, person, offer)
    if not broken:
        attest(plain.offers[offer], now)
    return frozenset(broken)


def attest(offer: Offer, now: datetime) -> None:
    """Whoever says anything of a place gives their word about it."""
    offer.said_at, offer.fresh_until = now, valid_until(offer.kind, now)


def change_capacity(plain: Plain, person: Person, offer: str, delta: int, now: datetime) -> Broken:
    """One unit more or less in every half that is not over: all of them, or none."""
    broken = _on_offer(plain, person, offer)
    one = plain.offers[offer]
    coming = [counter for number, counter in one.counters.items() if number >= running(now)]
    for counter in coming:
        if counter.capacity + delta < 0 or counter.capacity + delta + counter.over < counter.used:
            broken.add("capacity-below-used")
        if counter.capacity + delta > 99:
            broken.add("invalid-value")
    if not broken:
        for counter in coming:
            counter.capacity += delta
        attest(one, now)
        one.terms += delta < 0
    return frozenset(broken)


def withdraw(plain: Plain, person: Person, offer: str) -> Broken:
    """The places are taken back; a coupled need that nothing else rests on falls with them."""
    broken = _on_offer(plain, person, offer)
    if broken:
        return frozenset(broken)
    one = plain.offers[offer]
    one.state = "withdrawn"
    one.terms += 1
    if any(counter.used for counter in one.counters.values()):
        return ALLOWED
    for need in {plain.shifts[shift].need for shift in one.requires}:
        if plain.needs[need].is_coupled and plain.needs[need].state == "open" and _is_alone(plain, need):
            cancel(plain, need)
    return ALLOWED


def _is_alone(plain: Plain, need: str) -> bool:
    shifts = set(plain.needs[need].shifts)
    rests = any(offer.state == "published" and offer.requires & shifts for offer in plain.offers.values())
    return not rests and not any(plain.shifts[shift].seats for shift in shifts)


def cancel(plain: Plain, need: str) -> None:
    plain.needs[need].state = "cancelled"
    plain.needs[need].terms += 1


def is_fresh(offer: Offer, now: datetime) -> bool:
    return offer.fresh_until > now


def is_said(offer: Offer, segments: frozenset[int], now: datetime) -> bool:
    """Fresh, and for a night whose question was asked at 17:00, said again since 16:00."""
    nights = [day_of(number) for number in segments if number % 2]
    return is_fresh(offer, now) and all(now < at(on, 17) or offer.said_at >= at(on, 16) for on in nights)


def may_receive(plain: Plain, person: Person, together: str | None, incompatible: str | None) -> Broken:
    broken = set()
    if not person.coordinates:
        broken.add("act-forbidden")
    if together is not None and plain.situations[together].state not in ("received", "searching"):
        broken.add("linked-situation-already-answered")
    if incompatible is not None and plain.situations[incompatible].state == "closed":
        broken.add("invalid-value")
    if incompatible is not None and together is not None:
        joined = plain.situations[together].together
        if incompatible == together or (joined is not None and plain.situations[incompatible].together == joined):
            broken.add("invalid-value")
    return frozenset(broken)


def receive(plain: Plain, key: str, situation: Situation, together: str | None, incompatible: str | None) -> None:
    """Keep a situation; what was proposed to those it is bound to did not know of it."""
    plain.situations[key] = situation
    if together is not None:
        other = plain.situations[together]
        if other.together is None:
            plain.groups += 1
            other.together = plain.groups
        situation.together = other.together
    for linked in {together, incompatible} - {None}:
        if linked is not None:
            plain.situations[linked].terms += 1


CLOSED_FROM = {
    "placed_in_network": frozenset({"effective"}),
    "other": frozenset({"received", "searching", "held", "confirmed", "effective"}),
}
ASKS_FOR_A_NOTE = frozenset({"placed_off_network", "common_services", "need_gone", "declined_by_person"})
ASKS_FOR_A_WORD = frozenset({"mdph_relay", "other_community"})
ASKS_FOR_AN_ARRIVAL = frozenset({"placed_off_network", "supported_at_home", "usual_place_resumed"})


def close(plain: Plain, person: Person, situation: str, outcome: str, *, fully_told: bool) -> Broken:
    """Never as placed in the network before an arrival; each outcome with what it asks to be said."""
    one = plain.situations[situation]
    broken = set()
    if not person.coordinates:
        broken.add("act-forbidden")
    if outcome in ASKS_FOR_A_NOTE | ASKS_FOR_A_WORD | ASKS_FOR_AN_ARRIVAL and not fully_told:
        broken.add("invalid-value")
    if one.state not in CLOSED_FROM.get(outcome, CLOSED_FROM["other"]):
        broken.add("illegal-transition")
    if not broken:
        one.state, one.outcome, one.next_check = "closed", outcome, None
        one.arrived = one.arrived or outcome in ASKS_FOR_AN_ARRIVAL
        one.terms += 1
    return frozenset(broken)


def reopen(plain: Plain, person: Person, situation: str, now: datetime) -> Broken:
    one = plain.situations[situation]
    broken = set()
    if not person.coordinates:
        broken.add("act-forbidden")
    if one.state != "closed":
        broken.add("illegal-transition")
    if not broken:
        one.outcome, one.arrived = None, False
        one.terms += 1
        move(one, "searching", now)
    return frozenset(broken)


def move(one: Situation, state: str, now: datetime) -> None:
    one.state = state
    one.next_check = looked_at_again(one.urgency, state, one.deadline, now)


def check(plain: Plain, situation: str, now: datetime) -> None:
    """The clock of an open situation: once due, it is set again."""
    one = plain.situations[situation]
    if one.next_check is not None and one.next_check <= now:
        one.next_check = looked_at_again(one.urgency, one.state, one.deadline, now)
