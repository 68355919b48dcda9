"""Identity never enters free text; ordinary French sentences do."""

from __future__ import annotations

import pytest

from exchange.kernel.errors import InvalidValue
from exchange.situations.free_text import Identifying, check_free_text, identifying_in

REFUSED = {
    "NIR 2 84 05 43 157 012 54": Identifying.NIR,
    "2840543157012": Identifying.NIR,
    "284054315701254": Identifying.NIR,
    "1 62 12 2A 004 118 23": Identifying.NIR,
    "1-62-12-2b-004-118": Identifying.NIR,
    "né sous x, 2 84 42 43 157 012": Identifying.NIR,
    "2\u00a084\u00a005\u00a043\u00a0157\u00a0012": Identifying.NIR,
    "écrire à tutrice@udaf43.example": Identifying.EMAIL,
    "tutrice (at) udaf43 . example": Identifying.EMAIL,
    "tutrice arobase udaf43 point example": Identifying.EMAIL,
    "tutrice\u200b@udaf43.example": Identifying.EMAIL,
    "rappeler au 06 12 34 56 78": Identifying.PHONE,
    "0471020304": Identifying.PHONE,
    "04.71.02.03.04": Identifying.PHONE,
    "04-71-02-03-04": Identifying.PHONE,
    "04/71/02/03/04": Identifying.PHONE,
    "06 12.34 56.78": Identifying.PHONE,
    "06\u202f12\u202f34\u202f56\u202f78": Identifying.PHONE,
    "０６１２３４５６７８": Identifying.PHONE,
    "+33 6 12 34 56 78": Identifying.PHONE,
    "+33 (0)6 12 34 56 78": Identifying.PHONE,
    "0033612345678": Identifying.PHONE,
}

ADMITTED = [
    "Chambre au rez-de-chaussée, garde son chien d'assistance.",
    "Garder l'ESAT ; curateur à informer ; 14 nuits.",
    "Connu de l'IME, arrivée possible après 18:30.",
    "Du 01/02/2026 au 15/02/2026, puis à revoir.",
    "Opération le 02.03.2026 12h30.",
    "Retour prévu 2026-03-12, 90 jours dont 84 déjà pris.",
    "Refuse les sites 1, 2, 3 et 4 du même organisme.",
    "Danger : 15, 17, 112, 3919 ; 0 800 360 360 prévenu par la famille.",
    "FINESS 430000123, 437000456.",
    "Traitement à 08:00, 12:00, 18:00 et 22:00.",
    "",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_identifies_a_person_is_refused_with_its_rule(text: str) -> None:
    assert identifying_in(text) is REFUSED[text]
    with pytest.raises(InvalidValue) as refused:
        check_free_text(f"Précision : {text} (merci)", "free_text")
    assert refused.value.field == "free_text"
    assert refused.value.facts["rule"] == REFUSED[text].value


@pytest.mark.parametrize("text", ADMITTED)
def test_what_a_host_must_know_is_admitted(text: str) -> None:
    check_free_text(text, "free_text")


def test_free_text_holds_300_characters_and_not_one_more() -> None:
    check_free_text("a" * 300, "free_text")
    with pytest.raises(InvalidValue) as refused:
        check_free_text("a" * 301, "free_text")
    assert refused.value.facts["rule"] == "too-long"


def test_every_kind_of_identifier_is_in_the_table() -> None:
    assert set(REFUSED.values()) == set(Identifying)
