"""Refusals of purchases, and of what belongs to them: programmes, pools, points and offers."""

from wallet_chain import errors
from wallet_chain.ledger.revert_facts import (
    Rule,
    address,
    code,
    large,
    moment,
    money,
    number,
    one_of,
    rule,
    word,
)
from wallet_chain.ledger.units import MemberState

PROGRAMMES: dict[str, Rule] = {
    "UnknownProgramme": rule(
        errors.ProgrammeUnknown,
        "There is no loyalty programme {programme}; name one that exists.",
        programme=number("programme"),
    ),
    "InvalidProgramme": rule(
        errors.ProgrammeInvalid,
        "A programme and its members need accounts, a point must be worth something, and points are"
        " good for 1 to 36 months.",
    ),
    "ProgrammeIsClosed": rule(
        errors.ProgrammeClosed,
        "Loyalty programme {programme} is closed: no points are earned in it any more. Those that"
        " are held can be spent until they expire.",
        programme=number("programme"),
    ),
    "ProgrammeMismatch": rule(
        errors.ProgrammeMismatch,
        "Points of programme {programme} are not worth {asked_currency}; use its own currency.",
        programme=number("programme"),
        asked_currency=code("currency"),
    ),
    "MemberNotActive": rule(
        errors.MerchantNotInProgramme,
        "{account} takes no part in programme {programme} now (it is: {state}); buy without points.",
        programme=number("programme"),
        account=address("account"),
        state=one_of(MemberState, "state"),
    ),
    "NotThePayer": rule(
        errors.NotProgrammePayer,
        "{account} does not pay for points of programme {programme}; its owner does, or in a"
        " coalition the merchant at which they are earned.",
        programme=number("programme"),
        account=address("account"),
    ),
    "EarningTooHigh": rule(
        errors.EarningTooHigh,
        "{points} points for {per_minor} minor units would be worth more than what is paid; let"
        " fewer be earned.",
        points=number("points"),
        per_minor=number("perMinor"),
    ),
    "PoolTooSmall": rule(
        errors.PoolInsufficient,
        "The pool of {account} in programme {programme} has {free} parts of a minor unit free, and"
        " {needed} are needed; its owner must put money in first.",
        programme=number("programme"),
        account=address("account"),
        free=large("free"),
        needed=large("needed"),
    ),
    "NothingToRelease": rule(
        errors.NothingToRelease,
        "Nothing of month {expiry_month} is waiting for {account} in programme {programme}: the month"
        " is not over, or was released before.",
        programme=number("programme"),
        expiry_month=number("expiryMonth"),
        account=address("account"),
    ),
}

POINTS: dict[str, Rule] = {
    "PointsTooFew": rule(
        errors.PointsInsufficient,
        "{account} can spend {have} points of programme {programme}, and {need} are asked for.",
        programme=number("programme"),
        account=address("account"),
        have=large("points"),
        need=large("asked"),
    ),
    "PointsNotWhole": rule(
        errors.PointsNotWhole,
        "{points} points of programme {programme} are not worth a whole amount; spend a multiple of"
        " {step}.",
        programme=number("programme"),
        points=large("points"),
        step=large("step"),
    ),
    "TooManyPoints": rule(
        errors.PointsTooMany,
        "Programme {programme} can't hold so many points; ask for fewer.",
        programme=number("programme"),
        expiry_month=number("expiryMonth"),
    ),
    "PointsNotTransferable": rule(
        errors.PointsNotTransferable,
        "Points of programme {programme} can't be given to others.",
        programme=number("programme"),
    ),
    "InvalidHolder": rule(
        errors.AccountInvalid,
        "{account} is a contract of the system and can't hold points; name a customer's account.",
        account=address("account"),
    ),
}

OFFERS: dict[str, Rule] = {
    "InvalidOffer": rule(
        errors.OfferInvalid,
        "This offer can't be: it must end in the future and after it starts, give something within"
        " budgets above zero, and not take off more than its minimum; only one for points names a"
        " programme.",
    ),
    "UnknownOffer": rule(
        errors.OfferUnknown,
        "There is no offer {offer} of this kind; leave it out.",
        offer=word("offer"),
    ),
    "OfferMismatch": rule(
        errors.OfferMismatch,
        "Offer {offer} is another merchant's, or for another currency or programme; leave it out.",
        offer=word("offer"),
    ),
    "OfferIsOver": rule(
        errors.OfferEnded, "Offer {offer} was ended by its merchant.", offer=word("offer")
    ),
    "OfferNotInTime": rule(
        errors.OfferNotInTime,
        "Offer {offer} holds from {starts_at} to {ends_at}.",
        offer=word("offer"),
        starts_at=moment("startsAt"),
        ends_at=moment("endsAt"),
    ),
    "OfferNotCombinable": rule(
        errors.OfferNotCombinable,
        "Offer {offer} can't be combined with another; use one alone.",
        offer=word("offer"),
    ),
    "NotTheFirstPurchase": rule(
        errors.NotFirstPurchase,
        "Offer {offer} is for a customer's first purchase at the merchant, and this is not the first.",
        offer=word("offer"),
    ),
    "MinimumNotReached": rule(
        errors.OfferMinimumNotReached,
        "Offer {offer} needs {minimum}, and {reached} is left to pay when its turn comes.",
        offer=word("offer"),
        minimum=money("minimum"),
        reached=money("reached"),
    ),
    "OfferGivesNothing": rule(
        errors.OfferGivesNothing,
        "Offer {offer} would change nothing; leave it out.",
        offer=word("offer"),
    ),
    "OfferBudgetSpent": rule(
        errors.OfferBudgetSpent,
        "Offer {offer} has {left} left to give, and this purchase would need {asked}.",
        offer=word("offer"),
        left=large("left"),
        asked=large("asked"),
    ),
    "CustomerBudgetSpent": rule(
        errors.OfferCustomerBudgetSpent,
        "Offer {offer} has {left} left for this customer, and this purchase would need {asked}.",
        offer=word("offer"),
        left=large("left"),
        asked=large("asked"),
    ),
}

PURCHASES: dict[str, Rule] = {
    "InvoiceMissing": rule(
        errors.InvalidRequest, "The hash of what was asked for has to be given as invoice."
    ),
    "InvoiceAlreadyPaid": rule(
        errors.InvoiceAlreadyPaid,
        "Invoice {invoice} of {merchant} was paid before; a request is paid once.",
        merchant=address("merchant"),
        invoice=word("invoice"),
    ),
    "NotAMerchant": rule(
        errors.NotAMerchant,
        "{account} does not take payments as a merchant (any more); use a plain payment.",
        account=address("account"),
    ),
    "PointsExceedPrice": rule(
        errors.PointsExceedPrice,
        "The points are worth {worth}, and {price} is left to pay; spend fewer.",
        worth=money("pointsValue"),
        price=money("price"),
    ),
    "LessThanLeast": rule(
        errors.LeastNotReached,
        "The merchant would get {amount} and accepts {least} at least; leave out an offer.",
        amount=money("amount"),
        least=money("least"),
    ),
    "EarnsTooLittle": rule(
        errors.EarningsTooLow,
        "The purchase would earn {points} points, and the order asks for {least}; ask for a new"
        " quote.",
        points=large("points"),
        least=large("least"),
    ),
}
