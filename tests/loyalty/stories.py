"""What tests of loyalty do often, all of it by the verbs that the API calls."""

from typing import Any

from sqlalchemy import select

from tests.town import ALL, Person, Town, ask, eur
from wallet_chain import loyalty
from wallet_chain.bank.accounts import holder_of
from wallet_chain.bank.payees import Payee
from wallet_chain.bank.views import OperationView
from wallet_chain.ledger.hashing import keccak256, to_hex
from wallet_chain.ledger.months import month_of, month_start
from wallet_chain.loyalty.drafts import (
    EarningDraft,
    LiabilityFilter,
    MemberDraft,
    PointsQuery,
    PointsTransferDraft,
    PoolDraft,
    ProgrammeDraft,
)
from wallet_chain.loyalty.views import (
    LiabilitiesView,
    PoolView,
    ProgrammeOrderView,
    ProgrammeView,
)
from wallet_chain.pipeline.verify import verify
from wallet_chain.purchases import PurchaseTerms, place_purchase, prepare_purchase
from wallet_chain.store.tables import Customer, Operation

COALITION = "1"


def prepare(town: Town) -> None:
    """Programme 1 of shop and cafe: a point a euro, worth a cent, good for three months."""
    town.fund(town.welcome("cafe", tier=4, kind="business", merchant=True), "200.00")
    created(town, name="Altstadt-Taler", kind="coalition", transferable=True)
    for merchant in (town.shop, town.cafe):
        joined(town, COALITION, merchant)
        earning(town, merchant, 1)
        deposited(town, merchant, "20.00")


def created(town: Town, **changes: Any) -> ProgrammeView:
    """A programme on chain."""
    terms: dict[str, Any] = {
        "name": "Taler",
        "kind": "merchant",
        "owner_customer_id": town.shop.id,
        "worth": eur("0.01"),
        "points": 1,
        "months": 3,
        "transferable": False,
    }
    draft = ProgrammeDraft(**(terms | changes))
    operator = town.staff("operator")
    made = loyalty.create_programme(town.bank, operator, ask(), draft).resource
    town.settle()
    assert made.id is not None
    return loyalty.get_programme(town.bank, operator, made.id)


def joined(town: Town, programme: str, merchant: Person, state: str = "active") -> None:
    """A merchant's membership, as it is to be."""
    draft = MemberDraft(programme, merchant.id, state)
    settled(town, loyalty.set_member(town.bank, town.staff("operator"), ask(), draft).resource)


def earning(
    town: Town, merchant: Person, points: int, per: str = "1.00", programme: str = COALITION
) -> ProgrammeOrderView:
    """How many points are earned at a merchant that pays for them."""
    draft = EarningDraft(programme, None, points, eur(per))
    made = loyalty.set_earning(town.bank, merchant.caller, ask(), draft).resource
    return finished(town, merchant, made)


def deposited(
    town: Town, merchant: Person, amount: str, programme: str = COALITION
) -> ProgrammeOrderView:
    """Money in a merchant's pool."""
    draft = PoolDraft(programme, eur(amount))
    made = loyalty.deposit(town.bank, merchant.caller, ask(), draft).resource
    return finished(town, merchant, made)


def withdrawn(
    town: Town, merchant: Person, amount: str, programme: str = COALITION
) -> ProgrammeOrderView:
    """Money out of a merchant's pool."""
    draft = PoolDraft(programme, eur(amount))
    made = loyalty.withdraw(town.bank, merchant.caller, ask(), draft).resource
    return finished(town, merchant, made)


def finished(town: Town, by: Person, made: ProgrammeOrderView) -> ProgrammeOrderView:
    """The order once it is final, which it must be well."""
    town.settle()
    done = loyalty.get_programme_order(town.bank, by.caller, made.id)
    assert done.state == "settled", done.operation
    return done


def settled(town: Town, operation: OperationView) -> None:
    """Let a call of staff's happen; it must."""
    town.settle()
    with town.bank.store.reading() as session:
        state = session.get_one(Operation, operation.id)
        assert state.state == "settled", state.refusal


def buy(town: Town, payer: Person, merchant: Person, amount: str, points: int = 0) -> None:
    """A purchase in the coalition, settled."""
    bank = town.bank
    terms = PurchaseTerms(
        payer=payer.account,
        merchant=merchant.account,
        gross=eur(amount),
        invoice=to_hex(keccak256(ask().idempotency_key.encode())),
        programme=int(COALITION),
        points=points,
    )
    with bank.store.reading() as session:
        holder = holder_of(session, session.get_one(Customer, payer.id), "payer")
        payee = Payee(merchant.account, session.get_one(Customer, merchant.id))
    made = prepare_purchase(bank, holder, payee, terms)
    with bank.store.transaction() as session:
        _, operation = place_purchase(bank, session, payer.caller, ask(), made)
        assert operation is not None
        operation_id = operation.id
    town.settle()
    with bank.store.reading() as session:
        assert session.get_one(Operation, operation_id).state == "settled"


def given(town: Town, giver: Person, to: Person, points: int, programme: str = COALITION) -> None:
    """Points from one customer to another, settled."""
    draft = PointsTransferDraft(programme, to.id, points)
    made = loyalty.create_transfer(town.bank, giver.caller, ask(), draft).resource
    town.settle()
    assert loyalty.get_transfer(town.bank, giver.caller, made.id).state == "settled"


def points_of(town: Town, person: Person, programme: str = COALITION) -> dict[str, int]:
    """What somebody can spend, by month."""
    query = PointsQuery(programme=programme)
    found = loyalty.get_points(town.bank, person.caller, query)
    return {lot.month: lot.points for one in found for lot in one.lots}


def pool_of(town: Town, merchant: Person, programme: str = COALITION) -> PoolView:
    """A merchant's pool, as it sees it."""
    return loyalty.list_pools(town.bank, merchant.caller, programme, ALL).items[0]


def liabilities(town: Town, **filters: Any) -> LiabilitiesView:
    """The auditor's report."""
    return loyalty.get_liabilities(town.bank, town.staff("auditor"), LiabilityFilter(**filters))


def wait_until_month(town: Town, ahead: int) -> None:
    """Let time pass to the first minute of a month, counted from now."""
    moment = month_start(month_of(town.clock()) + ahead) + 60
    town.wait(moment - town.clock())


def agrees(town: Town) -> None:
    """Nothing differs from the chain, in the report and in ``verify``."""
    report = liabilities(town)
    assert report.agrees, report.differences
    assert all(one.difference.amount_minor == 0 for one in report.held)
    assert verify(town.bank.store, town.bank.rpc, town.bank.contracts) == []


def operations(town: Town, kind: str) -> list[Operation]:
    """All operations of a kind."""
    with town.bank.store.reading() as session:
        return list(session.scalars(select(Operation).where(Operation.kind == kind)))
