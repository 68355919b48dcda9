"""One rule set, from amounts as they are kept to figures as they are judged."""

from datetime import time
from zoneinfo import ZoneInfo

import pytest

from exchange.staffing.rule_figures import coherent, figures_of, set_of
from exchange.worktime import Average, Figures

ZONE = ZoneInfo("Europe/Paris")


def test_an_employer_has_the_set_of_its_agreement_or_else_the_laws() -> None:
    figures = {"law": {"shift_minutes": 600}, "66": {"shift_minutes": 540}}
    assert [set_of(code, figures) for code in ("66", "51", "")] == ["66", "law", "law"]


def test_every_amount_reaches_its_figure_and_the_rest_keeps_its_default() -> None:
    amounts = {
        "shift_minutes": 540,
        "night_shift_minutes": 660,
        "night_starts_at": 1_290,
        "rest_minutes": 700,
        "week_minutes": 2_400,
        "weekly_rest_minutes": 2_160,
        "days_in_row": 5,
        "average_week_minutes": 2_300,
        "average_weeks": 8,
    }
    assert figures_of(amounts, ZONE, has_night_derogation=True) == Figures(
        zone=ZONE,
        has_night_derogation=True,
        longest_shift_minutes=540,
        longest_derogated_night_minutes=660,
        night_starts_at=time(21, 30),
        daily_rest_minutes=700,
        week_minutes=2_400,
        weekly_rest_minutes=2_160,
        days_in_row=5,
        averages=(Average(8, 2_300),),
    )
    assert figures_of({}, ZONE, has_night_derogation=False) == Figures(ZONE)


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ({"average_weeks": 12}, {}),
        ({"average_week_minutes": 2640, "average_weeks": 0}, {}),
        ({"average_week_minutes": 2640, "average_weeks": 12}, {"average_week_minutes": 2640, "average_weeks": 12}),
        ({"shift_minutes": 750, "night_shift_minutes": 720}, {"shift_minutes": 750, "night_shift_minutes": 750}),
        ({"shift_minutes": 600, "night_shift_minutes": 720}, {"shift_minutes": 600, "night_shift_minutes": 720}),
        ({"night_starts_at": 1440}, {}),
        ({"night_starts_at": 1439}, {"night_starts_at": 1439}),
    ],
)
def test_what_contradicts_itself_in_a_set_is_not_kept(stated: dict[str, int], kept: dict[str, int]) -> None:
    assert coherent(stated) == kept
