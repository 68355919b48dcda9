"""What each plant changes in a running process: one function of the product replaced wherever it was imported."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

ROOMS: Final = ("exchange", "workers")


def replace(original: Callable[..., Any], planted: Callable[..., Any]) -> None:
    """Put `planted` in the place of `original` under every name of the product that means it."""
    found = 0
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in ROOMS:
            continue
        for attribute, value in list(vars(module).items()):
            if value is original:
                setattr(module, attribute, planted)
                found += 1
    if not found:
        raise LookupError(f"{original.__qualname__} is nowhere: the plant would change nothing")


PATCHES: Final[dict[str, Callable[[], None]]] = {}
