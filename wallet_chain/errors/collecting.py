"""Refusals of mandates to collect money, of gifts to be claimed, and of payments to several."""

from wallet_chain.errors.base import WalletError


class MandateInvalid(WalletError):
    """A mandate can't be like that."""

    code = "mandate_invalid"
    status = 422
    title = "A mandate can't be like that"


class MandateNotGranted(WalletError):
    """The mandate was not granted."""

    code = "mandate_not_granted"
    status = 409
    title = "The mandate was not granted"


class MandateEnded(WalletError):
    """The mandate was ended."""

    code = "mandate_ended"
    status = 409
    title = "The mandate was ended"


class MandateNotInTime(WalletError):
    """The mandate does not hold at this time."""

    code = "mandate_not_in_time"
    status = 422
    title = "The mandate does not hold at this time"


class MandatePeriodWrong(WalletError):
    """The charge is for another period."""

    code = "mandate_period_wrong"
    status = 422
    title = "The charge is for another period"


class PeriodAlreadyCharged(WalletError):
    """This period was collected before."""

    code = "period_already_charged"
    status = 409
    title = "This period was collected before"


class MandateCeilingExceeded(WalletError):
    """The mandate does not allow so much."""

    code = "mandate_ceiling_exceeded"
    status = 422
    title = "The mandate does not allow so much"


class GiftInvalid(WalletError):
    """A gift can't be like that."""

    code = "gift_invalid"
    status = 422
    title = "A gift can't be like that"


class GiftNotReady(WalletError):
    """The gift's money has not been put aside (yet)."""

    code = "gift_not_ready"
    status = 409
    title = "The gift's money has not been put aside"
    retryable = True


class GiftExpired(WalletError):
    """The time to claim the gift is over."""

    code = "gift_expired"
    status = 409
    title = "The time to claim the gift is over"


class GiftStillOpen(WalletError):
    """The gift can still be claimed."""

    code = "gift_still_open"
    status = 409
    title = "The gift can still be claimed"


class GiftAlreadyClaimed(WalletError):
    """The account has had its part of the gift."""

    code = "gift_already_claimed"
    status = 409
    title = "The account has had its part of the gift"


class GiftShareTooLarge(WalletError):
    """The gift does not have so much left."""

    code = "gift_share_too_large"
    status = 422
    title = "The gift does not have so much left"


class GiftEmpty(WalletError):
    """Nothing is left of the gift."""

    code = "gift_empty"
    status = 409
    title = "Nothing is left of the gift"


class SplitInvalid(WalletError):
    """Money can't be divided like that."""

    code = "split_invalid"
    status = 422
    title = "Money can't be divided like that"
