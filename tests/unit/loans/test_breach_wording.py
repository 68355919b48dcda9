"""Each rule of working time has its French sentence."""

import pytest

from exchange.wording.breaches import BREACHES, breach_sentence, duration
from exchange.worktime import BreachCode


def test_every_breach_has_one_wording() -> None:
    assert set(BREACHES) == {code.value for code in BreachCode}


@pytest.mark.parametrize(
    ("minutes", "said"), [(45, "45 min"), (60, "1 h"), (630, "10 h 30"), (2_880, "48 h"), (605, "10 h 05")]
)
def test_a_duration_is_said_in_hours_and_minutes(minutes: int, said: str) -> None:
    assert duration(minutes) == said


def test_a_short_rest_says_both_figures() -> None:
    assert breach_sentence("rest_too_short", 660, 540) == (
        "9 h de repos entre deux périodes de travail, pour 11 h au moins."
    )
