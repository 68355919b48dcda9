"""The fictional community: living areas, operators and facilities of Haute-Loire."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from exchange.reference.code_lists import OLDEST_AGE, NeedCode, NeedFamily, Provision, family_of
from migrations.reference_data import communes

COMMUNITY_NAME: Final = "Groupement des associations médico-sociales (démonstration)"
COMMUNITY_TIME_ZONE: Final = "Europe/Paris"
CARRIER_OPERATOR: Final = "A09"
"""Carries the Communauté 360 of the demonstration; an MDPH cannot."""


@dataclass(frozen=True, slots=True)
class DemoLivingArea:
    slug: str
    name: str
    epcis: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoOperator:
    """`agreement_code`: the collective agreement by its IDCC number, or the statute of a public body."""

    id: str
    name: str
    field: str
    agreement_code: str
    finess_ej: str
    on_call_phone: str
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class Equipment:
    """Discipline (TRE_R280) × activity (TRE_R209)."""

    discipline: str
    activity: str


@dataclass(frozen=True, slots=True)
class DemoFacility:
    """`lends_at_most_per_day`: most colleagues away at once, the safety staffing being kept."""

    id: str
    name: str
    operator: str
    category: str
    commune: str
    equipment: tuple[Equipment, ...]
    clienteles: tuple[str, ...]
    ages: tuple[int, int]
    provides: tuple[Provision, ...]
    capacity: str
    note: str
    finess_et: str
    night_phone: str
    lends_at_most_per_day: int
    is_resource_site: bool = False
    hides_address: bool = False

    @property
    def populations(self) -> tuple[NeedCode, ...]:
        """The publics that the facility's official clienteles stand for."""
        found = {need for clientele in self.clienteles for need in PUBLICS_OF_CLIENTELE[clientele]}
        return tuple(need for need in NeedCode if need in found)


_EVERY_DISABILITY = tuple(need for need in NeedCode if family_of(need) is NeedFamily.POPULATION)

PUBLICS_OF_CLIENTELE: Final[Mapping[str, tuple[NeedCode, ...]]] = MappingProxyType(
    {
        "010": _EVERY_DISABILITY,
        "117": (NeedCode.INTELLECTUAL_DISABILITY,),
        "200": (NeedCode.BEHAVIOUR_DIFFICULTIES,),
        "206": (NeedCode.PSYCHIC_DISABILITY,),
        "437": (NeedCode.AUTISM,),
        "442": (NeedCode.OTHER_NEURODEVELOPMENTAL,),
        "500": (NeedCode.POLYHANDICAP,),
        "702": (NeedCode.AGEING,),
        "711": (NeedCode.AGEING,),
        "800": (NeedCode.CHILD_PROTECTION,),
        "801": (NeedCode.CHILD_PROTECTION,),
        "802": (NeedCode.CHILD_PROTECTION,),
        "831": (NeedCode.VIOLENCE_VICTIM,),
        "899": (NeedCode.VIOLENCE_VICTIM, NeedCode.PSYCHIC_DISABILITY),
    }
)

LIVING_AREAS: Final = (
    DemoLivingArea("jeune_loire", "Jeune Loire", ("200073427", "244301016", "244301131", "244301107", "244300307")),
    DemoLivingArea("lafayette", "Lafayette", ("200085728", "244301099", "200073393")),
    DemoLivingArea("velay", "Velay", ("200073419", "200073401", "244301123")),
)


@cache
def points() -> Mapping[str, tuple[float, float]]:
    """Latitude and longitude of each commune of the territory."""
    territory = {code for codes in _commune_codes().values() for code in codes}
    return MappingProxyType(
        {
            row.code: (row.latitude, row.longitude)
            for row in communes()
            if row.code in territory and row.latitude is not None and row.longitude is not None
        }
    )


@cache
def _commune_codes() -> Mapping[str, tuple[str, ...]]:
    by_epci: dict[str, list[str]] = {epci: [] for area in LIVING_AREAS for epci in area.epcis}
    for row in communes():
        if row.epci in by_epci:
            by_epci[row.epci].append(row.code)
    return MappingProxyType({epci: tuple(codes) for epci, codes in by_epci.items()})


def communes_of(epcis: tuple[str, ...]) -> tuple[str, ...]:
    """INSEE codes of the communes of these EPCI of the territory, ascending."""
    return tuple(sorted(code for epci in epcis for code in _commune_codes()[epci]))


def neighbours_of(commune: str) -> tuple[str, ...]:
    """INSEE codes of the communes of the same EPCI, the commune itself included."""
    return next(codes for codes in _commune_codes().values() if commune in codes)


@cache
def living_area_of(commune: str) -> str | None:
    """The slug of the living area of a commune, None outside the territory."""
    return next((area.slug for area in LIVING_AREAS if commune in communes_of(area.epcis)), None)


_CCN66, _CCN51, _HOME, _CHRS, _PUBLIC = "IDCC 413", "IDCC 29", "IDCC 2941", "IDCC 783", "FPH"


def _operator(number: int, id_: str, name: str, field: str, agreement: str, is_public: bool = False) -> DemoOperator:
    return DemoOperator(id_, name, field, agreement, f"439990{number:03}", f"06 39 98 10 {number:02}", is_public)


OPERATORS: Final = (
    _operator(1, "A01", "Association Sucs et Narses", "enfants, déficience intellectuelle et autisme", _CCN66),
    _operator(2, "A02", "Association Le Fil du Lignon", "adultes, travail protégé et hébergement", _CCN66),
    _operator(3, "A03", "Association des Orgues de Basalte", "polyhandicap et autisme, enfants et adultes", _CCN51),
    _operator(4, "A04", "Association Rives Claires", "protection de l'enfance", _CCN66),
    _operator(5, "A05", "Association Le Gué de Briva", "enfants et travail protégé", _CCN66),
    _operator(6, "A06", "Association Margeride Autrement", "adultes, vieillissement", _CCN66),
    _operator(7, "A07", "Association Ancrage Velay", "troubles du comportement, handicap psychique", _CCN66),
    _operator(8, "A08", "Association Les Trois Vallées à Domicile", "aide et soins à domicile", _HOME),
    _operator(9, "A09", "Association Répit Mézenc", "accueil temporaire, répit des aidants", _CCN51),
    _operator(10, "A10", "Association L'Escale du Haut Allier", "hébergement d'urgence et insertion", _CHRS),
    _operator(
        11,
        "P01",
        "Établissement public départemental La Chibotte",
        "foyer de l'enfance, pouponnière",
        _PUBLIC,
        is_public=True,
    ),
)

_P = Provision
_AWAKE, _SLEEP_IN = (_P.AWAKE_NIGHT, _P.NIGHT_ARRIVAL_POSSIBLE), (_P.SLEEP_IN_NIGHT,)
_NURSED = (_P.NURSE_DAY, _P.NURSE_REACHABLE_NIGHT, _P.RESCUE_TREATMENT_TRAINED)
_HEAVY_CARE = (*_NURSED, _P.HOIST, _P.TUBE_FEEDING_TRAINED, _P.KITCHEN_TEXTURES, _P.STEP_FREE_ACCESS)


def _facility(
    number: int,
    name: str,
    operator: str,
    category: str,
    commune: str,
    equipment: str,
    clienteles: str,
    ages: tuple[int, int],
    provides: tuple[Provision, ...],
    capacity: str,
    note: str,
    lends: int,
    *,
    is_resource_site: bool = False,
    hides_address: bool = False,
) -> DemoFacility:
    """One line of the table; `equipment` reads "844×17 844×13", `clienteles` reads "117 437"."""
    pairs = (pair.split("×") for pair in equipment.split())
    return DemoFacility(
        id=f"F{number:02}",
        name=name,
        operator=operator,
        category=category,
        commune=commune,
        equipment=tuple(Equipment(discipline, activity) for discipline, activity in pairs),
        clienteles=tuple(clienteles.split()),
        ages=ages,
        provides=provides,
        capacity=capacity,
        note=note,
        finess_et=f"439991{number:03}",
        night_phone=f"04 65 71 20 {number:02}",
        lends_at_most_per_day=lends,
        is_resource_site=is_resource_site,
        hides_address=hides_address,
    )


_OLD = OLDEST_AGE
_IME = "844×17 844×13 844×40"
_FOSTER = "912×11 913×11"

FACILITIES: Final = (
    # Jeune Loire
    _facility(1, "IME Les Sagnes", "A01", "183", "43268", _IME, "117 437", (6, 20),
              (*_AWAKE, _P.CLOSED_GROUNDS, _P.SINGLE_ROOM, _P.RESCUE_TREATMENT_TRAINED),
              "48 : 20 IS, 26 SI, 2 AT",
              "Fermé le week-end et une partie des vacances : sans équipe, pas de place.", 3),
    _facility(2, "SESSAD Les Sagnes", "A01", "182", "43137", "841×16", "117 442", (3, 20), (),
              "32 FA", "Porte un PCPE de 12 situations.", 2),
    _facility(3, "EAM Les Fayards", "A02", "448", "43224", "966×11 966×40 966×21", "117 437", (20, 60),
              (*_AWAKE, *_NURSED, _P.SINGLE_ROOM, _P.STEP_FREE_ACCESS, _P.KITCHEN_TEXTURES),
              "34 : 30 H, 2 AT, 2 AJ", "Aide-soignant debout la nuit, infirmier le jour 7 j/7.", 2,
              is_resource_site=True),
    _facility(4, "EANM La Suchère", "A02", "449", "43020", "965×11 965×40 965×21", "117 702", (20, _OLD),
              (*_AWAKE, _P.SINGLE_ROOM, _P.STEP_FREE_ACCESS),
              "30 : 24 H, 1 AT, 5 AJ", "Un surveillant debout la nuit, pas d'infirmier.", 2),
    _facility(5, "Foyer d'hébergement Le Tissage", "A02", "252", "43268", "965×11 965×40", "117", (18, 60),
              (*_SLEEP_IN, _P.TWIN_ROOM, _P.SINGLE_ROOM, _P.NIGHT_ARRIVAL_POSSIBLE),
              "22 : 20 H, 2 AT (un studio double)", "Personne sur place de 9 h à 16 h en semaine.", 2),
    _facility(6, "ESAT Le Tissage", "A02", "246", "43268", "908×14", "117 206", (18, 62), (),
              "65", "Journées seulement ; tournées de car.", 2),
    _facility(7, "SAVS du Fil", "A02", "446", "43137", "965×16", "010", (18, _OLD), (),
              "40 FA", "En semaine.", 1),
    _facility(8, "MECS La Garenne", "A04", "177", "43244", _FOSTER, "802", (6, 18), _AWAKE,
              "24 : 22 H, 2 U", "L'ASE décide de l'entrée.", 2, hides_address=True),
    _facility(9, "MAS Les Airelles", "A03", "255", "43087", "964×11 964×40", "500", (20, _OLD),
              (*_AWAKE, *_HEAVY_CARE, _P.SINGLE_ROOM),
              "28 : 26 H, 2 AT", "Infirmier le jour 7 j/7 ; lève-personnes ; alimentation par sonde.", 2),
    _facility(10, "SAAS Loire-Semène", "A08", "209", "43012", "358×16 469×16", "010 711", (18, _OLD),
              (_P.NURSE_DAY, _P.HOIST), "45 FA soins", "7 h – 21 h, 7 j/7, huit communes.", 3),
    # Lafayette
    _facility(11, "IME Le Gué", "A05", "183", "43040", _IME, "117 437", (5, 20),
              (*_AWAKE, _P.CLOSED_GROUNDS, _P.SINGLE_ROOM, _P.RESCUE_TREATMENT_TRAINED),
              "52 : 16 IS, 34 SI, 2 AT",
              "Peut ouvrir 2 AT un week-end si quatre vacations sont couvertes.", 3),
    _facility(12, "SESSAD Le Gué", "A05", "182", "43185", "841×16", "117 437", (0, 20), (),
              "24 FA", "En semaine.", 2),
    _facility(13, "ESAT Le Gué", "A05", "246", "43258", "908×14", "117", (18, 62), (),
              "48", "Blanchisserie, espaces verts.", 2),
    _facility(14, "EANM Les Genévriers", "A06", "449", "43112", "965×11 965×40 965×21", "117 702", (20, _OLD),
              (*_AWAKE, _P.SINGLE_ROOM, _P.STEP_FREE_ACCESS),
              "28 : 24 H, 1 AT, 3 AJ", "Un surveillant debout la nuit.", 2),
    _facility(15, "EAM Le Bois Noir", "A06", "448", "43234", "966×11 966×40", "206 702", (25, _OLD),
              (*_AWAKE, _P.NURSE_DAY, _P.SINGLE_ROOM, _P.STEP_FREE_ACCESS),
              "30 : 28 H, 2 AT", "Aide-soignant debout la nuit ; neige.", 1, is_resource_site=True),
    _facility(16, "SAVS Margeride", "A06", "446", "43112", "965×16", "010", (18, _OLD), (),
              "30 FA", "En semaine.", 1),
    _facility(17, "MECS Le Moulin", "A04", "177", "43120", _FOSTER, "800", (3, 18), _AWAKE,
              "20 : 17 H, 3 U", "1 U ouverte ; 2 de plus si la nuit est couverte.", 1, hides_address=True),
    _facility(18, "CHRS L'Escale", "A10", "214", "43040", "957×11 959×11", "899 831", (18, _OLD),
              (*_AWAKE, _P.SINGLE_ROOM), "24 : 20 H, 4 U", "Entrée par le 115 / SIAO.", 2, hides_address=True),
    # Velay
    _facility(19, "IME Les Narses", "A01", "183", "43041", _IME, "117 437", (6, 20),
              (*_AWAKE, _P.CLOSED_GROUNDS, _P.RESCUE_TREATMENT_TRAINED),
              "44 : 12 IS, 30 SI, 2 AT", "Fermé le week-end.", 3),
    _facility(20, "MAS Les Orgues", "A03", "255", "43190", "964×11 964×40", "437 500", (20, _OLD),
              (*_AWAKE, *_HEAVY_CARE, _P.SINGLE_ROOM),
              "36 : 33 H, 2 AT, 1 U 24 h/24",
              "Infirmier le jour 7 j/7, deux personnes debout la nuit ; lève-personnes ; alimentation par sonde.",
              2, is_resource_site=True),
    _facility(21, "EEAP Les Orgues", "A03", "188", "43078", "844×11 844×13 844×40", "500", (2, 20),
              (*_AWAKE, *_HEAVY_CARE), "18 : 10 H, 6 SI, 2 AT",
              "Infirmier le jour ; alimentation par sonde.", 1),
    _facility(22, "DITEP Ancrage", "A07", "186", "43251", "844×17 844×13", "200", (6, 18),
              (*_SLEEP_IN, _P.CRISIS_TRAINED), "36 : 14 IS, 22 SI",
              "Nuits couchées ; porte un PCPE de 15 situations.", 2),
    _facility(23, "SAMSAH Ancrage", "A07", "445", "43157", "966×16", "206", (18, 60), (),
              "30 FA", "En semaine ; visites à domicile.", 1),
    _facility(24, "Foyer départemental de l'enfance", "P01", "175", "43157", "913×11 912×11", "800", (3, 18),
              (*_AWAKE, _P.CLOSED_GROUNDS), "22",
              "Ne peut pas répondre « complet » à l'ASE : surcapacité signalée.", 0,
              is_resource_site=True, hides_address=True),
    _facility(25, "Pouponnière La Chibotte", "P01", "172", "43046", "912×11", "801", (0, 3),
              (*_AWAKE, _P.KITCHEN_TEXTURES), "10", "Public : autre convention que le prêt de l'article L8241-2.", 0,
              hides_address=True),
    _facility(26, "Placement familial Rives Claires", "A04", "236", "43089", "912×15", "800", (0, 18),
              (_P.SLEEP_IN_NIGHT, _P.SIGN_LANGUAGE), "18",
              "Les domiciles sont des adresses privées, jamais montrées.", 0, hides_address=True),
    _facility(27, "La Halte du Mézenc, accueil temporaire adultes", "A09", "395", "43200", "965×40 965×44", "010",
              (20, 65), (*_SLEEP_IN, _P.HOIST, _P.STEP_FREE_ACCESS, _P.SINGLE_ROOM, _P.TWIN_ROOM),
              "12 : 10 AT, 2 AJ", "Nuit couchée seulement ; passage infirmier le matin.", 2),
    _facility(28, "La Petite Halte, accueil temporaire enfants", "A09", "390", "43152", "844×40", "010", (4, 20),
              (*_AWAKE, _P.CLOSED_GROUNDS, _P.SINGLE_ROOM, _P.STEP_FREE_ACCESS),
              "8 AT", "Nuit debout ; ouvert 49 semaines.", 1, is_resource_site=True),
    _facility(29, "EANM Le Relais", "A07", "449", "43080", "965×11 965×40", "206", (20, 60),
              (*_AWAKE, _P.SINGLE_ROOM), "20 : 18 H, 2 AT", "", 1),
    _facility(30, "Service autonomie aide Les Trois Vallées", "A08", "460", "43135", "469×16", "010 711",
              (18, _OLD), (_P.HOIST,), "22 communes", "7 h – 20 h 30, 7 j/7.", 3),
)  # fmt: skip

FACILITY_BY_ID: Final[Mapping[str, DemoFacility]] = MappingProxyType({line.id: line for line in FACILITIES})
OPERATOR_BY_ID: Final[Mapping[str, DemoOperator]] = MappingProxyType({line.id: line for line in OPERATORS})

AT_HOME: Final = ("F02", "F07", "F10", "F12", "F16", "F23", "F30")
"""Facilities that go to the person's home and have no bed."""
