"""Refusals of movements of money and of the orders that ask for them."""

from wallet_chain import errors
from wallet_chain.ledger.revert_facts import (
    OURS,
    Rule,
    address,
    code,
    large,
    limit_money,
    moment,
    money,
    number,
    one_of,
    rule,
    word,
)
from wallet_chain.ledger.units import LimitRule, MovementKind, Switch


def _limit(texts: dict[str, str]) -> str:
    limits = {
        "per payment": "a single payment may be at most {limit}, this one is {asked}",
        "day": "at most {limit} may leave the account in 24 hours; {used} has, {asked} is asked for",
        "month": "at most {limit} may leave the account in 30 days; {used} has, {asked} is asked for",
        "balance": "the receiving account may hold at most {limit}; it holds {used}, and {asked}"
        " would come in",
    }
    sentence = "Limit of the account's tier: " + limits[texts["rule"]].format(**texts) + "."
    if texts["frees_at"] == "never":
        return sentence + " Move less, or have the account's tier raised."
    return sentence + f" It fits from {texts['frees_at']}; until then move less."


MOVEMENTS: dict[str, Rule] = {
    "ERC20InsufficientBalance": rule(
        errors.InsufficientFunds,
        "Account {account} holds {have}, and {need} is needed; add money or move less.",
        account=address("sender"),
        have=money("balance"),
        need=money("needed"),
    ),
    "ERC20InvalidSender": rule(
        errors.AccountInvalid,
        "Money can't come from {account}; name the payer's account.",
        account=address("sender"),
    ),
    "ERC20InvalidReceiver": rule(
        errors.AccountInvalid,
        "Money can't go to {account}; name the payee's account.",
        account=address("receiver"),
    ),
    "ERC20InsufficientAllowance": rule(
        errors.ApprovalsDisabled,
        "{spender} has no allowance, and this money knows none; let the holder sign an order.",
        spender=address("spender"),
    ),
    "ERC20InvalidApprover": rule(
        errors.ApprovalsDisabled,
        "{approver} can't give an allowance, and this money knows none; let the holder sign an"
        " order.",
        approver=address("approver"),
    ),
    "ERC20InvalidSpender": rule(
        errors.ApprovalsDisabled,
        "{spender} can't get an allowance, and this money knows none; let the holder sign an order.",
        spender=address("spender"),
    ),
    "ApprovalsDisabled": rule(
        errors.ApprovalsDisabled,
        "This money knows no allowances; let the holder sign an order instead.",
    ),
    "ZeroAmount": rule(errors.AmountNotPositive, "The amount must be above zero."),
    "SupplyTooLarge": rule(
        errors.SupplyTooLarge,
        "{asked} more would lift the supply of {supply} beyond {supply_max}, the most that a"
        " currency can hold.",
        supply=money("supply"),
        asked=money("asked"),
        supply_max=money("supplyMax"),
    ),
    "HistoryFull": rule(
        errors.HistoryFull,
        "The history of {account} is full; pay from, or to, another account.",
        account=address("account"),
    ),
    "KindNotAllowed": rule(
        errors.KindNotAllowed,
        "A movement of kind {kind} can't be asked for in this way.",
        kind=one_of(MovementKind, "kind"),
    ),
    "NotAMover": rule(
        errors.PermissionRefused,
        "{caller} may not ask for a movement of kind {kind}. " + OURS,
        caller=address("caller"),
        kind=one_of(MovementKind, "kind"),
    ),
    "SelfPayment": rule(
        errors.SelfPayment,
        "Payer and payee are both {account}; name another payee.",
        account=address("account"),
    ),
    "OperationPaused": rule(
        errors.OperationPaused,
        "Movements are paused ({switch}); nothing was moved. Try again later.",
        switch=one_of(Switch, "what"),
    ),
    "CorridorClosed": rule(
        errors.CorridorClosed,
        "Money may not move from country {from_country} to country {to_country}.",
        from_country=number("from"),
        to_country=number("to"),
    ),
    "LimitExceeded": rule(
        errors.LimitExceeded,
        _limit,
        rule=one_of(LimitRule, "rule"),
        limit=limit_money("limit"),
        used=limit_money("used"),
        asked=limit_money("asked"),
        frees_at=moment("freesAt"),
    ),
    "UnknownCurrency": rule(
        errors.UnknownCurrency,
        "{currency} is not a currency of this system.",
        currency=code("currency"),
    ),
    "CourtOrderReferenceMissing": rule(
        errors.ConfigurationRefused,
        "A court order needs its reference; give the one on the document.",
    ),
    "CourtOrderAlreadyExecuted": rule(
        errors.CourtOrderAlreadyExecuted,
        "The court order with reference {order_reference} was executed already; look at the"
        " account's history.",
        order_reference=word("orderReference"),
    ),
}

ORDERS: dict[str, Rule] = {
    "OrderExpired": rule(
        errors.OrderExpired,
        "The order's deadline {deadline} has passed and it can never execute; sign a new one.",
        deadline=moment("deadline"),
    ),
    "NonceAlreadyUsed": rule(
        errors.OrderAlreadyUsed,
        "Nonce {nonce} of {signer} has been used: that order was settled, rejected or cancelled."
        " Look it up, or sign a new order with another nonce.",
        signer=address("signer"),
        nonce=large("nonce"),
    ),
    "InvalidSignature": rule(
        errors.SignatureInvalid,
        "The signature is not one of {signer} over exactly this order on this chain; let that key"
        " sign the typed data again.",
        signer=address("signer"),
    ),
    "OnlyBatch": rule(
        errors.PermissionRefused, "Only the Batch contract may void an order. " + OURS
    ),
    "UnknownOrder": rule(
        errors.ChainRefused,
        "The contract knows no order with the selector {selector}. " + OURS,
        selector=word("selector"),
    ),
    "NotRefundable": rule(
        errors.NotRefundable,
        "Payment {payment} never settled, so there is nothing to refund.",
        payment=word("payment"),
    ),
    "RefundMismatch": rule(
        errors.NotRefundable,
        "A refund goes from the payee to the payer of its payment, in the same currency; correct"
        " the order.",
    ),
    "RefundExceedsPayment": rule(
        errors.RefundTooLarge,
        "Of the {paid} that was paid {refunded} is refunded already; {asked} more is too much.",
        payment=word("payment"),
        paid=money("paid"),
        refunded=money("refunded"),
        asked=money("asked"),
    ),
    "TargetNotAllowed": rule(
        errors.ConfigurationRefused,
        "The Batch contract may not call {target}. " + OURS,
        target=address("target"),
    ),
    "NotEnoughGas": rule(
        errors.OrderOutOfGas,
        "The batch was given too little gas for its order {index}; it will be sent again.",
        index=number("index"),
    ),
}
