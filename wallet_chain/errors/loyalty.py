"""Refusals of purchases, and of what belongs to them: programmes, pools, points and offers."""

from wallet_chain.errors.base import WalletError


class ProgrammeUnknown(WalletError):
    """There is no such loyalty programme."""

    code = "programme_unknown"
    status = 422
    title = "There is no such loyalty programme"


class ProgrammeInvalid(WalletError):
    """A loyalty programme can't be like that."""

    code = "programme_invalid"
    status = 422
    title = "A loyalty programme can't be like that"


class ProgrammeClosed(WalletError):
    """The loyalty programme is closed."""

    code = "programme_closed"
    status = 409
    title = "The loyalty programme is closed"


class ProgrammeMismatch(WalletError):
    """The loyalty programme is for another currency."""

    code = "programme_mismatch"
    status = 422
    title = "The loyalty programme is for another currency"


class MerchantNotInProgramme(WalletError):
    """The merchant takes no part in the loyalty programme."""

    code = "merchant_not_in_programme"
    status = 422
    title = "The merchant takes no part in the loyalty programme"


class NotProgrammePayer(WalletError):
    """Someone else pays for the points of this programme."""

    code = "not_programme_payer"
    status = 422
    title = "Someone else pays for the points of this programme"


class EarningTooHigh(WalletError):
    """Points would be worth more than what is paid for them."""

    code = "earning_too_high"
    status = 422
    title = "Points would be worth more than what is paid for them"


class PoolInsufficient(WalletError):
    """The pool does not have enough free money."""

    code = "pool_insufficient"
    status = 422
    title = "The pool does not have enough free money"


class PointsInsufficient(WalletError):
    """There are not enough points."""

    code = "points_insufficient"
    status = 422
    title = "There are not enough points"


class PointsNotWhole(WalletError):
    """The points are not worth a whole amount of money."""

    code = "points_not_whole"
    status = 422
    title = "The points are not worth a whole amount of money"


class PointsTooMany(WalletError):
    """The programme can't hold so many points."""

    code = "points_too_many"
    status = 422
    title = "The programme can't hold so many points"


class PointsNotTransferable(WalletError):
    """Points of this programme can't be given to others."""

    code = "points_not_transferable"
    status = 422
    title = "Points of this programme can't be given to others"


class NothingToRelease(WalletError):
    """No expired points of this pool are waiting."""

    code = "nothing_to_release"
    status = 409
    title = "No expired points of this pool are waiting"


class OfferInvalid(WalletError):
    """An offer can't be like that."""

    code = "offer_invalid"
    status = 422
    title = "An offer can't be like that"


class OfferUnknown(WalletError):
    """There is no such offer."""

    code = "offer_unknown"
    status = 422
    title = "There is no such offer"


class OfferMismatch(WalletError):
    """The offer is not for this purchase."""

    code = "offer_mismatch"
    status = 422
    title = "The offer is not for this purchase"


class OfferEnded(WalletError):
    """The offer has ended."""

    code = "offer_ended"
    status = 409
    title = "The offer has ended"


class OfferNotInTime(WalletError):
    """The offer does not hold at this time."""

    code = "offer_not_in_time"
    status = 422
    title = "The offer does not hold at this time"


class OfferNotCombinable(WalletError):
    """The offer can't be combined with others."""

    code = "offer_not_combinable"
    status = 422
    title = "The offer can't be combined with others"


class NotFirstPurchase(WalletError):
    """The offer is for a first purchase only."""

    code = "not_first_purchase"
    status = 422
    title = "The offer is for a first purchase only"


class OfferMinimumNotReached(WalletError):
    """The offer's minimum is not reached."""

    code = "offer_minimum_not_reached"
    status = 422
    title = "The offer's minimum is not reached"


class OfferGivesNothing(WalletError):
    """The offer would change nothing."""

    code = "offer_gives_nothing"
    status = 422
    title = "The offer would change nothing"


class OfferBudgetSpent(WalletError):
    """The offer's budget is spent."""

    code = "offer_budget_spent"
    status = 409
    title = "The offer's budget is spent"


class OfferCustomerBudgetSpent(WalletError):
    """The customer's share of the offer is spent."""

    code = "offer_customer_budget_spent"
    status = 409
    title = "The customer's share of the offer is spent"


class InvoiceAlreadyPaid(WalletError):
    """This was paid before."""

    code = "invoice_already_paid"
    status = 409
    title = "This was paid before"


class NotAMerchant(WalletError):
    """The account is not a merchant's."""

    code = "not_a_merchant"
    status = 422
    title = "The account is not a merchant's"


class PointsExceedPrice(WalletError):
    """The points are worth more than there is to pay."""

    code = "points_exceed_price"
    status = 422
    title = "The points are worth more than there is to pay"


class LeastNotReached(WalletError):
    """The merchant would get less than it accepts."""

    code = "least_not_reached"
    status = 422
    title = "The merchant would get less than it accepts"


class EarningsTooLow(WalletError):
    """The purchase would earn fewer points than promised."""

    code = "earnings_too_low"
    status = 422
    title = "The purchase would earn fewer points than promised"
