"""Each refusal of places, needs and situations has its French sentence, and no sentence is left without a refusal."""

from __future__ import annotations

import ast
from pathlib import Path
from types import ModuleType

import pytest

import exchange
from exchange.availability import errors as availability
from exchange.kernel.errors import DomainError
from exchange.situations import errors as situations
from exchange.situations.free_text import Identifying
from exchange.staffing import errors as staffing
from exchange.wording import errors_availability, errors_situations, errors_staffing
from exchange.wording.errors import RULE_WORDING

HOUSE = Path(exchange.__file__).parent
SLICES = ("staffing", "availability", "situations")


def rules_in(path: Path) -> set[str]:
    """The rule codes written in a module: `rule="…"` of an `InvalidValue`."""
    calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    return {
        keyword.value.value
        for call in calls
        for keyword in call.keywords
        if keyword.arg == "rule" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
    }


RULES = {rule for name in SLICES for path in (HOUSE / name).rglob("*.py") for rule in rules_in(path)} | set(Identifying)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_has_a_sentence(rule: str) -> None:
    sentence = RULE_WORDING[rule].format(least=1, most=2, unit="heures")
    assert sentence.endswith(".")


def test_no_sentence_speaks_of_a_rule_that_nothing_applies() -> None:
    worded = errors_staffing.RULES.keys() | errors_availability.RULES.keys() | errors_situations.RULES.keys()
    assert worded <= RULES


@pytest.mark.parametrize(
    ("errors", "wording"),
    [(staffing, errors_staffing), (availability, errors_availability), (situations, errors_situations)],
)
def test_every_refusal_has_its_title_and_detail(errors: ModuleType, wording: ModuleType) -> None:
    codes = {
        each.code
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, DomainError) and each is not DomainError
    }
    assert codes == wording.WORDING.keys()
