"""Fail when the Solidity tests run too small a share of our contracts' lines."""

import sys
from pathlib import Path


def lines_by_file(report: str) -> dict[str, tuple[int, list[int]]]:
    """Read an LCOV report: for each file, how many lines count and which of them never ran."""
    found: dict[str, tuple[int, list[int]]] = {}
    for record in report.split("end_of_record"):
        name, hits = "", {}
        for line in record.splitlines():
            tag, _, value = line.partition(":")
            if tag == "SF":
                name = value
            elif tag == "DA":
                number, count = value.split(",")[:2]
                hits[int(number)] = int(count)
        if name:
            found[name] = (len(hits), sorted(number for number in hits if hits[number] == 0))
    return found


def main(report: str, wanted_percent: int) -> int:
    """Print what each file lacks, and give 1 when the total is below what is wanted."""
    files = lines_by_file(Path(report).read_text("utf-8"))
    total = sum(count for count, _ in files.values())
    missed = sum(len(lines) for _, lines in files.values())
    if total == 0:
        print(f"{report} counts no line: the measurement itself failed", file=sys.stderr)
        return 1
    for name, (count, lines) in sorted(files.items()):
        if lines:
            print(f"{name}: {count - len(lines)} of {count} lines, not run: {lines}")
    # Whole numbers: 89.99 per cent is below 90.
    enough = (total - missed) * 100 >= wanted_percent * total
    print(
        f"Solidity line coverage: {total - missed} of {total} lines "
        f"({(total - missed) * 100 // total} %), wanted {wanted_percent} %"
    )
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
