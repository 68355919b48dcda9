"""What the rows say of each thing, in the words of the plain model: the two are compared value by value.

Standard library alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]
Tables = Mapping[str, Mapping[str, Row]]
View = dict[str, list[object]]
"""By « kind id »: its values, in an order of their own."""


def view(tables: Tables) -> View:
    """Return every thing that the model knows too."""
    counters: defaultdict[str, list[list[int]]] = defaultdict(list)
    for row in tables["offer_segments"].values():
        counters[row["offer_id"]].append([row["segment"], row["capacity"], row["used"], row["over_capacity"]])
    found: View = {}
    for key, row in tables["place_offers"].items():
        found[f"offer {key}"] = [row["state"], row["fresh_until"], row["terms_version"], sorted(counters[key])]
    for key, row in tables["situations"].items():
        found[f"situation {key}"] = [
            row["state"],
            row["outcome"],
            row["terms_version"],
            row["effective_at"] is not None,
        ]
    for key, row in tables["placements"].items():
        found[f"placement {key}"] = [
            row["state"],
            row["rank"],
            row["held_until"],
            [row[name] is not None for name in ("receiver_yes_at", "person_yes_at", "legal_basis_at")],
            row["receiver_channel"] == "phone",
            row["refusal_reason"],
        ]
    for key, row in tables["staff_needs"].items():
        found[f"need {key}"] = [row["state"], row["terms_version"]]
    for key, row in tables["shifts"].items():
        found[f"shift {key}"] = [row["seats_agreed"]]
    for key, row in tables["staff_loans"].items():
        found[f"loan {key}"] = [
            row["state"],
            row["answer_by"],
            [row[name] is not None for name in ("released_at", "consented_at", "accepted_at")],
        ]
    return found


def differences(model: View, stored: View) -> list[str]:
    """Return each thing of which the model and the rows do not say the same."""
    return [
        f"{key} : le modèle dit {model.get(key)}, la base {stored.get(key)}."
        for key in sorted(model.keys() | stored.keys())
        if model.get(key) != stored.get(key)
    ]
