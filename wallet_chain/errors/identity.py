"""Refusals about customers, their KYC and their accounts."""

from wallet_chain.errors.base import WalletError


class AccountUnknown(WalletError):
    """The account is not registered."""

    code = "account_unknown"
    status = 422
    title = "The account is not registered"


class AccountFrozen(WalletError):
    """The account is frozen."""

    code = "account_frozen"
    status = 422
    title = "The account is frozen"


class AccountClosed(WalletError):
    """The account is closed."""

    code = "account_closed"
    status = 422
    title = "The account is closed"


class AccountReplaced(WalletError):
    """The account was moved to a new key."""

    code = "account_replaced"
    status = 422
    title = "The account was moved to a new key"


class AccountExists(WalletError):
    """The account is registered already."""

    code = "account_exists"
    status = 409
    title = "The account is registered already"


class AccountNotFrozen(WalletError):
    """The account is not frozen."""

    code = "account_not_frozen"
    status = 409
    title = "The account is not frozen"


class AccountInvalid(WalletError):
    """The account can't be used for this."""

    code = "account_invalid"
    status = 422
    title = "The account can't be used for this"


class KycMissing(WalletError):
    """The customer has no approved KYC."""

    code = "kyc_missing"
    status = 422
    title = "The customer has no approved KYC"


class KycExpired(WalletError):
    """The KYC of one side has expired."""

    code = "kyc_expired"
    status = 422
    title = "The KYC of one side has expired"


class TierInvalid(WalletError):
    """The tier does not exist."""

    code = "tier_invalid"
    status = 422
    title = "The tier does not exist"


class KycExpiryInvalid(WalletError):
    """The KYC expiry must lie in the future."""

    code = "kyc_expiry_invalid"
    status = 422
    title = "The KYC expiry must lie in the future"


class ReviewNotOpen(WalletError):
    """The KYC review has been decided."""

    code = "review_not_open"
    status = 409
    title = "The KYC review has been decided"


class KycIncomplete(WalletError):
    """The KYC data asked for by this tier is incomplete."""

    code = "kyc_incomplete"
    status = 422
    title = "The KYC data asked for by this tier is incomplete"


class ApiKeyInForce(WalletError):
    """The principal has an API key of its own."""

    code = "api_key_in_force"
    status = 409
    title = "The principal has an API key of its own"


class FourEyes(WalletError):
    """The same person may not do both steps."""

    code = "four_eyes"
    status = 403
    title = "The same person may not do both steps"


class CustomerForgotten(WalletError):
    """The customer's personal data has been erased."""

    code = "customer_forgotten"
    status = 410
    title = "The customer's personal data has been erased"


class CustomerNotForgettable(WalletError):
    """The customer still holds money or open orders."""

    code = "customer_not_forgettable"
    status = 409
    title = "The customer still holds money or open orders"


class AliasTaken(WalletError):
    """The alias belongs to somebody else."""

    code = "alias_taken"
    status = 409
    title = "The alias belongs to somebody else"


class ChallengeInvalid(WalletError):
    """The challenge is unknown, used or expired."""

    code = "challenge_invalid"
    status = 422
    title = "The challenge is unknown, used or expired"


class RecoveryNotOpen(WalletError):
    """There is no open proposal to recover this account."""

    code = "recovery_not_open"
    status = 409
    title = "There is no open proposal to recover this account"
