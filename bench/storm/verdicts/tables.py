"""Rows of a history by table and key, as the invariants read them. Standard library alone."""

from __future__ import annotations

from typing import Any, Final

from bench.storm.verdicts.reading import History

KEYS: Final[dict[str, tuple[str, ...]]] = {
    "place_offers": ("id",),
    "offer_segments": ("offer_id", "segment"),
    "segment_requirements": ("offer_id", "segment", "shift_id"),
    "situations": ("id",),
    "situation_blocks": ("id",),
    "placements": ("id",),
    "placement_segments": ("placement_id", "segment"),
    "placement_covers": ("placement_id", "shift_id"),
    "staff_needs": ("id",),
    "shifts": ("id",),
    "loan_volunteers": ("id",),
    "staff_loans": ("id",),
    "loan_shifts": ("loan_id", "shift_id"),
    "loan_acts": ("id",),
    "events": ("id",),
    "outbox": ("id",),
    "messages": ("id",),
    "cards": ("subject_id", "shown_from"),
}
"""Tables that the invariants are about, each with what names a row for good."""


def tables_of(history: History) -> dict[str, dict[str, Any]]:
    """The tables as they stood when they were dumped, once."""
    return {
        table: {" ".join(str(row[column]) for column in keys): row for row in history.rows(table)}
        for table, keys in KEYS.items()
    }
