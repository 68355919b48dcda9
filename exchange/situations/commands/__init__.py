"""One write function per intention on situations."""

from exchange.situations.commands.add_block import add_block
from exchange.situations.commands.check import bring_checks_forward, check_situation
from exchange.situations.commands.close import close_situation, reopen_situation
from exchange.situations.commands.follow_placement import follow_placement
from exchange.situations.commands.receive import SituationReceived, receive_situation
from exchange.situations.inputs import CloseSituation, ReceiveSituation
from exchange.situations.locks import lock_situation, lock_situations

__all__ = [
    "CloseSituation",
    "ReceiveSituation",
    "SituationReceived",
    "add_block",
    "bring_checks_forward",
    "check_situation",
    "close_situation",
    "follow_placement",
    "lock_situation",
    "lock_situations",
    "receive_situation",
    "reopen_situation",
]
