"""Refusals about accounts: their standing, and their recovery to a new key."""

from wallet_chain import errors
from wallet_chain.ledger.revert_facts import OURS, Rule, address, moment, number, rule

ACCOUNTS: dict[str, Rule] = {
    "UnknownAccount": rule(
        errors.AccountUnknown,
        "Account {account} is not registered; its holder must pass KYC before money can move.",
        account=address("account"),
    ),
    "AlreadyRegistered": rule(
        errors.AccountExists,
        "Account {account} has been registered before; an account is registered once, for ever."
        " Use another key.",
        account=address("account"),
    ),
    "AccountIsFrozen": rule(
        errors.AccountFrozen,
        "Account {account} is frozen; compliance must unfreeze it before money can move.",
        account=address("account"),
    ),
    "AccountIsClosed": rule(
        errors.AccountClosed,
        "Account {account} is closed for good; use another account.",
        account=address("account"),
    ),
    "AccountWasReplaced": rule(
        errors.AccountReplaced,
        "Account {account} was moved to a new key; use {successor} instead.",
        account=address("account"),
        successor=address("successor"),
    ),
    "KycExpired": rule(
        errors.KycExpired,
        "The KYC of account {account} expired at {expired_at}; renew it before money can move.",
        account=address("account"),
        expired_at=moment("expiredAt"),
    ),
    "InvalidTier": rule(
        errors.TierInvalid, "There is no tier {tier}; use 1 to 4.", tier=number("tier")
    ),
    "UnknownTier": rule(
        errors.TierInvalid, "There is no tier {tier}; use 1 to 4.", tier=number("tier")
    ),
    "InvalidCountry": rule(
        errors.UnknownCountry,
        "{country} is not a country; use the number of ISO 3166-1, e.g. 276.",
        country=number("country"),
    ),
    "UnknownCountry": rule(
        errors.UnknownCountry,
        "{country} is not a country; use the number of ISO 3166-1, e.g. 276.",
        country=number("country"),
    ),
    "InvalidKycExpiry": rule(
        errors.KycExpiryInvalid,
        "The KYC expiry {kyc_expiry} is not in the future; give a later one.",
        kyc_expiry=moment("kycExpiry"),
    ),
    "NotFrozen": rule(
        errors.AccountNotFrozen,
        "Account {account} is not frozen, so there is nothing to unfreeze.",
        account=address("account"),
    ),
    "InvalidAccount": rule(
        errors.AccountInvalid,
        "Account {account} can't be used for this: it is the zero address, or a contract of the"
        " system.",
        account=address("account"),
    ),
    "CustomerRefMissing": rule(
        errors.ConfigurationRefused, "A registration must carry the customer's reference. " + OURS
    ),
}

RECOVERY: dict[str, Rule] = {
    "InvalidRecovery": rule(
        errors.AccountInvalid,
        "Account {account} can't be recovered to {new_account}: give two different accounts.",
        account=address("oldAccount"),
        new_account=address("newAccount"),
    ),
    "RecoveryExpired": rule(
        errors.RecoveryNotOpen,
        "The proposal to recover this account lapsed at {lapsed_at}; propose it anew.",
        lapsed_at=moment("deadline"),
    ),
    "InvalidAcceptance": rule(
        errors.SignatureInvalid,
        "The consent is not a signature of the new account {account}; let its key sign the typed"
        " data again.",
        account=address("newAccount"),
    ),
    "RecoveryAlreadyProposed": rule(
        errors.RecoveryNotOpen,
        "The recovery of {account} to {new_account} is proposed already and open until {open_until};"
        " execute it or take it back first.",
        account=address("oldAccount"),
        new_account=address("newAccount"),
        open_until=moment("deadline"),
    ),
    "RecoveryNotProposed": rule(
        errors.RecoveryNotOpen,
        "No recovery of {account} to {new_account} is proposed; propose it first.",
        account=address("oldAccount"),
        new_account=address("newAccount"),
    ),
    "TooManyModules": rule(
        errors.ConfigurationRefused,
        "{count} further contracts are too many to be recovered from in one transaction; at most"
        " {count_max} are possible.",
        count=number("count"),
        count_max=number("countMax"),
    ),
}
