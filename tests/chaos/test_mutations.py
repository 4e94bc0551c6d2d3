"""The harness sees: some planted bugs, each found. `make chaos-mutations` plants all of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.long import find_mutation
from tests.chaos.mutations import MUTATIONS
from tests.chaos.scenarios import SCENARIOS
from tests.chaos.stage import Stage

pytestmark = [pytest.mark.slow, pytest.mark.anvil]

QUICK = {
    "unknown_is_failure": "executed",
    "final_overwritten": "terminal",
    "bound_again": "executed",
    "roots_unchecked": "verify",
    "key_not_compared": "key",
    "blocks_believed_blindly": "reorganised",
}
"""Bug -> which part of the oracle finds it."""


@pytest.mark.parametrize("name", QUICK)
def test_a_planted_bug_is_found(staged: Callable[[str], Stage], name: str) -> None:
    found = find_mutation(name, staged(MUTATIONS[name].database), QUICK[name])
    assert QUICK[name] in {one.split(":")[0] for one in found}


def test_each_planted_bug_and_each_scenario_is_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reliability.md").read_text("utf-8")
    for mutation in MUTATIONS.values():
        assert mutation.bug in page
    for name in SCENARIOS:
        assert f"`{name}`" in page
