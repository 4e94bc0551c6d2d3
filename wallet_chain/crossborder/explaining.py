"""Dry runs: the whole path of a transfer, every check by itself, and nothing written."""

from wallet_chain.bank import Bank
from wallet_chain.bank.orders import require_funds
from wallet_chain.bank.previews import is_refusal
from wallet_chain.bank.receipts import refusal_of
from wallet_chain.bank.views import Movement
from wallet_chain.compliance.screening import Screened
from wallet_chain.compliance.travel_rule import Prepared
from wallet_chain.crossborder.drafts import TransferDraft
from wallet_chain.crossborder.quotes import show_quote
from wallet_chain.crossborder.sides import Fate, Sides, find_sides, source_money
from wallet_chain.crossborder.vetting import satisfy, screen_sides
from wallet_chain.crossborder.views import CheckView, TransferPreview
from wallet_chain.errors import WalletError
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.ledger.units import MovementKind
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Caller

_STANDING = frozenset(
    {
        "account_unknown",
        "account_frozen",
        "account_closed",
        "account_replaced",
        "account_invalid",
        "kyc_expired",
        "kyc_missing",
    }
)
_ABOUT = {
    **dict.fromkeys(_STANDING, "kyc"),
    "corridor_closed": "corridor",
    "pair_closed": "corridor",
    "operation_paused": "corridor",
    "amount_out_of_range": "corridor",
    "travel_rule_missing": "travel_rule",
    "limit_exceeded": "limits",
    "insufficient_funds": "liquidity",
    "liquidity_insufficient": "liquidity",
    "provider_unavailable": "liquidity",
}
_CHECKS = ("kyc", "corridor", "limits", "liquidity", "quote")
_NAME_OUTCOMES = {"match": "passed", "close_match": "warned", "no_match": "warned"}


def preview_transfer(bank: Bank, caller: Caller, draft: TransferDraft) -> TransferPreview:
    """What would become of a transfer now: parties, corridor, limits, screening, the beneficiary's
    name, the travel rule, liquidity, quote and cost.

    A beneficiary's name is not compared anew, since a dry run may be asked any number of times: what
    the check said when the beneficiary was written down is told again.

    Raises what makes no sense to ask (an unknown quote or recipient, a malformed purpose).
    """
    sides = find_sides(bank, caller, draft)
    quote = sides.quote
    fate: Fate | None = None
    record: Prepared | None = None
    found: dict[str, WalletError] = {}
    try:
        fate, record = satisfy(bank, sides, draft)
        with bank.store.reading() as session:
            require_funds(session, sides.sender.account, source_money(quote))
    except WalletError as error:
        if not is_refusal(error):
            raise
        found[_ABOUT.get(error.code, "quote")] = error
    first = next(iter(found.values()), None)
    sending, receiving = _legs(bank, sides)
    for leg in (sending, receiving):
        if leg.refusal is not None and is_refusal(leg.refusal):
            found.setdefault(_ABOUT.get(leg.refusal.code, "quote"), leg.refusal)
    with bank.store.reading() as session:
        view = show_quote(bank, session, caller, quote.id)
    screened = screen_sides(bank, sides)
    stopped = any(one.stops for one in screened)
    held = fate is not None and (fate.held or stopped)
    return TransferPreview(
        would_settle=first is None and not held,
        refusal=None if first is None else refusal_of(first),
        headroom=sending.headroom,
        movements=() if first is not None else _movements(bank, sides, held),
        would_hold=first is None and held,
        checks=(
            *(_check(name, found.get(name), fate) for name in _CHECKS),
            _screening_check(screened),
            _name_check(sides),
            _travel_rule_check(found.get("travel_rule"), record),
        ),
        quote=view,
    )


def _legs(bank: Bank, sides: Sides) -> tuple[Explanation, Explanation]:
    quote = sides.quote
    return (
        bank.contracts.explain(
            MovementKind.EXCHANGE_IN,
            sides.sender.account,
            quote.provider_account,
            quote.source_currency,
            quote.source_minor,
        ),
        bank.contracts.explain(
            MovementKind.EXCHANGE_OUT,
            quote.provider_account,
            sides.recipient.account,
            quote.target_currency,
            quote.target_minor,
        ),
    )


def _movements(bank: Bank, sides: Sides, held: bool) -> tuple[Movement, ...]:
    quote = sides.quote
    escrow = bank.contracts.address("CrossBorder")
    source = source_money(quote)
    target = Money(quote.target_minor, currency_named(quote.target_currency))
    return (
        Movement(sides.sender.account, _taken(source)),
        Movement(escrow if held else quote.provider_account, source),
        Movement(quote.provider_account, _taken(target)),
        Movement(escrow if held else sides.recipient.account, target),
    )


def _taken(money: Money) -> Money:
    return Money(-money.amount_minor, money.currency)


def _check(name: str, refusal: WalletError | None, fate: Fate | None) -> CheckView:
    if refusal is not None:
        return CheckView(name, "refused", refusal_of(refusal))
    review = fate is not None and fate.held and name == "corridor"
    return CheckView(name, "review" if review else "passed", None)


def _screening_check(screened: tuple[Screened, ...]) -> CheckView:
    """That somebody will look at it, and not why: that is for reviewers."""
    if not screened:
        return CheckView("screening", "not_asked", None)
    stopped = any(one.stops for one in screened)
    return CheckView("screening", "review" if stopped else "passed", None)


def _name_check(sides: Sides) -> CheckView:
    result = None if sides.name_check is None else sides.name_check.result
    return CheckView("name_check", _NAME_OUTCOMES.get(result or "", "not_asked"), None, result)


def _travel_rule_check(refusal: WalletError | None, record: Prepared | None) -> CheckView:
    if refusal is not None:
        return CheckView("travel_rule", "refused", refusal_of(refusal))
    return CheckView("travel_rule", "not_asked" if record is None else "passed", None)
