"""What each operation costs in gas is written down, and no change goes unnoticed."""

import json

import pytest

from scripts import gas

PAYMENT_IN_A_BATCH = "payment in a batch of 100, steady"


@pytest.mark.slow
def test_the_written_figures_are_those_measured() -> None:
    assert gas.differences(gas.measured()) == [], "run `python -m scripts.gas`"


def test_a_difference_of_one_is_named() -> None:
    figures: dict[str, int] = json.loads(gas.FIGURES.read_text("utf-8"))
    assert gas.differences(figures) == []
    figures[PAYMENT_IN_A_BATCH] += 1
    del figures["freeze"]
    assert [line.split(":")[0] for line in gas.differences(figures)] == [
        "freeze",
        PAYMENT_IN_A_BATCH,
    ]
