"""What an act of crisis must say, which clocks it may tighten, and how everybody reads it."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from exchange.kernel.errors import InvalidValue
from exchange.organisations.crisis_rules import LONGEST_ACT, check_order, clocks_of, proposed_clocks
from exchange.organisations.parameters import CRISIS_CLOCKS, CommunityParameters
from exchange.reference.answers import CrisisRequester
from exchange.staffing.derogations import DEROGABLE, MOST_DAYS, DerogableFigure, check_derogation
from exchange.wording.crisis import AT_REQUEST_OF, CLOCKS, FIGURES, Ordered, amount_told, crisis_sentence
from tests.factories.crisis import a_derogation, an_order

NOW = datetime(2026, 3, 20, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = date(2026, 3, 20)
PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("over", "field", "rule"),
    [
        ({"requested_by": "nobody"}, "requested_by", "unknown-code"),
        ({"order_reference": "  "}, "order_reference", "name"),
        ({"order_reference": "x" * 201}, "order_reference", "name"),
        ({"until": NOW}, "until", "ends-later"),
        ({"until": NOW - DAY}, "until", "ends-later"),
        ({"until": NOW + LONGEST_ACT + timedelta(seconds=1)}, "until", "crisis-too-long"),
        ({"until": (NOW + DAY).replace(tzinfo=None)}, "until", "zone-missing"),
    ],
)
def test_an_act_of_crisis_says_who_asks_by_what_and_until_when(over: dict[str, object], field: str, rule: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_order(an_order(NOW, **over), NOW, not_before=NOW)
    assert (refused.value.field, refused.value.facts["rule"]) == (field, rule)


def test_an_act_lasts_a_month_at_most_and_a_prolongation_ends_later_than_what_it_prolongs() -> None:
    check_order(an_order(NOW, until=NOW + LONGEST_ACT), NOW, not_before=NOW)
    with pytest.raises(InvalidValue):
        check_order(an_order(NOW, until=NOW + 3 * DAY), NOW, not_before=NOW + 3 * DAY)


def test_what_is_proposed_is_never_looser_than_the_community_s_own_clocks() -> None:
    hurried = CommunityParameters(urgent_hold_minutes=10, ordinary_fresh_hours=20)
    proposed = proposed_clocks(hurried)
    assert (proposed["urgent_hold_minutes"], proposed["ordinary_fresh_hours"]) == (10, 20)
    assert proposed_clocks(CommunityParameters())["urgent_hold_minutes"] == 15


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"urgent_hold_minutes": 31}, "out-of-range"),
        ({"urgent_hold_minutes": 4}, "out-of-range"),
        ({"solicitations_per_day": 1}, "unknown-parameter"),
        ({"week_minutes": 3_600}, "unknown-parameter"),
    ],
)
def test_a_crisis_tightens_its_own_clocks_within_bounds_and_no_other_figure(given: dict[str, int], rule: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        clocks_of(given, {}, CommunityParameters())
    assert refused.value.facts["rule"] == rule
    assert refused.value.field == next(iter(given))


def test_the_overlay_changes_its_clocks_alone_and_never_loosens_one() -> None:
    own = CommunityParameters(urgent_hold_minutes=12)
    tight = own.tightened({"urgent_hold_minutes": 15, "untouched_red_minutes": 60, "quiet_from": 0})
    changed = {f.name for f in fields(own) if getattr(own, f.name) != getattr(tight, f.name)}
    assert changed == {"untouched_red_minutes"}


def test_every_clock_that_a_crisis_may_tighten_is_a_figure_of_the_community_and_has_its_words() -> None:
    assert set(CRISIS_CLOCKS) <= {f.name for f in fields(CommunityParameters)}
    assert set(CLOCKS) == set(CRISIS_CLOCKS)
    assert set(AT_REQUEST_OF) == {code.value for code in CrisisRequester}
    assert set(FIGURES) == {code.value for code in DerogableFigure} == {str(name) for name in DEROGABLE}


def test_the_banner_says_that_the_community_opened_it_at_whose_request_and_until_when() -> None:
    ordered = Ordered("health_agency", "message", NOW, NOW + 14 * DAY)
    told = crisis_sentence(ordered, PARIS, TODAY + DAY)
    assert told == (
        "Organisation de crise ouverte par la communauté le vendredi 20 mars à 9 h, à la demande de l'ARS,"
        " jusqu'au vendredi 3 avril à 10 h."
    )
    assert "aujourd'hui à 9 h" in crisis_sentence(ordered, PARIS, TODAY)
    assert crisis_sentence(ordered, PARIS, None) == told


@pytest.mark.parametrize(
    ("over", "field", "rule"),
    [
        ({"rule_set": "IDCC 0"}, "rule_set", "unknown-code"),
        ({"figure": "night_starts_at"}, "figure", "not-derogable"),
        ({"figure": "weekly_rest_minutes"}, "figure", "not-derogable"),
        ({"amount": 3_601}, "amount", "out-of-range"),
        ({"amount": 2_879}, "amount", "out-of-range"),
        ({"text_reference": " "}, "text_reference", "name"),
        ({"issued_by": ""}, "issued_by", "name"),
        ({"last_day": TODAY - 2 * DAY, "first_day": TODAY - 3 * DAY}, "last_day", "in-the-past"),
        ({"first_day": TODAY - 40 * DAY}, "first_day", "in-the-past"),
        ({"last_day": TODAY - DAY}, "last_day", "ends-before-start"),
        ({"last_day": TODAY + MOST_DAYS * DAY}, "last_day", "derogation-too-long"),
    ],
)
def test_a_derogation_rests_on_a_text_and_has_a_near_end(over: dict[str, object], field: str, rule: str) -> None:
    asked = a_derogation(TODAY, TODAY + 7 * DAY)
    from dataclasses import replace

    with pytest.raises(InvalidValue) as refused:
        check_derogation(replace(asked, **over), {"66"}, TODAY)
    assert (refused.value.field, refused.value.facts["rule"]) == (field, rule)


def test_a_derogation_of_the_law_or_of_an_agreement_of_the_community_is_accepted() -> None:
    check_derogation(a_derogation(TODAY, TODAY + (MOST_DAYS - 1) * DAY), {"66"}, TODAY)
    check_derogation(a_derogation(TODAY, TODAY, rule_set="66"), {"66"}, TODAY)


@pytest.mark.parametrize(
    ("unit", "amount", "told"),
    [
        ("minutes", 15, "15 min"),
        ("minutes", 90, "1 h 30"),
        ("minutes", 720, "12 h"),
        ("jours ouvrés", 1, "1 jour ouvré"),
        ("jours ouvrés", 2, "2 jours ouvrés"),
        ("heures", 24, "24 h"),
    ],
)
def test_a_clock_is_told_in_the_units_that_people_say(unit: str, amount: int, told: str) -> None:
    assert amount_told(unit, amount) == told
