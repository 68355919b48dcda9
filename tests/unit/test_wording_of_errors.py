"""Every refusal of the house has its French words, and no words are left over."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections import Counter
from pathlib import Path

import exchange
from exchange.kernel.errors import DomainError
from exchange.wording import errors as wording
from exchange.wording.errors import ERROR_WORDING, INVALID_VALUE, MODULES, NEXT_STEPS, RULE_WORDING, sentence_of

SOURCES = sorted(Path(exchange.__file__).parent.rglob("*.py"))


def every_refusal() -> list[type[DomainError]]:
    """All subclasses of `DomainError`, once every module of the house is imported."""
    for module in pkgutil.walk_packages(exchange.__path__, "exchange."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found, pending = [], [DomainError]
    while pending:
        subclasses = pending.pop().__subclasses__()
        pending += subclasses
        found += [each for each in subclasses if each.__module__.startswith("exchange.")]
    return found


def test_each_refusal_has_its_words_and_no_words_are_left_over() -> None:
    assert {refusal.code for refusal in every_refusal()} == set(ERROR_WORDING)


def test_each_code_is_kebab_case_and_belongs_to_one_refusal() -> None:
    codes = Counter(refusal.code for refusal in every_refusal())
    assert [code for code, times in codes.items() if times > 1] == []
    assert [code for code in codes if not re.fullmatch(r"[a-z]+(-[a-z]+)*", code)] == []


def test_each_status_is_one_that_the_design_allows() -> None:
    assert {refusal.status for refusal in every_refusal()} <= {400, 401, 403, 404, 405, 409, 413, 422, 500, 503}


def test_no_code_is_worded_twice() -> None:
    worded = Counter(code for module in MODULES for code in module.WORDING)
    ruled = Counter(rule for module in MODULES for rule in getattr(module, "RULES", {}))
    assert [each for each, times in (worded + ruled).items() if times > 1] == []


def test_each_module_of_words_is_merged() -> None:
    folder = Path(wording.__file__).parent
    written = {path.stem for path in folder.glob("errors_*.py")}
    assert written == {module.__name__.rpartition(".")[2] for module in MODULES}


def rules_raised() -> set[str]:
    """The rule codes written in the house, as `rule="..."` in a call or as the rule told by a bound of the schema."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "rule":
                found |= {each.value for each in ast.walk(node.value) if isinstance(each, ast.Constant)}
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("_most", "_least"):
                found.add(ast.literal_eval(node.args[1]))
    return {rule for rule in found if isinstance(rule, str)}


def test_each_rule_that_a_value_may_break_has_its_words() -> None:
    assert rules_raised() - set(RULE_WORDING) - other_rules() == set()


def other_rules() -> set[str]:
    """Rules of working time and of files, which their own errors word."""
    from exchange.wording.breaches import BREACHES

    return set(BREACHES)


def test_next_steps_are_those_of_known_codes() -> None:
    assert set(NEXT_STEPS) <= set(ERROR_WORDING)


def test_sentence_shows_its_facts_and_never_raises_for_a_missing_one() -> None:
    class Refused:
        code = INVALID_VALUE
        status = 422

        def __init__(self, **facts: str | int) -> None:
            self.facts = facts

    assert sentence_of(Refused(rule="too-large", most=120))[1] == "La valeur la plus grande acceptée est 120."
    assert sentence_of(Refused(rule="too-large"))[1] == "La valeur la plus grande acceptée est …."
    assert sentence_of(Refused(rule="unheard-of"))[1] == ERROR_WORDING[INVALID_VALUE][1]
