"""Rules that placements must obey: each one, the room of each offer, who may and who must be together."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from exchange.matching.checker_form import Code, Violation
from exchange.matching.checker_reading import Reading


def each_placement(at: Reading) -> Iterator[Violation]:
    held: set[tuple[str, int]] = set()
    places: dict[str, set[str]] = defaultdict(set)
    for path, who, block, segments, offer in at.placements:
        mine = {(who["id"], segment) for segment in segments}
        if mine & held:
            yield Violation(Code.BLOCK_PLACED_TWICE, path, f"le bloc « {block} » est déjà placé")
        held |= mine
        places[who["id"]].add(offer["id"])
        if not offer["ages"][0] <= who["age"] <= offer["ages"][1]:
            yield Violation(Code.AGE, path, f"{who['age']} ans pour {offer['ages']}")
        if who["profile"] not in offer["profiles"]:
            yield Violation(Code.PROFILE, path, f"profil « {who['profile']} » non accueilli")
        lacking = sorted(set(_lacking(who, segments, offer)))
        if lacking:
            yield Violation(Code.PROVISION, path, f"non fourni : {', '.join(lacking)}")
        if offer["establishment"] in who["excluded_establishments"]:
            yield Violation(Code.EXCLUDED, path, f"établissement « {offer['establishment']} » exclu")
        asked, bedless, zone = at.wanted[who["id"], block], bool(offer.get("without_bed")), offer.get("zone")
        if bool(asked.get("without_bed")) != bedless:
            yield Violation(Code.CARE_MODE, path, "le bloc veut un lit et l'offre n'en a pas, ou l'inverse")
        if zone is not None and who["commune"] not in at.zones[zone]:
            yield Violation(Code.ZONE, path, f"« {who['commune']} » est hors de la zone « {zone} »")
        hours, open_hours = asked.get("hours"), offer.get("hours")
        if open_hours and not (hours and open_hours[0] <= hours[0] and hours[1] <= open_hours[1]):
            yield Violation(Code.HOURS, path, f"{hours or 'toute la tranche'} pour {open_hours}")
        minutes = at.travel(who["commune"], offer["establishment"])
        if minutes > who["max_travel_min"] and not (bedless and zone is not None):
            yield Violation(Code.PLACEMENT_TRAVEL, path, f"{minutes} min pour {who['max_travel_min']} permises")
    for person, offers in sorted(places.items()):
        if len(offers) > at.situations[person]["max_places"]:
            detail = f"{len(offers)} lieux pour {at.situations[person]['max_places']} permis"
            yield Violation(Code.MAX_PLACES, person, detail)


def blocks_in_parts(at: Reading) -> Iterator[Violation]:
    """A beginning in one offer and the end in another, where that has a price; only accepted lines stand by halves."""
    priced, accepted = (at.problem.get("prices") or {}).get("split"), at.accepted()
    for (person, block), parts in at.parts.items():
        path, asked = parts[0][0], sorted(at.blocks[person, block])
        new = [offer for _, offer, part in parts if (person, block, offer, *part) not in accepted]
        if not priced or at.situations[person].get("together") is not None or len(asked) > 31:
            yield Violation(Code.SPLIT, path, f"le bloc « {block} » ne se partage pas")
        elif any(
            part not in (asked[: len(part)], asked[-len(part) :]) or len(part) == len(asked) for *_, part in parts
        ):
            yield Violation(Code.SPLIT, path, f"une partie du bloc « {block} » en est le début ou la fin")
        elif new and at.lacking[person, block]:
            yield Violation(Code.SPLIT, path, f"le bloc « {block} » n'est servi qu'en partie")
        elif len(new) == len(parts) > len(set(new)):
            yield Violation(Code.SPLIT, path, f"les deux parties du bloc « {block} » sont dans la même offre")


def _lacking(who: Any, segments: list[int], offer: Any) -> Iterator[str]:
    """What the person needs on some of these segments, and the offer does not provide there."""
    for segment in segments:
        wanted = [*(who.get("needs") or ()), *(who.get("needs_by_night" if segment % 2 else "needs_by_day") or ())]
        exceptions = offer.get("provides_at") or {}
        provided = exceptions.get(str(segment), offer.get("provides") or ())
        yield from (code for code in wanted if code not in provided)


def capacities(at: Reading) -> Iterator[Violation]:
    used = Counter((offer["id"], segment) for _, _, _, segments, offer in at.placements for segment in segments)
    for (name, segment), taken in sorted(used.items()):
        base, extra = at.offers[name]["capacity"][segment], at.offers[name]["extra_capacity"][segment]
        if taken > base + extra:
            yield Violation(Code.CAPACITY, name, f"tranche {segment} : {taken} personnes pour {base + extra} places")
        elif taken > base:
            lacking = [shift for _, shift in at.offers[name]["requires"][str(segment)] if not at.covered(shift)]
            if lacking:
                yield Violation(Code.CONDITIONAL_CAPACITY, name, f"tranche {segment} : attend {', '.join(lacking)}")


def neighbours(at: Reading) -> Iterator[Violation]:
    present: dict[tuple[str, int], set[str]] = defaultdict(set)
    for _, who, _, segments, offer in at.placements:
        for segment in segments:
            present[offer["establishment"], segment].add(who["id"])
    for (house, segment), people in sorted(present.items()):
        for person in sorted(people):
            for other in sorted(people.intersection(at.situations[person]["incompatible_with"])):
                yield Violation(Code.INCOMPATIBLE, house, f"tranche {segment} : « {person} » et « {other} »")


def companions(at: Reading) -> Iterator[Violation]:
    accepted = {line[:2] for line in at.accepted()}
    wanting: dict[tuple[str, int], dict[str, tuple[str, str]]] = defaultdict(dict)
    for (person, block), segments in at.blocks.items():
        if (group := at.situations[person].get("together")) is not None:
            for segment in segments:
                wanting[group, segment][person] = (person, block)
    for (group, segment), members in sorted(wanting.items()):
        there = [key for person, key in members.items() if (person, segment) in at.offer_at]
        houses = sorted({at.offers[at.offer_at[person, segment]]["establishment"] for person, _ in there})
        if len(houses) > 1:
            yield Violation(Code.KEPT_APART, group, f"tranche {segment} : plusieurs établissements, {houses}")
        elif len(there) < len(members) and not accepted.issuperset(there):
            yield Violation(Code.KEPT_APART, group, f"tranche {segment} : {len(there)} personnes sur {len(members)}")
