"""French labels of the closed lists: one per code, the words that people read on screens, mails and documents.

`LABELS` is keyed by list, then by code, both as text: this library knows none of the rooms that own the codes.
A community may override a label; these are the defaults.
"""

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from exchange.wording import labels_answers, labels_follow_up, labels_following, labels_needs, labels_staff
from exchange.wording.labels_staff import SHORT_QUALIFICATIONS

__all__ = ["LABELS", "SHORT_QUALIFICATIONS", "LabelUnknown", "label", "label_of", "list_of", "posts"]

SHOWN_POSTS: Final = 4

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


class LabelUnknown(LookupError):
    """No label exists for this code: a list has grown without its wording."""


def list_of(code: Enum) -> str:
    """The list of a code, from the name of its enumeration: `NeedCode` gives `need_code`."""
    return _WORD_START.sub("_", type(code).__name__).lower()


def label(code: Enum) -> str:
    """The French label of a code of a closed list. Raises LabelUnknown."""
    try:
        return LABELS[list_of(code)][str(code.value)]
    except KeyError:
        raise LabelUnknown(f"{list_of(code)}.{code.value}") from None


def label_of(code_list: str, code: str) -> str:
    """The French label of a code given as text, as it is stored. Raises LabelUnknown."""
    try:
        return LABELS[code_list][code]
    except KeyError:
        raise LabelUnknown(f"{code_list}.{code}") from None


def posts(codes: Iterable[str], most: int = SHOWN_POSTS) -> str:
    """Posts that will do, joined by « ou »; all of them, or too many to read, by their number."""
    accepted = tuple(codes)
    if len(accepted) == len(LABELS["qualification"]):
        return "tous les postes"
    named = [label_of("qualification", code) for code in accepted]
    if len(named) <= most:
        return " ou ".join(named)
    return f"{' ou '.join(named[:2])} ou {len(named) - 2} autres postes"


_ROOMS = (
    labels_answers.LABELS,
    labels_follow_up.LABELS,
    labels_following.LABELS,
    labels_needs.LABELS,
    labels_staff.LABELS,
)
LABELS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {name: codes for room in _ROOMS for name, codes in room.items()}
)
