"""The size beyond which a problem is refused, told from counts alone, before anything is built of it."""

from exchange.matching.errors import refuse

# Pairs to examine (volunteers × shifts, blocks × offers). A department of five bassins is about 600,000 volunteer
# pairs; far above that the prefilter alone would exceed the second in which a bad file must be refused.
MOST_PAIRS = 4_000_000


def refuse_too_many_pairs(volunteers: int, shifts: int, offers: int, blocks: int) -> None:
    """Raise `ProblemInvalid` where there are too many pairs to examine."""
    if volunteers * shifts > MOST_PAIRS:
        refuse("volunteers", f"{volunteers} volontaires × {shifts} vacations dépassent {MOST_PAIRS} paires")
    if offers * blocks > MOST_PAIRS:
        refuse("offers", f"{offers} offres × {blocks} blocs dépassent {MOST_PAIRS} paires")
