"""What each line adds to the burden by itself, in minutes of travel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from exchange.matching import figures
from exchange.matching.arrays import BoolArray, IntArray, integers, same
from exchange.matching.problem import Establishment, Need, Offer, Problem, Situation, Volunteer


@dataclass(frozen=True, slots=True, eq=False)
class LinePrices:
    """`fairness` and `loan` volunteers × shifts, `person` volunteers × needs, `placement` blocks × offers.

    `loan` includes travel and fairness, `placement` travel; `person` is due once the person serves the need.
    """

    fairness: IntArray
    loan: IntArray
    person: IntArray
    placement: IntArray


def line_prices(
    problem: Problem,
    establishments: Mapping[str, Establishment],
    volunteers: Sequence[Volunteer],
    needs: Sequence[Need],
    offers: Sequence[Offer],
    situations: Sequence[Situation],
    *,
    between_associations: BoolArray,
    shift_need: IntArray,
    shift_minutes: IntArray,
    loan_travel: IntArray,
    block_situation: IntArray,
    block_travel: IntArray,
) -> LinePrices:
    """`between_associations`: volunteers × needs; inside one association there is no fairness nor paperwork to pay."""
    ledger = {association.id: association.ledger_hours for association in problem.associations}
    fairness = fairness_prices(ledger, volunteers, between_associations[:, shift_need], shift_minutes)
    loan = figures.TRAVEL_PRICE_PER_ONE_WAY_MINUTE * loan_travel + fairness
    placement = figures.TRAVEL_PRICE_PER_ONE_WAY_MINUTE * block_travel
    placement += integers(offer.scarcity_price for offer in offers)
    if problem.prices.cross_bassin:
        homes = [establishments[volunteer.establishment].bassin for volunteer in volunteers]
        near = same(homes, [establishments[need.establishment].bassin for need in needs])
        loan += problem.prices.cross_bassin * ~near[:, shift_need]
        bassin = {commune.id: commune.bassin for commune in problem.communes}
        origins = [bassin[situation.commune] for situation in situations]
        near = same(origins, [establishments[offer.establishment].bassin for offer in offers])
        placement += problem.prices.cross_bassin * ~near[block_situation]
    return LinePrices(
        fairness=fairness,
        loan=loan,
        person=figures.PERSON_PER_NEED_PRICE + problem.prices.paperwork * between_associations.astype(np.int64),
        placement=placement,
    )


def fairness_prices(
    balances_hours: Mapping[str, int], volunteers: Sequence[Volunteer], is_lent: BoolArray, shift_minutes: IntArray
) -> IntArray:
    """Volunteers × shifts: what a loan costs by the balance of who lends; nothing where the move is inside one."""
    balances = integers(balances_hours[volunteer.association] for volunteer in volunteers)
    points = np.clip(balances + figures.FAIRNESS_LEDGER_OFFSET_HOURS, 0, figures.FAIRNESS_MOST)
    priced: IntArray = points[:, None] * shift_minutes // figures.FAIRNESS_MINUTES_PER_POINT * is_lent
    return priced
