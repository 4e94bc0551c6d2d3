"""``python -m tests.chaos``: see ``long``; with ``outage`` first: see ``outage``."""

import sys

from tests.chaos import long, outage

if __name__ == "__main__":
    away = sys.argv[1:2] == ["outage"]
    sys.exit(min(outage.main(sys.argv[2:]) if away else long.main(), 1))
