"""Templates: each fills from the values that are prepared for it, in French, without a trap for the reader."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from exchange.loans.rules import BINDING, LoanKind, LoanState
from exchange.notifications.deliver import LINK_ACTS
from exchange.notifications.relevance import TemplateUnknown, _loan_is_relevant
from exchange.notifications.rules import (
    ASK_AGAIN,
    EMERGENCY_LIMIT,
    EVENING_QUESTION,
    EXIT_SOON,
    NOTICES,
    SOLICITATIONS,
    YEARLY_LIMIT,
    next_morning,
    waking_hour,
)
from exchange.wording.messages import FRAME, MESSAGES, WHAT, render, spoken_day, spoken_hour, spoken_instant

PARIS = ZoneInfo("Europe/Paris")
VALUES = {
    "ref": "S-7K4Q-93",
    "site": "MAS <Les Orgues>",
    "area": "Velay",
    "age": "30–44 ans",
    "first_day": "jeudi 26 novembre au soir",
    "until": "22 h 30",
    "reason": "effectif insuffisant",
    "exit_day": "lundi 30 novembre",
    "exit_line": "",
    "urgency": "ce soir",
    "minutes": "35",
    "places": "2 places annoncées",
    "services": "115, sans-abri (115)",
    "commune": "Le Puy-en-Velay",
    "lender": "EAM Les Narcisses",
    "qualification": "Aide-soignant",
    "hours": "21 h – 7 h",
    "more_shifts": "",
    "stays_free": "",
    "what": "mise à disposition",
    "frame": "",
    "lane": "réexamen complet",
    "why": "délai dépassé",
    "at": "22 h 30",
    "sites": "vos 2 lieux",
    "names": "MAS <Les Orgues>, EEAP Les Orgues",
    "task": "Faire le point",
    "about": " (S-7K4Q-93)",
    "day": "jeudi 26 novembre",
    "run": "0193e8c0-0000-7000-8000-000000000000",
    "order": "Organisation de crise ouverte par la communauté aujourd'hui à 9 h, à la demande de l'ARS, jusqu'à 18 h.",
    "reference": "message du 20 mars",
    "crisis_until": "vendredi 3 avril à 18 h",
    "crisis_over": "18 h",
}
LINK = "https://entraide.essai/lien/abc?x=1&y=2"
USED = {notice.template for notices in NOTICES.values() for notice in notices} | {
    ASK_AGAIN.template,
    EMERGENCY_LIMIT.template,
    EVENING_QUESTION.template,
    EXIT_SOON.template,
    YEARLY_LIMIT.template,
}


def test_every_template_is_used_and_every_used_one_is_worded() -> None:
    assert MESSAGES.keys() == USED
    assert LINK_ACTS.keys() <= USED
    assert USED >= SOLICITATIONS


@pytest.mark.parametrize("template", sorted(MESSAGES))
def test_a_template_fills_and_leaves_no_gap(template: str) -> None:
    rendered = render(template, VALUES, LINK)
    assert not re.search(r"[{}]", rendered.subject + rendered.text)
    assert "\n" not in rendered.subject
    assert rendered.text.startswith("Bonjour,\n\n")
    assert "\n\n\n" not in rendered.text
    assert (LINK in rendered.text) == (MESSAGES[template].action is not None)


@pytest.mark.parametrize("template", sorted(MESSAGES))
def test_values_are_escaped_in_the_page_and_nothing_is_fetched(template: str) -> None:
    page = render(template, VALUES, LINK).html
    assert "<Les Orgues>" not in page
    assert not re.search(r"<(img|script|link|iframe)\b|src=", page)
    assert "y=2" not in page or "&amp;y=2" in page


def test_a_missing_value_stops_the_message() -> None:
    with pytest.raises(KeyError):
        render("stay_requested", {}, LINK)


def test_a_template_without_a_rule_of_sending_is_refused() -> None:
    class Loan:
        state, answer_by = "proposed", None

    with pytest.raises(TemplateUnknown):
        _loan_is_relevant("stay_whatever", Loan(), datetime(2026, 11, 26, tzinfo=UTC))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("on", "said"),
    [(date(2026, 11, 26), "jeudi 26 novembre"), (date(2026, 3, 1), "dimanche 1er mars")],
)
def test_days_are_said_in_french(on: date, said: str) -> None:
    assert spoken_day(on) == said


@pytest.mark.parametrize(("hour", "said"), [(time(17, 0), "17 h"), (time(0, 5), "0 h 05")])
def test_hours_are_written_the_french_way(hour: time, said: str) -> None:
    assert spoken_hour(datetime.combine(date(2026, 11, 26), hour)) == said


def test_an_instant_names_its_day_unless_it_is_today() -> None:
    at = datetime(2026, 11, 26, 22, 30, tzinfo=PARIS)
    assert spoken_instant(at, date(2026, 11, 26)) == "22 h 30"
    assert spoken_instant(at, date(2026, 11, 25)) == "jeudi 26 novembre à 22 h 30"


QUIET_FROM, QUIET_UNTIL = time(21, 0), time(7, 0)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "awake"),
    [
        (at(26, 7), at(26, 7)),
        (at(26, 12), at(26, 12)),
        (at(26, 20, 59), at(26, 20, 59)),
        (at(26, 21), at(27, 7)),
        (at(26, 23, 30), at(27, 7)),
        (at(27, 0, 30), at(27, 7)),
        (at(27, 6, 59), at(27, 7)),
    ],
)
def test_whoever_is_off_duty_sleeps_from_nine_to_seven(now: datetime, awake: datetime) -> None:
    assert waking_hour(now, PARIS, QUIET_FROM, QUIET_UNTIL) == awake


def test_the_next_morning_is_tomorrow_even_before_dawn() -> None:
    assert next_morning(at(26, 3), PARIS, QUIET_UNTIL) == at(27, 7)


@pytest.mark.parametrize("state", LoanState)
def test_confirmation_of_a_loan_is_sent_while_it_binds(state: LoanState) -> None:
    class Loan:
        answer_by = None

    loan = Loan()
    loan.state = state.value  # type: ignore[attr-defined]
    sent = _loan_is_relevant("loan_confirmed", loan, datetime(2026, 11, 26, tzinfo=UTC))  # type: ignore[arg-type]
    assert sent is (state in BINDING)


@pytest.mark.parametrize("template", ["loan_offered", "release_requested", "loan_to_accept", "loan_confirmed"])
def test_each_message_of_an_internal_move_says_that_it_is_one(template: str) -> None:
    assert {*WHAT} == {*FRAME} == {kind.value for kind in LoanKind}
    for kind in LoanKind:
        told = render(template, {**VALUES, "what": WHAT[kind], "frame": FRAME[kind]}, LINK)
        text = f"{told.subject} {told.text}"
        assert ("Mouvement interne" in text) is (kind is LoanKind.INTERNAL_MOVE)
        assert ("mise à disposition" in text) is (kind is LoanKind.LOAN and template == "release_requested")


def test_the_host_of_an_internal_move_is_not_told_of_another_employer() -> None:
    """The host is the employer: only the other site and the person are still asked."""
    told = render("loan_to_accept", {**VALUES, "frame": FRAME["internal_move"]}, LINK)
    assert "employeur" not in told.text
