"""A shortage in three taps: who, the word about strikers, send; the rest is filled, and within reach."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from exchange.kernel.actor import Role
from exchange.reference.qualifications import Qualification
from exchange.staffing.models import StaffNeed
from exchange.web.forms.staffing import UrgencyText, urgency_of
from tests.web.conftest import Town
from tests.web.test_pages import scalar

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 26, 17, 0, tzinfo=PARIS).astimezone(UTC)


class Form(HTMLParser):
    """What the form would send untouched, what it asks in order, and what lies behind a fold."""

    def __init__(self) -> None:
        super().__init__()
        self.filled: dict[str, str] = {}
        self.order: list[str] = []
        self.in_sight: list[str] = []
        self._folds = 0
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self._folds += tag == "details" and "open" not in named
        name = named.get("name", "")
        if tag == "select":
            self._select = name
        if tag == "option" and ("selected" in named or self._select not in self.filled):
            self.filled[self._select] = named.get("value", "")
        if tag == "input" and named.get("type") not in ("checkbox", "radio") and name:
            self.filled[name] = named.get("value", "")
        if tag in ("input", "select") and name and name not in self.order:
            self.order.append(name)
        if name == "qualifications" and not self._folds:
            self.in_sight.append(named["value"])

    def handle_endtag(self, tag: str) -> None:
        self._folds -= tag == "details" and self._folds > 0


async def test_the_form_opens_on_its_dates_then_on_the_posts_of_this_house(town: Town) -> None:
    form = Form()
    form.feed(await town[Role.FACILITY_MANAGER].see("/renforts/nouveau"))
    asked = [name for name in form.order if name not in ("csrf_token", "idempotency_key", "facility_id")]
    assert asked[:4] == ["first", "from_hour", "until_hour", "qualifications"]
    assert 1 < len(form.in_sight) <= 6
    assert Qualification.CARE_SUPPORT_WORKER.value in form.in_sight
    assert Qualification.COOK.value not in form.in_sight


async def test_three_taps_are_enough(town: Town) -> None:
    manager = town[Role.FACILITY_MANAGER]
    form = Form()
    form.feed(await manager.see("/renforts/nouveau"))
    untouched = {name: value for name, value in form.filled.items() if name not in ("csrf_token", "idempotency_key")}
    taps = {"qualifications": "night_supervisor", "no_striker": "yes"}
    response = await manager.send("/renforts", {**untouched, **taps}, seen_on="/renforts/nouveau")
    assert response.status_code == 303, response.text
    latest = select(StaffNeed.urgency).order_by(StaffNeed.id.desc()).limit(1)
    assert await scalar(town, latest) == 4


async def test_a_post_behind_the_fold_stays_in_sight_once_ticked(town: Town) -> None:
    refused = await town[Role.FACILITY_MANAGER].send(
        "/renforts", {"facility_id": str(town.home_id), "qualifications": "cook"}, seen_on="/renforts/nouveau"
    )
    assert refused.status_code == 422
    form = Form()
    form.feed(refused.text)
    assert "cook" in form.in_sight


@pytest.mark.parametrize(
    ("hours", "urgency"),
    [
        (-1, UrgencyText.TONIGHT),
        (4, UrgencyText.TONIGHT),
        (7, UrgencyText.WITHIN_48_HOURS),
        (54, UrgencyText.WITHIN_48_HOURS),
        (55, UrgencyText.WITHIN_7_DAYS),
        (24 * 7 + 6, UrgencyText.WITHIN_7_DAYS),
        (24 * 7 + 7, UrgencyText.PLANNED),
    ],
)
def test_the_urgency_of_a_shift_follows_from_its_local_date(hours: int, urgency: UrgencyText) -> None:
    assert urgency_of(NOW + timedelta(hours=hours), NOW, PARIS) is urgency
