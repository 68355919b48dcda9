"""Templates in, pages out. One environment, strict about what a template names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import Response

from exchange.board.rules import order_of
from exchange.kernel.periods import current_segment, date_of
from exchange.organisations.crisis_views import CrisisView
from exchange.placements.stay_limits import Counter
from exchange.reference.answers import StatusReason
from exchange.web import words
from exchange.web.assets import asset_path
from exchange.web.choices import listed
from exchange.web.flags import flags_of
from exchange.web.forms.names import field_name
from exchange.web.notices import notice
from exchange.web.opening import SECURITY_HEADERS
from exchange.web.visitor import Visitor, WebRequest
from exchange.wording.crisis import AT_REQUEST_OF, Ordered, amount_told, crisis_sentence
from exchange.wording.labels import label_of, posts
from exchange.wording.reasons import reason_sentences, telling_sentence

PAGE_HEADERS: Final = {**SECURITY_HEADERS, "Cache-Control": "no-store"}


@cache
def environment() -> Environment:
    """The templates of the pages; an undefined name is a failure, never an empty string."""
    made = Environment(
        loader=FileSystemLoader(Path(str(files("exchange.web"))) / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(
        label=_label,
        state=lambda code, kind: words.state_label(kind, code),
        clock=_clock,
        moment=_moment,
        stamp=_stamp,
        age=_age,
        day=_day,
        dated=words.dated,
        dated_stays=_dated_stays,
        period=_period,
        hours=_hours,
        stays=_stays,
        minutes=words.minutes,
        sentences=reason_sentences,
        why=telling_sentence,
        happened=words.happened,
        progress=words.progress,
        own_team=_own_team,
        posts=posts,
        families=words.kept_families,
        urgent=_urgent,
        urgent_shift=_urgent_shift,
        order=order_of,
        flags=flags_of,
        upcoming=_upcoming,
        left=_left,
        counted=_counted,
        is_reached=_is_reached,
        isoday=_isoday,
        isohour=_isohour,
        crisis=_crisis,
        amount=lambda number, unit: amount_told(unit, number),
        at_request_of=AT_REQUEST_OF.__getitem__,
    )
    made.globals.update(
        asset=asset_path, named=_named, field_name=field_name, status_reasons=_status_reasons, soon=timedelta(days=14)
    )
    made.globals.update(asset=asset_path, named=_named, field_name=field_name, soon=timedelta(days=14))
    made.globals.update(status_reasons=_status_reasons)
    return made


def page(
    request: WebRequest, template: str, now: datetime | None, context: Mapping[str, object], status: int = 200
) -> Response[str]:
    """Render a whole page for whoever is looking; `now` may be absent where the page tells no time."""
    visitor = request.scope.get("auth")
    shared = {
        "visitor": visitor,
        "now": now,
        "zone": visitor.zone if isinstance(visitor, Visitor) else None,
        "crisis": visitor.crisis if isinstance(visitor, Visitor) else None,
        "path": request.url.path,
        "notice": notice(request.query_params.get("fait")),
    }
    html = environment().get_template(template).render({**shared, **context})
    return Response(html, media_type="text/html", status_code=status, headers=PAGE_HEADERS)


def fragment(template: str, now: datetime, zone: ZoneInfo, **context: object) -> str:
    """Render a part of a page, exactly as the page itself includes it."""
    return environment().get_template(template).render(now=now, zone=zone, **context)


def _label(code: object, code_list: str) -> str:
    return label_of(code_list, str(code))


def _named(codes: Iterable[str], kind: str) -> list[tuple[str, str]]:
    return [(code, words.state_label(kind, code)) for code in codes]


def _zone(context: Context) -> ZoneInfo:
    zone: ZoneInfo = context["zone"]
    return zone


@pass_context
def _clock(context: Context, instant: datetime) -> str:
    return words.clock(instant, _zone(context))


@pass_context
def _moment(context: Context, instant: datetime) -> str:
    return words.moment(instant, _zone(context), context["now"])


@pass_context
def _stamp(context: Context, instant: datetime) -> str:
    return words.stamp(instant, _zone(context))


@pass_context
def _age(context: Context, instant: datetime) -> str:
    return words.age(instant, context["now"])


def _status_reasons() -> list[tuple[str, str]]:
    return listed(StatusReason)


def _dated_stays(segments: Iterable[int]) -> str:
    """Segments as they read on any day: none of them is « demain »."""
    return words.stays(segments, date.min)


@pass_context
def _day(context: Context, on: date) -> str:
    return words.day(on, _today(context))


def _own_team(shift: Any) -> str:
    return words.own_team(shift.permanent_staff, shift.min_permanent_staff)


@pass_context
def _period(context: Context, slot: Any) -> str:
    return words.period(slot.starts_at, slot.ends_at, _zone(context), context["now"])


@pass_context
def _hours(context: Context, starts_at: datetime, ends_at: datetime) -> str:
    return words.period(starts_at, ends_at, _zone(context), context["now"])


@pass_context
def _stays(context: Context, segments: Iterable[int]) -> str:
    return words.stays(segments, _today(context))


@pass_context
def _urgent(context: Context, level: int, segments: Iterable[int]) -> str:
    first = min(segments, default=None)
    return words.urgency(level, None if first is None else date_of(first), _today(context))


@pass_context
def _urgent_shift(context: Context, level: int, shifts: Iterable[Any]) -> str:
    first = min((shift.starts_at for shift in shifts), default=None)
    on = None if first is None else first.astimezone(_zone(context)).date()
    return words.urgency(level, on, _today(context))


@pass_context
def _upcoming(context: Context, segments: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """The counters that are not over yet: a card written yesterday still holds yesterday's night."""
    first = current_segment(context["now"], _zone(context))
    return [counter for counter in segments if counter[0] >= first]


@pass_context
def _left(context: Context, until: datetime) -> str:
    return words.left(until - context["now"])


@pass_context
def _counted(context: Context, counter: Counter, exit_on: date | None) -> str:
    """Where a stay stands in a limit, and how far its exit leads: `jour 3 sur 15, sortie au jour 11`."""
    today = _today(context)
    shown = counter.day(today) if today >= counter.first_on else 0
    said = words.counted_days(counter.most, counter.before + 1, shown)
    return said if exit_on is None else f"{said}, sortie au jour {counter.day(exit_on)}"


@pass_context
def _is_reached(context: Context, counter: Counter, exit_on: date | None) -> bool:
    return counter.day(max(_today(context), exit_on or counter.first_on)) > counter.most


@pass_context
def _isoday(context: Context, instant: datetime) -> str:
    return instant.astimezone(_zone(context)).date().isoformat()


@pass_context
def _isohour(context: Context, instant: datetime) -> str:
    return instant.astimezone(_zone(context)).strftime("%H:%M")


@pass_context
def _crisis(context: Context, crisis: CrisisView) -> str:
    """The sentence of the banner; a page that tells no time names every day."""
    ordered = Ordered(crisis.requested_by, crisis.order_reference, crisis.opened_at, crisis.until)
    return crisis_sentence(ordered, _zone(context), None if context["now"] is None else _today(context))


def _today(context: Context) -> date:
    now: datetime = context["now"]
    return now.astimezone(_zone(context)).date()
