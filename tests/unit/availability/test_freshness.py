"""Until when an attestation may be proposed on."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from exchange.availability.rules import (
    Lifetimes,
    OfferKind,
    OfferState,
    ShownState,
    fresh_until,
    is_stale,
    shown_state,
)
from exchange.organisations.parameters import CommunityParameters

PARIS = ZoneInfo("Europe/Paris")
REUNION = ZoneInfo("Indian/Reunion")
DEFAULTS = CommunityParameters()
LIFETIMES = Lifetimes(DEFAULTS.emergency_asked_at, DEFAULTS.emergency_valid_until, DEFAULTS.ordinary_fresh_hours)


def local(text: str, zone: ZoneInfo = PARIS) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


EMERGENCY = [
    ("2026-01-15 17:00", "2026-01-16 10:00"),
    ("2026-01-15 17:01", "2026-01-16 10:00"),
    ("2026-01-15 23:59", "2026-01-16 10:00"),
    ("2026-01-15 16:00", "2026-01-16 10:00"),
    ("2026-01-15 15:59", "2026-01-15 17:00"),
    ("2026-01-15 09:00", "2026-01-15 17:00"),
    ("2026-01-16 00:00", "2026-01-16 17:00"),
    ("2026-01-16 03:00", "2026-01-16 17:00"),
    # Clocks go forward in the night of 28 to 29 March, back in that of 24 to 25 October.
    ("2026-03-28 18:00", "2026-03-29 10:00"),
    ("2026-03-29 01:30", "2026-03-29 17:00"),
    ("2026-10-24 18:00", "2026-10-25 10:00"),
    ("2026-12-31 20:00", "2027-01-01 10:00"),
]


@pytest.mark.parametrize(("attested", "until"), EMERGENCY)
def test_a_24_24_place_is_fresh_until_the_territory_asks_again(attested: str, until: str) -> None:
    assert fresh_until(OfferKind.EMERGENCY_BED, local(attested), LIFETIMES, PARIS) == local(until)


@pytest.mark.parametrize(
    ("attested", "elapsed_hours"), [("2026-03-28 18:00", 15), ("2026-10-24 18:00", 17), ("2026-01-15 18:00", 16)]
)
def test_a_night_of_23_or_25_hours_keeps_its_wall_times(attested: str, elapsed_hours: int) -> None:
    until = fresh_until(OfferKind.EMERGENCY_BED, local(attested), LIFETIMES, PARIS)
    assert until - local(attested) == timedelta(hours=elapsed_hours)


def test_the_hours_are_those_of_the_territory() -> None:
    attested = local("2026-01-15 18:00", REUNION)
    assert fresh_until(OfferKind.EMERGENCY_BED, attested, LIFETIMES, REUNION) == local("2026-01-16 10:00", REUNION)
    assert fresh_until(OfferKind.EMERGENCY_BED, attested, LIFETIMES, PARIS) == local("2026-01-15 17:00")


@pytest.mark.parametrize(
    ("kind", "attested", "until"),
    [
        (OfferKind.EMERGENCY_BED, "2026-01-15 17:29", "2026-01-15 18:30"),
        (OfferKind.EMERGENCY_BED, "2026-01-15 17:30", "2026-01-16 09:00"),
        (OfferKind.ORDINARY, "2026-01-15 17:30", "2026-01-17 17:30"),
    ],
)
def test_a_community_may_ask_at_other_hours(kind: OfferKind, attested: str, until: str) -> None:
    lifetimes = Lifetimes(time(18, 30), time(9, 0), 48)
    assert fresh_until(kind, local(attested), lifetimes, PARIS) == local(until)


@pytest.mark.parametrize("kind", [kind for kind in OfferKind if kind is not OfferKind.EMERGENCY_BED])
def test_every_other_place_is_fresh_for_72_elapsed_hours(kind: OfferKind) -> None:
    attested = local("2026-03-28 18:00")
    assert fresh_until(kind, attested, LIFETIMES, PARIS) - attested == timedelta(hours=72)


@pytest.mark.parametrize("kind", list(OfferKind))
@pytest.mark.parametrize("minute", range(0, 24 * 60, 45))
def test_no_attestation_lasts_less_than_an_hour(kind: OfferKind, minute: int) -> None:
    attested = local("2026-03-28 00:00") + timedelta(minutes=minute)
    assert fresh_until(kind, attested, LIFETIMES, PARIS) - attested >= timedelta(hours=1)


def test_a_published_place_is_to_be_confirmed_from_the_very_instant_of_its_lifetime() -> None:
    until = local("2026-01-16 10:00")
    before = until - timedelta(microseconds=1)
    assert (is_stale(until, before), is_stale(until, until)) == (False, True)
    assert shown_state(OfferState.PUBLISHED, until, before) is ShownState.PUBLISHED
    assert shown_state(OfferState.PUBLISHED, until, until) is ShownState.TO_CONFIRM
    assert shown_state(OfferState.WITHDRAWN, until, until) is ShownState.WITHDRAWN
    assert shown_state(OfferState.ENDED, until, until) is ShownState.ENDED
