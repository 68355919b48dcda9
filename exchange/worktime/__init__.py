"""Pure: work periods and figures in, breaches out. Imports the standard library alone."""

from exchange.worktime.figures import Figures
from exchange.worktime.judge import Breach, BreachCode, WorkPeriod, breaches

__all__ = ["Breach", "BreachCode", "Figures", "WorkPeriod", "breaches"]
