"""The intake with a caller on the phone: four answers, a question where somebody told of the same person before."""

from __future__ import annotations

from html.parser import HTMLParser

from sqlalchemy import select

from exchange.kernel.actor import Role
from exchange.situations.models import Situation, SituationBlock
from exchange.situations.models_following import CallBack
from tests.factories.ground import LE_PUY
from tests.web.conftest import Town, words_of
from tests.web.rows import count

FOUR = {"urgency": "4", "age_band": "6-11", "commune_code": LE_PUY, "need_codes": ["autism"]}
DANGER = "Danger immédiat : 15, 17, 18, 112 ; enfant : 119 ; sans abri : 115 ; violences : 3919"


async def received(town: Town, fields: dict[str, str | list[str]], status: int = 303) -> str:
    """Send the intake; return the new reference, or the page that refuses."""
    reply = await town[Role.PATHWAY_ADVISER].send("/situations", fields, seen_on="/situations/nouvelle")
    assert reply.status_code == status, reply.text
    if status != 303:
        return reply.text
    return reply.headers["location"].split("/")[2].split("?")[0]


async def row_of(town: Town, reference: str) -> Situation:
    async with town.db.read(town.community_id) as reader:
        found = await reader.scalar(select(Situation).where(Situation.reference == reference))
    assert found is not None
    return found


async def test_four_answers_suffice_and_the_rest_has_its_usual_value(town: Town) -> None:
    reference = await received(town, FOUR)
    found = await row_of(town, reference)
    assert (found.care_mode, found.legal_status, found.origin) == ("immediate_stay", "unknown", "community_360")
    assert (found.max_travel_minutes, found.max_places, found.is_anonymous) == (60, 3, False)
    async with town.db.read(town.community_id) as reader:
        blocks = list(
            await reader.scalars(select(SituationBlock.segments).where(SituationBlock.situation_id == found.id))
        )
    assert [[segment % 2 for segment in block] for block in blocks] == [[1]]
    told = words_of(await town[Role.PATHWAY_ADVISER].see(f"/situations/{reference}"))
    assert "Cadre juridique inconnu à ce stade" in told


async def test_each_of_the_four_answers_is_asked_for_and_nothing_else_is(town: Town) -> None:
    told = await received(town, {"max_travel_minutes": "60"}, 422)
    for asked in ("Pour quand", "Âge", "Commune", "Besoins"):
        assert f">{asked}</a> :" in told
    assert told.count('<li><a href="#') == 4


class Keys(HTMLParser):
    """What the Tab key meets on the way to the first button: a group of radio buttons is one stop."""

    def __init__(self) -> None:
        super().__init__()
        self.stops: list[str] = []
        self.folded = 0
        self.in_main = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.in_main |= tag == "main"
        self.folded += tag == "details" and "open" not in named
        if not self.in_main or self.folded or "hidden" in named or named.get("type") == "hidden":
            return
        name = str(named.get("name"))
        if tag == "summary" or (tag in ("input", "select", "textarea", "button") and name != "None"):
            is_known_radio = named.get("type") == "radio" and name in self.stops
            if not is_known_radio:
                self.stops.append(name if tag != "summary" else "summary")

    def handle_endtag(self, tag: str) -> None:
        self.folded -= tag == "details" and self.folded > 0


async def test_the_way_to_the_button_passes_four_fields_and_nothing_that_is_not_asked(town: Town) -> None:
    page = await town[Role.PATHWAY_ADVISER].see("/situations/nouvelle")
    assert words_of(page.split("<main", 1)[1]).find(DANGER) < words_of(page.split("<main", 1)[1]).find("Nouvelle")
    keys = Keys()
    keys.feed(page)
    before = keys.stops[: keys.stops.index("save")]
    assert set(before) - {"summary"} == {"urgency", "age_band", "commune_code", "need_codes"}
    # One stop for each radio group and for the commune, twelve tiles, and the folded others: 15 keys at most.
    assert len(before) <= 16


async def test_somebody_who_was_told_of_before_is_shown_before_anything_is_saved(town: Town) -> None:
    first = await received(town, FOUR)
    before = await count(town, Situation)
    told = await received(town, {**FOUR, "need_codes": ["autism", "runaway_risk"]}, 409)
    assert await count(town, Situation) == before
    words = words_of(told)
    for step in (
        "Est-ce la même personne ?",
        first,
        "C'est la même : ouvrir la fiche et noter l'appel",
        "À garder ensemble",
        "C'est une autre personne : enregistrer",
    ):
        assert step in words
    assert f'href="/situations/{first}#appels"' in told
    assert 'value="runaway_risk" checked' in told


async def test_another_person_is_saved_and_one_to_be_kept_together_is_linked(town: Town) -> None:
    first = await received(town, FOUR)
    other = await received(town, {**FOUR, "distinct": first})
    assert (await row_of(town, other)).together_id is None
    sibling = await received(town, {**FOUR, "keep_together": first, "distinct": other})
    assert (await row_of(town, sibling)).together_id == (await row_of(town, first)).together_id is not None


async def test_the_enter_key_never_answers_the_question_for_the_person(town: Town) -> None:
    await received(town, FOUR)
    told = await received(town, FOUR, 409)
    first_button = told[told.index('action="/situations"') :].split("<button", 1)[1].split(">", 1)[0]
    assert 'name="save"' in first_button


async def test_an_anonymous_caller_is_rung_at_an_hour_or_cannot_be_rung(town: Town) -> None:
    anonymous = {**FOUR, "is_anonymous": "yes"}
    for wrong in ({}, {"call_back_impossible": "yes", "call_back_day": "2099-01-01", "call_back_hour": "10:00"}):
        assert "Appel anonyme, rappel" in words_of(await received(town, {**anonymous, **wrong}, 422))
    reference = await received(town, {**anonymous, "call_back_impossible": "yes"})
    told = words_of(await town[Role.PATHWAY_ADVISER].see(f"/situations/{reference}"))
    assert "Rappel impossible : la personne rappellera avec sa référence." in told
    assert await count(town, CallBack) == 0
    sheet = f"/situations/{reference}"
    reply = await town[Role.PATHWAY_ADVISER].send(f"{sheet}/identification", {}, seen_on=sheet)
    assert reply.headers["location"] == f"{sheet}?fait=appel-identifie"
    assert not (await row_of(town, reference)).is_anonymous


async def test_a_facility_s_people_have_no_intake(town: Town) -> None:
    await town[Role.FACILITY_MANAGER].see("/situations/nouvelle", 403)
    reply = await town[Role.FACILITY_MANAGER].send("/situations", FOUR)
    assert reply.status_code == 403
