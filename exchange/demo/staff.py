"""Whom the fictional facilities employ among their volunteers, and under which working patterns."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from exchange.reference.qualifications import Qualification

_Q = Qualification


class Pattern(StrEnum):
    """How a volunteer works for her own employer."""

    OFFICE_HOURS = "office_hours"
    ROTATING = "rotating"
    NIGHTS = "nights"


VOLUNTEERS_BY_FACILITY: Final[Mapping[str, int]] = MappingProxyType(
    {
        "F01": 8, "F02": 4, "F03": 7, "F04": 6, "F05": 4, "F06": 4, "F07": 3, "F08": 6, "F09": 7, "F10": 6,
        "F11": 8, "F12": 4, "F13": 4, "F14": 6, "F15": 5, "F16": 3, "F17": 5, "F18": 5,
        "F19": 7, "F20": 8, "F21": 6, "F22": 7, "F23": 4, "F26": 3, "F27": 5, "F28": 4, "F29": 5, "F30": 6,
    }
)  # fmt: skip
"""One hundred and fifty; none at F24 and F25, whose public staff is not lent under article L8241-2."""

# In turn, for the first volunteer of a facility, the second, and so on. No psychologist: H12 finds no equal title.
_SCHOOL = (_Q.YOUTH_WORKER, _Q.SPECIAL_EDUCATOR, _Q.CARE_SUPPORT_WORKER, _Q.NIGHT_SUPERVISOR, _Q.YOUTH_WORKER,
           _Q.CARE_SUPPORT_WORKER, _Q.TECHNICAL_EDUCATOR, _Q.SPECIAL_EDUCATOR)  # fmt: skip
_NURSED = (_Q.NURSING_ASSISTANT, _Q.CARE_SUPPORT_WORKER, _Q.NURSING_ASSISTANT, _Q.NURSE, _Q.CARE_SUPPORT_WORKER,
           _Q.NURSING_ASSISTANT, _Q.SERVICE_AGENT, _Q.REHABILITATION_PROFESSIONAL)  # fmt: skip
_HOME_FOR_ADULTS = (_Q.CARE_SUPPORT_WORKER, _Q.YOUTH_WORKER, _Q.NIGHT_SUPERVISOR, _Q.HOUSE_KEEPER,
                    _Q.CARE_SUPPORT_WORKER, _Q.SPECIAL_EDUCATOR)  # fmt: skip
_CHILDREN_HOME = (_Q.SPECIAL_EDUCATOR, _Q.YOUTH_WORKER, _Q.NIGHT_SUPERVISOR, _Q.YOUTH_WORKER, _Q.HOUSE_KEEPER,
                  _Q.EARLY_CHILDHOOD_EDUCATOR)  # fmt: skip
_WORKSHOPS = (_Q.WORKSHOP_INSTRUCTOR, _Q.WORKSHOP_INSTRUCTOR, _Q.TECHNICAL_EDUCATOR, _Q.SOCIAL_ECONOMY_ADVISER)
_ADULTS_AT_HOME = (_Q.SPECIAL_EDUCATOR, _Q.SOCIAL_ECONOMY_ADVISER, _Q.YOUTH_WORKER, _Q.SOCIAL_WORKER)
_HOME_CARE = (_Q.CARE_SUPPORT_WORKER, _Q.HOME_CARE_WORKER, _Q.HOME_CARE_WORKER, _Q.NURSING_ASSISTANT,
              _Q.CARE_SUPPORT_WORKER, _Q.FAMILY_WORKER)  # fmt: skip

POSTS_BY_CATEGORY: Final[Mapping[str, tuple[Qualification, ...]]] = MappingProxyType(
    {
        "177": _CHILDREN_HOME,
        "182": (_Q.SPECIAL_EDUCATOR, _Q.EARLY_CHILDHOOD_EDUCATOR, _Q.REHABILITATION_PROFESSIONAL, _Q.YOUTH_WORKER),
        "183": _SCHOOL,
        "186": (*_SCHOOL[:6], _Q.SLEEP_IN_EDUCATOR),
        "188": (_Q.NURSING_ASSISTANT, _Q.CHILDCARE_ASSISTANT, _Q.CARE_SUPPORT_WORKER, _Q.NURSING_ASSISTANT,
                _Q.CHILDCARE_ASSISTANT, _Q.NURSE),
        "209": (_Q.NURSE, *_HOME_CARE[:5]),
        "214": (_Q.SPECIAL_EDUCATOR, _Q.NIGHT_SUPERVISOR, _Q.SOCIAL_WORKER, _Q.YOUTH_WORKER, _Q.NIGHT_SUPERVISOR),
        "236": (_Q.SOCIAL_WORKER, _Q.SPECIAL_EDUCATOR, _Q.FAMILY_WORKER),
        "246": _WORKSHOPS,
        "252": _HOME_FOR_ADULTS,
        "255": _NURSED,
        "390": (_Q.CARE_SUPPORT_WORKER, _Q.CHILDCARE_ASSISTANT, _Q.YOUTH_WORKER, _Q.NIGHT_SUPERVISOR),
        "395": (_Q.CARE_SUPPORT_WORKER, _Q.NURSING_ASSISTANT, _Q.YOUTH_WORKER, _Q.COOK, _Q.CARE_SUPPORT_WORKER),
        "445": (_Q.SPECIAL_EDUCATOR, _Q.NURSE, _Q.CARE_SUPPORT_WORKER, _Q.SOCIAL_ECONOMY_ADVISER),
        "446": _ADULTS_AT_HOME,
        "448": _NURSED,
        "449": _HOME_FOR_ADULTS,
        "460": _HOME_CARE,
    }
)  # fmt: skip

SECOND_TITLES: Final[Mapping[Qualification, tuple[Qualification, ...]]] = MappingProxyType(
    {
        _Q.CARE_SUPPORT_WORKER: (_Q.HOME_CARE_WORKER, _Q.NIGHT_SUPERVISOR),
        _Q.NURSING_ASSISTANT: (_Q.CHILDCARE_ASSISTANT,),
        _Q.YOUTH_WORKER: (_Q.SLEEP_IN_EDUCATOR, _Q.DRIVER_ESCORT),
        _Q.SPECIAL_EDUCATOR: (_Q.SLEEP_IN_EDUCATOR, _Q.UNIT_MANAGER),
        _Q.SERVICE_AGENT: (_Q.COOK,),
        _Q.HOUSE_KEEPER: (_Q.SERVICE_AGENT,),
        _Q.WORKSHOP_INSTRUCTOR: (_Q.DRIVER_ESCORT,),
    }
)
"""Titles that some holders of a first one have too."""

OFFICE_CATEGORIES: Final = frozenset({"182", "236", "246", "445", "446"})
"""Facilities that work on weekdays only."""


def pattern_of(category: str, post: Qualification, rank: int) -> Pattern:
    """The working pattern of the `rank`-th volunteer of a facility of this category."""
    if post is _Q.NIGHT_SUPERVISOR:
        return Pattern.NIGHTS
    if category in OFFICE_CATEGORIES or post in (_Q.TECHNICAL_EDUCATOR, _Q.REHABILITATION_PROFESSIONAL):
        return Pattern.OFFICE_HOURS
    # In a house with care at night, one care worker in three works nights.
    if post in (_Q.NURSING_ASSISTANT, _Q.CARE_SUPPORT_WORKER, _Q.CHILDCARE_ASSISTANT) and rank % 3 == 2:
        return Pattern.NIGHTS if category not in ("209", "460") else Pattern.ROTATING
    return Pattern.ROTATING
