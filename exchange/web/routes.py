"""The one list of what the web door opens, with what every page shares."""

from __future__ import annotations

from litestar import Router
from litestar.types import ControllerRouterHandler

from exchange.web.assets import serve_asset
from exchange.web.authentication import SessionAuthentication, check_form_token, require_login
from exchange.web.pages import (
    availability,
    board,
    crisis,
    drills,
    identity,
    links,
    loans,
    past_board,
    place_weeks,
    placements,
    repetition,
    search,
    situations,
    staffing,
    told,
    tonight,
    volunteer_weeks,
)
from exchange.web.refusals import EXCEPTION_HANDLERS
from exchange.web.stream import follow_board

HANDLERS: list[ControllerRouterHandler] = [
    identity.show_sign_in,
    identity.sign_in,
    identity.sign_out,
    tonight.show_tonight,
    board.show_board,
    past_board.show_past_board,
    follow_board,
    availability.show_new_offer,
    availability.publish_offer,
    availability.show_offer,
    availability.reconfirm_offer,
    availability.change_capacity,
    availability.withdraw_offer,
    told.say_status,
    told.answer_evening,
    told.close_offer,
    told.reopen_offer,
    told.decide_over_capacity,
    told.await_departure,
    *place_weeks.HANDLERS,
    staffing.show_new_need,
    staffing.declare_need,
    staffing.show_need,
    staffing.cancel_need,
    staffing.show_volunteers,
    staffing.show_new_volunteer,
    staffing.register_volunteer,
    staffing.show_times,
    staffing.state_times,
    staffing.withdraw_times,
    *volunteer_weeks.HANDLERS,
    *repetition.HANDLERS,
    situations.show_intake,
    situations.receive_situation,
    situations.show_situation,
    situations.hold_answer,
    situations.propose_by_hand,
    situations.record_phone_deal,
    situations.close_situation,
    placements.show_placement,
    placements.say_yes,
    placements.say_no,
    placements.record_phone_yes,
    placements.record_person_yes,
    placements.record_legal_basis,
    placements.change_light,
    placements.plan_exit,
    placements.prolong_stay,
    placements.confirm_arrival,
    placements.contest_phone_yes,
    placements.cancel_placement,
    placements.end_stay,
    loans.show_loan,
    loans.ask,
    loans.agree,
    loans.decline,
    loans.cancel,
    crisis.show_crisis,
    crisis.order_crisis,
    crisis.prolong,
    crisis.close,
    crisis.derogate,
    drills.list_drills,
    drills.show_new_drill,
    drills.ask_drill,
    drills.show_drill,
    drills.apply_drill,
    search.search_again,
    search.stop_search,
    links.show_link,
    links.act_on_link,
]


def route_handlers() -> list[ControllerRouterHandler]:
    """Return what the application mounts: the pages, behind one login and one form check; the assets, open."""
    pages = Router(
        path="/",
        route_handlers=HANDLERS,
        middleware=[SessionAuthentication()],
        guards=[require_login],
        before_request=check_form_token,
        exception_handlers=EXCEPTION_HANDLERS,
        include_in_schema=False,
    )
    return [pages, serve_asset]
