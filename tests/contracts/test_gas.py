"""What each operation costs in gas is written down, no change goes unnoticed, and there are ceilings."""

import pytest

from scripts.gas import figures

PERFORMANCE = figures.FIGURES.parents[2] / "docs" / "performance.md"

CEILINGS = {
    ("payments", "payment in a batch of 100, steady"): 55_000,
    ("payments", "payment alone, steady"): 110_000,
    ("cross-border", "in a batch of 100, steady"): 110_000,
    ("cross-border", "alone, steady"): 200_000,
    ("cross-border", "held and released"): 380_000,
    ("loyalty", "points of 35 lots spent"): 500_000,
    ("loyalty", "refund that puts 35 lots back"): 550_000,
    ("collecting", "8 receivers paid, everyone's first, balance limits, five currencies"): 640_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("section", figures.SECTIONS)
def test_the_written_figures_are_those_measured(section: str) -> None:
    measured = figures.SECTIONS[section]()
    assert figures.differences(section, measured) == [], "run `python -m scripts.gas`"


def test_every_section_is_written_down() -> None:
    assert figures.stored().keys() == figures.SECTIONS.keys()


@pytest.mark.parametrize(("section", "name"), CEILINGS)
def test_nothing_costs_more_than_its_ceiling(section: str, name: str) -> None:
    assert figures.stored()[section][name] <= CEILINGS[section, name]


@pytest.mark.parametrize(("section", "name"), CEILINGS)
def test_the_docs_name_the_figure_and_its_ceiling(section: str, name: str) -> None:
    figure, ceiling = figures.stored()[section][name], CEILINGS[section, name]
    assert f"| {figure:,} | {ceiling:,} |" in PERFORMANCE.read_text("utf-8")


def test_a_difference_of_one_is_named() -> None:
    written = figures.stored()["payments"]
    assert figures.differences("payments", written) == []
    written["freeze"] += 1
    del written["cancel"]
    named = [line.split(":")[0] for line in figures.differences("payments", written)]
    assert named == ["cancel", "freeze"]
