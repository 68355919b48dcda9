"""Tables of volunteers, their times, staff needs and shifts."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base, HasId, InCommunity
from exchange.kernel.versions import Versioned


class LoanVolunteer(InCommunity, Versioned, Base):
    """An employee who agrees to be solicited for loans. No name here: see `volunteer_identities`.

    `ready_until`: until when the file completed by the employer in daytime makes a loan tonight possible.
    """

    __tablename__ = "loan_volunteers"
    __table_args__ = (Index(None, "community_id", "facility_id"),)

    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"))
    commune_code: Mapped[str] = mapped_column(ForeignKey("communes.code"))
    qualifications: Mapped[list[str]] = mapped_column(ARRAY(Text))
    living_area_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    max_travel_minutes: Mapped[int]
    max_loan_minutes: Mapped[int]
    night12h_derogation: Mapped[bool] = mapped_column(server_default=text("false"))
    may_be_asked_at_night: Mapped[bool] = mapped_column(server_default=text("false"))
    agrees_to_be_asked: Mapped[bool] = mapped_column(server_default=text("true"))
    ready_until: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    terms_version: Mapped[int] = mapped_column(server_default=text("1"))


class VolunteerIdentity(InCommunity, Base):
    """Who the volunteer is and how to reach them: for the employer, and for the host once the person consented."""

    __tablename__ = "volunteer_identities"

    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("loan_volunteers.id"), primary_key=True)
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("operators.id"))
    full_name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)


class VolunteerTime(InCommunity, HasId, Base):
    """A period of a volunteer: `available` (own offer), `released` (working time lent by the employer), `own_shift`.

    `is_weekly`: written by the volunteer's week, which alone changes it until it begins.
    """

    __tablename__ = "volunteer_times"
    __table_args__ = (
        ExcludeConstraint(
            ("volunteer_id", "="), ("kind", "="), ("slot", "&&"), using="gist", name="ex_volunteer_times_slot"
        ),
        CheckConstraint("kind IN ('available', 'released', 'own_shift')", name="kind"),
        CheckConstraint("NOT isempty(slot) AND NOT lower_inf(slot) AND NOT upper_inf(slot)", name="slot_bounded"),
    )

    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("loan_volunteers.id"))
    kind: Mapped[str] = mapped_column(Text)
    slot: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    stated_at: Mapped[datetime]
    is_weekly: Mapped[bool] = mapped_column(server_default=text("false"))


class StaffNeed(InCommunity, Versioned, Base):
    """Shifts asked for by a facility. `is_coupled`: exists only to open places, and has no weight of its own."""

    __tablename__ = "staff_needs"
    __table_args__ = (
        Index(None, "community_id", "state"),
        CheckConstraint("urgency BETWEEN 1 AND 4", name="urgency"),
        CheckConstraint("state IN ('open', 'covered', 'closed', 'cancelled')", name="state"),
        CheckConstraint("cardinality(qualifications_any) > 0", name="some_qualification"),
    )

    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"))
    qualifications_any: Mapped[list[str]] = mapped_column(ARRAY(Text))
    urgency: Mapped[int]
    is_coupled: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    impact: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    terms_version: Mapped[int] = mapped_column(server_default=text("1"))


class Shift(InCommunity, HasId, Base):
    """One work period to cover by `headcount` persons; immutable but for its seats.

    `permanent_staff`: members of the host's own team on it; below `min_permanent_staff` nobody is lent to it.

    `is_covered` is carried by cascading foreign keys to the placements that rest on it.
    """

    __tablename__ = "shifts"
    __table_args__ = (
        UniqueConstraint("id", "is_covered"),
        Index(None, "need_id"),
        CheckConstraint("headcount > 0", name="headcount"),
        CheckConstraint("permanent_staff >= 0 AND min_permanent_staff >= 0", name="permanent_staff"),
        CheckConstraint("min_permanent_staff IS NULL OR permanent_staff IS NOT NULL", name="floor_told"),
        CheckConstraint("seats_agreed BETWEEN 0 AND headcount", name="seats"),
        CheckConstraint("NOT isempty(slot) AND NOT lower_inf(slot) AND NOT upper_inf(slot)", name="slot_bounded"),
    )

    need_id: Mapped[UUID] = mapped_column(ForeignKey("staff_needs.id"))
    slot: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    headcount: Mapped[int]
    permanent_staff: Mapped[int | None]
    min_permanent_staff: Mapped[int | None]
    seats_agreed: Mapped[int] = mapped_column(server_default=text("0"))
    is_covered: Mapped[bool] = mapped_column(Computed("seats_agreed >= headcount", persisted=True))


class RuleFigure(HasId, Base):
    """One figure of working time of a rule set (`law`, or a collective agreement by its code), over a validity.

    Minutes, days, weeks or a minute of the day, as the figure says. A national fact: of no community.
    """

    __tablename__ = "rule_figures"
    __table_args__ = (
        ExcludeConstraint(
            ("rule_set", "="), ("figure", "="), ("validity", "&&"), using="gist", name="ex_rule_figures_validity"
        ),
        CheckConstraint("amount BETWEEN 0 AND 10080", name="amount"),
        CheckConstraint(
            "figure IN ('shift_minutes', 'night_shift_minutes', 'night_starts_at', 'rest_minutes', 'week_minutes',"
            " 'weekly_rest_minutes', 'days_in_row', 'average_week_minutes', 'average_weeks')",
            name="figure",
        ),
    )

    rule_set: Mapped[str] = mapped_column(Text)
    figure: Mapped[str] = mapped_column(Text)
    amount: Mapped[int]
    article: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    validity: Mapped[Range[date]] = mapped_column(DATERANGE)


class RuleDerogation(InCommunity, HasId, Base):
    """What a dated text allows a community over a figure of a rule set, between two dates; never without an end."""

    __tablename__ = "rule_derogations"
    __table_args__ = (
        ExcludeConstraint(
            ("community_id", "="),
            ("rule_set", "="),
            ("figure", "="),
            ("validity", "&&"),
            using="gist",
            name="ex_rule_derogations_validity",
        ),
        CheckConstraint(
            "figure IN ('shift_minutes', 'night_shift_minutes', 'rest_minutes', 'week_minutes',"
            " 'average_week_minutes')",
            name="figure",
        ),
        CheckConstraint(
            "NOT isempty(validity) AND NOT lower_inf(validity) AND NOT upper_inf(validity)"
            " AND upper(validity) - lower(validity) <= 92",
            name="ends",
        ),
    )

    rule_set: Mapped[str] = mapped_column(Text)
    figure: Mapped[str] = mapped_column(Text)
    amount: Mapped[int]
    text_reference: Mapped[str] = mapped_column(Text)
    issued_by: Mapped[str] = mapped_column(Text)
    validity: Mapped[Range[date]] = mapped_column(DATERANGE)
    author_account_id: Mapped[UUID | None]
    recorded_at: Mapped[datetime]
