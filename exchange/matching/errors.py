"""What the matcher refuses, said in French because these sentences reach the person who wrote the file."""

from typing import NoReturn


class ProblemInvalid(ValueError):
    """A problem that contradicts its format; `key` is a path such as `offers[3].capacity[4]`, `rule` the reason."""

    def __init__(self, key: str, rule: str) -> None:
        super().__init__(f"{key} : {rule}")
        self.key = key
        self.rule = rule


class FileRefused(ValueError):
    """A file that cannot be read as JSON, or cannot be written; `name` is its bare name."""

    def __init__(self, name: str, rule: str) -> None:
        super().__init__(f"{name} : {rule}")
        self.name = name
        self.rule = rule


class UnlawfulPlan(RuntimeError):
    """The solver's answer failed the independent check, so it is withheld: a defect, never a property of the data."""

    def __init__(self, breaches: tuple[str, ...]) -> None:
        super().__init__("Le plan calculé ne passe pas le contrôle indépendant : " + " ; ".join(breaches))
        self.breaches = breaches


def refuse(key: str, rule: str) -> NoReturn:
    raise ProblemInvalid(key, rule)
