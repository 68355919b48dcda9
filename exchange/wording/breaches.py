"""French sentences of broken working-time rules, keyed by the code of the breach."""

from typing import Final

DAY_MINUTES: Final = 1_440

BREACHES: Final[dict[str, str]] = {
    "shifts_overlap": "deux périodes de travail se chevauchent.",
    "shift_too_long": "une journée de {found}, pour {limit} au plus.",
    "night_too_long": "une nuit de {found}, pour {limit} au plus.",
    "rest_too_short": "{found} de repos entre deux périodes de travail, pour {limit} au moins.",
    "week_too_long": "une semaine de {found}, pour {limit} au plus.",
    "weekly_rest_too_short": "{found} de repos d'un seul tenant dans la semaine, pour {limit} au moins.",
    "too_many_days": "{found_days} jours de travail de suite, pour {limit_days} au plus.",
    "average_too_long": "des semaines de {found} en moyenne, pour {limit} au plus.",
}


def breach_sentence(code: str, limit_minutes: int, found_minutes: int) -> str:
    """Say a breach in French. Raises KeyError for a code without wording."""
    return BREACHES[code].format(
        limit=duration(limit_minutes),
        found=duration(found_minutes),
        limit_days=limit_minutes // DAY_MINUTES,
        found_days=found_minutes // DAY_MINUTES,
    )


def duration(minutes: int) -> str:
    """Say a duration: `11 h`, `10 h 30`, `45 min`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d}" if rest else f"{hours} h"
