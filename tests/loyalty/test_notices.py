"""Who listens is told how transfers of points and orders about pools ended."""

from tests.loyalty.stories import COALITION, buy, deposited, given
from tests.notify.telling import events, listen
from tests.town import Town, ask
from wallet_chain import loyalty
from wallet_chain.loyalty.drafts import PointsTransferDraft

HOOK = "https://example.com/hook"


def test_both_sides_are_told_of_points_that_were_given(town: Town) -> None:
    buy(town, town.anna, town.shop, "50.00")
    listen(town, town.ben.caller, HOOK)
    given(town, town.anna, town.ben, 5)
    deposited(town, town.shop, "1.00")
    (told,) = events(town)
    assert told.kind == "points_transfer.settled"
    listen(town, town.shop.caller, HOOK)
    deposited(town, town.shop, "1.00")
    assert [one.kind for one in events(town)] == [
        "points_transfer.settled",
        "programme_order.settled",
    ]


def test_a_transfer_that_the_chain_rejects_is_told_with_its_reason(town: Town) -> None:
    buy(town, town.anna, town.shop, "50.00")
    listen(town, town.anna.caller, HOOK)
    draft = PointsTransferDraft(COALITION, town.ben.id, 30)
    made = loyalty.create_transfer(town.bank, town.anna.caller, ask(), draft).resource
    town.wait(town.bank.settings.order_ttl_seconds + 60)
    (told,) = events(town)
    assert (told.resource_id, told.kind) == (made.id, "points_transfer.rejected")
    assert '"reason":"order_expired"' in told.body
