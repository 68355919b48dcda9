"""One write function per intention on situations."""

from exchange.situations.commands.add_block import add_block
from exchange.situations.commands.amend import amend_situation, blocks_to_retire
from exchange.situations.commands.calls import identify_caller, log_call, plan_call_back
from exchange.situations.commands.change_level import change_level, state_no_solution
from exchange.situations.commands.check import bring_checks_forward, check_situation
from exchange.situations.commands.close import close_situation, reopen_situation
from exchange.situations.commands.follow_placement import follow_placement
from exchange.situations.commands.hand_over import (
    accept_hand_over,
    decline_hand_over,
    impose_hand_over,
    offer_hand_over,
    replace_absent_referent,
)
from exchange.situations.commands.overflow import (
    climb_alert,
    set_escalation_plan,
    set_outside_services,
    start_alert,
    tell_outside,
)
from exchange.situations.commands.receive import SituationReceived, receive_situation, receive_unless_duplicate
from exchange.situations.commands.review_urgency import review_urgency
from exchange.situations.inputs import CloseSituation, ReceiveSituation
from exchange.situations.inputs_following import (
    AmendSituation,
    ChangeLevel,
    HandOver,
    LogCall,
    PlanCallBack,
    ReviewUrgency,
    StateNoSolution,
    TellOutside,
)
from exchange.situations.locks import lock_situation, lock_situations
from exchange.situations.moves import stop_alert

__all__ = [
    "AmendSituation",
    "ChangeLevel",
    "CloseSituation",
    "HandOver",
    "LogCall",
    "PlanCallBack",
    "ReceiveSituation",
    "ReviewUrgency",
    "SituationReceived",
    "StateNoSolution",
    "TellOutside",
    "accept_hand_over",
    "add_block",
    "amend_situation",
    "blocks_to_retire",
    "bring_checks_forward",
    "change_level",
    "check_situation",
    "climb_alert",
    "close_situation",
    "decline_hand_over",
    "follow_placement",
    "identify_caller",
    "impose_hand_over",
    "lock_situation",
    "lock_situations",
    "log_call",
    "offer_hand_over",
    "plan_call_back",
    "receive_situation",
    "receive_unless_duplicate",
    "reopen_situation",
    "replace_absent_referent",
    "review_urgency",
    "set_escalation_plan",
    "set_outside_services",
    "start_alert",
    "state_no_solution",
    "stop_alert",
    "tell_outside",
]
