"""`python -m bench.storm.planted NAME serve|worker`: the real entry point, with one fault planted in its process alone.

The product contains no plant: functions are replaced here, before the server starts.
"""

from __future__ import annotations

import sys

from bench.storm.faults import PATCHES


def main() -> None:
    name, *rest = sys.argv[1:]
    # Everything is imported before anything is replaced: names bound by `from … import …` are replaced one by one.
    import exchange.app  # noqa: F401
    import workers.settings  # noqa: F401
    from exchange.cli import main as entraide

    PATCHES[name]()
    sys.argv = ["entraide", *rest]
    entraide()


if __name__ == "__main__":
    main()
