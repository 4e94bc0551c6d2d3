"""Fail when the Solidity tests run too small a share of the lines of any of our contracts."""

import re
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_FUNCTION_WITH_A_BODY = re.compile(r"^ *(?:function \w+|constructor)\([^;{}]*\{", re.MULTILINE)


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


def left_out(sources: Iterable[Path], reported: Collection[str]) -> list[str]:
    """The sources that can run but that the report does not know, because no test reaches them."""
    return sorted(
        name
        for name in (source.relative_to(ROOT).as_posix() for source in sources)
        if name not in reported
        and _FUNCTION_WITH_A_BODY.search((ROOT / name).read_text("utf-8")) is not None
    )


def failures(files: dict[str, tuple[int, list[int]]], wanted_percent: int) -> list[str]:
    """A line for each file of which too little runs."""
    return [
        f"{name}: {count - len(lines)} of {count} lines, not run: {lines}"
        for name, (count, lines) in sorted(files.items())
        # Whole numbers: 89.99 per cent is below 90.
        if (count - len(lines)) * 100 < wanted_percent * count
    ]


def main(report: str, wanted_percent: int) -> int:
    """Print what each file lacks, and give 1 when one is below what is wanted."""
    files = lines_by_file(Path(report).read_text("utf-8"))
    total = sum(count for count, _ in files.values())
    missed = sum(len(lines) for _, lines in files.values())
    if total == 0:
        print(f"{report} counts no line: the measurement itself failed", file=sys.stderr)
        return 1
    lacking = failures(files, wanted_percent)
    lacking += [
        f"{name}: no test reaches it" for name in left_out(ROOT.glob("contracts/**/*.sol"), files)
    ]
    for line in lacking:
        print(line, file=sys.stderr)
    print(
        f"Solidity line coverage: {total - missed} of {total} lines "
        f"({(total - missed) * 100 // total} %), wanted {wanted_percent} % of each file"
    )
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
