"""Each refusal of the two slices that promise has a French sentence that its facts fill."""

import inspect

import pytest

from exchange.kernel.errors import DomainError
from exchange.loans import errors as loan_errors
from exchange.placements import errors as placement_errors
from exchange.wording import errors_loans, errors_placements

SLICES = [(placement_errors, errors_placements.WORDING), (loan_errors, errors_loans.WORDING)]
FACTS = {
    "working-time-breached": {"sentence": "une phrase."},
    "lend-cap-reached": {"cap": 2},
    "arrival-too-early": {"first_day": "24/11/2026"},
    "emergency-stay-too-long": {"most": 15},
    "lights-missing": {"lights": "transport"},
    "exit-before-stay-ends": {"earliest_day": "25/11/2026"},
}


@pytest.mark.parametrize(("module", "wording"), SLICES, ids=["placements", "loans"])
def test_every_refusal_has_one_wording_and_no_wording_is_left_over(module: object, wording: dict[str, object]) -> None:
    raised = {
        each.code
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, DomainError) and each.__module__ == getattr(module, "__name__", "")
    }
    assert raised == set(wording)


@pytest.mark.parametrize(("module", "wording"), SLICES, ids=["placements", "loans"])
def test_the_sentences_are_filled_by_the_facts(module: object, wording: dict[str, tuple[str, str]]) -> None:
    for code, (title, detail) in wording.items():
        said = detail.format(**FACTS.get(code, {}))
        assert title
        assert said
        assert "{" not in said
