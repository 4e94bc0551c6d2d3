"""Refusals of what is checked before money goes abroad."""

from wallet_chain.errors.base import WalletError


class ScreeningListInvalid(WalletError):
    """The screening list can't be taken."""

    code = "screening_list_invalid"
    status = 422
    title = "The screening list can't be taken"


class ScreeningListMissing(WalletError):
    """No screening list is loaded, and this bank sends nothing abroad without one."""

    code = "screening_list_missing"
    status = 503
    title = "No screening list is loaded"
    retryable = True


class ScreeningHitUndecided(WalletError):
    """A party was found on a list, and the reviewer has not said that they know."""

    code = "screening_hit_undecided"
    status = 409
    title = "A party was found on a list, and the reviewer has not decided about that"
