"""`entraide explain` on real files: every candidate has its sentence, and what cannot be explained has one too."""

import json
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
            lines = [line for line in told.splitlines() if line.startswith(f"  {person['id']} (")]
            for shift in need["shifts"]:
                assert any(shift["id"] in line for line in lines), (person["id"], shift["id"], told)
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
            assert f"{offer['id']}, pour" in rest or f"{offer['id']} ({offer['establishment']})" in chosen
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
    status, told = explain(*files(tmp_path, problem), "--need", "night-team")
    assert status == 0
    assert "être disponible du" in told
