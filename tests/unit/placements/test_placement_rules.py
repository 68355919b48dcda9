"""How long a place is kept, which stays need an end, who agrees for whom, what blocks say together."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from exchange.placements.follow import least_advanced
from exchange.placements.hold_time import easter, hold_ends, is_working_day
from exchange.placements.rules import (
    WHO_MAY_AGREE,
    PersonYesFrom,
    PlacementState,
    blocks_key,
    needs_exit_date,
)
from exchange.reference.code_lists import CareMode, LegalStatus
from exchange.situations.transitions import SituationState

PARIS = ZoneInfo("Europe/Paris")


def local(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "urgency", "until"),
    [
        (local(2026, 3, 3, 23, 50), 4, local(2026, 3, 4, 0, 20)),
        (local(2026, 3, 7, 12), 3, local(2026, 3, 7, 12, 30)),
        (local(2026, 3, 3, 15), 2, local(2026, 3, 5, 15)),
        (local(2026, 3, 6, 15), 2, local(2026, 3, 10, 15)),  # Friday: Monday, Tuesday
        (local(2026, 3, 7, 9), 1, local(2026, 3, 10, 9)),  # Saturday: Monday, Tuesday
        (local(2026, 5, 13, 10), 2, local(2026, 5, 18, 10)),  # Ascension on the 14th: Friday, Monday
        (local(2026, 12, 24, 10), 2, local(2026, 12, 29, 10)),  # Christmas on a Friday
        (local(2026, 3, 27, 10), 2, local(2026, 3, 31, 10)),  # across the change to summer time
    ],
)
def test_an_urgent_hold_lasts_minutes_and_an_ordinary_one_two_working_days(
    at: datetime, urgency: int, until: datetime
) -> None:
    assert hold_ends(at, urgency, urgent_minutes=30, working_days=2, zone=PARIS) == until


@pytest.mark.parametrize(
    ("year", "sunday"),
    [(2000, date(2000, 4, 23)), (2024, date(2024, 3, 31)), (2026, date(2026, 4, 5)), (2038, date(2038, 4, 25))],
)
def test_easter_falls_on_its_sunday(year: int, sunday: date) -> None:
    assert easter(year) == sunday


def test_french_holidays_of_a_year_are_eleven() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    closed = [on for on in days if on.weekday() < 5 and not is_working_day(on)]
    weekend_holidays = [date(2026, 8, 15), date(2026, 11, 1)]
    assert [on.strftime("%d/%m") for on in closed] == [
        "01/01", "06/04", "01/05", "08/05", "14/05", "25/05", "14/07", "11/11", "25/12",
    ]  # fmt: skip
    assert len(closed) + len(weekend_holidays) == 11


PERMANENT = {
    (CareMode.BOARDING_FULL, None),
    (CareMode.BOARDING_WEEK, None),
    (CareMode.DAYS_ONLY, None),
    (CareMode.SEQUENTIAL, None),
    (CareMode.FAMILY_CARE, None),
    (CareMode.HOME_SUPPORT, None),
}


@pytest.mark.parametrize(("mode", "most_nights"), list(product(CareMode, (None, 14))))
def test_only_a_permanent_care_on_an_ordinary_place_has_no_exit_date(mode: CareMode, most_nights: int | None) -> None:
    assert needs_exit_date("ordinary", mode, most_nights) is ((mode, most_nights) not in PERMANENT)


@pytest.mark.parametrize("kind", ["emergency_bed", "caseload", "conditional"])
def test_no_other_kind_of_place_is_permanent(kind: str) -> None:
    assert all(needs_exit_date(kind, mode, None) for mode in CareMode)


def test_every_legal_status_names_who_agrees_and_an_entrusted_child_never_alone() -> None:
    assert set(WHO_MAY_AGREE) == set(LegalStatus)
    for status in (LegalStatus.ASE_EMERGENCY, LegalStatus.ASE_ENTRUSTED, LegalStatus.OPP):
        assert WHO_MAY_AGREE[status] == {PersonYesFrom.ASE, PersonYesFrom.JUDGE}
    assert PersonYesFrom.PERSON not in WHO_MAY_AGREE[LegalStatus.PARENTAL_AUTHORITY]


S = PlacementState
SERVED = {
    S.HELD: SituationState.HELD,
    S.ACCEPTED: SituationState.HELD,
    S.CONFIRMED: SituationState.CONFIRMED,
    S.ADMITTED: SituationState.EFFECTIVE,
    S.ENDED: SituationState.EFFECTIVE,
}


@pytest.mark.parametrize("state", list(PlacementState))
def test_a_single_block_says_what_its_placement_says(state: S) -> None:
    assert least_advanced([[state]]) is SERVED.get(state, SituationState.SEARCHING)


@pytest.mark.parametrize(
    ("blocks", "says"),
    [
        ([[S.ADMITTED], []], SituationState.SEARCHING),
        ([[S.ADMITTED], [S.HELD]], SituationState.HELD),
        ([[S.CONFIRMED], [S.ACCEPTED]], SituationState.HELD),
        ([[S.ADMITTED], [S.CONFIRMED]], SituationState.CONFIRMED),
        ([[S.ADMITTED, S.ENDED], [S.ENDED]], SituationState.EFFECTIVE),
        ([[S.REFUSED, S.HELD]], SituationState.HELD),
        ([], SituationState.SEARCHING),
    ],
)
def test_a_composed_answer_is_as_advanced_as_its_least_advanced_block(
    blocks: list[list[S]], says: SituationState
) -> None:
    assert least_advanced(blocks) is says


def test_the_same_blocks_in_any_order_are_the_same_line() -> None:
    one, other = uuid4(), uuid4()
    assert blocks_key((one, other)) == blocks_key((other, one))
    assert blocks_key((one,)) != blocks_key((other,))
