"""Fictional problem files, for whoever wants to try the matcher without anybody's data."""

from pathlib import Path

from exchange.matching.files import problem_to_json
from exchange.matching.generate import generate_named, with_accepted_lines
from exchange.matching.json_values import document_text, write_document


def generated_text(seed: int, shape: str, frozen_percent: int = 0) -> str:
    """The problem file of a seed and a shape, the same on every machine; raises `ShapeUnknown`."""
    return document_text(_document(seed, shape, frozen_percent))


def write_generated(path: Path, seed: int, shape: str, frozen_percent: int = 0) -> None:
    """Write the same file; raises `ShapeUnknown`, or `FileRefused` where it cannot be written."""
    write_document(path, _document(seed, shape, frozen_percent))


def _document(seed: int, shape: str, frozen_percent: int) -> dict[str, object]:
    problem = generate_named(seed, shape)
    if frozen_percent:
        problem = with_accepted_lines(problem, frozen_percent, seed)
    return problem_to_json(problem)
