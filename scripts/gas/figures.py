"""The figures that are written down, and those that are measured."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from scripts.gas import collecting, cross_border, loyalty, payments
from scripts.gas.ledger import Gas

FIGURES = Path(__file__).resolve().parents[2] / "tests" / "solidity" / "gas.json"

SECTIONS: Mapping[str, Callable[[], Gas]] = {
    "payments": payments.measured,
    "cross-border": cross_border.measured,
    "loyalty": loyalty.measured,
    "collecting": collecting.measured,
}
"""What measures each section of the file."""


def stored() -> dict[str, Gas]:
    """The figures that are written down, by section."""
    figures: dict[str, Gas] = json.loads(FIGURES.read_text("utf-8"))
    return figures


def write(figures: Mapping[str, Gas]) -> None:
    """Write all sections down."""
    FIGURES.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


def differences(section: str, figures: Gas) -> list[str]:
    """Say how the figures of a section differ from those that are written down."""
    written = stored().get(section, {})
    return [
        f"{name}: {written.get(name)} gas are written down, {figures.get(name)} measured"
        for name in sorted(written.keys() | figures.keys())
        if written.get(name) != figures.get(name)
    ]
