"""Write the figures, or with ``--check`` say which differ."""

import argparse
import sys

import scripts.gas
from scripts.gas import figures


def main() -> int:
    """Give 1 when a figure differs from what is written down."""
    parser = argparse.ArgumentParser(prog="python -m scripts.gas", description=scripts.gas.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    check: bool = parser.parse_args().check
    measured = {name: measure() for name, measure in figures.SECTIONS.items()}
    if not check:
        figures.write(measured)
        print(figures.FIGURES.read_text("utf-8"), end="")
        return 0
    different = [
        line
        for section in figures.SECTIONS
        for line in figures.differences(section, measured[section])
    ]
    for line in different:
        print(f"{line}; run `python -m scripts.gas`", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
