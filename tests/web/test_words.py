"""Dates, times and forms as people say and type them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exchange.kernel.periods import Half, segment_of
from exchange.kernel.record import Fact
from exchange.placements import events as of_placements
from exchange.reference.qualifications import Qualification
from exchange.situations import events as of_situations
from exchange.situations import events_following
from exchange.web.forms.fields import FormRejected, PostedForm
from exchange.web.forms.names import FIELD_NAMES
from exchange.web.rendering import environment
from exchange.web.words import HAPPENED, clock, day, kept_families, minutes, moment, own_team, progress, stays, urgency
from exchange.wording.labels import posts

PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
TODAY = date(2026, 3, 4)


def spoken(text: str) -> str:
    """With ordinary spaces."""
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 3, 4), "aujourd'hui"),
        (date(2026, 3, 5), "demain"),
        (date(2026, 3, 3), "hier"),
        (date(2026, 3, 9), "lundi 9 mars"),
        (date(2026, 4, 1), "mercredi 1er avril"),
        (date(2027, 1, 2), "samedi 2 janvier 2027"),
    ],
)
def test_a_date_is_said_by_its_name(on: date, words: str) -> None:
    assert day(on, TODAY) == words


def test_an_instant_is_told_in_the_territory_s_zone() -> None:
    instant, now = datetime(2026, 3, 4, 20, 30, tzinfo=UTC), datetime(2026, 3, 4, 8, tzinfo=UTC)
    assert spoken(moment(instant, PARIS, now)) == "aujourd'hui 21 h 30"
    assert spoken(moment(instant, REUNION, now)) == "demain 0 h 30"
    assert spoken(clock(datetime(2026, 7, 1, 8, tzinfo=UTC), PARIS)) == "10 h"


@pytest.mark.parametrize(
    ("present", "least", "words"),
    [
        (1, None, "1 permanent prévu"),
        (0, 1, "aucun permanent prévu (il en faut 1)"),
        (1, 2, "1 permanent prévu (il en faut 2)"),
        (3, 2, "3 permanents prévus (il en faut 2)"),
        (2, 0, "2 permanents prévus"),
    ],
)
def test_the_host_s_own_team_is_told_beside_what_it_takes(present: int, least: int | None, words: str) -> None:
    assert own_team(present, least) == words


def test_segments_are_told_as_nights_and_days() -> None:
    nights = [segment_of(date(2026, 3, on), Half.NIGHT) for on in (9, 10, 11)]
    days = [segment_of(date(2026, 3, on), Half.DAY) for on in (9, 11)]
    assert stays(nights, TODAY) == "3 nuits, du lundi 9 mars au mercredi 11 mars"
    assert stays(days, TODAY) == "2 journées, entre le lundi 9 mars et le mercredi 11 mars"
    assert stays([segment_of(TODAY, Half.NIGHT)], TODAY) == "nuit, aujourd'hui"
    assert stays([segment_of(TODAY, half) for half in Half], TODAY) == "jour et nuit, aujourd'hui"
    assert stays([], TODAY) == "sans date"


def test_lengths_of_time() -> None:
    assert [minutes(count) for count in (5, 60, 90, 720)] == ["5 min", "1 h", "1 h 30", "12 h"]


@pytest.mark.parametrize(
    ("typed", "read"),
    [("2026-03-14", date(2026, 3, 14)), ("14/03/2026", date(2026, 3, 14)), (" 1/4/2026 ", date(2026, 4, 1))],
)
def test_a_date_may_be_typed_as_people_write_it(typed: str, read: date) -> None:
    form = PostedForm({"first": [typed]})
    assert form.day("first") == read
    form.done()


@pytest.mark.parametrize(
    ("typed", "read"), [("21:00", time(21)), ("21h", time(21)), ("7 h 30", time(7, 30)), ("0:05", time(0, 5))]
)
def test_an_hour_may_be_typed_as_people_write_it(typed: str, read: time) -> None:
    form = PostedForm({"from_hour": [typed]})
    assert form.hour("from_hour") == read
    form.done()


@given(st.text(max_size=30))
@example("2200000000")
@example("1/1/9999999999")
def test_no_text_breaks_the_reading_of_a_field(typed: str) -> None:
    form = PostedForm({"x": [typed]})
    form.day("x")
    form.hour("x")
    form.whole("x", least=0, most=99)
    kept = form.text("x", longest=300, required=False)
    assert "\x00" not in kept


def test_all_mistakes_are_told_together_and_the_first_of_each_field_stays() -> None:
    form = PostedForm({"capacity": ["beaucoup"]})
    form.whole("capacity", least=1, most=9)
    form.wrong("capacity", "autre chose")
    form.day("first")
    with pytest.raises(FormRejected) as refused:
        form.done()
    assert dict(refused.value.errors) == {
        "capacity": "Écrivez un nombre entier.",
        "first": "Cette réponse est nécessaire.",
    }


def test_the_same_answers_are_the_same_request_whatever_the_session() -> None:
    one = PostedForm({"a": ["1"], "csrf_token": ["x"], "idempotency_key": ["k"]})
    same = PostedForm({"csrf_token": ["y"], "a": ["1"]})
    other = PostedForm({"a": ["2"]})
    assert one.request_hash() == same.request_hash()
    assert one.request_hash() != other.request_hash()


def test_every_template_compiles_and_every_named_field_is_on_a_page() -> None:
    made = environment()
    sources = []
    for name in made.list_templates():
        made.get_template(name)
        assert made.loader is not None
        sources.append(made.loader.get_source(made, name)[0])
    pages = "\n".join(sources)
    # The lines of a headcount are numbered: their names are made on the page.
    shown = [f'"{name}"' in pages or f'"{re.sub(r"_1$", "_%s", name)}"' in pages for name in FIELD_NAMES]
    assert [name for name, is_shown in zip(FIELD_NAMES, shown, strict=True) if not is_shown] == []


def test_a_line_stays_a_line_and_a_paragraph_keeps_its_lines() -> None:
    form = PostedForm({"x": ["Mme Essai\r\nAccord\tnoté\r"]})
    assert form.text("x", longest=99) == "Mme Essai Accord noté"
    assert form.text("x", longest=99, paragraph=True) == "Mme Essai\nAccord\tnoté"


@pytest.mark.parametrize(
    ("level", "first", "told"),
    [
        (4, TODAY, "Ce soir"),
        (4, date(2026, 3, 3), "Ce soir"),
        (4, None, "Ce soir"),
        (4, date(2026, 3, 5), "Urgent"),
        (3, date(2026, 3, 6), "Sous 48 heures"),
        (1, TODAY, "À programmer"),
    ],
)
def test_tonight_is_said_only_of_what_is_wanted_tonight(level: int, first: date | None, told: str) -> None:
    assert urgency(level, first, TODAY) == told


def test_a_situation_with_proposals_says_how_many_until_something_is_promised() -> None:
    told = {
        (state, count): progress(state, count) for state in ("received", "searching", "held") for count in (0, 1, 3)
    }
    assert {told["received", 0], told["searching", 0]} == {"Recherche en cours"}
    assert {told["received", 3], told["searching", 3]} == {"3 propositions"}
    assert told["received", 1] == "1 proposition"
    assert {told["held", count] for count in (0, 1, 3)} == {"Option posée"}


def test_many_posts_are_counted_and_all_of_them_are_one_word() -> None:
    every = [post.value for post in Qualification]
    assert posts(every) == posts(every, 99) == "tous les postes"
    assert posts(["nurse", "cook"]) == "Infirmier (IDE) ou Cuisinier"
    assert posts(every[:4]).count(" ou ") == 3
    assert posts(every[:6]).endswith("ou 4 autres postes")
    assert posts(every[:6], 99).count(" ou ") == 5


def test_only_families_that_tell_something_are_named() -> None:
    assert kept_families(["population", "framework", "vigilance", "care"]) == "vigilance, soins"
    assert kept_families(["population", "framework"]) == ""


def test_the_sheet_of_a_situation_has_words_for_all_that_happens_to_it_and_to_its_placements() -> None:
    known = {**vars(of_situations), **vars(events_following), **vars(of_placements)}.values()
    kinds = {each.kind for each in known if isinstance(each, type) and issubclass(each, Fact) and "kind" in vars(each)}
    assert HAPPENED.keys() == kinds
