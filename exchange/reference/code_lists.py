"""The closed lists of the domain, as codes: what they mean to rules. Their French labels are in `exchange.wording`.

Source of the needs, provisions and official codes: the community's own lists, to be validated by practitioners
before real use. Official codes are those of the tables TRE_R279 (clientele), TRE_R209 (activity) and TRE_R213
(mode of care).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final


class NeedFamily(StrEnum):
    """The only part of a need that the board shows."""

    POPULATION = "population"
    FRAMEWORK = "framework"
    VIGILANCE = "vigilance"
    CARE = "care"
    DAILY_HELP = "daily_help"
    HOSTING = "hosting"


class NeedCode(StrEnum):
    INTELLECTUAL_DISABILITY = "intellectual_disability"
    AUTISM = "autism"
    OTHER_NEURODEVELOPMENTAL = "other_neurodevelopmental"
    POLYHANDICAP = "polyhandicap"
    MOTOR_DISABILITY = "motor_disability"
    PSYCHIC_DISABILITY = "psychic_disability"
    BRAIN_INJURY = "brain_injury"
    HEARING_DISABILITY = "hearing_disability"
    VISUAL_DISABILITY = "visual_disability"
    RARE_DISABILITY = "rare_disability"
    BEHAVIOUR_DIFFICULTIES = "behaviour_difficulties"
    AGEING = "ageing"
    CHILD_PROTECTION = "child_protection"
    VIOLENCE_VICTIM = "violence_victim"
    CARER_RESPITE = "carer_respite"
    SEIZURES_RESCUE = "seizures_rescue"
    SWALLOWING_RISK = "swallowing_risk"
    RUNAWAY_RISK = "runaway_risk"
    SELF_HARM = "self_harm"
    VIOLENCE_TO_OTHERS = "violence_to_others"
    NIGHT_WAKING = "night_waking"
    MEDICATION_HELP = "medication_help"
    NURSE_DAILY = "nurse_daily"
    TUBE_FEEDING = "tube_feeding"
    RESPIRATORY_CARE = "respiratory_care"
    FULL_DAILY_HELP = "full_daily_help"
    HOIST_TRANSFERS = "hoist_transfers"
    ADAPTED_COMMUNICATION = "adapted_communication"
    SINGLE_ROOM = "single_room"
    STEP_FREE_ACCESS = "step_free_access"
    ONE_TO_ONE = "one_to_one"
    KEEP_TOGETHER = "keep_together"


class Provision(StrEnum):
    """What a place provides, per offer and per segment where it varies."""

    AWAKE_NIGHT = "awake_night"
    SLEEP_IN_NIGHT = "sleep_in_night"
    NURSE_DAY = "nurse_day"
    NURSE_REACHABLE_NIGHT = "nurse_reachable_night"
    HOIST = "hoist"
    TUBE_FEEDING_TRAINED = "tube_feeding_trained"
    RESCUE_TREATMENT_TRAINED = "rescue_treatment_trained"
    RESPIRATORY_TRAINED = "respiratory_trained"
    SIGN_LANGUAGE = "sign_language"
    CRISIS_TRAINED = "crisis_trained"
    SINGLE_ROOM = "single_room"
    TWIN_ROOM = "twin_room"
    STEP_FREE_ACCESS = "step_free_access"
    CLOSED_GROUNDS = "closed_grounds"
    WOMEN_ONLY = "women_only"
    MEN_ONLY = "men_only"
    KITCHEN_TEXTURES = "kitchen_textures"
    NIGHT_ARRIVAL_POSSIBLE = "night_arrival_possible"


class RequiredWhen(StrEnum):
    """The segments on which a requirement is checked."""

    DAY = "day"
    NIGHT = "night"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Requirement:
    provision: Provision
    when: RequiredWhen = RequiredWhen.BOTH


@dataclass(frozen=True, slots=True)
class Need:
    """`clientele` is the nearest code of TRE_R279, where one exists. `asks_details`: intake opens a short
    question (frequency, protocol in place)."""

    code: NeedCode
    family: NeedFamily
    clientele: str | None = None
    asks_details: bool = False
    requirement: Requirement | None = None


def _needs(*needs: Need) -> Mapping[NeedCode, Need]:
    return MappingProxyType({need.code: need for need in needs})


_C, _F, _P, _R = NeedCode, NeedFamily, Provision, Requirement

NEEDS: Final = _needs(
    Need(_C.INTELLECTUAL_DISABILITY, _F.POPULATION, "117"),
    Need(_C.AUTISM, _F.POPULATION, "437"),
    Need(_C.OTHER_NEURODEVELOPMENTAL, _F.POPULATION, "442"),
    Need(_C.POLYHANDICAP, _F.POPULATION, "500"),
    Need(_C.MOTOR_DISABILITY, _F.POPULATION, "414"),
    Need(_C.PSYCHIC_DISABILITY, _F.POPULATION, "206"),
    Need(_C.BRAIN_INJURY, _F.POPULATION, "438"),
    Need(_C.HEARING_DISABILITY, _F.POPULATION, "318"),
    Need(_C.VISUAL_DISABILITY, _F.POPULATION, "324"),
    Need(_C.RARE_DISABILITY, _F.POPULATION, "011"),
    Need(_C.BEHAVIOUR_DIFFICULTIES, _F.POPULATION, "200"),
    Need(_C.AGEING, _F.POPULATION, "702"),
    Need(_C.CHILD_PROTECTION, _F.FRAMEWORK, "800"),
    Need(_C.VIOLENCE_VICTIM, _F.FRAMEWORK, "831"),
    Need(_C.CARER_RESPITE, _F.FRAMEWORK, "042"),
    Need(_C.SEIZURES_RESCUE, _F.VIGILANCE, "620", True, _R(_P.RESCUE_TREATMENT_TRAINED)),
    Need(_C.SWALLOWING_RISK, _F.VIGILANCE, None, True, _R(_P.KITCHEN_TEXTURES)),
    Need(_C.RUNAWAY_RISK, _F.VIGILANCE, None, True, _R(_P.CLOSED_GROUNDS)),
    Need(_C.SELF_HARM, _F.VIGILANCE, None, True, _R(_P.CRISIS_TRAINED)),
    Need(_C.VIOLENCE_TO_OTHERS, _F.VIGILANCE, None, True, _R(_P.CRISIS_TRAINED)),
    Need(_C.NIGHT_WAKING, _F.VIGILANCE, None, True, _R(_P.AWAKE_NIGHT, RequiredWhen.NIGHT)),
    Need(_C.MEDICATION_HELP, _F.CARE),
    Need(_C.NURSE_DAILY, _F.CARE, None, False, _R(_P.NURSE_DAY, RequiredWhen.DAY)),
    Need(_C.TUBE_FEEDING, _F.CARE, None, False, _R(_P.TUBE_FEEDING_TRAINED)),
    Need(_C.RESPIRATORY_CARE, _F.CARE, "433", False, _R(_P.RESPIRATORY_TRAINED)),
    Need(_C.FULL_DAILY_HELP, _F.DAILY_HELP),
    Need(_C.HOIST_TRANSFERS, _F.DAILY_HELP, None, False, _R(_P.HOIST)),
    Need(_C.ADAPTED_COMMUNICATION, _F.DAILY_HELP, None, False, _R(_P.SIGN_LANGUAGE)),
    Need(_C.SINGLE_ROOM, _F.HOSTING, None, False, _R(_P.SINGLE_ROOM)),
    Need(_C.STEP_FREE_ACCESS, _F.HOSTING, None, False, _R(_P.STEP_FREE_ACCESS)),
    Need(_C.ONE_TO_ONE, _F.HOSTING),
    Need(_C.KEEP_TOGETHER, _F.HOSTING),
)

MAX_NEEDS_PER_SITUATION: Final = 12
MAX_POPULATIONS_PER_SITUATION: Final = 2

HIDDEN_FROM_BOARDS: Final = frozenset({NeedCode.VIOLENCE_TO_OTHERS})
"""Not even its family may be told apart on a board."""

SPECIALISED_CLIENTELES: Final[Mapping[NeedCode, tuple[str, ...]]] = MappingProxyType(
    {
        NeedCode.AUTISM: ("441",),
        NeedCode.BRAIN_INJURY: ("207",),
        NeedCode.RARE_DISABILITY: ("511",),
        NeedCode.CHILD_PROTECTION: ("801", "802", "803"),
        NeedCode.NURSE_DAILY: ("432",),
    }
)
"""Codes of TRE_R279 for a narrower public: adult in a very complex situation, no lesion, deaf-blindness,
ages in child protection, insulin."""


def required_provisions(needs: Iterable[NeedCode], *, uses_signs: bool = True) -> dict[Provision, RequiredWhen]:
    """What a place must provide for these needs, and on which segments.

    `uses_signs` is the answer to the short question of `adapted_communication`: pictograms alone require nothing
    of the place. Unknown reads as signs, since a place without signs would leave the person unheard.
    A provision asked by day for one need and by night for another is asked on both.
    """
    required: dict[Provision, RequiredWhen] = {}
    for need in needs:
        requirement = NEEDS[need].requirement
        if requirement is None or (need is NeedCode.ADAPTED_COMMUNICATION and not uses_signs):
            continue
        known = required.get(requirement.provision, requirement.when)
        required[requirement.provision] = known if known is requirement.when else RequiredWhen.BOTH
    return required


def family_of(need: NeedCode) -> NeedFamily:
    """The family under which a board shows this need."""
    return NEEDS[need].family


def populations(needs: Iterable[NeedCode]) -> tuple[NeedCode, ...]:
    """The needs that name a public, in their given order."""
    return tuple(need for need in needs if NEEDS[need].family is NeedFamily.POPULATION)


HOSTED_PUBLICS: Final = frozenset(
    {need for need in NeedCode if NEEDS[need].family is NeedFamily.POPULATION}
    | {NeedCode.CHILD_PROTECTION, NeedCode.VIOLENCE_VICTIM}
)
"""The needs for which a place says that it is open: its `populations`."""


def publics(needs: Iterable[NeedCode]) -> frozenset[NeedCode]:
    """The publics to which a person belongs; a place suits when it is open to one of them at least."""
    return HOSTED_PUBLICS.intersection(needs)


class CareMode(StrEnum):
    BOARDING_FULL = "boarding_full"
    BOARDING_WEEK = "boarding_week"
    NIGHTS_ONLY = "nights_only"
    DAYS_ONLY = "days_only"
    TEMPORARY_STAY = "temporary_stay"
    TEMPORARY_DAY = "temporary_day"
    WEEKEND_HOLIDAYS = "weekend_holidays"
    SEQUENTIAL = "sequential"
    HOME_SUPPORT = "home_support"
    MOBILE_TEAM = "mobile_team"
    FAMILY_CARE = "family_care"
    IMMEDIATE_STAY = "immediate_stay"


@dataclass(frozen=True, slots=True)
class CareModeCodes:
    """Official codes of a care mode, the preferred one first."""

    activities: tuple[str, ...]
    modes: tuple[str, ...]


CARE_MODES: Final[Mapping[CareMode, CareModeCodes]] = MappingProxyType(
    {
        CareMode.BOARDING_FULL: CareModeCodes(("11",), ("46",)),
        CareMode.BOARDING_WEEK: CareModeCodes(("17",), ("46",)),
        CareMode.NIGHTS_ONLY: CareModeCodes(("22",), ("48",)),
        CareMode.DAYS_ONLY: CareModeCodes(("21", "13", "14"), ("47",)),
        CareMode.TEMPORARY_STAY: CareModeCodes(("40",), ("46",)),
        CareMode.TEMPORARY_DAY: CareModeCodes(("44",), ("47",)),
        CareMode.WEEKEND_HOLIDAYS: CareModeCodes(("40",), ("46",)),
        CareMode.SEQUENTIAL: CareModeCodes(("27",), ("46", "47")),
        CareMode.HOME_SUPPORT: CareModeCodes(("16",), ("49",)),
        CareMode.MOBILE_TEAM: CareModeCodes((), ("59",)),
        CareMode.FAMILY_CARE: CareModeCodes(("15", "54"), ("50",)),
        CareMode.IMMEDIATE_STAY: CareModeCodes((), ("56", "46")),
    }
)


class Urgency(IntEnum):
    """4 is the most urgent. Immediate danger is not an urgency: it is a telephone number."""

    TONIGHT = 4
    WITHIN_48_HOURS = 3
    WITHIN_7_DAYS = 2
    PLANNED = 1


class AgeBand(StrEnum):
    UNDER_3 = "0-2"
    FROM_3 = "3-5"
    FROM_6 = "6-11"
    FROM_12 = "12-15"
    FROM_16 = "16-19"
    FROM_20 = "20-29"
    FROM_30 = "30-44"
    FROM_45 = "45-59"
    FROM_60 = "60+"

    @property
    def bounds(self) -> tuple[int, int]:
        """Lowest and highest age in whole years, both included."""
        if self is AgeBand.FROM_60:
            return 60, OLDEST_AGE
        low, high = self.value.split("-")
        return int(low), int(high)


OLDEST_AGE: Final = 120


class Origin(StrEnum):
    """Who brought the situation."""

    COMMUNITY_360 = "community_360"
    CHILD_WELFARE = "child_welfare"
    MDPH = "mdph"
    FACILITY = "facility"
    CARER = "carer"
    PERSON = "person"
    HOSPITAL = "hospital"
    LAW_ENFORCEMENT = "law_enforcement"


class LegalStatus(StrEnum):
    """Who must agree for the person, and under which frame. While it is unknown, nobody can agree yet."""

    UNKNOWN = "unknown"
    NONE = "none"
    PARENTAL_AUTHORITY = "parental_authority"
    CURATORSHIP = "curatorship"
    GUARDIANSHIP = "guardianship"
    ASE_EMERGENCY = "ase_emergency"
    ASE_ENTRUSTED = "ase_entrusted"
    OPP = "opp"
