"""The posts that usually exist in a facility, by FINESS category: what a shortage asks for first.

Professional custom, to be validated by each community; a list to tap quickly, never a limit: every qualification stays
within reach behind it. Categories are codes of the national register.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from exchange.reference.qualifications import Qualification

_Q = Qualification

_DISABLED_CHILDREN: Final = (
    _Q.SPECIAL_EDUCATOR,
    _Q.YOUTH_WORKER,
    _Q.CARE_SUPPORT_WORKER,
    _Q.NIGHT_SUPERVISOR,
    _Q.SLEEP_IN_EDUCATOR,
    _Q.TECHNICAL_EDUCATOR,
)
_NURSED: Final = (
    _Q.NURSING_ASSISTANT,
    _Q.CARE_SUPPORT_WORKER,
    _Q.NURSE,
    _Q.NIGHT_SUPERVISOR,
    _Q.SERVICE_AGENT,
    _Q.REHABILITATION_PROFESSIONAL,
)
_NURSED_CHILDREN: Final = (
    _Q.NURSING_ASSISTANT,
    _Q.CHILDCARE_ASSISTANT,
    _Q.CARE_SUPPORT_WORKER,
    _Q.NURSE,
    _Q.NIGHT_SUPERVISOR,
)
_HOME_FOR_ADULTS: Final = (
    _Q.CARE_SUPPORT_WORKER,
    _Q.YOUTH_WORKER,
    _Q.NIGHT_SUPERVISOR,
    _Q.SPECIAL_EDUCATOR,
    _Q.HOUSE_KEEPER,
)
_PROTECTED_CHILDREN: Final = (
    _Q.SPECIAL_EDUCATOR,
    _Q.YOUTH_WORKER,
    _Q.NIGHT_SUPERVISOR,
    _Q.SLEEP_IN_EDUCATOR,
    _Q.HOUSE_KEEPER,
    _Q.EARLY_CHILDHOOD_EDUCATOR,
)
_NURSERY: Final = (
    _Q.CHILDCARE_ASSISTANT,
    _Q.EARLY_CHILDHOOD_EDUCATOR,
    _Q.NURSE,
    _Q.SPECIAL_EDUCATOR,
    _Q.NIGHT_SUPERVISOR,
)
_WORKSHOPS: Final = (_Q.WORKSHOP_INSTRUCTOR, _Q.TECHNICAL_EDUCATOR, _Q.SOCIAL_ECONOMY_ADVISER)
_AT_HOME_WITH_CHILDREN: Final = (
    _Q.SPECIAL_EDUCATOR,
    _Q.EARLY_CHILDHOOD_EDUCATOR,
    _Q.YOUTH_WORKER,
    _Q.REHABILITATION_PROFESSIONAL,
)
_AT_HOME_WITH_ADULTS: Final = (
    _Q.SPECIAL_EDUCATOR,
    _Q.SOCIAL_ECONOMY_ADVISER,
    _Q.SOCIAL_WORKER,
    _Q.YOUTH_WORKER,
    _Q.NURSE,
    _Q.CARE_SUPPORT_WORKER,
)
_HOME_CARE: Final = (
    _Q.CARE_SUPPORT_WORKER,
    _Q.HOME_CARE_WORKER,
    _Q.NURSING_ASSISTANT,
    _Q.FAMILY_WORKER,
    _Q.NURSE,
)
_SHELTER: Final = (_Q.SPECIAL_EDUCATOR, _Q.NIGHT_SUPERVISOR, _Q.SOCIAL_WORKER, _Q.YOUTH_WORKER)
_RESPITE: Final = (
    _Q.CARE_SUPPORT_WORKER,
    _Q.NURSING_ASSISTANT,
    _Q.YOUTH_WORKER,
    _Q.NIGHT_SUPERVISOR,
    _Q.CHILDCARE_ASSISTANT,
    _Q.COOK,
)
_ANY: Final = (
    _Q.CARE_SUPPORT_WORKER,
    _Q.NURSING_ASSISTANT,
    _Q.SPECIAL_EDUCATOR,
    _Q.YOUTH_WORKER,
    _Q.NIGHT_SUPERVISOR,
    _Q.NURSE,
)
"""Where the category is not in the table."""

USUAL_POSTS: Final[Mapping[str, tuple[Qualification, ...]]] = MappingProxyType(
    {
        "172": _NURSERY,
        "175": _PROTECTED_CHILDREN,
        "177": _PROTECTED_CHILDREN,
        "182": _AT_HOME_WITH_CHILDREN,
        "183": _DISABLED_CHILDREN,
        "186": _DISABLED_CHILDREN,
        "188": _NURSED_CHILDREN,
        "209": _HOME_CARE,
        "214": _SHELTER,
        "236": (_Q.SOCIAL_WORKER, _Q.SPECIAL_EDUCATOR, _Q.FAMILY_WORKER),
        "246": _WORKSHOPS,
        "252": _HOME_FOR_ADULTS,
        "255": _NURSED,
        "390": _RESPITE,
        "395": _RESPITE,
        "445": _AT_HOME_WITH_ADULTS,
        "446": _AT_HOME_WITH_ADULTS,
        "448": _NURSED,
        "449": _HOME_FOR_ADULTS,
        "460": _HOME_CARE,
    }
)


def usual_posts(categories: Iterable[str]) -> tuple[Qualification, ...]:
    """Return the usual posts of facilities of these categories, each once, the first category's first."""
    found = (post for category in categories for post in USUAL_POSTS.get(category, _ANY))
    return tuple(dict.fromkeys(found)) or _ANY
