"""Each code has one French label, and no label uses a word that people asked us to avoid."""

import re
from enum import Enum

import pytest

from exchange.reference import answers, code_lists, follow_up, following, qualifications
from exchange.wording.labels import LABELS, SHORT_QUALIFICATIONS, LabelUnknown, label, label_of, list_of

LISTS = list(
    dict.fromkeys(
        member
        for module in (code_lists, answers, follow_up, following, qualifications)
        for member in vars(module).values()
        if isinstance(member, type) and issubclass(member, Enum) and member.__module__ == module.__name__
    )
)

# "Refus" alone blames; followed by whose refusal it is, it states a fact.
FORBIDDEN = re.compile(
    r"\b(placements?|lits?|prêts?|prêtée?s?|planchers?|cas|bénévoles?|refus(?! de la personne)|appariements?|matching"
    r"|optimisation|mode crise|usagers?)\b",
    re.IGNORECASE,
)

GSM_BASIC = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)


class Unlisted(Enum):
    THING = "thing"


def test_the_lists_are_all_seen() -> None:
    assert len(LISTS) == 36
    assert {list_of(next(iter(members))) for members in LISTS} == set(LABELS)


@pytest.mark.parametrize("members", LISTS, ids=lambda members: members.__name__)
def test_each_code_has_exactly_one_label(members: type[Enum]) -> None:
    written = LABELS[list_of(next(iter(members)))]
    assert set(written) == {str(member.value) for member in members}
    assert all(label(member).strip() == label(member) != "" for member in members)


@pytest.mark.parametrize("members", LISTS, ids=lambda members: members.__name__)
def test_two_codes_of_a_list_never_read_the_same(members: type[Enum]) -> None:
    labels = [label(member) for member in members]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("code_list", LABELS)
def test_no_label_uses_a_forbidden_word(code_list: str) -> None:
    assert {code: text for code, text in LABELS[code_list].items() if FORBIDDEN.search(text)} == {}


@pytest.mark.parametrize("text", ["Un lit libre", "Placement", "Refus", "Les usagers", "Salarié prêté", "Cas lourd"])
def test_the_forbidden_words_are_recognised(text: str) -> None:
    assert FORBIDDEN.search(text)


def test_a_code_without_wording_is_an_error_that_names_it() -> None:
    with pytest.raises(LabelUnknown, match=r"unlisted\.thing"):
        label(Unlisted.THING)
    with pytest.raises(LabelUnknown, match=r"need_code\.thing"):
        label_of("need_code", "thing")


def test_stored_text_reads_like_its_code() -> None:
    assert label_of("urgency", "4") == label(code_lists.Urgency.TONIGHT) == "Ce soir"


def test_short_qualifications_fit_in_a_message() -> None:
    assert set(SHORT_QUALIFICATIONS) == {member.value for member in qualifications.Qualification}
    for short in SHORT_QUALIFICATIONS.values():
        assert len(short) <= 14
        assert set(short) <= GSM_BASIC
    assert len(set(SHORT_QUALIFICATIONS.values())) == len(SHORT_QUALIFICATIONS)
