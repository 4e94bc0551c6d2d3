"""A town whose webhooks may go to this machine, and a receiver on it."""

from collections.abc import Iterator

import pytest

from tests.notify.receiver import Receiver, receiving
from tests.town import Town

HERE = frozenset({"127.0.0.0/8"})


@pytest.fixture
def town(town: Town) -> Town:
    """The usual town, whose webhooks may go to the loopback interface."""
    town.bank.settings.webhook_networks = HERE
    return town


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that works."""
    with receiving() as made:
        yield made
