"""The zone in which the tests tell their stories."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.factories.ground import a_zone_in_mid_afternoon


@pytest.mark.parametrize("hour", range(24))
def test_a_story_is_told_in_the_afternoon_whatever_the_hour_elsewhere(hour: int) -> None:
    now = datetime(2026, 11, 25, hour, 59, 59, tzinfo=UTC)
    local = now.astimezone(a_zone_in_mid_afternoon(now))
    assert (local.hour, local.date()) == (14, now.date())
