"""Situations and places of the demonstration: consistent, and telling the story that they were written for."""

import re
from collections import Counter
from datetime import date, timedelta

import pytest

from exchange.availability.rules import OfferKind
from exchange.demo.community import AT_HOME, FACILITY_BY_ID, points
from exchange.demo.days import segments_for
from exchange.demo.offers import OFFERS, DemoOffer, required_shifts, segments_of
from exchange.demo.shortages import SHORTAGES, shift_slots
from exchange.demo.situations import SITUATION_BY_ID, SITUATIONS, DemoSituation
from exchange.demo.volunteers import road_minutes
from exchange.kernel.periods import Half, Segment, date_of, half_of
from exchange.reference.code_lists import (
    HOSTED_PUBLICS,
    MAX_NEEDS_PER_SITUATION,
    MAX_POPULATIONS_PER_SITUATION,
    CareMode,
    NeedCode,
    Provision,
    RequiredWhen,
    Urgency,
    populations,
    publics,
    required_provisions,
)

THURSDAY = date(2026, 11, 26)
WEEK = [THURSDAY + timedelta(days=offset) for offset in range(7)]
SHIFTS_BY_NEED = {need.id: need for need in SHORTAGES}


def test_twenty_situations_twenty_nine_persons() -> None:
    assert sorted({row.situation for row in SITUATIONS}) == [f"S{number:02}" for number in range(1, 21)]
    assert len(SITUATIONS) == len(SITUATION_BY_ID) == 29
    sizes = Counter(row.situation for row in SITUATIONS)
    assert {situation: size for situation, size in sizes.items() if size > 1} == {
        "S04": 3,
        "S14": 2,
        "S15": 2,
        "S17": 6,
    }


def test_people_kept_together_ask_for_the_same_segments_and_say_so() -> None:
    groups: dict[str, list[DemoSituation]] = {}
    for row in SITUATIONS:
        assert (row.together is not None) == (NeedCode.KEEP_TOGETHER in row.needs), row.id
        if row.together is not None:
            groups.setdefault(row.together, []).append(row)
    assert {name: len(rows) for name, rows in groups.items()} == {
        "S04": 3, "S14": 2, "S15": 2, "S17-a": 2, "S17-b": 2, "S17-c": 2,
    }  # fmt: skip
    for rows in groups.values():
        assert len({segments_for(row.blocks[0], THURSDAY) for row in rows}) == 1


def test_references_of_situations_exist() -> None:
    for row in SITUATIONS:
        assert row.commune in points(), row.id
        assert set(row.excluded_facilities) <= set(FACILITY_BY_ID), row.id
        assert row.lives_at in (None, *FACILITY_BY_ID), row.id
        for other in row.incompatible_with:
            assert row.id in SITUATION_BY_ID[other].incompatible_with, row.id
    assert [row.id for row in SITUATIONS if row.incompatible_with] == ["S03", "S11"]


def test_needs_stay_within_what_an_intake_accepts() -> None:
    for row in SITUATIONS:
        assert 1 <= len(row.needs) <= MAX_NEEDS_PER_SITUATION, row.id
        assert len(set(row.needs)) == len(row.needs), row.id
        assert len(populations(row.needs)) <= MAX_POPULATIONS_PER_SITUATION, row.id
        assert publics(row.needs), row.id


def test_free_text_is_short_and_names_nobody() -> None:
    titles = re.compile(r"\b(M\.|Mme|Monsieur|Madame|né le|née le)\b|\d{5}|@")
    for row in SITUATIONS:
        assert 0 < len(row.free_text) <= 300, row.id
        assert not titles.search(row.free_text), row.id


@pytest.mark.parametrize("day0", WEEK)
@pytest.mark.parametrize("row", SITUATIONS, ids=lambda row: row.id)
def test_blocks_of_a_person_are_disjoint_and_never_empty(row: DemoSituation, day0: date) -> None:
    blocks = [segments_for(block, day0) for block in row.blocks]
    assert all(blocks)
    every = [segment for block in blocks for segment in block]
    assert len(set(every)) == len(every)
    assert min(every) >= segments_for(SITUATION_BY_ID["S01"].blocks[0], day0)[0] - 1


@pytest.mark.parametrize(
    ("id_", "segments"),
    [("S01", 14 + 4), ("S03", 5), ("S05", 10 + 9), ("S08", 15), ("S12", 11), ("S16", 6), ("S17-3", 4 + 3), ("S18", 7)],
)
def test_spans_are_those_of_the_table(id_: str, segments: int) -> None:
    row = SITUATION_BY_ID[id_]
    assert sum(len(segments_for(block, THURSDAY)) for block in row.blocks) == segments


def test_people_who_refuse_group_life_exclude_every_house() -> None:
    for id_ in ("S07", "S16"):
        assert set(SITUATION_BY_ID[id_].excluded_facilities) == set(FACILITY_BY_ID) - set(AT_HOME)


def test_urgent_situations_need_something_today() -> None:
    tonight = segments_for(SITUATION_BY_ID["S01"].blocks[0], THURSDAY)[0]
    for row in SITUATIONS:
        if row.urgency is Urgency.TONIGHT and row.situation not in ("S16",):
            assert segments_for(row.blocks[0], THURSDAY)[0] == tonight, row.id


def test_offers_are_named_and_open_somewhere() -> None:
    assert len({offer.id for offer in OFFERS}) == len(OFFERS)
    for offer in OFFERS:
        assert offer.facility in FACILITY_BY_ID, offer.id
        assert offer.populations, offer.id
        assert set(offer.populations) <= HOSTED_PUBLICS, offer.id
        assert len(set(offer.provides)) == len(offer.provides), offer.id
        for day0 in WEEK:
            opened = segments_of(offer, day0)
            assert opened, offer.id
            assert all(segment.places > 0 for segment in opened.values()), offer.id


def test_every_kind_of_offer_is_published() -> None:
    assert {offer.kind for offer in OFFERS} == set(OfferKind)


def test_emergency_beds_open_day_and_night_from_the_first_day() -> None:
    for offer in OFFERS:
        if offer.kind is OfferKind.EMERGENCY_BED:
            opened = segments_of(offer, THURSDAY)
            assert {half_of(segment) for segment in opened} == {Half.DAY, Half.NIGHT}, offer.id
            assert date_of(next(iter(opened))) == THURSDAY
            assert offer.arrival == ("00:00", "23:59")
            assert Provision.NIGHT_ARRIVAL_POSSIBLE in offer.provides, offer.id


def test_caseloads_have_a_zone_and_no_night() -> None:
    for offer in OFFERS:
        if offer.care_mode is CareMode.HOME_SUPPORT:
            assert offer.zone_communes, offer.id
            assert set(offer.zone_communes) <= set(points()), offer.id
            assert {half_of(segment) for segment in segments_of(offer, THURSDAY)} == {Half.DAY}, offer.id
        else:
            assert offer.zone_communes is None, offer.id
    by_id = {offer.id: offer for offer in OFFERS}
    assert len(by_id["F30 lever et coucher"].zone_communes or ()) == 22
    assert len(by_id["F10 aide et soins"].zone_communes or ()) == 8


def test_conditional_offers_rest_on_shifts_that_exist() -> None:
    assert {offer.id for offer in OFFERS if offer.condition} == {
        offer.id for offer in OFFERS if offer.kind is OfferKind.CONDITIONAL
    }
    for offer in OFFERS:
        for day0 in WEEK:
            required = required_shifts(offer, day0)
            assert set(required) == (set(segments_of(offer, day0)) if offer.condition else set()), offer.id
            for keys in required.values():
                assert keys, offer.id
                for need_id, position in keys:
                    need = SHIFTS_BY_NEED[need_id]
                    assert need.facility == offer.facility
                    assert position < len(shift_slots(need, day0))


@pytest.mark.parametrize("day0", WEEK)
def test_the_weekend_of_f11_rests_on_four_shifts_or_nothing(day0: date) -> None:
    offer = next(offer for offer in OFFERS if offer.id == "F11 week-end")
    required = required_shifts(offer, day0)
    assert len(required) == 3
    assert {len(set(keys)) for keys in required.values()} == {4}
    assert all(segment.places == 2 for segment in segments_of(offer, day0).values())


def test_each_night_of_f17_rests_on_its_own_shift() -> None:
    offer = next(offer for offer in OFFERS if offer.id == "F17 urgence, nuits couvertes")
    required = required_shifts(offer, THURSDAY)
    assert [keys for _, keys in sorted(required.items())] == [(("H03", night),) for night in range(7)]


# Facilities that suit each person whole, told by the situations' own expectations. Distances are left out.
SUITABLE = {
    "S02": ({"F11", "F28"}, {"F28"}),
    "S05": ({"F09", "F20"},),
    "S06": ({"F04"},),
    "S07": ({"F23"}, set()),
    "S09": ({"F21"},),
    "S10": ({"F11"},),
    "S12": ({"F27"},),
    "S15-1": (set(),),
    "S16": ({"F30"},),
    "S17-1": ({"F09", "F27"},),
    "S17-3": ({"F03"},),
    "S18": ({"F26"},),
    "S20": (set(),),
}


@pytest.mark.parametrize("id_", SUITABLE)
def test_the_story_of_each_situation_can_be_told(id_: str) -> None:
    row = SITUATION_BY_ID[id_]
    found = tuple(
        {offer.facility for offer in OFFERS if suits(offer, row, segments_for(block, THURSDAY))} for block in row.blocks
    )
    assert found == SUITABLE[id_]


def test_the_deaf_child_finds_her_language_only_too_far_away() -> None:
    row = SITUATION_BY_ID["S18"]
    assert road_minutes(row.commune, FACILITY_BY_ID["F26"].commune) > row.max_travel_minutes


def test_an_old_man_who_wakes_at_night_is_not_sent_where_staff_sleeps() -> None:
    row = SITUATION_BY_ID["S08"]
    found = {offer.facility for offer in OFFERS if suits(offer, row, segments_for(row.blocks[0], THURSDAY))}
    assert found == {"F03", "F04", "F14", "F15"}
    assert "F27" not in found


def test_the_three_siblings_fit_together_only_in_two_houses() -> None:
    row = SITUATION_BY_ID["S04-1"]
    wanted = segments_for(row.blocks[0], THURSDAY)
    places: Counter[str] = Counter()
    for offer in OFFERS:
        if all(suits(offer, SITUATION_BY_ID[f"S04-{rank}"], wanted) for rank in (1, 2, 3)):
            places[offer.facility] += min(segments_of(offer, THURSDAY)[segment].places for segment in wanted)
    assert {facility for facility, count in places.items() if count >= 3} == {"F17", "F24"}


def suits(offer: DemoOffer, row: DemoSituation, wanted: tuple[Segment, ...]) -> bool:
    """Public, ages, zone, exclusions, segments and provisions; distances and promises are the matcher's."""
    opened = segments_of(offer, THURSDAY)
    low, high = row.age_band.bounds
    return (
        offer.facility not in row.excluded_facilities
        and not publics(row.needs).isdisjoint(offer.populations)
        and low <= offer.ages[1]
        and offer.ages[0] <= high
        and (offer.zone_communes is None or row.commune in offer.zone_communes)
        and set(wanted) <= set(opened)
        and all(
            provision in (opened[segment].provides or offer.provides)
            for segment in wanted
            for provision, when in required_provisions(row.needs).items()
            if when is RequiredWhen.BOTH or when.value == half_of(segment).value
        )
    )
