"""For whom one agreement counts: both sites of an internal move, and never the person."""

import pytest

from exchange.loans.rules import LoanKind, LoanParty, LoanSide, kind_between, words_given

LENDER, PERSON, HOST = LoanParty.LENDER, LoanParty.PERSON, LoanParty.HOST
BOTH = frozenset({LoanSide.LENDER, LoanSide.HOST})
MOVE, LOAN = LoanKind.INTERNAL_MOVE, LoanKind.LOAN


def test_a_line_inside_one_association_is_a_move() -> None:
    assert [kind_between("a", other) for other in ("a", "b")] == [MOVE, LOAN]


@pytest.mark.parametrize(
    ("party", "sides", "kind", "given"),
    [
        (LENDER, BOTH, MOVE, (LENDER, HOST)),
        (HOST, BOTH, MOVE, (HOST, LENDER)),
        (LENDER, BOTH, LOAN, (LENDER,)),
        (HOST, frozenset({LoanSide.HOST}), MOVE, (HOST,)),
        (HOST, frozenset({LoanSide.HOST, LoanSide.COORDINATION}), MOVE, (HOST,)),
        (PERSON, BOTH | {LoanSide.PERSON}, MOVE, (PERSON,)),
    ],
)
def test_one_agreement_counts_for_both_sites_of_a_move_alone(
    party: LoanParty, sides: frozenset[LoanSide], kind: LoanKind, given: tuple[LoanParty, ...]
) -> None:
    assert words_given(party, sides, kind) == given
