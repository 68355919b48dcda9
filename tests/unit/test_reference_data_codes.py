"""Official codes and the closed lists of the domain."""

from collections import Counter
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest

from exchange.reference.answers import BLOCKING_CONDITIONS, REFUSALS, AdmissionCondition, RefusalReason, ShortageImpact
from exchange.reference.code_lists import (
    CARE_MODES,
    NEEDS,
    SPECIALISED_CLIENTELES,
    AgeBand,
    CareMode,
    NeedCode,
    NeedFamily,
    Provision,
    RequiredWhen,
    Urgency,
    populations,
    publics,
    required_provisions,
)
from exchange.reference.qualifications import (
    REPLACEMENTS,
    TITLES,
    Qualification,
    Standing,
    admitted_titles,
    standing,
)
from migrations.reference_data import CodeRow, make_code_lists, official_codes

N, P, Q = NeedCode, Provision, Qualification
BOTH, DAY, NIGHT = RequiredWhen.BOTH, RequiredWhen.DAY, RequiredWhen.NIGHT

REQUIRED = {
    N.NIGHT_WAKING: (P.AWAKE_NIGHT, NIGHT),
    N.NURSE_DAILY: (P.NURSE_DAY, DAY),
    N.TUBE_FEEDING: (P.TUBE_FEEDING_TRAINED, BOTH),
    N.SEIZURES_RESCUE: (P.RESCUE_TREATMENT_TRAINED, BOTH),
    N.RESPIRATORY_CARE: (P.RESPIRATORY_TRAINED, BOTH),
    N.SWALLOWING_RISK: (P.KITCHEN_TEXTURES, BOTH),
    N.RUNAWAY_RISK: (P.CLOSED_GROUNDS, BOTH),
    N.SELF_HARM: (P.CRISIS_TRAINED, BOTH),
    N.VIOLENCE_TO_OTHERS: (P.CRISIS_TRAINED, BOTH),
    N.HOIST_TRANSFERS: (P.HOIST, BOTH),
    N.ADAPTED_COMMUNICATION: (P.SIGN_LANGUAGE, BOTH),
    N.SINGLE_ROOM: (P.SINGLE_ROOM, BOTH),
    N.STEP_FREE_ACCESS: (P.STEP_FREE_ACCESS, BOTH),
}


@pytest.fixture(scope="module")
def codes() -> list[CodeRow]:
    return list(official_codes())


def test_each_official_list_is_whole(codes: list[CodeRow]) -> None:
    sizes = Counter(row.list for row in codes)
    assert sizes == {"facility_category": 312, "discipline": 134, "activity": 52, "clientele": 132, "profession": 54}
    assert len({(row.list, row.code) for row in codes}) == len(codes)
    page = files("migrations.reference_data").joinpath("SOURCES.md").read_text(encoding="utf-8")
    assert f"{len(codes)} codes" in page
    assert all(f"| `{name}` | {size} |" in page for name, size in sizes.items())


def test_deprecated_codes_are_dated_and_live_ones_are_not(codes: list[CodeRow]) -> None:
    ends = {(row.list, row.code): row.valid_until for row in codes}
    assert ends["activity", "25"] is not None
    assert ends["discipline", "658"] is not None
    assert ends["facility_category", "001"] is not None
    assert ends["activity", "40"] is None
    assert ends["facility_category", "255"] is None


@pytest.mark.parametrize(
    "lines",
    ["code,label_fr,status\n01,,active\n", "code,label_fr,status\n,Sans code,active\n", "code,label_fr\n1,a\n1,b\n"],
)
def test_a_damaged_nomenclature_is_refused(tmp_path: Path, lines: str) -> None:
    (tmp_path / "tre_r209_type_activite.csv").write_text(lines, encoding="utf-8")
    with pytest.raises(make_code_lists.NomenclatureDamaged):
        list(make_code_lists.transcribed(make_code_lists.NOMENCLATURES[0], tmp_path))


def test_transcribing_a_missing_folder_writes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "code_lists.csv"
    assert make_code_lists.main([str(tmp_path / "absent"), "--out", str(target)]) == 1
    assert not target.exists()


def test_thirty_two_needs_in_six_families() -> None:
    assert len(NeedCode) == 32
    assert set(NEEDS) == set(NeedCode)
    assert Counter(need.family for need in NEEDS.values()) == {
        NeedFamily.POPULATION: 12,
        NeedFamily.FRAMEWORK: 3,
        NeedFamily.VIGILANCE: 6,
        NeedFamily.CARE: 4,
        NeedFamily.DAILY_HELP: 3,
        NeedFamily.HOSTING: 4,
    }
    assert {need.code for need in NEEDS.values() if need.asks_details} == {
        need for need in NeedCode if NEEDS[need].family is NeedFamily.VIGILANCE
    }


@pytest.mark.parametrize("need", NeedCode)
def test_each_need_requires_what_the_table_says_and_the_others_nothing(need: NeedCode) -> None:
    expected = dict([REQUIRED[need]]) if need in REQUIRED else {}
    assert required_provisions([need]) == expected


def test_pictograms_alone_ask_nothing_of_a_place() -> None:
    assert required_provisions([N.ADAPTED_COMMUNICATION], uses_signs=False) == {}
    assert required_provisions([N.ADAPTED_COMMUNICATION, N.HOIST_TRANSFERS], uses_signs=False) == {P.HOIST: BOTH}


def test_requirements_of_several_needs_add_up() -> None:
    assert required_provisions([N.NURSE_DAILY, N.NIGHT_WAKING, N.SELF_HARM, N.VIOLENCE_TO_OTHERS, N.AUTISM]) == {
        P.NURSE_DAY: DAY,
        P.AWAKE_NIGHT: NIGHT,
        P.CRISIS_TRAINED: BOTH,
    }


def test_populations_keep_their_order_and_leave_other_needs_out() -> None:
    assert populations([N.RUNAWAY_RISK, N.AUTISM, N.CHILD_PROTECTION, N.AGEING]) == (N.AUTISM, N.AGEING)


def test_publics_are_populations_child_protection_and_violence() -> None:
    found = {need for need in NeedCode if publics([need])}
    of_population = {need for need in NeedCode if NEEDS[need].family is NeedFamily.POPULATION}
    assert found == of_population | {N.CHILD_PROTECTION, N.VIOLENCE_VICTIM}
    assert publics([N.CARER_RESPITE, N.HOIST_TRANSFERS]) == frozenset()


def test_official_codes_quoted_by_the_domain_exist_and_are_in_use(codes: list[CodeRow]) -> None:
    live = {(row.list, row.code) for row in codes if row.valid_until is None}
    quoted = [("clientele", need.clientele) for need in NEEDS.values() if need.clientele]
    quoted += [("clientele", code) for several in SPECIALISED_CLIENTELES.values() for code in several]
    quoted += [("activity", code) for mode in CARE_MODES.values() for code in mode.activities]
    quoted += [("profession", title.profession) for title in TITLES.values() if title.profession]
    assert [pair for pair in quoted if pair not in live] == []


def test_every_care_mode_has_its_official_mode() -> None:
    assert set(CARE_MODES) == set(CareMode)
    assert all(mode.modes for mode in CARE_MODES.values())


def test_age_bands_follow_each_other_without_gap() -> None:
    bounds = [band.bounds for band in AgeBand]
    assert bounds[0][0] == 0
    assert all(before[1] + 1 == after[0] for before, after in pairwise(bounds))


def test_urgency_counts_from_one_to_four() -> None:
    assert sorted(Urgency) == [1, 2, 3, 4]
    assert max(Urgency) is Urgency.TONIGHT


def test_every_refusal_reason_says_what_follows() -> None:
    assert set(REFUSALS) == set(RefusalReason)
    assert len(RefusalReason) == 14


def test_only_three_conditions_block_an_arrival() -> None:
    assert {condition for condition in AdmissionCondition if condition.is_blocking} == BLOCKING_CONDITIONS
    assert len(BLOCKING_CONDITIONS) == 3
    assert len(AdmissionCondition) == 10


def test_the_gravest_impact_comes_first() -> None:
    assert [impact.rank for impact in ShortageImpact] == [1, 2, 3, 4]
    assert ShortageImpact.UNIT_UNSAFE.rank == 1


# Lines of the replacement table; every pair absent from a line must be refused.
ADMITTED = {
    Q.NURSE: set(),
    Q.NURSING_ASSISTANT: {Q.NURSE},
    Q.CHILDCARE_ASSISTANT: {Q.NURSE},
    Q.CARE_SUPPORT_WORKER: {Q.NURSING_ASSISTANT, Q.YOUTH_WORKER, Q.SPECIAL_EDUCATOR},
    Q.SPECIAL_EDUCATOR: set(),
    Q.YOUTH_WORKER: {Q.SPECIAL_EDUCATOR},
    Q.EARLY_CHILDHOOD_EDUCATOR: set(),
    Q.SOCIAL_WORKER: set(),
    Q.SOCIAL_ECONOMY_ADVISER: set(),
    Q.FAMILY_WORKER: {Q.YOUTH_WORKER},
    Q.HOME_CARE_WORKER: {Q.CARE_SUPPORT_WORKER, Q.NURSING_ASSISTANT},
    Q.NIGHT_SUPERVISOR: {Q.CARE_SUPPORT_WORKER, Q.NURSING_ASSISTANT, Q.YOUTH_WORKER, Q.SPECIAL_EDUCATOR},
    Q.SLEEP_IN_EDUCATOR: {Q.SPECIAL_EDUCATOR, Q.YOUTH_WORKER},
    Q.HOUSE_KEEPER: {Q.CARE_SUPPORT_WORKER, Q.FAMILY_WORKER},
    Q.WORKSHOP_INSTRUCTOR: {Q.TECHNICAL_EDUCATOR},
    Q.TECHNICAL_EDUCATOR: set(),
    Q.PSYCHOLOGIST: set(),
    Q.REHABILITATION_PROFESSIONAL: set(),
    Q.COOK: set(),
    Q.SERVICE_AGENT: set(Qualification),
    Q.DRIVER_ESCORT: set(),
    Q.UNIT_MANAGER: set(),
}
CONDITIONAL = {
    Q.NURSING_ASSISTANT: {Q.CHILDCARE_ASSISTANT, Q.CARE_SUPPORT_WORKER},
    Q.CHILDCARE_ASSISTANT: {Q.NURSING_ASSISTANT, Q.EARLY_CHILDHOOD_EDUCATOR},
    Q.CARE_SUPPORT_WORKER: {Q.FAMILY_WORKER, Q.NIGHT_SUPERVISOR},
    Q.SPECIAL_EDUCATOR: {
        Q.YOUTH_WORKER,
        Q.EARLY_CHILDHOOD_EDUCATOR,
        Q.TECHNICAL_EDUCATOR,
        Q.SOCIAL_ECONOMY_ADVISER,
    },
    Q.YOUTH_WORKER: {Q.EARLY_CHILDHOOD_EDUCATOR, Q.CARE_SUPPORT_WORKER},
    Q.EARLY_CHILDHOOD_EDUCATOR: {Q.NURSE, Q.SPECIAL_EDUCATOR, Q.CHILDCARE_ASSISTANT},
    Q.SOCIAL_WORKER: {Q.SOCIAL_ECONOMY_ADVISER},
    Q.SOCIAL_ECONOMY_ADVISER: {Q.SOCIAL_WORKER, Q.SPECIAL_EDUCATOR},
    Q.FAMILY_WORKER: {Q.CARE_SUPPORT_WORKER},
    Q.SLEEP_IN_EDUCATOR: {Q.CARE_SUPPORT_WORKER},
    Q.HOUSE_KEEPER: {Q.SERVICE_AGENT, Q.HOME_CARE_WORKER},
    Q.WORKSHOP_INSTRUCTOR: {Q.YOUTH_WORKER, Q.SPECIAL_EDUCATOR},
    Q.TECHNICAL_EDUCATOR: {Q.WORKSHOP_INSTRUCTOR},
    Q.COOK: {Q.SERVICE_AGENT},
    Q.DRIVER_ESCORT: set(Qualification) - {Q.DRIVER_ESCORT},
    Q.UNIT_MANAGER: {Q.SPECIAL_EDUCATOR},
}


@pytest.mark.parametrize("requested", Qualification)
def test_who_may_hold_a_post(requested: Qualification) -> None:
    admitted = ADMITTED[requested] | {requested}
    conditional = CONDITIONAL.get(requested, set())
    found = {held: standing(requested, held) for held in Qualification}
    assert {held for held, worth in found.items() if worth is Standing.ADMITTED} == admitted
    assert {held for held, worth in found.items() if worth is Standing.CONDITIONAL} == conditional
    assert {held for held, worth in found.items() if worth is Standing.NEVER} == (
        set(Qualification) - admitted - conditional
    )
    assert set(admitted_titles(requested)) == admitted
    assert admitted_titles(requested)[0] is requested


def test_a_night_supervisor_never_takes_a_nursing_assistants_post_and_the_reverse_is_admitted() -> None:
    assert standing(Q.NURSING_ASSISTANT, Q.NIGHT_SUPERVISOR) is Standing.NEVER
    assert standing(Q.NIGHT_SUPERVISOR, Q.NURSING_ASSISTANT) is Standing.ADMITTED


def test_every_qualification_has_a_title_and_a_line() -> None:
    assert len(Qualification) == 22
    assert set(TITLES) == set(REPLACEMENTS) == set(Qualification)
