"""A merchant that collects, and short words for what tests do often."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.town import DAY, Person, Town, ask, digest_of, eur
from wallet_chain import mandates
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.mandates.drafts import ChargeDraft, EndDraft, MandateDraft
from wallet_chain.mandates.views import ChargeView, MandateView


@dataclass
class Gym:
    """The town, and what is done with mandates in it."""

    town: Town

    def grant(self, payer: Person, ceiling: str = "30.00", **changes: Any) -> MandateView:
        """A mandate for the shop, for periods of a week unless told; on chain."""
        terms = {"period_days": 7, "ends_at": self.town.clock() + 365 * DAY} | changes
        draft = MandateDraft(self.town.shop.account, eur(ceiling), **terms)
        made = mandates.grant_mandate(self.town.bank, payer.caller, ask(), draft).resource
        self.town.settle()
        return self.look(payer, made.id)

    def look(self, who: Person, mandate_id: str) -> MandateView:
        """As one side sees it."""
        return mandates.get_mandate(self.town.bank, who.caller, mandate_id)

    def charge(self, mandate_id: str, amount: str, by: Person | None = None) -> ChargeView:
        """A charge by the shop, not on chain yet."""
        caller = (by or self.town.shop).caller
        draft = ChargeDraft(mandate_id, eur(amount))
        return mandates.create_charge(self.town.bank, caller, ask(), draft).resource

    def charged(self, mandate_id: str, amount: str) -> ChargeView:
        """A charge by the shop, final."""
        made = self.charge(mandate_id, amount)
        self.town.settle()
        return mandates.get_charge(self.town.bank, self.town.shop.caller, made.id)

    def end(self, who: Person, mandate_id: str) -> MandateView:
        """An end by one side, final where the bank keeps its key."""
        draft = EndDraft(mandate_id)
        mandates.end_mandate(self.town.bank, who.caller, ask(), draft)
        self.town.settle()
        return self.look(who, mandate_id)

    def signature(self, who: Person, typed_data: Any, resource_id: str) -> SignatureDraft:
        """What a customer with an own key hands in."""
        assert who.signer is not None
        return SignatureDraft(resource_id, who.signer.sign_digest(digest_of(typed_data)))


@pytest.fixture
def gym(town: Town) -> Gym:
    return Gym(town)
