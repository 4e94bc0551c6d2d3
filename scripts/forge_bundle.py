"""Forge a statement's bundle, to see that the check of it fails.

    python scripts/forge_bundle.py statement.json line --out forged.json

``line`` takes a line out, ``amount`` raises a line's amount by one minor unit, ``header`` swaps the
headers of two blocks. The forged file is in the form that bundles have, so that it is the forgery
which is found and not its form.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

FORGERIES = ("line", "amount", "header")


def forged(bundle: bytes, what: str) -> bytes:
    """The bundle with one thing changed. Raises ValueError when it has nothing of that kind."""
    value: dict[str, Any] = json.loads(bundle)
    lines, blocks = value["claim"].get("lines", []), value["blocks"]
    if what == "header":
        if len(blocks) < 2:
            raise ValueError("the bundle has one block only, so no headers can be swapped")
        one, two = blocks[0], blocks[-1]
        one["header"], two["header"] = two["header"], one["header"]
    elif not lines:
        raise ValueError("the bundle is no statement with lines")
    elif what == "line":
        del lines[len(lines) // 2]
    else:
        line = lines[len(lines) // 2]
        line["amount"] = str(int(line["amount"]) + 1)
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def main() -> None:
    """Forge one file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("bundle", type=Path, help="a statement's bundle")
    parser.add_argument("what", choices=FORGERIES, help="what to forge")
    parser.add_argument("--out", type=Path, default=Path("forged.json"), help="the file to write")
    told = parser.parse_args()
    try:
        told.out.write_bytes(forged(told.bundle.read_bytes(), told.what))
    except (OSError, ValueError, KeyError) as error:
        parser.exit(1, f"{error}\n")


if __name__ == "__main__":
    main()
