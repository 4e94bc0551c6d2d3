"""Say in one closing line what the tests of both languages came to, and name what was skipped.

Reads only what the runners wrote themselves, with the standard library of any Python 3, so that it
can speak even when installing failed.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

BUILD = Path(__file__).resolve().parent.parent / "build"


def python_counts() -> tuple[int, int, Counter[str]] | None:
    """Give passed, failed, and the reasons of what was skipped; None when the tests did not run."""
    report = BUILD / "pytest.xml"
    if not report.exists():
        return None
    passed = failed = 0
    skipped: Counter[str] = Counter()
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest has just written it
        reason = case.find("skipped")
        if reason is not None:
            skipped[reason.get("message", "no reason given")] += 1
        elif case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        else:
            passed += 1
    return passed, failed, skipped


def solidity_counts() -> tuple[int, int, int] | None:
    """Give passed, failed and skipped; None when the tests did not run."""
    report = BUILD / "solidity.txt"
    if not report.exists():
        return None
    text = report.read_text("utf-8")
    counts = []
    for word in ("passing", "failing", "skipped"):
        found = re.search(rf"^\s*(\d+) {word}", text, re.MULTILINE)
        counts.append(int(found[1]) if found else 0)
    return counts[0], counts[1], counts[2]


def main(status: int) -> int:
    """Print the summary; give 1 when anything failed or did not run although all else passed."""
    python, solidity = python_counts(), solidity_counts()
    if python is not None:
        for reason, count in sorted(python[2].items()):
            print(f"skipped {count}: {reason}")
    missing = [name for name, c in (("Python", python), ("Solidity", solidity)) if c is None]
    for name in missing:
        print(f"the {name} tests did not run")
    passed = (python[0] if python else 0) + (solidity[0] if solidity else 0)
    failed = (python[1] if python else 0) + (solidity[1] if solidity else 0)
    skipped = (sum(python[2].values()) if python else 0) + (solidity[2] if solidity else 0)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if status or failed or missing else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
