"""Every rule that refuses each pair, where `eligibility` has the first alone; worked out once, when first read."""

from dataclasses import dataclass
from functools import cached_property

from exchange.matching.eligibility import LOAN_RULES, PLACEMENT_RULES, BoolArray, LoanRefusal, PlacementRefusal
from exchange.matching.tables import Tables
from exchange.matching.together import bound_blocks, given_roofs


@dataclass(frozen=True, eq=False)
class PairRules:
    """Of one problem, whatever the plan. Without slots: what is derived is kept."""

    tables: Tables

    @cached_property
    def loans(self) -> dict[LoanRefusal, BoolArray]:
        """Volunteers × shifts, true where refused."""
        return {refusal: rule(self.tables) for refusal, rule in LOAN_RULES.items()}

    @cached_property
    def placements(self) -> dict[PlacementRefusal, BoolArray]:
        """Blocks × offers, true where refused."""
        return {refusal: rule(self.tables) for refusal, rule in PLACEMENT_RULES.items()}

    @cached_property
    def companions(self) -> dict[int, tuple[int, ...]]:
        """The blocks that stand or fall with each block bound to others, itself included."""
        return {block: bound for bound in bound_blocks(self.tables) for block in bound}

    @cached_property
    def roofs(self) -> dict[int, frozenset[str]]:
        """Block → establishments where accepted companions already are."""
        return given_roofs(self.tables)
