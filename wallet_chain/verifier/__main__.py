"""``python -m wallet_chain.verifier FILE --trust trust.json``"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from wallet_chain.verifier.canonical import SIZE_MAX
from wallet_chain.verifier.check import Report, verify
from wallet_chain.verifier.finding import Invalid
from wallet_chain.verifier.trust import Trust, read_trust

EXIT_CODES = {"VALID": 0, "INVALID": 1, "UNPROVEN": 3}
"""2 is for a command or a trust file that can't be understood."""


def main(arguments: list[str] | None = None) -> int:
    """Verify a file; the exit code is that of the verdict."""
    parser = argparse.ArgumentParser(prog="wallet-chain-verify", description=__doc__)
    parser.add_argument("file", type=Path, help="the bundle")
    parser.add_argument("--trust", type=Path, required=True, help="what you trust: trust.json")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    given = parser.parse_args(arguments)
    try:
        report = verify_file(given.file, read_trust(json.loads(given.trust.read_bytes())))
    except (OSError, ValueError, Invalid) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(json.dumps(asdict(report), indent=2) + "\n" if given.json else told(report))
    return EXIT_CODES[report.verdict]


def verify_file(path: Path, trust: Trust) -> Report:
    """The verdict on a file, of which no more is read than a bundle may have. Raises OSError."""
    with path.open("rb") as file:
        return verify(file.read(SIZE_MAX + 1), trust)


def told(report: Report) -> str:
    """A report as a person reads it."""
    if report.verdict != "VALID":
        return f"{report.verdict} ({report.code}): {report.detail}\n"
    lines = ["VALID", "", "Proven:", *(f"  - {each}" for each in report.proven)]
    lines += ["", f"Final because {report.finality}.", "", "Not proven:"]
    lines += [f"  - {each}" for each in report.not_proven]
    lines += ["", "What the bundle says, in minor units and Unix seconds:"]
    return "\n".join([*lines, json.dumps(report.facts, indent=2), ""])


if __name__ == "__main__":
    sys.exit(main())
