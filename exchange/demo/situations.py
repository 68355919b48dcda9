"""Twenty situations, twenty-nine persons: one row each, those to be kept together sharing a group."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from exchange.demo.community import AT_HOME, FACILITIES
from exchange.demo.days import Block, Weekdays, days, nights, weekend
from exchange.reference.code_lists import AgeBand, CareMode, LegalStatus, NeedCode, Origin, Urgency


class Sex(StrEnum):
    """Given only where it decides."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True, slots=True)
class DemoSituation:
    """One person. `id` is that of the situation, with a rank inside a group.

    `excluded_facilities`: what the person or her safety rules out. `incompatible_with`: rows that must never share a
    facility at the same time. `together`: rows that move together, all or nothing. `lives_at`: where the person stays
    now, when that is a facility. `free_text`: wishes and constraints for the host, without identity, 300 characters.
    `is_anonymous`: who called first did not say who they are.
    """

    id: str
    situation: str
    age_band: AgeBand
    needs: tuple[NeedCode, ...]
    blocks: tuple[Block, ...]
    care_mode: CareMode
    commune: str
    origin: Origin
    legal_status: LegalStatus
    urgency: Urgency
    free_text: str
    max_travel_minutes: int = 60
    max_places: int = 3
    level: int = 1
    sex: Sex | None = None
    excluded_facilities: tuple[str, ...] = ()
    incompatible_with: tuple[str, ...] = ()
    together: str | None = None
    lives_at: str | None = None
    is_anonymous: bool = False


_A, _L, _M, _N, _O, _U, _W = AgeBand, LegalStatus, CareMode, NeedCode, Origin, Urgency, Weekdays

_WITH_BEDS_OR_GROUPS = tuple(line.id for line in FACILITIES if line.id not in AT_HOME)
_EVERYWHERE_BUT_F08 = tuple(line.id for line in FACILITIES if line.id != "F08")
_GROUP_LIFE_REFUSED = "Refuse l'accueil collectif : réponse à domicile seule."


def _block(*parts: Block) -> Block:
    return Block(tuple(part for block in parts for part in block.parts))


def _nights(first: int, last: int) -> Block:
    return Block((nights(first, last),))


def _days(first: int, last: int, only: Weekdays = Weekdays.ALL) -> Block:
    return Block((days(first, last, only),))


def _sibling(rank: int, age_band: AgeBand, free_text: str) -> DemoSituation:
    return DemoSituation(
        id=f"S04-{rank}", situation="S04", age_band=age_band, needs=(_N.CHILD_PROTECTION, _N.KEEP_TOGETHER),
        blocks=(_nights(0, 2),), care_mode=_M.IMMEDIATE_STAY, commune="43112", origin=_O.CHILD_WELFARE,
        legal_status=_L.ASE_EMERGENCY, urgency=_U.TONIGHT, together="S04", free_text=free_text,
    )  # fmt: skip


def _resident(rank: int, group: str, age_band: AgeBand, needs: tuple[NeedCode, ...], free_text: str) -> DemoSituation:
    return DemoSituation(
        id=f"S17-{rank}", situation="S17", age_band=age_band, needs=(*needs, _N.KEEP_TOGETHER),
        blocks=(_block(_nights(0, 3), _days(1, 3)),), care_mode=_M.TEMPORARY_STAY, commune="43190",
        origin=_O.FACILITY, legal_status=_L.GUARDIANSHIP, urgency=_U.TONIGHT, together=group, lives_at="F20",
        excluded_facilities=("F20",), free_text=f"{free_text} Le personnel de l'unité suit les résidents.",
    )  # fmt: skip


SITUATIONS: Final = (
    DemoSituation(
        id="S01", situation="S01", age_band=_A.FROM_45, sex=Sex.MALE,
        needs=(_N.INTELLECTUAL_DISABILITY, _N.CARER_RESPITE, _N.MEDICATION_HELP, _N.SINGLE_ROOM),
        blocks=(_nights(0, 13), _days(0, 13, _W.WEEKEND)), care_mode=_M.TEMPORARY_STAY, commune="43162",
        origin=_O.CARER, legal_status=_L.CURATORSHIP, urgency=_U.TONIGHT,
        free_text="Aidante de 84 ans hospitalisée ce soir. Épilepsie stabilisée, aide guidée à la toilette. Garder "
        "l'ESAT en semaine. Curateur à informer. Taux de 80 % ou plus déclaré.",
    ),
    DemoSituation(
        id="S02", situation="S02", age_band=_A.FROM_6, needs=(_N.AUTISM, _N.RUNAWAY_RISK, _N.CARER_RESPITE),
        blocks=(weekend(1), weekend(2)), care_mode=_M.WEEKEND_HOLIDAYS, commune="43040", origin=_O.COMMUNITY_360,
        legal_status=_L.PARENTAL_AUTHORITY, urgency=_U.WITHIN_48_HOURS, max_travel_minutes=40,
        free_text="Sans langage, pictogrammes. Sélectivité alimentaire. Connu de l'IME de sa commune.",
    ),
    DemoSituation(
        id="S03", situation="S03", age_band=_A.FROM_12, sex=Sex.FEMALE,
        needs=(_N.INTELLECTUAL_DISABILITY, _N.BEHAVIOUR_DIFFICULTIES, _N.CHILD_PROTECTION),
        blocks=(_nights(0, 4),), care_mode=_M.IMMEDIATE_STAY, commune="43157", origin=_O.CHILD_WELFARE,
        legal_status=_L.OPP, urgency=_U.TONIGHT, incompatible_with=("S11",),
        free_text="Nuits et soirées ; externat maintenu. Lieu tenu secret. Accord de l'ASE à nommer et à dater.",
    ),
    _sibling(1, _A.FROM_3, "Fratrie de trois, à ne pas séparer. Adresse cachée au père. Parquet avisé."),
    _sibling(2, _A.FROM_6, "Fratrie de trois, à ne pas séparer. Adresse cachée au père. Parquet avisé."),
    _sibling(3, _A.FROM_6, "Aîné de la fratrie, suivi par un IME proche. Adresse cachée au père. Parquet avisé."),
    DemoSituation(
        id="S05", situation="S05", age_band=_A.FROM_20, sex=Sex.FEMALE,
        needs=(_N.POLYHANDICAP, _N.TUBE_FEEDING, _N.HOIST_TRANSFERS, _N.NURSE_DAILY, _N.CARER_RESPITE),
        blocks=(_block(_days(1, 10), _nights(1, 9)),), care_mode=_M.TEMPORARY_STAY, commune="43080",
        origin=_O.CARER, legal_status=_L.NONE, urgency=_U.WITHIN_48_HOURS,
        free_text="Père seul, hospitalisé. Gastrostomie. Ambulance à trouver.",
    ),
    DemoSituation(
        id="S06", situation="S06", age_band=_A.FROM_20, needs=(_N.INTELLECTUAL_DISABILITY,),
        blocks=(_block(_days(30, 43), _nights(30, 43)),), care_mode=_M.BOARDING_FULL, commune="43137",
        origin=_O.FACILITY, legal_status=_L.NONE, urgency=_U.PLANNED, max_travel_minutes=45, lives_at="F01",
        free_text="Accueil permanent, les deux premières semaines sont demandées ici. Maintien en IME (amendement "
        "Creton) ; la décision CDAPH expire à J20. Proche d'un frère, secteur Jeune Loire.",
    ),
    DemoSituation(
        id="S07", situation="S07", age_band=_A.FROM_30, sex=Sex.FEMALE,
        needs=(_N.PSYCHIC_DISABILITY, _N.MEDICATION_HELP),
        blocks=(_days(2, 8, _W.WORKING), _days(2, 8, _W.WEEKEND)), care_mode=_M.HOME_SUPPORT, commune="43157",
        origin=_O.HOSPITAL, legal_status=_L.NONE, urgency=_U.WITHIN_7_DAYS,
        excluded_facilities=_WITH_BEDS_OR_GROUPS,
        free_text=f"Sortie de psychiatrie à J2 : deux visites par jour, aucune nuit. {_GROUP_LIFE_REFUSED}",
    ),
    DemoSituation(
        id="S08", situation="S08", age_band=_A.FROM_60, sex=Sex.MALE,
        needs=(_N.INTELLECTUAL_DISABILITY, _N.AGEING, _N.NIGHT_WAKING, _N.CARER_RESPITE),
        blocks=(_nights(5, 19),), care_mode=_M.TEMPORARY_STAY, commune="43216", origin=_O.CARER,
        legal_status=_L.NONE, urgency=_U.WITHIN_7_DAYS,
        free_text="Sœur aidante épuisée. Réveils et déambulation : nuit debout exigée. Quinze nuits : décision "
        "d'accueil temporaire à demander.",
    ),
    DemoSituation(
        id="S09", situation="S09", age_band=_A.FROM_3,
        needs=(_N.POLYHANDICAP, _N.SEIZURES_RESCUE, _N.SWALLOWING_RISK),
        blocks=(_block(_nights(3, 8), _days(4, 8)),), care_mode=_M.TEMPORARY_STAY, commune="43244",
        origin=_O.CARER, legal_status=_L.PARENTAL_AUTHORITY, urgency=_U.WITHIN_7_DAYS,
        free_text="Naissance attendue, père de nuit. Parents joignables. Doudou, textures mixées.",
    ),
    DemoSituation(
        id="S10", situation="S10", age_band=_A.FROM_16, sex=Sex.MALE,
        needs=(_N.AUTISM, _N.INTELLECTUAL_DISABILITY, _N.VIOLENCE_TO_OTHERS, _N.ONE_TO_ONE),
        blocks=(_nights(0, 2),), care_mode=_M.IMMEDIATE_STAY, commune="43185", origin=_O.LAW_ENFORCEMENT,
        legal_status=_L.PARENTAL_AUTHORITY, urgency=_U.TONIGHT,
        free_text="Sortie des urgences sans hospitalisation. Soirées et nuits, deux professionnels formés.",
    ),
    DemoSituation(
        id="S11", situation="S11", age_band=_A.FROM_12, sex=Sex.MALE,
        needs=(_N.BEHAVIOUR_DIFFICULTIES, _N.CHILD_PROTECTION), blocks=(weekend(1), weekend(2)),
        care_mode=_M.SEQUENTIAL, commune="43251", origin=_O.FACILITY, legal_status=_L.ASE_ENTRUSTED,
        urgency=_U.WITHIN_48_HOURS, incompatible_with=("S03",), lives_at="F22",
        free_text="Sa MECS ferme. Internat de semaine inchangé. Accueil familial souhaité ; vacances à prévoir.",
    ),
    DemoSituation(
        id="S12", situation="S12", age_band=_A.FROM_45, sex=Sex.FEMALE,
        needs=(_N.BRAIN_INJURY, _N.STEP_FREE_ACCESS, _N.HOIST_TRANSFERS, _N.CARER_RESPITE),
        blocks=(_nights(7, 17),), care_mode=_M.TEMPORARY_STAY, commune="43020", origin=_O.CARER,
        legal_status=_L.NONE, urgency=_U.PLANNED,
        free_text="Opération programmée du conjoint. Rez-de-chaussée. 84 jours d'accueil temporaire déjà déclarés "
        "sur 90.",
    ),
    DemoSituation(
        id="S13", situation="S13", age_band=_A.FROM_16, needs=(_N.AUTISM,),
        blocks=(_days(7, 20, _W.TUESDAY_AND_THURSDAY), _days(7, 20, _W.MONDAY_AND_FRIDAY)),
        care_mode=_M.DAYS_ONLY, commune="43111", origin=_O.COMMUNITY_360, legal_status=_L.PARENTAL_AUTHORITY,
        urgency=_U.WITHIN_7_DAYS, max_travel_minutes=45, level=2, is_anonymous=True,
        free_text="Sans solution depuis huit mois. Deux journées en petit groupe et deux visites à domicile par "
        "semaine. Pas d'internat, trajets courts. Demande à la MDPH en parallèle.",
    ),
    *(
        DemoSituation(
            id=f"S14-{rank}", situation="S14", age_band=_A.FROM_45,
            needs=(_N.INTELLECTUAL_DISABILITY, _N.KEEP_TOGETHER), blocks=(_nights(0, 9),),
            care_mode=_M.TEMPORARY_STAY, commune="43224", origin=_O.FACILITY, legal_status=_L.NONE,
            urgency=_U.TONIGHT, together="S14",
            free_text="Couple, chambre double. Logement inhabitable après incendie. ESAT maintenu. Relogement de "
            "droit commun en parallèle.",
        )
        for rank in (1, 2)
    ),
    *(
        DemoSituation(
            id=f"S15-{rank}", situation="S15", age_band=age_band,
            needs=(_N.INTELLECTUAL_DISABILITY, _N.CHILD_PROTECTION, _N.KEEP_TOGETHER),
            blocks=(_days(1, 7, _W.WORKING),), care_mode=_M.DAYS_ONLY, commune="43244", origin=_O.FACILITY,
            legal_status=_L.ASE_ENTRUSTED, urgency=_U.WITHIN_48_HOURS, together="S15", lives_at="F08",
            excluded_facilities=_EVERYWHERE_BUT_F08,
            free_text="Journées sur leur lieu de vie : leur IME ferme cinq jours. Ni place ni transport à chercher, "
            "un renfort connu des jeunes.",
        )
        for rank, age_band in ((1, _A.FROM_6), (2, _A.FROM_12))
    ),
    DemoSituation(
        id="S16", situation="S16", age_band=_A.FROM_30, sex=Sex.MALE, needs=(_N.MOTOR_DISABILITY, _N.HOIST_TRANSFERS),
        blocks=(_days(0, 5),), care_mode=_M.HOME_SUPPORT, commune="43135", origin=_O.FACILITY, legal_status=_L.NONE,
        urgency=_U.TONIGHT, excluded_facilities=_WITH_BEDS_OR_GROUPS,
        free_text="Lever et coucher, transferts à deux. Refuse de quitter son domicile : un renfort, pas une place.",
    ),
    _resident(1, "S17-a", _A.FROM_30, (_N.POLYHANDICAP, _N.HOIST_TRANSFERS), "Unité sans chauffage."),
    _resident(2, "S17-a", _A.FROM_45, (_N.POLYHANDICAP, _N.HOIST_TRANSFERS), "Unité sans chauffage."),
    _resident(3, "S17-b", _A.FROM_30, (_N.AUTISM, _N.NURSE_DAILY), "Unité sans chauffage."),
    _resident(4, "S17-b", _A.FROM_30, (_N.AUTISM, _N.NURSE_DAILY), "Unité sans chauffage."),
    _resident(5, "S17-c", _A.FROM_45, (_N.AUTISM, _N.ONE_TO_ONE), "Unité sans chauffage. Un pour un."),
    _resident(6, "S17-c", _A.FROM_45, (_N.POLYHANDICAP,), "Unité sans chauffage."),
    DemoSituation(
        id="S18", situation="S18", age_band=_A.FROM_6, sex=Sex.FEMALE,
        needs=(_N.HEARING_DISABILITY, _N.CHILD_PROTECTION, _N.ADAPTED_COMMUNICATION), blocks=(_nights(0, 6),),
        care_mode=_M.FAMILY_CARE, commune="43177", origin=_O.CHILD_WELFARE, legal_status=_L.ASE_ENTRUSTED,
        urgency=_U.TONIGHT, max_travel_minutes=45,
        free_text="Assistante familiale hospitalisée. Langue des signes. École sur place.",
    ),
    DemoSituation(
        id="S19", situation="S19", age_band=_A.FROM_20, sex=Sex.FEMALE,
        needs=(_N.VIOLENCE_VICTIM, _N.INTELLECTUAL_DISABILITY), blocks=(_nights(0, 6),),
        care_mode=_M.IMMEDIATE_STAY, commune="43040", origin=_O.PERSON, legal_status=_L.NONE, urgency=_U.TONIGHT,
        excluded_facilities=("F18",),
        free_text="Enceinte. Durée inconnue, une semaine demandée. Pas dans sa commune, adresse protégée. Relais "
        "115 / SIAO et 3919 à confirmer de vive voix.",
    ),
    DemoSituation(
        id="S20", situation="S20", age_band=_A.FROM_30, sex=Sex.MALE,
        needs=(_N.AUTISM, _N.VIOLENCE_TO_OTHERS, _N.ONE_TO_ONE),
        blocks=(_block(_days(1, 14), _nights(1, 14)),), care_mode=_M.BOARDING_FULL, commune="43046",
        origin=_O.HOSPITAL, legal_status=_L.GUARDIANSHIP, urgency=_U.WITHIN_48_HOURS, max_travel_minutes=120,
        level=3,
        free_text="Aux urgences depuis trois jours sans motif somatique. Accueil permanent, effectif renforcé ; "
        "les deux premières semaines sont demandées ici. Dossier de PAG avec accord du tuteur.",
    ),
)  # fmt: skip

SITUATION_BY_ID: Final[Mapping[str, DemoSituation]] = MappingProxyType({row.id: row for row in SITUATIONS})
