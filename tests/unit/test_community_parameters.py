"""A community's own figures over the defaults."""

from datetime import time

import pytest

from exchange.kernel.errors import InvalidValue
from exchange.organisations.parameters import CommunityParameters


def test_defaults_are_those_of_the_product() -> None:
    defaults = CommunityParameters()
    assert defaults.urgent_hold_minutes == 30
    assert defaults.emergency_asked_at == time(17, 0)
    assert defaults.link_valid_hours == 72


def test_own_figures_replace_only_what_they_name() -> None:
    own = CommunityParameters.from_stored({"urgent_hold_minutes": 45, "quiet_from": 22 * 60 + 30})
    assert (own.urgent_hold_minutes, own.quiet_from, own.ordinary_fresh_hours) == (45, time(22, 30), 72)


def test_a_community_may_do_without_a_reserve() -> None:
    assert CommunityParameters.from_stored({"scarcity_most_minutes": 0}).scarcity_most_minutes == 0


def test_stored_figures_come_back_unchanged() -> None:
    own = CommunityParameters(urgent_hold_minutes=45, quiet_until=time(6, 15))
    assert CommunityParameters.from_stored(own.to_stored()) == own


@pytest.mark.parametrize(
    ("stored", "field"),
    [
        ({"urgent_hold": 30}, "urgent_hold"),
        ({"urgent_hold_minutes": 0}, "urgent_hold_minutes"),
        ({"quiet_from": 1440}, "quiet_from"),
        ({"scarcity_window_days": 6}, "scarcity_window_days"),
        ({"scarcity_window_days": 91}, "scarcity_window_days"),
        ({"scarcity_most_minutes": -1}, "scarcity_most_minutes"),
        ({"scarcity_most_minutes": 601}, "scarcity_most_minutes"),
    ],
)
def test_unknown_or_impossible_figure_is_refused_by_name(stored: dict[str, int], field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        CommunityParameters.from_stored(stored)
    assert refused.value.field == field
