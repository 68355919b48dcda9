"""What an offer must say, and the counters that it opens."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from exchange.availability.inputs import CapacitySpan
from exchange.availability.rules import OfferKind, check_offer, open_segments
from exchange.kernel.errors import InvalidValue
from exchange.kernel.ids import new_id
from exchange.kernel.periods import Half, date_of, half_of, segment_of
from exchange.reference.code_lists import HOSTED_PUBLICS, NeedCode, Provision
from tests.factories.availability import BOTH, DAYS, NIGHTS, offer_form
from tests.factories.staffing import need_form

PARIS = ZoneInfo("Europe/Paris")
THURSDAY = date(2026, 3, 5)
NOON = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
DAY = timedelta(days=1)
FACILITY, SHIFT = new_id(), new_id()

FIRM_SPAN = (CapacitySpan(THURSDAY, THURSDAY, BOTH, 1),)
RESTING_SPAN = (CapacitySpan(THURSDAY, THURSDAY, BOTH, 1, (SHIFT,)),)
COUPLED = need_form(FACILITY, NOON, is_coupled=True)

INVALID = [
    ({"kind": "bed"}, "kind", "unknown-code"),
    ({"care_mode": "hotel"}, "care_mode", "unknown-code"),
    ({"populations": ()}, "populations", "too-few"),
    ({"populations": ("martian",)}, "populations", "unknown-code"),
    ({"populations": ("autism", "autism")}, "populations", "twice"),
    ({"provides": ("swimming_pool",)}, "provides", "unknown-code"),
    ({"ages_from": 20, "ages_to": 19}, "ages_from", "ages"),
    ({"ages_from": -1}, "ages_from", "ages"),
    ({"ages_to": 121}, "ages_from", "ages"),
    ({"max_stay_nights": 0}, "max_stay_nights", "out-of-range"),
    ({"zone_communes": ("43157",)}, "zone_communes", "caseload-has-zone"),
    ({"kind": "caseload"}, "zone_communes", "caseload-has-zone"),
    ({"kind": "caseload", "zone_communes": ()}, "zone_communes", "caseload-has-zone"),
    (
        {"kind": "conditional", "care_mode": "home_support", "spans": RESTING_SPAN},
        "zone_communes",
        "caseload-has-zone",
    ),
    ({"arrival_from": "24:00", "arrival_until": "08:00"}, "arrival_from", "wall-time"),
    ({"arrival_from": "18:00", "arrival_until": "8:00"}, "arrival_until", "wall-time"),
    ({"arrival_from": "18:00"}, "arrival_until", "both-or-none"),
    ({"spans": RESTING_SPAN}, "spans", "firm-requires-nothing"),
    ({"coupled_need": COUPLED}, "coupled_need", "firm-requires-nothing"),
    ({"kind": "conditional", "spans": FIRM_SPAN}, "spans", "conditional-names-shifts"),
    ({"kind": "conditional", "spans": RESTING_SPAN + FIRM_SPAN}, "spans", "conditional-names-shifts"),
    (
        {"kind": "conditional", "coupled_need": need_form(new_id(), NOON, is_coupled=True)},
        "coupled_need",
        "other-facility",
    ),
    ({"kind": "conditional", "coupled_need": need_form(FACILITY, NOON)}, "coupled_need", "coupled"),
]


@pytest.mark.parametrize(("over", "field", "rule"), INVALID)
def test_an_invalid_offer_names_the_field_and_the_rule(over: dict[str, object], field: str, rule: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_offer(offer_form(FACILITY, THURSDAY, **over))
    assert (refused.value.field, refused.value.facts["rule"]) == (field, rule)


@pytest.mark.parametrize("need", [need for need in NeedCode if need not in HOSTED_PUBLICS])
def test_a_need_that_names_no_public_is_no_population(need: NeedCode) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_offer(offer_form(FACILITY, THURSDAY, populations=(need,)))
    assert refused.value.facts["rule"] == "not-a-population"


@pytest.mark.parametrize(
    ("over", "kind"),
    [
        ({}, OfferKind.ORDINARY),
        ({"kind": "emergency_bed", "arrival_from": "18:00", "arrival_until": "08:00"}, OfferKind.EMERGENCY_BED),
        ({"kind": "caseload", "zone_communes": ("43157", "43040")}, OfferKind.CASELOAD),
        ({"kind": "conditional", "spans": RESTING_SPAN}, OfferKind.CONDITIONAL),
        ({"kind": "conditional", "coupled_need": COUPLED}, OfferKind.CONDITIONAL),
        ({"kind": "conditional", "spans": RESTING_SPAN, "coupled_need": COUPLED}, OfferKind.CONDITIONAL),
        (
            {
                "kind": "conditional",
                "care_mode": "home_support",
                "spans": RESTING_SPAN,
                "zone_communes": ("43157",),
            },
            OfferKind.CONDITIONAL,
        ),
        ({"populations": tuple(HOSTED_PUBLICS), "provides": ()}, OfferKind.ORDINARY),
    ],
)
def test_each_kind_of_offer_has_a_valid_form(over: dict[str, object], kind: OfferKind) -> None:
    assert check_offer(offer_form(FACILITY, THURSDAY, **over)) is kind


@pytest.mark.parametrize(
    ("spans", "rule"),
    [
        ((), "too-few"),
        ((CapacitySpan(THURSDAY, THURSDAY, frozenset(), 1),), "some-half"),
        ((CapacitySpan(THURSDAY + DAY, THURSDAY, BOTH, 1),), "ends-before-start"),
        ((CapacitySpan(THURSDAY - DAY, THURSDAY, BOTH, 1),), "in-the-past"),
        ((CapacitySpan(THURSDAY, THURSDAY + 401 * DAY, BOTH, 1),), "too-far"),
        ((CapacitySpan(THURSDAY, THURSDAY, BOTH, 0),), "out-of-range"),
        ((CapacitySpan(THURSDAY, THURSDAY, BOTH, 100),), "out-of-range"),
        ((CapacitySpan(THURSDAY, THURSDAY, BOTH, 1, (), ("swimming_pool",)),), "unknown-code"),
        (
            (CapacitySpan(THURSDAY, THURSDAY + DAY, NIGHTS, 1), CapacitySpan(THURSDAY + DAY, THURSDAY + DAY, BOTH, 1)),
            "overlap",
        ),
        ((CapacitySpan(THURSDAY, THURSDAY, BOTH, 1, tuple(new_id() for _ in range(21))),), "too-many"),
    ],
)
def test_spans_that_open_nothing_sensible_are_refused(spans: tuple[CapacitySpan, ...], rule: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        open_segments(spans, NOON, PARIS)
    assert (refused.value.field, refused.value.facts["rule"]) == ("spans", rule)


def test_what_a_place_provides_may_differ_by_night() -> None:
    spans = (
        CapacitySpan(THURSDAY, THURSDAY, NIGHTS, 1, (), ("awake_night",)),
        CapacitySpan(THURSDAY, THURSDAY, DAYS, 1),
    )
    assert [each.provides for each in open_segments(spans, NOON, PARIS)] == [None, (Provision.AWAKE_NIGHT,)]


def test_days_and_nights_of_one_week_may_have_different_capacities() -> None:
    spans = (CapacitySpan(THURSDAY, THURSDAY + DAY, NIGHTS, 2), CapacitySpan(THURSDAY, THURSDAY + DAY, DAYS, 5))
    opened = open_segments(spans, NOON, PARIS)
    assert [(date_of(each.segment), half_of(each.segment), each.capacity) for each in opened] == [
        (THURSDAY, Half.DAY, 5),
        (THURSDAY, Half.NIGHT, 2),
        (THURSDAY + DAY, Half.DAY, 5),
        (THURSDAY + DAY, Half.NIGHT, 2),
    ]


@pytest.mark.parametrize(
    ("instant", "first_open"),
    [
        (datetime(2026, 3, 5, 18, 59, tzinfo=UTC), segment_of(THURSDAY, Half.DAY)),
        (datetime(2026, 3, 5, 19, 0, tzinfo=UTC), segment_of(THURSDAY, Half.NIGHT)),
        (datetime(2026, 3, 6, 6, 59, tzinfo=UTC), segment_of(THURSDAY, Half.NIGHT)),
    ],
)
def test_a_half_already_over_is_not_opened(instant: datetime, first_open: int) -> None:
    opened = open_segments((CapacitySpan(THURSDAY, THURSDAY + DAY, BOTH, 1),), instant, PARIS)
    assert opened[0].segment == first_open
    assert opened[-1].segment == segment_of(THURSDAY + DAY, Half.NIGHT)


def test_spans_wholly_over_are_refused() -> None:
    tonight_at_nine = datetime(2026, 3, 5, 20, 0, tzinfo=UTC)
    with pytest.raises(InvalidValue) as refused:
        open_segments((CapacitySpan(THURSDAY, THURSDAY, DAYS, 1),), tonight_at_nine, PARIS)
    assert refused.value.facts["rule"] == "in-the-past"


@pytest.mark.parametrize("sunday", [date(2026, 3, 29), date(2026, 10, 25)])
def test_the_weekend_when_clocks_change_has_as_many_segments_as_any_other(sunday: date) -> None:
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC) if sunday.month == 3 else datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
    opened = open_segments((CapacitySpan(sunday - DAY, sunday, BOTH, 1),), now, PARIS)
    assert [each.segment for each in opened] == [segment_of(sunday - DAY, Half.DAY) + step for step in range(4)]
