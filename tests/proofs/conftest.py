"""Good bundles of a real bank, made once."""

import pytest

from tests.conftest import Finder
from tests.proofs.samples import Sample, few, many, under_all_rules


@pytest.fixture(scope="session")
def samples(found: Finder, tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    """A statement and a whole book, pinned, sealed by validators and signed by one."""
    with found("sqlite").visit(tmp_path_factory.mktemp("few")) as town:
        return list(under_all_rules(town, few(town)))


@pytest.fixture(scope="session")
def all_samples(found: Finder, tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    """Hundreds of bundles of every claim under the same three rules."""
    with found("sqlite").visit(tmp_path_factory.mktemp("many")) as town:
        return list(under_all_rules(town, many(town)))
