"""The rows of one community as PostgreSQL writes them, read again after each step: only what changed travels."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg

from bench.storm.verdicts.tables import KEYS

Row = dict[str, Any]

NOT_TOLD: Final = frozenset(
    {
        *(
            "commune_code",
            "living_area_id",
            "age_band",
            "max_travel_minutes",
            "excluded_facility_ids",
            "origin",
            "level",
        ),
        *("care_mode", "populations", "provides", "ages_from", "ages_to", "max_stay_nights", "zone_communes", "run_id"),
        *("arrival_from", "arrival_until", "attested_by", "attested_at", "created_at", "blocks_key", "mission_key"),
        *("recorded_at", "actor_account_id", "actor_role", "via", "seal", "lease_until", "fence", "gather_key"),
        *("spoken_with", "spoken_function", "facility_id", "reference", "max_places", "referent_account_id"),
    }
)
"""Columns that no verdict reads: a history of thirty thousand steps does not carry them."""

_WITHOUT: Final = "'community_id', 'reasons', 'version'"


def _query() -> str:
    parts = [
        f"SELECT '{table}', concat_ws(' ', {', '.join(f't.{column}' for column in keys)}),"  # noqa: S608 : names of ours
        f" (to_jsonb(t) - ARRAY[{_WITHOUT}])::text FROM {table} t"
        " WHERE t.community_id = $1 AND t.xmin::text::bigint >= $2"
        for table, keys in KEYS.items()
    ]
    return " UNION ALL ".join(parts)


_CHANGED: Final = _query()


@dataclass(frozen=True, slots=True)
class Change:
    """One row that is new, or no longer what it was."""

    table: str
    key: str
    row: Row


def lean(table: str, row: Row) -> Row:
    """What of a row the verifier needs; of a card, only whether it says that a stay is at risk."""
    kept = {name: value for name, value in row.items() if name not in NOT_TOLD}
    if table == "cards":
        kept["card"] = {"at_risk": row["card"].get("at_risk", False)}
    return kept


@dataclass(slots=True)
class RawRows:
    """Tables by name, rows by key. `read_again` brings them up to date."""

    connection: asyncpg.Connection
    community_id: str
    tables: dict[str, dict[str, Row]] = field(default_factory=lambda: {table: {} for table in KEYS})
    _since: int = 0

    async def read_again(self) -> list[Change]:
        """Return the rows that changed since the last reading. Nobody else writes meanwhile."""
        since = self._since
        self._since = await self.connection.fetchval("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        found = []
        for table, key, text in await self.connection.fetch(_CHANGED, self.community_id, since):
            row: Row = json.loads(text)
            if self.tables[table].get(key) != row:
                self.tables[table][key] = row
                found.append(Change(table, key, row))
        return found
