"""The fictional community holds together: counts, references, real communes and codes."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from exchange.demo.accounts import ACCOUNTS
from exchange.demo.community import (
    AT_HOME,
    FACILITIES,
    FACILITY_BY_ID,
    LIVING_AREAS,
    OPERATOR_BY_ID,
    OPERATORS,
    communes_of,
    living_area_of,
    points,
)
from exchange.demo.days import (
    TIME_ZONE,
    Days,
    Weekdays,
    WeekendDays,
    WorkWeekDays,
    dates_of,
    day_zero,
    monday_after,
    segments_for,
    weekend,
    weekend_after,
)
from exchange.demo.offers import OFFER_BY_ID
from exchange.demo.shortages import SHORTAGES, DemoShortage, shift_slots
from exchange.demo.staff import POSTS_BY_CATEGORY, VOLUNTEERS_BY_FACILITY
from exchange.demo.told import SILENT_OPERATORS, opened_before, said_at
from exchange.demo.volunteers import AROUND_A_SHIFT, RELEASED_FOR, TimeKind, volunteers
from exchange.kernel.actor import Role
from exchange.kernel.periods import Half, Segment, date_of, half_of, segment_of, tonight_at
from exchange.reference.code_lists import HOSTED_PUBLICS, Urgency
from exchange.reference.qualifications import Qualification, Standing, standing
from migrations.reference_data import official_codes

THURSDAY = date(2026, 11, 26)
WEEK = [THURSDAY + timedelta(days=offset) for offset in range(7)]
FICTION_PHONE = re.compile(r"(04 65 71|06 39 98) \d\d \d\d")
MARCH_CLOCK_CHANGE = date(2027, 3, 26)


def live_codes(code_list: str) -> set[str]:
    return {row.code for row in official_codes() if row.list == code_list and row.valid_until is None}


def test_eleven_operators_and_thirty_facilities() -> None:
    assert len(OPERATORS) == len(OPERATOR_BY_ID) == 11
    assert [line.id for line in FACILITIES] == [f"F{number:02}" for number in range(1, 31)]
    assert {line.operator for line in FACILITIES} == set(OPERATOR_BY_ID)
    assert Counter(line.operator for line in FACILITIES) == {
        "A01": 3, "A02": 5, "A03": 3, "A04": 3, "A05": 3, "A06": 3, "A07": 3, "A08": 2, "A09": 2, "A10": 1, "P01": 2,
    }  # fmt: skip


def test_only_the_public_body_is_public() -> None:
    assert [line.id for line in OPERATORS if line.is_public] == ["P01"]


def test_living_areas_cover_the_departement() -> None:
    sizes = {area.slug: len(communes_of(area.epcis)) for area in LIVING_AREAS}
    assert sizes == {"jeune_loire": 44, "lafayette": 99, "velay": 114}
    assert len(points()) == 257
    areas = Counter(living_area_of(line.commune) for line in FACILITIES)
    assert areas == {"jeune_loire": 10, "lafayette": 8, "velay": 12}


def test_official_codes_of_facilities_exist_and_are_in_use() -> None:
    categories, clienteles = live_codes("facility_category"), live_codes("clientele")
    disciplines, activities = live_codes("discipline"), live_codes("activity")
    for line in FACILITIES:
        assert line.category in categories, line.id
        assert set(line.clienteles) <= clienteles, line.id
        assert {pair.discipline for pair in line.equipment} <= disciplines, line.id
        assert {pair.activity for pair in line.equipment} <= activities, line.id


def test_facilities_say_what_they_host_and_provide_without_repeating() -> None:
    for line in FACILITIES:
        assert line.populations, line.id
        assert set(line.populations) <= HOSTED_PUBLICS, line.id
        assert len(set(line.provides)) == len(line.provides), line.id
        assert 0 <= line.ages[0] < line.ages[1], line.id


def test_nothing_can_be_taken_for_a_real_body() -> None:
    numbers = [line.finess_et for line in FACILITIES] + [line.finess_ej for line in OPERATORS]
    assert all(re.fullmatch(r"43999\d{4}", number) for number in numbers)
    assert len(set(numbers)) == 41
    phones = [line.night_phone for line in FACILITIES] + [line.on_call_phone for line in OPERATORS]
    assert all(FICTION_PHONE.fullmatch(phone) for phone in phones)
    assert len(set(phones)) == 41


def test_resource_sites_and_hidden_addresses_are_those_of_the_table() -> None:
    assert {line.id for line in FACILITIES if line.is_resource_site} == {"F03", "F15", "F20", "F24", "F28"}
    assert {line.id for line in FACILITIES if line.hides_address} == {"F08", "F17", "F18", "F24", "F25", "F26"}


def test_accounts_cover_each_operator_and_each_role_of_the_story() -> None:
    assert len({account.email for account in ACCOUNTS}) == len(ACCOUNTS)
    assert all(
        account.email == account.email.lower() and account.email.endswith("@demo.invalid") for account in ACCOUNTS
    )
    operators = {account.operator or FACILITY_BY_ID[account.facility].operator
                 for account in ACCOUNTS if account.operator or account.facility}  # fmt: skip
    assert operators == set(OPERATOR_BY_ID)
    assert {account.facility for account in ACCOUNTS if account.facility} == {"F03", "F05", "F11", "F17", "F20"}
    assert {account.role for account in ACCOUNTS} == set(Role) - {Role.LOAN_VOLUNTEER, Role.SYSTEM}
    community_wide = {Role.COORDINATOR, Role.PATHWAY_ADVISER, Role.OBSERVER}
    for account in ACCOUNTS:
        sides = (account.operator is not None) + (account.facility is not None)
        assert sides == (0 if account.role in community_wide else 1), account.email
        assert account.facility in (None, *FACILITY_BY_ID)


@pytest.mark.parametrize("day0", WEEK)
def test_weekday_names_follow_the_real_calendar(day0: date) -> None:
    saturday, monday = weekend_after(day0), monday_after(day0)
    assert saturday.weekday() == 5
    assert monday.weekday() == 0
    assert timedelta(0) < saturday - day0 <= timedelta(days=7)
    assert timedelta(0) < monday - day0 <= timedelta(days=7)
    assert weekend_after(day0, 2) - saturday == timedelta(days=7)
    assert monday_after(day0, 2) - monday == timedelta(days=7)
    assert [on.weekday() for on in dates_of(WorkWeekDays(1), day0)] == [0, 1, 2, 3, 4]
    assert [on.weekday() for on in dates_of(WeekendDays(2), day0)] == [5, 6]
    assert len(list(dates_of(Days(1, 7, Weekdays.WORKING), day0))) == 5
    assert len(list(dates_of(Days(0, 20, Weekdays.SUNDAY_TO_THURSDAY), day0))) == 15


def test_on_a_thursday_the_first_weekend_is_two_days_away() -> None:
    assert weekend_after(THURSDAY) == date(2026, 11, 28)
    found = segments_for(weekend(1), THURSDAY)
    assert [(date_of(segment).day, half_of(segment)) for segment in found] == [
        (28, Half.DAY),
        (28, Half.NIGHT),
        (29, Half.DAY),
    ]


@pytest.mark.parametrize(
    ("hour_utc", "expected"),
    [(6, date(2026, 11, 26)), (14, date(2026, 11, 26)), (15, date(2026, 11, 27)), (23, date(2026, 11, 27))],
)
def test_day_zero_is_today_until_its_first_shift_starts(hour_utc: int, expected: date) -> None:
    assert day_zero(datetime(2026, 11, 26, hour_utc, 30, tzinfo=UTC)) == expected


def test_after_midnight_day_zero_is_the_local_date() -> None:
    assert day_zero(datetime(2026, 11, 25, 23, 30, tzinfo=UTC)) == date(2026, 11, 26)


def test_fifteen_shortages_in_twenty_rows() -> None:
    assert sorted({need.shortage for need in SHORTAGES}) == [f"H{number:02}" for number in range(1, 16)]
    assert len({need.id for need in SHORTAGES}) == len(SHORTAGES) == 20
    assert all(need.id == need.shortage or need.id.startswith(f"{need.shortage}-") for need in SHORTAGES)
    assert all(need.facility in FACILITY_BY_ID for need in SHORTAGES)


def test_coupled_shortages_are_those_that_only_open_places() -> None:
    assert {need.shortage for need in SHORTAGES if need.is_coupled} == {"H02", "H03", "H14"}


def test_nobody_is_asked_for_without_a_title_that_may_hold_the_post() -> None:
    # A house keeper may be replaced by any volunteer, says the shortage itself.
    for need in SHORTAGES:
        assert need.qualifications_any[0] is need.requested
        assert len(set(need.qualifications_any)) == len(need.qualifications_any)
        never = {held for held in need.qualifications_any if standing(need.requested, held) is Standing.NEVER}
        assert not never or need.id == "H07", (need.id, never)


@pytest.mark.parametrize("day0", [*WEEK, MARCH_CLOCK_CHANGE])
@pytest.mark.parametrize("need", SHORTAGES, ids=lambda need: need.id)
def test_shifts_are_dated_in_order_and_last_some_hours(need: DemoShortage, day0: date) -> None:
    slots = shift_slots(need, day0)
    assert [slot.position for slot in slots] == list(range(len(slots)))
    assert len(slots) > 0
    for slot in slots:
        hours = (slot.ends_at - slot.starts_at) / timedelta(hours=1)
        assert 2 <= hours <= 12
        assert slot.starts_at.utcoffset() == timedelta(0)
        assert slot.headcount >= 1
    assert list(slots) == sorted(slots, key=lambda slot: slot.starts_at)


def test_twelve_hours_by_day_is_only_asked_by_the_shortage_that_must_be_refused() -> None:
    too_long = {
        need.id
        for need in SHORTAGES
        for slot in shift_slots(need, THURSDAY)
        if slot.ends_at - slot.starts_at > timedelta(minutes=600)
    }
    assert too_long == {"H04"}


def test_a_night_shift_ends_the_next_morning_local_time() -> None:
    first = shift_slots(next(need for need in SHORTAGES if need.id == "H01"), THURSDAY)[0]
    assert first.starts_at == datetime(2026, 11, 26, 20, 0, tzinfo=UTC)
    assert first.ends_at == datetime(2026, 11, 27, 6, 0, tzinfo=UTC)


def test_one_hundred_and_fifty_volunteers_none_from_the_public_body() -> None:
    people = volunteers(THURSDAY)
    assert len(people) == len({person.id for person in people}) == 150
    assert len({person.full_name for person in people}) == len({person.email for person in people}) == 150
    assert sum(VOLUNTEERS_BY_FACILITY.values()) == 150
    lenders = {FACILITY_BY_ID[person.facility].operator for person in people}
    assert lenders == set(OPERATOR_BY_ID) - {"P01"}


def test_volunteers_are_the_same_each_time_and_differ_with_the_seed() -> None:
    assert volunteers(THURSDAY) == volunteers(THURSDAY)
    assert volunteers(THURSDAY, seed=44) != volunteers(THURSDAY)


def test_volunteers_keep_who_they_are_from_one_day_to_the_next() -> None:
    for today, tomorrow in zip(volunteers(THURSDAY), volunteers(THURSDAY + timedelta(days=1)), strict=True):
        assert (today.full_name, today.commune, today.qualifications, today.living_areas) == (
            tomorrow.full_name, tomorrow.commune, tomorrow.qualifications, tomorrow.living_areas,
        )  # fmt: skip


def test_volunteers_hold_titles_that_their_facility_employs_and_accept_their_own_area() -> None:
    for person in volunteers(THURSDAY):
        facility = FACILITY_BY_ID[person.facility]
        assert person.qualifications[0] in POSTS_BY_CATEGORY[facility.category]
        assert len(set(person.qualifications)) == len(person.qualifications)
        assert Qualification.PSYCHOLOGIST not in person.qualifications
        assert living_area_of(facility.commune) in person.living_areas
        assert living_area_of(person.commune) == living_area_of(facility.commune)
        assert person.max_travel_minutes > 0
        assert person.max_loan_minutes > 0


@pytest.mark.parametrize("day0", [*WEEK, MARCH_CLOCK_CHANGE])
def test_nobody_is_in_two_places_at_once(day0: date) -> None:
    for person in volunteers(day0):
        assert all(before.ends_at <= after.starts_at for before, after in pairwise(person.times))
        assert all(period.starts_at < period.ends_at for period in person.times)


@pytest.mark.parametrize("day0", WEEK)
def test_somebody_from_elsewhere_may_take_each_shift_that_the_story_needs(day0: date) -> None:
    """Title, employer, living area, time inside one window; the matcher judges the rest."""
    people = volunteers(day0)
    for need in SHORTAGES:
        if need.id not in RELEASED_FOR or need.shortage == "H15":
            continue
        host = FACILITY_BY_ID[need.facility]
        for slot in shift_slots(need, day0):
            ready = [
                person.id
                for person in people
                if not set(person.qualifications).isdisjoint(need.qualifications_any)
                and FACILITY_BY_ID[person.facility].operator != host.operator
                and living_area_of(host.commune) in person.living_areas
                and any(
                    period.kind is not TimeKind.OWN_SHIFT
                    and period.starts_at <= slot.starts_at
                    and slot.ends_at <= period.ends_at
                    for period in person.times
                )
            ]
            assert len(ready) >= need.headcount, (need.id, slot)


@pytest.mark.parametrize("weekday", range(7))
def test_a_colleague_of_another_site_can_move_before_anybody_is_lent(weekday: int) -> None:
    day0 = THURSDAY + timedelta(days=weekday)
    (need,) = (each for each in SHORTAGES if each.id == "H01")
    host = FACILITY_BY_ID[need.facility]
    for slot in shift_slots(need, day0):
        colleagues = [
            person.id
            for person in volunteers(day0)
            if person.facility != need.facility
            and FACILITY_BY_ID[person.facility].operator == host.operator
            and not set(person.qualifications).isdisjoint(need.qualifications_any)
            and any(
                period.kind is TimeKind.RELEASED
                and period.starts_at <= slot.starts_at
                and slot.ends_at <= period.ends_at
                for period in person.times
            )
        ]
        assert colleagues, slot


def test_a_released_shift_leaves_eleven_hours_from_own_shifts() -> None:
    rest = timedelta(minutes=660) - AROUND_A_SHIFT
    released = 0
    for person in volunteers(THURSDAY):
        own = [period for period in person.times if period.kind is TimeKind.OWN_SHIFT]
        for need_id in RELEASED_FOR:
            need = next(row for row in SHORTAGES if row.id == need_id)
            for slot in shift_slots(need, THURSDAY):
                exact = (slot.starts_at - AROUND_A_SHIFT, slot.ends_at + AROUND_A_SHIFT)
                if any((p.starts_at, p.ends_at) == exact and p.kind is TimeKind.RELEASED for p in person.times):
                    released += 1
                    assert all(p.ends_at + rest <= exact[0] or exact[1] + rest <= p.starts_at for p in own)
    assert released > 40


def test_the_closed_institute_releases_its_staff() -> None:
    closed = set(dates_of(Days(1, 7, Weekdays.WORKING), THURSDAY))
    for person in volunteers(THURSDAY):
        if person.facility == "F01":
            worked = {period.starts_at.date() for period in person.times if period.kind is TimeKind.OWN_SHIFT}
            assert not worked & closed


def test_urgent_shortages_start_today() -> None:
    for need in SHORTAGES:
        if need.urgency is Urgency.TONIGHT:
            assert shift_slots(need, THURSDAY)[0].starts_at.date() <= THURSDAY + timedelta(days=1)


def test_facilities_at_home_open_no_bed() -> None:
    assert set(AT_HOME) == {line.id for line in FACILITIES if {pair.activity for pair in line.equipment} == {"16"}}


@pytest.mark.parametrize(
    ("local", "earlier"),
    [
        (datetime(2026, 11, 26, 9, tzinfo=TIME_ZONE), []),
        (datetime(2026, 11, 26, 22, tzinfo=TIME_ZONE), [date(2026, 11, 26)]),
        (datetime(2026, 11, 27, 1, 30, tzinfo=TIME_ZONE), [date(2026, 11, 26)]),
    ],
)
def test_places_are_open_on_tonight_s_date_where_day_zero_is_later(local: datetime, earlier: list[date]) -> None:
    now = local.astimezone(UTC)
    day0_night = segment_of(day_zero(now), Half.NIGHT)
    stay, conditional = OFFER_BY_ID["F03 accueil temporaire"], OFFER_BY_ID["F17 urgence, nuits couvertes"]
    both = frozenset({day0_night, Segment(day0_night - 1)})
    opened = opened_before(stay, both, day0_night, tonight_at(now, TIME_ZONE))
    assert sorted({date_of(segment) for segment in opened}) == earlier
    assert len(opened) == 2 * len(earlier)
    assert opened_before(conditional, both, day0_night, tonight_at(now, TIME_ZONE)) == []


def test_some_houses_have_not_answered_once_the_question_is_asked() -> None:
    for hour, asked in ((9, False), (16, False), (17, True), (23, True)):
        now = datetime(2026, 11, 26, hour, tzinfo=TIME_ZONE).astimezone(UTC)
        late = {operator.id for operator in OPERATORS if said_at(operator.id, now) < now}
        assert late == (set(SILENT_OPERATORS) if asked else set())
