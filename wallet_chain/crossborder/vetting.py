"""What a transfer has to pass beside the contract's rules: the travel rule and the screening lists."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.payees import Payee
from wallet_chain.compliance.screening import Party, Screened, screen
from wallet_chain.compliance.travel_rule import Prepared, prepare
from wallet_chain.crossborder.drafts import TransferDraft
from wallet_chain.crossborder.sides import Fate, Sides, ask_contract
from wallet_chain.errors import TravelRuleMissing
from wallet_chain.ledger.hashing import ZERO_HASH
from wallet_chain.store.tables import Customer


@dataclass(frozen=True, slots=True)
class Vetted:
    """A transfer that contract and policy would take now, with what was found out about it."""

    sides: Sides
    fate: Fate
    travel_rule: Prepared | None
    screened: tuple[Screened, ...]

    @property
    def hold(self) -> bool:
        """Whether a reviewer has to look at it whatever the corridor says."""
        return any(one.stops for one in self.screened)

    @property
    def travel_rule_hash(self) -> str:
        """What the order says of the record."""
        return ZERO_HASH if self.travel_rule is None else self.travel_rule.hash


def vet(bank: Bank, sides: Sides, draft: TransferDraft) -> Vetted:
    """Ask contract and policy, make the travel-rule record where one is asked for, and screen.

    Raises what the contract refuses, TravelRuleMissing with what is not known, InvalidRequest for
    what breaks IVMS 101, and ScreeningListMissing.
    """
    fate, record = satisfy(bank, sides, draft)
    return Vetted(sides, fate, record, screen_sides(bank, sides))


def satisfy(bank: Bank, sides: Sides, draft: TransferDraft) -> tuple[Fate, Prepared | None]:
    """What the contract would do, with a travel-rule record where it wants one.

    Less than the corridor asks about is not written down, unless the sender gave it.
    """
    if draft.travel_rule is None:
        try:
            return ask_contract(bank, sides, draft.purpose), None
        except TravelRuleMissing:
            # Only the contract knows what the amount is worth now, in the threshold's currency.
            pass
    with bank.store.reading() as session:
        record = prepare(bank, session, sides.sender, sides.recipient, draft.travel_rule)
    return ask_contract(bank, sides, draft.purpose, record.hash), record


def screen_sides(bank: Bank, sides: Sides) -> tuple[Screened, ...]:
    """Look both sides up in the lists in force."""
    with bank.store.reading() as session:
        return screen(bank, session, parties(sides.sender.customer, sides.recipient))


def screen_again(
    bank: Bank, session: Session, sender: Customer, recipient: Payee
) -> tuple[Screened, ...]:
    """The same for a transfer that was made before."""
    return screen(bank, session, parties(sender, recipient))


def parties(sender: Customer, recipient: Payee) -> tuple[Party, Party]:
    """Both sides, as screening takes them."""
    return Party("sender", sender), Party("recipient", recipient.customer)
