"""The posts that a shortage asks for, and who may replace whom.

Professional custom, to be validated line by line by each community, except where an article is named: a nurse may
entrust everyday care to a nursing assistant (public health code); any daily-life worker may help a person take a
treatment under protocol (L313-26 of the code of social action and families).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Qualification(StrEnum):
    NURSE = "nurse"
    NURSING_ASSISTANT = "nursing_assistant"
    CHILDCARE_ASSISTANT = "childcare_assistant"
    CARE_SUPPORT_WORKER = "care_support_worker"
    SPECIAL_EDUCATOR = "special_educator"
    YOUTH_WORKER = "youth_worker"
    EARLY_CHILDHOOD_EDUCATOR = "early_childhood_educator"
    SOCIAL_WORKER = "social_worker"
    SOCIAL_ECONOMY_ADVISER = "social_economy_adviser"
    FAMILY_WORKER = "family_worker"
    HOME_CARE_WORKER = "home_care_worker"
    NIGHT_SUPERVISOR = "night_supervisor"
    SLEEP_IN_EDUCATOR = "sleep_in_educator"
    HOUSE_KEEPER = "house_keeper"
    WORKSHOP_INSTRUCTOR = "workshop_instructor"
    TECHNICAL_EDUCATOR = "technical_educator"
    PSYCHOLOGIST = "psychologist"
    REHABILITATION_PROFESSIONAL = "rehabilitation_professional"
    COOK = "cook"
    SERVICE_AGENT = "service_agent"
    DRIVER_ESCORT = "driver_escort"
    UNIT_MANAGER = "unit_manager"


class ReplacementCondition(StrEnum):
    """What must be true for a conditional replacement; stated to the host, who judges it."""

    NO_ENTRUSTED_CARE = "no_entrusted_care"
    NOT_FOR_CARE = "not_for_care"
    NIGHT_ONLY = "night_only"
    IN_PAIR = "in_pair"
    UNDER_SEVEN = "under_seven"
    ADULTS_ONLY = "adults_only"
    KNOWS_PUBLIC = "knows_public"
    KNOWS_SITE = "knows_site"
    CHILDCARE_NURSE = "childcare_nurse"
    RIGHTS_ACCESS_ONLY = "rights_access_only"
    AGREED_BY_HOST = "agreed_by_host"
    HOME_SPECIALITY = "home_speciality"
    SIMPLE_TASKS = "simple_tasks"
    RESCUE_TRAINED_NEVER_ALONE = "rescue_trained_never_alone"
    MACHINE_SAFETY = "machine_safety"
    FOOD_HYGIENE = "food_hygiene"
    DRIVING_LICENCE = "driving_licence"
    NO_ON_CALL_NO_SIGNATURE = "no_on_call_no_signature"


@dataclass(frozen=True, slots=True)
class Title:
    """Level of the national framework (None for a branch certificate or none), nearest code of the official list of
    professions JDV_J48, and whether the title is reserved to its holders."""

    level: int | None
    profession: str | None = None
    is_reserved: bool = False


class Standing(StrEnum):
    """What a title is worth on a post."""

    ADMITTED = "admitted"
    CONDITIONAL = "conditional"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Replacement:
    """Who may hold a post besides its own title. Titles named nowhere are refused.

    `without_title` is the condition under which a person without any listed title may come.
    """

    admitted: frozenset[Qualification]
    conditional: Mapping[Qualification, ReplacementCondition]
    without_title: ReplacementCondition | None = None


_Q, _C = Qualification, ReplacementCondition

TITLES: Final[Mapping[Qualification, Title]] = MappingProxyType(
    {
        _Q.NURSE: Title(6, None, True),
        _Q.NURSING_ASSISTANT: Title(4, "313"),
        _Q.CHILDCARE_ASSISTANT: Title(4, "315"),
        _Q.CARE_SUPPORT_WORKER: Title(3, "53"),
        _Q.SPECIAL_EDUCATOR: Title(6, "51"),
        _Q.YOUTH_WORKER: Title(4, "48"),
        _Q.EARLY_CHILDHOOD_EDUCATOR: Title(6, "49"),
        _Q.SOCIAL_WORKER: Title(6, "41", True),
        _Q.SOCIAL_ECONOMY_ADVISER: Title(6, "44"),
        _Q.FAMILY_WORKER: Title(4, "43"),
        _Q.HOME_CARE_WORKER: Title(3, "350"),
        _Q.NIGHT_SUPERVISOR: Title(None),
        _Q.SLEEP_IN_EDUCATOR: Title(4),
        _Q.HOUSE_KEEPER: Title(None),
        _Q.WORKSHOP_INSTRUCTOR: Title(None),
        _Q.TECHNICAL_EDUCATOR: Title(6, "52"),
        _Q.PSYCHOLOGIST: Title(7, "93", True),
        _Q.REHABILITATION_PROFESSIONAL: Title(6, None, True),
        _Q.COOK: Title(3),
        _Q.SERVICE_AGENT: Title(None),
        _Q.DRIVER_ESCORT: Title(None),
        _Q.UNIT_MANAGER: Title(None),
    }
)


def _replacement(
    *admitted: Qualification,
    conditional: Mapping[Qualification, ReplacementCondition] | None = None,
    without_title: ReplacementCondition | None = None,
) -> Replacement:
    return Replacement(frozenset(admitted), MappingProxyType(dict(conditional or {})), without_title)


REPLACEMENTS: Final[Mapping[Qualification, Replacement]] = MappingProxyType(
    {
        # A childcare nurse holds the nurse's diploma, hence the nurse's code here.
        _Q.NURSE: _replacement(),
        _Q.NURSING_ASSISTANT: _replacement(
            _Q.NURSE,
            conditional={
                _Q.CHILDCARE_ASSISTANT: _C.AGREED_BY_HOST,
                _Q.CARE_SUPPORT_WORKER: _C.NO_ENTRUSTED_CARE,
            },
        ),
        _Q.CHILDCARE_ASSISTANT: _replacement(
            _Q.NURSE,
            conditional={
                _Q.NURSING_ASSISTANT: _C.AGREED_BY_HOST,
                _Q.EARLY_CHILDHOOD_EDUCATOR: _C.NOT_FOR_CARE,
            },
        ),
        _Q.CARE_SUPPORT_WORKER: _replacement(
            _Q.NURSING_ASSISTANT,
            _Q.YOUTH_WORKER,
            _Q.SPECIAL_EDUCATOR,
            conditional={_Q.FAMILY_WORKER: _C.AGREED_BY_HOST, _Q.NIGHT_SUPERVISOR: _C.NIGHT_ONLY},
            without_title=_C.IN_PAIR,
        ),
        _Q.SPECIAL_EDUCATOR: _replacement(
            conditional={
                _Q.YOUTH_WORKER: _C.AGREED_BY_HOST,
                _Q.EARLY_CHILDHOOD_EDUCATOR: _C.UNDER_SEVEN,
                _Q.TECHNICAL_EDUCATOR: _C.AGREED_BY_HOST,
                _Q.SOCIAL_ECONOMY_ADVISER: _C.ADULTS_ONLY,
            },
        ),
        _Q.YOUTH_WORKER: _replacement(
            _Q.SPECIAL_EDUCATOR,
            conditional={
                _Q.EARLY_CHILDHOOD_EDUCATOR: _C.AGREED_BY_HOST,
                _Q.CARE_SUPPORT_WORKER: _C.KNOWS_PUBLIC,
            },
        ),
        _Q.EARLY_CHILDHOOD_EDUCATOR: _replacement(
            conditional={
                _Q.NURSE: _C.CHILDCARE_NURSE,
                _Q.SPECIAL_EDUCATOR: _C.AGREED_BY_HOST,
                _Q.CHILDCARE_ASSISTANT: _C.AGREED_BY_HOST,
            },
        ),
        _Q.SOCIAL_WORKER: _replacement(conditional={_Q.SOCIAL_ECONOMY_ADVISER: _C.RIGHTS_ACCESS_ONLY}),
        _Q.SOCIAL_ECONOMY_ADVISER: _replacement(
            conditional={_Q.SOCIAL_WORKER: _C.AGREED_BY_HOST, _Q.SPECIAL_EDUCATOR: _C.AGREED_BY_HOST},
        ),
        _Q.FAMILY_WORKER: _replacement(
            _Q.YOUTH_WORKER,
            conditional={_Q.CARE_SUPPORT_WORKER: _C.HOME_SPECIALITY},
        ),
        _Q.HOME_CARE_WORKER: _replacement(
            _Q.CARE_SUPPORT_WORKER,
            _Q.NURSING_ASSISTANT,
            without_title=_C.SIMPLE_TASKS,
        ),
        _Q.NIGHT_SUPERVISOR: _replacement(
            _Q.CARE_SUPPORT_WORKER,
            _Q.NURSING_ASSISTANT,
            _Q.YOUTH_WORKER,
            _Q.SPECIAL_EDUCATOR,
            without_title=_C.RESCUE_TRAINED_NEVER_ALONE,
        ),
        _Q.SLEEP_IN_EDUCATOR: _replacement(
            _Q.SPECIAL_EDUCATOR,
            _Q.YOUTH_WORKER,
            conditional={_Q.CARE_SUPPORT_WORKER: _C.KNOWS_SITE},
        ),
        _Q.HOUSE_KEEPER: _replacement(
            _Q.CARE_SUPPORT_WORKER,
            _Q.FAMILY_WORKER,
            conditional={_Q.SERVICE_AGENT: _C.AGREED_BY_HOST, _Q.HOME_CARE_WORKER: _C.AGREED_BY_HOST},
        ),
        _Q.WORKSHOP_INSTRUCTOR: _replacement(
            _Q.TECHNICAL_EDUCATOR,
            conditional={_Q.YOUTH_WORKER: _C.MACHINE_SAFETY, _Q.SPECIAL_EDUCATOR: _C.MACHINE_SAFETY},
        ),
        _Q.TECHNICAL_EDUCATOR: _replacement(conditional={_Q.WORKSHOP_INSTRUCTOR: _C.AGREED_BY_HOST}),
        _Q.PSYCHOLOGIST: _replacement(),
        _Q.REHABILITATION_PROFESSIONAL: _replacement(),
        _Q.COOK: _replacement(conditional={_Q.SERVICE_AGENT: _C.FOOD_HYGIENE}, without_title=_C.FOOD_HYGIENE),
        _Q.SERVICE_AGENT: _replacement(*(other for other in _Q if other is not _Q.SERVICE_AGENT)),
        _Q.DRIVER_ESCORT: _replacement(
            conditional={other: _C.DRIVING_LICENCE for other in _Q if other is not _Q.DRIVER_ESCORT},
        ),
        _Q.UNIT_MANAGER: _replacement(conditional={_Q.SPECIAL_EDUCATOR: _C.NO_ON_CALL_NO_SIGNATURE}),
    }
)


def standing(requested: Qualification, held: Qualification) -> Standing:
    """What the title `held` is worth on a post that asks for `requested`."""
    replacement = REPLACEMENTS[requested]
    if held is requested or held in replacement.admitted:
        return Standing.ADMITTED
    return Standing.CONDITIONAL if held in replacement.conditional else Standing.NEVER


def admitted_titles(requested: Qualification) -> tuple[Qualification, ...]:
    """The titles that hold this post without any condition, the post's own first."""
    others = tuple(held for held in Qualification if held in REPLACEMENTS[requested].admitted)
    return (requested, *others)
