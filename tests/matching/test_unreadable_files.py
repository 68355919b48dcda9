"""A file that is no document at all is refused by its name, or by the key at fault."""

import json
from pathlib import Path

import pytest

from exchange.matching import FileRefused, ProblemInvalid
from exchange.matching.files import read_problem
from tests.matching import hand_made


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{", "JSON valide"),
        (b"\xff{}", "UTF-8"),
        (b"[" * 100_000, "imbrique trop"),
        (b'{"days": ' + b"9" * 5000 + b"}", "nombre d.mesur."),
    ],
)
def test_file_that_is_not_json_is_refused_by_name(tmp_path: Path, text: bytes, message: str) -> None:
    (tmp_path / "problem.json").write_bytes(text)
    with pytest.raises(FileRefused, match=message) as refusal:
        read_problem(tmp_path / "problem.json")
    assert refusal.value.name == "problem.json"


def test_absent_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=r"absent\.json"):
        read_problem(tmp_path / "absent.json")


def test_key_given_twice_in_one_object_is_refused(tmp_path: Path) -> None:
    text = json.dumps(hand_made.problem())
    (tmp_path / "problem.json").write_text(text.replace('"days": 7', '"days": 7, "days": 8'), encoding="utf-8")
    with pytest.raises(ProblemInvalid, match="deux fois"):
        read_problem(tmp_path / "problem.json")


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "1e999"])
@pytest.mark.parametrize(("key", "before"), [("days", '"days": 7'), ("offers[0].kind", '"kind": "internat"')])
def test_what_is_no_number_is_refused_with_its_key(tmp_path: Path, key: str, before: str, value: str) -> None:
    text = json.dumps(hand_made.problem())
    assert before in text
    spoilt = text.replace(before, f"{before.split(':')[0]}: {value}", 1)
    (tmp_path / "problem.json").write_text(spoilt, encoding="utf-8")
    with pytest.raises(ProblemInvalid) as refusal:
        read_problem(tmp_path / "problem.json")
    assert refusal.value.key == key


def test_a_file_without_measure_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    (tmp_path / "problem.json").write_bytes(b"[" + b"0," * 8_000_000 + b"0]")
    with pytest.raises(FileRefused, match="16 Mo"):
        read_problem(tmp_path / "problem.json")
