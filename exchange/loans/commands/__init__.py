"""One write function per intention on loans."""

from exchange.loans.commands.ask import ask, expire_request
from exchange.loans.commands.give_agreement import give_agreement
from exchange.loans.commands.put_forward import put_forward
from exchange.loans.commands.say_no import cancel_loan, decline, drop_cancelled_need, withdraw_consent
from exchange.loans.inputs import DeclineLoan, GiveAgreement, ProposedLoan

__all__ = [
    "DeclineLoan",
    "GiveAgreement",
    "ProposedLoan",
    "ask",
    "cancel_loan",
    "decline",
    "drop_cancelled_need",
    "expire_request",
    "give_agreement",
    "put_forward",
    "withdraw_consent",
]
