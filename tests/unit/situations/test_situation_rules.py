"""What a situation must say, when it is looked at again, and what each outcome asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from exchange.kernel.errors import InvalidValue
from exchange.kernel.ids import new_id
from exchange.kernel.periods import current_segment
from exchange.organisations.parameters import CommunityParameters
from exchange.reference.answers import ClosingOutcome
from exchange.reference.code_lists import NEEDS, NeedCode, NeedFamily, Urgency
from exchange.situations.inputs import CloseSituation
from exchange.situations.rules import (
    check_closing,
    check_situation_form,
    deadline_of,
    next_check,
    shown_families,
)
from exchange.situations.transitions import SituationState
from tests.factories.situations import situation_form

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
TONIGHT = current_segment(NOW, PARIS) + 1
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
A_PERSON, ANOTHER = new_id(), new_id()

PUBLICS = tuple(code.value for code in NeedCode if NEEDS[code].family is NeedFamily.POPULATION)
OTHERS = tuple(code.value for code in NeedCode if NEEDS[code].family is not NeedFamily.POPULATION)

INVALID = [
    ({"age_band": "30-45"}, "age_band", "unknown-code"),
    ({"age_band": ""}, "age_band", "unknown-code"),
    ({"need_codes": ()}, "need_codes", "too-few"),
    ({"need_codes": ("autism", "tired")}, "need_codes", "unknown-code"),
    ({"need_codes": ("autism", "autism")}, "need_codes", "twice"),
    ({"need_codes": OTHERS[:13]}, "need_codes", "too-many"),
    ({"need_codes": PUBLICS[:3]}, "need_codes", "too-many-populations"),
    ({"sex": "F"}, "sex", "unknown-code"),
    ({"free_text": "appeler le 06 12 34 56 78"}, "free_text", "no-phone"),
    ({"care_mode": "internat"}, "care_mode", "unknown-code"),
    ({"blocks": ()}, "blocks", "too-few"),
    ({"blocks": ((),)}, "blocks", "too-few"),
    ({"blocks": ((TONIGHT, TONIGHT),)}, "blocks", "overlap"),
    ({"blocks": ((TONIGHT, TONIGHT + 2), (TONIGHT + 2,))}, "blocks", "overlap"),
    ({"blocks": (tuple(range(TONIGHT, TONIGHT + 63)),)}, "blocks", "too-many"),
    ({"blocks": tuple((TONIGHT + each,) for each in range(32))}, "blocks", "too-many"),
    ({"blocks": ((TONIGHT - 2,),)}, "blocks", "in-the-past"),
    ({"blocks": ((TONIGHT + 900,),)}, "blocks", "too-far"),
    ({"urgency": 0}, "urgency", "out-of-range"),
    ({"urgency": 5}, "urgency", "out-of-range"),
    ({"max_travel_minutes": 0}, "max_travel_minutes", "out-of-range"),
    ({"max_places": 0}, "max_places", "out-of-range"),
    ({"excluded_facility_ids": tuple(new_id() for _ in range(51))}, "excluded_facility_ids", "too-many"),
    ({"incompatible_with": tuple(new_id() for _ in range(21))}, "incompatible_with", "too-many"),
    ({"origin": "neighbour"}, "origin", "unknown-code"),
    ({"legal_status": "none at all"}, "legal_status", "unknown-code"),
    ({"together_with": A_PERSON, "incompatible_with": (ANOTHER, A_PERSON)}, "incompatible_with", "also-together"),
]


@pytest.mark.parametrize(("over", "field", "rule"), INVALID)
def test_an_invalid_situation_names_the_field_and_the_rule(over: dict[str, object], field: str, rule: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_situation_form(situation_form(TONIGHT, **over), NOW, PARIS)
    assert (refused.value.field, refused.value.facts["rule"]) == (field, rule)


@pytest.mark.parametrize(
    "over",
    [
        {},
        {"need_codes": (*PUBLICS[:2], *OTHERS[:10])},
        {"sex": "female"},
        {"blocks": ((TONIGHT - 1,), tuple(range(TONIGHT, TONIGHT + 62)))},
        {"together_with": A_PERSON, "incompatible_with": (ANOTHER,)},
    ],
)
def test_a_situation_at_its_limits_is_valid(over: dict[str, object]) -> None:
    check_situation_form(situation_form(TONIGHT, **over), NOW, PARIS)


def test_at_three_in_the_morning_the_running_night_may_still_be_asked_for() -> None:
    at_three = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)
    check_situation_form(situation_form(TONIGHT), at_three, PARIS)
    with pytest.raises(InvalidValue):
        check_situation_form(situation_form(TONIGHT - 1), at_three, PARIS)


@pytest.mark.parametrize(
    ("urgency", "usual", "latest"),
    [
        (Urgency.TONIGHT, 4 * HOUR, DAY),
        (Urgency.WITHIN_48_HOURS, 2 * DAY, 2 * DAY),
        (Urgency.WITHIN_7_DAYS, 7 * DAY, 7 * DAY),
        (Urgency.PLANNED, 30 * DAY, 400 * DAY),
    ],
)
def test_a_deadline_keeps_the_promise_of_its_urgency(urgency: Urgency, usual: timedelta, latest: timedelta) -> None:
    assert deadline_of(urgency, None, NOW) == NOW + usual
    assert deadline_of(urgency, NOW + latest, NOW) == NOW + latest
    for asked, rule in ((NOW + latest + MINUTE, "later-than-urgency"), (NOW, "in-the-past")):
        with pytest.raises(InvalidValue) as refused:
            deadline_of(urgency, asked, NOW)
        assert (refused.value.field, refused.value.facts["rule"]) == ("deadline_at", rule)


def test_a_deadline_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidValue) as refused:
        deadline_of(Urgency.TONIGHT, datetime(2026, 3, 5, 20, 0), NOW)  # noqa: DTZ001
    assert refused.value.facts["rule"] == "zone-missing"


FAR = NOW + 300 * DAY


@pytest.mark.parametrize(
    ("urgency", "state", "deadline_at", "wait"),
    [
        (Urgency.TONIGHT, SituationState.RECEIVED, FAR, 15 * MINUTE),
        (Urgency.TONIGHT, SituationState.SEARCHING, FAR, 15 * MINUTE),
        (Urgency.TONIGHT, SituationState.HELD, FAR, 15 * MINUTE),
        (Urgency.TONIGHT, SituationState.CONFIRMED, FAR, DAY),
        (Urgency.TONIGHT, SituationState.EFFECTIVE, FAR, DAY),
        (Urgency.WITHIN_48_HOURS, SituationState.RECEIVED, FAR, 2 * HOUR),
        (Urgency.WITHIN_7_DAYS, SituationState.RECEIVED, FAR, DAY),
        (Urgency.PLANNED, SituationState.RECEIVED, FAR, 7 * DAY),
        (Urgency.PLANNED, SituationState.RECEIVED, NOW + HOUR, HOUR),
        (Urgency.PLANNED, SituationState.RECEIVED, NOW - HOUR, 7 * DAY),
        (Urgency.TONIGHT, SituationState.RECEIVED, NOW, 15 * MINUTE),
    ],
)
def test_the_next_check_follows_the_urgency_and_meets_the_deadline(
    urgency: Urgency, state: SituationState, deadline_at: datetime, wait: timedelta
) -> None:
    assert next_check(urgency, state, deadline_at, NOW, CommunityParameters()) == NOW + wait


def test_the_clocks_of_a_crisis_bring_the_next_check_closer_while_a_settled_situation_keeps_its_day() -> None:
    tight = CommunityParameters().tightened({"tonight_check_minutes": 5, "two_day_check_minutes": 30})
    waits = {
        (urgency, state): next_check(urgency, state, FAR, NOW, tight) - NOW
        for urgency in (Urgency.TONIGHT, Urgency.WITHIN_48_HOURS)
        for state in (SituationState.RECEIVED, SituationState.EFFECTIVE)
    }
    assert waits == {
        (Urgency.TONIGHT, SituationState.RECEIVED): 5 * MINUTE,
        (Urgency.TONIGHT, SituationState.EFFECTIVE): DAY,
        (Urgency.WITHIN_48_HOURS, SituationState.RECEIVED): 30 * MINUTE,
        (Urgency.WITHIN_48_HOURS, SituationState.EFFECTIVE): DAY,
    }


ASKS = {
    ClosingOutcome.PLACED_OFF_NETWORK: {"note", "arrived_at"},
    ClosingOutcome.COMMON_SERVICES: {"note"},
    ClosingOutcome.SUPPORTED_AT_HOME: {"arrived_at"},
    ClosingOutcome.USUAL_PLACE_RESUMED: {"arrived_at"},
    ClosingOutcome.CHILD_PROTECTION_RELAY: {"note", "acknowledged_at"},
    ClosingOutcome.DECLINED_BY_PERSON: {"note"},
    ClosingOutcome.NEED_GONE: {"note"},
    ClosingOutcome.UNREACHABLE: {"note"},
    ClosingOutcome.DUPLICATE: {"duplicate_of"},
    ClosingOutcome.MDPH_RELAY: {"acknowledged_at", "agreed_at"},
    ClosingOutcome.OTHER_COMMUNITY: {"acknowledged_at"},
}
SAID: dict[str, object] = {
    "note": "dit par le service",
    "arrived_at": NOW - HOUR,
    "acknowledged_at": NOW - HOUR,
    "agreed_at": NOW - HOUR,
    "duplicate_of": ANOTHER,
}
INPUTS = {"duplicate_of": "duplicate_of_id"}
"""Where the form's field and the command's differ: people name a reference, the command an id."""


@pytest.mark.parametrize("outcome", list(ClosingOutcome))
def test_an_outcome_asks_for_what_makes_it_true_and_for_nothing_else(outcome: ClosingOutcome) -> None:
    asked = ASKS.get(outcome, set())
    needed = {INPUTS.get(name, name): value for name, value in SAID.items() if name in asked}
    assert check_closing(CloseSituation(A_PERSON, outcome, **needed), NOW) is outcome  # type: ignore[arg-type]
    for missing in asked:
        rest = {name: value for name, value in needed.items() if name != INPUTS.get(missing, missing)}
        with pytest.raises(InvalidValue) as refused:
            check_closing(CloseSituation(A_PERSON, outcome, **rest), NOW)  # type: ignore[arg-type]
        assert (refused.value.field, refused.value.facts["rule"]) == (missing, "required")


@pytest.mark.parametrize(
    ("closing", "field", "rule"),
    [
        (CloseSituation(A_PERSON, "no_solution_to_date"), "outcome", "unknown-code"),
        (CloseSituation(A_PERSON, "unreachable", note="   "), "note", "required"),
        (CloseSituation(A_PERSON, "duplicate", note="S-7K4Q-93"), "duplicate_of", "required"),
        (CloseSituation(A_PERSON, "need_gone", note="Dit par m@essai.example"), "note", "no-email"),
        (CloseSituation(A_PERSON, "mdph_relay", acknowledged_at=NOW + MINUTE), "acknowledged_at", "in-the-future"),
    ],
)
def test_a_closing_that_cannot_be_is_refused(closing: CloseSituation, field: str, rule: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_closing(closing, NOW)
    assert (refused.value.field, refused.value.facts["rule"]) == (field, rule)


def test_the_board_shows_families_once_and_never_that_of_a_hidden_need() -> None:
    assert shown_families(("hoist_transfers", "autism", "full_daily_help")) == (
        NeedFamily.POPULATION,
        NeedFamily.DAILY_HELP,
    )
    assert shown_families(("violence_to_others",)) == ()
    assert shown_families(("violence_to_others", "night_waking")) == (NeedFamily.VIGILANCE,)
