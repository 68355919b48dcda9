"""What a stale form is told: each event of a row that forms edit has its words, and no author who must stay unknown."""

from __future__ import annotations

from exchange.availability import events as of_offers
from exchange.kernel.record import Fact
from exchange.loans import events as of_loans
from exchange.placements import events as of_placements
from exchange.situations import events as of_situations
from exchange.situations import events_following as of_following
from exchange.staffing import events as of_staff
from exchange.wording.changes import TOLD_KINDS, change_sentence


def test_each_event_of_what_forms_edit_has_its_words() -> None:
    rooms = (of_offers, of_loans, of_placements, of_situations, of_following, of_staff)
    facts = [
        each for room in rooms for each in vars(room).values() if isinstance(each, type) and issubclass(each, Fact)
    ]
    assert {each.kind for each in facts if "kind" in vars(each)} <= TOLD_KINDS


def test_a_change_says_when_what_and_by_which_function() -> None:
    said = change_sentence("21 h 04", "capacity_changed", {"delta": -1}, "on_call_manager")
    assert said == "21 h 04 : une place de moins (astreinte)"
    assert change_sentence("9 h", "capacity_changed", {"delta": 3}, "system") == "9 h : 3 places de plus (Entraide)"


def test_who_said_no_to_a_mission_is_told_to_nobody() -> None:
    for role in ("loan_volunteer", "facility_manager", "coordinator"):
        for kind in ("loan_declined", "loan_cancelled", "loan_consented"):
            told = change_sentence("9 h", kind, {"party": "person", "cause": "consent_withdrawn"}, role)
            assert "(" not in told, told
        assert change_sentence("9 h", "loan_declined", {"party": "person"}, role) == "9 h : ce renfort n'aura pas lieu"


def test_unreadable_facts_still_make_a_sentence() -> None:
    assert change_sentence("9 h", "capacity_changed", {}, "nobody") == "9 h : nombre de places corrigé"
    assert change_sentence("9 h", "situation_moved", {"state": "?"}, "nobody") == "9 h : la situation avance"
    assert change_sentence("9 h", "of_tomorrow", {}, "nobody") == "9 h : mise à jour"
