"""What the matcher refuses, said in French because these sentences reach the person who wrote the file."""

import unicodedata
from typing import NoReturn

_LONGEST = 400
_NOT_SHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that break a line or steer a terminal."""


def _sentence(name: str, rule: str) -> str:
    """One short readable line, whatever a file puts in its names: they are shown to a person, often on a terminal."""
    text = f"{name} : {rule}"
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST // 2]} […] {text[-_LONGEST // 2 :]}"
    return "".join(ascii(one)[1:-1] if unicodedata.category(one) in _NOT_SHOWN else one for one in text)


class ProblemInvalid(ValueError):
    """A problem that contradicts its format; `key` is a path such as `offers[3].capacity[4]`, `rule` the reason."""

    def __init__(self, key: str, rule: str) -> None:
        super().__init__(_sentence(key, rule))
        self.key = key
        self.rule = rule


class FileRefused(ValueError):
    """A file that cannot be read as JSON, or cannot be written; `name` is its bare name."""

    def __init__(self, name: str, rule: str) -> None:
        super().__init__(_sentence(name, rule))
        self.name = name
        self.rule = rule


class UnlawfulPlan(RuntimeError):
    """The solver's answer failed the independent check, so it is withheld: a defect, never a property of the data."""

    def __init__(self, breaches: tuple[str, ...]) -> None:
        super().__init__("Le plan calculé ne passe pas le contrôle indépendant : " + " ; ".join(breaches))
        self.breaches = breaches


def refuse(key: str, rule: str) -> NoReturn:
    raise ProblemInvalid(key, rule)
