"""Refusals of transfers between currencies, and of what is done with those that are held."""

from wallet_chain import errors
from wallet_chain.ledger.revert_facts import (
    OURS,
    Rule,
    address,
    code,
    large,
    limit_money,
    moment,
    money_in,
    number,
    one_of,
    provider_money,
    rule,
    word,
)
from wallet_chain.ledger.units import MovementKind, Rounding, TransferState

QUOTES: dict[str, Rule] = {
    "QuoteMismatch": rule(
        errors.QuoteMismatch,
        "The order names quote {named}, with its currencies and amounts, but comes with {given};"
        " sign the typed data that belongs to the quote.",
        named=word("named"),
        given=word("given"),
    ),
    "ProviderIsParty": rule(
        errors.ProviderUnavailable,
        "{account} can't exchange for a transfer of its own or to itself; take another provider's"
        " quote.",
        account=address("provider"),
    ),
    "InvalidRate": rule(
        errors.QuoteInvalid,
        "A rate of {numerator} / {denominator} is none; ask for a new quote.",
        numerator=large("numerator"),
        denominator=large("denominator"),
    ),
    "FeeTooLarge": rule(
        errors.QuoteInvalid,
        "The fee of {fee_minor} minor units leaves nothing of {amount_minor} to convert.",
        fee_minor=large("fee"),
        amount_minor=large("sourceAmount"),
    ),
    "QuoteDoesNotAddUp": rule(
        errors.QuoteInvalid,
        "By its rate the quote must say {computed} minor units, and says {stated} ({rounding}); ask"
        " for a new quote.",
        rounding=one_of(Rounding, "rounding"),
        stated=large("stated"),
        computed=large("computed"),
    ),
    "QuoteExpired": rule(
        errors.QuoteExpired,
        "The quote could be used until {expired_at}; ask for a new one.",
        expired_at=moment("expiry"),
    ),
    "QuoteAlreadyUsed": rule(
        errors.QuoteAlreadyUsed,
        "Quote {quote_id} of {provider} was used or taken back; ask for a new one.",
        provider=address("provider"),
        quote_id=word("quoteId"),
    ),
    "InvalidQuoteSignature": rule(
        errors.QuoteSignatureInvalid,
        "The quote is not signed by {provider} as it stands; ask for a new one.",
        provider=address("provider"),
    ),
    "RateOutOfBand": rule(
        errors.RateOutOfBand,
        "The quoted rate {numerator} / {denominator} is more than {band_bps} hundredths of a per"
        " cent away from the mid rate {mid_numerator} / {mid_denominator}; ask for a new quote.",
        numerator=large("numerator"),
        denominator=large("denominator"),
        mid_numerator=large("midNumerator"),
        mid_denominator=large("midDenominator"),
        band_bps=number("bandBps"),
    ),
    "NotAProvider": rule(
        errors.ProviderUnavailable,
        "{account} is no provider of foreign exchange (any more); ask for a new quote.",
        account=address("account"),
    ),
}

TRANSFERS: dict[str, Rule] = {
    "PurposeMissing": rule(
        errors.PurposeInvalid,
        "A transfer abroad needs its purpose, as a code of ISO 20022 such as GDDS.",
    ),
    "PairClosed": rule(
        errors.PairClosed,
        "Transfers from {source} into {target} are closed.",
        source=code("source"),
        target=code("target"),
    ),
    "AmountOutOfRange": rule(
        errors.AmountOutOfRange,
        "From {source} into {target} at least {smallest} and at most {largest} can be sent; this"
        " is {asked}.",
        source=code("source"),
        target=code("target"),
        asked=money_in("source", "amount"),
        smallest=money_in("source", "amountMin"),
        largest=money_in("source", "amountMax"),
    ),
    "TravelRuleMissing": rule(
        errors.TravelRuleMissing,
        "From {threshold} on originator and beneficiary must be recorded; this is worth {worth}."
        " Send travel_rule with the transfer.",
        worth=limit_money("value"),
        threshold=limit_money("threshold"),
    ),
    "KindNotForAccount": rule(
        errors.KindNotAllowed,
        "Account {account} can't take part in a movement of kind {kind}.",
        account=address("account"),
        kind=one_of(MovementKind, "kind"),
    ),
}

REVIEWS: dict[str, Rule] = {
    "TransitionNotAllowed": rule(
        errors.TransferNotOpen,
        "Transfer {order_id} is {state} and can't become {wanted}.",
        order_id=word("orderId"),
        state=one_of(TransferState, "from"),
        wanted=one_of(TransferState, "to"),
    ),
    "ReviewExpired": rule(
        errors.ReviewTimeOver,
        "The transfer could be released until {expired_at}; now it can only be returned.",
        order_id=word("orderId"),
        expired_at=moment("expiresAt"),
    ),
    "ReviewNotExpired": rule(
        errors.RefundTooEarly,
        "The transfer is in review until {refundable_at}; afterwards anyone may refund it.",
        order_id=word("orderId"),
        refundable_at=moment("expiresAt"),
    ),
    "ApprovalNotNeeded": rule(
        errors.TransferNotOpen,
        "One reviewer is enough for this transfer; release it.",
        order_id=word("orderId"),
    ),
    "ReleaseNotApproved": rule(
        errors.FourEyes,
        "This transfer needs two reviewers, and the first has not agreed yet.",
        order_id=word("orderId"),
    ),
    "ReleaseAlreadyApproved": rule(
        errors.FourEyes,
        "{account} has agreed to this release already; another reviewer must carry it out.",
        order_id=word("orderId"),
        account=address("approver"),
    ),
    "ReviewerIsParty": rule(
        errors.FourEyes,
        "{account} is a party to this transfer and can't review it; another person must.",
        account=address("account"),
    ),
    "ReasonMissing": rule(
        errors.InvalidRequest,
        "A rejection needs a reason, as a code of ISO 20022 such as RR04.",
    ),
    "NotTheSender": rule(
        errors.KindNotAllowed,
        "{account} did not send this transfer; only its sender can recall it.",
        order_id=word("orderId"),
        account=address("account"),
    ),
    "RecallMismatch": rule(
        errors.ChainRefused,
        "The recall is of transfer {named} and came with {given}. " + OURS,
        named=word("named"),
        given=word("given"),
    ),
    "InvalidPairTerms": rule(
        errors.ConfigurationRefused,
        "These terms for {source} into {target} can't be set: the band is at most 2000 hundredths"
        " of a per cent, a review takes a minute to 30 days, and the range of amounts is not empty"
        " and starts above zero.",
        source=code("source"),
        target=code("target"),
    ),
}

_PROVIDER = "The provider {account} can't exchange now ({why}). " + "Ask for a new quote."


def _out(why: str, argument: str = "account") -> Rule:
    sentence = _PROVIDER.replace("{why}", why)
    return rule(errors.ProviderUnavailable, sentence, account=address(argument))


OF_PROVIDERS: dict[str, Rule] = {
    "ERC20InsufficientBalance": rule(
        errors.LiquidityInsufficient,
        "The provider {account} holds {have}, and {need} is needed; send less or try again later.",
        account=address("sender"),
        have=provider_money("balance"),
        need=provider_money("needed"),
    ),
    "UnknownAccount": _out("it is not registered"),
    "AccountIsFrozen": _out("it is frozen"),
    "AccountIsClosed": _out("it is closed"),
    "AccountWasReplaced": _out("it has moved to a new key"),
    "KycExpired": _out("its due diligence has expired"),
}
"""What an error means when the account that it names is the provider's: nothing that the customer
did, and a new quote helps."""
