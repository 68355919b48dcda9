"""Pure: work periods and figures in, breaches out. Imports the standard library alone."""

from exchange.worktime.figures import Average, Figures, stricter
from exchange.worktime.judge import Breach, BreachCode, WorkPeriod, breaches

__all__ = ["Average", "Breach", "BreachCode", "Figures", "WorkPeriod", "breaches", "stricter"]
