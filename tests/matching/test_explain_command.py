"""`entraide explain` on real files: every candidate has its sentence, and what cannot be explained has one too."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from exchange.cli import main
from exchange.planning.replay import match_file
from tests.matching import hand_made
from tests.matching.tiny_problems import tiny_problem

Json = dict[str, Any]


def explain(*arguments: str | Path) -> tuple[int, str]:
    outcome = CliRunner().invoke(main, ["explain", *map(str, arguments)])
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.exception
    return outcome.exit_code, outcome.output


def files(directory: Path, problem: Json) -> tuple[Path, Path]:
    there = directory / "problem.json", directory / "plan.json"
    there[0].write_text(json.dumps(problem), encoding="utf-8")
    match_file(*there)
    return there


@pytest.mark.parametrize("seed", [3, 7, 14, 62])
def test_every_volunteer_of_the_file_is_named_for_each_need(seed: int, tmp_path: Path) -> None:
    problem = tiny_problem(seed, scale=2)
    there = files(tmp_path, problem)
    for need in problem["needs"]:
        status, told = explain(*there, "--need", need["id"])
        assert status == 0
        for person in problem["volunteers"]:
            names = f"(^| ){person['id']} \\({person['association']}[,)]"
            lines = [line for line in told.splitlines() if re.search(names, line)]
            for shift in need["shifts"]:
                of_shift = [line for line in lines if re.search(f"pour ([^:]*, )?{shift['id']}[ ,]", line)]
                assert len(of_shift) == 1, (person["id"], shift["id"], told)
            assert all(line.endswith(".") for line in lines)


@pytest.mark.parametrize("seed", [3, 7, 14, 62])
def test_every_establishment_and_offer_of_the_file_is_named_for_each_situation(seed: int, tmp_path: Path) -> None:
    problem = tiny_problem(seed, scale=2)
    there = files(tmp_path, problem)
    for person in problem["situations"]:
        status, told = explain(*there, "--situation", person["id"])
        assert status == 0
        assert told.index("Choisi :") < told.index("Non choisi :")
        rest = told.split("Non choisi :")[1]
        chosen = told.split("\n\n")[1]
        for offer in problem["offers"]:
            is_chosen = f"{offer['id']} ({offer['establishment']})" in chosen
            assert re.search(f"(  |– |, ){offer['id']}( \\(|, )", rest) or is_chosen
        for house in problem["establishments"]:
            assert house["id"] in told


def test_codes_and_parameters_are_written_on_request(tmp_path: Path) -> None:
    there = files(tmp_path, hand_made.problem())
    status, told = explain(*there, "--need", "reinforcement", "--json")
    assert status == 0
    document = json.loads(told)
    assert (document["format"], document["problem"], document["kind"]) == (
        "entraide-explanation/1",
        "hand-made",
        "need",
    )
    others = {(one["volunteer"], shift): one for one in document["explanation"]["others"] for shift in one["shifts"]}
    assert others["loan-travel", "day"]["verdict"] == {"reasons": [{"code": "travel", "found": 31, "limit": 30}]}
    status, told = explain(*there, "--situation", "bob", "--json")
    assert (status, json.loads(told)["kind"]) == (0, "situation")


def test_the_hand_made_sentences_read_as_french(tmp_path: Path) -> None:
    _, told = explain(*files(tmp_path, hand_made.problem()), "--need", "reinforcement")
    assert "  no-consent (lender), pour day, evening : ne souhaite pas être sollicité." in told
    assert "  loan-travel (lender), pour day, evening : 31 min de trajet, pour 30 acceptées." in told
    assert "Ce qui manque :\n  long (1) : pénurie : personne ni aucun lieu ne remplit toutes les conditions." in told


def test_the_price_of_another_choice_says_that_all_the_rest_stays(tmp_path: Path) -> None:
    problem = hand_made.problem()
    problem["offers"] = [hand_made.offer("fine", capacity=[1] * 14), hand_made.offer("excluded", ages=[90, 99])]
    problem["situations"] = [
        hand_made.situation(name, {"monday": [0]}, urgency=rank) for rank, name in ((4, "ana"), (1, "bob"))
    ]
    _, told = explain(*files(tmp_path, problem), "--situation", "bob")
    (row,) = re.findall("fine, pour monday : complet.*", told)
    assert " ; choisir malgré tout, les autres lignes restant en place : +" in row
    assert told.count(" ; choisir") == told.count("les autres lignes restant en place : ")


def test_a_longer_trip_says_to_which_place(tmp_path: Path) -> None:
    problem = hand_made.problem()
    problem["offers"] = [offer for offer in problem["offers"] if offer["id"] == "placement-travel"]
    _, told = explain(*files(tmp_path, problem), "--situation", "dan")
    assert "    Suffirait : accepter 60 min de trajet de plus (situation dan), pour placement-travel.\n" in told


def _alike() -> Json:
    problem = hand_made.problem()
    problem["needs"] = [{**problem["needs"][0], "shifts": [problem["needs"][0]["shifts"][0]]}]
    problem["communes"].append({"id": "further", "bassin": 0})
    problem["travel_min"] = [[2, 90, 95], [31, 0, 9], [40, 9, 0]]
    problem["volunteers"] = [
        hand_made.volunteer("further", commune="further"),
        hand_made.volunteer("far", commune="away"),
        hand_made.volunteer("busy", availability=[]),
        hand_made.volunteer("busy-too", availability=[]),
    ]
    problem["lend_caps"] = []
    nowhere = [0] * 14
    problem["offers"] = [hand_made.offer(name, capacity=nowhere) for name in ("full", "full-too")]
    problem["situations"] = [hand_made.situation("him", {"monday": [0], "friday": [8]})]
    return problem


def test_those_whom_the_same_rule_holds_back_share_one_line(tmp_path: Path) -> None:
    there = files(tmp_path, _alike())
    _, told = explain(*there, "--need", "reinforcement")
    assert "    Presque, seuls les horaires font obstacle : busy, busy-too.\n" in told
    assert "    Presque, seul le trajet fait obstacle : far (31 min pour 30), further (40 min pour 30).\n" in told
    assert "  busy (lender), busy-too (lender), pour day : non disponible sur ces horaires.\n" in told
    assert "  far (lender, 31 min pour 30)" in told.replace("further (lender, 40 min pour 30), ", "")
    _, told = explain(*there, "--situation", "him")
    assert "  friday, monday\n" in told
    assert "    Presque, seul le nombre de places fait obstacle : full, full-too.\n" in told
    one = "  host-house – full, full-too, pour friday, monday : pas de place sur toutes les dates demandées.\n"
    assert one in told


def test_what_would_suffice_comes_before_the_details(tmp_path: Path) -> None:
    _, told = explain(*files(tmp_path, _alike()), "--need", "reinforcement")
    order = ["Choisi :", "Ce qui manque :", "Suffirait :", "Le détail de ce qui manque :", "Presque,", "Non choisi :"]
    assert sorted(order, key=told.index) == order


def test_a_reinforcement_that_opens_nothing_needed_is_asked_of_nobody_and_says_so(tmp_path: Path) -> None:
    problem = hand_made.problem()
    problem["situations"], problem["volunteers"] = [], [hand_made.volunteer("free")]
    _, told = explain(*files(tmp_path, problem), "--need", "night-team")
    assert "  night (1) : ce renfort n'ouvrirait aucune place qui convienne à une situation encore" in told
    assert "Suffirait" not in told
    problem["situations"] = [hand_made.situation("bob", {"night": [hand_made.NIGHT_4]})]
    problem["offers"] = [offer for offer in problem["offers"] if offer["id"] == "conditional"]
    problem["volunteers"] = [hand_made.volunteer("busy", availability=[])]
    _, told = explain(*files(tmp_path, problem), "--need", "night-team")
    assert "ce renfort ouvrirait une place dont une situation sans réponse a besoin (bob/night → conditional)." in told
    assert "    Suffirait : être disponible du" in told


def test_a_plan_that_is_not_the_best_says_which_line_would_do(tmp_path: Path) -> None:
    problem = hand_made.problem()
    problem["volunteers"] = [hand_made.volunteer("good")]
    problem["needs"] = [{**problem["needs"][0], "shifts": [problem["needs"][0]["shifts"][0]]}]
    problem["offers"], problem["situations"], problem["lend_caps"] = [], [], []
    there = tmp_path / "problem.json", tmp_path / "plan.json"
    there[0].write_text(json.dumps(problem), encoding="utf-8")
    there[1].write_text(json.dumps(hand_made.plan(problem, [], [])), encoding="utf-8")
    _, told = explain(*there, "--need", "reinforcement")
    assert "    Suffirait : good → day, sans rien demander de plus : ce plan n'est pas le meilleur.\n" in told


def test_a_night_that_opens_a_place_says_so(tmp_path: Path) -> None:
    problem = hand_made.problem()
    problem["offers"] = [offer for offer in problem["offers"] if offer["id"] == "conditional"]
    there = files(tmp_path, problem)
    _, told = explain(*there, "--need", "night-team")
    assert "    Ouvre 1 place ; sans cette personne, fermées : conditional (bob)." in told
    _, told = explain(*there, "--situation", "bob")
    assert "place ouverte par night." in told


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--situation", "nobody"), "Aucune situation « nobody » dans ce problème."),
        (("--need", "nothing"), "Aucun besoin de renfort « nothing » dans ce problème."),
        ((), "Indiquez soit --situation, soit --need."),
        (("--situation", "ana", "--need", "night-team"), "Indiquez soit --situation, soit --need."),
    ],
)
def test_what_is_asked_of_nothing_known_is_told_in_one_sentence(
    options: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    assert explain(*files(tmp_path, hand_made.problem()), *options) == (1, f"Erreur : {sentence}\n")


def test_a_plan_of_another_problem_or_against_the_rules_is_not_explained(tmp_path: Path) -> None:
    problem, plan = files(tmp_path, hand_made.problem())
    document = json.loads(plan.read_text(encoding="utf-8"))
    plan.write_text(json.dumps({**document, "problem": "other"}), encoding="utf-8")
    told = "Erreur : Ce plan répond à « other », pas à « hand-made ».\n"
    assert explain(problem, plan, "--situation", "ana") == (1, told)
    plan.write_text(json.dumps({**document, "digest": "0"}), encoding="utf-8")
    told = "Erreur : Ce plan enfreint des règles (digest) : la commande check les détaille.\n"
    assert explain(problem, plan, "--situation", "ana") == (1, told)


@pytest.mark.parametrize("content", ["{", "[]", "{}", "null", '{"format": 1}'])
@pytest.mark.parametrize("damaged", ["problem.json", "plan.json"])
def test_an_unusable_file_is_told_in_one_sentence(content: str, damaged: str, tmp_path: Path) -> None:
    there = files(tmp_path, hand_made.problem())
    (tmp_path / damaged).write_text(content, encoding="utf-8")
    status, told = explain(*there, "--situation", "ana")
    assert (status, told.count("\n")) == (1, 1)
    assert told.startswith("Erreur : ")


def test_a_horizon_at_the_end_of_the_calendar_is_still_explained(tmp_path: Path) -> None:
    problem = hand_made.problem()
    problem["horizon_start"] = "9999-12-27"
    problem["volunteers"] = [person for person in problem["volunteers"] if person["id"] == "availability"]
    status, told = explain(*files(tmp_path, problem), "--need", "reinforcement")
    assert status == 0
    assert "être disponible du" in told
