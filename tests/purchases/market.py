"""A programme, a funded pool and offers, for tests to buy with; all of it by signed orders."""

from datetime import UTC, datetime
from typing import Any

from tests.town import DAY, Person, Town, ask, eur
from wallet_chain import purchases
from wallet_chain.bank.accounts import holder_of
from wallet_chain.bank.orders import OrderPlan, place_order
from wallet_chain.bank.payees import Payee
from wallet_chain.bank.role_calls import RoleCall, accept_call
from wallet_chain.ledger.hashing import keccak256, to_hex
from wallet_chain.ledger.units import NO_LIMIT, OfferKind, ProgrammeKind, currency_bytes
from wallet_chain.purchases import PreparedPurchase, PurchaseTerms, place_purchase, prepare_purchase
from wallet_chain.purchases.drafts import OfferDraft, PurchaseDraft, PurchaseRefundDraft
from wallet_chain.purchases.views import OfferView, PurchaseRefundView, PurchaseView
from wallet_chain.store.tables import Customer, Operation, Order

PROGRAMME = 1
FAR = 10**11


def prepare(town: Town) -> None:
    """The shop's own programme: a point is worth a cent and good for 12 months, one for each euro."""
    found_programme(town, PROGRAMME)


def found_programme(
    town: Town, number: int, *, value: tuple[int, int] = (1, 1), months: int = 12
) -> None:
    """A programme of the shop's in which a point is earned for each euro, with 20.00 in its pool."""
    open_programme(town, value=value, months=months)
    shop = town.shop.account
    said = {"programme": number, "account": shop, "merchant": shop, "points": 1, "perMinor": 100}
    place(town, town.shop, "earning", "LoyaltyDesk", "setEarning", said)
    deposit(town, "20.00", number)


def open_programme(
    town: Town,
    kind: ProgrammeKind = ProgrammeKind.MERCHANT,
    value: tuple[int, int] = (1, 1),
    months: int = 12,
    currency: str = "EUR",
) -> None:
    """A programme of the shop's."""
    terms = (kind, town.shop.account, currency_bytes(currency), *value, months, True)
    role_call(town, "createProgramme", (terms,))


def role_call(town: Town, function: str, arguments: tuple[Any, ...]) -> None:
    """A call of Loyalty with the operator's powers, which works."""
    call = RoleCall("programme", "Loyalty", function, arguments)
    with town.bank.store.transaction() as session:
        made = accept_call(town.bank, session, town.staff("operator"), call, "prg_1").id
    town.settle()
    with town.bank.store.reading() as session:
        operation = session.get_one(Operation, made)
        assert operation.state == "settled", operation.refusal


def deposit(town: Town, amount: str, programme: int = PROGRAMME) -> None:
    """Money from the shop's account into its pool."""
    money = eur(amount)
    place(
        town,
        town.shop,
        "pool_deposit",
        "LoyaltyDesk",
        "deposit",
        {"programme": programme, "account": town.shop.account}
        | {"currency": "EUR", "amount": money.amount_minor},
    )


def place(
    town: Town, by: Person, kind: str, contract: str, function: str, message: dict[str, Any]
) -> str:
    """A signed order of any kind, settled; answers with its id on chain."""
    order_id, operation = _finished(town, by, kind, contract, function, message)
    assert operation.state == "settled", operation.refusal
    return order_id


def placed(
    town: Town, by: Person, kind: str, contract: str, function: str, message: dict[str, Any]
) -> str:
    """A signed order of any kind that nobody looked at before; answers with how it ended."""
    return _finished(town, by, kind, contract, function, message)[1].state


def _finished(
    town: Town, by: Person, kind: str, contract: str, function: str, message: dict[str, Any]
) -> tuple[str, Operation]:
    with town.bank.store.transaction() as session:
        customer = session.get_one(Customer, by.id)
        plan = OrderPlan(kind, "ord", contract, customer, by.account, message, function=function)
        order = place_order(town.bank, session, by.caller, ask(), plan)
        order_id, operation_id = order.order_id, order.operation_id
    town.settle()
    with town.bank.store.reading() as session:
        return order_id, session.get_one(Operation, operation_id)


def publish(town: Town, kind: OfferKind, **changes: Any) -> str:
    """An offer of the shop's; answers with its id on chain."""
    terms = {
        "merchant": town.shop.account,
        "kind": int(kind),
        "currency": "EUR",
        "programme": PROGRAMME if kind is OfferKind.POINTS else 0,
        "minimum": 0,
        "amount": 0,
        "rateBps": 0,
        "firstPurchase": False,
        "combinable": True,
        "startsAt": 0,
        "endsAt": FAR,
        "budget": NO_LIMIT,
        "customerBudget": NO_LIMIT,
    }
    return place(town, town.shop, "offer", "Offers", "publish", terms | changes)


def invoice_of(text: str) -> str:
    """A hash for a purchase to pay."""
    return to_hex(keccak256(text.encode()))


def prepared(town: Town, payer: Person, amount: str, **changes: Any) -> PreparedPurchase:
    """A purchase at the shop as the chain would settle it."""
    terms = PurchaseTerms(
        payer=payer.account,
        merchant=town.shop.account,
        gross=eur(amount),
        invoice=changes.pop("invoice", invoice_of(ask().idempotency_key)),
        **changes,
    )
    with town.bank.store.reading() as session:
        holder = holder_of(session, session.get_one(Customer, payer.id), "payer")
        shop = Payee(town.shop.account, session.get_one(Customer, town.shop.id))
    return prepare_purchase(town.bank, holder, shop, terms)


def buy(town: Town, payer: Person, amount: str, **changes: Any) -> Order:
    """A purchase at the shop, final where the bank keeps the payer's key."""
    made = prepared(town, payer, amount, **changes)
    with town.bank.store.transaction() as session:
        order, _ = place_purchase(town.bank, session, payer.caller, ask(), made)
        order_id = order.id
    town.settle()
    with town.bank.store.reading() as session:
        return session.get_one(Order, order_id)


def purchase(town: Town, payer: Person, amount: str, **changes: Any) -> PurchaseView:
    """A purchase at the shop as the API would ask for it, accepted."""
    draft = PurchaseDraft(town.shop.id, eur(amount), **changes)
    return purchases.create_purchase(town.bank, payer.caller, ask(), draft).resource


def bought(town: Town, payer: Person, amount: str, **changes: Any) -> PurchaseView:
    """A purchase at the shop, settled."""
    made = purchase(town, payer, amount, **changes)
    town.settle()
    seen = purchases.get_purchase(town.bank, payer.caller, made.id)
    assert seen.state == "settled", seen.operation
    return seen


def refund(
    town: Town, bought_: PurchaseView, amount: str | None = None, by: Person | None = None
) -> PurchaseRefundView:
    """A refund by the shop, accepted."""
    draft = PurchaseRefundDraft(bought_.id, None if amount is None else eur(amount))
    caller = (by or town.shop).caller
    return purchases.create_purchase_refund(town.bank, caller, ask(), draft).resource


def refunded(town: Town, bought_: PurchaseView, amount: str | None = None) -> PurchaseRefundView:
    """A refund by the shop, settled."""
    made = refund(town, bought_, amount)
    town.settle()
    seen = purchases.get_purchase_refund(town.bank, town.shop.caller, made.id)
    assert seen.state == "settled", seen.operation
    return seen


def offer(town: Town, kind: str, **changes: Any) -> OfferView:
    """An offer of the shop's as the API would ask for it, accepted."""
    terms: dict[str, Any] = {"currency": "EUR", "ends_at": town.clock() + 30 * DAY} | changes
    draft = OfferDraft(kind, **terms)
    return purchases.publish_offer(town.bank, town.shop.caller, ask(), draft).resource


def offered(town: Town, kind: str, **changes: Any) -> str:
    """An offer of the shop's, published; answers with its id."""
    made = offer(town, kind, **changes)
    town.settle()
    seen = purchases.get_offer(town.bank, town.shop.caller, made.id)
    assert seen.state == "settled", seen.operation
    return seen.id


def points_of(town: Town, person: Person, programme: int = PROGRAMME) -> int:
    """Points that somebody can spend now, by the contract."""
    return int(town.bank.contracts.read("Loyalty", "pointsOf", programme, person.account))


def pool_of(town: Town, person: Person, programme: int = PROGRAMME) -> int:
    """What is free in somebody's pool, in parts of a minor unit, by the contract."""
    return int(town.bank.contracts.read("Loyalty", "poolOf", programme, person.account))


def end_of_month(now: int, later: int) -> int:
    """The first second after the month that is so many months after that of ``now``."""
    at = datetime.fromtimestamp(now, UTC)
    years, month = divmod(at.month + later, 12)
    return int(datetime(at.year + years, month + 1, 1, tzinfo=UTC).timestamp())
