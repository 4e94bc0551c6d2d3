"""Refusals of mandates to collect money, of gifts to be claimed, and of payments to several."""

from wallet_chain import errors
from wallet_chain.ledger.revert_facts import (
    OURS,
    Rule,
    address,
    moment,
    money,
    number,
    rule,
    word,
)

MANDATES: dict[str, Rule] = {
    "InvalidMandate": rule(
        errors.MandateInvalid, "A mandate must end after it starts, and in the future."
    ),
    "MandateMismatch": rule(
        errors.ChainRefused,
        "The order names another mandate, currency or account than the mandate it comes with. "
        + OURS,
    ),
    "MandateNotGranted": rule(
        errors.MandateNotGranted,
        "Mandate {mandate} was not granted; its payer has to sign it first.",
        mandate=word("mandate"),
    ),
    "MandateIsOver": rule(
        errors.MandateEnded,
        "Mandate {mandate} was ended; ask the payer for a new one.",
        mandate=word("mandate"),
    ),
    "MandateNotInTime": rule(
        errors.MandateNotInTime,
        "Mandate {mandate} holds from {starts_at} to {ends_at}.",
        mandate=word("mandate"),
        starts_at=moment("startsAt"),
        ends_at=moment("endsAt"),
    ),
    "WrongPeriod": rule(
        errors.MandatePeriodWrong,
        "Mandate {mandate} is in period {period}, and {asked} is asked for; only the current period"
        " can be collected.",
        mandate=word("mandate"),
        period=number("period"),
        asked=number("asked"),
    ),
    "PeriodAlreadyCharged": rule(
        errors.PeriodAlreadyCharged,
        "Period {period} of mandate {mandate} was collected before; wait for the next one.",
        mandate=word("mandate"),
        period=number("period"),
    ),
    "CeilingExceeded": rule(
        errors.MandateCeilingExceeded,
        "Mandate {mandate} allows {ceiling} in a period, and {asked} is asked for.",
        mandate=word("mandate"),
        ceiling=money("ceiling"),
        asked=money("asked"),
    ),
}

GIFTS: dict[str, Rule] = {
    "InvalidGift": rule(
        errors.GiftInvalid,
        "A gift needs one minor unit for each share at least, and can be claimed for 366 days at"
        " most.",
    ),
    "GiftMismatch": rule(
        errors.ChainRefused,
        "The claim names another gift or code than the gift it comes with. " + OURS,
    ),
    "ClaimWindowOver": rule(
        errors.GiftExpired,
        "Gift {gift} could be claimed until {claim_until}; what is left goes back to its giver.",
        gift=word("gift"),
        claim_until=moment("claimUntil"),
    ),
    "ClaimWindowOpen": rule(
        errors.GiftStillOpen,
        "Gift {gift} can be claimed until {claim_until}; afterwards anyone may return the rest.",
        gift=word("gift"),
        claim_until=moment("claimUntil"),
    ),
    "GiftAlreadyClaimed": rule(
        errors.GiftAlreadyClaimed,
        "{account} has had its part of gift {gift}.",
        gift=word("gift"),
        account=address("account"),
    ),
    "GiftTooSmall": rule(
        errors.GiftShareTooLarge,
        "{most} of gift {gift} can be claimed at most, and {asked} is asked for.",
        gift=word("gift"),
        most=money("most"),
        asked=money("asked"),
    ),
    "NothingLeft": rule(errors.GiftEmpty, "Nothing is left of gift {gift}.", gift=word("gift")),
}

SPLITS: dict[str, Rule] = {
    "InvalidSplit": rule(
        errors.SplitInvalid,
        "A payment names 1 to 8 receivers and an amount for each; this one has {receivers}"
        " receivers and {amounts} amounts.",
        receivers=number("receivers"),
        amounts=number("amounts"),
    ),
}
