"""``python -m tests.chaos``: see ``long``."""

import sys

from tests.chaos.long import main

if __name__ == "__main__":
    sys.exit(min(main(), 1))
