"""What persons need and what places provide, as a problem states both: by number, so that its file tells no need. Pure.

A file is kept, exported and joined to reports: beside a person's id it must not say "fed by tube". The matcher compares
codes as texts, so that a number does as well as a name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from exchange.matching import problem as matching
from exchange.planning.ground import SeenOffer, SeenSituation
from exchange.reference.code_lists import NeedCode, RequiredWhen, required_provisions


@dataclass(frozen=True, slots=True)
class Numbers:
    """Provision code → its text in one community's problems."""

    texts: Mapping[str, str]

    @classmethod
    def of(cls, community_id: UUID, codes: Iterable[str]) -> Numbers:
        """Number these codes in an order that the community's id alone explains, which no file holds."""
        ordered = sorted(set(codes), key=lambda code: hashlib.sha256(community_id.bytes + code.encode()).digest())
        return cls({code: f"p{rank}" for rank, code in enumerate(ordered, start=1)})

    def of_all(self, codes: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(self.texts[code] for code in codes))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person needs on every segment, and on nights or days alone."""

    always: tuple[str, ...]
    by_night: tuple[str, ...]
    by_day: tuple[str, ...]


def codes_in_play(situations: Iterable[SeenSituation], offers: Iterable[SeenOffer]) -> frozenset[str]:
    """Return every provision that somebody asks for or provides."""
    needs = {NeedCode(code) for one in situations for code in one.need_codes}
    asked = (provision.value for provision in required_provisions(needs))
    provided = (code for offer in offers for segment in offer.segments.values() for code in segment.provides)
    return frozenset((*asked, *provided))


def asked_by(situation: SeenSituation, numbers: Numbers) -> Asked:
    """Return what the needs of a person require of a place (domain lists, 4.6)."""
    required = required_provisions(NeedCode(need) for need in situation.need_codes)

    def when(half: RequiredWhen) -> tuple[str, ...]:
        return numbers.of_all(provision.value for provision, each in required.items() if each is half)

    return Asked(when(RequiredWhen.BOTH), when(RequiredWhen.NIGHT), when(RequiredWhen.DAY))


def provided_by(segments: Mapping[int, frozenset[str]], numbers: Numbers) -> tuple[matching.Provision, ...]:
    """Return what an offer provides on each of its segments, as the problem counts them."""
    return tuple(matching.Provision(at, numbers.of_all(codes)) for at, codes in sorted(segments.items()))
