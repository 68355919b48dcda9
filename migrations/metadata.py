"""Every table of the house, for comparison with the migrated schema."""

from __future__ import annotations

import exchange.availability.models
import exchange.availability.weeks.models
import exchange.identity.models
import exchange.interop.models
import exchange.kernel.journals
import exchange.loans.models
import exchange.meetings.models
import exchange.notifications.models
import exchange.organisations.models
import exchange.placements.models
import exchange.planning.drills.models
import exchange.planning.models
import exchange.reference.models
import exchange.situations.models
import exchange.situations.models_alerts
import exchange.situations.models_following
import exchange.staffing.models
import exchange.staffing.weeks.models  # noqa: F401
from exchange.kernel.db import Base

METADATA = Base.metadata
